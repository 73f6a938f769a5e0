//! The rules of the simulated Parameter Store, one sentence each.

mod events;
mod paths;
mod reading;
mod writing;

use super::stage;
use crate::model;
use crate::refusal::Refusal;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

const ORDERS: &str = "/serin/policies/orders";

/// Asks as a client would: what AWS's model forbids does not get through, either way.
fn ask(world: &mut World, operation: &str, input: Value) -> Result<Value, Refusal> {
    let input = model::check_request("ssm", operation, &input)?;
    let outcome = world.call("test", "ssm", operation, input);
    match &outcome {
        Ok(reply) => model::check_reply("ssm", operation, reply).unwrap(),
        Err(refusal) => model::check_error("ssm", operation, refusal).unwrap(),
    }
    outcome
}

fn get(world: &mut World, operation: &str, input: Value) -> Value {
    ask(world, operation, input).unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
}

fn refused(world: &mut World, operation: &str, input: Value) -> (&'static str, String) {
    match ask(world, operation, input) {
        Ok(reply) => panic!("{operation} was not refused: {reply}"),
        Err(refusal) => (refusal.code, refusal.message),
    }
}

/// `PutParameter` of a new String, with more members or other ones.
fn put(name: &str, value: &str, extra: Value) -> Value {
    let mut input = json!({ "Name": name, "Value": value, "Type": "String" });
    for (key, value) in extra.as_object().into_iter().flatten() {
        input[key.as_str()] = value.clone();
    }
    input
}

fn value_of(world: &mut World, name: &str) -> String {
    let reply = get(world, "GetParameter", json!({ "Name": name }));
    reply["Parameter"]["Value"].as_str().unwrap_or_default().to_owned()
}
