//! What is done to ECS.

use super::{Did, definition};
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::StopServiceDeploymentStopType;
use decide::{Action, Fact, Images, short};

/// Gives a service a task definition. The same one twice makes no second deployment.
///
/// # Source
/// Amazon ECS API, `UpdateService`. An INACTIVE definition is a ClientException whose text says so.
pub(super) async fn restore(
    client: &Client,
    action: &Action,
    cluster: &str,
    service: &str,
    task_definition: &str,
) -> Did {
    let request = client
        .update_service()
        .cluster(cluster)
        .service(service)
        .task_definition(task_definition);
    let Err(error) = request.send().await else {
        return Did::done(action, format!("{service} was given {}", short(task_definition)));
    };
    let refused = Refused::from_sdk("UpdateService", format!("{service} in cluster {cluster}"), &error);
    let inactive = refused.is("ClientException") && refused.message.to_lowercase().contains("inactive");
    if inactive {
        let fact = Fact::Inactive {
            task_definition: task_definition.to_owned(),
        };
        return Did::refused(action, &refused).learning(fact);
    }
    Did::refused(action, &refused)
}

/// Gives a service a number of tasks, and leaves what it runs as it is.
pub(super) async fn scale(client: &Client, action: &Action, (cluster, service): (&str, &str), tasks: u32) -> Did {
    let count = i32::try_from(tasks).unwrap_or(i32::MAX);
    let request = client
        .update_service()
        .cluster(cluster)
        .service(service)
        .desired_count(count);
    match request.send().await {
        Ok(_) => {
            let plural = if tasks == 1 { "" } else { "s" };
            Did::done(action, format!("{service} was given {tasks} task{plural}"))
        }
        Err(error) => Did::refused(
            action,
            &Refused::from_sdk("UpdateService", format!("{service} in cluster {cluster}"), &error),
        ),
    }
}

/// Has ECS begin a new deployment of the same definition.
pub(super) async fn redeploy(
    client: &Client,
    action: &Action,
    cluster: &str,
    service: &str,
    task_definition: &str,
) -> Did {
    let request = client
        .update_service()
        .cluster(cluster)
        .service(service)
        .task_definition(task_definition)
        .force_new_deployment(true);
    match request.send().await {
        Ok(_) => Did::done(
            action,
            format!("{service} gets a new deployment of {}", short(task_definition)),
        ),
        Err(error) => Did::refused(
            action,
            &Refused::from_sdk("UpdateService", format!("{service} in cluster {cluster}"), &error),
        ),
    }
}

/// Has ECS roll back a deployment in flight.
///
/// # Source
/// Amazon ECS API, `StopServiceDeployment`: a no-op while it is being stopped already, a
/// ConflictException once it has ended.
pub(super) async fn roll_back(client: &Client, action: &Action, service_deployment: &str) -> Did {
    let request = client
        .stop_service_deployment()
        .service_deployment_arn(service_deployment)
        .stop_type(StopServiceDeploymentStopType::Rollback);
    let Err(error) = request.send().await else {
        return Did::done(
            action,
            format!("ECS rolls back service deployment {}", short(service_deployment)),
        );
    };
    let refused = Refused::from_sdk("StopServiceDeployment", short(service_deployment), &error);
    let ended = refused.is("ConflictException") || refused.is("ServiceDeploymentNotFoundException");
    if ended {
        Did::outdated(action, &refused)
    } else if refused.may_pass() {
        Did::refused(action, &refused)
    } else {
        // Not allowed, or not for this kind of deployment: asking again would only lose time.
        let fact = Fact::Unstoppable {
            service_deployment: service_deployment.to_owned(),
        };
        Did::refused(action, &refused).learning(fact)
    }
}

/// Registers a copy of a definition, its images by digest.
pub(super) async fn register_again(client: &Client, action: &Action, task_definition: &str, images: &Images) -> Did {
    match definition::register_copy(client, task_definition, images).await {
        Ok(copy) => {
            let text = format!("registered {} as a copy of {}", short(&copy), short(task_definition));
            Did::done(action, text).learning(Fact::Prepared {
                instead_of: task_definition.to_owned(),
                task_definition: copy,
            })
        }
        Err(refused) => Did::refused(action, &refused),
    }
}

/// Registers what the canary is to be given: its own definition, with the images that somebody asked for.
pub(super) async fn register_release(client: &Client, action: &Action, task_definition: &str, images: &Images) -> Did {
    match definition::register_copy(client, task_definition, images).await {
        Ok(copy) => {
            let text = format!("registered {} from {}", short(&copy), short(task_definition));
            Did::done(action, text).learning(Fact::Deploys { task_definition: copy })
        }
        Err(refused) => Did::refused(action, &refused),
    }
}

/// Registers what stable is to be given: its own definition, with the images that the canary runs.
pub(super) async fn register_promotion(
    client: &Client,
    action: &Action,
    task_definition: &str,
    images: &Images,
    names: &Images,
) -> Did {
    let references: Images = images
        .iter()
        .filter_map(|(container, digest)| {
            let name = names.get(container)?;
            Some((container.clone(), definition::pinned(name, digest)))
        })
        .collect();
    match definition::register_copy(client, task_definition, &references).await {
        Ok(copy) => {
            let text = format!(
                "registered {} from {}, the canary's images by digest",
                short(&copy),
                short(task_definition)
            );
            Did::done(action, text).learning(Fact::Promotes { task_definition: copy })
        }
        Err(refused) => Did::refused(action, &refused),
    }
}
