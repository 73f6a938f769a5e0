//! What Serin approves by itself, and who makes it approve what it must not.

use super::{lives, right, waits};
use aws::Decide;
use decide::policy::{Check, WhenStale};
use decide::{Action, AlarmState, Part};
use serde_json::json;
use std::sync::Arc;
use stories::Stage;
use stories::law::judged;
use stories::scene::RowA;
use stories::whole::{Cut, deployed};

/// An account at rest, with one policy under which Serin approves after ten minutes.
fn automatic(decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = stage.service_with("orders", Cut::Plain, |policy| {
        policy["approval"] = json!("automatic");
        policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 10}]);
    });
    (stage, row)
}

/// The queue was full before, and stays so.
fn was_full(stage: &mut Stage, row: &RowA) {
    stage.dlq.insert(row.dlq.clone(), 25.0);
    stage.run_for(20 * 60);
}

#[test]
fn law_9_catches_who_approves_before_it_has_baked() {
    let (mut stage, row) = automatic(Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let run = decision.next.pipeline.as_ref();
        let open = run.and_then(|run| Some((run.name.clone(), run.approval.clone()?)));
        if let Some((pipeline, approval)) = open.filter(|_| decision.lanes.is_empty()) {
            let summary = "looks good".to_owned();
            decision.lanes.push(vec![Action::Approve {
                pipeline,
                approval,
                summary,
            }]);
        }
        decision
    }));
    assert_eq!(lives(&mut stage, &row, waits), [9]);
}

#[test]
fn law_9_catches_who_takes_an_alarm_that_rings_for_one_that_is_ok() {
    let (mut stage, row) = automatic(Arc::new(|policy, release, seen, at| {
        let mut blind = (policy.clone(), seen.clone());
        for Check::Alarm { when_stale, .. } in &mut blind.0.checks {
            *when_stale = WhenStale::Ignore;
        }
        if let Part::Known(alarms) = &mut blind.1.alarms {
            alarms.iter_mut().for_each(|alarm| alarm.state = AlarmState::Ok);
        }
        decide::decide(&blind.0, release, &blind.1, at)
    }));
    was_full(&mut stage, &row);
    assert_eq!(lives(&mut stage, &row, waits), [9]);
}

#[test]
fn what_serin_approves_by_the_right_rules_breaks_no_law() {
    let (mut stage, row) = automatic(right());
    assert_eq!(lives(&mut stage, &row, waits), [] as [u32; 0]);
    let applied = judged(&stage).into_iter().find(|verdict| verdict.law == 9);
    assert!(applied.is_some_and(|verdict| verdict.applied == 1), "it approved once");
}
