//! Whether everything comes to its end, and what keeps a release from that.

use super::balanced;
use super::plan::{Act, Plan};
use crate::Stage;
use serde_json::json;

/// Policies whose last release never comes to its end, without an excuse.
pub(super) fn never_over(stage: &Stage, plan: &Plan) -> Vec<String> {
    let never = plan.settings.iter().enumerate().filter(|(place, setting)| {
        // Where somebody deleted the image there is no way back, and trying goes on until a release gets through.
        let deleted = plan
            .happenings
            .iter()
            .any(|happening| happening.policy == *place && matches!(happening.act, Act::DeleteImage { .. }));
        // Nor is what no rule forwards to ever found healthy again: ECS and an execution wait for that for ever.
        let unserved = !balanced::is_whole(stage, setting.name);
        let no_way_back = (deleted || unserved) && stage.phase(setting.name) == "rollback failing";
        let no_way_back = no_way_back || unserved && stage.slot(setting.name).is_some_and(|slot| slot.held.is_none());
        // Nor can anybody tell what a canary would go back to whose tasks never had an image to pull: `open` holds, and says so.
        let no_way_back = no_way_back || deleted && runs_nothing(stage, setting.name);
        // The policy holds every job of `open` while its alarm rings, and says so by name. Serin itself lets nothing go on
        // meanwhile, where what an earlier release has left on stable makes it ring.
        let ours = setting.has("approve ") || setting.has("promote ") || setting.by_hand.is_some();
        let held = (ours || setting.when_stale == "block") && rings(stage, setting.name);
        // What is left makes it ring again and again, and the fix is held each time.
        let left = setting.rollback != "allowed" && stage.phase(setting.name) == "rollback failing";
        let held = held || left && setting.when_stale == "block";
        !no_way_back && !held && !is_over(stage, setting.name)
    });
    let never = never.map(|(_, setting)| {
        let slot = stage.slot(setting.name).and_then(|slot| slot.held);
        let release = slot.map(|held| format!("{} is {}", held.release.id, held.release.phase.name()));
        format!("{} never comes to its end: {release:?}", setting.name)
    });
    never.collect()
}

/// Whether no release is open, and the canary has no tasks though it is to have some.
fn runs_nothing(stage: &Stage, policy: &str) -> bool {
    let row = &stage.rows[policy];
    let asked = json!({"cluster": row.cluster, "services": [row.canary]});
    let reply = stage.sim.world().call("story", "ecs", "DescribeServices", asked);
    let canary = reply.unwrap_or_default()["services"][0].take();
    let empty = canary["desiredCount"] != 0 && canary["runningCount"] == 0;
    empty && stage.slot(policy).is_some_and(|slot| slot.held.is_none())
}

/// Whether a policy's alarm is in ALARM.
fn rings(stage: &Stage, policy: &str) -> bool {
    let asked = json!({"AlarmNames": [stage.rows[policy].alarm]});
    let reply = stage.sim.world().call("story", "cloudwatch", "DescribeAlarms", asked);
    reply.is_ok_and(|reply| reply["MetricAlarms"][0]["StateValue"] == "ALARM")
}

/// No release is open, and no execution is under way.
pub(super) fn is_over(stage: &Stage, policy: &str) -> bool {
    let listed = stage.sim.world().call(
        "story",
        "codepipeline",
        "ListPipelineExecutions",
        json!({"pipelineName": policy}),
    );
    let listed = listed.unwrap_or_default();
    let running = listed["pipelineExecutionSummaries"].as_array().is_some_and(|all| {
        all.iter()
            .any(|one| one["status"] == "InProgress" || one["status"] == "Stopping")
    });
    !running && stage.slot(policy).is_some_and(|slot| slot.held.is_none())
}
