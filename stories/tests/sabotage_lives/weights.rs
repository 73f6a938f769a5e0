//! Who leaves a load balancer's weights where they were, who hurries, who serves nobody, and who changes more than weights.

use super::{release, right};
use aws::Decide;
use decide::{Action, Phase, Weights};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
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
            let shifts = |action: &Action| matches!(action, Action::Shift { .. });
            decision
                .lanes
                .iter_mut()
                .for_each(|lane| lane.retain(|action| !shifts(action)));
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
    assert!(is_rejected(hurries).contains(&18));
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
    assert!(is_rejected(impatient).contains(&18));
}

#[test]
fn law_18_catches_who_serves_nobody_or_gives_more_than_the_step_allows() {
    for wrong in [
        Weights { canary: 0, stable: 0 },
        Weights {
            canary: 300,
            stable: 700,
        },
    ] {
        let gives = acting(move |action| {
            if let Action::Shift { weights, .. } = action {
                *weights = wrong;
            }
            true
        });
        let broken = is_rejected(gives);
        assert!(broken.contains(&18), "{wrong}: {broken:?}");
    }
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
    let broken = law::broken(&stage);
    assert!(broken.contains(&18), "{broken:?}");
}
