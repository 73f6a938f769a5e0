//! What canary and stable tell of a failure, where both run the same images.
//!
//! A failure that is stable's own says whose it is. An alarm, a dead-letter queue and a metric of both do not: there
//! stands what is known of either side beside it, and what that points to only where it was counted by revision.

use super::super::forward::is_reached;
use super::super::identify::{Runs, identify};
use super::super::{compare, health};
use crate::policy::Check;
use crate::{At, Cause, Part, Policy, Release, Role, Seen, short};

/// How long after a watch has ended both sides are looked at first: every restore is on its way by then.
const ASKED_AFTER_SECONDS: u32 = 5;

/// For how long after it both sides are looked at: what was counted is known within so long.
const TOLD_SECONDS: u32 = 150;

/// Whose doing a failure is.
enum Whose {
    /// Stable's alone.
    Stables,
    /// What failed does not tell, in these words.
    Untold(String),
    /// Neither, or the canary's.
    Nobodys,
}

/// Whether both sides are looked at in this moment of a rollback: what ended the watch does not tell whose doing it is.
pub fn asks_whose(policy: &Policy, release: &Release, at: At) -> bool {
    let after = |seconds| release.phase_since.plus_seconds(seconds);
    let asked = at >= after(ASKED_AFTER_SECONDS) && at < after(TOLD_SECONDS);
    asked && matches!(whose(policy, release, None), Whose::Untold(_))
}

/// For people, in a rollback of what stable was given too: what speaks for what it was given itself, and not for the
/// images.
pub fn contrast(policy: &Policy, release: &Release, seen: &Seen) -> Option<String> {
    let stable = &release.stable.name;
    let look = format!("look at what differs in {stable}'s definition, size and place");
    let why = match whose(policy, release, Some(seen)) {
        Whose::Nobodys => return None,
        Whose::Stables => return tasks(release, seen, false).map(|runs| format!("{runs}: {look}")),
        Whose::Untold(why) => why,
    };
    let counted = compare::beside(policy, release, seen).filter(|_| is_same(release));
    let worse = counted.as_ref().map(|counted| counted.worse);
    // Tasks that run are no praise for a canary that fails more of its messages.
    let runs = tasks(release, seen, true).filter(|_| worse != Some(Some(Role::Canary)));
    let runs = runs.map(|runs| format!("{runs}, and ECS shows none of those that failed{}", too(release, seen)));
    let points = match worse {
        Some(Some(Role::Stable)) => format!(": that points away from the images; {look}"),
        None => format!(": where {stable} is to blame alone, {look}"),
        Some(Some(Role::Canary) | None) => String::new(),
    };
    let facts: Vec<String> = runs.into_iter().chain(counted.map(|counted| counted.text)).collect();
    (!facts.is_empty()).then(|| format!("{why}, but {}{points}", facts.join("; ")))
}

/// Whose doing the failure is; what was seen is needed only to name a queue.
fn whose(policy: &Policy, release: &Release, seen: Option<&Seen>) -> Whose {
    let Some(cause) = release.phase.rolling_back() else {
        return Whose::Nobodys;
    };
    let both = |queue: &str| format!("the dead letters of {queue} may be anybody's");
    let untold = match cause {
        Cause::Health { service, .. }
        | Cause::GivenUp { service, .. }
        | Cause::NotReached { service, .. }
        | Cause::NotHandedOver { service, .. }
        | Cause::Undone { service, .. }
            if *service == release.stable.name =>
        {
            return Whose::Stables;
        }
        // It rang before stable had anything new.
        Cause::Alarm { since, .. } if release.stable.given.as_ref().is_none_or(|given| *since < given.created) => {
            return Whose::Nobodys;
        }
        Cause::Alarm { name, .. } => {
            let alarms = seen.and_then(|seen| seen.alarms.known());
            let alarm = alarms.and_then(|alarms| alarms.iter().find(|alarm| alarm.name == *name));
            let queue = alarm.and_then(|alarm| alarm.depth_of.as_deref());
            queue.map_or_else(|| format!("alarm {name} does not tell whose doing it is"), both)
        }
        Cause::DlqGrowth { queue, .. } => both(queue),
        Cause::Metric { metric, .. } if !names_canary(policy, release, metric) => {
            "that metric does not tell whose doing it is".to_owned()
        }
        _ => return Whose::Nobodys,
    };
    // Until then not all of stable's tasks ran it, and the watch had not begun.
    let watched = release
        .stable
        .given
        .as_ref()
        .is_some_and(|given| given.reached.is_some());
    match watched {
        true => Whose::Untold(untold),
        false => Whose::Nobodys,
    }
}

/// Whether that is what a metric of the canary's own revision is called.
fn names_canary(policy: &Policy, release: &Release, metric: &str) -> bool {
    let Some(given) = &release.canary.given else {
        return false;
    };
    policy.checks.iter().any(|check| match check {
        Check::Metric { metric: of } | Check::Expression { metric: of } => {
            let named = of.of_revision(short(&given.task_definition));
            named != *of && named.to_string() == metric
        }
        _ => false,
    })
}

/// Whether stable was given the images that the canary has.
fn is_same(release: &Release) -> bool {
    let given = release.stable.given.as_ref();
    let images = given.map(|given| given.images.as_ref());
    images.is_some_and(|images| images.is_none_or(|images| release.is_carried_by(images)))
}

/// That the canary runs the same images on all its tasks, none of which has failed, or ran them so until it was taken back;
/// nothing where that is not so, or not known.
fn tasks(release: &Release, seen: &Seen, back: bool) -> Option<String> {
    let (given, canary) = (release.canary.given.as_ref()?, seen.canary.known()?);
    let since = given.reached?;
    // Nobody says so who has not looked: only where a check asks for failed tasks.
    let failed = failed(release, Role::Canary, seen)?;
    if failed > 0 || !is_same(release) {
        return None;
    }
    let name = &release.canary.name;
    match identify(release, Role::Canary, &canary.primary) {
        Runs::Released if is_reached(canary) => {
            Some(format!("{name} has run the same images on all its tasks since {since}"))
        }
        Runs::Baseline if back => Some(format!(
            "{name} came to run the same images on all its tasks at {since}"
        )),
        _ => None,
    }
}

/// How many of stable's tasks have failed, if any did.
fn too(release: &Release, seen: &Seen) -> String {
    match failed(release, Role::Stable, seen) {
        None | Some(0) => String::new(),
        Some(failed) => format!(", while {failed} of {}'s did", release.stable.name),
    }
}

/// How many tasks of what a service was given have failed, where that is known.
fn failed(release: &Release, role: Role, seen: &Seen) -> Option<usize> {
    let service = release.service(role);
    let Some(Part::Known(stopped)) = seen.stopped.get(&service.name) else {
        return None;
    };
    Some(health::failed(service.given.as_ref()?, stopped).count())
}

#[cfg(test)]
mod tests;
