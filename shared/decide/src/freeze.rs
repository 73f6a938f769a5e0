//! When nothing moves forward: because a person said so, or within a window of the policy.
//!
//! In a freeze the canary gets no larger share, Serin approves nothing and begins no promotion. Rolling back is always
//! allowed, and what has begun is finished.

use crate::{At, policy::Window};
use serde::{Deserialize, Serialize};
use std::fmt;

mod window;

pub use window::{Fields, next, unreadable};

/// A person's word on a policy's freeze. It belongs to the policy and outlives releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Id of the order.
    pub id: String,
    /// What was ordered.
    pub word: Word,
    /// Who ordered it, as AWS STS names them; bounded and escaped.
    pub by: String,
    /// Their reason; bounded and escaped.
    pub why: String,
    /// When.
    pub at: At,
    /// Until when it holds; none: until somebody says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<At>,
}

/// What was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Nothing moves forward.
    Frozen,
    /// The windows of the policy that are open at that moment do not count.
    Thawed,
}

/// Why nothing moves forward at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// By whom or by what, since when, and why.
    because: String,
    /// Until when, where that is known.
    pub until: Option<At>,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.until {
            Some(until) => write!(f, "frozen until {until} {}", self.because),
            None => write!(f, "frozen until it is thawed, {}", self.because),
        }
    }
}

/// Longest chain of windows that is followed, each beginning in the one before; what holds longer is looked at again.
const CHAIN_MAX: u32 = 1_000;

/// Whether nothing moves forward at this moment.
pub fn in_force(windows: &[Window], freeze: Option<&Freeze>, at: At) -> Option<Hold> {
    let first = one_in_force(windows, freeze, at)?;
    let mut until = first.until;
    for _ in 0..CHAIN_MAX {
        let Some(end) = until else { break };
        match one_in_force(windows, freeze, end) {
            Some(next) => until = next.until,
            None => break,
        }
    }
    Some(Hold { until, ..first })
}

/// Whether these windows leave any time between them, as seen from a moment.
pub fn leave_room(windows: &[Window], from: At) -> bool {
    let Some((begins, _)) = next(windows, from, 1).first().copied() else {
        return true;
    };
    let mut at = begins;
    for _ in 0..CHAIN_MAX {
        match one_in_force(windows, None, at).and_then(|hold| hold.until) {
            Some(until) => at = until,
            None => return true,
        }
    }
    false
}

fn one_in_force(windows: &[Window], freeze: Option<&Freeze>, at: At) -> Option<Hold> {
    let holds = freeze.filter(|freeze| freeze.until.is_none_or(|until| at < until));
    match holds {
        Some(freeze) if freeze.word == Word::Frozen => Some(Hold {
            because: format!("by {} since {}: {}", freeze.by, freeze.at, freeze.why),
            until: freeze.until,
        }),
        Some(_) => None,
        None => windows.iter().find_map(|window| window::covers(window, at)),
    }
}

/// Whether somebody may freeze a policy: not for a shorter time than another has, who would not hear of it.
///
/// # Errors
/// The reason why it makes no sense, for whoever ordered it.
pub fn frozen(policy: &str, before: Option<&Freeze>, freeze: &Freeze) -> Result<(), String> {
    let Some(until) = freeze.until else { return Ok(()) };
    if until <= freeze.at {
        return Err(format!(
            "policy {policy} is not frozen: {until} is over; name a later --until, or none"
        ));
    }
    match one_in_force(&[], before, freeze.at) {
        Some(hold) if hold.until.is_none_or(|longer| until < longer) => Err(format!(
            "policy {policy} is {hold}, which is longer; thaw it first, or name a later --until"
        )),
        _ => Ok(()),
    }
}

/// What whoever freezes has to hear where that ends somebody's thaw: the window that did not count holds again after it.
pub fn ends_a_thaw(windows: &[Window], before: Option<&Freeze>, freeze: Option<&Freeze>, at: At) -> Option<String> {
    let thaw = before.filter(|before| before.word == Word::Thawed && before.until.is_none_or(|until| at < until))?;
    let until = freeze.filter(|freeze| freeze.word == Word::Frozen)?.until?;
    let again = one_in_force(windows, None, until)?;
    Some(format!(
        "; that ends what {} had thawed: from {until} on it is {again}; thaw it again then",
        thaw.by
    ))
}

/// What is to be written down where somebody thaws a policy: nothing more than that nothing is frozen; within a window
/// that this one does not count.
///
/// # Errors
/// The reason why it makes no sense, for whoever ordered it.
pub fn thawed(
    policy: &str,
    windows: &[Window],
    before: Option<&Freeze>,
    thaw: Freeze,
) -> Result<Option<Freeze>, String> {
    if in_force(windows, before, thaw.at).is_none() {
        return Err(format!("policy {policy} is not frozen"));
    }
    Ok(in_force(windows, None, thaw.at).map(|hold| Freeze {
        until: hold.until,
        ..thaw
    }))
}

#[cfg(test)]
mod tests;
