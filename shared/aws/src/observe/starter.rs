//! Which run of which pipeline action began an ECS deployment, if one did.

use crate::act::definition;
use crate::moment;
use crate::{Clients, Refused};
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionStatus, ExecutionType};
use decide::{At, Part, Policy, StartedBy};

/// Longest life of the standard ECS deploy action, in seconds, and what may pass until an abandoned one
/// has written its last.
const ACTION_SECONDS_MAX: i64 = 3_600 + 120;

/// Clocks of CodePipeline and ECS need not agree to the second.
const SKEW_MILLIS: i64 = 2_000;

/// An ECS deployment whose beginner is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Began<'a> {
    /// Service name.
    pub service: &'a str,
    /// What it is going to, or has reached.
    pub task_definition: &'a str,
    /// When ECS created it.
    pub created: At,
}

/// Who began a deployment of a service.
///
/// # Source
/// CodePipeline API, `ListActionExecutions`: newest first, with the resolved configuration. The action's
/// external execution id is documented nowhere, so service and time decide; and that the action registers a
/// definition of its own on every run (CodePipeline user guide, "Amazon Elastic Container Service deploy action
/// reference"). What was registered before it began is what ECS's circuit breaker or alarms go back to while
/// the action still waits.
pub(crate) async fn of(clients: &Clients, policy: &Policy, began: Began<'_>) -> Part<StartedBy> {
    match run_of(clients, policy, began).await {
        Part::Known(run) => Part::Known(run.map_or(StartedBy::Nobody, |run| run.by)),
        Part::Unknown(why) => Part::Unknown(why),
    }
}

/// A run of the pipeline's deploy action.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Whose it is.
    pub by: StartedBy,
    /// When it began.
    pub began: At,
}

/// The same, with when the run of the action began; none, where nobody's pipeline began the deployment.
pub(crate) async fn run_of(clients: &Clients, policy: &Policy, began: Began<'_>) -> Part<Option<Run>> {
    let Some(pipeline) = &policy.pipeline else {
        return Part::Known(None);
    };
    match find(clients, &pipeline.name, &policy.two_services.cluster, began).await {
        Ok(found) => Part::Known(found),
        Err(refused) => super::unknown(&refused),
    }
}

async fn find(clients: &Clients, pipeline: &str, cluster: &str, deployment: Began<'_>) -> Result<Option<Run>, Refused> {
    let (client, created) = (&clients.codepipeline, deployment.created);
    let mut token = None;
    loop {
        let page = client
            .list_action_executions()
            .pipeline_name(pipeline)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("ListActionExecutions", pipeline, &error))?;
        for action in page.action_execution_details() {
            let Some(began) = millis(action.start_time()) else {
                continue;
            };
            // Newest first: nothing further back can still be writing.
            if began < created.millis() - ACTION_SECONDS_MAX * 1_000 {
                return Ok(None);
            }
            if deploys(action, cluster, deployment.service)
                && covers(action, began, created.millis())
                && is_registered_by(clients, began, deployment.task_definition).await?
            {
                let by = described(client, pipeline, action).await?;
                let began = At::from_millis(began);
                return Ok(Some(Run { by, began }));
            }
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(None);
        }
    }
}

fn millis(at: Option<&aws_smithy_types::DateTime>) -> Option<i64> {
    at.map(|at| moment::at(at).millis())
}

/// Whether it is a standard ECS deploy action on this service.
fn deploys(action: &ActionExecutionDetail, cluster: &str, service: &str) -> bool {
    let Some(input) = action.input() else { return false };
    let provider = input.action_type_id().map(|id| id.provider());
    let resolved = input.resolved_configuration();
    let value = |key: &str| resolved.and_then(|map| map.get(key)).map(String::as_str);
    let named = value("ClusterName").map(|name| name.rsplit('/').next().unwrap_or(name));
    provider == Some("ECS") && value("ServiceName") == Some(service) && named == Some(cluster)
}

/// Whether it was at work when the deployment was created. One that was abandoned may still be.
fn covers(action: &ActionExecutionDetail, began: i64, created: i64) -> bool {
    let at_work = matches!(
        action.status(),
        Some(ActionExecutionStatus::InProgress | ActionExecutionStatus::Abandoned)
    );
    let ended = millis(action.last_update_time()).filter(|_| !at_work);
    began - SKEW_MILLIS <= created && ended.is_none_or(|ended| created <= ended + SKEW_MILLIS)
}

/// Whether a definition is no older than a run of an action. One that cannot be dated is taken for its own.
async fn is_registered_by(clients: &Clients, began: i64, task_definition: &str) -> Result<bool, Refused> {
    let registered = definition::registered_millis(&clients.ecs, task_definition).await?;
    Ok(registered.is_none_or(|registered| began - SKEW_MILLIS <= registered))
}

async fn described(client: &Client, pipeline: &str, action: &ActionExecutionDetail) -> Result<StartedBy, Refused> {
    let execution = action.pipeline_execution_id().unwrap_or_default();
    let reply = client
        .get_pipeline_execution()
        .pipeline_name(pipeline)
        .pipeline_execution_id(execution)
        .send()
        .await
        .map_err(|error| Refused::from_sdk("GetPipelineExecution", execution, &error))?;
    let kind = reply.pipeline_execution().and_then(|found| found.execution_type());
    Ok(StartedBy::Execution {
        execution: execution.to_owned(),
        action_execution: action.action_execution_id().unwrap_or_default().to_owned(),
        rollback: kind == Some(&ExecutionType::Rollback),
    })
}
