//! Both services in one call; more only about what the release does not know yet.

use super::{revision, unknown};
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service, ServiceDeploymentStatus};
use decide::{At, Part, Release, Role, Rollout, SeenDeployment, SeenService, SeenServiceDeployment};
use futures_util::future::join;

pub(super) async fn services(client: &Client, release: &Release) -> (Part<SeenService>, Part<SeenService>) {
    let names = [&release.canary.name, &release.stable.name];
    let request = client
        .describe_services()
        .cluster(&release.cluster)
        .services(names[0])
        .services(names[1]);
    let reply = match request.send().await {
        Ok(reply) => reply,
        Err(error) => {
            let refused = Refused::from_sdk(
                "DescribeServices",
                format!("{}, {} in cluster {}", names[0], names[1], release.cluster),
                &error,
            );
            return (unknown(&refused), unknown(&refused));
        }
    };
    let found = |name: &str| {
        reply
            .services()
            .iter()
            .find(|service| service.service_name() == Some(name))
    };
    join(
        service(client, release, Role::Canary, found(names[0])),
        service(client, release, Role::Stable, found(names[1])),
    )
    .await
}

async fn service(client: &Client, release: &Release, role: Role, found: Option<&Service>) -> Part<SeenService> {
    let name = &release.service(role).name;
    let Some(service) = found.filter(|service| service.status() != Some("INACTIVE")) else {
        let cluster = &release.cluster;
        return Part::Unknown(format!(
            "ECS has no service {name} in cluster {cluster}; create it, or correct the policy"
        ));
    };
    let Some(primary) = service
        .deployments()
        .iter()
        .find(|deployment| deployment.status() == Some("PRIMARY"))
    else {
        return Part::Unknown(format!(
            "service {name} has no PRIMARY deployment; is its deployment controller ECS?"
        ));
    };
    let task_definition = primary.task_definition().unwrap_or_default();
    let rollout = rollout(primary);
    let known = release.knows(role, task_definition);
    let settled_on_known = known && (rollout == Rollout::Completed || task_definition == release.restore_target(role));
    let (in_flight, meaning) = if settled_on_known {
        (None, revision::Meaning::not_read())
    } else {
        join(
            in_flight(client, service),
            meaning(client, release, service, primary, known),
        )
        .await
    };
    let older = service
        .deployments()
        .iter()
        .filter(|deployment| deployment.status() != Some("PRIMARY"));
    Part::Known(SeenService {
        primary: SeenDeployment {
            id: primary.id().unwrap_or_default().to_owned(),
            task_definition: task_definition.to_owned(),
            created: At::from_millis(
                primary
                    .created_at()
                    .and_then(|at| at.to_millis().ok())
                    .unwrap_or_default(),
            ),
            rollout,
            running: count(primary.running_count()),
            images: meaning.images,
            image_names: meaning.image_names,
            configuration: meaning.configuration,
        },
        older_running: older.map(|deployment| count(deployment.running_count())).sum(),
        desired: count(service.desired_count()),
        in_flight,
    })
}

async fn meaning(
    client: &Client,
    release: &Release,
    service: &Service,
    primary: &Deployment,
    known: bool,
) -> revision::Meaning {
    if known {
        revision::Meaning::not_read()
    } else {
        revision::meaning(client, &release.cluster, service, primary).await
    }
}

/// The service deployment under way. One that cannot be read is left out: the service is then put
/// right by `UpdateService` instead.
async fn in_flight(client: &Client, service: &Service) -> Option<SeenServiceDeployment> {
    let arn = service.current_service_deployment()?;
    let reply = client
        .describe_service_deployments()
        .service_deployment_arns(arn)
        .send()
        .await;
    let reply = reply
        .map_err(|error| tracing::warn!(refused = %Refused::from_sdk("DescribeServiceDeployments", arn, &error), "going on without"))
        .ok()?;
    let deployment = reply.service_deployments().first()?;
    let stoppable = matches!(
        deployment.status(),
        Some(ServiceDeploymentStatus::Pending | ServiceDeploymentStatus::InProgress)
    );
    let sources = deployment
        .source_service_revisions()
        .iter()
        .filter_map(|source| source.arn().map(str::to_owned))
        .collect();
    Some(SeenServiceDeployment {
        arn: arn.to_owned(),
        stoppable,
        sources,
    })
}

fn rollout(deployment: &Deployment) -> Rollout {
    match deployment.rollout_state() {
        Some(DeploymentRolloutState::InProgress) => Rollout::InProgress,
        Some(DeploymentRolloutState::Failed) => Rollout::Failed,
        _ => Rollout::Completed,
    }
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
