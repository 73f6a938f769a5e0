//! The pure core: what a release should become, given what is known of the world.
//!
//! ```text
//! decide(policy, release, seen, at) -> Decision { next, because, lanes, look_again_seconds }
//! ```
//!
//! # Guarantees
//! No AWS, no clock, no input or output, no `async`; the same input gives the same decision, and
//! nothing here can fail. `clippy.toml` beside this crate bans what would break that.
//!
//! Every trigger leads here: an alarm, a tick, a human order. None of them is an argument: what a
//! trigger brings is a [`Fact`] in the release, so losing or doubling triggers changes when a
//! decision is taken, never which.

#![deny(missing_docs)]

mod at;
mod decision;
mod part;
mod phase;
pub mod policy;
mod release;
mod revision;
mod rule;
mod seen;

pub use at::At;
pub use decision::{Action, Decision};
pub use part::Part;
pub use phase::{Cause, Outcome, Phase};
pub use policy::Policy;
pub use release::{Approval, Attempts, Execution, Fact, Given, Home, Release, Role, SCHEMA, Service, token_mark};
pub use revision::{Deployed, Images, Revision, configuration_hash, short};
pub use rule::roll_back::FUNCTION_TIMEOUT_SECONDS;
pub use seen::{
    AlarmState, ExecutionStatus, Over, Rollout, Seen, SeenAlarm, SeenDeployment, SeenExecution, SeenService,
    SeenServiceDeployment,
};

/// Decides about one release. The rules, in order:
///
/// 1. [`rule::closed`]: nothing happens to what is over;
/// 2. [`rule::arm`]: bind the release to what the canary was given;
/// 3. [`rule::alarm`]: a failed check starts the rollback;
/// 4. [`rule::roll_back`]: put the world right until it is seen to be right;
/// 5. [`rule::overtaken`]: leave alone what somebody else has taken over;
/// 6. [`rule::wait`]: say what is awaited.
pub fn decide(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Decision {
    if let Some(nothing) = rule::closed::decision(release) {
        return nothing;
    }
    let mut next = release.clone();
    rule::arm::bind(&mut next, seen, at);
    if next.phase.rolling_back().is_none()
        && let Some(cause) = rule::alarm::failed(policy, &next, seen)
    {
        rule::roll_back::begin(&mut next, cause, at);
    }
    if next.phase.rolling_back().is_some() {
        return rule::roll_back::go_on(policy, next, seen, at);
    }
    if let Some(closed) = rule::overtaken::decision(&next, seen, at) {
        return closed;
    }
    rule::wait::decision(policy, next, seen)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
