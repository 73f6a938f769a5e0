//! What is known of one message.

use crate::time::At;
use serde_json::Value;

/// A message as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Text.
    pub body: String,
    /// `MessageAttributes`, where there are any.
    pub attributes: Value,
    /// `MessageGroupId`.
    pub group: Option<String>,
    /// `MessageDeduplicationId`.
    pub deduplication: Option<String>,
    /// For how long nobody sees it; the queue says where the message does not.
    pub delay_seconds: Option<i64>,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub struct Message {
    /// Number, one for each message of the account.
    pub id: u64,
    /// What was sent.
    pub content: Outgoing,
    /// When it was sent; a redrive does not change it.
    pub sent: At,
    /// Since when it is in this queue.
    pub since: At,
    /// When it was received first.
    pub first_received: Option<At>,
    /// Receives in all queues together, as `ApproximateReceiveCount` says.
    pub receives: u32,
    /// Receives in this queue, which redrive counts.
    pub receives_here: u32,
    /// Queue from which it was moved here.
    pub came_from: Option<String>,
    pub(super) place: Place,
}

/// What was received: a message, and which of its receives it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the message.
    pub id: u64,
    /// Receives in this queue, this one counted.
    pub receive: u32,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Can be received.
    pub visible: usize,
    /// Received, and neither deleted nor back.
    pub held: usize,
    /// Cannot be seen yet.
    pub delayed: usize,
}

impl Depth {
    /// All of them.
    pub fn total(self) -> usize {
        self.visible + self.held + self.delayed
    }
}

/// Where in its queue a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Delayed(At),
    /// Since when.
    Visible(At),
    /// Received and not deleted, until then.
    Held(At),
}
