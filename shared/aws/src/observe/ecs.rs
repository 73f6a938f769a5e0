//! Both services in one call; more only about what the release does not know yet.

use super::{revision, starter, unknown};
use crate::Clients;
use crate::event::{REASON_CHARS_MAX, bounded};
use crate::moment;
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service, ServiceDeploymentStatus};
use decide::{At, Part, Policy, Release, Role, Rollout, SeenDeployment, SeenOlder, SeenService, SeenServiceDeployment};
use futures_util::future::join;

pub(super) async fn services(
    clients: &Clients,
    policy: &Policy,
    release: &Release,
) -> (Part<SeenService>, Part<SeenService>) {
    let client = &clients.ecs;
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
    let canary = async {
        let mut canary = service(client, release, Role::Canary, found(names[0])).await;
        if let Part::Known(canary) = &mut canary
            && is_news(release, canary)
        {
            let began = starter::Began {
                service: names[0],
                task_definition: &canary.primary.task_definition,
                created: canary.primary.created,
            };
            canary.primary.started_by = starter::of(clients, policy, began).await;
        }
        canary
    };
    let stable = async {
        let mut stable = service(client, release, Role::Stable, found(names[1])).await;
        if let Part::Known(stable) = &mut stable
            && (may_be_late(release, stable) || may_be_unjudged(release, stable))
        {
            let began = starter::Began {
                service: names[1],
                task_definition: &stable.primary.task_definition,
                created: stable.primary.created,
            };
            stable.primary.started_by = starter::of(clients, policy, began).await;
        }
        stable
    };
    join(canary, stable).await
}

/// Whether stable was given something that an execution before may have written late.
fn may_be_late(release: &Release, stable: &SeenService) -> bool {
    !release.barred.is_empty() && !release.knows(Role::Stable, &stable.primary.task_definition)
}

/// Whether stable was given what the release does not know, perhaps by its own execution.
fn may_be_unjudged(release: &Release, stable: &SeenService) -> bool {
    let primary = &stable.primary;
    release.pipeline.is_some() && primary.created > release.opened && release.is_third(Role::Stable, primary)
}

/// Whether the canary was given something that is neither its baseline nor what is known to be released.
fn is_news(release: &Release, canary: &SeenService) -> bool {
    let new = match &release.canary.given {
        Some(given) => given.deployment != canary.primary.id,
        None => release.is_of_stable_alone() || release.pipeline.is_some(),
    };
    new && !release.knows(Role::Canary, &canary.primary.task_definition)
}

async fn service(client: &Client, release: &Release, role: Role, found: Option<&Service>) -> Part<SeenService> {
    let name = &release.service(role).name;
    let (service, primary, created) = match usable(found, name, &release.cluster) {
        Ok(usable) => usable,
        Err(why) => return Part::Unknown(why),
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
    Part::Known(seen(service, (primary, created), meaning, in_flight))
}

/// The service, its PRIMARY deployment and when ECS created that. Without a time nothing can be told from what was
/// there before, and no time is not 1970.
pub(super) fn usable<'a>(
    found: Option<&'a Service>,
    name: &str,
    cluster: &str,
) -> Result<(&'a Service, &'a Deployment, At), String> {
    let service = found
        .filter(|service| service.status() != Some("INACTIVE"))
        .ok_or_else(|| format!("ECS has no service {name} in cluster {cluster}; create it, or correct the policy"))?;
    let primary = service
        .deployments()
        .iter()
        .find(|deployment| deployment.status() == Some("PRIMARY"))
        .ok_or_else(|| format!("service {name} has no PRIMARY deployment; is its deployment controller ECS?"))?;
    let created = primary.created_at().map(moment::at);
    let created =
        created.ok_or_else(|| format!("ECS does not say when the deployment of service {name} was created"))?;
    Ok((service, primary, created))
}

/// A service in our own words.
pub(super) fn seen(
    service: &Service,
    (primary, created): (&Deployment, At),
    meaning: revision::Meaning,
    in_flight: Option<SeenServiceDeployment>,
) -> SeenService {
    let older = service
        .deployments()
        .iter()
        .filter(|deployment| deployment.status() != Some("PRIMARY"));
    let replaced = older.clone().map(|deployment| SeenOlder {
        id: deployment.id().unwrap_or_default().to_owned(),
        task_definition: deployment.task_definition().unwrap_or_default().to_owned(),
        tasks: count(deployment.running_count()) + count(deployment.pending_count()),
    });
    let revision = service.current_service_revisions().first();
    SeenService {
        primary: SeenDeployment {
            id: primary.id().unwrap_or_default().to_owned(),
            task_definition: primary.task_definition().unwrap_or_default().to_owned(),
            created,
            rollout: rollout(primary),
            running: count(primary.running_count()),
            images: meaning.images,
            image_names: meaning.image_names,
            configuration: meaning.configuration,
            started_by: Part::Unknown("not asked".to_owned()),
        },
        older: replaced.collect(),
        given_up: service.deployments().iter().filter_map(given_up).collect(),
        older_running: older.map(|deployment| count(deployment.running_count())).sum(),
        desired: count(service.desired_count()),
        service_revision: revision.and_then(|revision| revision.arn().map(str::to_owned)),
        in_flight,
        shifted_by_ecs: shifted_by_ecs(service),
    }
}

/// The rules whose weights ECS sets itself, where a service's deployments shift traffic.
///
/// # Source
/// Amazon ECS API Reference, `AdvancedConfiguration`: the rules of blue/green, linear and canary deployments.
pub(crate) fn shifted_by_ecs(service: &Service) -> Vec<String> {
    let balancers = service.load_balancers().iter();
    let advanced = balancers.filter_map(|balancer| balancer.advanced_configuration());
    let rules = advanced.flat_map(|advanced| [advanced.production_listener_rule(), advanced.test_listener_rule()]);
    rules.flatten().map(str::to_owned).collect()
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
        rolling_back: matches!(
            deployment.status(),
            Some(ServiceDeploymentStatus::RollbackRequested | ServiceDeploymentStatus::RollbackInProgress)
        ),
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

/// A deployment that ECS gave up, and its reason, without the full stop: it stands in the middle of our own sentences.
fn given_up(deployment: &Deployment) -> Option<(String, String)> {
    let reason = deployment.rollout_state_reason()?.trim().trim_end_matches('.');
    let says = rollout(deployment) == Rollout::Failed && !reason.is_empty();
    says.then(|| {
        (
            deployment.id().unwrap_or_default().to_owned(),
            bounded(reason, REASON_CHARS_MAX),
        )
    })
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{given_up, usable};
    use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service};
    use aws_smithy_types::DateTime;
    use decide::At;

    #[test]
    fn a_service_is_told_from_nothing_less_than_its_primary_deployment_and_when_that_was_created() {
        let deployment = |status: &str, created: Option<i64>| {
            let deployment = Deployment::builder().status(status).id("ecs-svc/1");
            deployment.set_created_at(created.map(DateTime::from_secs)).build()
        };
        let service = |status: &str, deployment: Deployment| {
            let service = Service::builder().service_name("orders").status(status);
            Some(service.deployments(deployment).build())
        };
        let cases = [
            (None, Err("ECS has no service orders in cluster prod")),
            (
                service("INACTIVE", deployment("PRIMARY", Some(7))),
                Err("ECS has no service orders in cluster prod"),
            ),
            (
                service("ACTIVE", deployment("ACTIVE", Some(7))),
                Err("service orders has no PRIMARY deployment"),
            ),
            (
                service("ACTIVE", deployment("PRIMARY", None)),
                Err("ECS does not say when the deployment of service orders was created"),
            ),
            (
                service("ACTIVE", deployment("PRIMARY", Some(7))),
                Ok(At::from_millis(7_000)),
            ),
        ];
        for (found, expected) in cases {
            match (usable(found.as_ref(), "orders", "prod"), expected) {
                (Ok((_, _, created)), Ok(expected)) => assert_eq!(created, expected),
                (Err(why), Err(expected)) => assert!(why.starts_with(expected), "{why}"),
                (got, expected) => panic!("{got:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn what_ecs_gave_up_is_told_in_its_own_words_made_harmless() {
        let deployment = |state: DeploymentRolloutState, reason: Option<&str>| {
            let deployment = Deployment::builder().id("ecs-svc/1").rollout_state(state);
            deployment.set_rollout_state_reason(reason.map(str::to_owned)).build()
        };
        let breaker = "ECS deployment circuit breaker: tasks failed to start.";
        let cases = [
            (
                DeploymentRolloutState::Failed,
                Some(breaker),
                Some("ECS deployment circuit breaker: tasks failed to start"),
            ),
            (
                DeploymentRolloutState::Failed,
                Some("one\n\u{202e}two. "),
                Some("one two"),
            ),
            (DeploymentRolloutState::Failed, Some(" ."), None),
            (DeploymentRolloutState::Failed, None, None),
            (DeploymentRolloutState::InProgress, Some(breaker), None),
            (DeploymentRolloutState::Completed, Some(breaker), None),
        ];
        for (state, reason, expected) in cases {
            let said = given_up(&deployment(state, reason));
            let expected = expected.map(|why| ("ecs-svc/1".to_owned(), why.to_owned()));
            assert_eq!(said, expected, "{reason:?}");
        }
        let long = "x".repeat(10_000);
        let said = given_up(&deployment(DeploymentRolloutState::Failed, Some(&long)));
        assert!(said.is_some_and(|(_, why)| why.chars().count() <= super::REASON_CHARS_MAX));
    }
}
