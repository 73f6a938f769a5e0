use crate::At;
use serde::{Deserialize, Serialize};

/// How many tasks the canary has, once a step has changed that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Tasks that it had before the first change: what it goes back to.
    pub rest: u32,
    /// Tasks that it was seen with before the last change, which may be seen a while longer.
    pub before: u32,
    /// Tasks that it was given.
    pub given: u32,
    /// When that was authorised last.
    pub at: At,
    /// Tasks that somebody else gave it since: its size is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<u32>,
}
