//! RetryStageExecution, and the retry a failed stage sets off itself (`onFailure` with result `RETRY`).

use super::state::{Pipeline, Place, RetryTrigger, RunStatus, Status};
use super::structure::Mode;
use super::{Found, events, find, flow};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// Runs the failed actions of a stage again, or all of them, in the same execution.
pub(crate) fn retry(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let id = input["pipelineExecutionId"].as_str().unwrap_or_default();
    let stage = find::stage(pipeline, input["stageName"].as_str().unwrap_or_default())?.name;
    let execution = latest_in(pipeline, &stage, id).ok_or_else(|| {
        let text = "The stage has failed in a later run of the pipeline and the pipelineExecutionId associated with the request is out of date.";
        Refusal::new("NotLatestPipelineExecutionException", text)
    })?;
    let all = input["retryMode"] == "ALL_ACTIONS";
    if !is_retryable(pipeline, execution, &stage, all) {
        let text = "Unable to retry. The pipeline structure or stage state might have changed while actions awaited retry, or the stage contains no failed actions.";
        return Err(Refusal::new("StageNotRetryableException", text));
    }
    again(world, pipeline, execution, &stage, all, RetryTrigger::Manual);
    flow::progress(world, pipeline);
    Ok(json!({ "pipelineExecutionId": id }))
}

/// The execution of this id, if it came to the stage last; in PARALLEL mode, if it came there at all.
fn latest_in(pipeline: &Pipeline, stage: &str, id: &str) -> Option<usize> {
    let index = pipeline.execution_index(id)?;
    let is_latest = match pipeline.current().mode {
        Mode::Parallel => pipeline.executions[index].visits.contains_key(stage),
        Mode::Superseded | Mode::Queued => pipeline
            .stages
            .get(stage)
            .is_some_and(|memory| memory.latest == Some(index)),
    };
    is_latest.then_some(index)
}

/// Puts an execution back into the stage in which it ended, without what has to run again.
pub(crate) fn again(
    world: &mut World,
    pipeline: &mut Pipeline,
    execution: usize,
    stage: &str,
    all: bool,
    trigger: RetryTrigger,
) {
    let it = &mut pipeline.executions[execution];
    it.status = Status::InProgress;
    it.updated = world.now;
    it.attempt += 1;
    it.stop_reason = None;
    if let Some(visit) = it.visits.get_mut(stage) {
        visit.status = Status::InProgress;
        visit.unanswered = false;
        visit.retries.count(trigger, world.now);
        let keeps = |status| matches!(status, RunStatus::Succeeded | RunStatus::InProgress);
        visit.runs.retain(|_, run| !all && keeps(pipeline.runs[*run].status));
    }
    events::pipeline(world, pipeline, execution, "RESUMED");
    events::stage(world, pipeline, execution, stage, "RESUMED");
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
