//! Tasks that are stopped: there and then, whether they are protected or not.

use super::Did;
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use decide::{Action, short};
use futures_util::future::join_all;

/// Tasks stopped in one step. ECS takes some tens of these calls a second, and the next step stops the next ones.
const STOPPED_MAX: usize = 25;

/// Stops the tasks of these deployments that nobody has told to stop yet.
///
/// # Source
/// Amazon ECS API, `StopTask`: SIGTERM, then SIGKILL after the container's `stopTimeout`; the service's scheduler
/// starts others of the PRIMARY deployment. Scale-in protection covers deployments and scaling, not this
/// (`UpdateTaskProtection`). `ListTasks` without `desiredStatus` leaves out what is stopping already.
pub(super) async fn stop(
    client: &Client,
    action: &Action,
    (cluster, service): (&str, &str),
    deployments: &[String],
    reason: &str,
) -> Did {
    let mut tasks = Vec::new();
    for deployment in deployments {
        match listed(client, cluster, deployment).await {
            Ok(found) => tasks.extend(found),
            Err(refused) => return Did::refused(action, &refused),
        }
    }
    let more = tasks.len() > STOPPED_MAX;
    tasks.truncate(STOPPED_MAX);
    let stopped = join_all(tasks.iter().map(|task| one(client, cluster, task, reason))).await;
    let refusals: Vec<&Refused> = stopped.iter().filter_map(|one| one.as_ref().err()).collect();
    let done = stopped.len() - refusals.len();
    let more = if more { ", more in the next step" } else { "" };
    match refusals.first() {
        Some(refused) => Did::refused(action, refused),
        None if done == 0 => Did::done(action, format!("no bad task of {service} is left to stop")),
        None => Did::done(action, format!("bad tasks of {service} told to stop: {done}{more}")),
    }
}

async fn listed(client: &Client, cluster: &str, deployment: &str) -> Result<Vec<String>, Refused> {
    let (mut tasks, mut next) = (Vec::new(), None);
    loop {
        let request = client
            .list_tasks()
            .cluster(cluster)
            .started_by(deployment)
            .set_next_token(next);
        let reply = request.send().await;
        let reply = reply.map_err(|error| Refused::from_sdk("ListTasks", deployment, &error))?;
        tasks.extend(reply.task_arns.unwrap_or_default());
        next = reply.next_token;
        if next.is_none() || tasks.len() > STOPPED_MAX {
            return Ok(tasks);
        }
    }
}

async fn one(client: &Client, cluster: &str, task: &str, reason: &str) -> Result<(), Refused> {
    let request = client.stop_task().cluster(cluster).task(task).reason(reason);
    match request.send().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let refused = Refused::from_sdk("StopTask", short(task), &error);
            // It was there a moment ago: it has ended by itself.
            if refused.is("InvalidParameterException") {
                Ok(())
            } else {
                Err(refused)
            }
        }
    }
}
