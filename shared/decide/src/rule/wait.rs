//! Say what is awaited. Waiting is a decision too.

use super::alarm;
use crate::{Decision, Phase, Policy, Release, Seen};

/// Between two looks where nothing is due.
const LOOK_SECONDS: u32 = 60;

/// Waits, and says why.
pub fn decision(policy: &Policy, next: Release, seen: &Seen) -> Decision {
    let mut parts = vec![match &next.phase {
        Phase::Deploying => format!("waiting for {} to be given a revision", next.canary.name),
        Phase::Gated { why } => format!("waiting for {why}"),
        _ => match next.armed() {
            Some(given) => format!(
                "{} runs the revision since {}; no check has failed",
                next.canary.name, given.created
            ),
            None => format!("{}; the canary was not given anything yet", next.phase.name()),
        },
    }];
    parts.extend(alarm::remarks(policy, &next, seen));
    let unknown = [("canary", seen.canary.unknown()), ("alarms", seen.alarms.unknown())];
    parts.extend(
        unknown
            .into_iter()
            .filter_map(|(what, why)| Some(format!("{what} unknown: {}", why?))),
    );
    Decision {
        next,
        because: parts.join("; "),
        lanes: Vec::new(),
        look_again_seconds: Some(LOOK_SECONDS),
    }
}

#[cfg(test)]
mod tests;
