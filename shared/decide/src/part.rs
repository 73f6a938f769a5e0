use serde::{Deserialize, Serialize};

/// One part of what is seen: known, or unknown and why.
///
/// Unknown blocks going forward, never a rollback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part<T> {
    /// Seen.
    Known(T),
    /// Not seen, for the reason given.
    Unknown(String),
}

impl<T> Part<T> {
    /// What is known, if it is.
    pub fn known(&self) -> Option<&T> {
        match self {
            Part::Known(value) => Some(value),
            Part::Unknown(_) => None,
        }
    }

    /// Why it is unknown, if it is.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Part::Known(_) => None,
            Part::Unknown(why) => Some(why),
        }
    }
}
