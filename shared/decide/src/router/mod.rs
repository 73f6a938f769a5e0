//! Who decides which task gets the next piece of work: the shelf of traffic routers, one file for each.
//!
//! Each says first what it can do, and answers the same questions, in this order. A further one is a file and a kind of
//! [`Traffic`]; the compiler asks for the rest.

pub mod alb;
mod can;
pub mod consumer_share;

pub use can::{Can, SharesBy, can, can_as_written};

use crate::policy::Traffic;
use crate::{Action, At, Phase, Policy, Release, Seen};

/// After which the same act counts as done anew.
pub const AGAIN_SECONDS: u32 = 25;

/// What is done, and what there is to say about it.
#[derive(Default)]
pub struct Way {
    /// Whether the canary has the share that it is to have: nothing is to be done about that.
    pub is_right: bool,
    /// Calls that go by themselves: they wait for no service, and no service for them.
    pub beside: Vec<Action>,
    /// Calls that come after what else is done to the canary, one after the other.
    pub with_canary: Vec<Action>,
    /// For people.
    pub text: Option<String>,
}

/// What the canary is served with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Its share in thousandths, to the nearest; nothing where nobody is served.
    pub permille: Option<u32>,
    /// What people need to know beside that.
    pub text: Option<String>,
}

/// Notes what there is before anything is changed: whoever changes that later is told from us. A dry run changes nothing.
pub fn note(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    if policy.dry_run {
        return;
    }
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::note(policy, release, seen, at),
        Traffic::Alb(alb) => {
            alb::note(policy, alb, release, seen, at);
            alb::swap::note(release, seen, at);
        }
    }
}

/// The share that the canary really has; else why nothing goes forward on it.
pub fn read(policy: &Policy, release: &Release, seen: &Seen) -> Result<Served, String> {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::read(seen),
        Traffic::Alb(alb) => alb::read(policy, alb, release, seen),
    }
}

/// Gives the canary the share that it is to have now, where it has another.
pub fn set(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Way {
    if policy.dry_run {
        return Way {
            is_right: true,
            ..Way::default()
        };
    }
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::set(policy, release, seen, at),
        Traffic::Alb(alb) => {
            let weighed = alb::set(policy, alb, release, seen, at);
            alb::swap::sized(policy, release, seen, at, weighed)
        }
    }
}

/// Whether the canary carries everything, and with as many tasks as stable; else why not.
pub fn handed_over(policy: &Policy, release: &Release, seen: &Seen) -> Result<(), String> {
    match &policy.traffic {
        // No policy promotes it so.
        Traffic::ConsumerShare { .. } => Err("numbers of tasks give nobody everything".to_owned()),
        Traffic::Alb(alb) => alb::swap::handed_over(policy, alb, release, seen),
    }
}

/// Since when the canary is seen with the share of its step; notes it where that is now. Else why it is not.
pub fn confirm(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Result<At, String> {
    if policy.dry_run {
        return as_it_is(release, at);
    }
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::confirm(policy, release, seen, at),
        Traffic::Alb(alb) => alb::confirm(policy, alb, release, seen, at),
    }
}

/// A dry run's step bakes with the share that there is, from when all of the canary's tasks run the revision.
fn as_it_is(release: &mut Release, at: At) -> Result<At, String> {
    let begun = release.canary.given.as_ref().and_then(|given| given.reached);
    match (&release.phase, begun) {
        (Phase::Baking { step }, Some(begun)) => {
            let since = if *step == 0 { begun } else { at };
            Ok(*release.step_reached.get_or_insert(since))
        }
        _ => Err("not all of its tasks run".to_owned()),
    }
}

/// Authorises the way back to rest ahead of the look that shows what there is: a rollback waits for no further write.
pub fn rest(policy: &Policy, release: &mut Release, at: At) {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::rest(release, at),
        Traffic::Alb(_) => alb::rest(release, at),
    }
}

/// Why none of the canary's bad tasks is stopped while it is taken back; nothing, where they may be.
pub fn serves(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    match &policy.traffic {
        // Until they are gone they receive.
        Traffic::ConsumerShare { .. } => None,
        Traffic::Alb(_) => alb::serves(policy, release, seen, at),
    }
}

/// Since when the canary's bad tasks are sent nobody while it is taken back; nothing where that was not seen, or is never so.
pub fn rested(policy: &Policy, release: &Release) -> Option<At> {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => None,
        Traffic::Alb(_) => alb::rested(release),
    }
}

/// Why the release cannot close yet: something is not as it was before, or may be changed once more.
pub fn unrest(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::unrest(release, seen, at),
        Traffic::Alb(alb) => {
            let tasks = || alb::swap::unrest(policy, alb, release, seen, at);
            alb::unrest(alb, release, seen, at).or_else(tasks)
        }
    }
}
