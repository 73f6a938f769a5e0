//! What people are told of a release's life, and when.
//!
//! Each follows from what stands in the release, never from what led there: whoever looks next says what nobody has
//! said, and what has passed meanwhile is left out. What was said stands in the release, and by its key it is the same
//! wherever it is said again. What is said at the end is written down with the end itself; see [`crate::Decision`].

use crate::notice::{About, Back, FAILING, What, letters};
use crate::{At, Cause, Notice, Outcome, Phase, Policy, Release};

/// After how many minutes people are told once more that a rollback fails; from the last one on, every
/// [`AGAIN_MINUTES`].
const FIRST_MINUTES: [u32; 3] = [0, 15, 60];

/// Between two notices of a rollback that has failed for long.
const AGAIN_MINUTES: u32 = 240;

/// What is to be said of a release that was decided to be so, and has not been.
pub fn say(policy: &Policy, before: &Release, release: &Release, at: At) -> Vec<Notice> {
    let whats = match &release.phase {
        // It was over before, and what there was to say is written down.
        Phase::Closed { .. } if before.phase == release.phase => Vec::new(),
        Phase::Closed { outcome } => end(release, outcome).into_iter().collect(),
        Phase::RollbackFailed { .. } => vec![failing(release, at)],
        // It is said once the services are seen to be right: by `roll_back`.
        Phase::RollingBack { .. } => Vec::new(),
        Phase::Gated { why } => vec![What::Opened, What::Gated { why: why.clone() }],
        Phase::Baking { step } => [What::Opened]
            .into_iter()
            .chain(baking(policy, release, *step))
            .collect(),
        Phase::Deploying | Phase::Promoting | Phase::Watching => vec![What::Opened],
    };
    unsaid(policy, release, whats)
}

/// That every service is seen to run what it ran before, which is minutes before the release closes: until then a late
/// write may still have to be repaired.
pub fn put_right(policy: &Policy, release: &Release, cause: &Cause) -> Vec<Notice> {
    match cause {
        // It ends as overtaken.
        Cause::Overtaken { .. } => Vec::new(),
        _ => unsaid(policy, release, vec![What::RolledBack(Back::of(release))]),
    }
}

fn unsaid(policy: &Policy, release: &Release, whats: Vec<What>) -> Vec<Notice> {
    let notices = whats.into_iter().map(|what| {
        let since = match &what {
            What::Opened => release.opened,
            What::Step { .. } => release.step_reached.unwrap_or(release.phase_since),
            _ => release.phase_since,
        };
        Notice {
            about: About::of(policy, release, since),
            what,
        }
    });
    notices
        .filter(|notice| release.noticed(&notice.key()).is_none())
        .collect()
}

/// The canary has the share of its step. Where nothing of ours waits for a bake, steps mean nothing.
fn baking(policy: &Policy, release: &Release, step: u32) -> Option<What> {
    let reached = release.step_reached.is_some() && policy.awaits_a_bake();
    let share_permille = policy.steps().get(step as usize)?.share_permille;
    reached.then(|| What::Step {
        number: step + 1,
        of: policy.steps().len(),
        share_permille,
    })
}

fn end(release: &Release, outcome: &Outcome) -> Option<What> {
    match outcome {
        Outcome::Promoted => Some(What::Promoted),
        Outcome::RolledBack { .. } => Some(What::RolledBack(Back::of(release))),
        // That the next one was opened says it.
        Outcome::Superseded { .. } => None,
        Outcome::Overtaken { by } => Some(What::Overtaken { by: by.clone() }),
        Outcome::Abandoned { why } => Some(What::Abandoned { why: why.clone() }),
        Outcome::RollbackFailed { .. } => Some(What::RollbackFailed(letters(release))),
        Outcome::WouldRollBack { .. } => Some(What::WouldRollBack),
    }
}

/// That it fails, as often as is due by now: what nobody was there to say in between is not made up for.
fn failing(release: &Release, at: At) -> What {
    What::RollbackFailing {
        times: times(release.phase_since.seconds_until(at) / 60),
        since: release.phase_since,
    }
}

/// How often it was due before, so many minutes after it began to fail.
fn times(minutes: u32) -> u32 {
    match FIRST_MINUTES {
        [_, second, _] if minutes < second => 0,
        [_, _, third] if minutes < third => 1,
        [_, _, third] => 2 + (minutes - third) / AGAIN_MINUTES,
    }
}

impl Release {
    /// When people were told last that its rollback fails, by key, if they were.
    pub(crate) fn told_of_failing(&self) -> Option<(&str, At)> {
        let told = self.facts.iter().filter_map(|(key, fact)| match fact {
            crate::Fact::Noticed { notice, since } if notice.starts_with(FAILING) => Some((key.as_str(), *since)),
            _ => None,
        });
        told.max_by_key(|(_, since)| *since)
    }
}

#[cfg(test)]
mod tests;
