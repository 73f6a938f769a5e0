//! Policies, releases, facts and decisions to try the ledger with.

use decide::policy::Tier;
use decide::{At, Cause, Decision, Deployed, Fact, Home, Outcome, Phase, Policy, Release, Revision, SCHEMA, Service};
use serde_json::{Value, json};

/// 2026-11-21T03:00:00Z.
const START_MILLIS: i64 = 1_795_230_000_000;

/// Milliseconds after the start.
pub fn at(millis: i64) -> At {
    At::from_millis(START_MILLIS + millis)
}

/// A policy with these alarms, as teams may write it.
pub fn policy(name: &str, alarms: &[&str]) -> Policy {
    let checks: Vec<Value> = alarms
        .iter()
        .map(|alarm| json!({"kind": "alarm", "name": alarm, "when_stale": "block", "insufficient_data": "ok"}))
        .collect();
    let document = json!({
        "name": name,
        "two_services": {"cluster": "prod", "stable": name, "canary": format!("{name}-canary")},
        "traffic": {"kind": "consumer_share", "tasks_max": 40},
        "checks": checks,
        "approval": "pipeline",
        "promotion": "pipeline",
        "watch_minutes": 30,
        "on_new_release": "hold",
        "rollback": "allowed",
    });
    Policy::read_for(Tier::Advanced, &document.to_string()).expect("a policy without mistakes")
}

/// A release that was just opened.
pub fn release(id: &str) -> Release {
    Release {
        schema: SCHEMA,
        id: id.to_owned(),
        home: Home {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            partition: "aws".to_owned(),
        },
        cluster: "prod".to_owned(),
        opened: at(0),
        phase: Phase::Deploying,
        phase_since: at(0),
        images: None,
        canary: service("orders-canary"),
        stable: service("orders"),
        pipeline: None,
        wanted: None,
        start: format!("deployment#{id}"),
        size: None,
        scaling: None,
        weights: None,
        swaps: false,
        old_scaling: None,
        retired: None,
        refilled: None,
        step_reached: None,
        barred: Vec::new(),
        watched: None,
        left_bad: false,
        bad_on_stable: true,
        gone_since: None,
        dry_run: false,
        closed_on: None,
        freeze: None,
        facts: Default::default(),
    }
}

fn service(name: &str) -> Service {
    let task_definition = format!("arn:aws:ecs:eu-central-1:111122223333:task-definition/{name}:7");
    let baseline = Deployed {
        task_definition,
        revision: Revision {
            images: [("app".to_owned(), "sha256:1".to_owned())].into(),
            configuration: "c0".to_owned(),
        },
        service_revision: None,
    };
    Service::untouched(name.to_owned(), baseline)
}

/// An alarm's transition; another number, another transition.
pub fn fact(number: i64) -> Fact {
    said(
        number,
        "Threshold Crossed: 1 datapoint [25.0] was greater than the threshold (0.0).",
    )
}

/// The same with CloudWatch's reason.
pub fn said(number: i64, reason: &str) -> Fact {
    Fact::Alarm {
        arn: arn("orders-dlq-depth"),
        name: "orders-dlq-depth".to_owned(),
        since: at(number),
        reason: reason.to_owned(),
    }
}

/// ARN of an alarm in the home of [`release`].
pub fn arn(alarm: &str) -> String {
    format!("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:{alarm}")
}

/// A decision that moves a release into a phase.
pub fn decision(release: &Release, phase: Phase, because: &str) -> Decision {
    let mut next = release.clone();
    next.phase = phase;
    next.phase_since = at(1);
    Decision {
        next,
        because: because.to_owned(),
        lanes: Vec::new(),
        notices: Vec::new(),
        successor: None,
        look_again_seconds: Some(30),
    }
}

/// A decision that has the canary bake.
pub fn bake(release: &Release, step: u32) -> Decision {
    decision(release, Phase::Baking { step }, &format!("baking at step {step}"))
}

/// A decision that ends a release.
pub fn end(release: &Release) -> Decision {
    let outcome = Outcome::RolledBack {
        cause: Cause::Alarm {
            name: "orders-dlq-depth".to_owned(),
            since: at(1),
            reason: "Threshold Crossed".to_owned(),
        },
    };
    decision(
        release,
        Phase::Closed { outcome },
        "both services run their baseline again",
    )
}

/// Replaces one member of a document.
pub fn with(document: &str, name: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(document).expect("a document");
    document[name] = value;
    document.to_string()
}
