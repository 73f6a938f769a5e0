//! Who leaves a load balancer's weights where they were, who hurries, who serves nobody, and who changes more than weights.

use super::orders::order;
use super::{release, right, without};
use aws::Decide;
use decide::{Action, Phase, Weights};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use simulator::faults::{Fault, Rule};
use std::sync::Arc;
use stories::Stage;
use stories::balancer::Plan;
use stories::law;
use stories::scene::RowA;
use stories::whole::{Cut, deployed};

/// An account with one policy behind a load balancer: a tenth for two minutes, then a half for two.
fn account(decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    stage.balancer("orders", &Plan::default());
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        policy["steps"] =
            json!([{"share_permille": 100, "bake_minutes": 4}, {"share_permille": 500, "bake_minutes": 4}]);
    });
    (stage, row)
}

/// Released, baked as far as it comes, and then a person says no.
fn is_rejected(decide: Decide) -> Vec<u32> {
    let (mut stage, row) = account(decide);
    release(&stage, &row, "v2");
    stage.run_for(25 * 60);
    let _ = pipelines::reject(&mut stage.sim.world(), "orders", "anna", "not today");
    stage.run_for(40 * 60);
    law::broken(&stage)
}

fn is_shift(action: &Action) -> bool {
    matches!(action, Action::Shift { .. })
}

/// The rules with other acts.
fn acting(change: impl Fn(&mut Action) -> bool + Send + Sync + 'static) -> Decide {
    Arc::new(move |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        for lane in &mut decision.lanes {
            lane.retain_mut(|action| change(action));
        }
        decision
    })
}

#[test]
fn the_rules_break_no_law_behind_a_load_balancer() {
    assert_eq!(is_rejected(right()), [] as [u32; 0]);
}

#[test]
fn law_13_catches_who_leaves_the_weights_where_they_were() {
    let forgets: Decide = Arc::new(|policy, release, seen, at| {
        let mut release = release.clone();
        release.weights.take_if(|_| release.phase.rolling_back().is_some());
        let mut decision = decide::decide(policy, &release, seen, at);
        if decision.next.phase.rolling_back().is_some() {
            decision.next.weights = None;
            without(&mut decision, is_shift);
        }
        decision
    });
    assert_eq!(is_rejected(forgets), [13]);
}

#[test]
fn law_18_catches_who_skips_a_step() {
    let hurries: Decide = Arc::new(|policy, release, seen, at| {
        let mut release = release.clone();
        if release.phase == (Phase::Baking { step: 0 }) {
            release.phase = Phase::Baking { step: 1 };
        }
        decide::decide(policy, &release, seen, at)
    });
    assert_eq!(is_rejected(hurries), [18]);
}

#[test]
fn law_18_catches_who_does_not_wait_for_a_bake() {
    let impatient: Decide = Arc::new(|policy, release, seen, at| {
        let mut policy = policy.clone();
        let mut frozen = serde_json::to_value(&policy).expect("a document");
        frozen["steps"][0]["bake_minutes"] = json!(0);
        if let Ok(other) = serde_json::from_value(frozen) {
            policy = other;
        }
        decide::decide(&policy, release, seen, at)
    });
    assert_eq!(is_rejected(impatient), [18]);
}

/// A tenth, three tenths, and a half; a person does not wait for the first of them to bake. What law 18 has to say.
fn is_skipped(decide: Decide) -> String {
    let mut stage = deployed(1, decide);
    stage.balancer("orders", &Plan::default());
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        policy["steps"] = json!([
            {"share_permille": 100, "bake_minutes": 20}, {"share_permille": 300, "bake_minutes": 20},
            {"share_permille": 500, "bake_minutes": 4},
        ]);
    });
    release(&stage, &row, "v2");
    let tenth = |stage: &Stage| stage.balancers["orders"].weights(&stage.sim.world()) == "100 to 900";
    assert!(stage.run_until(3_600, tenth), "it never had a tenth");
    stage.run_for(2 * 60);
    order(&stage, "skip");
    stage.run_for(60 * 60);
    said(&stage, 18)
}

#[test]
fn law_18_catches_who_takes_one_step_that_a_person_skips_for_all() {
    assert_eq!(is_skipped(right()), "");
    let hasty: Decide = Arc::new(|policy, release, seen, at| {
        let mut written = serde_json::to_value(policy).expect("a document");
        if release.facts.keys().any(|key| key.starts_with("order ")) {
            written["steps"][1]["bake_minutes"] = json!(0);
        }
        let believed = serde_json::from_value(written).expect("a policy");
        decide::decide(&believed, release, seen, at)
    });
    let said = is_skipped(hasty);
    assert!(
        said.contains("step 2 began") && !said.contains("step 1 began"),
        "{said}"
    );
}

/// The rules with these weights in the place of all others.
fn giving(wrong: Weights) -> Decide {
    acting(move |action| {
        if let Action::Shift { weights, .. } = action {
            *weights = wrong;
        }
        true
    })
}

/// What the law has to say of a life.
fn said(stage: &Stage, number: u32) -> String {
    let verdicts = law::judge(&law::Evidence::of(stage));
    let broken = verdicts.into_iter().filter(|verdict| verdict.law == number);
    broken.flat_map(|verdict| verdict.broken).collect::<Vec<_>>().join("\n")
}

#[test]
fn law_18_catches_who_serves_nobody() {
    let (mut stage, row) = account(giving(Weights { canary: 0, stable: 0 }));
    release(&stage, &row, "v2");
    stage.run_for(25 * 60);
    let said = said(&stage, 18);
    assert!(said.contains("weights Some((0, 0)) serve nobody"), "{said}");
    assert!(!said.contains("share of no step"), "{said}");
}

#[test]
fn law_18_catches_who_gives_more_than_the_step_allows() {
    let (mut stage, row) = account(giving(Weights {
        canary: 300,
        stable: 700,
    }));
    release(&stage, &row, "v2");
    stage.run_for(25 * 60);
    let said = said(&stage, 18);
    assert!(said.contains("(300, 700) is the share of no step"), "{said}");
}

#[test]
fn law_18_catches_who_gives_a_share_while_it_is_taken_back() {
    let gives: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let back = decision.next.phase.rolling_back().is_some();
        for action in decision.lanes.iter_mut().flatten().filter(|_| back) {
            if let Action::Shift { weights, .. } = action {
                (weights.canary, weights.stable) = (100, 900);
            }
        }
        decision
    });
    let (mut stage, row) = account(gives);
    release(&stage, &row, "v2");
    stage.run_for(25 * 60);
    let _ = pipelines::reject(&mut stage.sim.world(), "orders", "anna", "not today");
    stage.run_for(10 * 60);
    let said = said(&stage, 18);
    assert!(said.contains("while it was taken back"), "{said}");
}

/// A step that the canary has at rest is one all the same.
#[test]
fn law_18_catches_who_does_not_wait_for_the_bake_of_a_share_that_it_has_at_rest() {
    let steps = |minutes: i64| json!([{"share_permille": 10, "bake_minutes": minutes}, {"share_permille": 500, "bake_minutes": 4}]);
    let impatient: Decide = Arc::new(move |policy, release, seen, at| {
        let mut hurried = serde_json::to_value(policy).expect("a document");
        hurried["steps"] = steps(0);
        let hurried = serde_json::from_value(hurried).expect("a policy");
        decide::decide(&hurried, release, seen, at)
    });
    for (decide, expected) in [(right(), ""), (impatient, "and the one before bakes from")] {
        let mut stage = deployed(1, decide);
        stage.balancer("orders", &Plan::default());
        let row = stage.service_with("orders", Cut::WithOpen, |policy| policy["steps"] = steps(30));
        release(&stage, &row, "v2");
        stage.run_for(60 * 60);
        let said = said(&stage, 18);
        assert!(
            said.contains(expected) && said.is_empty() == expected.is_empty(),
            "{said}"
        );
    }
}

/// Released, baked up to a half, and then its alarm rings.
fn rings(decide: Decide, down: Option<&str>) -> Vec<u32> {
    let (mut stage, row) = account(decide);
    release(&stage, &row, "v2");
    let half = |stage: &Stage| stage.balancers["orders"].weights(&stage.sim.world()) == "500 to 500";
    assert!(stage.run_until(3_600, half), "it never had a half");
    stage.dlq.insert(row.dlq.clone(), 25.0);
    if let Some(service) = down {
        let mut world = stage.sim.world();
        let (from, until) = (world.now, world.now.plus_seconds(15 * 60));
        world.faults.rules.push(Rule {
            from,
            until,
            ..Rule::service(service, Fault::ServerError)
        });
    }
    stage.run_for(80 * 60);
    law::broken(&stage)
}

/// The rules without shifts where this holds.
fn not_shifting(when: impl Fn(&decide::Decision, &decide::Seen, decide::At) -> bool + Send + Sync + 'static) -> Decide {
    Arc::new(move |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if when(&decision, seen, at) {
            without(&mut decision, is_shift);
        }
        decision
    })
}

#[test]
fn law_1_catches_who_returns_the_weights_late() {
    assert_eq!(rings(right(), None), [] as [u32; 0]);
    let slow = not_shifting(|decision, _, at| {
        let since = decision.next.phase_since;
        decision.next.phase.rolling_back().is_some() && at < since.plus_seconds(20 * 60)
    });
    assert_eq!(rings(slow, None), [1]);
}

#[test]
fn law_16_catches_who_returns_no_weights_while_ecs_answers_nobody() {
    assert_eq!(rings(right(), Some("ecs")), [] as [u32; 0]);
    let waits =
        not_shifting(|decision, seen, _| decision.next.phase.rolling_back().is_some() && seen.canary.known().is_none());
    assert_eq!(rings(waits, Some("ecs")), [16]);
}

/// Whoever never reads back believes that what was to be set was set.
#[test]
fn law_19_catches_who_says_that_a_share_was_set_and_never_looks() {
    let believes: Decide = Arc::new(|policy, release, seen, at| {
        let mut seen = seen.clone();
        if let (decide::Part::Known(Some(there)), Some(state)) = (&mut seen.forwards, &release.weights) {
            (there.canary, there.stable) = (Some(state.given.canary), Some(state.given.stable));
        }
        let mut decision = decide::decide(policy, release, &seen, at);
        without(&mut decision, is_shift);
        decision
    });
    assert_eq!(is_rejected(believes), [19]);
}

#[test]
fn law_18_catches_who_shifts_a_rule_of_another_policy() {
    // ARNs are made in the order in which things are.
    let mut stage = deployed(1, right());
    stage.balancer("bills", &Plan::default());
    let other = stage.balancers["bills"].clone();
    let mistakes = acting(move |action| {
        if let Action::Shift {
            rule, canary, stable, ..
        } = action
        {
            rule.clone_from(&other.rule);
            canary.clone_from(&other.canary);
            stable.clone_from(&other.stable);
        }
        true
    });
    let mut stage = deployed(1, mistakes);
    stage.balancer("bills", &Plan::default());
    stage.balancer("orders", &Plan::default());
    let row = stage.service_with("orders", Cut::WithOpen, |policy| {
        policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 4}]);
    });
    release(&stage, &row, "v2");
    stage.run_for(20 * 60);
    assert_eq!(law::broken(&stage), [18]);
}
