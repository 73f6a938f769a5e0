//! Who decides which task gets the next piece of work: the shelf of traffic routers, one file for each.
//!
//! Each answers the same questions, in this order. A further one is a file and a kind of [`Traffic`]; the compiler asks
//! for the rest.

pub mod alb;
pub mod consumer_share;

use crate::policy::Traffic;
use crate::{Action, At, Policy, Release, Seen};

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

/// Notes what there is before anything is changed: whoever changes that later is told from us.
pub fn note(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::note(policy, release, seen, at),
        Traffic::Alb(alb) => alb::note(policy, alb, release, seen, at),
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
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::set(policy, release, seen, at),
        Traffic::Alb(alb) => alb::set(policy, alb, release, seen, at),
    }
}

/// Since when the canary is seen with the share of its step; notes it where that is now. Else why it is not.
pub fn confirm(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Result<At, String> {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::confirm(policy, release, seen, at),
        Traffic::Alb(alb) => alb::confirm(policy, alb, release, seen, at),
    }
}

/// Authorises the way back to rest ahead of the look that shows what there is: a rollback waits for no further write.
pub fn rest(policy: &Policy, release: &mut Release, at: At) {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::rest(release, at),
        Traffic::Alb(_) => alb::rest(release, at),
    }
}

/// Why the release cannot close yet: something is not as it was before, or may be changed once more.
pub fn unrest(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    match &policy.traffic {
        Traffic::ConsumerShare { .. } => consumer_share::unrest(release, seen, at),
        Traffic::Alb(_) => alb::unrest(release, seen, at),
    }
}
