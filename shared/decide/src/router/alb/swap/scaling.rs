//! The automatic scaling of two sides that exchange their roles.
//!
//! The canary's is suspended until it carries everything, and is then what stable's was: it goes with the role. Stable takes
//! no tasks away while it is the way back, though fewer and fewer are sent to it; it may still grow. Once it is retired
//! nothing scales it, or its fewest tasks would come back. Whatever was changed is given back where the release is.
//!
//! # Source
//! Application Auto Scaling API Reference, RegisterScalableTarget: it also puts the number of tasks between the target's
//! fewest and most at once.

use crate::policy::Retire;
use crate::router::AGAIN_SECONDS;
use crate::rule::forward::is_echo;
use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::rule::scaling::is_settled;
use crate::{Action, At, Part, Phase, Policy, Release, Role, Scaling, Seen, Suspended};

/// What is done about one side, and what there is to say about it.
#[derive(Default)]
pub struct Turn {
    /// The call.
    pub act: Option<Action>,
    /// For people.
    pub text: Option<String>,
}

/// The canary's: after it was given its tasks, and given back once it has its own number again.
pub fn canary(release: &mut Release, seen: &Seen, at: At) -> Turn {
    let wanted = of_canary(release, seen, at);
    let (mut scaling, name) = (release.scaling.take(), release.canary.name.clone());
    let turn = turn(&mut scaling, &seen.scaling, wanted, &name, at);
    release.scaling = scaling;
    acting(release, turn, &name)
}

/// The old side's.
pub fn old(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Turn {
    let wanted = of_old(policy, release);
    let (mut scaling, name) = (release.old_scaling.take(), release.stable.name.clone());
    let turn = turn(&mut scaling, &seen.old_scaling, wanted, &name, at);
    release.old_scaling = scaling;
    acting(release, turn, &name)
}

/// What is to be suspended.
enum Wanted {
    /// Whatever was before.
    Rest,
    /// This.
    These(Suspended),
    /// What was before, and that tasks are taken away.
    NoFewer,
}

fn is_forward(release: &Release) -> bool {
    let forward = matches!(
        release.phase,
        Phase::Baking { .. } | Phase::Gated { .. } | Phase::Promoting
    );
    forward && release.canary.given.is_some() && !is_echo(release)
}

fn of_canary(release: &Release, seen: &Seen, at: At) -> Option<Wanted> {
    match &release.phase {
        Phase::Closed { .. } => None,
        _ if is_forward(release) => {
            // Registering would put it between its fewest and most, as if somebody else had.
            let size = release.size.as_ref();
            let has = seen.canary.known().map(|canary| canary.desired);
            let given = size.is_some_and(|size| size.theirs.is_some() || has == Some(size.given));
            given.then_some(Wanted::These(Suspended::ALL))
        }
        Phase::Watching => {
            let live = release.old_scaling.as_ref().map(|old| old.rest);
            let seen = seen.old_scaling.known().copied().flatten();
            Some(live.or(seen).map_or(Wanted::Rest, Wanted::These))
        }
        _ => {
            let (size, canary) = (release.size.as_ref(), seen.canary.known()?);
            let own =
                |size: &crate::Size| size.theirs.is_some() || size.given == size.rest && canary.desired == size.rest;
            (size.is_none_or(own) && is_settled(release, at)).then_some(Wanted::Rest)
        }
    }
}

fn of_old(policy: &Policy, release: &Release) -> Option<Wanted> {
    match &release.phase {
        Phase::Closed { .. } => None,
        Phase::Watching => Some(match (&release.retired, policy.retire) {
            (None, _) => Wanted::NoFewer,
            (Some(size), Some(Retire::ScaleToZero)) if size.given == 0 && size.theirs.is_none() => {
                Wanted::These(Suspended::ALL)
            }
            (Some(_), _) => Wanted::Rest,
        }),
        _ if is_forward(release) => Some(Wanted::NoFewer),
        _ => Some(Wanted::Rest),
    }
}

/// What is to be sent, and for people.
type Turned = (Option<Suspended>, Option<String>);

fn turn(
    scaling: &mut Option<Scaling>,
    is: &Part<Option<Suspended>>,
    wanted: Option<Wanted>,
    name: &str,
    at: At,
) -> Turned {
    let Some(wanted) = wanted else { return (None, None) };
    let is = match is {
        Part::Known(Some(is)) => *is,
        Part::Known(None) => {
            // Nobody has it scaled, or not any more.
            *scaling = None;
            return (None, None);
        }
        Part::Unknown(why) => {
            let text = scaling
                .is_some()
                .then(|| format!("whether {name} scales automatically is unknown: {why}"));
            return (None, text);
        }
    };
    let rest = scaling.as_ref().map_or(is, |scaling| scaling.rest);
    let to_be = match wanted {
        Wanted::Rest => rest,
        Wanted::These(these) => these,
        Wanted::NoFewer => Suspended { scale_in: true, ..rest },
    };
    if scaling.is_none() && is == to_be {
        return (None, None);
    }
    let state = scaling.get_or_insert_with(|| Scaling::found(is, at));
    if !state.theirs && state.given != to_be {
        state.give(to_be, at);
    }
    let settled = at >= state.at.plus_seconds(LATE_WRITE_SECONDS);
    if is == state.given {
        state.seen |= settled;
        scaling.take_if(|state| settled && state.given == state.rest && matches!(wanted, Wanted::Rest));
        return (None, None);
    }
    state.theirs |= state.seen;
    if state.theirs {
        let text = format!("the automatic scaling of {name} was changed by somebody else; left so");
        return (None, Some(text));
    }
    if at >= state.at.plus_seconds(AGAIN_SECONDS) {
        state.at = at;
    }
    let text = match to_be {
        Suspended::ALL => format!("the automatic scaling of {name} is suspended"),
        _ if to_be == rest => format!("the automatic scaling of {name} is given back"),
        _ if to_be.scale_in => format!("the automatic scaling of {name} takes no tasks away"),
        _ => format!("the automatic scaling of {name} is resumed"),
    };
    (Some(to_be), Some(text))
}

fn acting(release: &Release, (suspended, text): Turned, name: &str) -> Turn {
    Turn {
        act: suspended.map(|suspended| Action::Suspend {
            cluster: release.cluster.clone(),
            service: name.to_owned(),
            suspended,
        }),
        text,
    }
}

/// Why a release cannot close yet: the automatic scaling of a side is not what it was given last, or may be changed once
/// more.
pub fn unrest(release: &Release, seen: &Seen, role: Role, at: At) -> Option<String> {
    let (scaling, is) = match role {
        Role::Canary => (&release.scaling, &seen.scaling),
        Role::Stable => (&release.old_scaling, &seen.old_scaling),
    };
    let scaling = scaling.as_ref().filter(|scaling| !scaling.theirs)?;
    let name = &release.service(role).name;
    let settled = scaling.at.plus_seconds(LATE_WRITE_SECONDS);
    match is {
        Part::Unknown(why) => Some(format!("whether {name} scales automatically is unknown: {why}")),
        Part::Known(None) => None,
        Part::Known(Some(is)) if *is != scaling.given || !is_home(release, scaling) => {
            Some(format!("the automatic scaling of {name} is not as it is to be"))
        }
        Part::Known(Some(_)) => (at < settled)
            .then(|| format!("the automatic scaling of {name} was changed a moment ago; settled at {settled}")),
    }
}

/// Only while the roles are exchanged it is to be otherwise than it was.
fn is_home(release: &Release, scaling: &Scaling) -> bool {
    release.phase == Phase::Watching || scaling.given == scaling.rest
}

/// Whether the old side's is seen to be what it was given last, or is somebody else's.
pub fn is_right(release: &Release, seen: &Seen) -> bool {
    let scaling = release.old_scaling.as_ref().filter(|scaling| !scaling.theirs);
    scaling.is_none_or(|scaling| match &seen.old_scaling {
        Part::Known(is) => is.is_none_or(|is| is == scaling.given),
        Part::Unknown(_) => false,
    })
}

/// Whether nothing brings tasks back to the old side once it has none; else why that is not known to be so.
pub fn stays_empty(release: &Release, seen: &Seen) -> Result<(), String> {
    let name = &release.stable.name;
    match &seen.old_scaling {
        Part::Known(None | Some(Suspended::ALL)) => Ok(()),
        Part::Known(Some(_)) => Err(format!("the automatic scaling of {name} is not suspended yet")),
        Part::Unknown(why) => Err(format!("whether {name} scales automatically is unknown: {why}")),
    }
}

#[cfg(test)]
mod tests;
