//! Stories play what `template.yaml` deploys: change its text, and another world is played.

use simulator::cloudwatch::StateValue;
use simulator::cloudwatch::stage::look;
use std::sync::Arc;
use stories::template::{TEXT, Template};
use stories::whole::{self, Cut};
use stories::{Stage, scene};

fn deployed(text: &str) -> Result<Stage, String> {
    whole::deployed_from(&Template::read(text)?, 1, Arc::new(decide::decide))
}

fn without(text: &str, from: &str, until: &str) -> String {
    let (before, rest) = text.split_once(from).expect("the beginning is there");
    let (_, after) = rest.split_once(until).expect("the end is there");
    format!("{before}{until}{after}")
}

/// Phase of a release at its approval, an alarm later, and five minutes after that.
fn played(mut stage: Stage) -> [String; 3] {
    let row = stage.service("orders", Cut::Plain);
    whole::push(&mut stage.sim.world(), &row, "v2");
    scene::release(&mut stage.sim.world(), &row, "v2");
    assert!(stage.run_until(1_800, |stage| stage.awaits_approval(&row)));
    let at_approval = stage.phase("orders");
    stage.dlq.insert(row.dlq.clone(), 25.0);
    let rings = |stage: &Stage| {
        look(&stage.sim.world(), &row.alarm).is_some_and(|alarm| alarm.state.value == StateValue::Alarm)
    };
    assert!(stage.run_until(600, rings));
    stage.run_for(5);
    let rung = stage.phase("orders");
    stage.run_for(300);
    [at_approval, rung, stage.phase("orders")]
}

/// The template without the rule of `watch`.
fn unwatched() -> String {
    let text = without(
        TEXT,
        "      Events:\n        Happening:\n",
        "      Role: !GetAtt WatchRole.Arn",
    );
    without(
        &text,
        "                  - !GetAtt WatchHappening.Arn\n",
        "\n  FailedEventsAlarm:",
    )
}

#[test]
fn a_rule_that_is_removed_from_the_template_is_removed_from_the_world() {
    let as_it_is = played(deployed(TEXT).expect("deployed"));
    assert_eq!(as_it_is, ["baking", "rolling back", "rolled back"]);
    // Nobody hears of the policy, nor of the release. The sweep reads policies as well, and finds both when it comes often.
    assert_eq!(played(deployed(&unwatched()).expect("deployed")), ["none"; 3]);
    let often = unwatched().replace("rate(5 minutes)", "rate(1 minute)");
    assert_eq!(played(deployed(&often).expect("deployed")), as_it_is);
}

#[test]
fn what_the_template_says_of_retries_ages_queues_and_alarms_is_what_happens() {
    let failing = |text: &str| {
        let stage = deployed(text).expect("deployed");
        for _ in 0..3 {
            stage.sim.let_die("advance", 1);
        }
        let mut stage = stage;
        stage.run_for(960);
        let failed = stage
            .sim
            .world()
            .lambda
            .failed
            .iter()
            .map(|f| (f.invocations, f.condition))
            .collect::<Vec<_>>();
        let rings =
            look(&stage.sim.world(), "serin-FailedEventsAlarm").map(|alarm| alarm.state.value == StateValue::Alarm);
        (failed, rings)
    };
    assert_eq!(failing(TEXT), (vec![(3, "RetriesExhausted")], Some(true)));
    let once = TEXT.replace(
        "        MaximumRetryAttempts: 2\n        Destination",
        "        MaximumRetryAttempts: 0\n        Destination",
    );
    let three = vec![(1, "RetriesExhausted"); 3];
    assert_eq!(failing(&once), (three, Some(true)));
    let young = TEXT.replace("Default: 3600", "Default: 60");
    assert_eq!(failing(&young), (vec![(1, "EventAgeExceeded"); 2], Some(true)));
    let deaf = TEXT.replace("      Threshold: 1\n", "      Threshold: 2\n");
    assert_eq!(failing(&deaf), (vec![(3, "RetriesExhausted")], Some(false)));
}

#[test]
fn a_template_that_cannot_be_deployed_is_refused_by_name() {
    let cases = [
        (
            "Type: AWS::CloudWatch::Alarm\n",
            "Type: AWS::CloudWatch::InsightRule\n",
            "FailedEventsAlarm: AWS::CloudWatch::InsightRule is not understood",
        ),
        (
            "rate(5 minutes)",
            "cron(0 * * * ? *)",
            "ScheduleExpression cron(0 * * * ? *) is not understood",
        ),
        ("    Timeout: 60\n", "    Timeout: 61\n", "Timeout is 61"),
        (
            "        Partition: !Ref AWS::Partition\n",
            "",
            "nothing is substituted for ${Partition}",
        ),
        (
            "          KeyType: HASH\n",
            "          KeyType: RANGE\n",
            "Invalid KeySchema",
        ),
    ];
    for (old, new, wanted) in cases {
        let text = TEXT.replacen(old, new, 1);
        assert_ne!(text, TEXT, "{wanted}");
        let refused = deployed(&text).map(drop).expect_err(wanted);
        assert!(refused.contains(wanted), "{wanted}: {refused}");
    }
}

/// What keys the table has is asked for with every request: with others nothing works.
#[test]
fn with_other_keys_the_ledger_is_none() {
    let text = TEXT.replace("AttributeName: pk", "AttributeName: key");
    let mut stage = deployed(&text).expect("deployed");
    stage.service("orders", Cut::Plain);
    let calls = stage.sim.world().calls.clone();
    let mut calls = calls.iter();
    assert!(calls.any(|call| call.service == "dynamodb" && call.outcome.is_err()));
}

#[test]
fn the_clock_names_no_partition_and_runs_in_any() {
    let text = include_str!("../../clock.asl.json");
    assert!(!text.contains("arn:aws"), "the state machine names a partition");
    let elsewhere = TEXT.replace("Partition: !Ref AWS::Partition", "Partition: aws-cn");
    assert_ne!(elsewhere, TEXT);
    let stage = deployed(&elsewhere).expect("deployed");
    assert_eq!(played(stage), ["baking", "rolling back", "rolled back"]);
}
