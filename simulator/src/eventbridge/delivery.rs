//! One delivery to one target: at least once, tried again with back-off, then a dead letter.
//!
//! Faults meet these calls like any other (caller [`CALLER`]): `lambda` `Invoke`, `stepfunctions` `StartExecution`,
//! `sns` `Publish`.
//!
//! # Source
//!
//! "Retrying failed event delivery" and "Using dead-letter queues", EventBridge user guide. AWS documents the limits
//! (24 hours, 185 retries), exponential back-off and jitter, but not the steps: ours double from one second to ten
//! minutes and lose up to half to jitter, so that 185 of them fill most of the 24 hours.

use super::target::{Destination, Input, Target};
use crate::faults::Fault;
use crate::iam::{self, Demand};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use crate::{lambda, sns, sqs};
use serde_json::{Value, json};

/// Under which label targets are called.
pub const CALLER: &str = "events.amazonaws.com";

/// From the bus to the target, in milliseconds.
const LATENCY_MILLIS: std::ops::RangeInclusive<i64> = 200..=2000;
const BACKOFF_SECONDS_MAX: i64 = 600;

/// An event that reached no target, as its dead-letter queue is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Dead {
    /// When.
    pub at: At,
    /// Dead-letter queue; without one the event is gone.
    pub queue: Option<String>,
    /// Rule name.
    pub rule: String,
    /// Who could not be reached.
    pub destination: Destination,
    /// The event, or the constant that would have been sent.
    pub input: Value,
    /// `ERROR_CODE`: what the target said last.
    pub error: String,
    /// `EXHAUSTED_RETRY_CONDITION`: `MaximumRetryAttempts`, `MaximumEventAgeInSeconds`, or none where trying again
    /// is no use.
    pub exhausted: Option<&'static str>,
    /// `RETRY_ATTEMPTS`.
    pub retries: u32,
}

/// A delivery under way.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    rule: String,
    target: Target,
    input: Value,
    accepted: At,
    tries: u32,
    error: String,
}

/// Puts a delivery on its way.
pub(super) fn send(world: &mut World, rule: &str, target: Target, event: &Value, delay_millis: i64) {
    let input = match &target.input {
        Input::Event => event.clone(),
        Input::Fixed(input) => input.clone(),
    };
    let pending = Pending {
        rule: rule.to_owned(),
        target,
        input,
        accepted: world.now,
        tries: 0,
        error: String::new(),
    };
    let due = At(world.now.0 + world.rng.i64(LATENCY_MILLIS) + delay_millis);
    world.eventbridge.enqueue(due, super::Due::Try(Box::new(pending)));
}

/// Tries a delivery that is due.
pub(super) fn attempt(world: &mut World, mut pending: Pending) {
    let expires = pending
        .accepted
        .plus_seconds(i64::from(pending.target.retry.max_age_seconds));
    if pending.tries > 0 && world.now >= expires {
        return bury(world, pending, Some("MaximumEventAgeInSeconds"));
    }
    let called = may(world, &pending).and_then(|()| call(world, &pending.target.destination, &pending.input));
    let Err(refusal) = called else {
        return;
    };
    pending.tries += 1;
    pending.error = refusal.code.to_owned();
    if !worth_retrying(&refusal) {
        return bury(world, pending, None);
    }
    if pending.tries > pending.target.retry.attempts {
        return bury(world, pending, Some("MaximumRetryAttempts"));
    }
    let backoff_millis = 1000 * (1 << (pending.tries - 1).min(10)).min(BACKOFF_SECONDS_MAX);
    let due = At(world.now.0 + world.rng.i64(backoff_millis / 2..=backoff_millis)).min(expires);
    world.eventbridge.enqueue(due, super::Due::Try(Box::new(pending)));
}

/// Whether the role that the target names may call it.
fn may(world: &mut World, pending: &Pending) -> Result<(), Refusal> {
    let demand = match &pending.target.destination {
        Destination::Function(name) => Demand::new(
            "lambda:InvokeFunction",
            world.arn("lambda", &format!("function:{name}")),
        ),
        Destination::Machine(name) => Demand::new(
            "states:StartExecution",
            world.arn("states", &format!("stateMachine:{name}")),
        ),
        Destination::Topic(_) => return Ok(()),
    };
    let Some(role) = &pending.target.role else {
        return Ok(());
    };
    iam::authorise_role(world, role, &pending.rule, demand)
}

fn call(world: &mut World, destination: &Destination, input: &Value) -> Result<(), Refusal> {
    let (service, operation) = match destination {
        Destination::Function(_) => ("lambda", "Invoke"),
        Destination::Machine(_) => ("stepfunctions", "StartExecution"),
        Destination::Topic(_) => ("sns", "Publish"),
    };
    let World { faults, rng, now, .. } = world;
    let fault = faults.meet(rng, *now, CALLER, service, operation);
    match fault {
        None => reach(world, destination, input),
        // It took effect, but EventBridge never heard: the next try is a duplicate.
        Some(Fault::HangAfter) => {
            reach(world, destination, input).and(Err(Refusal::new("SDK_CLIENT_ERROR", "no reply in time")))
        }
        Some(Fault::HangBefore) => Err(Refusal::new("SDK_CLIENT_ERROR", "no reply in time")),
        Some(Fault::Throttle) => Err(Refusal::throttled()),
        Some(Fault::ServerError) => Err(Refusal::new("InternalFailure", "internal error").status(500)),
        Some(Fault::AccessDenied) => Err(Refusal::new("NO_PERMISSIONS", "the target's policy does not allow it")),
    }
}

fn reach(world: &mut World, destination: &Destination, input: &Value) -> Result<(), Refusal> {
    match destination {
        Destination::Function(name) => {
            lambda::invoke_async(world, name, input.clone());
            Ok(())
        }
        Destination::Topic(name) => {
            let topic = world.arn("sns", name);
            sns::publish(world, &topic, None, &input.to_string());
            Ok(())
        }
        Destination::Machine(name) => {
            let arn = world.arn("states", &format!("stateMachine:{name}"));
            let request = json!({ "stateMachineArn": arn, "input": input.to_string() });
            world
                .call(CALLER, "stepfunctions", "StartExecution", request)
                .map(|_| ())
        }
    }
}

/// "Missing permissions or a target resource that no longer exists": straight to the dead-letter queue.
fn worth_retrying(refusal: &Refusal) -> bool {
    !matches!(
        refusal.code,
        "NO_PERMISSIONS"
            | "AccessDeniedException"
            | "InvalidArn"
            | "ResourceNotFoundException"
            | "StateMachineDeleting"
            | "StateMachineDoesNotExist"
    )
}

fn bury(world: &mut World, pending: Pending, exhausted: Option<&'static str>) {
    let dead = Dead {
        at: world.now,
        queue: pending.target.dead_letter,
        rule: pending.rule,
        destination: pending.target.destination,
        input: pending.input,
        error: pending.error,
        exhausted,
        retries: pending.tries.saturating_sub(1),
    };
    letter(world, &dead);
    world.eventbridge.dead.push(dead);
}

/// The event lies in its dead-letter queue, with why it is there as attributes. A queue that is not there keeps nothing.
fn letter(world: &mut World, dead: &Dead) {
    let Some(queue) = dead.queue.clone().filter(|queue| world.sqs.place(queue).is_some()) else {
        return;
    };
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    let mut attributes = json!({
        "RULE_ARN": text(&world.arn("events", &format!("rule/{}", dead.rule))),
        "ERROR_CODE": text(&dead.error), "RETRY_ATTEMPTS": text(&dead.retries.to_string()),
    });
    if let Some(exhausted) = dead.exhausted {
        attributes["EXHAUSTED_RETRY_CONDITION"] = text(exhausted);
    }
    let (queue, body) = (sqs::address(world, &queue), dead.input.to_string());
    let input = json!({ "QueueUrl": queue, "MessageBody": body, "MessageAttributes": attributes });
    // Refused only where it is too long, as it would be lost then.
    let _ = world.call(CALLER, "sqs", "SendMessage", input);
}
