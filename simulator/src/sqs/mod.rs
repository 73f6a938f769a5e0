//! Amazon SQS: standard and FIFO queues, redrive, and metrics that sleep when nobody needs them.
//!
//! | file | question it answers |
//! |---|---|
//! | `queue` | which messages can be seen, who holds them, and when they come back |
//! | `message` | what is known of one message |
//! | `settings` | what is asked of a queue, as its attributes say it |
//! | `queues` | which queues there are, and what is told of them |
//! | `traffic` | sending, receiving, deleting, by request |
//! | `metrics` | what CloudWatch is told, and when a queue falls asleep |
//! | `md5` | the checksums in replies |
//!
//! # Time
//!
//! A queue is brought up to date by whoever uses it; only its metrics happen by themselves. A receive answers at once
//! also where it asks to wait: over the wire nothing can be waited for here. The consumers of [`crate::workload`] do
//! wait.
//!
//! # Source
//! Amazon SQS developer guide and API reference; quotas other than those of one request are not simulated.

mod md5;
mod message;
mod metrics;
mod queue;
mod queues;
mod settings;
pub mod stage;
mod traffic;

#[cfg(test)]
mod tests;

pub use message::{Depth, Message, Outgoing, Receipt};

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use queue::{Deleted, Queue};
use serde_json::Value;

/// State of the service.
#[derive(Debug)]
pub struct Sqs {
    /// In the order in which they were made: a place in this list is the queue's for good.
    queues: Vec<Queue>,
    /// Messages that were ever sent.
    last_message: u64,
    /// Its own chance, so that traffic draws from nobody else's.
    rng: fastrand::Rng,
    /// When metrics are put on record next, while a queue is awake.
    next_minute: At,
}

impl Sqs {
    /// No queue at all.
    pub fn new(seed: u64) -> Sqs {
        Sqs {
            queues: Vec::new(),
            last_message: 0,
            rng: fastrand::Rng::with_seed(seed ^ 0x5051_5351),
            next_minute: At(0),
        }
    }

    /// Place of a queue, by its name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.queues.iter().position(|queue| queue.name == name)
    }

    /// How many messages a queue holds, and where they are.
    pub fn depth(&mut self, place: usize, now: At) -> Depth {
        self.queues[place].settle(now);
        self.queues[place].depth()
    }

    /// Every message that a queue holds, in the order in which they were sent.
    pub fn messages(&self, place: usize) -> impl Iterator<Item = &Message> {
        self.queues[place].messages()
    }

    /// Numbers of messages that nobody has deleted and that a queue has no more: purged, or kept for long enough.
    pub fn gone(&self, place: usize) -> &[u64] {
        &self.queues[place].gone
    }

    /// Puts a message into a queue; answers with its number, an earlier one's where it is a duplicate.
    pub fn send(&mut self, place: usize, message: Outgoing, now: At) -> u64 {
        self.touch(place, now);
        let next = self.last_message + 1;
        let id = self.queues[place].send(next, message, now);
        self.last_message = self.last_message.max(id);
        id
    }

    /// Hands out messages; those that were received too often go to the dead-letter queue instead.
    pub fn receive(&mut self, place: usize, most: usize, seconds: Option<i64>, now: At) -> Vec<Receipt> {
        self.touch(place, now);
        let queue = &mut self.queues[place];
        let taken = queue.receive(most, seconds, now);
        if taken.dead.is_empty() {
            return taken.receipts;
        }
        let source = queue.name.clone();
        let target = queue.settings.redrive.as_ref().map(|redrive| redrive.target.clone());
        // A queue that is named and not there keeps nothing: such messages are gone.
        if let Some(target) = target.and_then(|target| self.place(&target)) {
            self.touch(target, now);
            for message in taken.dead {
                self.queues[target].bury(message, &source, now);
            }
        }
        taken.receipts
    }

    /// A message that is in a queue.
    pub fn message(&self, place: usize, id: u64) -> Option<&Message> {
        self.queues[place].message(id)
    }

    /// Deletes a message that was received; whether it is gone by this.
    pub fn delete(&mut self, place: usize, receipt: Receipt, now: At) -> bool {
        self.touch(place, now);
        self.queues[place].delete(receipt, now) == Deleted::Now
    }

    /// Gives a message back that was received, to be seen again at once.
    pub fn give_back(&mut self, place: usize, receipt: Receipt, now: At) {
        self.touch(place, now);
        // One that is no longer in flight has been given back already.
        let _ = self.queues[place].hold_for(receipt, 0, now);
    }

    /// When there will be something to receive, if nobody sends or deletes anything.
    pub fn next_receivable(&mut self, place: usize, now: At) -> Option<At> {
        self.queues[place].next_receivable(now)
    }
}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "CreateQueue" => queues::create(world, input),
        "GetQueueUrl" => queues::url(world, input),
        "ListDeadLetterSourceQueues" => queues::list_sources(world, input),
        "ListQueues" => queues::list(world, input),
        "GetQueueAttributes" => queues::get_attributes(world, input),
        "SetQueueAttributes" => queues::set_attributes(world, input),
        "PurgeQueue" => queues::purge(world, input),
        "SendMessage" => traffic::send(world, input),
        "ReceiveMessage" => traffic::receive(world, input),
        "DeleteMessage" => traffic::delete(world, input),
        "ChangeMessageVisibility" => traffic::change_visibility(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("sqs has no {operation} here"),
        )),
    }
}

/// When metrics are put on record next.
pub fn next_due(world: &World) -> Option<At> {
    metrics::next_due(&world.sqs)
}

/// Puts on record what is due now.
pub fn run_due(world: &mut World) {
    metrics::run_due(world);
}

/// The queue that a request is about, by its URL.
fn asked(world: &mut World, input: &Value) -> Result<usize, Refusal> {
    let url = input["QueueUrl"].as_str().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default();
    let now = world.now;
    match world.sqs.place(name).filter(|_| url == address(world, name)) {
        Some(place) => {
            // Whatever is asked, also in vain, keeps a queue awake.
            world.sqs.touch(place, now);
            world.sqs.queues[place].settle(now);
            Ok(place)
        }
        None => Err(missing()),
    }
}

fn missing() -> Refusal {
    Refusal::new("QueueDoesNotExist", "The specified queue does not exist.")
}

/// URL of a queue.
pub(crate) fn address(world: &World, name: &str) -> String {
    let home = &world.home;
    format!("https://sqs.{}.amazonaws.com/{}/{name}", home.region, home.account)
}

fn wrong(parameter: &str, value: &str, reason: &str) -> Refusal {
    let text = format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
    Refusal::new("InvalidParameterValueException", text)
}

/// A number of a request within bounds, where it is given.
fn number(input: &Value, member: &str, bounds: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Refusal> {
    let Some(number) = input[member].as_i64() else {
        return Ok(None);
    };
    if bounds.contains(&number) {
        return Ok(Some(number));
    }
    let (least, most) = bounds.into_inner();
    let reason = format!("Must be between {least} and {most}, if provided.");
    Err(wrong(member, &number.to_string(), &reason))
}
