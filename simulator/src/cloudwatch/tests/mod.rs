//! What CloudWatch does, told as laws.

mod composites;
mod data;
mod events;
mod judging;
mod listing;
mod timelines;

use super::{State, StateValue, call, lag_seconds, put, stage};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

/// Custom metrics here are seen at once.
const NAMESPACE: &str = "Test";
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:rollback:live";
const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:releases";

fn world() -> World {
    let mut world = World::new(7);
    lag_seconds(&mut world, NAMESPACE, 0..=0);
    world
}

fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    call(world, operation, &input).unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
}

fn refused(world: &mut World, operation: &str, input: Value) -> Refusal {
    match call(world, operation, &input) {
        Ok(reply) => panic!("{operation} was not refused: {reply}"),
        Err(refusal) => refusal,
    }
}

/// A metric alarm `Errors` > 5 on `Test`, one of one minute, with some members changed.
fn alarm(world: &mut World, name: &str, changes: Value) {
    let mut request = json!({
        "AlarmName": name, "Namespace": NAMESPACE, "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    for (member, value) in changes.as_object().into_iter().flatten() {
        request[member] = value.clone();
    }
    ask(world, "PutMetricAlarm", request);
}

fn errors(world: &mut World, at: At, value: f64) {
    put(world, NAMESPACE, "Errors", &[], at, value);
}

fn set_state(world: &mut World, name: &str, value: StateValue) {
    let request = json!({ "AlarmName": name, "StateValue": value.text(), "StateReason": "test" });
    ask(world, "SetAlarmState", request);
}

fn state(world: &World, name: &str) -> State {
    stage::look(world, name).expect("alarm").state.clone()
}

fn value(world: &World, name: &str) -> StateValue {
    state(world, name).value
}

/// Lets time pass until the alarm has been evaluated once more.
fn evaluate(world: &mut World, name: &str) {
    let due = stage::look(world, name)
        .and_then(|a| a.next_evaluation)
        .expect("evaluation");
    world.advance_to(due);
}

/// Lets whole minutes pass.
fn minutes(world: &mut World, count: i64) {
    let until = world.now.plus_seconds(60 * count);
    world.advance_to(until);
}

/// State change events since the outbox was last emptied; everything in it is taken.
fn changes(world: &mut World) -> Vec<Value> {
    let deliveries = std::mem::take(&mut world.outbox);
    let events = deliveries.into_iter().filter_map(|d| match d {
        Delivery::Event(event) => Some(event),
        _ => None,
    });
    events
        .filter(|e| e["detail-type"] == "CloudWatch Alarm State Change")
        .collect()
}

/// Payloads of Lambda actions in the outbox.
fn invocations(world: &World) -> Vec<(String, Value)> {
    let invoked = world.outbox.iter().filter_map(|d| match d {
        Delivery::Invoke { function, payload, .. } => Some((function.clone(), payload.clone())),
        _ => None,
    });
    invoked.collect()
}
