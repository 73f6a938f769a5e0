//! StopPipelineExecution.

use super::state::{Pipeline, Place, Status};
use super::{Found, check, flow, run};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// Stops an execution once its running actions have ended, or at once (`abandon`).
///
/// The work of abandoned actions goes on wherever it is done, and their stage is free for the next execution.
pub(crate) fn stop(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let id = input["pipelineExecutionId"].as_str().unwrap_or_default();
    let abandon = input["abandon"].as_bool().unwrap_or(false);
    let reason = input["reason"].as_str();
    check::length("reason", reason.unwrap_or_default(), 200)?;
    let open = pipeline
        .execution_index(id)
        .filter(|index| pipeline.executions[*index].status.is_open());
    let execution = open.ok_or_else(|| {
        let text = "Unable to stop the pipeline execution. The execution might already be in a Stopped state, or it might no longer be in progress.";
        Refusal::new("PipelineExecutionNotStoppableException", text)
    })?;
    if pipeline.executions[execution].status == Status::Stopping && !abandon {
        let text = "The pipeline execution is already in a Stopping state. If you already chose to stop and wait, you cannot make that request again. You can choose to stop and abandon now, but be aware that this option can lead to failed tasks or out of sequence tasks. If you already chose to stop and abandon, you cannot make that request again.";
        return Err(Refusal::new("DuplicatedStopRequestException", text));
    }
    if let Some(reason) = reason {
        pipeline.executions[execution].stop_reason = Some(reason.to_owned());
    }
    let place = pipeline.executions[execution].place;
    if pipeline.executions[execution].status == Status::InProgress {
        flow::set_execution(world, pipeline, execution, Status::Stopping);
        if let Place::In(index) = place {
            flow::set_stage(world, pipeline, execution, index, Status::Stopping);
        }
    }
    if abandon {
        run::abandon(world, pipeline, execution, "ABANDONED");
    }
    // In a stage, the flow stops it as soon as nothing runs; in front of one, nothing does.
    if let Place::Before(_) = place {
        flow::set_execution(world, pipeline, execution, Status::Stopped);
    }
    flow::progress(world, pipeline);
    Ok(json!({ "pipelineExecutionId": id }))
}
