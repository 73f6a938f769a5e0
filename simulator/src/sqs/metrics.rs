//! What CloudWatch is told of a queue, and when it falls asleep.
//!
//! # Source
//! "Monitoring Amazon SQS queues using CloudWatch": metrics are pushed every minute while a queue is active; it is
//! active for up to six hours while it "contains any messages or if any action accesses it"; from inactive to active
//! there is "a delay of up to 15 minutes in CloudWatch metrics".

use super::Sqs;
use super::queue::Counts;
use crate::cloudwatch;
use crate::time::At;
use crate::world::World;

/// How long a queue stays active after the last access.
const ACTIVE_SECONDS: i64 = 6 * 3600;
/// How late a queue that has slept may be with its metrics.
const WAKING_SECONDS_MAX: i64 = 900;
/// Between two data of a metric.
const MINUTE_MILLIS: i64 = 60_000;

impl Sqs {
    /// Something was done with a queue. One that sleeps wakes up by and by.
    pub(crate) fn touch(&mut self, place: usize, now: At) {
        let queue = &mut self.queues[place];
        queue.active = now;
        if queue.publishes.is_none() {
            let late = self.rng.i64(0..=WAKING_SECONDS_MAX);
            self.wakes(place, now.plus_seconds(late), now);
        }
    }

    /// From then on a queue's metrics are on record.
    pub(super) fn wakes(&mut self, place: usize, from: At, now: At) {
        // The minutes that passed while everything slept are nobody's.
        if self.next_minute < now {
            self.next_minute = At((now.0.div_euclid(MINUTE_MILLIS) + 1) * MINUTE_MILLIS);
        }
        self.queues[place].publishes = Some(from);
    }

    /// Whether a queue's metrics are on record.
    pub fn is_awake(&self, place: usize, now: At) -> bool {
        self.queues[place].publishes.is_some_and(|from| from <= now)
    }
}

pub(super) fn next_due(sqs: &Sqs) -> Option<At> {
    let awake = sqs.queues.iter().any(|queue| queue.publishes.is_some());
    awake.then_some(sqs.next_minute)
}

pub(super) fn run_due(world: &mut World) {
    while let Some(minute) = next_due(&world.sqs).filter(|minute| *minute <= world.now) {
        for place in 0..world.sqs.queues.len() {
            publish(world, place, minute);
        }
        world.sqs.next_minute = At(minute.0 + MINUTE_MILLIS);
    }
}

fn publish(world: &mut World, place: usize, minute: At) {
    let queue = &mut world.sqs.queues[place];
    queue.settle(minute);
    let depth = queue.depth();
    if depth.total() > 0 {
        queue.active = minute;
    }
    if queue.active.plus_seconds(ACTIVE_SECONDS) < minute {
        queue.publishes = None;
    }
    let Counts {
        sent,
        received,
        deleted,
    } = std::mem::take(&mut queue.counts);
    if queue.publishes.is_none_or(|from| minute < from) {
        return;
    }
    let (name, oldest) = (queue.name.clone(), queue.oldest_millis(minute));
    let began = At(minute.0 - MINUTE_MILLIS);
    for (metric, at, value) in [
        ("ApproximateNumberOfMessagesVisible", minute, depth.visible as f64),
        ("ApproximateNumberOfMessagesNotVisible", minute, depth.held as f64),
        ("ApproximateNumberOfMessagesDelayed", minute, depth.delayed as f64),
        ("ApproximateAgeOfOldestMessage", minute, (oldest / 1000) as f64),
        ("NumberOfMessagesSent", began, f64::from(sent)),
        ("NumberOfMessagesReceived", began, f64::from(received)),
        ("NumberOfMessagesDeleted", began, f64::from(deleted)),
    ] {
        cloudwatch::put(world, "AWS/SQS", metric, &[("QueueName", &name)], at, value);
    }
}
