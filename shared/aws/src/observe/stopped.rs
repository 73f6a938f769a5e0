//! Tasks that have stopped, as far back as ECS shows them.

use super::unknown;
use crate::event::{REASON_CHARS_MAX, bounded};
use crate::moment;
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{DesiredStatus, Task, TaskStopCode};
use decide::{At, Part, Policy, Release, SeenStopped, StopCode, services_by_health, short};
use futures_util::future::join_all;
use std::collections::BTreeMap;

/// The stopped tasks of each service that a check asks for; nothing is asked where none does.
pub(super) async fn stopped(
    client: &Client,
    policy: &Policy,
    release: &Release,
    now: At,
) -> BTreeMap<String, Part<Vec<SeenStopped>>> {
    let services = services_by_health(policy, release, now)
        .into_iter()
        .map(|service| async {
            let tasks = tasks(client, &release.cluster, &service).await;
            let tasks = tasks.map_or_else(|refused| unknown(&refused), Part::Known);
            (service, tasks)
        });
    join_all(services).await.into_iter().collect()
}

/// # Source
/// Amazon ECS API Reference, ListTasks: up to 100 in a page, and stopped ones for at least an hour; DescribeTasks takes
/// 100.
async fn tasks(client: &Client, cluster: &str, service: &str) -> Result<Vec<SeenStopped>, Refused> {
    let request = client
        .list_tasks()
        .cluster(cluster)
        .service_name(service)
        .desired_status(DesiredStatus::Stopped);
    let mut pages = request.into_paginator().send();
    let mut stopped = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Refused::from_sdk("ListTasks", service, &error))?;
        let arns = page.task_arns.unwrap_or_default();
        if arns.is_empty() {
            continue;
        }
        let request = client.describe_tasks().cluster(cluster).set_tasks(Some(arns));
        let described = request.send().await;
        let described = described.map_err(|error| Refused::from_sdk("DescribeTasks", service, &error))?;
        stopped.extend(described.tasks().iter().filter_map(one));
    }
    Ok(stopped)
}

/// A task without a time belongs to no release that can be told.
fn one(task: &Task) -> Option<SeenStopped> {
    Some(SeenStopped {
        task: short(task.task_arn()?).to_owned(),
        task_definition: task.task_definition_arn()?.to_owned(),
        created: moment::at(task.created_at()?),
        code: code(task.stop_code()),
        reason: bounded(&reason(task), REASON_CHARS_MAX),
    })
}

fn code(code: Option<&TaskStopCode>) -> StopCode {
    match code {
        Some(TaskStopCode::TaskFailedToStart) => StopCode::FailedToStart,
        Some(TaskStopCode::EssentialContainerExited) => StopCode::ContainerExited,
        Some(TaskStopCode::ServiceSchedulerInitiated) => StopCode::Scheduler,
        // A person, Spot, the host beneath it, or what AWS has added since.
        _ => StopCode::Other,
    }
}

/// Why it stopped, and what its containers ended with.
fn reason(task: &Task) -> String {
    let ended = task.containers().iter().filter_map(|container| {
        let name = container.name()?;
        let code = container.exit_code().filter(|code| *code != 0);
        let code = code.map(|code| format!("{name} exited with {code}"));
        let why = container.reason().map(|why| format!("{name}: {why}"));
        why.or(code)
    });
    let told = task.stopped_reason().unwrap_or("ECS does not say why");
    std::iter::once(told.to_owned())
        .chain(ended)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::code;
    use aws_sdk_ecs::types::TaskStopCode;
    use decide::StopCode;

    #[test]
    fn only_what_a_revision_does_itself_or_ecs_does_to_it_has_a_code_of_its_own() {
        let cases = [
            ("TaskFailedToStart", StopCode::FailedToStart),
            ("EssentialContainerExited", StopCode::ContainerExited),
            ("ServiceSchedulerInitiated", StopCode::Scheduler),
            ("UserInitiated", StopCode::Other),
            ("SpotInterruption", StopCode::Other),
            ("TerminationNotice", StopCode::Other),
            ("AddedSince", StopCode::Other),
        ];
        for (told, expected) in cases {
            assert_eq!(code(Some(&TaskStopCode::from(told))), expected, "{told}");
        }
        assert_eq!(code(None), StopCode::Other);
    }
}
