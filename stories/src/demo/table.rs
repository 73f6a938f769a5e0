//! What is compared in the end.

use super::{Audience, WIDTH};

/// Messages counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// That v2 failed, each as often as it did.
    pub failed: u32,
    /// In the dead-letter queue, without having been handled.
    pub lost: usize,
}

/// What one way came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Until the alarm rang, which neither way has any part in.
    pub before: Counted,
    pub after: Counted,
    /// From the alarm to the last message that v2 received.
    pub last_millis: i64,
    pub canary: String,
    pub stable: String,
    pub execution: String,
    /// Whether the execution could still promote v2.
    pub can_promote: bool,
}

/// What a row is called, and what it says of a way.
type Row = (&'static str, fn(&Column) -> String);

const ROWS: [Row; 9] = [
    ("alarm -> v2's last message", seconds),
    ("v2 failed until the alarm", |way| way.before.failed.to_string()),
    ("v2 failed after it", |way| way.after.failed.to_string()),
    ("lost (in the DLQ) until the alarm", |way| way.before.lost.to_string()),
    ("lost after it", |way| way.after.lost.to_string()),
    ("orders-canary in the end", |way| way.canary.clone()),
    ("orders in the end", |way| way.stable.clone()),
    ("the pipeline's execution", |way| way.execution.clone()),
    ("could it still promote v2?", |way| {
        if way.can_promote { "yes" } else { "no" }.to_owned()
    }),
];

pub(super) fn show(ours: &Column, theirs: &Column, audience: &mut dyn Audience) {
    audience.line("");
    line(["The same bad release", "Serin", "the old way"], audience);
    audience.line(&"-".repeat(WIDTH));
    for (what, told) in ROWS {
        line([what, &told(ours), &told(theirs)], audience);
    }
    audience.line("Until the alarm neither has done anything; what differs there is chance.");
}

fn line([what, ours, theirs]: [&str; 3], audience: &mut dyn Audience) {
    audience.line(&format!("{what:<34}{ours:>23}{theirs:>23}"));
}

fn seconds(way: &Column) -> String {
    match way.last_millis {
        ..=0 => "none after it".to_owned(),
        millis => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}
