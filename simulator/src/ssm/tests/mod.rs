//! The rules of the simulated Parameter Store, one sentence each.

mod events;
mod paths;
mod reading;
mod writing;

use super::stage;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

const ORDERS: &str = "/serin/policies/orders";

crate::asked::asks!("ssm");

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
