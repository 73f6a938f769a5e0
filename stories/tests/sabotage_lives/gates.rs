//! What Serin's own actions let go on, and who makes them let go on what they must not.

use super::{release, right};
use aws::Decide;
use decide::policy::{Check, WhenStale};
use decide::{AlarmState, Approved, Gate, Part, Phase};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use std::sync::Arc;
use stories::Stage;
use stories::law::{self, judged};
use stories::scene::RowA;
use stories::told::pipeline::declaration;
use stories::whole::deployed;

/// An account at rest, with one policy under which Serin approves after ten minutes and then promotes.
fn ours(decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = RowA::named("orders");
    let stages = "source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody";
    let declared = declaration(&row, stages).unwrap();
    let row = stage.service_of(
        row,
        |world, _| pipelines::pipeline(world, &declared),
        |policy| {
            policy["approval"] = json!("automatic");
            policy["promotion"] = json!("roll_stable");
            policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 10}]);
        },
    );
    (stage, row)
}

fn lives(stage: &mut Stage, row: &RowA) -> Vec<u32> {
    release(stage, row, "v2");
    stage.run_for(2 * 3_600);
    law::broken(stage)
}

#[test]
fn law_9_catches_who_lets_go_on_what_has_not_baked() {
    let (mut stage, row) = ours(Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let asked = decision.next.is_asked(Gate::Approve);
        if let Some(run) = decision.next.pipeline.as_mut().filter(|_| asked) {
            let evidence = "looks good".to_owned();
            let share_permille = None;
            run.approved.get_or_insert(Approved {
                at,
                evidence,
                share_permille,
                told: None,
            });
        }
        decision
    }));
    assert_eq!(lives(&mut stage, &row), [9]);
}

#[test]
fn law_9_catches_who_takes_an_alarm_that_rings_for_one_that_is_ok() {
    let (mut stage, row) = ours(Arc::new(|policy, release, seen, at| {
        let mut blind = (policy.clone(), seen.clone());
        for check in &mut blind.0.checks {
            let Check::Alarm { when_stale, .. } = check else {
                continue;
            };
            *when_stale = WhenStale::Ignore;
        }
        if let Part::Known(alarms) = &mut blind.1.alarms {
            alarms.iter_mut().for_each(|alarm| alarm.state = AlarmState::Ok);
        }
        decide::decide(&blind.0, release, &blind.1, at)
    }));
    // The queue was full before, and stays so.
    stage.dlq.insert(row.dlq.clone(), 25.0);
    stage.run_for(20 * 60);
    assert_eq!(lives(&mut stage, &row), [9]);
}

#[test]
fn law_4_catches_who_calls_a_promotion_done_that_has_only_begun() {
    let (mut stage, row) = ours(Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if decision.next.phase == Phase::Promoting && decision.next.stable.given.is_some() {
            decision.next.phase = Phase::Watching;
        }
        decision
    }));
    assert_eq!(lives(&mut stage, &row), [4]);
}

#[test]
fn what_serin_lets_go_on_and_promotes_by_the_right_rules_breaks_no_law() {
    let (mut stage, row) = ours(right());
    assert_eq!(lives(&mut stage, &row), [] as [u32; 0]);
    let applied = judged(&stage).into_iter().find(|verdict| verdict.law == 9);
    assert!(applied.is_some_and(|verdict| verdict.applied == 1), "it let go on once");
}
