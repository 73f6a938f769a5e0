//! What may not be taken back: who takes it back all the same, who leaves it without a word or with its execution open,
//! and who leaves what may go back.

use super::{Cut, Script, is_bad, pipelines, right, without};
use aws::Decide;
use decide::policy::Rollback;
use decide::{Action, Phase};
use serde_json::json;
use std::sync::Arc;
use stories::Stage;
use stories::law::judged;
use stories::scene::RowA;
use stories::whole::deployed;

fn account(mode: &str, decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service_with("orders", Cut::WithOpen, |policy| policy["rollback"] = json!(mode));
    (stage, row)
}

/// The laws that are broken where a policy says this of going back.
fn lives(mode: &str, script: Script, decide: Decide) -> Vec<u32> {
    let (mut stage, row) = account(mode, decide);
    super::lives(&mut stage, &row, script)
}

/// The rules, under a policy that says something else.
fn believing(rollback: Rollback) -> Decide {
    Arc::new(move |policy, release, seen, at| {
        let mut policy = policy.clone();
        policy.rollback = rollback;
        decide::decide(&policy, release, seen, at)
    })
}

fn is_bad_once_it_is_promoted(stage: &mut Stage, row: &RowA) {
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    assert!(stage.run_until(3_600, |stage| stage.phase("orders") == "watching"));
    is_bad(stage, row);
}

#[test]
fn law_3_catches_who_takes_back_what_may_never_go_back() {
    assert_eq!(lives("never", is_bad, believing(Rollback::Allowed)), [3]);
}

#[test]
fn law_3_catches_who_takes_back_what_stable_has() {
    let broken = lives(
        "until_promoting",
        is_bad_once_it_is_promoted,
        believing(Rollback::Allowed),
    );
    assert_eq!(broken, [3]);
}

#[test]
fn law_1_catches_who_leaves_what_stable_does_not_have_yet() {
    assert_eq!(lives("until_promoting", is_bad, believing(Rollback::Never)), [1]);
}

#[test]
fn law_1_catches_who_does_not_say_that_it_is_left() {
    let silent: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if let Phase::RollbackFailed { cause } = &decision.next.phase {
            decision.next.phase = Phase::RollingBack { cause: cause.clone() };
        }
        decision
    });
    assert_eq!(lives("never", is_bad, silent), [1]);
}

#[test]
fn law_1_catches_who_leaves_the_execution_open_with_what_cannot_go_back() {
    let idle: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        without(&mut decision, |action| {
            matches!(action, Action::Reject { .. } | Action::Stop { .. })
        });
        decision
    });
    assert_eq!(lives("never", is_bad, idle), [1]);
}

/// Nobody rejects what has failed, and twenty minutes later somebody lets it go on.
fn is_bad_and_promoted_all_the_same(stage: &mut Stage, row: &RowA) {
    stage.dlq.insert(row.dlq.clone(), 25.0);
    stage.run_for(20 * 60);
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    stage.run_for(2 * 3_600);
}

#[test]
fn law_1_catches_who_leaves_what_failed_until_stable_has_it() {
    let idle: Decide = Arc::new(|policy, release, seen, at| {
        let mut policy = policy.clone();
        policy.rollback = Rollback::Never;
        let mut decision = decide::decide(&policy, release, seen, at);
        without(&mut decision, |action| {
            matches!(
                action,
                Action::Reject { .. } | Action::Stop { .. } | Action::Hold { .. }
            )
        });
        decision
    });
    assert_eq!(lives("until_promoting", is_bad_and_promoted_all_the_same, idle), [1]);
}

#[test]
fn the_right_rules_break_no_law_whatever_the_policy_says_of_going_back() {
    let scripts: [Script; 2] = [is_bad, is_bad_once_it_is_promoted];
    for mode in ["allowed", "until_promoting", "never"] {
        for script in scripts {
            let (mut stage, row) = account(mode, right());
            super::lives(&mut stage, &row, script);
            let failed = judged(&stage).into_iter().find(|verdict| verdict.law == 1);
            assert!(
                failed.is_some_and(|verdict| verdict.applied > 0),
                "{mode}: nothing failed"
            );
        }
    }
}
