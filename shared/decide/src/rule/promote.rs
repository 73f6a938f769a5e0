//! Gives stable what the canary has proven, where the policy leaves that to Serin.
//!
//! Stable's own definition is registered with the images that the canary runs, by digest, and only then given: a tag
//! that moved meanwhile promotes nothing.

use super::approve::{is_before, not_yet, unbaked, unproven};
use super::forward::{carries, undecided};
use crate::policy::{Approver, Promotion};
use crate::{Action, At, Cause, Gate, Images, Phase, Policy, Release, Seen, freeze, order, router};

/// For how long beyond the deadline it is waited for a look that shows where the release is.
const GRACE_SECONDS: u32 = 120;

/// What is done, and what there is to say about it.
pub struct Way {
    /// Calls, one after the other.
    pub lane: Vec<Action>,
    /// For people.
    pub text: String,
}

/// Goes on promoting where our action in the pipeline asks for it, or a person ordered it; nothing, where that is not
/// ours to do. What has begun is finished, also in a freeze.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<Way> {
    let asked = release.is_asked(Gate::Promote) || order::promotes(release).is_some() || release.goes_alone(policy);
    if policy.promotion == Promotion::Pipeline || !asked {
        return None;
    }
    if matches!(release.phase, Phase::Gated { .. }) {
        if let Some(why) = in_the_way(policy, release, seen, at) {
            return Some(says(format!("not promoted: {why}")));
        }
        if release.swaps {
            release.become_phase(Phase::Promoting, at);
            return Some(says(format!("{} is to carry everything", release.canary.name)));
        }
        if lacking(release).is_some_and(|images| images.is_empty()) {
            release.become_phase(Phase::Watching, at);
            return Some(says(format!("{} has the images already", release.stable.name)));
        }
        release.become_phase(Phase::Promoting, at);
    }
    let ungiven = release.stable.given.is_none() || release.left_on_stable().is_some();
    (release.phase == Phase::Promoting && ungiven && !release.swaps).then(|| give(release, seen))
}

/// Stable did not come to run in time what Serin gave it: its pipeline must hear of that before CodePipeline gives up.
///
/// Only a look tells: what stable reached since the last one is reached. Where ECS cannot be asked for a while beyond the
/// deadline, that is an end as well, but never before it was asked.
pub fn late(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let ours = policy.promotion != Promotion::Pipeline && release.phase == Phase::Promoting;
    let minutes = policy.deadline_minutes;
    let due = release.phase_since.plus_seconds(minutes * 60);
    if !ours || at < due || seen.is_nothing() {
        return None;
    }
    let in_grace = at < due.plus_seconds(GRACE_SECONDS);
    if release.swaps {
        let services = seen.canary.known().is_some() && seen.stable.known().is_some();
        let looked = services && seen.forwards.known().is_some() && seen.targets.known().is_some();
        let waits = in_grace && !looked || router::handed_over(policy, release, seen).is_ok();
        return (!waits).then(|| Cause::NotHandedOver {
            service: release.canary.name.clone(),
            minutes,
        });
    }
    let stable = seen.stable.known();
    let waits = stable.map_or(in_grace, |stable| carries(release, stable));
    (!waits).then(|| Cause::NotReached {
        service: release.stable.name.clone(),
        minutes,
        no_tasks: stable.is_some_and(|stable| stable.desired == 0),
    })
}

fn says(text: String) -> Way {
    Way { lane: Vec::new(), text }
}

fn in_the_way(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let approved = release.pipeline.as_ref().is_some_and(|run| run.approved.is_some());
    let alone = release.goes_alone(policy);
    match policy.approval {
        Approver::Automatic if !approved && !alone => return Some("it is not approved".to_owned()),
        Approver::Human if alone && order::lets_go(release).is_none() => {
            return Some(format!("it waits for a person: serin approve {} --why …", policy.name));
        }
        Approver::Automatic | Approver::Human | Approver::Pipeline => {}
    }
    if !release.swaps && release.images.is_some() && shared(release).is_some_and(|images| images.is_empty()) {
        let (small, large) = (&release.canary.name, &release.stable.name);
        return Some(format!("{large} has no container of the names that {small} has"));
    }
    if let Some(hold) = freeze::in_force(&policy.freeze, release.freeze.as_ref(), at) {
        return Some(hold.to_string());
    }
    if order::lets_go(release).is_some() {
        return not_yet(policy, release, seen, at);
    }
    unbaked(policy, release, at)
        .or_else(|| undecided(policy, release, seen, at))
        .or_else(|| unproven(policy, release, seen, at))
}

/// What the canary runs in containers that stable has as well.
fn shared(release: &Release) -> Option<Images> {
    let stable = &release.stable.baseline.revision.images;
    let images = release.images.as_ref()?.iter();
    let images = images.filter(|(container, _)| stable.contains_key(*container));
    Some(
        images
            .map(|(container, digest)| (container.clone(), digest.clone()))
            .collect(),
    )
}

/// Whether stable runs there what the canary runs.
pub fn is_given(release: &Release, images: &Images) -> bool {
    let mut wanted = shared(release).unwrap_or_default().into_iter().peekable();
    wanted.peek().is_some() && wanted.all(|(container, digest)| images.get(&container) == Some(&digest))
}

/// What of that stable does not run yet.
fn lacking(release: &Release) -> Option<Images> {
    let mut images = shared(release)?;
    if release.left_on_stable().is_some() {
        // What stable runs has nothing to do with its baseline.
        return Some(images);
    }
    let stable = &release.stable.baseline.revision.images;
    images.retain(|container, digest| stable.get(container) != Some(digest));
    Some(images)
}

/// Registers first, gives then: what has been registered comes back as a fact.
fn give(release: &Release, seen: &Seen) -> Way {
    let name = &release.stable.name;
    let stable = match seen.stable.known() {
        Some(stable) if is_before(release, &stable.primary) => stable,
        _ => return says(format!("{name} is not seen to run its baseline")),
    };
    if let Some(task_definition) = release.promotes() {
        return Way {
            text: format!("{name} is given {}", crate::short(task_definition)),
            lane: vec![Action::Promote {
                cluster: release.cluster.clone(),
                service: name.clone(),
                task_definition: task_definition.to_owned(),
            }],
        };
    }
    match (lacking(release), names(release)) {
        (Some(images), Some(names)) if images.keys().all(|container| names.contains_key(container)) => Way {
            text: format!("{name}'s definition is registered with the images of the canary"),
            lane: vec![Action::RegisterPromotion {
                task_definition: stable.primary.task_definition.clone(),
                images,
                names,
            }],
        },
        _ => says(format!("the images of {} are not known yet", release.canary.name)),
    }
}

fn names(release: &Release) -> Option<Images> {
    release.canary.given.as_ref()?.image_names.clone()
}

#[cfg(test)]
mod swap_tests;
#[cfg(test)]
mod tests;
