//! What a release's own execution gave the canary, and nobody saw there: ECS, or somebody, had put it back before.

use super::identify::{Runs, identify};
use crate::{At, Cause, ExecutionStatus, Part, Phase, Release, Role, Seen, SeenDeployment, SeenService, StartedBy};

/// For how long the action must be through before the canary is believed to run something else: an answer may be behind
/// the times.
const BELIEVED_SECONDS: u32 = 60;

/// What a canary is given in a release that has just been opened is seen; so long nobody asks for more.
const ASKS_AFTER_SECONDS: u32 = 180;

/// Whether it is asked if its own action is through: the release has waited for long, or the canary was given something by
/// who is none of its execution.
pub fn asks_deployed(release: &Release, canary: &Part<SeenService>, at: At) -> bool {
    let own = release.pipeline.as_ref().map(|own| own.execution.as_str());
    let foreign = canary.known().is_some_and(|canary| match &canary.primary.started_by {
        Part::Known(StartedBy::Execution { execution, .. }) => own != Some(execution),
        Part::Known(StartedBy::Nobody) => true,
        Part::Known(StartedBy::SomebodyAfter { .. }) | Part::Unknown(_) => false,
    });
    waits(release) && (foreign || at >= release.opened.plus_seconds(ASKS_AFTER_SECONDS))
}

/// Whether nothing of what its own execution gives the canary was seen there yet: what it is known to have been given while it
/// deploys is what the release before had left there.
fn waits(release: &Release) -> bool {
    let deploying = release.phase == Phase::Deploying && release.wanted.is_none();
    deploying && release.pipeline.is_some() && !release.is_of_stable_alone()
}

/// When the action was through, if that was for this release: a stage that is tried again has had one before.
pub fn through(release: &Release, seen: &Seen) -> Option<At> {
    let through = seen.pipeline.known()?.deployed.filter(|_| waits(release));
    through.filter(|through| *through > release.opened)
}

/// What the release before had left on the canary, under whatever deployment: ECS, or somebody, has put that back, and it
/// is none of what this one's execution gives.
pub fn is_left(release: &Release, primary: &SeenDeployment) -> bool {
    let runs = &primary.task_definition;
    let left = release.canary.given.as_ref().filter(|_| waits(release));
    left.is_some_and(|left| left.task_definition == *runs || release.canary.earlier.contains(runs))
        && !super::arm::is_own(release, primary)
}

/// Another execution of the pipeline gave the canary that while nobody had seen what this release's own gave it.
pub fn is_anothers(release: &Release, primary: &SeenDeployment) -> bool {
    let Some(own) = release.pipeline.as_ref().filter(|_| waits(release)) else {
        return false;
    };
    // What an execution before it still writes is for whoever waits for that.
    let before = |execution: &String| release.barred.iter().any(|barred| barred.execution == *execution);
    match &primary.started_by {
        Part::Known(StartedBy::Execution {
            execution,
            rollback: false,
            ..
        }) => {
            // A look that is behind the times shows what the release before was given.
            let later = primary.created > release.opened && !before(execution);
            later && *execution != own.execution && identify(release, Role::Canary, primary) != Runs::Baseline
        }
        _ => false,
    }
}

/// The same, where that is the next one: this release's own has nothing to give the canary any more. Before that it may be
/// an execution of long ago that was tried again, and is no reason to give this one up.
pub fn is_the_nexts(release: &Release, primary: &SeenDeployment, seen: &Seen) -> bool {
    let over = seen
        .pipeline
        .known()
        .is_some_and(|run| matches!(run.status, ExecutionStatus::Over(_)));
    (over || through(release, seen).is_some()) && is_anothers(release, primary)
}

/// The action of its execution is through, and the canary runs what it ran before: there is nothing to judge, and whoever
/// approves the execution gives stable what nobody has seen run.
pub fn put_back(release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let through = through(release, seen)?;
    let canary = seen.canary.known()?;
    let primary = &canary.primary;
    // The same revision given once more has a definition of its own.
    let before = release.knows(Role::Canary, &primary.task_definition);
    let back = before && identify(release, Role::Canary, primary) == Runs::Baseline || is_left(release, primary);
    // Of several that ECS has given up, nobody knows which it was.
    let said = canary.given_up.values().next().filter(|_| canary.given_up.len() == 1);
    let said = said.map(|said| format!("; ECS says: {said}")).unwrap_or_default();
    (back && at >= through.plus_seconds(BELIEVED_SECONDS)).then(|| Cause::Undone {
        service: release.canary.name.clone(),
        why: Some(format!(
            "its deploy action is through, and nobody saw there what that gave{said}"
        )),
    })
}

#[cfg(test)]
mod tests;
