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
mod counted;
mod dead_letters;
mod decision;
mod execution;
mod facts;
pub mod freeze;
pub mod gate;
mod home;
pub mod live;
pub mod notice;
pub mod opening;
pub mod order;
mod part;
mod phase;
mod plain;
pub mod planned;
pub mod policy;
mod release;
mod revision;
mod router;
mod rule;
mod scaling;
mod seen;
mod share;
mod sides;
mod size;
mod start;
mod weights;

pub use at::At;
pub use counted::Counted;
pub use dead_letters::DeadLetters;
pub use decision::{Action, Decision};
pub use execution::{Approval, Approved, Execution, Told};
pub use facts::{Fact, token_mark};
pub use freeze::Freeze;
pub use gate::Gate;
pub use home::Home;
pub use notice::Notice;
pub use order::{Order, Ordered};
pub use part::Part;
pub use phase::{Cause, Outcome, Phase};
pub use plain::bounded;
pub use policy::Policy;
pub use release::{Attempts, Given, Release, Role, SCHEMA, Service, Watched};
pub use revision::{Deployed, Images, Revision, configuration_hash, short};
pub use router::alb::{asks_for_health, asks_for_owner, is_asked as asks_for_weights};
pub use router::{Can, Served, SharesBy, can, read as served};
pub use rule::compare::comparisons;
pub use rule::health::services as services_by_health;
pub use rule::metric::measures;
pub use rule::roll_back::{FUNCTION_TIMEOUT_SECONDS, asks_whose};
pub use rule::scaling::is_asked as asks_for_scaling;
pub use rule::unseen::asks_deployed;
pub use scaling::{Scaling, Suspended};
pub use seen::{
    AlarmState, Comparison, ExecutionStatus, Measure, Over, Rollout, Seen, SeenAlarm, SeenComparison, SeenCount,
    SeenDeployment, SeenExecution, SeenForward, SeenMeasure, SeenOlder, SeenRing, SeenService, SeenServiceDeployment,
    SeenStopped, SeenTargets, StartedBy, StopCode,
};
pub use size::Size;
pub use start::{Start, Wanted};
pub use weights::{Weighed, Weights};

use rule::identify::{Runs, identify};

/// Decides about one release. The rules, in order:
///
/// 1. [`rule::closed`]: nothing happens to what is over;
/// 2. [`rule::arm`], [`router::note`]: bind the release to what its services were given, and to whose its share is;
/// 3. [`rule::barred`]: releases before it must not promote any more;
/// 4. [`rule::successor`]: the next release takes the place of this one;
/// 5. [`rule::ordered`], [`rule::check`], [`rule::ended`], [`rule::images_from`], [`rule::undecided`]: an order, a failed
///    check, ECS, the pipeline, a person, a foreign image or the want of evidence end it;
/// 6. [`rule::roll_back`]: put the world right until it is seen to be right;
/// 7. [`rule::forward`]: go on, or say what is awaited; [`router`]: give the canary its share; [`rule::approve`],
///    [`rule::promote`]: let it go to stable; [`rule::asked`]: tell people that it waits for one of them;
/// 8. [`rule::dry_run`]: of all that, a dry run does nothing;
/// 9. [`rule::told`]: tell people where it is in its life, and how it ended.
pub fn decide(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Decision {
    let mut decision = rule::dry_run::instead(policy, ruled(policy, release, seen, at), seen, at);
    if let (Phase::Closed { outcome }, Part::Known(canary)) = (&decision.next.phase, &seen.canary)
        && decision.next != *release
    {
        let left = left_on(&decision.next, outcome, canary);
        decision.next.closed_on = Some(left);
    }
    if seen.is_nothing() {
        // Whoever decides before looking does what must not wait, and looks then.
        decision.notices.clear();
    } else {
        let notices = rule::told::say(policy, release, &decision.next, at);
        decision.notices.extend(notices);
    }
    decision
}

/// The canary's ECS deployment that a release leaves behind: what came later is something new.
fn left_on(release: &Release, outcome: &Outcome, canary: &SeenService) -> String {
    let primary = &canary.primary;
    match (outcome, &release.canary.given) {
        // What somebody gives the canary of a promoted release is not its own doing.
        (Outcome::Promoted, Some(given))
            if matches!(
                identify(release, Role::Canary, primary),
                Runs::Baseline | Runs::Third(_)
            ) =>
        {
            given.deployment.clone()
        }
        // Perhaps the next release, whose pipeline could not be asked: it is looked at again. Only what is known to be
        // nobody's is left where it is. A release that has given the canary nothing leaves nothing.
        (Outcome::Overtaken { .. }, given)
            if matches!(identify(release, Role::Canary, primary), Runs::Third(_))
                && !matches!(
                    primary.started_by,
                    Part::Known(StartedBy::Nobody | StartedBy::SomebodyAfter { .. })
                ) =>
        {
            given.as_ref().map(|given| given.deployment.clone()).unwrap_or_default()
        }
        _ => primary.id.clone(),
    }
}

fn ruled(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Decision {
    if let Some(nothing) = rule::closed::decision(release) {
        return nothing;
    }
    let mut next = release.clone();
    rule::arm::bind(&mut next, seen, at);
    rule::arm::reached(policy, &mut next, seen, at);
    router::note(policy, &mut next, seen, at);
    rule::ended::note(&mut next, seen, at);
    let barred = rule::barred::bar(&mut next, seen, at);
    if let Some(superseded) = rule::successor::decision(policy, &next, seen, at) {
        return superseded;
    }
    // What has begun to be retired is no way back any more.
    if next.phase.rolling_back().is_none() && next.retired.is_none() {
        rule::watch_ended(&mut next, at);
        rule::dlq_growth::note(policy, &mut next, seen, at);
        let cause = rule::ordered::aborted(&next)
            .or_else(|| rule::check::failed(policy, &next, seen, at))
            .or_else(|| rule::ended::cause(&next, seen, at))
            .or_else(|| rule::images_from::cause(policy, &next))
            .or_else(|| rule::promote::late(policy, &next, seen, at))
            .or_else(|| rule::deploy::late(policy, &next, seen, at))
            .or_else(|| rule::undecided::cause(policy, &next, seen, at));
        if let Some(cause) = cause {
            rule::roll_back::begin(policy, &mut next, cause, at);
        }
    }
    if next.phase.rolling_back().is_some() {
        return rule::roll_back::go_on(policy, next, barred, seen, at);
    }
    let mut decision = rule::forward::decision(policy, next, seen, at);
    decision.because = [vec![decision.because], barred.texts].concat().join("; ");
    decision.lanes.extend(barred.lanes);
    decision
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
