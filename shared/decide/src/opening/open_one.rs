//! What an open release may still be doing when the next one arrives.

use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::rule::{arm, check, ordered};
use crate::{At, ExecutionStatus, Part, Phase, Policy, Release, Seen, Start};

/// Whether this very start, or its execution, has begun the open release.
pub(super) fn began_it(open: &Release, start: &Start) -> bool {
    let execution = open.pipeline.as_ref().map(|run| run.execution.as_str());
    open.start == start.key() || execution.is_some() && execution == start.execution()
}

/// A call of the open release may still be under way, which would take off the canary what the next one gives it: one
/// that gave it this one's definition, or an attempt to bring it back that could not be seen to succeed.
pub(super) fn may_land(open: &Release, at: At) -> Option<String> {
    let called = match open.phase {
        Phase::Baking { .. } | Phase::Gated { .. } => open.wanted.as_ref()?.given?,
        // It is tried again and again, and the fix must get through: what is tried later is not waited for.
        Phase::RollbackFailed { .. } => open.canary.attempts.last?.min(open.phase_since),
        _ => return None,
    };
    let until = called.plus_seconds(LATE_WRITE_SECONDS);
    (at < until).then(|| format!("a call of release {} may be under way until {until}", open.id))
}

/// Whether the canary runs what it was given before a release was opened.
pub(super) fn was_there_before(open: &Release, seen: &Seen) -> bool {
    let canary = seen.canary.known();
    canary.is_some_and(|canary| canary.primary.created <= open.opened)
}

/// A check that has failed, and nobody has looked since: that is the open release's, not the next one's.
pub(super) fn failed(policy: &Policy, open: &Release, seen: &Seen, at: At) -> Option<String> {
    let mut looked = open.clone();
    arm::bind(&mut looked, seen, at);
    let cause = ordered::aborted(open).or_else(|| check::failed(policy, &looked, seen, at))?;
    Some(format!("release {} is to be rolled back: {cause}", open.id))
}

/// Why a release, not yet promoting by what the ledger says, has to be taken for promoting, if it has.
pub(super) fn may_promote(open: &Release, seen: &Seen, at: At) -> Option<String> {
    let (id, run) = (&open.id, open.pipeline.as_ref()?);
    let mut looked = open.clone();
    arm::bind(&mut looked, seen, at);
    let promotes = seen.pipeline.known().is_some_and(|execution| execution.promoting);
    if promotes || looked.phase == Phase::Promoting {
        return Some(format!("release {id} is promoting"));
    }
    // What was given to no canary is given to nothing else.
    looked.armed()?;
    let unknown = |what: &str, why: &str| Some(format!("whether release {id} is promoting is unknown: {what}: {why}"));
    match &seen.pipeline {
        Part::Unknown(why) => unknown(&run.name, why),
        Part::Known(execution) if execution.only_status && !matches!(execution.status, ExecutionStatus::Over(_)) => {
            unknown(&run.name, "only its status could be read")
        }
        Part::Known(_) => unknown(&open.stable.name, seen.stable.unknown()?),
    }
}
