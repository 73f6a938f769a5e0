//! Amazon EventBridge: rules on the account's bus, schedules, targets.
//!
//! # Shape
//!
//! ```text
//! World::emit → put (chaos: lost, late, twice) → arrive: seen, rules → delivery per target → lambda, stepfunctions, sns
//! ```
//!
//! Every event that arrives also leaves through [`World::outbox`], whether a rule is for it or not, so that whoever
//! watches sees all of them.

mod delivery;
mod filter;
mod pattern;
pub mod stage;
mod target;
#[cfg(test)]
mod tests;

pub use delivery::{CALLER, Dead};
pub use pattern::Pattern;
pub use target::{Destination, Input, Retry, Target};

use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct EventBridge {
    /// Every event that arrived on the bus, in order of arrival; twice if it came twice.
    pub seen: Vec<Value>,
    /// Events that [`crate::chaos`] lost before they arrived.
    pub lost: Vec<Value>,
    /// What could not be delivered to a target.
    pub dead: Vec<Dead>,
    /// What is lost on purpose.
    losing: Vec<Pattern>,
    rules: BTreeMap<String, Rule>,
    /// In the order in which they fall due.
    queue: BTreeMap<(At, u64), Due>,
    last_entry: u64,
}

#[derive(Clone, Debug)]
struct Rule {
    when: When,
    targets: Vec<Target>,
    is_enabled: bool,
}

#[derive(Clone, Debug)]
enum When {
    Matches(Pattern),
    Every { seconds: i64, next: At },
}

#[derive(Clone, Debug)]
enum Due {
    Arrive(Value),
    Try(Box<delivery::Pending>),
}

impl EventBridge {
    fn enqueue(&mut self, due: At, what: Due) {
        self.last_entry += 1;
        self.queue.insert((due, self.last_entry), what);
    }
}

/// Takes an event from its source.
pub fn put(world: &mut World, event: Value) {
    let World {
        eventbridge,
        chaos,
        rng,
        now,
        ..
    } = world;
    let meant = eventbridge.losing.iter().any(|pattern| pattern.matches(&event));
    if meant || chaos.loses(rng, event["source"].as_str().unwrap_or_default()) {
        eventbridge.lost.push(event);
        return;
    }
    let (delays, now) = (chaos.copies(rng), *now);
    for delay_millis in delays {
        match delay_millis {
            0 => arrive(world, event.clone()),
            late => world.eventbridge.enqueue(At(now.0 + late), Due::Arrive(event.clone())),
        }
    }
}

/// Lets something happen of which the bus hears nothing: the scene before the story.
pub(crate) fn unheard<R>(world: &mut World, act: impl FnOnce(&mut World) -> R) -> R {
    let (bus, sent) = (std::mem::take(&mut world.eventbridge), world.outbox.len());
    let result = act(world);
    world.eventbridge = bus;
    world.outbox.truncate(sent);
    result
}

/// When something will next happen by itself.
pub fn next_due(world: &World) -> Option<At> {
    let queued = world.eventbridge.queue.keys().next().map(|(due, _)| *due);
    let enabled = world.eventbridge.rules.values().filter(|rule| rule.is_enabled);
    let ticks = enabled.filter_map(|rule| match rule.when {
        When::Every { next, .. } => Some(next),
        When::Matches(_) => None,
    });
    ticks.chain(queued).min()
}

/// Does what is due.
pub fn run_due(world: &mut World) {
    tick(world);
    while let Some(entry) = world
        .eventbridge
        .queue
        .first_entry()
        .filter(|entry| entry.key().0 <= world.now)
    {
        match entry.remove() {
            Due::Arrive(event) => arrive(world, event),
            Due::Try(pending) => delivery::attempt(world, *pending),
        }
    }
}

fn arrive(world: &mut World, event: Value) {
    let rules = world.eventbridge.rules.iter().filter(|(_, rule)| rule.is_enabled);
    let matched = rules.filter(|(_, rule)| matches!(&rule.when, When::Matches(pattern) if pattern.matches(&event)));
    let targets = matched.flat_map(|(name, rule)| rule.targets.iter().map(|target| (name.clone(), target.clone())));
    for (rule, target) in targets.collect::<Vec<_>>() {
        delivery::send(world, &rule, target, &event, 0);
    }
    world.eventbridge.seen.push(event.clone());
    world.outbox.push(Delivery::Event(event));
}

/// Schedules whose time has come. Their events go to the rule's own targets, not over the bus; they may come twice
/// or late, as "the same scheduled time can run a rule more than once".
fn tick(world: &mut World) {
    let now = world.now;
    let mut come = Vec::new();
    for (name, rule) in &mut world.eventbridge.rules {
        if let When::Every { seconds, next } = &mut rule.when
            && rule.is_enabled
            && *next <= now
        {
            *next = next.plus_seconds(*seconds);
            come.push((name.clone(), rule.targets.clone()));
        }
    }
    for (name, targets) in come {
        let event = json!({
            "version": "0", "id": world.uuid(), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": world.home.account, "time": now.iso_seconds(), "region": world.home.region,
            "resources": [world.arn("events", &format!("rule/{name}"))], "detail": {},
        });
        for delay_millis in world.chaos.copies(&mut world.rng) {
            for target in targets.clone() {
                delivery::send(world, &name, target, &event, delay_millis);
            }
        }
    }
}
