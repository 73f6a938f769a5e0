//! RetryStageExecution.

use super::state::{Pipeline, Place, RunStatus, Status};
use super::{Found, events, find, flow};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// Runs the failed actions of a stage again, or all of them, in the same execution.
pub(crate) fn retry(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let id = input["pipelineExecutionId"].as_str().unwrap_or_default();
    let stage = find::stage(pipeline, input["stageName"].as_str().unwrap_or_default())?.name;
    let latest = pipeline.stages.get(&stage).and_then(|memory| memory.latest);
    let execution = latest.filter(|latest| pipeline.executions[*latest].id == id).ok_or_else(|| {
        let text = "The stage has failed in a later run of the pipeline and the pipelineExecutionId associated with the request is out of date.";
        Refusal::new("NotLatestPipelineExecutionException", text)
    })?;
    let all = input["retryMode"] == "ALL_ACTIONS";
    if !is_retryable(pipeline, execution, &stage, all) {
        let text = "Unable to retry. The pipeline structure or stage state might have changed while actions awaited retry, or the stage contains no failed actions.";
        return Err(Refusal::new("StageNotRetryableException", text));
    }
    let it = &mut pipeline.executions[execution];
    it.status = Status::InProgress;
    it.updated = world.now;
    it.attempt += 1;
    it.stop_reason = None;
    if let Some(visit) = it.visits.get_mut(&stage) {
        visit.status = Status::InProgress;
        visit.retried = Some(world.now);
        visit.retries += 1;
        let keeps = |status| matches!(status, RunStatus::Succeeded | RunStatus::InProgress);
        visit.runs.retain(|_, run| !all && keeps(pipeline.runs[*run].status));
    }
    events::pipeline(world, pipeline, execution, "RESUMED");
    events::stage(world, pipeline, execution, &stage, "RESUMED");
    flow::progress(world, pipeline);
    Ok(json!({ "pipelineExecutionId": id }))
}

/// Whether a stage can be retried: it ended badly, is as it was declared, and none of it runs if all of it is to run.
fn is_retryable(pipeline: &Pipeline, execution: usize, stage: &str, all: bool) -> bool {
    let it = &pipeline.executions[execution];
    let visit = &it.visits[stage];
    let stands_there = it.version == pipeline.versions.len()
        && pipeline
            .current()
            .stage_index(stage)
            .is_some_and(|index| it.place == Place::In(index));
    let running = visit
        .runs
        .values()
        .any(|run| pipeline.runs[*run].status == RunStatus::InProgress);
    stands_there && matches!(visit.status, Status::Failed | Status::Stopped) && !(all && running)
}
