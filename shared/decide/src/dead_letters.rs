use crate::At;
use serde::{Deserialize, Serialize};

/// What is known of a dead-letter queue since a service was given the revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetters {
    /// Messages in it when it was looked at last.
    pub depth: u64,
    /// Messages that it has gained between looks that count, all together; what left it in between is not taken off.
    pub gained: u64,
    /// Since when looks count; none while tasks are being replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<At>,
}
