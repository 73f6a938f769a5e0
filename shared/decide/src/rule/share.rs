//! How many tasks the canary has: while it bakes what the share of its step asks for, beside as many as stable has; what
//! it had before, once that is over.
//!
//! Stable's number is followed and never set. What somebody else gave the canary meanwhile is theirs, a person or the
//! canary's own scaling policies, and is left so.

use super::forward::{is_echo, is_reached};
use super::roll_back::LATE_WRITE_SECONDS;
use crate::share::{nearest, permille};
use crate::{Action, At, Phase, Policy, Release, Seen, SeenService, Size};

/// After which the same act counts as done anew.
const AGAIN_SECONDS: u32 = 25;

/// What is done, and what there is to say about it.
#[derive(Default)]
pub struct Way {
    /// At most one call.
    pub act: Option<Action>,
    /// For people.
    pub text: Option<String>,
}

/// Notes how many tasks the canary has before anything is changed: whoever changes that later is told from us.
pub fn found(policy: &Policy, release: &mut Release, canary: &SeenService, at: At) {
    let shares = policy.steps().iter().any(|step| step.share_permille.is_some());
    if shares && matches!(release.phase, Phase::Baking { .. }) && release.size.is_none() {
        release.size = Some(Size {
            rest: canary.desired,
            before: canary.desired,
            given: canary.desired,
            at,
            theirs: None,
        });
    }
}

/// Gives the canary the number of tasks that it is to have now, where it has another.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Way {
    let Some(canary) = seen.canary.known() else {
        return Way::default();
    };
    if let Some(tasks) = theirs(release, canary) {
        let (name, tasks) = (&release.canary.name, counted(tasks));
        let text = format!("{name} has {tasks}, as somebody else gave it; left so");
        return Way {
            act: None,
            text: Some(text),
        };
    }
    let Some(tasks) = wanted(policy, release, seen) else {
        return Way::default();
    };
    let given = release.size.as_ref().is_none_or(|size| size.given == tasks);
    if given && canary.desired == tasks {
        return Way::default();
    }
    authorise(release, canary.desired, tasks, at);
    let share = seen
        .stable
        .known()
        .and_then(|stable| Some((permille(tasks, stable.desired)?, stable.desired)));
    let beside = share.map(|(share, stable)| format!(" beside {stable} of {}, {share} of 1000", release.stable.name));
    Way {
        text: Some(format!(
            "{} is given {} instead of {}{}",
            release.canary.name,
            counted(tasks),
            canary.desired,
            beside.unwrap_or_default()
        )),
        act: Some(Action::Scale {
            cluster: release.cluster.clone(),
            service: release.canary.name.clone(),
            tasks,
        }),
    }
}

fn counted(tasks: u32) -> String {
    match tasks {
        1 => "1 task".to_owned(),
        tasks => format!("{tasks} tasks"),
    }
}

/// How many tasks it has that neither we gave it nor it had just before that.
fn theirs(release: &mut Release, canary: &SeenService) -> Option<u32> {
    let size = release.size.as_mut()?;
    let ours = match size.theirs {
        None => [size.given, size.before].contains(&canary.desired),
        // Whoever took it has given it back.
        Some(_) => canary.desired == size.given,
    };
    size.theirs = (!ours).then_some(canary.desired);
    size.theirs
}

/// Written down before it is done, once more where it has to be done again: closing waits for the last.
fn authorise(release: &mut Release, has: u32, tasks: u32, at: At) {
    let last = release.size.as_ref();
    if last.is_some_and(|last| last.given == tasks && at < last.at.plus_seconds(AGAIN_SECONDS)) {
        return;
    }
    release.size = Some(Size {
        rest: last.map_or(has, |last| last.rest),
        before: has,
        given: tasks,
        at,
        theirs: None,
    });
}

/// Authorises the way back to rest ahead of the look that shows how many tasks there are: the restore waits for no
/// further write.
pub fn go_to_rest(release: &mut Release, at: At) {
    if let Some(size) = release
        .size
        .as_mut()
        .filter(|size| size.theirs.is_none() && size.given != size.rest)
    {
        (size.before, size.given, size.at) = (size.given, size.rest, at);
    }
}

/// Tasks that the canary is to have; none where that is left as it is.
fn wanted(policy: &Policy, release: &Release, seen: &Seen) -> Option<u32> {
    let rest = || release.size.as_ref().map(|size| size.rest);
    match &release.phase {
        Phase::Baking { .. } if is_echo(release) => rest(),
        Phase::Baking { step } => of_step(policy, release, *step as usize, seen),
        Phase::Gated { .. } => of_step(policy, release, policy.steps().len().checked_sub(1)?, seen),
        Phase::Promoting | Phase::Closed { .. } => None,
        Phase::Deploying | Phase::Watching | Phase::RollingBack { .. } | Phase::RollbackFailed { .. } => rest(),
    }
}

/// Not before the first tasks have shown that they run at all, and never more than the policy has for both.
fn of_step(policy: &Policy, release: &Release, step: usize, seen: &Seen) -> Option<u32> {
    release.canary.given.as_ref()?.reached?;
    let asked = policy.steps().get(step)?.share_permille?;
    let stable = seen.stable.known()?.desired;
    let room = policy.tasks_max().checked_sub(stable)?;
    let tasks = nearest(asked, stable)?.min(room);
    (stable > 0 && tasks > 0).then_some(tasks)
}

/// Since when the canary has had the share of its step; notes it where that is now.
pub fn reached(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<At> {
    let Phase::Baking { step } = release.phase else {
        return None;
    };
    let begun = release.canary.given.as_ref()?.reached?;
    let canary = seen.canary.known();
    if release.step_reached.is_none()
        && let Some(canary) = canary
    {
        let size = release.size.as_ref();
        let theirs = size.is_some_and(|size| size.theirs.is_some());
        let has = match wanted(policy, release, seen).filter(|_| !theirs) {
            None => true,
            Some(tasks) => tasks == canary.desired && is_reached(canary),
        };
        // Where nothing had to be changed it bakes since its tasks run.
        let unchanged = size.is_none_or(|size| size.given == size.rest);
        let since = if step == 0 && unchanged { begun } else { at };
        release.step_reached = has.then_some(since);
    }
    release.step_reached
}

/// Why the release cannot close yet: the canary does not have its own number of tasks again, or may lose it once more.
pub fn unrest(release: &Release, seen: &Seen, at: At) -> Option<String> {
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
