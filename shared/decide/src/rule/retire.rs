//! The old side of a swap, once the watch is over: it is scaled to no tasks where the policy says so, and never before.
//!
//! From the moment that this is written down there is no way back by the weights alone, so nothing takes the release back
//! any more: its watch is over, and what fails from then on is the next release's to mend.

use super::forward::patience;
use super::identify::{Runs, identify};
use super::roll_back::LATE_WRITE_SECONDS;
use crate::policy::Retire;
use crate::router::AGAIN_SECONDS;
use crate::router::alb::swap::{everybody_at_canary, scaling, stuck_until};
use crate::{Action, At, Part, Phase, Policy, Release, Role, Seen, Size};

/// Where the old side is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retiring {
    /// Nothing is to be done about it any more; what there is to say.
    Over(Option<String>),
    /// The release cannot close yet, for the reason given.
    Awaits(String),
}

impl Retiring {
    /// For people, after something else.
    pub fn said(&self) -> String {
        match self {
            Retiring::Over(Some(text)) | Retiring::Awaits(text) => format!("; {text}"),
            Retiring::Over(None) => String::new(),
        }
    }
}

/// Begins to retire it, or says how far that is. Asked only where nothing else keeps the release from closing.
pub fn judge(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Retiring {
    let name = release.stable.name.clone();
    if !release.swaps {
        return Retiring::Over(None);
    }
    let stable = match &seen.stable {
        Part::Known(stable) => stable,
        Part::Unknown(why) => return Retiring::Awaits(format!("{name} is unknown: {why}")),
    };
    let patient = at < patience(policy, release);
    let keeps = format!("{name} keeps its tasks");
    if policy.retire != Some(Retire::ScaleToZero) {
        return match let_go(release, seen, at).filter(|_| patient) {
            Some(why) => Retiring::Awaits(why),
            None => Retiring::Over(Some(keeps)),
        };
    }
    // Who closes a service that somebody is sent to closes it to them all.
    if let Some(why) = still_sent(release, seen, at).filter(|_| stable.desired > 0) {
        return match release.retired.as_mut().filter(|size| size.given == 0) {
            _ if patient => Retiring::Awaits(why),
            Some(size) if at < size.at.plus_seconds(LATE_WRITE_SECONDS) => Retiring::Awaits(why),
            Some(size) => {
                size.theirs = Some(stable.desired);
                Retiring::Over(Some(format!("{keeps}: {why}")))
            }
            None => Retiring::Over(Some(format!("{keeps}: {why}"))),
        };
    }
    let size = release.retired.get_or_insert_with(|| Size::found(stable.desired, at));
    size.seen |= stable.desired == size.given;
    let late = at >= size.at.plus_seconds(LATE_WRITE_SECONDS);
    if size.given == 0 && size.seen && late && stable.desired > 0 {
        size.theirs = Some(stable.desired);
        return Retiring::Over(Some(format!(
            "{name} has {} tasks, as somebody else gave it since; left so",
            stable.desired
        )));
    }
    if size.given > 0 {
        size.give(0, at);
    } else if stable.desired > 0 && !patient {
        // Given up: nothing is sent any more that could land late.
        size.theirs = Some(stable.desired);
    } else if stable.desired > 0 && at >= size.at.plus_seconds(AGAIN_SECONDS) {
        size.at = at;
    }
    let settled = size.at.plus_seconds(LATE_WRITE_SECONDS);
    let running = stable.primary.running + stable.older_running;
    let stays = scaling::stays_empty(release, seen);
    if let (Err(why), true) = (stays, patient) {
        return Retiring::Awaits(why);
    }
    match (stable.desired, running) {
        (0, 0) if at >= settled => Retiring::Over(Some(format!("{name} is retired: it has no tasks"))),
        (0, 0) => Retiring::Awaits(format!("{name} has no tasks any more; settled at {settled}")),
        _ if !patient && at >= settled => Retiring::Over(Some(format!(
            "{name} could not be retired within {} minutes: {running} of its tasks still run",
            policy.deadline_minutes
        ))),
        (0, running) => Retiring::Awaits(format!("{name} was given no tasks, {running} are still ending")),
        (desired, _) => Retiring::Awaits(format!("{name} is given no tasks instead of {desired}")),
    }
}

/// The old side keeps its tasks, and is nobody's way back any more: why it is not scaled as before yet, where it is not.
fn let_go(release: &mut Release, seen: &Seen, at: At) -> Option<String> {
    let stable = seen.stable.known().filter(|_| release.swaps)?;
    let tasks = stable.desired.max(1);
    release.retired.get_or_insert_with(|| Size::found(tasks, at));
    let old = release.old_scaling.as_ref().filter(|old| !old.theirs)?;
    let name = &release.stable.name;
    match old.given == old.rest {
        true => scaling::unrest(release, seen, Role::Stable, at),
        false => Some(format!("the automatic scaling of {name} is given back")),
    }
}

/// The same where somebody else has given one of both sides something. What has begun is finished, as the old side may have
/// no tasks any more; but what somebody has just given it tasks for is theirs.
pub fn left(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<String> {
    let old = seen.stable.known().filter(|old| old.desired > 0);
    let theirs = old.filter(|old| matches!(identify(release, Role::Stable, &old.primary), Runs::Third(_)));
    let begun = release.retired.as_mut().filter(|size| size.given == 0);
    match begun {
        None => return let_go(release, seen, at),
        Some(size) => {
            if let Some(theirs) = theirs {
                size.theirs = Some(theirs.desired);
                return let_go(release, seen, at);
            }
        }
    }
    match judge(policy, release, seen, at) {
        Retiring::Awaits(why) => Some(why),
        Retiring::Over(_) => None,
    }
}

/// Why somebody may still be sent to the old side. What has begun waits for no session any more.
fn still_sent(release: &Release, seen: &Seen, at: At) -> Option<String> {
    let name = &release.stable.name;
    let stick = || stuck_until(release, seen, at).filter(|_| release.retired.is_none());
    let stick = || stick().map(|until| format!("sessions stick to {name} until {until}"));
    everybody_at_canary(seen).err().or_else(stick)
}

/// What is done about it.
pub fn lane(release: &Release, seen: &Seen) -> Vec<Action> {
    let to_go = release
        .retired
        .as_ref()
        .filter(|size| size.given == 0 && size.theirs.is_none());
    let has = seen.stable.known().is_some_and(|stable| stable.desired > 0);
    let stays = scaling::stays_empty(release, seen).is_ok();
    let serves = everybody_at_canary(seen).is_err();
    if to_go.is_none() || !has || !stays || serves || release.phase != Phase::Watching {
        return Vec::new();
    }
    vec![Action::Scale {
        cluster: release.cluster.clone(),
        service: release.stable.name.clone(),
        tasks: 0,
    }]
}

#[cfg(test)]
mod tests;
