mod alarms;
mod lasting;
mod pipeline;
mod reaction;
mod services;
mod weights;

use super::{
    Accepted, Action, Alarm, Does, Found, Metric, Pipeline, Queue, Report, Service, Source, Stage, Watches, Weight,
    judge,
};
use crate::{AlarmState, At, Part, Policy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is changed of a world in which nothing is to be said, and all that is said of it then.
type Case = (&'static str, fn(&mut Value), fn(&mut Found), &'static [Said]);
/// Weight, field, and part of the text.
type Said = (Weight, &'static str, &'static str);

fn document() -> Value {
    json!({
        "name": "orders",
        "two_services": {"cluster": "prod", "stable": "orders", "canary": "orders-canary"},
        "traffic": {"kind": "consumer_share", "tasks_max": 40},
        "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}],
        "pipeline": {"name": "orders"},
        "approval": "pipeline",
        "promotion": "pipeline",
        "watch_minutes": 30,
        "on_new_release": "hold",
        "rollback": "allowed"
    })
}

fn read(document: &Value) -> Policy {
    Policy::read(&document.to_string()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn service(tasks: u32) -> Part<Option<Service>> {
    Part::Known(Some(Service {
        status: "ACTIVE".to_owned(),
        controller: "ECS".to_owned(),
        policy_tag: Some("orders".to_owned()),
        running: tasks,
        desired: tasks,
        target_groups: Vec::new(),
        shifted_by_ecs: Vec::new(),
        containers: Part::Known(BTreeSet::from(["worker".to_owned()])),
    }))
}

fn action(name: &str, run_order: u32, does: Does) -> Action {
    Action {
        name: name.to_owned(),
        run_order,
        does,
        timeout_minutes: None,
    }
}

fn deploys(service: &str, run_order: u32) -> Action {
    let does = Does::Deploys {
        cluster: "prod".to_owned(),
        service: service.to_owned(),
    };
    action(service, run_order, does)
}

fn opens(policy: &str, run_order: u32) -> Action {
    let does = Does::Job {
        function: "serin-open".to_owned(),
        policy: Some(policy.to_owned()),
    };
    action("Open", run_order, does)
}

fn stage(name: &str, actions: Vec<Action>) -> Stage {
    Stage {
        name: name.to_owned(),
        actions,
    }
}

/// A world in which there is nothing to say about the policy: ten tasks, one of them the canary's.
fn found() -> Found {
    let metric = Metric {
        namespace: "AWS/SQS".to_owned(),
        name: "ApproximateNumberOfMessagesVisible".to_owned(),
        dimensions: BTreeMap::from([("QueueName".to_owned(), "orders-dlq".to_owned())]),
    };
    let alarm = Alarm {
        name: "orders-dlq-depth".to_owned(),
        state: AlarmState::Ok,
        since: At::from_millis(1_795_230_000_000),
        actions: Vec::new(),
        actions_enabled: true,
        watches: Watches::Metrics {
            metrics: vec![metric],
            period_seconds: 60,
            periods: 1,
            periods_to_alarm: 1,
            comparison: "GreaterThanOrEqualToThreshold".to_owned(),
            threshold: Some(10.0),
        },
    };
    let queue = Queue {
        fifo: false,
        messages: 0,
        redrives: false,
        sources: Part::Known(vec![Source {
            name: "orders".to_owned(),
            receives_max: 2,
            visibility_seconds: 30,
        }]),
    };
    Found {
        canary: service(1),
        stable: service(9),
        alarms: Part::Known(vec![alarm]),
        queues: BTreeMap::from([("orders-dlq".to_owned(), Part::Known(Some(queue)))]),
        pipeline: Part::Known(Some(Pipeline {
            mode: "SUPERSEDED".to_owned(),
            policy_tag: Part::Known(Some("orders".to_owned())),
            stages: vec![
                stage("Source", vec![action("Source", 1, Does::Other("S3".to_owned()))]),
                stage(
                    "Canary",
                    vec![
                        deploys("orders-canary", 2),
                        action("Approve", 3, Does::Approval { topic: None }),
                        opens("orders", 1),
                    ],
                ),
                stage("Stable", vec![deploys("orders", 1)]),
            ],
        })),
        rule: Part::Known(None),
        approvals: None,
    }
}

fn canary(found: &mut Found) -> &mut Service {
    of(&mut found.canary)
}

fn stable(found: &mut Found) -> &mut Service {
    of(&mut found.stable)
}

fn alarm(found: &mut Found) -> &mut Alarm {
    match &mut found.alarms {
        Part::Known(alarms) => &mut alarms[0],
        Part::Unknown(why) => panic!("{why}"),
    }
}

fn queue(found: &mut Found) -> &mut Queue {
    of(found.queues.get_mut("orders-dlq").unwrap())
}

fn source(found: &mut Found) -> &mut Source {
    match &mut queue(found).sources {
        Part::Known(sources) => &mut sources[0],
        Part::Unknown(why) => panic!("{why}"),
    }
}

fn pipeline(found: &mut Found) -> &mut Pipeline {
    of(&mut found.pipeline)
}

fn of<T>(part: &mut Part<Option<T>>) -> &mut T {
    match part {
        Part::Known(Some(found)) => found,
        _ => panic!("it is there"),
    }
}

fn unread<T>() -> Part<T> {
    Part::Unknown("not allowed; these credentials need more".to_owned())
}

/// Nothing of the policy is changed.
fn same(_: &mut Value) {}

/// Nothing of the world is changed.
fn as_it_is(_: &mut Found) {}

fn said(report: &Report) -> Vec<(Weight, &str, &str)> {
    let findings = report.findings.iter();
    findings
        .map(|finding| (finding.weight, finding.field.as_str(), finding.text.as_str()))
        .collect()
}

fn check(cases: &[Case]) {
    for (what, changed, altered, expected) in cases {
        let (mut document, mut world) = (document(), found());
        changed(&mut document);
        altered(&mut world);
        let report = judge(&read(&document), &world, &BTreeSet::new());
        let said = said(&report);
        assert_eq!(said.len(), expected.len(), "{what}: {said:#?}");
        for ((weight, field, text), (expected_weight, expected_field, part)) in said.iter().zip(*expected) {
            assert_eq!((weight, field), (expected_weight, expected_field), "{what}: {text}");
            assert!(text.contains(part), "{what}: {text}");
        }
    }
}

#[test]
fn of_a_policy_that_can_do_what_it_says_there_is_nothing_to_say() {
    check(&[("nothing is changed", same, as_it_is, &[])]);
}

#[test]
fn all_findings_are_told_the_worst_first() {
    let mut document = document();
    document["steps"] = json!([{"share_permille": 1_000, "bake_minutes": 1}]);
    let mut world = found();
    stable(&mut world).policy_tag = None;
    canary(&mut world).running = 0;
    alarm(&mut world).state = AlarmState::Alarm;
    world.queues.insert("orders-dlq".to_owned(), unread());
    pipeline(&mut world).mode = "PARALLEL".to_owned();
    pipeline(&mut world).stages[1].actions.pop();
    let report = judge(&read(&document), &world, &BTreeSet::new());
    let said: Vec<(Weight, &str)> = said(&report)
        .into_iter()
        .map(|(weight, field, _)| (weight, field))
        .collect();
    let expected = [
        (Weight::Refused, "two_services.stable"),
        (Weight::Refused, "steps[0].share_permille"),
        (Weight::Refused, "pipeline.name"),
        (Weight::Unread, "checks[0].name"),
        (Weight::Warning, "two_services.canary"),
        (Weight::Warning, "checks[0].name"),
        (Weight::Advice, "pipeline.name"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_could_not_be_read_is_said_and_nothing_else_is_made_of_it() {
    let world = Found {
        canary: unread(),
        stable: unread(),
        alarms: unread(),
        queues: BTreeMap::new(),
        pipeline: unread(),
        rule: Part::Known(None),
        approvals: None,
    };
    let mut document = document();
    document["steps"] = json!([{"share_permille": 100, "bake_minutes": 1}]);
    let report = judge(&read(&document), &world, &BTreeSet::from([Accepted::ShortBake]));
    let fields: Vec<&str> = report
        .of(Weight::Unread)
        .map(|finding| finding.field.as_str())
        .collect();
    assert_eq!(
        fields,
        ["two_services.canary", "two_services.stable", "checks", "pipeline.name"]
    );
    assert_eq!(report.findings.len(), fields.len(), "{:#?}", report.findings);
    assert_eq!((report.share, report.steps[0].share.as_ref()), (None, None));
    assert_eq!(report.reactions, []);
}
