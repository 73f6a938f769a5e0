//! AWS Lambda: asynchronous invocations, their retries and their failures.
//!
//! Whatever invokes a function by itself (alarm actions, pipeline jobs, topics, rules) goes through [`invoke_async`].
//! A function that a test has staged ([`stage::function`]) gets the queue AWS has in front of it; any other is handed
//! over at once and never retried.
//!
//! # Source
//!
//! "How Lambda handles errors and retries with asynchronous invocation", Lambda developer guide.

mod execution_role;
pub mod stage;
#[cfg(test)]
mod tests;

pub use execution_role::writes_logs;
pub use stage::Config;

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// From acceptance to the function, in milliseconds.
const LATENCY_MILLIS: std::ops::RangeInclusive<i64> = 20..=200;
/// "Lambda waits one minute before the first retry and two minutes before the second."
const RETRY_SECONDS: [i64; 2] = [60, 120];
/// A throttled event comes back "from 1 second after the first attempt to a maximum of 5 minutes".
const BACKOFF_SECONDS_MAX: i64 = 300;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Lambda {
    /// Events that were given up, in order.
    pub failed: Vec<Failed>,
    /// What it was refused in a function's role: logs that were not written, failed events that are gone.
    pub refused: Vec<(At, Refusal)>,
    /// How many of the failed events have been sent on.
    told: usize,
    functions: BTreeMap<String, Config>,
    requests: BTreeMap<u64, Request>,
    /// In the order in which they fall due.
    queue: BTreeMap<(At, u64), Place>,
    last_request: u64,
    last_entry: u64,
}

/// An event that Lambda gave up, as its on-failure destination is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// When.
    pub at: At,
    /// Request id, the same for every attempt.
    pub request: u64,
    /// Function name.
    pub function: String,
    /// The event.
    pub payload: Value,
    /// How often the function has run for it and failed.
    pub invocations: usize,
    /// `RetriesExhausted` or `EventAgeExceeded`.
    pub condition: &'static str,
    /// What the function said last; `None` if it never ran.
    pub error: Option<String>,
    /// On-failure destination; without one the event is gone.
    pub queue: Option<String>,
}

/// An accepted event.
///
/// The queue may deliver one event twice; both deliveries carry the same request id. Then the event is retried only
/// once the last of them has failed and none has succeeded.
#[derive(Clone, Debug)]
struct Request {
    function: String,
    payload: Value,
    accepted: At,
    errors: usize,
    said: Option<String>,
    succeeded: bool,
    waiting: u32,
    running: u32,
}

/// A place in the queue.
#[derive(Clone, Copy, Debug)]
struct Place {
    request: u64,
    throttles: u32,
}

/// Accepts an event for a function; answers with its request id.
pub fn invoke_async(world: &mut World, function: &str, payload: Value) -> u64 {
    let World {
        lambda,
        rng,
        chaos,
        now,
        ..
    } = world;
    lambda.last_request += 1;
    let request = lambda.last_request;
    if !lambda.functions.contains_key(function) {
        world.outbox.push(Delivery::Invoke {
            function: function.to_owned(),
            payload,
            request,
        });
        return request;
    }
    let accepted = Request {
        function: function.to_owned(),
        payload,
        accepted: *now,
        errors: 0,
        said: None,
        succeeded: false,
        waiting: 0,
        running: 0,
    };
    lambda.requests.insert(request, accepted);
    for delay_millis in chaos.copies(rng) {
        let due = At(now.0 + rng.i64(LATENCY_MILLIS) + delay_millis);
        lambda.enqueue(due, Place { request, throttles: 0 });
    }
    request
}

/// Takes note of how one delivery of an event ended; what was not delivered from the queue is nobody's business here.
pub fn ended(world: &mut World, request: u64, outcome: Result<(), String>) {
    let now = world.now;
    let lambda = &mut world.lambda;
    let Some(ran) = lambda.requests.get_mut(&request).filter(|ran| ran.running > 0) else {
        return;
    };
    ran.running -= 1;
    match outcome {
        Ok(()) => ran.succeeded = true,
        Err(error) => ran.said = Some(error),
    }
    if ran.running + ran.waiting > 0 {
        return;
    }
    if ran.succeeded {
        lambda.requests.remove(&request);
        return;
    }
    let config = lambda.functions.get(&ran.function).cloned().unwrap_or_default();
    ran.errors += 1;
    if ran.errors > config.attempts_max as usize {
        lambda.give_up(now, request, "RetriesExhausted");
        return execution_role::sends_failed_events(world);
    }
    let retry = now.plus_seconds(RETRY_SECONDS[(ran.errors - 1).min(RETRY_SECONDS.len() - 1)]);
    let due = retry.min(ran.expires(&config));
    lambda.enqueue(due, Place { request, throttles: 0 });
}

/// When something will next happen by itself.
pub fn next_due(world: &World) -> Option<At> {
    world.lambda.queue.keys().next().map(|(due, _)| *due)
}

/// Does what is due.
pub fn run_due(world: &mut World) {
    while let Some(entry) = world
        .lambda
        .queue
        .first_entry()
        .filter(|entry| entry.key().0 <= world.now)
    {
        let place = entry.remove();
        let delivery = world.lambda.hand_over(world.now, place);
        if let Some(Delivery::Invoke { function, .. }) = &delivery {
            writes_logs(world, function);
        }
        world.outbox.extend(delivery);
    }
    execution_role::sends_failed_events(world);
}

impl Request {
    fn expires(&self, config: &Config) -> At {
        self.accepted.plus_seconds(i64::from(config.event_age_seconds))
    }
}

impl Lambda {
    fn enqueue(&mut self, due: At, place: Place) {
        if let Some(request) = self.requests.get_mut(&place.request) {
            request.waiting += 1;
            self.last_entry += 1;
            self.queue.insert((due, self.last_entry), place);
        }
    }

    fn hand_over(&mut self, now: At, place: Place) -> Option<Delivery> {
        let request = self.requests.get_mut(&place.request)?;
        request.waiting -= 1;
        let config = self.functions.get(&request.function).cloned().unwrap_or_default();
        let expires = request.expires(&config);
        if now >= expires {
            self.drop_copy(now, place.request);
            return None;
        }
        let function = request.function.clone();
        if config
            .reserved
            .is_some_and(|reserved| self.running(&function) >= reserved)
        {
            let backoff_seconds = (1 << place.throttles.min(9)).min(BACKOFF_SECONDS_MAX);
            let throttles = place.throttles + 1;
            let due = now.plus_seconds(backoff_seconds).min(expires);
            self.enqueue(due, Place { throttles, ..place });
            return None;
        }
        let request = self.requests.get_mut(&place.request)?;
        request.running += 1;
        Some(Delivery::Invoke {
            function,
            payload: request.payload.clone(),
            request: place.request,
        })
    }

    fn running(&self, function: &str) -> u32 {
        let requests = self.requests.values().filter(|request| request.function == function);
        requests.map(|request| request.running).sum()
    }

    /// A copy is too old; the event is given up with its last copy, unless one has succeeded.
    fn drop_copy(&mut self, now: At, request: u64) {
        let left = self.requests.get(&request);
        match left.map(|left| (left.running + left.waiting, left.succeeded)) {
            Some((0, false)) => self.give_up(now, request, "EventAgeExceeded"),
            Some((0, true)) => {
                self.requests.remove(&request);
            }
            _ => {}
        }
    }

    fn give_up(&mut self, at: At, request: u64, condition: &'static str) {
        let Some(lost) = self.requests.remove(&request) else {
            return;
        };
        let queue = self.functions.get(&lost.function);
        self.failed.push(Failed {
            at,
            request,
            queue: queue.and_then(|config| config.on_failure.clone()),
            function: lost.function,
            payload: lost.payload,
            invocations: lost.errors,
            condition,
            error: lost.said,
        });
    }
}
