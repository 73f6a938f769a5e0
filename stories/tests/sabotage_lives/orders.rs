//! Law 6, people's orders: what a person tried again, and what somebody fixed by hand.

use super::{Cut, Stage, is_bad, json, pipelines, under, whole};
use decide::{Outcome, Part, Phase, Role};
use stories::scene::RowA;

/// After the rollback a person has the approval asked again, and gives it.
pub fn is_tried_again(stage: &mut Stage, row: &RowA) {
    is_bad(stage, row);
    stage.dlq.insert(row.dlq.clone(), 0.0);
    stage.run_for(10 * 60);
    retry(stage);
    stage.run_until(600, |stage| stage.awaits_approval(row));
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    stage.run_for(80 * 60);
}

/// The same, and from then on neither events nor sweeps reach us.
fn is_tried_again_unheard(stage: &mut Stage, row: &RowA) {
    is_bad(stage, row);
    for rule in ["WatchHappening", "AdvanceSweep"] {
        simulator::eventbridge::stage::remove(&mut stage.sim.world(), rule);
    }
    is_tried_again(stage, row);
}

/// A person has the stage of the approval tried again.
pub fn retry(stage: &Stage) {
    let mut world = stage.sim.world();
    let listed = world.call(
        "anna",
        "codepipeline",
        "ListPipelineExecutions",
        json!({"pipelineName": "orders"}),
    );
    let execution = listed.unwrap()["pipelineExecutionSummaries"][0]["pipelineExecutionId"].clone();
    let input = json!({
        "pipelineName": "orders", "stageName": "ManualApproval", "pipelineExecutionId": execution,
        "retryMode": "FAILED_ACTIONS",
    });
    world
        .call("anna", "codepipeline", "RetryStageExecution", input)
        .unwrap();
}

/// It is promoted, then stable is hot-fixed by hand, and then the alarm rings.
pub fn is_hot_fixed(stage: &mut Stage, row: &RowA) {
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    stage.run_until(3_600, |stage| stage.phase("orders") == "watching");
    {
        let mut world = stage.sim.world();
        let world = &mut *world;
        whole::push(world, row, "v3");
        let containers = [("worker", row.image("v3"))];
        let containers = containers.each_ref().map(|(name, image)| (*name, image.as_str()));
        let fixed = simulator::ecs::stage::task_definition(world, &row.name, &containers, json!({}));
        let input = json!({"cluster": row.cluster, "service": row.name, "taskDefinition": fixed});
        world.call("anna", "ecs", "UpdateService", input).unwrap();
    }
    stage.run_for(5 * 60);
    is_bad(stage, row);
}

#[test]
fn law_6_catches_who_does_not_hear_that_a_person_tried_again() {
    assert_eq!(under(Cut::Plain, is_tried_again_unheard, decide::decide), [6]);
}

#[test]
fn law_6_catches_who_looks_away_from_what_a_person_wanted() {
    let broken = under(Cut::WithOpen, is_tried_again, |policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        if release.is_of_stable_alone() && decision.next.phase == Phase::Watching {
            decision.next.phase = Phase::Closed {
                outcome: Outcome::Promoted,
            };
            decision.look_again_seconds = None;
        }
        decision
    });
    // Nor is anybody told that it is over.
    assert_eq!(broken, [6, 17]);
}

#[test]
fn law_6_catches_who_sends_a_hot_fix_away() {
    // What was promoted is still there, whatever anybody says.
    let broken = under(Cut::WithOpen, is_hot_fixed, |policy, release, seen, at| {
        let mut believed = seen.clone();
        let restore = release.restore_target(Role::Stable);
        if let (Part::Known(stable), Some(given)) = (&mut believed.stable, &release.stable.given)
            && ![restore, &release.stable.baseline.task_definition].contains(&stable.primary.task_definition.as_str())
        {
            stable.primary.task_definition.clone_from(&given.task_definition);
        }
        decide::decide(policy, release, &believed, at)
    });
    assert_eq!(broken, [6]);
}

/// 2026-11-21T03:00:00Z, when every story begins.
const BEGINNING: i64 = 1_795_230_000_000;

/// Serin lets the execution go on, and promotes.
const STAGES: &str = "source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody";

/// Somebody orders something of the release that is open.
pub fn order(stage: &Stage, kind: &str) {
    let release = stage
        .slot("orders")
        .and_then(|slot| slot.held)
        .map(|held| held.release.id);
    let mut order = json!({"id": format!("order-{kind}"), "kind": kind, "by": "anna", "why": "because"});
    if !["freeze", "thaw"].contains(&kind) {
        order["release"] = json!(release);
    }
    stage.sim.start("advance", json!({"policy": "orders", "order": order}));
}

/// The canary's share grows, Serin approves and promotes: two steps, and a person's word in the first of them.
fn lives_with(kind: &str, rules: aws::Decide) -> Vec<u32> {
    lives_through(STAGES, "roll_stable", kind, rules)
}

fn lives_through(stages: &str, promotion: &str, kind: &str, rules: aws::Decide) -> Vec<u32> {
    let mut stage = account(stages, promotion, &json!([]), rules);
    stage.run_for(4 * 60);
    order(&stage, kind);
    stage.run_for(40 * 60);
    super::law::broken(&stage)
}

/// v2 bakes in the first of two steps.
fn account(stages: &str, promotion: &str, windows: &serde_json::Value, rules: aws::Decide) -> Stage {
    let mut stage = whole::deployed(1, rules);
    let row = RowA::named("orders");
    let declared = stories::told::pipeline::declaration(&row, stages).expect("stages");
    let pipeline = |world: &mut simulator::World, _: &RowA| pipelines::pipeline(world, &declared);
    let row = stage.service_through("orders", pipeline, |policy| {
        policy["approval"] = json!("automatic");
        policy["promotion"] = json!(promotion);
        if windows[0].is_object() {
            policy["freeze"] = windows.clone();
        }
        policy["steps"] = json!([
            {"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5}
        ]);
    });
    super::release(&stage, &row, "v2");
    assert!(stage.run_until(1_800, |stage| stage.phase("orders") == "baking"));
    stage
}

#[test]
fn what_people_order_is_kept_by_the_right_rules() {
    for kind in ["abort", "approve", "promote", "skip", "freeze"] {
        assert_eq!(lives_with(kind, super::right()), [] as [u32; 0], "{kind}");
    }
}

#[test]
fn law_6_catches_who_does_not_hear_of_an_abort() {
    let deaf = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
        let mut believed = release.clone();
        believed.facts.retain(|key, _| !key.starts_with("order "));
        let mut decision = decide::decide(policy, &believed, seen, at);
        decision.next.facts.clone_from(&release.facts);
        decision
    };
    // Where our own action asks, the ledger's word keeps it from going on; a manual approval is answered by the rules.
    let stages = "source Code, build Pack, canary Tasting, asks Boss, stable Everybody";
    let broken = lives_through(stages, "pipeline", "abort", std::sync::Arc::new(deaf));
    assert_eq!(broken, [6]);
    assert_eq!(
        lives_through(stages, "pipeline", "abort", super::right()),
        [] as [u32; 0]
    );
}

/// Who waits for no bake any more, once a person did not wait for one of them.
#[test]
fn law_9_catches_who_skips_more_than_the_step_that_a_person_skipped() {
    let hasty = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
        let mut written = serde_json::to_value(policy).expect("a document");
        if release.facts.keys().any(|key| key.starts_with("order ")) {
            let steps = written["steps"].as_array_mut().expect("steps");
            steps.iter_mut().for_each(|step| step["bake_minutes"] = json!(0));
        }
        let believed: decide::Policy = serde_json::from_value(written).expect("a policy");
        decide::decide(&believed, release, seen, at)
    };
    assert_eq!(lives_with("skip", std::sync::Arc::new(hasty)), [9]);
}

/// Who takes an order to promote one release for one to promote whatever comes.
#[test]
fn law_3_catches_who_promotes_the_next_release_by_an_order_of_the_last() {
    let mut lived = Vec::new();
    for ordered in ["promote", "none"] {
        let hasty = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
            let mut decision = decide::decide(policy, release, seen, at);
            let second = release.opened > decide::At::from_millis(BEGINNING + 3_600_000);
            let given = release.canary.given.as_ref().filter(|_| second);
            if let (Some(given), Phase::Baking { step: 0 }) = (given, &decision.next.phase) {
                decision.lanes.push(vec![decide::Action::Promote {
                    cluster: release.cluster.clone(),
                    service: release.stable.name.clone(),
                    task_definition: given.task_definition.clone(),
                }]);
            }
            decision
        };
        let mut stage = account(STAGES, "roll_stable", &json!([]), std::sync::Arc::new(hasty));
        if ordered == "promote" {
            order(&stage, ordered);
        }
        stage.run_for(100 * 60);
        super::release(&stage, &RowA::named("orders"), "v3");
        stage.run_for(8 * 60);
        lived.push(super::law::broken(&stage));
    }
    assert!(lived[0].contains(&3), "{lived:?}");
    // What a person ordered of the one before excuses nothing.
    assert_eq!(lived[0], lived[1]);
}

/// Who does not hear of a window of the policy.
#[test]
fn law_21_catches_who_goes_on_in_a_window() {
    let windows = json!([{"cron": "5 3 * * *", "minutes": 40, "time_zone": "UTC"}]);
    let lives = |rules: aws::Decide| {
        let mut stage = account(STAGES, "roll_stable", &windows, rules);
        assert!(
            stage.now() < simulator::At(BEGINNING + 5 * 60_000),
            "the window comes too early"
        );
        stage.run_for(40 * 60);
        super::law::broken(&stage)
    };
    let blind = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
        let mut believed = policy.clone();
        believed.freeze.clear();
        decide::decide(&believed, release, seen, at)
    };
    assert_eq!(lives(std::sync::Arc::new(blind)), [21]);
    assert_eq!(lives(super::right()), [] as [u32; 0]);
}

#[test]
fn law_21_catches_who_goes_on_in_a_freeze() {
    let deaf = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at| {
        let mut believed = release.clone();
        believed.freeze = None;
        let mut decision = decide::decide(policy, &believed, seen, at);
        decision.next.freeze.clone_from(&release.freeze);
        decision
    };
    assert_eq!(lives_with("freeze", std::sync::Arc::new(deaf)), [21]);
}
