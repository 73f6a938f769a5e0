//! What a task definition means: image digests and configuration.

use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{Deployment, Service};
use decide::{Images, Part, configuration_hash};
use futures_util::future::join;

/// Digests and configuration of what a service runs.
pub(super) struct Meaning {
    pub images: Part<Images>,
    pub image_names: Part<Images>,
    pub configuration: Part<String>,
}

impl Meaning {
    /// For what the release knows by its ARN.
    pub fn not_read() -> Meaning {
        let why = || "known by its ARN, so not read".to_owned();
        Meaning {
            image_names: Part::Unknown(why()),
            images: Part::Unknown(why()),
            configuration: Part::Unknown(why()),
        }
    }
}

pub(super) async fn meaning(client: &Client, cluster: &str, service: &Service, primary: &Deployment) -> Meaning {
    let arn = primary.task_definition().unwrap_or_default();
    let (images, described) = join(
        images(client, cluster, service, primary),
        crate::act::definition::describe(client, arn),
    )
    .await;
    let (image_names, configuration) = match described {
        Ok(definition) => (
            Part::Known(crate::act::definition::images(&definition)),
            Part::Known(configuration_hash(&definition)),
        ),
        Err(refused) => (Part::Unknown(refused.to_string()), Part::Unknown(refused.to_string())),
    };
    let images = images.unwrap_or_else(|refused| Part::Unknown(refused.to_string()));
    Meaning {
        images: match (images, image_names.known()) {
            (Part::Unknown(why), Some(names)) if service.desired_count() == 0 => {
                pinned(names).map_or(Part::Unknown(why), Part::Known)
            }
            (images, _) => images,
        },
        image_names,
        configuration,
    }
}

/// From the service revision; where a digest is missing there, from the tasks that run.
async fn images(
    client: &Client,
    cluster: &str,
    service: &Service,
    primary: &Deployment,
) -> Result<Part<Images>, Refused> {
    let arn = primary.task_definition().unwrap_or_default();
    let revisions: Vec<String> = service
        .current_service_revisions()
        .iter()
        .filter_map(|revision| revision.arn().map(str::to_owned))
        .collect();
    // Services that were not deployed since 2024-10-25 have none.
    if revisions.is_empty() {
        return running(client, cluster, primary).await;
    }
    let reply = client
        .describe_service_revisions()
        .set_service_revision_arns(Some(revisions))
        .send()
        .await;
    let reply = match reply {
        Ok(reply) => reply,
        Err(_) => return running(client, cluster, primary).await,
    };
    let revision = reply
        .service_revisions()
        .iter()
        .find(|revision| revision.task_definition() == Some(arn));
    let containers = revision.map(|revision| revision.container_images()).unwrap_or_default();
    let complete: Option<Images> = containers
        .iter()
        .map(|image| Some((image.container_name()?.to_owned(), image.image_digest()?.to_owned())))
        .collect();
    match complete.filter(|images| !images.is_empty()) {
        Some(images) => Ok(Part::Known(images)),
        None => running(client, cluster, primary).await,
    }
}

/// What a service without tasks would run, where its definition names every image by digest: nobody will pull them.
fn pinned(names: &Images) -> Option<Images> {
    let digest = |(container, name): (&String, &String)| {
        let (_, digest) = name.split_once('@')?;
        Some((container.clone(), digest.to_owned()))
    };
    names
        .iter()
        .map(digest)
        .collect::<Option<Images>>()
        .filter(|images| !images.is_empty())
}

/// Digests that the tasks of a deployment have pulled.
async fn running(client: &Client, cluster: &str, primary: &Deployment) -> Result<Part<Images>, Refused> {
    let id = primary.id().unwrap_or_default();
    let none = || Part::Unknown(format!("no task of {id} has pulled its images yet"));
    let listed = client.list_tasks().cluster(cluster).started_by(id).send().await;
    let tasks = listed
        .map_err(|error| Refused::from_sdk("ListTasks", id, &error))?
        .task_arns
        .unwrap_or_default();
    if tasks.is_empty() {
        return Ok(none());
    }
    let described = client
        .describe_tasks()
        .cluster(cluster)
        .set_tasks(Some(tasks))
        .send()
        .await;
    let described = described.map_err(|error| Refused::from_sdk("DescribeTasks", id, &error))?;
    let complete = described.tasks().iter().find_map(|task| {
        let images: Option<Images> = task
            .containers()
            .iter()
            .map(|container| Some((container.name()?.to_owned(), container.image_digest()?.to_owned())))
            .collect();
        images.filter(|images| !images.is_empty())
    });
    Ok(complete.map_or_else(none, Part::Known))
}
