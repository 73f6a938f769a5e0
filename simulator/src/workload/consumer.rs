//! What one task does with what it receives, also when it is told to stop.

use super::declare::{How, OnSigterm};
use super::{Due, Exit, Workloads};
use crate::ecs::Life;
use crate::sqs::{Receipt, Sqs};
use crate::time::At;
use std::collections::VecDeque;

/// From a process's last deed to its end.
const LEAVING_MILLIS: i64 = 200;
/// What a worker that listens leaves of its time to stop for giving back.
const LAST_DEEDS_SECONDS: i64 = 2;

/// A message as it was received: what a task has read of it does not change, wherever the message is meanwhile.
#[derive(Debug)]
pub(super) struct Held {
    receipt: Receipt,
    kind: String,
}

/// A task that takes from a queue.
#[derive(Debug)]
pub(super) struct Consumer {
    pub work: usize,
    /// Of its revision, in the tally of the work.
    pub place: usize,
    pub images: Vec<String>,
    /// ARN.
    pub service: String,
    pub started: At,
    /// It was told to stop, and does.
    pub leaving: bool,
    /// What it holds, the message in hand first.
    pub batch: VecDeque<Held>,
    /// When it is through with that.
    pub done: At,
}

impl Consumer {
    /// How its process leaves that is told to stop now.
    pub fn leaves(&self, manner: OnSigterm, now: At, stop_seconds: i64) -> Exit {
        let killed_at = now.plus_seconds(stop_seconds);
        let gives_up = killed_at.plus_seconds(-LAST_DEEDS_SECONDS).max(now);
        let done = if self.batch.is_empty() { now } else { self.done.max(now) };
        let at = At(done.min(gives_up).0 + LEAVING_MILLIS);
        let killed = manner == OnSigterm::Ignores || at > killed_at;
        Exit {
            at: if killed { killed_at } else { at },
            killed,
        }
    }
}

impl Workloads {
    /// A task runs: if a work is declared for its service, it begins to ask.
    pub(super) fn enrol(&mut self, life: Life) {
        let declared = |work: &super::Work| work.services.contains(&life.service);
        let Some(work) = self.works.iter().position(declared) else {
            return;
        };
        let definition = life.definition.rsplit('/').next().unwrap_or_default();
        let images: Vec<String> = life.images.into_values().collect();
        let place = self.tallies[work].place(&life.service, definition, images.clone());
        self.serial += 1;
        let id = self.serial;
        self.by_task.insert(life.task, id);
        let consumer = Consumer {
            work,
            place,
            images,
            service: life.service,
            started: life.at,
            leaving: false,
            batch: VecDeque::new(),
            done: life.at,
        };
        self.consumers.insert(id, consumer);
        self.waiting[work].push(id);
    }

    /// Somebody who waits receives; who of them is as good as any.
    pub(super) fn serve(&mut self, work: usize, sqs: &mut Sqs) {
        let (queue, most) = (self.works[work].queue, self.works[work].batch);
        let receipts = sqs.receive(queue, most, None, self.now);
        if receipts.is_empty() {
            return;
        }
        let who = self.rng.usize(..self.waiting[work].len());
        let id = self.waiting[work].swap_remove(who);
        let place = self.consumers[&id].place;
        let mut batch = VecDeque::with_capacity(receipts.len());
        for receipt in receipts {
            let Some(message) = sqs.message(queue, receipt.id) else {
                continue;
            };
            self.tallies[work].received(place, message.receives == 1, self.now);
            let kind = message.content.body.clone();
            batch.push_back(Held { receipt, kind });
        }
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.batch = batch;
        }
        self.next_message(id);
    }

    /// Takes the next message of its batch in hand, or waits for more.
    fn next_message(&mut self, id: u64) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        if consumer.batch.is_empty() {
            if !consumer.leaving {
                self.waiting[consumer.work].push(id);
            }
            return;
        }
        let takes = self.rng.i64(self.works[consumer.work].handling_millis.clone());
        consumer.done = At(self.now.0 + takes);
        let done = consumer.done;
        self.schedule(done, Due::Handled(id));
    }

    /// A consumer is through with the message in hand.
    pub(super) fn handled(&mut self, id: u64, sqs: &mut Sqs) {
        // One that is gone has dropped it.
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        let (work, place) = (consumer.work, consumer.place);
        let Some(Held { receipt, kind }) = consumer.batch.pop_front() else {
            return;
        };
        let queue = self.works[work].queue;
        let failed = self.fails(id, &kind);
        if failed == Some(How::Ends) {
            // Nothing is counted by a process that is gone.
            if let Some(consumer) = self.consumers.get_mut(&id) {
                consumer.batch.push_front(Held { receipt, kind });
            }
            return self.ends(id);
        }
        let tally = &mut self.tallies[work];
        tally.done(place, failed.is_some());
        match failed {
            Some(How::Leaves | How::Ends) => {}
            Some(How::Swallows) => tally.swallowed += u32::from(sqs.delete(queue, receipt, self.now)),
            None if sqs.delete(queue, receipt, self.now) => tally.handled += 1,
            // Its time was over, and somebody else has it: handled twice, or dead although it was handled.
            None => drop(tally.outlived.insert(receipt.id)),
        }
        self.next_message(id);
    }

    /// Its process ends by itself; ECS hears of that when somebody looks next.
    fn ends(&mut self, id: u64) {
        let task = self
            .by_task
            .iter()
            .find(|(_, of)| **of == id)
            .map(|(task, _)| task.clone());
        if let Some(task) = task {
            self.ended(&task);
            self.exited.push(task);
        }
    }

    /// What the consumer's revision does wrong with a message of this kind, if anything.
    fn fails(&mut self, id: u64, kind: &str) -> Option<How> {
        let consumer = &self.consumers[&id];
        let (images, ran) = (&consumer.images, self.now.0 - consumer.started.0);
        let rows = &self.works[consumer.work].failing;
        let row = rows.iter().find(|row| {
            images.contains(&row.digest)
                && row.service.as_ref().is_none_or(|wanted| *wanted == consumer.service)
                && row.kind.as_deref().is_none_or(|wanted| wanted == kind)
                && ran >= row.after_seconds * 1000
        })?;
        (row.permille >= 1000 || self.rng.u32(0..1000) < row.permille).then_some(row.how)
    }

    /// SIGTERM; its process is gone then.
    pub(super) fn told_to_stop(&mut self, task: &str, gone: At, sqs: &mut Sqs) {
        let Some(id) = self.by_task.get(task).copied() else {
            return;
        };
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        let work = consumer.work;
        if self.works[work].on_sigterm == OnSigterm::Ignores {
            return;
        }
        consumer.leaving = true;
        let rest = consumer.batch.split_off(consumer.batch.len().min(1));
        let gives_up = At(gone.0 - LEAVING_MILLIS);
        let unfinished = !consumer.batch.is_empty() && consumer.done > gives_up;
        self.waiting[work].retain(|other| *other != id);
        for held in rest {
            sqs.give_back(self.works[work].queue, held.receipt, self.now);
        }
        if unfinished {
            self.schedule(gives_up, Due::GivesUp(id));
        }
    }

    /// There is no time to finish what it has in hand: everybody may see that at once, and it was received all the same.
    pub(super) fn gives_up(&mut self, id: u64, sqs: &mut Sqs) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        let queue = self.works[consumer.work].queue;
        for held in std::mem::take(&mut consumer.batch) {
            sqs.give_back(queue, held.receipt, self.now);
        }
    }

    /// The process is gone; what it held comes back when its time is over.
    pub(super) fn ended(&mut self, task: &str) {
        let Some(consumer) = self.by_task.remove(task).and_then(|id| {
            self.waiting
                .iter_mut()
                .for_each(|waiting| waiting.retain(|other| *other != id));
            self.consumers.remove(&id)
        }) else {
            return;
        };
        let dropped = u32::try_from(consumer.batch.len()).unwrap_or(u32::MAX);
        self.tallies[consumer.work].revisions[consumer.place].dropped += dropped;
    }
}
