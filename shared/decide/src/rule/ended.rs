//! What else ends a release: its pipeline, ECS, or somebody who took a service for something else.

use super::identify::{Runs, identify};
use super::{arm, unseen};
use crate::{
    At, Cause, ExecutionStatus, Over, Part, Phase, Release, Role, Rollout, Seen, SeenService, StartedBy, short,
};

/// For how long an execution must be over before its success without a promotion is believed: what it
/// has just given stable may not be seen yet.
const BELIEVED_SECONDS: u32 = 60;

/// Notes the open approval, and when the execution was first seen to be over; forgets that where a person has
/// retried it.
pub fn note(release: &mut Release, seen: &Seen, at: At) {
    // Nobody asks any more, and it would only be one thing more to write.
    if release.phase.rolling_back().is_some() {
        return;
    }
    let ungiven = release.phase == Phase::Deploying;
    let Some(run) = release.pipeline.as_mut() else { return };
    if let Part::Known(execution) = &seen.pipeline {
        if ungiven && execution.abandoned_before {
            // Written down: once the pipeline is at its next execution nobody can see that any more.
            run.abandoned.get_or_insert(at);
        }
        // Whoever rolls back while CodePipeline cannot be asked still has the token.
        run.approval.clone_from(&execution.approval);
    }
    match &seen.pipeline {
        Part::Known(execution) if matches!(execution.status, ExecutionStatus::Over(_)) => {
            run.over_since.get_or_insert(at);
        }
        Part::Known(_) => run.over_since = None,
        Part::Unknown(_) => {}
    }
}

/// Why the release cannot go on, if it cannot.
///
/// Only what was seen counts: unknown parts end nothing.
pub fn cause(release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let canary = || service(release, Role::Canary, seen.canary.known()?);
    let stable = || service(release, Role::Stable, seen.stable.known()?);
    let before_stable = matches!(
        release.phase,
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. }
    );
    if let Some(unjudged) = unjudged(release, seen).filter(|_| before_stable) {
        return Some(unjudged);
    }
    if before_stable && release.canary.given.is_some() {
        // While it is deploying, what the canary has is what was left there before it began.
        let own = || (release.phase != Phase::Deploying).then(canary).flatten();
        return own()
            .or_else(|| left_by_hand(release, seen, at))
            .or_else(|| overtaken(release, seen))
            .or_else(|| pipeline(release, seen, at))
            .or_else(|| unseen::put_back(release, seen, at));
    }
    match release.phase {
        Phase::Promoting => canary()
            .or_else(stable)
            .or_else(|| overtaken(release, seen))
            .or_else(|| pipeline(release, seen, at)),
        Phase::Watching if release.swaps => canary(),
        Phase::Watching => stable(),
        Phase::Deploying => slipped_by(release)
            .or_else(|| given_away(release, seen))
            .or_else(|| unseen::put_back(release, seen, at)),
        _ => None,
    }
}

/// It was given the revision and runs something older again, or ECS gave the revision up.
fn service(release: &Release, role: Role, seen: &SeenService) -> Option<Cause> {
    let record = release.service(role);
    let left = release.left_on_stable().filter(|_| role == Role::Stable);
    let given = record.given.as_ref().filter(|_| left.is_none())?;
    let name = record.name.clone();
    // What was there before is an older look at ECS, not a later state of it.
    let later = seen.primary.created > given.created;
    // Nothing where somebody else took it back, or ECS shows it no more.
    let why = seen.given_up.get(&given.deployment).cloned();
    match identify(release, role, &seen.primary) {
        // ECS goes back to what it last completed, and that may be what the release before had left there.
        Runs::Baseline | Runs::Earlier(_) if later => Some(Cause::Undone { service: name, why }),
        Runs::Released if seen.primary.rollout == Rollout::Failed => Some(Cause::GivenUp { service: name, why }),
        Runs::Released if is_unjudged(release, role) => Some(Cause::Unjudged {
            service: name,
            runs: short(&given.task_definition).to_owned(),
        }),
        _ => None,
    }
}

/// Stable was given the release by the names of its images, and one of them means something else by now.
fn is_unjudged(release: &Release, role: Role) -> bool {
    let given = release.service(role).given.as_ref();
    let Some(images) = given.and_then(|given| given.images.as_ref()) else {
        return false;
    };
    let ours = given.is_some_and(|given| release.promotes() == Some(given.task_definition.as_str()));
    let promoted = match ours {
        true => super::promote::is_given(release, images),
        false => release.is_carried_by(images) || *images == release.service(role).baseline.revision.images,
    };
    role == Role::Stable && release.images.is_some() && !promoted
}

/// Stable was given by this release's execution what no canary was seen to run; see [`super::arm`].
fn slipped_by(release: &Release) -> Option<Cause> {
    let given = release.stable.given.as_ref()?;
    (given.created > release.opened).then(|| Cause::Unjudged {
        service: release.stable.name.clone(),
        runs: short(&given.task_definition).to_owned(),
    })
}

/// The same, where it is seen that the execution gave stable that: the canary runs something else.
fn unjudged(release: &Release, seen: &Seen) -> Option<Cause> {
    let stable = &seen.stable.known()?.primary;
    let given = release.stable.given.as_ref()?;
    let own = given.deployment == stable.id && arm::is_own(release, stable);
    own.then(|| slipped_by(release)).flatten()
}

/// Its execution's action gave the canary something, and somebody else gave it another before anybody saw it; or its
/// execution ended without giving it anything, and somebody else did.
fn given_away(release: &Release, seen: &Seen) -> Option<Cause> {
    let primary = &seen.canary.known()?.primary;
    arm::is_somebodys(release, primary, seen).then(|| Cause::Overtaken {
        service: release.canary.name.clone(),
        runs: short(&primary.task_definition).to_owned(),
    })
}

/// Its execution ended before it had given the canary anything: what a person had left there before it began is theirs.
fn left_by_hand(release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let given = release.canary.given.as_ref()?;
    let primary = &seen.canary.known()?.primary;
    let theirs = release.phase == Phase::Deploying && given.by_hand && given.deployment == primary.id;
    pipeline(release, seen, at).filter(|_| theirs)?;
    Some(Cause::Overtaken {
        service: release.canary.name.clone(),
        runs: short(&given.task_definition).to_owned(),
    })
}

/// Stable was given what a release before had, by an action of its that had been abandoned.
fn written_late(release: &Release, stable: &SeenService) -> Option<Cause> {
    match identify(release, Role::Stable, &stable.primary) {
        Runs::Earlier(runs) if release.stable.given.is_none() => Some(Cause::Unjudged {
            service: release.stable.name.clone(),
            runs,
        }),
        _ => None,
    }
}

/// Stable was hot-fixed, or the canary was given something by nobody's pipeline. Going on would undo it.
fn overtaken(release: &Release, seen: &Seen) -> Option<Cause> {
    let third = |role: Role, service: &Part<SeenService>| {
        let primary = &service.known()?.primary;
        match identify(release, role, primary) {
            Runs::Third(runs) => Some((primary.started_by.clone(), runs)),
            _ => None,
        }
    };
    let name = |role: Role| release.service(role).name.clone();
    if let Some(late) = seen.stable.known().and_then(|stable| written_late(release, stable)) {
        return Some(late);
    }
    let stable = seen.stable.known().map(|stable| &stable.primary);
    let since = stable.is_some_and(|stable| !arm::was_there_before(release, stable));
    if let Some((_, runs)) = third(Role::Stable, &seen.stable).filter(|_| since) {
        return Some(Cause::Overtaken {
            service: name(Role::Stable),
            runs,
        });
    }
    if release.is_of_stable_alone() {
        // Whatever the canary is given is none of it.
        return None;
    }
    let (started_by, runs) = third(Role::Canary, &seen.canary)?;
    let nobodys = matches!(
        started_by,
        Part::Known(StartedBy::Nobody | StartedBy::SomebodyAfter { .. } | StartedBy::Execution { rollback: true, .. })
    );
    nobodys.then(|| Cause::Overtaken {
        service: name(Role::Canary),
        runs,
    })
}

fn pipeline(release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let run = release.pipeline.as_ref()?;
    let seen_run = seen.pipeline.known()?;
    let over = match seen_run.status {
        ExecutionStatus::Over(over) => over,
        // Told to stop, and waiting for somebody to answer its approval: it promotes nothing any more.
        ExecutionStatus::Stopping if seen_run.approval.is_some() => {
            return Some(Cause::PipelineEnded {
                execution: run.execution.clone(),
                how: "is being stopped".to_owned(),
            });
        }
        _ => return None,
    };
    let how = match over {
        // Stable has nothing to be given, and all stages passed.
        Over::Succeeded if release.keeps_images() => return None,
        Over::Succeeded => {
            let believed = run
                .over_since
                .is_some_and(|since| at >= since.plus_seconds(BELIEVED_SECONDS));
            let stable_seen = seen.stable.known().is_some();
            if !(believed && stable_seen) || release.phase == Phase::Promoting {
                return None;
            }
            "succeeded"
        }
        Over::Failed => "failed",
        Over::Stopped => "was stopped",
        Over::Replaced => "was replaced",
    };
    let execution = run.execution.clone();
    Some(match seen.sibling.clone().filter(|_| over != Over::Succeeded) {
        Some(release) => Cause::Sibling { execution, release },
        None => Cause::PipelineEnded {
            execution,
            how: how.to_owned(),
        },
    })
}

#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unseen_tests;
