//! StartPipelineExecution, and what there is to read about executions and their actions.

use super::state::{Artifact, Execution, Pipeline, Place, Run, RunStatus, Status};
use super::structure::{Kind, Mode, list as members, present, text};
use super::{Found, check, find, flow};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Executions a QUEUED pipeline holds at most, or a PARALLEL one runs.
const CONCURRENT_MAX: usize = 50;

/// What a start asks for.
#[derive(Debug)]
pub(crate) struct Order {
    trigger: (&'static str, String),
    variables: BTreeMap<String, String>,
    overrides: BTreeMap<String, String>,
}

impl Order {
    pub(crate) fn new(trigger_type: &'static str, detail: String) -> Order {
        Order {
            trigger: (trigger_type, detail),
            variables: BTreeMap::new(),
            overrides: BTreeMap::new(),
        }
    }
}

/// StartPipelineExecution.
pub(crate) fn start(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let token = input["clientRequestToken"].as_str();
    if let Some(token) = token {
        check::client_token(token)?;
        if let Some(index) = pipeline.tokens.get(token) {
            return Ok(json!({ "pipelineExecutionId": pipeline.executions[*index].id }));
        }
    }
    let open = pipeline
        .executions
        .iter()
        .filter(|execution| execution.status.is_open())
        .count();
    if pipeline.current().mode != Mode::Superseded && open >= CONCURRENT_MAX {
        let text = "The pipeline has reached the limit for concurrent pipeline executions.";
        return Err(Refusal::new("ConcurrentPipelineExecutionsLimitExceededException", text));
    }
    let order = Order {
        trigger: ("StartPipelineExecution", find::caller(world)),
        variables: variables(pipeline, input)?,
        overrides: overrides(pipeline, input)?,
    };
    let index = begin(world, pipeline, order);
    if let Some(token) = token {
        pipeline.tokens.insert(token.to_owned(), index);
    }
    Ok(json!({ "pipelineExecutionId": pipeline.executions[index].id }))
}

/// Starts an execution and lets it go as far as it can.
pub(crate) fn begin(world: &mut World, pipeline: &mut Pipeline, order: Order) -> usize {
    let declared = pipeline.current().variables.iter();
    let mut variables: BTreeMap<String, String> = declared
        .filter_map(|(name, default)| Some((name.clone(), default.clone()?)))
        .collect();
    variables.extend(order.variables);
    let execution = Execution {
        id: world.uuid(),
        version: pipeline.versions.len(),
        status: Status::InProgress,
        place: Place::Before(0),
        started: world.now,
        updated: world.now,
        attempt: 1,
        trigger: order.trigger,
        rollback_to: None,
        stranded: false,
        stop_reason: None,
        variables,
        overrides: order.overrides,
        revisions: Vec::new(),
        artifacts: BTreeMap::new(),
        files: pipeline.files.clone(),
        visits: BTreeMap::new(),
    };
    let index = flow::start(world, pipeline, execution);
    flow::progress(world, pipeline);
    index
}

fn invalid(text: String) -> Refusal {
    Refusal::new("ValidationException", text)
}

fn variables(pipeline: &Pipeline, input: &Value) -> Found<BTreeMap<String, String>> {
    let given = members(&input["variables"]).iter();
    let given: BTreeMap<String, String> = given.map(|v| (text(&v["name"]), text(&v["value"]))).collect();
    let declared = &pipeline.current().variables;
    if let Some(name) = given
        .keys()
        .find(|name| !declared.iter().any(|(declared, _)| declared == *name))
    {
        return Err(invalid(format!(
            "Pipeline '{}' does not declare a variable '{name}'",
            pipeline.name
        )));
    }
    match declared
        .iter()
        .find(|(name, default)| default.is_none() && !given.contains_key(name))
    {
        Some((name, _)) => Err(invalid(format!(
            "Variable '{name}' has no default value and must be given"
        ))),
        None => Ok(given),
    }
}

fn overrides(pipeline: &Pipeline, input: &Value) -> Found<BTreeMap<String, String>> {
    let mut overrides = BTreeMap::new();
    for given in members(&input["sourceRevisions"]) {
        let action = text(&given["actionName"]);
        let actions = pipeline.current().stages.iter().flat_map(|stage| &stage.actions);
        if !actions
            .into_iter()
            .any(|declared| declared.kind == Kind::Source && declared.name == action)
        {
            return Err(invalid(format!(
                "Pipeline '{}' has no source action '{action}'",
                pipeline.name
            )));
        }
        overrides.insert(action, text(&given["revisionValue"]));
    }
    Ok(overrides)
}

/// GetPipelineExecution.
pub(crate) fn get(pipeline: &Pipeline, input: &Value) -> Found<Value> {
    let index = find::execution(pipeline, input["pipelineExecutionId"].as_str().unwrap_or_default())?;
    let it = &pipeline.executions[index];
    let revisions: Vec<Value> = it
        .revisions
        .iter()
        .map(|(_, artifact, created)| {
            let revision = json!({
                "name": artifact.name, "revisionId": artifact.revision, "created": created.seconds(),
            });
            present(revision)
        })
        .collect();
    let variables = it.variables.iter();
    let variables: Vec<Value> = variables
        .map(|(name, value)| json!({ "name": name, "resolvedValue": value }))
        .collect();
    let execution = present(json!({
        "pipelineName": pipeline.name, "pipelineVersion": it.version, "pipelineExecutionId": it.id,
        "status": it.status.name(), "artifactRevisions": revisions, "variables": variables,
        "trigger": { "triggerType": it.trigger.0, "triggerDetail": it.trigger.1 },
        "executionMode": pipeline.structure_of(index).mode.name(),
        "executionType": pipeline.execution_type(index), "rollbackMetadata": pipeline.rollback_metadata(index),
    }));
    Ok(json!({ "pipelineExecution": execution }))
}

/// ListPipelineExecutions: newest first.
pub(crate) fn list(world: &mut World, pipeline: &Pipeline, input: &Value) -> Found<Value> {
    let stage = input["filter"]["succeededInStage"]["stageName"].as_str();
    let wanted = |execution: &Execution| {
        stage.is_none_or(|stage| {
            execution
                .visits
                .get(stage)
                .is_some_and(|v| v.status == Status::Succeeded)
        })
    };
    let newest_first = pipeline.executions.iter().enumerate().rev();
    let entries = newest_first
        .filter(|(_, execution)| wanted(execution))
        .map(|(index, execution)| (execution.id.clone(), summary(pipeline, index)));
    let (summaries, token) = find::page(world, input, 100, entries.collect())?;
    Ok(present(
        json!({ "pipelineExecutionSummaries": summaries, "nextToken": token }),
    ))
}

fn summary(pipeline: &Pipeline, index: usize) -> Value {
    let it = &pipeline.executions[index];
    let mut revisions: Vec<Value> = Vec::new();
    for (action, artifact, _) in &it.revisions {
        let revision = present(json!({ "actionName": action, "revisionId": artifact.revision }));
        if !revisions.contains(&revision) {
            revisions.push(revision);
        }
    }
    present(json!({
        "pipelineExecutionId": it.id, "status": it.status.name(), "startTime": it.started.seconds(),
        "lastUpdateTime": it.updated.seconds(), "sourceRevisions": revisions,
        "trigger": { "triggerType": it.trigger.0, "triggerDetail": it.trigger.1 },
        "stopTrigger": it.stop_reason.as_ref().map(|reason| json!({ "reason": reason })),
        "executionMode": pipeline.structure_of(index).mode.name(),
        "executionType": pipeline.execution_type(index), "rollbackMetadata": pipeline.rollback_metadata(index),
    }))
}

/// ListActionExecutions: newest first.
pub(crate) fn list_actions(world: &mut World, pipeline: &Pipeline, input: &Value) -> Found<Value> {
    let filter = &input["filter"];
    let latest = &filter["latestInPipelineExecution"];
    let asked = filter["pipelineExecutionId"]
        .as_str()
        .or(latest["pipelineExecutionId"].as_str());
    let execution = asked.map(|id| find::execution(pipeline, id)).transpose()?;
    let only_latest = latest["startTimeRange"] == "Latest";
    let wanted = |index: usize, run: &Run| {
        let current = || {
            let visit = pipeline.executions[run.execution].visits.get(&run.stage);
            visit.is_some_and(|visit| visit.runs.get(&run.action.name) == Some(&index))
        };
        execution.is_none_or(|execution| run.execution == execution) && (!only_latest || current())
    };
    let newest_first = pipeline.runs.iter().enumerate().rev();
    let entries = newest_first
        .filter(|(index, run)| wanted(*index, run))
        .map(|(_, run)| (run.id.clone(), action_detail(world, pipeline, run)));
    let (details, token) = find::page(world, input, 100, entries.collect())?;
    Ok(present(
        json!({ "actionExecutionDetails": details, "nextToken": token }),
    ))
}

fn action_detail(world: &World, pipeline: &Pipeline, run: &Run) -> Value {
    let details = |artifacts: &[Artifact]| -> Vec<Value> { artifacts.iter().map(|a| a.detail("s3location")).collect() };
    let made: &[Artifact] = if run.status == RunStatus::Succeeded {
        &run.outputs
    } else {
        &[]
    };
    let execution = &pipeline.executions[run.execution];
    // An approval shows its token here while it is pending: the only place for it in PARALLEL mode.
    let external_id = run.external_id.as_deref().or(run.pending_token());
    let result = present(json!({
        "externalExecutionId": external_id, "externalExecutionSummary": run.summary,
        "externalExecutionUrl": run.external_url, "errorDetails": run.failure.as_ref().map(|f| f.json()),
    }));
    present(json!({
        "pipelineExecutionId": execution.id, "actionExecutionId": run.id, "pipelineVersion": execution.version,
        "stageName": run.stage, "actionName": run.action.name, "startTime": run.started.seconds(),
        "lastUpdateTime": run.updated.seconds(), "updatedBy": run.updated_by, "status": run.status.name(),
        "input": present(json!({
            "actionTypeId": run.action.type_id, "configuration": run.action.configuration,
            "resolvedConfiguration": run.resolved, "roleArn": run.action.role, "namespace": run.action.namespace,
            "region": run.action.region.as_ref().unwrap_or(&world.home.region), "inputArtifacts": details(&run.inputs),
        })),
        "output": { "outputArtifacts": details(made), "executionResult": result, "outputVariables": run.variables },
    }))
}
