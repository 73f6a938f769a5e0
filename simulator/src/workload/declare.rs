//! What is said of senders, workers, and the revisions that fail.

use crate::sqs::Outgoing;
use std::ops::RangeInclusive;

/// Who sends messages to a queue.
#[derive(Clone, Debug)]
pub struct Source {
    /// Place of the queue.
    pub queue: usize,
    /// On average.
    pub per_second: f64,
    /// Kinds of messages, each so many of a thousand; the others are plain.
    pub kinds: Vec<(String, u32)>,
    /// Message groups, on a FIFO queue.
    pub groups: u32,
}

impl Source {
    pub(super) fn message(&self, rng: &mut fastrand::Rng) -> Outgoing {
        let mut drawn = rng.u32(0..1000);
        let mut body = "plain";
        for (kind, permille) in &self.kinds {
            if drawn < *permille {
                body = kind;
                break;
            }
            drawn -= permille;
        }
        let fifo = (self.groups > 0).then(|| (rng.u32(0..self.groups), rng.u64(..)));
        Outgoing {
            body: body.to_owned(),
            group: fifo.map(|(group, _)| format!("group-{group}")),
            deduplication: fifo.map(|(_, token)| format!("{token:016x}")),
            ..Outgoing::default()
        }
    }
}

/// What a worker does with SIGTERM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSigterm {
    /// Receives no more, gives back all but the message in hand, finishes that, or gives it back too where its time to
    /// stop is nearly over, and leaves.
    Finishes,
    /// Nothing: it goes on until SIGKILL, as a program does that is process 1 of its container and has no handler.
    Ignores,
}

/// What a failing revision does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Leaves it: it comes back when its visibility time-out is over.
    Leaves,
    /// Deletes it as if it were handled.
    Swallows,
    /// Its process ends: what it held comes back when its visibility time-out is over.
    Ends,
}

/// A row of the table of failures; the first row that fits counts.
#[derive(Clone, Debug)]
pub struct Failing {
    /// Image digest.
    pub digest: String,
    /// Only in the tasks of this service (by ARN), whose environment does not go with that image.
    pub service: Option<String>,
    /// Only messages of this kind.
    pub kind: Option<String>,
    /// So many of a thousand receives.
    pub permille: u32,
    /// Only once the task has run so long.
    pub after_seconds: i64,
    /// What happens then.
    pub how: How,
}

/// Which metrics workers put on record every minute, as they would by the embedded metric format.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// Namespace.
    pub namespace: String,
    /// Name of the metric that counts failures.
    pub failed: String,
    /// Name of the metric that counts messages, handled and failed.
    pub total: String,
    /// Dimension whose value is `family:revision` of the task's definition, which the metadata endpoint tells a task.
    pub dimension: String,
}

/// What the tasks of some services do.
#[derive(Clone, Debug)]
pub struct Work {
    /// Place of the queue.
    pub queue: usize,
    /// ARNs.
    pub services: Vec<String>,
    /// Most messages of one receive; they are handled one after the other.
    pub batch: usize,
    /// How long one message takes.
    pub handling_millis: RangeInclusive<i64>,
    /// What they do when they are told to stop.
    pub on_sigterm: OnSigterm,
    /// Which revisions fail what.
    pub failing: Vec<Failing>,
    /// What they put on record, if anything.
    pub metrics: Option<Metrics>,
}
