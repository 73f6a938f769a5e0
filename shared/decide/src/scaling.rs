use crate::At;
use serde::{Deserialize, Serialize};

/// What of a service's automatic scaling is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// That scaling policies take tasks away.
    pub scale_in: bool,
    /// That scaling policies add tasks.
    pub scale_out: bool,
    /// Scheduled actions.
    pub scheduled: bool,
}

impl Suspended {
    /// Nothing scales.
    pub const ALL: Suspended = Suspended {
        scale_in: true,
        scale_out: true,
        scheduled: true,
    };
}

/// The canary's automatic scaling, which we suspend while steps give it a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {
    /// What was suspended before: what it goes back to.
    pub rest: Suspended,
    /// What was suspended last, by us.
    pub given: Suspended,
    /// When that was authorised last.
    pub at: At,
    /// Whether it was seen so when no call of ours could land late any more.
    pub seen: bool,
    /// Whether somebody else has changed it since: it is theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub theirs: bool,
}

impl Scaling {
    /// As it was found, before anything is changed.
    pub fn found(is: Suspended, at: At) -> Scaling {
        Scaling {
            rest: is,
            given: is,
            at,
            seen: true,
            theirs: false,
        }
    }

    /// It is to be otherwise.
    pub fn give(&mut self, suspended: Suspended, at: At) {
        (self.given, self.at, self.seen) = (suspended, at, false);
    }
}
