//! The canary's own automatic scaling: suspended while steps give it a share, and then as it was before.
//!
//! Only the canary's, and only where somebody has registered it; stable's goes on. Whether it is suspended has neither an
//! owner nor an end at AWS, so what it was is written down before it is changed. Whoever changes it meanwhile has it.
//!
//! # Source
//! Application Auto Scaling API Reference, RegisterScalableTarget: it also puts the number of tasks between the target's
//! fewest and most at once. So it is suspended before the canary has more, and given back after it has as many as before.

use super::forward::is_echo;
use super::roll_back::LATE_WRITE_SECONDS;
use crate::router::AGAIN_SECONDS;
use crate::{Action, At, Part, Phase, Policy, Release, Scaling, Seen, Suspended};

/// Whether somebody looks whether the canary is scaled automatically: not, where no step gives it a share.
pub fn is_asked(policy: &Policy, release: &Release) -> bool {
    if policy.swaps() {
        return !matches!(release.phase, Phase::Closed { .. });
    }
    // Also before anything is given: the look that finds the canary with it must know already.
    let soon = release.phase == Phase::Deploying && policy.sizes_canary();
    release.scaling.is_some() || soon || wanted(policy, release) == Some(Wanted::Nobody)
}

/// Who scales the canary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Nobody but us.
    Nobody,
    /// Whoever did before.
    Rest,
}

fn wanted(policy: &Policy, release: &Release) -> Option<Wanted> {
    match release.phase {
        Phase::Baking { .. } | Phase::Gated { .. } if policy.sizes_canary() && !is_echo(release) => {
            Some(Wanted::Nobody)
        }
        // Its share stays what it was until stable has the revision.
        Phase::Promoting | Phase::Closed { .. } => None,
        _ => Some(Wanted::Rest),
    }
}

/// Suspends it, or gives it back; what is done, and what there is to say about it.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> (Option<Action>, Option<String>) {
    let name = release.canary.name.clone();
    if !is_asked(policy, release) {
        return (None, None);
    }
    let is = match &seen.scaling {
        Part::Known(is) => *is,
        Part::Unknown(_) if seen.is_nothing() => return (None, None),
        Part::Unknown(why) => {
            return (
                None,
                Some(format!("whether {name} scales automatically is unknown: {why}")),
            );
        }
    };
    let (Some(is), Some(wanted)) = (is, wanted(policy, release)) else {
        // Nobody has it scaled, or not any more.
        release.scaling.take_if(|_| is.is_none());
        return (None, None);
    };
    if wanted == Wanted::Nobody && is != Suspended::ALL && has_its_own(release, seen) {
        release.scaling.get_or_insert(Scaling::found(is, at));
    }
    if wanted == Wanted::Rest && !(has_its_own(release, seen) && is_settled(release, at)) {
        // Registering would put it between its fewest and most, as if somebody else had. And what is given while it scales
        // is somebody else's: a share of ours must not land by then.
        return (None, None);
    }
    let Some(scaling) = release.scaling.as_mut() else {
        return (None, None);
    };
    let is_to_be = match wanted {
        Wanted::Nobody => Suspended::ALL,
        Wanted::Rest => scaling.rest,
    };
    if !scaling.theirs && scaling.given != is_to_be {
        scaling.give(is_to_be, at);
    }
    match due(scaling, is, at) {
        Due::Nothing => {
            // Given back, and nothing can come late: it is looked at no more.
            let settled = at >= scaling.at.plus_seconds(LATE_WRITE_SECONDS);
            let over = wanted == Wanted::Rest && settled && is == scaling.rest;
            release.scaling.take_if(|scaling| over && scaling.given == scaling.rest);
            (None, None)
        }
        Due::Theirs => {
            let text = format!("the automatic scaling of {name} was changed by somebody else; left so");
            (None, Some(text))
        }
        Due::Now => {
            let how = match wanted {
                Wanted::Nobody => "suspended",
                Wanted::Rest => "given back",
            };
            let action = Action::Suspend {
                cluster: release.cluster.clone(),
                service: name.clone(),
                suspended: is_to_be,
            };
            (Some(action), Some(format!("the automatic scaling of {name} is {how}")))
        }
    }
}

/// Whether the canary has the number of tasks that it had before anything was changed, or one that is somebody else's.
fn has_its_own(release: &Release, seen: &Seen) -> bool {
    let Some(canary) = seen.canary.known() else {
        return false;
    };
    let size = release.size.as_ref();
    size.is_none_or(|size| size.theirs.is_some() || size.given == size.rest && canary.desired == size.rest)
}

/// Whether no call that gave the canary a share can land any more, nor an older state of it be shown.
pub fn is_settled(release: &Release, at: At) -> bool {
    let size = release.size.as_ref().filter(|size| size.theirs.is_none());
    size.is_none_or(|size| size.is_untouched() || at >= size.at.plus_seconds(LATE_WRITE_SECONDS))
}

/// What is to be done about it.
enum Due {
    /// It is as it is to be.
    Nothing,
    /// It is to be changed, once more perhaps.
    Now,
    /// Somebody else has changed it.
    Theirs,
}

/// As long as a call of ours may land late, whatever is not as it is to be is changed again; what was seen as it is to be
/// after that, and is not so any more, is somebody's, and so is what it never was.
fn due(scaling: &mut Scaling, is: Suspended, at: At) -> Due {
    let settled = at >= scaling.at.plus_seconds(LATE_WRITE_SECONDS);
    if is == scaling.given {
        scaling.seen |= settled;
        return Due::Nothing;
    }
    let known = is == Suspended::ALL || is == scaling.rest;
    scaling.theirs |= !known || scaling.seen;
    if scaling.theirs {
        return Due::Theirs;
    }
    if at >= scaling.at.plus_seconds(AGAIN_SECONDS) {
        scaling.at = at;
    }
    Due::Now
}

/// Why the release cannot close yet: it is not as it was, or may be suspended once more.
pub fn unrest(release: &Release, seen: &Seen, at: At) -> Option<String> {
    let scaling = release.scaling.as_ref().filter(|scaling| !scaling.theirs)?;
    let name = &release.canary.name;
    let settled = scaling.at.plus_seconds(LATE_WRITE_SECONDS);
    match &seen.scaling {
        Part::Unknown(why) => Some(format!("whether {name} scales automatically again is unknown: {why}")),
        Part::Known(None) => None,
        Part::Known(Some(is)) if *is != scaling.rest || scaling.given != scaling.rest => {
            Some(format!("the automatic scaling of {name} is not as it was"))
        }
        Part::Known(Some(_)) => (at < settled)
            .then(|| format!("the automatic scaling of {name} was given back a moment ago; settled at {settled}")),
    }
}

#[cfg(test)]
mod tests;
