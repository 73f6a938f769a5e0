//! Who leaves the canary larger than it was, who overlooks tasks that fail, and who does not wait for evidence.

use super::{release, right, without};
use aws::Decide;
use decide::policy::{Check, WhenUndecided};
use decide::{Action, Phase, Policy};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use simulator::workload::stage::rate;
use std::sync::Arc;
use stories::Stage;
use stories::law;
use stories::queue::Plan;
use stories::scene::RowA;
use stories::whole::{Cut, deployed};

/// An account at rest, with one policy that has these members, and one check more.
fn account(decide: Decide, members: &Value, check: Option<Value>) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        for (name, value) in members.as_object().expect("members") {
            policy[name] = value.clone();
        }
        policy["checks"].as_array_mut().expect("checks").extend(check);
    });
    (stage, row)
}

/// A quarter for two minutes, then a half for two, and then somebody rejects it.
fn grows_and_is_rejected(decide: Decide) -> Vec<u32> {
    let steps = json!([{"share_permille": 250, "bake_minutes": 2}, {"share_permille": 500, "bake_minutes": 2}]);
    let (stage, row) = account(decide, &json!({"steps": steps}), None);
    is_rejected(stage, &row)
}

/// Released, baked to the gate, and then a person says no.
fn is_rejected(mut stage: Stage, row: &RowA) -> Vec<u32> {
    release(&stage, row, "v2");
    let gated = stage.run_until(3_600, |stage| stage.phase("orders") == "gated");
    assert!(gated, "never gated");
    pipelines::reject(&mut stage.sim.world(), "orders", "anna", "not today").expect("an approval");
    stage.run_for(40 * 60);
    law::broken(&stage)
}

#[test]
fn law_13_catches_who_leaves_the_canary_with_more_tasks() {
    let forgets: Decide = Arc::new(|policy, release, seen, at| {
        let mut release = release.clone();
        release.size.take_if(|_| release.phase.rolling_back().is_some());
        let mut decision = decide::decide(policy, &release, seen, at);
        if decision.next.phase.rolling_back().is_some() {
            decision.next.size = None;
            without(&mut decision, |action| matches!(action, Action::Scale { .. }));
        }
        decision
    });
    assert_eq!(grows_and_is_rejected(forgets), [13]);
    assert_eq!(grows_and_is_rejected(right()), [] as [u32; 0]);
}

/// The same where the canary is scaled automatically.
fn grows_while_scaled(decide: Decide) -> Vec<u32> {
    let steps = json!([{"share_permille": 500, "bake_minutes": 2}]);
    let (stage, row) = account(decide, &json!({"steps": steps}), None);
    simulator::autoscaling::stage::scale(&mut stage.sim.world(), &row.cluster, "orders-canary", (1, 2));
    is_rejected(stage, &row)
}

#[test]
fn law_13_catches_who_leaves_the_canarys_scaling_suspended() {
    let forgets: Decide = Arc::new(|policy, release, seen, at| {
        let mut release = release.clone();
        release.scaling.take_if(|_| release.phase.rolling_back().is_some());
        let mut decision = decide::decide(policy, &release, seen, at);
        if decision.next.phase.rolling_back().is_some() {
            decision.next.scaling = None;
            without(&mut decision, |action| matches!(action, Action::Suspend { .. }));
        }
        decision
    });
    assert_eq!(grows_while_scaled(forgets), [13]);
    assert_eq!(grows_while_scaled(right()), [] as [u32; 0]);
}

#[test]
fn law_13_catches_who_suspends_the_scaling_of_stable() {
    let mistakes: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        for action in decision.lanes.iter_mut().flatten() {
            if let Action::Suspend { service, .. } = action {
                "orders".clone_into(service);
            }
        }
        decision
    });
    let (mut stage, row) = account(
        mistakes,
        &json!({"steps": [{"share_permille": 500, "bake_minutes": 2}]}),
        None,
    );
    for service in ["orders-canary", "orders"] {
        simulator::autoscaling::stage::scale(&mut stage.sim.world(), &row.cluster, service, (1, 9));
    }
    release(&stage, &row, "v2");
    stage.run_for(20 * 60);
    assert_eq!(law::broken(&stage), [13]);
}

/// A revision whose tasks end after three minutes, when ECS's breaker is content, under a policy that counts that.
fn keeps_ending(decide: Decide) -> Vec<u32> {
    let health = json!({"kind": "health", "failed_tasks_max": 2});
    let (mut stage, row) = account(decide, &json!({}), Some(health));
    let ends = Behaviour::ExitsAfter { seconds: 180 };
    stage.sim.world().ecs.behaviour.insert(row.digest("v2"), ends);
    release(&stage, &row, "v2");
    stage.run_for(80 * 60);
    law::broken(&stage)
}

/// The policy as the rules are to see it.
fn seeing(other: impl Fn(&mut Policy) + Send + Sync + 'static) -> Decide {
    Arc::new(move |policy, release, seen, at| {
        let mut policy = policy.clone();
        other(&mut policy);
        decide::decide(&policy, release, seen, at)
    })
}

#[test]
fn law_1_catches_who_overlooks_tasks_that_fail() {
    let overlooks = seeing(|policy| policy.checks.retain(|check| !matches!(check, Check::Health { .. })));
    assert_eq!(keeps_ending(overlooks), [1]);
    assert_eq!(keeps_ending(right()), [] as [u32; 0]);
}

/// An idle queue: there is nothing to compare, and half an hour more to wait for that.
fn has_no_evidence(decide: Decide) -> Vec<u32> {
    let compare = json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 100, "window_minutes": 5,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    let members = json!({
        "steps": [{"share_permille": 250, "bake_minutes": 5}],
        "when_undecided": {"extend_minutes_max": 30, "then": "roll_back"},
    });
    let (mut stage, row) = account(decide, &members, Some(compare));
    let idle = Plan {
        per_second: 0.0,
        ..Plan::default()
    };
    stage.queue("orders", &idle);
    release(&stage, &row, "v2");
    stage.run_for(90 * 60);
    law::broken(&stage)
}

#[test]
fn law_9_catches_who_does_not_wait_for_evidence_as_long_as_the_policy_says() {
    let impatient = seeing(|policy| {
        policy.when_undecided = policy.when_undecided.map(|rule| WhenUndecided {
            extend_minutes_max: 0,
            ..rule
        });
    });
    assert_eq!(has_no_evidence(impatient), [9]);
    assert_eq!(has_no_evidence(right()), [] as [u32; 0]);
}

/// Two steps of a minute. The first has no evidence until all that both bake and are extended by is nearly over, the second
/// has none at all.
fn has_evidence_late(decide: Decide) -> Vec<u32> {
    let compare = json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 50, "window_minutes": 5,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    let members = json!({
        "steps": [{"share_permille": 250, "bake_minutes": 1}, {"share_permille": 500, "bake_minutes": 1}],
        "when_undecided": {"extend_minutes_max": 20, "then": "roll_back"},
    });
    let (mut stage, row) = account(decide, &members, Some(compare));
    let idle = Plan {
        per_second: 0.0,
        ..Plan::default()
    };
    let queue = stage.queue("orders", &idle);
    release(&stage, &row, "v2");
    let asked = stage.run_until(3_600, |stage| stage.awaits_approval(&row));
    assert!(asked, "no approval");
    stage.run_for(16 * 60);
    rate(&mut stage.sim.world(), queue.queue, 5.0);
    stage.run_for(60);
    rate(&mut stage.sim.world(), queue.queue, 0.0);
    stage.run_for(90 * 60);
    law::broken(&stage)
}

#[test]
fn law_9_catches_who_has_a_step_pay_for_what_an_earlier_one_was_extended_by() {
    let together: Decide = Arc::new(|policy, release, seen, at| {
        let mut policy = policy.clone();
        if matches!(release.phase, Phase::Baking { step: 1 }) {
            let rule = policy.when_undecided.as_mut();
            rule.into_iter().for_each(|rule| rule.extend_minutes_max = 0);
        }
        decide::decide(&policy, release, seen, at)
    });
    assert_eq!(has_evidence_late(together), [9]);
    assert_eq!(has_evidence_late(right()), [] as [u32; 0]);
}
