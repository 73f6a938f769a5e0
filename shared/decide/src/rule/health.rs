//! Whether tasks of what is released fail: they do not start, end by themselves, or are found unhealthy.
//!
//! A task that somebody or something told to go is no failure: a person, the scheduler, Spot, or the host beneath it.
//! ECS shows a task for at least an hour after it has stopped, so what is counted is what failed within about that
//! time.

use super::check::Verdict;
use super::forward::is_echo;
use super::roll_back;
use crate::policy::Check;
use crate::{At, Cause, Given, Part, Phase, Policy, Release, Seen, SeenStopped, StopCode};

/// What the scheduler says of a task that it replaces because that is sick, and only then.
///
/// # Source
/// Amazon ECS Developer Guide, "Resolve stopped task errors": "Task failed ELB health checks in (…)", "Task failed
/// container health checks".
const UNHEALTHY: &str = "Task failed ";

/// The services whose stopped tasks say something about what is released or watched; none where no check asks.
pub fn services(policy: &Policy, release: &Release, at: At) -> Vec<String> {
    let asks = policy.checks.iter().any(|check| matches!(check, Check::Health { .. }));
    let judged = match asks {
        false => Vec::new(),
        // Of both, where a watch has ended by what does not tell whose doing it is.
        true if roll_back::asks_whose(policy, release, at) => given(release).collect(),
        true => judged(release),
    };
    judged.into_iter().map(|(service, _)| service.to_owned()).collect()
}

/// The services that were given something, each with that.
fn given(release: &Release) -> impl Iterator<Item = (&str, &Given)> {
    let services = [&release.canary, &release.stable].into_iter();
    services.filter_map(|service| Some((service.name.as_str(), service.given.as_ref()?)))
}

/// Services by name, each with what it was given.
fn judged(release: &Release) -> Vec<(&str, &Given)> {
    let before = release.watched.as_ref();
    let own = match release.phase {
        Phase::Baking { .. } | Phase::Gated { .. } | Phase::Promoting | Phase::Watching => !is_echo(release),
        // The watch of the release before runs on, and nothing is deployed yet, or that is being taken back.
        Phase::Deploying if before.is_some() && !release.left_bad => false,
        Phase::RollingBack { .. } | Phase::RollbackFailed { .. } if before.is_some() => false,
        _ => return Vec::new(),
    };
    let watched = before.map(|watched| [&watched.canary, &watched.stable]);
    let services = [&release.canary, &release.stable].into_iter().enumerate();
    let judged = services.filter_map(|(place, service)| {
        let given = service.given.as_ref().filter(|_| own);
        let given = given.or_else(|| watched?[place].given.as_ref())?;
        Some((service.name.as_str(), given))
    });
    judged.collect()
}

/// What the check says.
pub fn verdict(failed_tasks_max: u32, release: &Release, seen: &Seen) -> Verdict {
    let judged = judged(release);
    if judged.is_empty() {
        return Verdict::Silent;
    }
    let (mut counted, mut unknown) = (Vec::new(), None);
    for (service, given) in judged {
        let stopped = match seen.stopped.get(service) {
            Some(Part::Known(stopped)) => stopped,
            Some(Part::Unknown(why)) => {
                unknown.get_or_insert(format!("which tasks of {service} failed is unknown: {why}"));
                continue;
            }
            None => {
                unknown.get_or_insert(format!("which tasks of {service} failed shows at the next look"));
                continue;
            }
        };
        let failed = || failed(given, stopped);
        if failed().count() > failed_tasks_max as usize
            && let Some(last) = failed().max_by_key(|task| (task.created, task.task.as_str()))
        {
            return Verdict::Fails(Cause::Health {
                service: service.to_owned(),
                failed: u32::try_from(failed().count()).unwrap_or(u32::MAX),
                failed_tasks_max,
                task: last.task.clone(),
                reason: last.reason.clone(),
            });
        }
        counted.push(format!("{} of {service}'s tasks failed", failed().count()));
    }
    unknown.map_or_else(
        || Verdict::Passes(format!("{}, up to {failed_tasks_max} would do", counted.join(" and "))),
        Verdict::Unknown,
    )
}

/// Those of these tasks that ran what the service was given, and failed.
pub fn failed<'t>(given: &Given, stopped: &'t [SeenStopped]) -> impl Iterator<Item = &'t SeenStopped> {
    stopped
        .iter()
        .filter(move |task| is_of(given, task) && has_failed(task))
}

/// Whether a task ran what the service was given, and not the same under an earlier release.
fn is_of(given: &Given, task: &SeenStopped) -> bool {
    task.task_definition == given.task_definition && task.created >= given.created
}

fn has_failed(task: &SeenStopped) -> bool {
    match task.code {
        StopCode::FailedToStart | StopCode::ContainerExited => true,
        StopCode::Scheduler => task.reason.starts_with(UNHEALTHY),
        StopCode::Other => false,
    }
}

#[cfg(test)]
mod tests;
