//! Leave alone what somebody else has taken over.

use super::identify::{Runs, identify};
use crate::{At, Decision, Outcome, Part, Phase, Release, Role, Seen};

/// Closes a release whose canary was given a third revision: that is somebody's intent, and theirs
/// is the service now. Stable was not touched by this release, or it would be rolled back first.
pub fn decision(release: &Release, seen: &Seen, at: At) -> Option<Decision> {
    release.armed()?;
    let Part::Known(canary) = &seen.canary else { return None };
    let Runs::Third(what) = identify(release, Role::Canary, &canary.primary) else {
        return None;
    };
    if release.stable.given.is_some() {
        return None;
    }
    let by = format!(
        "{} was given {what}, which is neither this release nor its baseline",
        release.canary.name
    );
    let mut next = release.clone();
    next.become_phase(
        Phase::Closed {
            outcome: Outcome::Overtaken { by: by.clone() },
        },
        at,
    );
    Some(Decision {
        next,
        because: format!("{by}; left alone"),
        lanes: Vec::new(),
        look_again_seconds: None,
    })
}

#[cfg(test)]
mod tests;
