//! What the page of a release says, of whole accounts, through the real SDK.

mod allowed;

use super::{Found, Page, policy_of};
use aws::review;
use decide::Part;
use serde_json::json;
use simulator::faults::{Fault, Rule};
use std::sync::Arc;
use stories::told::Told as Story;

/// Every kind of check that looks at a metric, and one that does not.
const CHECKS: &str = r#"{"checks": [
    {"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"},
    {"kind": "compare", "ratio_max": 1.5, "total_min": 5000, "window_minutes": 5,
     "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"}},
    {"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 500},
    {"kind": "metric", "metric": {"namespace": "Orders", "name": "Failed", "statistic": "Sum",
     "dimensions": [{"name": "Revision", "value": "{revision}"}], "period_minutes": 1, "periods": 3, "max": 20000}},
    {"kind": "health", "failed_tasks_max": 5}],
    "steps": [{"share_permille": 250, "bake_minutes": 10}, {"share_permille": 500, "bake_minutes": 10}],
    "watch_minutes": 10}"#;

fn play(script: &str) -> Story {
    let mut story = Story::new(1, Arc::new(decide::decide));
    script.lines().for_each(|line| say(&mut story, line));
    story
}

fn say(story: &mut Story, line: &str) {
    let played = story.line(line);
    played.unwrap_or_else(|error| panic!("{line}: {error}\n{}", story.text));
}

/// A release whose dead letters ring the alarm; it is rolled back.
fn bad() -> Story {
    let checks = CHECKS.replace('\n', " ");
    play(&format!(
        "serin deployed\npolicy orders with open {checks}\norders has a queue of 5 messages a second, received 2 times at \
         most\npush orders v2\nv2 of orders fails every message\nrelease orders v2\nuntil release of orders is rolled \
         back\nrun 3m"
    ))
}

fn latest(story: &Story) -> String {
    super::latest::latest(&story.stage, "orders").expect("a release")
}

fn page(story: &Story) -> Page {
    super::of_latest(&story.stage, "orders", None, "Made by a test.".to_owned()).expect("a page")
}

fn panel<'a>(page: &'a Page, title: &str) -> &'a ::report::Panel {
    let found = page.panels.iter().find(|panel| panel.title == title);
    let titles: Vec<&str> = page.panels.iter().map(|panel| panel.title.as_str()).collect();
    found.unwrap_or_else(|| panic!("no {title} in {titles:?}"))
}

/// Minutes after the axis begins, with the value.
fn values(page: &Page, series: &::report::Series) -> Vec<(i64, f64)> {
    let points = series.points.iter();
    points
        .filter_map(|(at, value)| Some(((at - page.from) / 60_000, (*value)?)))
        .collect()
}

#[test]
fn a_release_that_was_rolled_back_is_told_with_all_that_was_measured() {
    let page = page(&bad());
    let verdict = &page.verdict.text;
    assert!(
        verdict.starts_with("Rolled back after ") && verdict.contains("alarm orders-dlq-depth"),
        "{verdict}"
    );
    assert_eq!(page.runs[0].0, "orders-canary");
    assert!(
        page.runs[0]
            .1
            .starts_with("orders-canary:2, its baseline orders-canary:1 by digest"),
        "{:?}",
        page.runs
    );
    assert!(
        page.runs[1].1.ends_with(", untouched by this release"),
        "{:?}",
        page.runs
    );
    assert_eq!(page.unread, Vec::<String>::new());
    let names: Vec<&str> = page.phases.iter().map(|phase| phase.name.as_str()).collect();
    assert_eq!(names, ["deploying", "baking, step 1", "rolling back"]);
    assert!(
        page.phases.windows(2).all(|pair| pair[0].until == pair[1].from),
        "{:?}",
        page.phases
    );
    let ended = page.marks.last().expect("a decision");
    assert_eq!((ended.phase.as_str(), page.phases[2].until), ("rolled back", ended.at));
    let turned: Vec<&::report::Mark> = page
        .marks
        .iter()
        .filter(|mark| mark.tone == ::report::Tone::Bad)
        .collect();
    assert_eq!(turned.len(), 1, "{:?}", page.marks);
    assert!(
        turned[0]
            .did
            .iter()
            .any(|did| did == "orders-canary was given orders-canary:2"),
        "{turned:?}"
    );

    let shares = panel(&page, "The canary's share of the work");
    let asked: Vec<f64> = values(&page, &shares.series[0])
        .iter()
        .map(|(_, value)| *value)
        .collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|share| *share == 25.0),
        "{asked:?}"
    );
    let had = values(&page, &shares.series[1]);
    assert_eq!(shares.series[1].name, "of the tasks");
    // One of four, as was asked for; before that what its own size gave it.
    assert!(had.iter().any(|(_, share)| *share == 25.0), "{had:?}");
    let counted = values(&page, &shares.series[2]);
    assert!(
        counted.iter().any(|(_, share)| (20.0..30.0).contains(share)),
        "{counted:?}"
    );
    let waiting = panel(&page, "Messages in the queue orders");
    assert!(values(&page, &waiting.series[0]).len() > 5 && waiting.bounds.is_empty());

    let alarm = panel(&page, "Check: alarm orders-dlq-depth");
    let depth = values(&page, &alarm.series[0]);
    assert_eq!(alarm.bounds[0].value, 10.0);
    assert!(
        depth.iter().any(|(_, letters)| *letters >= 10.0) && depth[0].1 == 0.0,
        "{depth:?}"
    );
    let compared = panel(&page, "Check: share that failed, Failed of Handled in Orders");
    assert_eq!(compared.series[0].name, "orders-canary:3");
    assert!(
        values(&page, &compared.series[0])
            .iter()
            .all(|(_, share)| *share == 100.0)
    );
    assert!(
        values(&page, &compared.series[1])
            .iter()
            .all(|(_, share)| *share == 0.0)
    );
    let grown = panel(&page, "Check: growth of orders-dlq");
    assert_eq!((grown.bounds[0].value, values(&page, &grown.series[0])), (500.0, depth));
    let metric = panel(&page, "Check: Sum of Failed in Orders of orders-canary:3");
    assert!(values(&page, &metric.series[0]).iter().any(|(_, failed)| *failed > 0.0));
    assert_eq!(metric.bounds[0].value, 20_000.0);
    let without = page
        .facts
        .iter()
        .find(|(label, _)| label == "no chart")
        .expect("the check without a metric");
    assert!(
        without.1.starts_with("failed tasks: it counts failed tasks, "),
        "{without:?}"
    );
    assert!(page.policy.contains("\"total_min\": 5000"), "{}", page.policy);
}

#[test]
fn what_cannot_be_read_is_said_and_the_page_is_written_all_the_same() {
    let story = bad();
    story.stage.sim.world().faults.rules.push(Rule {
        operation: Some("GetMetricData".to_owned()),
        ..Rule::service("cloudwatch", Fault::AccessDenied)
    });
    let page = page(&story);
    assert!(
        page.unread
            .iter()
            .any(|line| line.ends_with("these credentials need cloudwatch:GetMetricData"))
    );
    let alarm = panel(&page, "Check: alarm orders-dlq-depth");
    assert!(
        alarm.series[0].points.is_empty() && alarm.notes[0].contains("not allowed"),
        "{:?}",
        alarm.notes
    );
    assert!(!values(&page, &panel(&page, "The canary's share of the work").series[0]).is_empty());
    let html = page.html();
    assert!(
        html.contains("What could not be read") && html.contains("Rolled back after "),
        "{html}"
    );
    assert!(html.contains("no data"), "{html}");
}

#[test]
fn an_open_release_is_told_as_far_as_it_has_come() {
    let mut story = play("serin deployed\npolicy orders with open\npush orders v2\nrelease orders v2");
    say(&mut story, "until approval orders");
    say(&mut story, "run 2m");
    let page = page(&story);
    assert!(
        page.verdict.text.starts_with("Not over: baking since "),
        "{}",
        page.verdict.text
    );
    assert_eq!(page.phases.last().map(|phase| phase.until), Some(page.until));
    assert!(
        page.runs[0]
            .1
            .starts_with("was given orders-canary:3; its baseline is "),
        "{:?}",
        page.runs
    );
    let shares = panel(&page, "The canary's share of the work");
    assert!(values(&page, &shares.series[0]).is_empty(), "{shares:?}");
    assert!(
        shares
            .notes
            .iter()
            .any(|note| note.starts_with("The policy asks for no share")),
        "{shares:?}"
    );
    let had = values(&page, &shares.series[1]);
    assert!(had.iter().all(|(_, share)| *share == 25.0) && had.len() > 1, "{had:?}");
    // The approval's token would let whoever reads the page answer it.
    let slot = story.stage.slot("orders").and_then(|slot| slot.held).expect("open");
    let token = slot
        .release
        .pipeline
        .and_then(|run| run.approval)
        .map(|open| open.token);
    assert!(token.is_some_and(|token| !page.html().contains(&token)));
}

#[test]
fn a_promoted_release_is_told_with_the_share_of_each_step() {
    let steps = r#"{"approval": "automatic", "promotion": "roll_stable", "steps": [{"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 5}"#;
    let story = play(&format!(
        "serin deployed\npolicy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote \
         Everybody {steps}\npush orders v2\nrelease orders v2\nuntil release of orders is promoted"
    ));
    let page = page(&story);
    assert!(
        page.verdict.text.starts_with("Promoted after "),
        "{}",
        page.verdict.text
    );
    assert_eq!(page.verdict.tone, ::report::Tone::Good);
    let names: Vec<&str> = page.phases.iter().map(|phase| phase.name.as_str()).collect();
    let expected = [
        "deploying",
        "baking, step 1",
        "baking, step 2",
        "gated",
        "promoting",
        "watching",
    ];
    assert_eq!(names, expected);
    let mut asked: Vec<f64> = values(&page, &page.panels[0].series[0])
        .iter()
        .map(|(_, share)| *share)
        .collect();
    asked.dedup();
    assert_eq!(asked, [25.0, 50.0]);
    assert!(
        page.runs
            .iter()
            .all(|(_, runs)| runs.ends_with(", the revision of this release")),
        "{:?}",
        page.runs
    );
}

#[test]
fn a_release_that_is_not_there_has_no_page_and_an_id_names_its_policy() {
    let story = play("serin deployed\npolicy orders with open");
    let ledger = story.stage.serin("cli").ledger;
    let found = story.stage.sim.block_on(Found::of(&ledger, "orders", "orders-0000"));
    assert!(found.expect("a ledger").is_none());
    for (release, policy) in [
        ("orders-6dcad51828d776cb", Some("orders")),
        ("two-words-6dcad51828d776cb", Some("two-words")),
        ("orders", None),
        ("-6dca", None),
        ("", None),
    ] {
        assert_eq!(policy_of(release).ok().as_deref(), policy, "{release}");
    }
}

#[test]
fn a_line_that_cloudwatch_no_longer_has_by_the_minute_is_asked_for_coarser() {
    let mut story = bad();
    say(&mut story, "quietly");
    say(&mut story, "run 2h");
    let serin = story.stage.serin("cli");
    let release = latest(&story);
    let much_later = serin.now().plus_seconds(20 * 86_400);
    let review = story.stage.sim.block_on(async {
        let found = Found::of(&serin.ledger, "orders", &release)
            .await
            .expect("a ledger")
            .expect("a release");
        review::look(
            &serin.clients,
            &found.of.policy,
            &found.of.release,
            found.time(serin.now()),
            much_later,
        )
        .await
    });
    let lines = review.checks.values().flat_map(|judged| &judged.lines);
    let known: Vec<u32> = lines
        .filter_map(|(_, line)| line.known().map(|line| line.every_seconds))
        .collect();
    assert!(
        !known.is_empty() && known.iter().all(|every| *every == 300),
        "{known:?}"
    );
    assert!(matches!(&review.queues[0].visible, Part::Known(line) if line.every_seconds == 300));
    assert_eq!(json!(review.unread), json!([]));
}

#[test]
fn an_alarm_of_metric_math_is_drawn_and_one_without_a_metric_is_named() {
    let alarms = ["twice", "both"];
    let check = |name: &str| {
        format!(r#"{{"kind": "alarm", "name": "{name}", "when_stale": "ignore", "insufficient_data": "ok"}}"#)
    };
    let checks = alarms.map(check).join(", ");
    let mut story = play(&format!(
        r#"serin deployed
policy orders with open {{"checks": [{checks}]}}"#
    ));
    {
        let mut world = story.stage.sim.world();
        let metric = json!({
            "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": "orders-dlq"}],
        });
        let twice = json!({
            "AlarmName": "twice", "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 4.5,
            "ComparisonOperator": "LessThanThreshold",
            "Metrics": [
                {"Id": "letters", "ReturnData": false, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}},
                {"Id": "double", "Expression": "letters * 2", "Label": "twice the letters", "ReturnData": true},
            ],
        });
        world
            .call("test", "cloudwatch", "PutMetricAlarm", twice)
            .expect("an alarm");
        let both = json!({"AlarmName": "both", "AlarmRule": "ALARM(\"twice\")"});
        world
            .call("test", "cloudwatch", "PutCompositeAlarm", both)
            .expect("an alarm");
    }
    for line in [
        "push orders v2",
        "release orders v2",
        "until approval orders",
        "dlq orders 7",
        "run 5m",
    ] {
        say(&mut story, line);
    }
    let page = page(&story);
    let drawn = panel(&page, "Check: alarm twice");
    assert_eq!(drawn.series[0].name, "twice the letters");
    let values: Vec<f64> = values(&page, &drawn.series[0])
        .iter()
        .map(|(_, value)| *value)
        .collect();
    assert!(values.contains(&14.0) && values.contains(&0.0), "{values:?}");
    let bound = &drawn.bounds[0];
    assert_eq!(
        (bound.label.as_str(), bound.is_floor),
        ("ALARM below 4.5, in 2 of 3 × 1 min", true)
    );
    let without = page
        .facts
        .iter()
        .find(|(label, _)| label == "no chart")
        .expect("one without");
    assert_eq!(
        without.1,
        "both: it is made of other alarms, and has no metric of its own"
    );
}

#[test]
fn a_dry_run_is_told_as_what_would_have_been() {
    let dry = r#"{"dry_run": true, "approval": "automatic", "steps": [{"share_permille": 500, "bake_minutes": 10}]}"#;
    let mut story = play(&format!(
        "serin deployed\npolicy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, stable \
         Everybody {dry}\npush orders v2\nrelease orders v2\nuntil orders-canary of orders runs v2\nrun 2m\ndlq orders 25"
    ));
    say(&mut story, "until closed orders");
    let page = page(&story);
    let verdict = &page.verdict.text;
    assert!(
        verdict.starts_with("A dry run. Would have been rolled back after "),
        "{verdict}"
    );
    assert!(verdict.ends_with(" Nothing was done about it."), "{verdict}");
    assert!(page.runs[0].1.contains(", left as it was; "), "{:?}", page.runs);
    let shares = panel(&page, "The canary's share of the work");
    assert!(
        shares
            .notes
            .iter()
            .any(|note| note.starts_with("In a dry run nobody gives")),
        "{shares:?}"
    );
    assert_eq!(page.marks.last().map(|mark| mark.tone), Some(::report::Tone::Bad));
}
