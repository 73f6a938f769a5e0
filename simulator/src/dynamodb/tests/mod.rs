//! What DynamoDB does, in tables of cases.

mod expressions;
mod items;
mod queries;
mod tables;
mod transactions;
mod updates;
mod values;

use super::stage;
use crate::model;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

const TABLE: &str = "ledger";

fn world() -> World {
    let mut world = World::new(1);
    stage::ledger_table(&mut world, TABLE);
    world
}

/// Asks as the wire would: request and reply are what AWS's model allows. The table is filled in.
fn ask(world: &mut World, operation: &str, mut input: Value) -> Result<Value, Refusal> {
    if !matches!(operation, "TransactWriteItems" | "BatchGetItem") && input["TableName"].is_null() {
        input["TableName"] = json!(TABLE);
    }
    let input = model::check_request("dynamodb", operation, &input)?;
    let outcome = world.call("test", "dynamodb", operation, input);
    match &outcome {
        Ok(reply) => model::check_reply("dynamodb", operation, reply).unwrap(),
        Err(refusal) => model::check_error("dynamodb", operation, refusal).unwrap(),
    }
    outcome
}

fn refused(world: &mut World, operation: &str, input: Value) -> (&'static str, String) {
    let refusal = ask(world, operation, input).unwrap_err();
    (refusal.code, refusal.message)
}

/// `{"pk": {"S": pk}, "sk": {"S": sk}}`.
fn key(pk: &str, sk: &str) -> Value {
    json!({ "pk": {"S": pk}, "sk": {"S": sk} })
}

/// Puts an item with these attributes beside its key.
fn put(world: &mut World, pk: &str, sk: &str, attributes: Value) {
    let mut item = key(pk, sk);
    item.as_object_mut()
        .unwrap()
        .extend(attributes.as_object().unwrap().clone());
    ask(world, "PutItem", json!({ "Item": item })).unwrap();
}

/// The attributes of an item beside its key.
fn attributes(world: &mut World, pk: &str, sk: &str) -> Value {
    let input = json!({ "Key": key(pk, sk), "ConsistentRead": true });
    let mut reply = ask(world, "GetItem", input).unwrap();
    let mut item = reply["Item"].take();
    if let Some(members) = item.as_object_mut() {
        members.remove("pk");
        members.remove("sk");
    }
    item
}
