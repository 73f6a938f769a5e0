//! RollbackStage, and the rollback a failed stage sets off itself (`onFailure` with result `ROLLBACK`).
//!
//! A rollback is an execution of its own: it runs one stage with the artifacts and variables of an earlier execution
//! and ends there. See "Configuring stage rollback" in the CodePipeline user guide. The guide excludes source stages
//! and PARALLEL mode; captures show RollbackStage taking both, and so does this.

use super::state::{Execution, Pipeline, Place, Status};
use super::{Found, find, flow};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// RollbackStage.
pub(crate) fn roll_back(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let stage = find::stage(pipeline, input["stageName"].as_str().unwrap_or_default())?.name;
    let target = find::execution(
        pipeline,
        input["targetPipelineExecutionId"].as_str().unwrap_or_default(),
    )?;
    if pipeline.executions[target].version != pipeline.versions.len() {
        let text = "The specified pipeline execution is outdated and cannot be used as a target pipeline execution for rollback.";
        return Err(Refusal::new("PipelineExecutionOutdatedException", text));
    }
    // AWS has one word for all of this, and does not say which it gives for a pipeline of type V1.
    if !pipeline.is_v2() || flow::is_busy(pipeline, &stage) || !is_target(pipeline, target, &stage) {
        let text = "Unable to roll back the stage. The cause might be if the pipeline version has changed since the target pipeline execution was deployed, the stage is currently running, or an incorrect target pipeline execution ID was provided.";
        return Err(Refusal::new("UnableToRollbackStageException", text));
    }
    let detail = json!({ "AwsUserArn": find::caller(world) }).to_string();
    let execution = begin(world, pipeline, &stage, target, ("ManualRollback", detail));
    flow::progress(world, pipeline);
    Ok(json!({ "pipelineExecutionId": pipeline.executions[execution].id }))
}

/// Rolls a stage that has failed back to the newest execution that succeeded in it; false where there is none.
pub(crate) fn after_failure(world: &mut World, pipeline: &mut Pipeline, failed: usize, stage: &str) -> bool {
    let newest_first = (0..pipeline.executions.len()).rev();
    let mut current = newest_first.filter(|index| pipeline.executions[*index].version == pipeline.versions.len());
    let Some(target) = current.find(|index| is_target(pipeline, *index, stage)) else {
        return false;
    };
    let detail = json!({ "FailedPipelineExecutionId": pipeline.executions[failed].id }).to_string();
    begin(world, pipeline, stage, target, ("AutomatedRollback", detail));
    true
}

/// Whether an execution can be rolled back to: it was none itself and succeeded in the stage.
fn is_target(pipeline: &Pipeline, execution: usize, stage: &str) -> bool {
    let it = &pipeline.executions[execution];
    it.rollback_to.is_none()
        && it
            .visits
            .get(stage)
            .is_some_and(|visit| visit.status == Status::Succeeded)
}

/// Starts the rollback inside its stage; it comes through no transition, so none holds it.
fn begin(
    world: &mut World,
    pipeline: &mut Pipeline,
    stage: &str,
    target: usize,
    trigger: (&'static str, String),
) -> usize {
    let index = pipeline.current().stage_index(stage).unwrap_or_default();
    let execution = Execution {
        id: world.uuid(),
        status: Status::InProgress,
        place: Place::Before(index),
        started: world.now,
        updated: world.now,
        attempt: 1,
        trigger,
        stop_reason: None,
        rollback_to: Some(target),
        visits: BTreeMap::new(),
        ..pipeline.executions[target].clone()
    };
    let execution = flow::start(world, pipeline, execution);
    flow::enter(world, pipeline, execution, index);
    execution
}
