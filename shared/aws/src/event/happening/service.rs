//! Deployments of an ECS service, and what the service does.

use super::envelope::Envelope;
use crate::event::shape::{self, is_ecs_name};
use crate::event::text::{self, QUOTE_CHARS_MAX, bounded};
use crate::event::{EpochMillis, REASON_CHARS_MAX, Undecodable};

/// What `resources[0]` holds.
pub(super) const AN_ARN: &str = "a service's ARN (arn:aws:ecs:<region>:<account>:service/<cluster>/<service>)";
const A_CLUSTER: &str = "the cluster's ARN (arn:aws:ecs:<region>:<account>:cluster/<cluster>)";

/// A deployment of a service changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentEvent {
    /// Account of the service.
    pub account: String,
    /// Region of the service.
    pub region: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// Id of the deployment (`ecs-svc/…`).
    pub deployment: String,
    /// The state it is in now.
    pub name: DeploymentState,
    /// Why, in ECS's words, bounded; only here a rollback by ECS differs from any other deployment. Empty if not given.
    pub reason: String,
    /// When ECS updated the deployment.
    pub at: EpochMillis,
}

/// State of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// `SERVICE_DEPLOYMENT_IN_PROGRESS`: also the deployment that a circuit breaker goes back with.
    InProgress,
    /// `SERVICE_DEPLOYMENT_COMPLETED`
    Completed,
    /// `SERVICE_DEPLOYMENT_FAILED`: only where a circuit breaker or alarms guard the service.
    Failed,
    /// Anything AWS may add one day, as it came (bounded).
    Other(String),
}

/// A service did, or could not do, something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Account of the service.
    pub account: String,
    /// Region of the service.
    pub region: String,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// What (`SERVICE_STEADY_STATE`, `SERVICE_TASK_PLACEMENT_FAILURE`, …), as it came (bounded).
    pub name: String,
    /// When ECS noted it.
    pub at: EpochMillis,
}

pub(super) fn deployment(event: &Envelope<'_>) -> Result<DeploymentEvent, Undecodable> {
    let (cluster, service) = place(event)?;
    let id = event.detail.field("deploymentId");
    let reason = event.detail.field("reason").text_or_nothing().unwrap_or_default();
    Ok(DeploymentEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        cluster,
        service,
        deployment: shape::checked(&id, "the deployment's id (ecs-svc/<number>)", is_deployment)?.to_owned(),
        name: state(event.detail.field("eventName").text("the deployment's state")?),
        reason: bounded(reason, REASON_CHARS_MAX),
        at: event.time_of("updatedAt")?,
    })
}

pub(super) fn action(event: &Envelope<'_>) -> Result<ServiceEvent, Undecodable> {
    let (cluster, service) = place(event)?;
    let name = event.detail.field("eventName").text("what the service did")?;
    Ok(ServiceEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        cluster,
        service,
        name: bounded(name, QUOTE_CHARS_MAX),
        at: event.time_of("createdAt")?,
    })
}

fn state(name: &str) -> DeploymentState {
    match name {
        "SERVICE_DEPLOYMENT_IN_PROGRESS" => DeploymentState::InProgress,
        "SERVICE_DEPLOYMENT_COMPLETED" => DeploymentState::Completed,
        "SERVICE_DEPLOYMENT_FAILED" => DeploymentState::Failed,
        other => DeploymentState::Other(bounded(other, QUOTE_CHARS_MAX)),
    }
}

fn is_deployment(id: &str) -> bool {
    id.strip_prefix("ecs-svc/").is_some_and(is_ecs_name)
}

/// Cluster and service.
///
/// The cluster stands in the service's ARN, unless that has the short format from before 2021; then only a service action
/// still names it, in `clusterArn`. Where both do, they must agree.
fn place(event: &Envelope<'_>) -> Result<(String, String), Undecodable> {
    let refuse = |because: &str| {
        let found = format!("{} ({because})", text::quoted(event.arn.text(AN_ARN)?));
        Err(event.arn.malformed(AN_ARN, found))
    };
    let Some(path) = event.resource.strip_prefix("service/") else {
        return refuse("its resource is not a service");
    };
    let (long, service) = match path.split_once('/') {
        Some((cluster, service)) => (Some(cluster), service),
        None => (None, path),
    };
    if !is_ecs_name(service) || long.is_some_and(|cluster| !is_ecs_name(cluster)) {
        return refuse("it names no cluster and service");
    }
    let claimed = event.detail.field("clusterArn");
    let told = cluster(event)?;
    match (long, told) {
        (Some(cluster), Some(told)) => {
            event.agree("cluster", (&claimed, told), cluster)?;
            Ok((cluster.to_owned(), service.to_owned()))
        }
        (Some(cluster), None) | (None, Some(cluster)) => Ok((cluster.to_owned(), service.to_owned())),
        (None, None) => Err(Undecodable::Unfit {
            at: format!("`{}`", event.arn.path()),
            expected: AN_ARN.to_owned(),
            found: format!(
                "the short ARN {}, which names no cluster",
                text::quoted(event.arn.text(AN_ARN)?)
            ),
            next: "migrate the service to the long ARN, which takes no downtime \
                   (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-arn-migration.html)",
        }),
    }
}

/// The cluster in `clusterArn`, if the event has one.
fn cluster<'a>(event: &Envelope<'a>) -> Result<Option<&'a str>, Undecodable> {
    let node = event.detail.field("clusterArn");
    if !node.is_present() {
        return Ok(None);
    }
    let arn = shape::arn(&node, "ecs", A_CLUSTER)?;
    event.agree("account", (&node, arn.account), event.account)?;
    event.agree("region", (&node, arn.region), event.region)?;
    match arn.resource.strip_prefix("cluster/").filter(|name| is_ecs_name(name)) {
        Some(name) => Ok(Some(name)),
        None => Err(node.malformed(A_CLUSTER, text::quoted(node.text(A_CLUSTER)?))),
    }
}
