//! GetPipelineState.

use super::flow;
use super::state::{Artifact, Pipeline, Run, StageMemory, Status, Transition};
use super::structure::{Action, Mode, Stage, present};
use serde_json::{Value, json};

/// The state of a pipeline as its current version divides it.
pub(crate) fn pipeline_state(pipeline: &Pipeline) -> Value {
    let stages = pipeline.current().stages.iter().enumerate();
    let states: Vec<Value> = stages
        .map(|(index, stage)| stage_state(pipeline, index, stage))
        .collect();
    json!({
        "pipelineName": pipeline.name, "pipelineVersion": pipeline.versions.len(), "stageStates": states,
        "created": pipeline.created.seconds(), "updated": pipeline.updated.seconds(),
    })
}

fn stage_state(pipeline: &Pipeline, index: usize, stage: &Stage) -> Value {
    let fresh = StageMemory::default();
    let memory = pipeline.stages.get(&stage.name).unwrap_or(&fresh);
    let inbound: Vec<Value> = flow::waiting_before(pipeline, index)
        .into_iter()
        .map(|waiting| stage_execution(pipeline, waiting, pipeline.executions[waiting].status))
        .collect();
    let latest = memory.latest;
    let visit = latest.and_then(|latest| pipeline.executions[latest].visits.get(&stage.name));
    let actions: Vec<Value> = stage
        .actions
        .iter()
        .map(|a| action_state(pipeline, &stage.name, a))
        .collect();
    present(json!({
        "stageName": stage.name, "inboundExecution": inbound.first(), "inboundExecutions": inbound,
        "inboundTransitionState": transition(&memory.inbound), "actionStates": actions,
        "latestExecution": latest.zip(visit).map(|(latest, visit)| stage_execution(pipeline, latest, visit.status)),
        "retryStageMetadata": visit.and_then(|visit| visit.retries.json()),
    }))
}

fn stage_execution(pipeline: &Pipeline, execution: usize, status: Status) -> Value {
    json!({
        "pipelineExecutionId": pipeline.executions[execution].id, "status": status.name(),
        "type": pipeline.execution_type(execution),
    })
}

fn transition(transition: &Transition) -> Value {
    let changed = transition.changed.as_ref();
    present(json!({
        "enabled": transition.disabled.is_none(), "disabledReason": transition.disabled,
        "lastChangedAt": changed.map(|(at, _)| at.seconds()), "lastChangedBy": changed.map(|(_, by)| by),
    }))
}

fn action_state(pipeline: &Pipeline, stage: &str, action: &Action) -> Value {
    let runs = pipeline.runs.iter().rev();
    let latest = runs
        .into_iter()
        .find(|run| run.stage == stage && run.action.name == action.name);
    let executions = pipeline.executions.iter().rev();
    let revision = executions
        .flat_map(|execution| &execution.revisions)
        .find(|(source, artifact, _)| *source == action.name && is_made_by(action, artifact))
        .map(|(_, artifact, created)| {
            let id = artifact.revision.as_deref().unwrap_or_default();
            let change: String = id.chars().take(100).collect();
            json!({ "revisionId": id, "revisionChangeId": change, "created": created.seconds() })
        });
    present(json!({
        "actionName": action.name, "currentRevision": revision, "latestExecution": latest.map(|run| action_execution(pipeline, run)),
    }))
}

fn is_made_by(action: &Action, artifact: &Artifact) -> bool {
    action.outputs.contains(&artifact.name)
}

fn action_execution(pipeline: &Pipeline, run: &Run) -> Value {
    // Executions of a PARALLEL pipeline share no state: their tokens are with ListActionExecutions.
    let token = run
        .pending_token()
        .filter(|_| pipeline.current().mode != Mode::Parallel);
    present(json!({
        "actionExecutionId": run.id, "status": run.status.name(), "summary": run.summary,
        "lastStatusChange": run.updated.seconds(), "token": token, "lastUpdatedBy": run.updated_by,
        "externalExecutionId": run.external_id, "externalExecutionUrl": run.external_url,
        "errorDetails": run.failure.as_ref().map(|failure| failure.json()),
    }))
}
