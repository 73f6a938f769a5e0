use serde::{Deserialize, Serialize};
use std::fmt;

/// What a revision did with its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// `family:revision`.
    pub revision: String,
    /// Messages that failed.
    pub failed: u64,
    /// All messages.
    pub total: u64,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counted {
            revision,
            failed,
            total,
        } = self;
        write!(f, "{revision} failed {failed} of {total} messages")
    }
}
