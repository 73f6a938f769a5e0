//! What a release's own execution gave the canary, and nobody saw there: ECS, or somebody, had put it back before.

use super::identify::{Runs, identify};
use crate::{At, Cause, Part, Phase, Release, Role, Seen, SeenDeployment, StartedBy};

/// For how long the action must be through before the canary is believed to run something else: an answer may be behind
/// the times.
const BELIEVED_SECONDS: u32 = 60;

/// What a canary is given in a release that has just been opened is seen; so long nobody asks for more.
const ASKS_AFTER_SECONDS: u32 = 180;

/// Whether the release has waited for so long for its pipeline's own action to give the canary the revision that it is
/// asked whether that is through.
pub fn asks_deployed(release: &Release, at: At) -> bool {
    waits(release) && at >= release.opened.plus_seconds(ASKS_AFTER_SECONDS)
}

/// Whether nothing of what its own execution gives the canary was seen there yet.
fn waits(release: &Release) -> bool {
    let unseen = release.phase == Phase::Deploying && release.canary.given.is_none();
    unseen && release.wanted.is_none() && release.pipeline.is_some() && !release.is_of_stable_alone()
}

/// The pipeline's next execution gave the canary that while nobody had seen what this release's own gave it: ECS had put
/// it back before.
pub fn is_the_nexts(release: &Release, primary: &SeenDeployment) -> bool {
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

/// The action of its execution is through, and the canary runs what it ran before: there is nothing to judge, and whoever
/// approves the execution gives stable what nobody has seen run.
pub fn put_back(release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let through = seen.pipeline.known()?.deployed.filter(|_| waits(release))?;
    let canary = seen.canary.known()?;
    let primary = &canary.primary;
    // The same revision given once more has a definition of its own.
    let before = release.knows(Role::Canary, &primary.task_definition);
    let back = before && identify(release, Role::Canary, primary) == Runs::Baseline;
    (back && at >= through.plus_seconds(BELIEVED_SECONDS)).then(|| Cause::Undone {
        service: release.canary.name.clone(),
        // Of several that ECS has given up, nobody knows which it was.
        why: canary
            .given_up
            .values()
            .next()
            .cloned()
            .filter(|_| canary.given_up.len() == 1),
    })
}

#[cfg(test)]
mod tests;
