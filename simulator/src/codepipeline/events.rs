//! What the service tells the account's event bus.
//!
//! Field sets and the float spelling of numbers (`6.0`) are those of captured events; see "Monitoring CodePipeline
//! events" in the CodePipeline user guide for the states.

use super::state::{Artifact, Pipeline, RunStatus, Status};
use super::structure::present;
use crate::world::World;
use serde_json::{Value, json};

/// How events spell a status.
pub(crate) fn spelling(status: Status) -> &'static str {
    match status {
        Status::InProgress => "STARTED",
        Status::Stopping => "STOPPING",
        Status::Stopped => "STOPPED",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::Cancelled => "CANCELED",
        Status::Superseded => "SUPERSEDED",
    }
}

/// Tells of an execution; `state` is [`spelling`] or `RESUMED`.
pub(crate) fn pipeline(world: &mut World, pipeline: &Pipeline, execution: usize, state: &str) {
    let told = &pipeline.executions[execution];
    let mut detail = json!({
        "pipeline": pipeline.name, "execution-id": told.id, "start-time": told.started.iso_millis(), "state": state,
        "version": told.version as f64, "pipeline-execution-attempt": f64::from(told.attempt),
    });
    if state == "STARTED" {
        detail["execution-trigger"] = json!({ "trigger-type": told.trigger.0, "trigger-detail": told.trigger.1 });
    }
    if let ("STOPPING", Some(reason)) = (state, &told.stop_reason) {
        detail["stop-execution-comments"] = json!(reason);
    }
    emit(
        world,
        &pipeline.name,
        "CodePipeline Pipeline Execution State Change",
        detail,
    );
}

/// Tells of a stage; `state` is [`spelling`] or `RESUMED`.
pub(crate) fn stage(world: &mut World, pipeline: &Pipeline, execution: usize, stage: &str, state: &str) {
    let told = &pipeline.executions[execution];
    let Some(visit) = told.visits.get(stage) else {
        return;
    };
    let detail = json!({
        "pipeline": pipeline.name, "execution-id": told.id, "start-time": visit.started.iso_millis(), "stage": stage,
        "state": state, "version": told.version as f64, "pipeline-execution-attempt": f64::from(told.attempt),
        "stage-last-retry-attempt-time": visit.retries.latest.map(|(_, at)| at.iso_millis()),
    });
    emit(
        world,
        &pipeline.name,
        "CodePipeline Stage Execution State Change",
        present(detail),
    );
}

/// Tells of a run of an action. `CANCELED` is not among the run's own states, so the state is named here.
pub(crate) fn action(world: &mut World, pipeline: &Pipeline, run: usize, state: &str) {
    let run = &pipeline.runs[run];
    let told = &pipeline.executions[run.execution];
    let region = run.action.region.clone().unwrap_or_else(|| world.home.region.clone());
    let mut detail = json!({
        "pipeline": pipeline.name, "execution-id": told.id, "start-time": run.started.iso_millis(),
        "stage": run.stage, "action": run.action.name, "action-execution-id": run.id, "state": state,
        "region": region, "type": run.action.type_id, "version": told.version as f64,
        "pipeline-execution-attempt": f64::from(told.attempt),
    });
    let details = |artifacts: &[Artifact]| -> Vec<Value> { artifacts.iter().map(|a| a.detail("s3location")).collect() };
    if matches!(
        run.status,
        RunStatus::InProgress | RunStatus::Succeeded | RunStatus::Failed
    ) {
        detail["input-artifacts"] = json!(details(&run.inputs));
    }
    if matches!(run.status, RunStatus::Succeeded | RunStatus::Failed) {
        let made: &[Artifact] = if run.status == RunStatus::Succeeded {
            &run.outputs
        } else {
            &[]
        };
        detail["output-artifacts"] = json!(details(made));
        let told_summary = run
            .failure
            .as_ref()
            .map(|failure| &failure.message)
            .or(run.summary.as_ref());
        detail["execution-result"] = present(json!({
            "external-execution-url": run.external_url, "external-execution-summary": told_summary,
            "external-execution-id": run.external_id, "error-code": run.failure.as_ref().map(|failure| &failure.code),
        }));
    }
    emit(
        world,
        &pipeline.name,
        "CodePipeline Action Execution State Change",
        detail,
    );
}

fn emit(world: &mut World, pipeline: &str, detail_type: &str, detail: Value) {
    let arn = world.arn("codepipeline", pipeline);
    world.emit("aws.codepipeline", detail_type, &[arn], detail);
}
