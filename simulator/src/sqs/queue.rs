//! One queue: which messages can be seen, who holds them, and when they come back.
//!
//! # Source
//! SQS developer guide: "visibility timeout", "Using dead-letter queues" (a message is moved by the receive that would
//! exceed `maxReceiveCount`; on a standard queue "the expiration of a message is always based on its original enqueue
//! timestamp", on a FIFO queue that "resets when the message is moved"), "FIFO delivery logic"; for the order of what was received three times and more, the note
//! on `ApproximateAgeOfOldestMessage` in "Available CloudWatch metrics for Amazon SQS".

use super::message::{Depth, Message, Outgoing, Place, Receipt};
use super::settings::Settings;
use crate::time::At;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// From so many receives on a standard queue puts a message at its end, and does not count its age.
const REORDERED_FROM: u32 = 3;
/// For how long a duplicate is recognised.
const DEDUPLICATION_SECONDS: i64 = 300;

/// What a receive took out of sight.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub receipts: Vec<Receipt>,
    /// Received too often: for the dead-letter queue.
    pub dead: Vec<Message>,
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deleted {
    Now,
    /// It was gone already.
    Before,
    /// Somebody has received it since: "the request succeeds, but the message will not be deleted" (DeleteMessage).
    Outdated,
    /// On a FIFO queue the visibility time-out must not be over.
    Expired,
}

/// What CloudWatch is told at the end of the minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub sent: u32,
    pub received: u32,
    pub deleted: u32,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub name: String,
    pub settings: Settings,
    pub created: At,
    pub modified: At,
    /// Hides numbers in identifiers.
    pub salt: u64,
    pub counts: Counts,
    pub purged: Option<At>,
    /// Messages that nobody has deleted and that are gone: purged, or kept for long enough.
    pub gone: Vec<u64>,
    /// Last activity.
    pub active: At,
    /// From when on metrics are on record; `None` while it sleeps.
    pub publishes: Option<At>,
    messages: BTreeMap<u64, Message>,
    /// In the order in which they are handed out.
    visible: BTreeSet<(bool, At, u64)>,
    delayed: BTreeSet<(At, u64)>,
    held: BTreeSet<(At, u64)>,
    by_age: BTreeSet<(At, u64)>,
    held_groups: BTreeMap<String, u32>,
    /// Deduplication ids, and the message that each stands for.
    recent: BTreeMap<String, u64>,
    /// The same in the order in which they are forgotten.
    recent_since: VecDeque<(At, String)>,
}

impl Queue {
    pub fn new(name: &str, settings: Settings, salt: u64, now: At) -> Queue {
        Queue {
            name: name.to_owned(),
            settings,
            created: now,
            modified: now,
            salt,
            counts: Counts::default(),
            purged: None,
            gone: Vec::new(),
            active: now,
            publishes: None,
            messages: BTreeMap::new(),
            visible: BTreeSet::new(),
            delayed: BTreeSet::new(),
            held: BTreeSet::new(),
            by_age: BTreeSet::new(),
            held_groups: BTreeMap::new(),
            recent: BTreeMap::new(),
            recent_since: VecDeque::new(),
        }
    }

    pub fn depth(&self) -> Depth {
        Depth {
            visible: self.visible.len(),
            held: self.held.len(),
            delayed: self.delayed.len(),
        }
    }

    pub fn message(&self, id: u64) -> Option<&Message> {
        self.messages.get(&id)
    }

    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    /// Age of the oldest message in milliseconds, without those that a standard queue has put at its end.
    pub fn oldest_millis(&self, now: At) -> i64 {
        let counted = |id: &u64| self.settings.fifo || self.messages[id].receives_here < REORDERED_FROM;
        let oldest = self.by_age.iter().find(|(_, id)| counted(id));
        oldest.map_or(0, |(since, _)| now.0 - since.0)
    }

    /// Lets become visible what is due, and forgets what has been kept long enough.
    pub fn settle(&mut self, now: At) {
        while let Some((at, id)) = self.delayed.first().copied().filter(|(at, _)| *at <= now) {
            self.show(id, at);
        }
        while let Some((at, id)) = self.held.first().copied().filter(|(at, _)| *at <= now) {
            self.show(id, at);
        }
        let kept_from = now.plus_seconds(-self.settings.retention_seconds);
        while let Some((_, id)) = self.expires_first().filter(|(since, _)| *since < kept_from) {
            self.remove(id);
            self.gone.push(id);
        }
        let forgotten = now.plus_seconds(-DEDUPLICATION_SECONDS);
        while let Some((_, token)) = self.recent_since.pop_front_if(|(at, _)| *at <= forgotten) {
            self.recent.remove(&token);
        }
    }

    /// The message whose retention period began first, and when it did. Messages are numbered as they are sent.
    fn expires_first(&self) -> Option<(At, u64)> {
        match self.settings.fifo {
            true => self.by_age.first().copied(),
            false => self.messages.first_key_value().map(|(id, message)| (message.sent, *id)),
        }
    }

    pub fn send(&mut self, id: u64, content: Outgoing, now: At) -> u64 {
        if let Some(token) = &content.deduplication {
            self.settle(now);
            if let Some(known) = self.recent.get(token) {
                return *known;
            }
            self.recent.insert(token.clone(), id);
            self.recent_since.push_back((now, token.clone()));
        }
        self.counts.sent += 1;
        let delay = content.delay_seconds.unwrap_or(self.settings.delay_seconds);
        let message = Message {
            id,
            content,
            sent: now,
            since: now,
            first_received: None,
            receives: 0,
            receives_here: 0,
            came_from: None,
            place: Place::Delayed(now.plus_seconds(delay)),
        };
        self.enter(message, now);
        id
    }

    /// Takes a message over that another queue has given up; `NumberOfMessagesSent` does not count it.
    pub fn bury(&mut self, message: Message, source: &str, now: At) {
        let message = Message {
            since: now,
            receives_here: 0,
            came_from: Some(source.to_owned()),
            place: Place::Delayed(now),
            ..message
        };
        self.enter(message, now);
    }

    fn enter(&mut self, message: Message, now: At) {
        let id = message.id;
        self.by_age.insert((message.since, id));
        if let Place::Delayed(until) = message.place {
            self.delayed.insert((until, id));
        }
        self.messages.insert(id, message);
        self.settle(now);
    }

    pub fn receive(&mut self, most: usize, seconds: Option<i64>, now: At) -> Taken {
        self.settle(now);
        let until = now.plus_seconds(seconds.unwrap_or(self.settings.visibility_seconds));
        let mut taken = Taken::default();
        // One receive may hand out several messages of a group; what others hold keeps their groups closed.
        let closed = self.held_groups.clone();
        while taken.receipts.len() < most {
            let Some(id) = self.first_of(&closed) else { break };
            let limit = self.settings.redrive.as_ref().map(|redrive| redrive.receives_max);
            if limit.is_some_and(|limit| self.messages[&id].receives_here >= limit) {
                taken.dead.extend(self.remove(id));
                continue;
            }
            self.place(id, Place::Held(until));
            if let Some(message) = self.messages.get_mut(&id) {
                message.receives += 1;
                message.receives_here += 1;
                message.first_received.get_or_insert(now);
                let receive = message.receives_here;
                taken.receipts.push(Receipt { id, receive });
            }
            self.counts.received += 1;
        }
        // A visibility time-out of nothing: it is back at once.
        self.settle(now);
        taken
    }

    /// The first message that can be seen and whose group is not closed.
    fn first_of(&self, closed: &BTreeMap<String, u32>) -> Option<u64> {
        let open = |id: &u64| {
            let group = self.messages[id].content.group.as_ref();
            !self.settings.fifo || group.is_none_or(|group| !closed.contains_key(group))
        };
        self.visible.iter().map(|(_, _, id)| *id).find(open)
    }

    pub fn next_receivable(&mut self, now: At) -> Option<At> {
        self.settle(now);
        if self.first_of(&self.held_groups).is_some() {
            return Some(now);
        }
        let returns = [self.delayed.first(), self.held.first()];
        returns.into_iter().flatten().map(|(at, _)| *at).min()
    }

    pub fn delete(&mut self, receipt: Receipt, now: At) -> Deleted {
        self.settle(now);
        let Some(message) = self.messages.get(&receipt.id) else {
            return Deleted::Before;
        };
        if message.receives_here != receipt.receive {
            return Deleted::Outdated;
        }
        if self.settings.fifo && !matches!(message.place, Place::Held(_)) {
            return Deleted::Expired;
        }
        self.remove(receipt.id);
        self.counts.deleted += 1;
        Deleted::Now
    }

    /// Holds a received message for so long from now on. Not where it is no longer in flight.
    pub fn hold_for(&mut self, receipt: Receipt, seconds: i64, now: At) -> Result<(), Deleted> {
        self.settle(now);
        let message = self.messages.get(&receipt.id).ok_or(Deleted::Before)?;
        if message.receives_here != receipt.receive {
            return Err(Deleted::Outdated);
        }
        if !matches!(message.place, Place::Held(_)) {
            return Err(Deleted::Expired);
        }
        self.place(receipt.id, Place::Held(now.plus_seconds(seconds)));
        self.settle(now);
        Ok(())
    }

    pub fn purge(&mut self, now: At) {
        self.purged = Some(now);
        for id in self.messages.keys().copied().collect::<Vec<_>>() {
            self.remove(id);
            self.gone.push(id);
        }
    }

    fn show(&mut self, id: u64, at: At) {
        self.place(id, Place::Visible(at));
    }

    fn place(&mut self, id: u64, place: Place) {
        self.lift(id);
        let Some(message) = self.messages.get_mut(&id) else {
            return;
        };
        message.place = place;
        let order = rank(&self.settings, message);
        match place {
            Place::Delayed(until) => drop(self.delayed.insert((until, id))),
            Place::Visible(_) => drop(self.visible.insert(order)),
            Place::Held(until) => {
                self.held.insert((until, id));
                if let Some(group) = &message.content.group {
                    *self.held_groups.entry(group.clone()).or_default() += 1;
                }
            }
        }
    }

    /// Takes a message out of the place where it is.
    fn lift(&mut self, id: u64) {
        let Some(message) = self.messages.get(&id) else {
            return;
        };
        match message.place {
            Place::Delayed(until) => drop(self.delayed.remove(&(until, id))),
            Place::Visible(_) => drop(self.visible.remove(&rank(&self.settings, message))),
            Place::Held(until) => {
                self.held.remove(&(until, id));
                if let Some(group) = &message.content.group
                    && let Some(count) = self.held_groups.get_mut(group)
                {
                    *count -= 1;
                    if *count == 0 {
                        self.held_groups.remove(group);
                    }
                }
            }
        }
    }

    fn remove(&mut self, id: u64) -> Option<Message> {
        self.lift(id);
        let message = self.messages.remove(&id)?;
        self.by_age.remove(&(message.since, id));
        Some(message)
    }
}

/// The order in which messages are handed out: by age; on a standard queue, what came back three times last.
fn rank(settings: &Settings, message: &Message) -> (bool, At, u64) {
    let Place::Visible(at) = message.place else {
        return (false, message.sent, message.id);
    };
    match !settings.fifo && message.receives_here >= REORDERED_FROM {
        true => (true, at, message.id),
        false => (false, message.sent, message.id),
    }
}
