//! Laws of the simulated Step Functions.

mod branches;
mod choices;
mod data;
mod definitions;
mod executions;
mod handlers;
mod histories;
mod laps;
mod running;
mod states;
mod tasks;

use super::{FunctionError, finish, stage};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    let reply = world.call("test", "stepfunctions", operation, input);
    reply.unwrap_or_else(|refusal| panic!("{operation} refused: {refusal}"))
}

fn refused(world: &mut World, operation: &str, input: Value) -> Refusal {
    match world.call("test", "stepfunctions", operation, input) {
        Ok(reply) => panic!("{operation} answered {reply}"),
        Err(refusal) => refusal,
    }
}

/// A world with a machine of these states, the first of which is `A`; its ARN.
fn machine(states: &Value) -> (World, String) {
    let mut world = World::new(7);
    let definition = json!({ "StartAt": "A", "States": states }).to_string();
    let arn = stage::create(&mut world, "clock", &definition);
    (world, arn)
}

/// A world with an execution that stands before its first state.
fn started(states: &Value, input: &Value) -> (World, String) {
    let (mut world, machine) = machine(states);
    let execution = stage::start(&mut world, &machine, "one", input);
    (world, execution)
}

/// A world with an execution that had a minute.
fn ran(states: &Value, input: &Value) -> (World, String) {
    let (mut world, execution) = started(states, input);
    wait(&mut world, 60_000);
    (world, execution)
}

/// What a single state does with an input: its output, or error and cause.
fn through(state: &Value, input: &Value) -> Result<Value, (String, String)> {
    let (mut world, execution) = ran(&json!({ "A": state }), input);
    let reply = describe(&mut world, &execution);
    match reply["status"].as_str().unwrap() {
        "SUCCEEDED" => Ok(serde_json::from_str(reply["output"].as_str().unwrap()).unwrap()),
        "FAILED" => Err((words(&reply["error"]), words(&reply["cause"]))),
        other => panic!("the execution is {other}"),
    }
}

fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn wait(world: &mut World, millis: i64) {
    world.advance_to(At(world.now.0 + millis));
}

fn describe(world: &mut World, execution: &str) -> Value {
    ask(world, "DescribeExecution", json!({ "executionArn": execution }))
}

fn status(world: &mut World, execution: &str) -> String {
    words(&describe(world, execution)["status"])
}

/// The whole history, read in the largest pages.
fn history(world: &mut World, execution: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut request = json!({ "executionArn": execution, "maxResults": 1000 });
    loop {
        let reply = ask(world, "GetExecutionHistory", request.clone());
        events.extend(reply["events"].as_array().unwrap().iter().cloned());
        match reply.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => return events,
        }
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// The calls that wait to be carried, taken out of the outbox: function, payload, ticket.
fn calls(world: &mut World) -> Vec<(String, Value, u64)> {
    let outbox = std::mem::take(&mut world.outbox);
    let calls = outbox.into_iter().filter_map(|delivery| match delivery {
        Delivery::Call {
            function,
            payload,
            ticket,
        } => Some((function, payload, ticket)),
        _ => None,
    });
    calls.collect()
}

/// Answers the one call that waits, and says what it was given.
fn answer(world: &mut World, reply: Result<Value, FunctionError>) -> Value {
    let mut waiting = calls(world);
    assert_eq!(waiting.len(), 1, "calls that wait: {waiting:?}");
    let (_, payload, ticket) = waiting.remove(0);
    finish(world, ticket, reply);
    payload
}

fn error(error_type: &str) -> Result<Value, FunctionError> {
    Err(FunctionError::new(error_type, "no"))
}

/// A task that invokes `advance` with its whole input, and these further members.
fn invoke(further: Value) -> Value {
    let mut task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": { "FunctionName": "advance", "Payload.$": "$" },
    });
    for (name, value) in further.as_object().unwrap() {
        task[name] = value.clone();
    }
    if task.get("Next").is_none() {
        task["End"] = json!(true);
    }
    task
}
