//! Which run of which pipeline action began an ECS deployment, if one did.

mod maker;

use crate::act::definition::{self, Registered};
use crate::moment;
use crate::{Clients, Refused};
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::operation::list_action_executions::ListActionExecutionsOutput;
use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionFilter, ActionExecutionStatus, ExecutionType};
use aws_sdk_ecs::types::CreatedAt;
use aws_smithy_types::DateTime;
use decide::{At, Execution, Part, Policy, StartedBy};
use std::collections::{BTreeMap, BTreeSet};

/// Longest life of the standard ECS deploy action, in seconds, and what may pass until an abandoned one
/// has written its last.
const ACTION_SECONDS_MAX: i64 = 3_600 + 120;

/// Clocks of CodePipeline and ECS need not agree to the second.
const SKEW_MILLIS: i64 = 2_000;

/// Most service revisions of one call (Amazon ECS API, `DescribeServiceRevisions`).
const REVISIONS_MAX: usize = 20;

/// Most service deployments of one page (Amazon ECS API, `ListServiceDeployments`).
const BRIEFS_MAX: i32 = 100;

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
    // Runs of the action that may have given the service something by then; each writes once.
    let mut runs = 0;
    let mut overwritten = None;
    loop {
        let page = actions(client, pipeline, token).await?;
        for action in page.action_execution_details() {
            let Some(began) = millis(action.start_time()) else {
                continue;
            };
            // Newest first: nothing further back can still be writing.
            if began < created.millis() - ACTION_SECONDS_MAX * 1_000 {
                return Ok(overwritten);
            }
            if !deploys(action, cluster, deployment.service) || began - SKEW_MILLIS > created.millis() {
                continue;
            }
            runs += 1;
            if !covers(action, created.millis())
                || !is_registered_by(clients, began, deployment.task_definition).await?
            {
                continue;
            }
            let abandoned = action.status() == Some(&ActionExecutionStatus::Abandoned);
            // It may never have written, and go on for an hour: what somebody deploys meanwhile is none of its.
            if abandoned && maker::is_somebody_else(clients, pipeline, cluster, action, deployment).await? {
                continue;
            }
            let began_at = At::from_millis(began);
            let mut others = written(clients, cluster, began, deployment).await?;
            if others.iter().any(|other| other.is_copy) {
                let role = maker::role(&clients.codepipeline, pipeline, action).await?;
                others.retain(|other| !maker::is_our_copy(other, &role));
            }
            if others.len() < runs || is_told_apart(clients, pipeline, action, deployment, &others).await? {
                let by = described(client, pipeline, action).await?;
                return Ok(Some(Run { by, began: began_at }));
            }
            if !abandoned {
                let by = StartedBy::SomebodyAfter {
                    execution: action.pipeline_execution_id().unwrap_or_default().to_owned(),
                    action_execution: action.action_execution_id().unwrap_or_default().to_owned(),
                };
                overwritten.get_or_insert(Run { by, began: began_at });
            }
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(overwritten);
        }
    }
}

/// When the newest deploy action of a release's execution on the canary was through, if it succeeded.
///
/// # Source
/// CodePipeline API, `ListActionExecutions`: newest first; `ActionExecutionFilter.pipelineExecutionId`.
pub(super) async fn through(client: &Client, policy: &Policy, run: &Execution) -> Result<Option<At>, Refused> {
    let of_it = ActionExecutionFilter::builder()
        .pipeline_execution_id(&run.execution)
        .build();
    let mut token = None;
    loop {
        let request = client
            .list_action_executions()
            .pipeline_name(&run.name)
            .filter(of_it.clone());
        let reply = request.set_next_token(token).send().await;
        let page = reply.map_err(|error| Refused::from_sdk("ListActionExecutions", &run.execution, &error))?;
        let services = &policy.two_services;
        let mut actions = page.action_execution_details().iter();
        if let Some(newest) = actions.find(|action| deploys(action, &services.cluster, &services.canary)) {
            let through = newest.status() == Some(&ActionExecutionStatus::Succeeded);
            return Ok(newest.last_update_time().filter(|_| through).map(moment::at));
        }
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// One page of the runs of a pipeline's actions, newest first.
async fn actions(
    client: &Client,
    pipeline: &str,
    token: Option<String>,
) -> Result<ListActionExecutionsOutput, Refused> {
    let request = client.list_action_executions().pipeline_name(pipeline);
    let reply = request.set_next_token(token).send().await;
    reply.map_err(|error| Refused::from_sdk("ListActionExecutions", pipeline, &error))
}

fn millis(at: Option<&DateTime>) -> Option<i64> {
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

/// Whether an action that had begun by then was still at work. One that was abandoned may be.
fn covers(action: &ActionExecutionDetail, created: i64) -> bool {
    let at_work = matches!(
        action.status(),
        Some(ActionExecutionStatus::InProgress | ActionExecutionStatus::Abandoned)
    );
    let ended = millis(action.last_update_time()).filter(|_| !at_work);
    ended.is_none_or(|ended| created <= ended + SKEW_MILLIS)
}

/// Whether a definition is no older than a run of an action. One that cannot be dated is taken for its own.
async fn is_registered_by(clients: &Clients, began: i64, task_definition: &str) -> Result<bool, Refused> {
    let registered = definition::registered(&clients.ecs, task_definition).await?.millis;
    Ok(registered.is_none_or(|registered| began - SKEW_MILLIS <= registered))
}

/// How much the service had been given, since a run of the action began, before it was given this for the first time:
/// definitions made since then. The action writes once and then waits: what comes after that is somebody else's.
///
/// # Source
/// Amazon ECS API, `ListServiceDeployments`: 90 days of history.
async fn written(clients: &Clients, cluster: &str, began: i64, now: Began<'_>) -> Result<Vec<Registered>, Refused> {
    let given = given_since(clients, cluster, began, now).await?;
    let own = given.iter().filter(|(_, definition)| definition == now.task_definition);
    let first = own.map(|(at, _)| *at).min().unwrap_or(now.created);
    let before: BTreeSet<&str> = given
        .iter()
        .filter(|(at, _)| *at < first)
        .map(|(_, definition)| definition.as_str())
        .collect();
    let mut written = Vec::new();
    for definition in before {
        let registered = definition::registered(&clients.ecs, definition).await?;
        let since = registered.millis.is_some_and(|millis| began - SKEW_MILLIS <= millis);
        written.extend(Some(registered).filter(|_| since));
    }
    Ok(written)
}

/// Whether this one was made in the action's role and none of the others was: somebody had been quicker than the action.
async fn is_told_apart(
    clients: &Clients,
    pipeline: &str,
    action: &ActionExecutionDetail,
    deployment: Began<'_>,
    others: &[Registered],
) -> Result<bool, Refused> {
    let own = definition::registered(&clients.ecs, deployment.task_definition).await?;
    let role = maker::role(&clients.codepipeline, pipeline, action).await?;
    let in_role = |registered: &Registered| {
        registered
            .by
            .as_deref()
            .is_some_and(|by| maker::is_session_of(by, &role))
    };
    Ok(in_role(&own) && !others.iter().any(in_role))
}

/// What a service was given, and when, from the beginning of a run until a deployment of it.
async fn given_since(
    clients: &Clients,
    cluster: &str,
    began: i64,
    until: Began<'_>,
) -> Result<Vec<(At, String)>, Refused> {
    let between = CreatedAt::builder()
        .after(DateTime::from_millis(began - SKEW_MILLIS))
        .before(DateTime::from_millis(until.created.millis()))
        .build();
    let request = clients.ecs.list_service_deployments().cluster(cluster);
    let request = request
        .service(until.service)
        .created_at(between)
        .max_results(BRIEFS_MAX);
    let mut briefs: BTreeMap<String, At> = BTreeMap::new();
    let mut token = None;
    loop {
        let reply = request.clone().set_next_token(token).send().await;
        let reply = reply.map_err(|error| Refused::from_sdk("ListServiceDeployments", until.service, &error))?;
        briefs.extend(reply.service_deployments().iter().filter_map(|brief| {
            Some((
                brief.target_service_revision_arn()?.to_owned(),
                moment::at(brief.created_at()?),
            ))
        }));
        token = reply.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let mut given = Vec::new();
    let arns: Vec<String> = briefs.keys().cloned().collect();
    for some in arns.chunks(REVISIONS_MAX) {
        let request = clients.ecs.describe_service_revisions();
        let reply = request.set_service_revision_arns(Some(some.to_vec())).send().await;
        let reply = reply.map_err(|error| Refused::from_sdk("DescribeServiceRevisions", until.service, &error))?;
        given.extend(reply.service_revisions().iter().filter_map(|revision| {
            let at = briefs.get(revision.service_revision_arn()?)?;
            Some((*at, revision.task_definition()?.to_owned()))
        }));
    }
    Ok(given)
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
