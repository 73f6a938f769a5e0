//! What a step is passed on: what was measured since it began, of the share that it gives.
//!
//! A failure counts since the canary's tasks ran, whichever step it fell into. What is good has to be shown anew with every
//! share: that a tenth did no harm says nothing of a half.

use crate::{At, Phase, Policy, Release, order};

/// A step that data of its own must speak for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its place as people count, from 1.
    pub number: u32,
    /// Since when its data are its own; nothing until it has its share.
    pub since: Option<At>,
    /// How long it bakes: what is measured over a longer time is measured over this.
    pub bake_minutes: u32,
}

/// The step that needs data of its own. None where there is one step alone, as that began with the canary, and none where
/// a person skipped the rest of it, or let the release go on ahead of its steps: they answer for that.
pub fn own(policy: &Policy, release: &Release) -> Option<Step> {
    let steps = policy.steps();
    let last = steps.len().checked_sub(1).filter(|last| *last > 0)?;
    let (step, reached) = match release.phase {
        Phase::Baking { step } => (step as usize, release.step_reached),
        Phase::Gated { .. } => (last, Some(release.step_reached?)),
        _ => return None,
    };
    let number = u32::try_from(step).ok()?;
    if order::skipped(release, number).is_some() {
        return None;
    }
    let runs = release.canary.given.as_ref()?.reached;
    Some(Step {
        number: number.saturating_add(1),
        since: reached.zip(runs).map(|(reached, runs)| reached.max(runs)),
        bake_minutes: steps.get(step)?.bake_minutes,
    })
}
