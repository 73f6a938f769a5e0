//! What Serin's own actions let go on, and who makes them let go on what they must not.

use super::{release, right};
use aws::Decide;
use decide::policy::{Check, WhenStale};
use decide::{Action, AlarmState, Approved, At, Gate, Part, Phase, Release, Seen};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use simulator::faults::{Fault, Rule};
use std::sync::Arc;
use stories::Stage;
use stories::law::{self, judged};
use stories::scene::{self, RowA};
use stories::told::pipeline::declaration;
use stories::whole::{self, deployed};

/// An account at rest, with one policy under which Serin approves after ten minutes and then promotes.
fn ours(decide: Decide) -> (Stage, RowA) {
    let stages = "source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody";
    through(stages, "roll_stable", decide)
}

/// The same, where Serin's word is the answer to a manual approval that notifies it.
fn asked(decide: Decide) -> (Stage, RowA) {
    let stages = "source Code, build Pack, canary Tasting, asks ManualApproval, stable Everybody";
    through(stages, "pipeline", decide)
}

fn through(stages: &str, promotion: &str, decide: Decide) -> (Stage, RowA) {
    let mut stage = deployed(1, decide);
    let row = RowA::named("orders");
    let declared = declaration(&row, stages).unwrap();
    let row = stage.service_of(
        row,
        |world, _| pipelines::pipeline(world, &declared),
        |policy| {
            policy["approval"] = json!("automatic");
            policy["promotion"] = json!(promotion);
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

/// While it bakes a person refuses it and has the stage tried again, so that it is asked for once more.
fn is_refused_and_asked_for_again(stage: &mut Stage, row: &RowA) -> Vec<u32> {
    release(stage, row, "v2");
    assert!(stage.run_until(1_800, |stage| stage.awaits_approval(row)));
    pipelines::reject(&mut stage.sim.world(), "orders", "anna", "once more, please").unwrap();
    super::orders::retry(stage);
    stage.run_for(3_600);
    law::broken(stage)
}

/// When it has baked, CodePipeline takes no answers, and a check fails meanwhile.
fn fails_before_it_can_be_answered(stage: &mut Stage, row: &RowA) -> Vec<u32> {
    release(stage, row, "v2");
    assert!(stage.run_until(1_800, |stage| stage.awaits_approval(row)));
    let until = stage.now().plus_seconds(1_200);
    stage.sim.world().faults.rules.push(Rule {
        operation: Some("PutApprovalResult".to_owned()),
        until,
        ..Rule::service("codepipeline", Fault::Throttle)
    });
    assert!(stage.run_until(1_200, |stage| stage.phase("orders") == "gated"));
    stage.dlq.insert(row.dlq.clone(), 25.0);
    stage.run_for(2 * 3_600);
    law::broken(stage)
}

fn open_approval(seen: &mut Seen) -> Option<&mut decide::Approval> {
    match &mut seen.pipeline {
        Part::Known(run) => run.approval.as_mut(),
        Part::Unknown(_) => None,
    }
}

/// Its tasks have run the revision for ten minutes longer than they have.
fn old(release: &Release) -> Release {
    let mut release = release.clone();
    if let Some(reached) = release.canary.given.as_mut().and_then(|given| given.reached.as_mut()) {
        *reached = At::from_millis(reached.millis() - 600_000);
    }
    if let Some(reached) = release.step_reached.as_mut() {
        *reached = At::from_millis(reached.millis() - 600_000);
    }
    release
}

#[test]
fn law_2_catches_who_lets_go_on_by_a_word_that_was_taken_back() {
    let (mut stage, row) = asked(Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let approved = release.pipeline.as_ref().is_some_and(|run| run.approved.is_some());
        for action in decision.lanes.iter_mut().flatten().filter(|_| approved) {
            if let Action::Reject { pipeline, approval, .. } = action {
                *action = Action::Approve {
                    pipeline: pipeline.clone(),
                    approval: approval.clone(),
                    summary: "it was said".to_owned(),
                };
            }
        }
        decision
    }));
    assert_eq!(fails_before_it_can_be_answered(&mut stage, &row), [2]);
}

#[test]
fn law_6_catches_who_answers_for_a_person_who_refused() {
    let (mut stage, row) = asked(Arc::new(|policy, release, seen, at| {
        let mut blind = seen.clone();
        open_approval(&mut blind)
            .into_iter()
            .for_each(|open| open.retried = false);
        decide::decide(policy, release, &blind, at)
    }));
    assert_eq!(is_refused_and_asked_for_again(&mut stage, &row), [6]);
}

#[test]
fn law_7_catches_who_answers_an_approval_that_asks_somebody_else() {
    let stages = "source Code, build Pack, canary Tasting, approval Legal, stable Everybody";
    let meddler: Decide = Arc::new(|policy, release, seen, at| {
        let mut mine = seen.clone();
        mine.shared_with = Part::Known(None);
        open_approval(&mut mine)
            .into_iter()
            .for_each(|open| open.asks_minutes = Some(60));
        decide::decide(policy, release, &mine, at)
    });
    let (mut stage, row) = through(stages, "pipeline", meddler);
    assert_eq!(lives(&mut stage, &row), [7]);
}

#[test]
fn law_9_catches_who_answers_an_approval_before_it_has_baked() {
    let (mut stage, row) = asked(Arc::new(|policy, release, seen, at| {
        decide::decide(policy, &old(release), seen, at)
    }));
    assert_eq!(lives(&mut stage, &row), [9]);
}

#[test]
fn what_serin_answers_by_the_right_rules_breaks_no_law() {
    let (mut stage, row) = asked(right());
    assert_eq!(lives(&mut stage, &row), [] as [u32; 0]);
    let applied = |stage: &Stage, law| {
        let verdicts = judged(stage).into_iter();
        verdicts
            .filter(|verdict| verdict.law == law)
            .map(|verdict| verdict.applied)
            .sum::<u32>()
    };
    assert_eq!(applied(&stage, 9), 1, "it was answered once");
    for script in [is_refused_and_asked_for_again, fails_before_it_can_be_answered] {
        let (mut stage, row) = asked(right());
        assert_eq!(script(&mut stage, &row), [] as [u32; 0]);
        assert_eq!(applied(&stage, 9), 0, "nothing was answered");
    }
}

/// When Serin answers, CodePipeline does not hear it at once, and an alarm goes off; what rollback sends comes even later.
fn fails_while_the_answer_is_under_way(stage: &mut Stage, row: &RowA) {
    release(stage, row, "v2");
    assert!(stage.run_until(1_800, |stage| stage.awaits_approval(row)));
    let until = stage.now().plus_seconds(3_600);
    let rule = |caller: &str, times, fault| Rule {
        operation: Some("PutApprovalResult".to_owned()),
        caller: Some(caller.to_owned()),
        until,
        times,
        ..Rule::service("codepipeline", fault)
    };
    let rules = [
        rule("advance#", Some(1), Fault::HangBefore),
        rule("rollback#", Some(8), Fault::Throttle),
        rule("watch#", Some(8), Fault::Throttle),
    ];
    stage.sim.world().faults.rules.extend(rules);
    let said = |stage: &Stage| {
        let world = stage.sim.world();
        let mut calls = world.calls.iter().rev().take(20);
        calls.any(|call| call.operation == "TransactWriteItems" && call.input.to_string().contains("told"))
    };
    for _ in 0..1_800 {
        if said(stage) {
            break;
        }
        stage.run_for(1);
    }
    let off = json!({"AlarmName": row.alarm, "StateValue": "ALARM", "StateReason": "somebody tries it"});
    stage
        .sim
        .world()
        .call("anna", "cloudwatch", "SetAlarmState", off)
        .unwrap();
    stage.run_for(2 * 3_600);
}

#[test]
fn an_answer_that_is_under_way_when_a_rollback_is_committed_is_no_breach_and_is_taken_back() {
    let (mut stage, row) = asked(right());
    fails_while_the_answer_is_under_way(&mut stage, &row);
    assert_eq!(law::broken(&stage), [] as [u32; 0]);
    let world = stage.sim.world();
    let first = |caller: &str, operation: &str| {
        let mut calls = world.calls.iter();
        let own =
            calls.find(|call| call.caller.starts_with(caller) && call.operation == operation && call.outcome.is_ok());
        own.map(|call| call.at)
            .unwrap_or_else(|| panic!("{caller} never did {operation}"))
    };
    assert!(
        first("rollback#", "TransactWriteItems") < first("advance#", "PutApprovalResult"),
        "it came too early"
    );
    drop(world);
    assert_eq!(stage.runs(&row, &row.name), "v1");
    assert_eq!(stage.runs(&row, &row.canary), "v1");
}

/// What a person gives stable while it bakes, if anything.
fn goes_ahead(version: Option<&str>, decide: Decide) -> Vec<u32> {
    let (mut stage, row) = ours(decide);
    release(&stage, &row, "v2");
    stage.run_for(8 * 60);
    if let Some(version) = version {
        whole::push(&mut stage.sim.world(), &row, version);
        let mut world = stage.sim.world();
        let definition = scene::definition(&mut world, &row, &row.name, version);
        let input = json!({"cluster": row.cluster, "service": row.name, "taskDefinition": definition});
        world.call("bob", "ecs", "UpdateService", input).unwrap();
    }
    stage.run_for(2 * 3_600);
    law::broken(&stage)
}

#[test]
fn law_9_needs_no_word_where_somebody_gave_stable_the_revision_by_hand_and_only_there() {
    let hasty: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if decision.next.is_asked(Gate::Approve) && matches!(decision.next.phase, Phase::Baking { .. }) {
            decision.next.phase = Phase::Promoting;
        }
        decision
    });
    assert_eq!(goes_ahead(Some("v2"), right()), [] as [u32; 0]);
    for version in [None, Some("v3")] {
        assert_eq!(goes_ahead(version, right()), [] as [u32; 0], "{version:?}");
        assert!(goes_ahead(version, hasty.clone()).contains(&9), "{version:?}");
    }
}
