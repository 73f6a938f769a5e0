//! What policies of a history say of going back, and what became of it: drawn by chance of its own, so that it moves
//! nothing else.

use super::coverage::{CAUSE, Coverage, WAY_BACK};
use super::plan::Setting;
use crate::law::Evidence;
use fastrand::Rng;

/// Most policies allow it.
const ROLLBACK: [&str; 8] = [
    "allowed",
    "allowed",
    "allowed",
    "allowed",
    "allowed",
    "allowed",
    "until_promoting",
    "never",
];

/// Of so many policies one is behind a load balancer.
const BALANCED_ONE_IN: u32 = 8;

/// Of so many policies one is a dry run.
const DRY_ONE_IN: u32 = 12;

/// What must come of it: releases that failed, by what their policies say.
pub(super) const WAYS: [&str; 4] = [
    "allowed: taken back",
    "until_promoting: taken back",
    "until_promoting: left",
    "never: left",
];

/// Checks for which releases must be taken back.
pub(super) const CAUSES: [&str; 5] = ["alarm", "compare", "dlq_growth", "health", "metric"];

/// Draws it.
pub(super) fn draw(seed: u64, settings: &mut [Setting]) {
    let rng = &mut Rng::with_seed(seed.rotate_left(8) ^ 0xbac);
    for setting in settings.iter_mut() {
        setting.rollback = ROLLBACK[rng.usize(..ROLLBACK.len())];
    }
    // Of its own as well.
    let rng = &mut Rng::with_seed(seed.rotate_left(24) ^ 0xd29);
    for setting in settings.iter_mut() {
        // Who promotes cannot do so dry.
        setting.dry_run = rng.u32(..DRY_ONE_IN) == 0 && !setting.has("promote ");
    }
    let rng = &mut Rng::with_seed(seed.rotate_left(56) ^ 0xa1b);
    for setting in settings {
        setting.balanced = (rng.u32(..BALANCED_ONE_IN) == 0).then(|| rng.bool());
    }
}

/// What became of it.
pub(super) fn count(evidence: &Evidence, coverage: &mut Coverage) {
    for release in &evidence.releases {
        if CAUSES.contains(&release.cause()) {
            coverage.count(CAUSE, release.cause());
        }
        let left = evidence.is_left(release).then_some("left");
        let back = (release.outcome() == Some("rolled_back")).then_some("taken back");
        if let Some(became) = left.or(back) {
            coverage.count(WAY_BACK, format!("{}: {became}", release.rollback()));
        }
    }
}
