//! What follows where the checks cannot tell whether the release is good: it is held for as long as the policy says, and
//! then comes what the policy says by name.
//!
//! Too little evidence is meant, and only that: what could not be read, what only needs time, and an alarm that rings
//! from before, hold the release and never take it back.

use super::check;
use super::forward::is_echo;
use crate::policy::Then;
use crate::{At, Cause, Phase, Policy, Release, Seen, order};

/// Until when it is held, and what comes then; none where the policy does not say.
fn extension(policy: &Policy, release: &Release) -> Option<(At, Then)> {
    let rule = policy.when_undecided?;
    let over = match release.phase {
        // What the first steps have left of their bakes is for the later ones, and none of them has less than by itself.
        Phase::Baking { .. } | Phase::Gated { .. } => {
            let reached = release.canary.given.as_ref()?.reached?;
            let all = reached.plus_seconds(policy.bake_minutes_total() * 60);
            own_end(policy, release).map_or(all, |own| own.max(all))
        }
        Phase::Watching => release.phase_since.plus_seconds(policy.watch_minutes * 60),
        _ => return None,
    };
    Some((over.plus_seconds(rule.extend_minutes_max * 60), rule.then))
}

/// When a step has what it needs where its data come as they are expected, counted from when it was seen with its share,
/// or, where that has not been yet, from when it began: each has its own evidence to find. A gate asks what the last step
/// did.
fn own_end(policy: &Policy, release: &Release) -> Option<At> {
    let steps = policy.steps();
    let step = match release.phase {
        Phase::Baking { step } => usize::try_from(step).ok()?,
        _ => steps.len().checked_sub(1)?,
    };
    let minutes = policy.step_minutes(steps.get(step)?);
    let begun = match release.phase {
        Phase::Baking { .. } => release.step_reached.unwrap_or(release.phase_since),
        _ => release.step_reached?,
    };
    Some(begun.plus_seconds(minutes.saturating_mul(60)))
}

/// Why it is held, once its bake or its watch is over; none where the checks can tell, or need not any more.
pub fn held(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let why = check::lacking(policy, release, seen, at)?;
    match extension(policy, release) {
        Some((until, then)) if at < until => {
            let then = match then {
                Then::Hold => "held on",
                Then::RollBack => "rolled back",
                Then::GoOn => "let go on",
            };
            Some(format!("{why}; extended until {until}, and then {then}"))
        }
        Some((_, Then::GoOn)) => None,
        Some((_, Then::Hold | Then::RollBack)) | None => Some(why),
    }
}

/// What the checks could not tell of a release that goes on nevertheless, for people.
pub fn accepted(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let why = check::lacking(policy, release, seen, at)?;
    let (until, then) = extension(policy, release)?;
    let accepted = then == Then::GoOn && at >= until;
    accepted.then(|| format!("undecided, and let go on by when_undecided: {why}"))
}

/// Why it is rolled back, where that is what the policy says. Not once its bake has been passed: what a person is asked
/// to approve needs no evidence anew every minute.
pub fn cause(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let (until, then) = extension(policy, release)?;
    let asked = matches!(release.phase, Phase::Baking { .. } | Phase::Watching) && !is_echo(release);
    // Whoever lets it go on answers for missing evidence, also while something else holds it.
    let answered_for = matches!(release.phase, Phase::Baking { .. }) && order::is_let_go(release);
    let read = seen.canary.known().is_some() && seen.stable.known().is_some();
    if then != Then::RollBack || at < until || !asked || answered_for || !read {
        return None;
    }
    if check::blocked(policy, release, seen, at).is_some() {
        return None;
    }
    check::lacking(policy, release, seen, at).map(|why| Cause::Undecided { why, until })
}

#[cfg(test)]
mod tests;
