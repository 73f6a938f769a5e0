//! Workers: who sends messages to a queue, and what the tasks of services do with them.
//!
//! | file | question it answers |
//! |---|---|
//! | `declare` | what is said of senders, workers and the revisions that fail |
//! | `consumer` | what one task does with what it receives, also when it is told to stop |
//! | `tally` | what became of the messages, counted by revision |
//! | `stage` | how a scene says all this |
//! | `web` | who asks a load balancer, and what the tasks behind it answer |
//!
//! # Shape
//! A message that one task fails comes back and is received by whoever asks next: nothing here knows canary from
//! stable. A task asks from RUNNING on until it is told to stop; what it cannot finish in its stop time it gives back. One
//! that does not listen asks until it ends; what it holds then comes back when its visibility time-out is over.
//!
//! # Time
//! Traffic is no business of the rest of the account, so it does not stop the clock for each message: whenever the
//! clock stops, and before anybody looks, all that has happened since is caught up with, each at its own moment. Chance
//! is its own as well, so that looking changes nothing.

mod consumer;
mod declare;
pub mod stage;
mod tally;
#[cfg(test)]
mod tests;
pub mod web;

pub use declare::{Failing, How, Metrics, OnSigterm, Source, Work};
pub use tally::{Revision, Tally};

use crate::cloudwatch;
use crate::ecs::{Life, Lived};
use crate::sqs::{Outgoing, Sqs};
use crate::time::At;
use crate::world::World;
use consumer::Consumer;
use std::collections::BTreeMap;

/// Between two data of a metric.
const MINUTE_MILLIS: i64 = 60_000;

/// What will happen by itself.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// A source sends its next message.
    Sends(usize),
    /// A consumer is through with a message.
    Handled(u64),
    /// A consumer that was told to stop has no time for the message in hand.
    GivesUp(u64),
}

/// How a process leaves that was told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// When.
    pub at: At,
    /// By SIGKILL, since its time was over.
    pub killed: bool,
}

/// Senders and workers of the account.
#[derive(Debug)]
pub struct Workloads {
    rng: fastrand::Rng,
    /// All has happened until then.
    now: At,
    /// Each with a chance of its own: what is sent does not hang on what becomes of it.
    sources: Vec<(Source, fastrand::Rng)>,
    works: Vec<Work>,
    tallies: Vec<Tally>,
    /// Consumers that wait for a message, by work.
    waiting: Vec<Vec<u64>>,
    consumers: BTreeMap<u64, Consumer>,
    by_task: BTreeMap<String, u64>,
    /// Tasks whose process has ended by itself.
    exited: Vec<String>,
    queue: BTreeMap<(At, u64), Due>,
    serial: u64,
    next_minute: Option<At>,
    web: web::Web,
}

impl Workloads {
    /// Nobody sends, nobody works.
    pub fn new(seed: u64) -> Workloads {
        Workloads {
            rng: fastrand::Rng::with_seed(seed ^ 0x776f_726b),
            now: At(0),
            sources: Vec::new(),
            works: Vec::new(),
            tallies: Vec::new(),
            waiting: Vec::new(),
            consumers: BTreeMap::new(),
            by_task: BTreeMap::new(),
            exited: Vec::new(),
            queue: BTreeMap::new(),
            serial: 0,
            next_minute: None,
            web: web::Web::new(seed),
        }
    }

    /// How a task's process leaves that is told to stop now; nothing where no work is declared for it.
    pub(crate) fn leaves(&self, task: &str, now: At, stop_seconds: i64) -> Option<Exit> {
        let consumer = &self.consumers[self.by_task.get(task)?];
        Some(consumer.leaves(self.works[consumer.work].on_sigterm, now, stop_seconds))
    }

    fn schedule(&mut self, at: At, due: Due) {
        self.serial += 1;
        self.queue.insert((at, self.serial), due);
    }

    /// Lets happen what happens until then.
    fn catch_up(&mut self, sqs: &mut Sqs, until: At) {
        loop {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let served = self.next_served(sqs);
            match (served, event) {
                // Who waits is served before anything else happens at that moment.
                (Some((at, work)), event) if event.is_none_or(|event| at <= event) => {
                    if at > until {
                        break;
                    }
                    self.now = at;
                    self.serve(work, sqs);
                }
                (_, Some(at)) if at <= until => {
                    self.now = at;
                    if let Some((_, due)) = self.queue.pop_first() {
                        self.run(due, sqs);
                    }
                }
                _ => break,
            }
        }
        self.now = self.now.max(until);
    }

    /// When somebody who waits gets something next.
    fn next_served(&self, sqs: &mut Sqs) -> Option<(At, usize)> {
        let waited_for = (0..self.works.len()).filter(|work| !self.waiting[*work].is_empty());
        waited_for
            .filter_map(|work| {
                let at = sqs.next_receivable(self.works[work].queue, self.now)?;
                Some((at.max(self.now), work))
            })
            .min()
    }

    /// Who waits asks again and again, also where there is nothing: that keeps a queue's metrics awake.
    fn polls(&self, sqs: &mut Sqs) {
        for (work, waiting) in self.works.iter().zip(&self.waiting) {
            if !waiting.is_empty() {
                sqs.touch(work.queue, self.now);
            }
        }
    }

    fn run(&mut self, due: Due, sqs: &mut Sqs) {
        match due {
            Due::Sends(source) => self.sends(source, sqs),
            Due::Handled(consumer) => self.handled(consumer, sqs),
            Due::GivesUp(consumer) => self.gives_up(consumer, sqs),
        }
    }

    fn sends(&mut self, index: usize, sqs: &mut Sqs) {
        let (source, rng) = &mut self.sources[index];
        let (queue, message) = (source.queue, source.message(rng));
        self.send(queue, message, sqs);
        self.sends_later(index);
    }

    fn send(&mut self, queue: usize, message: Outgoing, sqs: &mut Sqs) {
        sqs.send(queue, message, self.now);
        let fed = self.works.iter().zip(&mut self.tallies);
        fed.filter(|(work, _)| work.queue == queue)
            .for_each(|(_, tally)| tally.sent += 1);
    }

    /// Arrivals are independent of one another, as those of many customers are.
    fn sends_later(&mut self, index: usize) {
        let (source, rng) = &mut self.sources[index];
        if source.per_second <= 0.0 {
            return;
        }
        let seconds = -(1.0 - rng.f64()).ln() / source.per_second;
        let at = At(self.now.0 + (seconds * 1000.0).round() as i64);
        self.schedule(at, Due::Sends(index));
    }

    /// What has become of tasks since.
    fn hear(&mut self, lives: Vec<Life>, sqs: &mut Sqs) {
        for life in lives {
            match life.lived {
                Lived::Runs => self.enrol(life),
                Lived::ToldToStop { gone } => self.told_to_stop(&life.task, gone, sqs),
                Lived::Ended => self.ended(&life.task),
            }
        }
    }
}

/// When metrics are put on record next; nothing else waits for its moment.
pub fn next_due(world: &World) -> Option<At> {
    let Workloads { next_minute, web, .. } = &world.workload;
    [*next_minute, web.next_due()].into_iter().flatten().min()
}

/// Catches up with the present.
pub fn run_due(world: &mut World) {
    web::run_due(world);
    if world.workload.works.is_empty() && world.workload.sources.is_empty() {
        world.ecs.lives.clear();
        return;
    }
    while let Some(minute) = world.workload.next_minute.filter(|minute| *minute <= world.now) {
        let World { workload, sqs, .. } = world;
        workload.catch_up(sqs, minute);
        workload.next_minute = Some(At(minute.0 + MINUTE_MILLIS));
        publish(world, minute);
    }
    let World {
        workload,
        sqs,
        ecs,
        now,
        ..
    } = world;
    workload.catch_up(sqs, *now);
    if !ecs.lives.is_empty() {
        workload.hear(std::mem::take(&mut ecs.lives), sqs);
        workload.catch_up(sqs, *now);
    }
    workload.polls(sqs);
    for task in std::mem::take(&mut world.workload.exited) {
        crate::ecs::exits(world, &task);
    }
}

/// What workers have counted in a minute, by revision: those that did nothing say nothing.
fn publish(world: &mut World, minute: At) {
    let mut data = Vec::new();
    for (work, tally) in world.workload.works.iter().zip(&mut world.workload.tallies) {
        let minutes = tally.minutes();
        if let Some(metrics) = &work.metrics {
            data.extend(minutes.into_iter().map(|minute| (metrics.clone(), minute)));
        }
    }
    let began = At(minute.0 - MINUTE_MILLIS);
    for (metrics, (revision, total, failed)) in data {
        let dimensions = [(metrics.dimension.as_str(), revision.as_str())];
        for (name, value) in [(&metrics.total, total), (&metrics.failed, failed)] {
            cloudwatch::put(world, &metrics.namespace, name, &dimensions, began, f64::from(value));
        }
    }
}
