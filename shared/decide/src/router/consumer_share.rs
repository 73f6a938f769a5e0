//! Two services that take from one queue: the share is how many tasks the canary has. While it bakes that is what the
//! share of its step asks for, beside as many as stable has; what it had before, once that is over.
//!
//! Stable's number is followed and never set. What somebody else gave the canary meanwhile is theirs, a person or the
//! canary's own scaling policies, and is left so; these are suspended first ([`crate::rule::scaling`]).

use super::{AGAIN_SECONDS, Can, Served, SharesBy, Way};
use crate::rule::forward::{is_echo, is_reached};
use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::rule::{scaling, successor};
use crate::share::{nearest, permille};
use crate::{Action, At, Phase, Policy, Release, Scaling, Seen, SeenService, Size, freeze, order};

/// What numbers of tasks can do.
pub(super) const CAN: Can = Can {
    by: SharesBy::Tasks,
    exchanges: Err(
        "shares follow the numbers of tasks: a queue has no weights that could be all at one side, or say which side is \
         stable",
    ),
    rests_at_a_share: false,
};

/// How many tasks the canary has before anything is changed, once all of them run the revision.
pub fn note(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    let (Some(canary), Some(given)) = (seen.canary.known(), release.canary.given.as_ref()) else {
        return;
    };
    let own = given.deployment == canary.primary.id && given.reached.is_some() && is_reached(canary);
    let baking = matches!(release.phase, Phase::Baking { .. });
    if own && baking && policy.sizes_canary() && release.size.is_none() {
        release.size = Some(Size::found(canary.desired, at));
    }
}

/// The share that whole tasks give. What somebody else has given is theirs, and holds nothing.
pub fn read(seen: &Seen) -> Result<Served, String> {
    let tasks = seen.canary.known().zip(seen.stable.known());
    Ok(Served {
        permille: tasks.and_then(|(canary, stable)| permille(canary.desired, stable.desired)),
        text: None,
    })
}

/// Gives the canary the number of tasks that it is to have now, where it has another, and sees to it that nobody else
/// scales it meanwhile.
pub fn set(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Way {
    let (suspend, suspended) = scaling::way(policy, release, seen, at);
    // Not before that was seen: registering puts it between its fewest and most.
    let grows = matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. });
    let (scale, scaled) = match suspend {
        Some(_) if grows => (None, None),
        _ => tasks(policy, release, seen, at),
    };
    let is_right = scale.is_none();
    let texts: Vec<String> = [scaled, suspended].into_iter().flatten().collect();
    Way {
        is_right,
        with_canary: [suspend, scale].into_iter().flatten().collect(),
        text: (!texts.is_empty()).then(|| texts.join("; ")),
        ..Way::default()
    }
}

fn tasks(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> (Option<Action>, Option<String>) {
    let Some(canary) = seen.canary.known() else {
        return (None, None);
    };
    if let Some(tasks) = theirs(release, canary, at) {
        let (name, tasks) = (&release.canary.name, counted(tasks));
        let text = format!("{name} has {tasks}, as somebody else gave it; left so");
        return (None, Some(text));
    }
    let Some(tasks) = wanted(policy, release, seen).map(|tasks| held(policy, release, canary, tasks, (seen, at)))
    else {
        return (None, None);
    };
    let given = release.size.as_ref().is_none_or(|size| size.given == tasks);
    if given && canary.desired == tasks {
        return (None, None);
    }
    authorise(release, canary.desired, tasks, at);
    let share = seen
        .stable
        .known()
        .and_then(|stable| Some((permille(tasks, stable.desired)?, stable.desired)));
    let beside = share.map(|(share, stable)| format!(" beside {stable} of {}, {share} of 1000", release.stable.name));
    let text = format!(
        "{} is given {} instead of {}{}",
        release.canary.name,
        counted(tasks),
        canary.desired,
        beside.unwrap_or_default()
    );
    let action = Action::Scale {
        cluster: release.cluster.clone(),
        service: release.canary.name.clone(),
        tasks,
    };
    (Some(action), Some(text))
}

/// In a freeze no more than it has, or was given before that.
pub(super) fn held(
    policy: &Policy,
    release: &Release,
    canary: &SeenService,
    tasks: u32,
    (seen, at): (&Seen, At),
) -> u32 {
    let grows = match release.phase {
        Phase::Baking { .. } | Phase::Gated { .. } => true,
        // What was promoted gives back what it took; not to the next release, where the canary has that already:
        // nobody has judged it.
        Phase::Watching => successor::of(policy, release, seen, at).is_some(),
        _ => false,
    };
    if !grows || freeze::in_force(&policy.freeze, release.freeze.as_ref(), at).is_none() {
        return tasks;
    }
    let given = release.size.as_ref().map_or(0, |size| size.given);
    tasks.min(canary.desired.max(given))
}

pub(in crate::router) fn counted(tasks: u32) -> String {
    match tasks {
        1 => "1 task".to_owned(),
        tasks => format!("{tasks} tasks"),
    }
}

/// How many tasks it has that are none of ours. What we gave it earlier may be seen until it was seen with what it was
/// given last, and a while after that: ECS shows older states.
pub(super) fn theirs(release: &mut Release, canary: &SeenService, at: At) -> Option<u32> {
    let scales = |scaling: &Scaling| scaling.given == scaling.rest;
    let is_scaled = release.scaling.as_ref().is_some_and(scales);
    let is_going_back = release.phase.rolling_back().is_some() || is_scaled && release.phase == Phase::Watching;
    let size = release.size.as_mut()?;
    let has = canary.desired;
    size.seen |= has == size.given;
    // Once it has its own number and is scaled again, whatever else it has is what it was scaled to.
    let scaled = is_scaled && size.given == size.rest;
    let late = size.seen && (scaled || at >= size.at.plus_seconds(LATE_WRITE_SECONDS));
    let ours = match size.theirs {
        None => has == size.given || !late && size.earlier.contains(&has),
        // Whoever took it has given it back; but not where that was to be taken from it long before.
        Some(_) => has == size.given && !(late && is_going_back),
    };
    size.theirs = (!ours).then_some(has);
    size.theirs
}

/// Written down before it is done, once more where it has to be done again: closing waits for the last.
pub(super) fn authorise(release: &mut Release, has: u32, tasks: u32, at: At) {
    let size = release.size.get_or_insert_with(|| Size::found(has, at));
    if size.given != tasks {
        size.give(tasks, at);
    } else if at >= size.at.plus_seconds(AGAIN_SECONDS) {
        size.at = at;
    }
}

/// What a step asks for.
enum Wanted {
    /// No share.
    Nothing,
    /// A share that cannot be had at the moment, for the reason given; and the nearest that can, if any can.
    Cannot(Option<u32>, String),
    /// So many tasks.
    Tasks(u32),
}

/// Tasks that the canary is to have; none where that is left as it is.
fn wanted(policy: &Policy, release: &Release, seen: &Seen) -> Option<u32> {
    let rest = || release.size.as_ref().map(|size| size.rest);
    let runs = release
        .canary
        .given
        .as_ref()
        .is_some_and(|given| given.reached.is_some());
    let step = match &release.phase {
        // Not before all of its tasks have shown that they run.
        Phase::Baking { step } if runs && !is_echo(release) => *step as usize,
        // Whoever answers for what is left of the bake does so with the share that it has.
        Phase::Gated { .. } if order::lets_go(release).is_some() => return None,
        Phase::Gated { .. } if runs && release.size.is_some() => policy.steps().len().checked_sub(1)?,
        Phase::Gated { .. } | Phase::Promoting | Phase::Closed { .. } => return None,
        Phase::Baking { .. } | Phase::Deploying | Phase::Watching => return rest(),
        Phase::RollingBack { .. } | Phase::RollbackFailed { .. } => return rest(),
    };
    match of_step(policy, step, release, seen) {
        Wanted::Tasks(tasks) => Some(tasks),
        Wanted::Cannot(tasks, _) => tasks,
        Wanted::Nothing => None,
    }
}

/// Never more than the policy has for both, but one.
fn of_step(policy: &Policy, step: usize, release: &Release, seen: &Seen) -> Wanted {
    let Some(asked) = policy.steps().get(step).and_then(|step| step.share_permille) else {
        return Wanted::Nothing;
    };
    let name = &release.stable.name;
    let stable = match seen.stable.known().map(|stable| stable.desired) {
        None => return Wanted::Cannot(None, format!("how many tasks {name} has is unknown")),
        Some(0) => return Wanted::Cannot(None, format!("{name} has no task")),
        Some(stable) => stable,
    };
    let most = policy.tasks_max().unwrap_or(u32::MAX);
    let room = most.saturating_sub(stable).max(1);
    match nearest(asked, stable) {
        Some(tasks) if tasks <= room => Wanted::Tasks(tasks),
        Some(tasks) => Wanted::Cannot(
            Some(room),
            format!(
                "{asked} of 1000 are {} beside {stable} of {name}, and tasks_max is {most}",
                counted(tasks)
            ),
        ),
        None => Wanted::Cannot(None, format!("{asked} of 1000 leave nothing to {name}")),
    }
}

/// Since when the canary has had the share of its step; notes it where that is now. Else why it has not.
pub fn confirm(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Result<At, String> {
    let not_yet = || "it does not have the share yet".to_owned();
    let Phase::Baking { step } = release.phase else {
        return Err(not_yet());
    };
    if let Some(since) = release.step_reached {
        return Ok(since);
    }
    let begun = release.canary.given.as_ref().and_then(|given| given.reached);
    let (Some(begun), Some(canary)) = (begun, seen.canary.known()) else {
        return Err(not_yet());
    };
    let size = release.size.as_ref();
    let theirs = size.is_some_and(|size| size.theirs.is_some());
    let has = match of_step(policy, step as usize, release, seen) {
        _ if theirs => is_reached(canary),
        Wanted::Nothing => true,
        Wanted::Tasks(tasks) => tasks == canary.desired && is_reached(canary),
        Wanted::Cannot(_, why) => return Err(format!("it cannot have the share: {why}")),
    };
    // Where nothing had to be changed it bakes since its tasks run.
    let unchanged = step == 0 && size.is_none_or(Size::is_untouched);
    release.step_reached = has.then_some(if unchanged { begun } else { at });
    release.step_reached.ok_or_else(not_yet)
}

/// Authorises the way back to rest ahead of the look that shows how many tasks there are: the restore waits for no
/// further write.
pub fn rest(release: &mut Release, at: At) {
    let size = release.size.as_mut();
    if let Some(size) = size.filter(|size| size.theirs.is_none() && size.given != size.rest) {
        size.give(size.rest, at);
    }
}

/// Why the release cannot close yet: the canary does not have its own number of tasks again, or may lose it once more,
/// or is not scaled as it was before.
pub fn unrest(release: &Release, seen: &Seen, at: At) -> Option<String> {
    unrest_of_tasks(release, seen, at).or_else(|| scaling::unrest(release, seen, at))
}

pub(super) fn unrest_of_tasks(release: &Release, seen: &Seen, at: At) -> Option<String> {
    let size = release.size.as_ref().filter(|size| size.theirs.is_none())?;
    let (name, rest) = (&release.canary.name, size.rest);
    let settled = size.at.plus_seconds(LATE_WRITE_SECONDS);
    match seen.canary.known().map(|canary| canary.desired) {
        Some(tasks) if tasks == rest && size.given == rest && at >= settled => None,
        Some(tasks) if tasks == rest && size.given == rest => Some(format!(
            "{name} was given its {} again a moment ago; settled at {settled}",
            counted(rest)
        )),
        _ => Some(format!("{name} does not have its {} again", counted(rest))),
    }
}

#[cfg(test)]
mod tests;
