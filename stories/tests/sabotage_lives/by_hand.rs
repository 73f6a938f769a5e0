//! Releases that people start by hand: opened twice, misheard, or given something else than was wanted.

use super::{Tampered, asks_for, right};
use aws::Decide;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use decide::Action;
use serde_json::{Value, json};
use simulator::executor::Running;
use simulator::{Delivery, Functions, Invocation};
use std::rc::Rc;
use std::sync::Arc;
use stories::Stage;
use stories::handlers::{Handlers, configuration};
use stories::law;
use stories::scene::RowA;
use stories::template::deploy::environment;
use stories::whole::{self, Cut, deployed};

fn account(decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service_with("orders", Cut::Plain, |policy| {
        policy.as_object_mut().map(|policy| policy.remove("pipeline"));
        policy["approval"] = json!("automatic");
        policy["promotion"] = json!("roll_stable");
        policy["watch_minutes"] = json!(5);
        policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 3}]);
    });
    for version in ["v2", "v3"] {
        whole::push(&mut stage.sim.world(), &row, version);
    }
    (stage, row)
}

fn start(stage: &Stage, row: &RowA, version: &str) {
    start_at(stage, row, version, ("open", "orders"));
}

fn start_at(stage: &Stage, row: &RowA, version: &str, (function, policy): (&str, &str)) {
    let image = row.image(version);
    let (repository, _) = image.rsplit_once(':').expect("a tag");
    let payload = json!({
        "policy": policy, "images": {"worker": format!("{repository}@{}", row.digest(version))},
        "start": {"id": format!("start-{version}"), "by": "anna", "why": "because"},
    });
    stage.sim.start(function, payload);
}

/// v2 by hand, then v3, and then what had v2 started is heard once more.
fn lives(stage: &mut Stage, row: &RowA) -> Vec<u32> {
    for version in ["v2", "v3", "v2"] {
        start(stage, row, version);
        stage.run_for(40 * 60);
    }
    law::broken(stage)
}

fn with(sabotaged: impl FnOnce(Handlers) -> Rc<dyn Functions>) -> Vec<u32> {
    let (mut stage, row) = heard_by(sabotaged);
    lives(&mut stage, &row)
}

fn heard_by(sabotaged: impl FnOnce(Handlers) -> Rc<dyn Functions>) -> (Stage, RowA) {
    let (stage, row) = account(right());
    let handlers = Handlers {
        measured: Default::default(),
        decide: right(),
        diary: Rc::clone(&stage.diary),
        events: Rc::clone(&stage.events),
        time: configuration(&stage.sim.invocation("story")),
        environment: Some(environment()),
    };
    stage.sim.set_functions(sabotaged(handlers));
    (stage, row)
}

#[test]
fn the_right_rules_break_no_law_where_people_start_by_hand() {
    let (mut stage, row) = account(right());
    assert_eq!(lives(&mut stage, &row), [] as [u32; 0]);
    let evidence = law::Evidence::of(&stage);
    let promoted = evidence
        .releases
        .iter()
        .filter(|release| release.outcome() == Some("promoted"));
    assert_eq!((evidence.releases.len(), promoted.count()), (2, 2));
}

#[test]
fn law_14_catches_who_opens_what_was_started_by_hand_once_more() {
    let forgetful = |request: HttpRequest| {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let looks_up = asks_for(&request, "Query") && body.contains("release#") && body.contains("\"Limit\":1");
        (!looks_up).then_some(request)
    };
    let broken = with(|handlers| Rc::new(Tampered(handlers, forgetful)));
    // One id is closed twice then as well.
    assert_eq!(broken, [5, 14]);
}

/// Our functions, which mishear what they are told where it is a start.
struct Misheard(Handlers, fn(&mut Invocation));

impl Functions for Misheard {
    fn invoke(&self, mut invocation: Invocation) -> Running {
        if invocation.payload["images"].is_object() {
            self.1(&mut invocation);
        }
        self.0.invoke(invocation)
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        self.0.route(delivery)
    }
}

#[test]
fn law_14_catches_who_releases_what_nobody_asked_for() {
    let another_image = |invocation: &mut Invocation| {
        if let Value::String(image) = &mut invocation.payload["images"]["worker"] {
            let row = RowA::named("orders");
            *image = image.replace(&row.digest("v2"), &row.digest("v3"));
        }
    };
    assert_eq!(with(|handlers| Rc::new(Misheard(handlers, another_image))), [14]);
}

#[test]
fn law_14_catches_who_releases_under_one_policy_what_was_asked_for_under_another() {
    let (mut stage, row) = heard_by(|handlers| {
        Rc::new(Misheard(handlers, |invocation| {
            invocation.payload["policy"] = json!("orders");
        }))
    });
    start_at(&stage, &row, "v2", ("open", "bills"));
    stage.run_for(40 * 60);
    assert_eq!(stage.runs(&row, &row.name), "v2");
    assert_eq!(law::broken(&stage), [14]);
}

#[test]
fn law_14_catches_who_releases_what_another_function_was_told() {
    let (mut stage, row) = heard_by(|handlers| {
        Rc::new(Misheard(handlers, |invocation| {
            "open".clone_into(&mut invocation.function);
        }))
    });
    start_at(&stage, &row, "v2", ("advance", "orders"));
    stage.run_for(40 * 60);
    assert_eq!(stage.runs(&row, &row.name), "v2");
    assert_eq!(law::broken(&stage), [14]);
}

#[test]
fn law_3_catches_who_gives_a_canary_something_else_than_was_wanted() {
    let gives_the_next = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let row = RowA::named("orders");
        for action in decision.lanes.iter_mut().flatten() {
            if let Action::RegisterRelease { images, .. } = action {
                for image in images.values_mut() {
                    *image = image.replace(&row.digest("v2"), &row.digest("v3"));
                }
            }
        }
        decision
    };
    let (mut stage, row) = account(Arc::new(gives_the_next));
    start(&stage, &row, "v2");
    stage.run_for(2 * 60);
    // What nobody wanted is no release's share in the canary either.
    assert_eq!(law::broken(&stage), [3, 7]);
}
