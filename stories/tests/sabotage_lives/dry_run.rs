//! A dry run that is none.

use super::{Cut, Script, is_bad, right};
use aws::Decide;
use decide::{Action, Policy};
use serde_json::json;
use std::sync::Arc;
use stories::Stage;
use stories::law::judged;
use stories::scene::RowA;
use stories::whole::deployed;

fn account(decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service_with("orders", Cut::WithOpen, |policy| policy["dry_run"] = json!(true));
    (stage, row)
}

/// The policy as it would be without it.
fn wet(policy: &Policy) -> Policy {
    let mut wet = policy.clone();
    wet.dry_run = false;
    wet
}

fn lives(script: Script, decide: Decide) -> Vec<u32> {
    let (mut stage, row) = account(decide);
    super::lives(&mut stage, &row, script)
}

#[test]
fn law_10_catches_who_acts_all_the_same() {
    let acts: Decide = Arc::new(|policy, release, seen, at| {
        let wet = wet(policy);
        let mut decision = decide::decide(policy, release, seen, at);
        decision.lanes = decide::decide(&wet, release, seen, at).lanes;
        decision
    });
    assert_eq!(lives(is_bad, acts), [10]);
}

#[test]
fn law_10_catches_who_only_keeps_the_pipeline_from_going_on() {
    let rejects: Decide = Arc::new(|policy, release, seen, at| {
        let wet = wet(policy);
        let mut decision = decide::decide(policy, release, seen, at);
        decision.lanes = decide::decide(&wet, release, seen, at).lanes;
        for lane in &mut decision.lanes {
            lane.retain(|action| matches!(action, Action::Reject { .. }));
        }
        decision
    });
    assert_eq!(lives(is_bad, rejects), [10]);
}

#[test]
fn a_dry_run_breaks_no_law_and_would_have_done_something() {
    let (mut stage, row) = account(right());
    super::lives(&mut stage, &row, is_bad);
    let dry = judged(&stage).into_iter().find(|verdict| verdict.law == 10);
    assert!(dry.is_some_and(|verdict| verdict.applied > 0));
}
