//! GetPipelineState.

use super::flow;
use super::state::{Artifact, Execution, Pipeline, Run, StageMemory, Transition};
use super::structure::{Action, Stage, present};
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
        .map(|waiting| {
            stage_execution(
                &pipeline.executions[waiting],
                pipeline.executions[waiting].status.name(),
            )
        })
        .collect();
    let latest = memory.latest.map(|latest| &pipeline.executions[latest]);
    let visit = latest.and_then(|latest| latest.visits.get(&stage.name));
    let actions: Vec<Value> = stage
        .actions
        .iter()
        .map(|a| action_state(pipeline, &stage.name, a))
        .collect();
    let retries = visit.map(|visit| visit.retries).filter(|retries| *retries > 0);
    present(json!({
        "stageName": stage.name, "inboundExecution": inbound.first(), "inboundExecutions": inbound,
        "inboundTransitionState": transition(&memory.inbound), "actionStates": actions,
        "latestExecution": latest.zip(visit).map(|(latest, visit)| stage_execution(latest, visit.status.name())),
        "retryStageMetadata": retries
            .map(|n| json!({ "manualStageRetryAttempt": n, "latestRetryTrigger": "ManualStageRetry" })),
    }))
}

fn stage_execution(execution: &Execution, status: &str) -> Value {
    json!({ "pipelineExecutionId": execution.id, "status": status, "type": "STANDARD" })
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
        "actionName": action.name, "currentRevision": revision, "latestExecution": latest.map(action_execution),
    }))
}

fn is_made_by(action: &Action, artifact: &Artifact) -> bool {
    action.outputs.contains(&artifact.name)
}

fn action_execution(run: &Run) -> Value {
    present(json!({
        "actionExecutionId": run.id, "status": run.status.name(), "summary": run.summary,
        "lastStatusChange": run.updated.seconds(), "token": run.pending_token(), "lastUpdatedBy": run.updated_by,
        "externalExecutionId": run.external_id, "externalExecutionUrl": run.external_url,
        "errorDetails": run.failure.as_ref().map(|failure| failure.json()),
    }))
}
