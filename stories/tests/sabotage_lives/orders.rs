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
    assert_eq!(broken, [6]);
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
