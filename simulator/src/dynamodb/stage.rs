//! Setting the scene, and looking behind it.

use super::DynamoDb;
use super::create::{checked, describe_new};
use super::table::Table;
use super::table_name;
use super::value::{Item, typed};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value, json};

/// Makes a table with the text keys `pk` and `sk`, ready at once; nothing is logged as a call.
pub fn ledger_table(world: &mut World, name: &str) {
    let request = json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    });
    table(world, &request).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
}

/// Makes a table as `CreateTable` would, ready at once; nothing is logged as a call.
///
/// # Errors
/// As AWS refuses.
pub fn table(world: &mut World, request: &Value) -> Result<(), Refusal> {
    let (name, schema) = (table_name(request), checked(request)?);
    // Not by chance: what a scene needs must not change what happens in it.
    let id = format!("{:08x}-0000-4000-8000-000000000000", world.dynamodb.tables.len());
    let description = describe_new(world, request, &id);
    let table = Table::new(description, schema, world.now, world.now);
    world.dynamodb.tables.insert(name.to_owned(), table);
    Ok(())
}

/// All items of a table by their keys, in the order of these; none where there is no table.
pub fn items(dynamodb: &DynamoDb, table: &str) -> Vec<((String, String), Item)> {
    let items = dynamodb.tables.get(table).into_iter().flat_map(Table::items);
    let mut all: Vec<_> = items
        .map(|(key, item)| ((key.hash.text(), key.range.text()), item.clone()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// An item as plain JSON, without DynamoDB's types.
///
/// Numbers become JSON numbers where these hold them exactly, else text; binary values stay base64.
pub fn plain(item: &Map<String, Value>) -> Value {
    item.iter()
        .map(|(name, value)| (name.clone(), untyped(value)))
        .collect()
}

fn untyped(value: &Value) -> Value {
    match typed(value) {
        ("M", Value::Object(members)) => plain(members),
        ("L", Value::Array(entries)) => entries.iter().map(untyped).collect(),
        ("NS", Value::Array(members)) => members.iter().map(number).collect(),
        ("N", inner) => number(inner),
        ("NULL", _) => Value::Null,
        (_, inner) => inner.clone(),
    }
}

fn number(value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    if let Ok(whole) = text.parse::<i64>() {
        return json!(whole);
    }
    let exact = text
        .parse::<f64>()
        .ok()
        .filter(|float| float.to_string().as_str() == text);
    exact.map_or_else(|| value.clone(), |float| json!(float))
}
