//! What is compared in the end.

use super::Audience;

/// What one way came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Messages in the dead-letter queue that nobody has handled.
    pub lost: usize,
    /// Messages that v2 failed, each as often as it did.
    pub failed: u32,
    /// From the alarm to the last message that v2 received.
    pub last_millis: i64,
    pub canary: String,
    pub stable: String,
    pub execution: String,
    /// Whether the execution could still promote v2.
    pub can_promote: bool,
}

pub(super) fn show(ours: &Column, theirs: &Column, audience: &mut dyn Audience) {
    audience.line("");
    line(["The same bad release", "Serin", "the old way"], audience);
    audience.line(&"-".repeat(78));
    let pairs = [
        ("alarm -> last message that v2 received", seconds(ours), seconds(theirs)),
        (
            "messages that v2 failed",
            ours.failed.to_string(),
            theirs.failed.to_string(),
        ),
        (
            "messages lost (in the DLQ)",
            ours.lost.to_string(),
            theirs.lost.to_string(),
        ),
        ("orders-canary in the end", ours.canary.clone(), theirs.canary.clone()),
        ("orders in the end", ours.stable.clone(), theirs.stable.clone()),
        ("the execution", ours.execution.clone(), theirs.execution.clone()),
        (
            "could it still promote v2?",
            yes(ours.can_promote),
            yes(theirs.can_promote),
        ),
    ];
    for (what, ours, theirs) in &pairs {
        line([what, ours, theirs], audience);
    }
}

fn line([what, ours, theirs]: [&str; 3], audience: &mut dyn Audience) {
    audience.line(&format!("{what:<38}{ours:>20}{theirs:>20}"));
}

fn seconds(column: &Column) -> String {
    match column.last_millis {
        ..=0 => "none after it".to_owned(),
        millis => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}

fn yes(can: bool) -> String {
    if can { "yes" } else { "no" }.to_owned()
}
