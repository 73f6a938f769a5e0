//! GetItem, PutItem, UpdateItem and DeleteItem.

use super::capacity::{consumed, read_units, write_units};
use super::operand::Fault;
use super::parse::Parser;
use super::path::{Path, clash, project};
use super::placeholders::Placeholders;
use super::table::Schema;
use super::value::{Item, canonical_item, item_size};
use super::write::{Effect, Failure, Write};
use super::{invalid, moment, table_name};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value};

/// Answers GetItem.
pub fn get(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let mut placeholders = Placeholders::of(input, &["ProjectionExpression"])?;
    let projection = projection(input, &mut placeholders)?;
    placeholders.all_used()?;
    let moment = moment(world, input);
    let table = world.dynamodb.table(table_name(input), world.now)?;
    let key = given_key(input, &table.schema)?;
    let mut reply = Map::new();
    let found = table.get(&key, moment);
    if let Some(item) = found {
        reply.insert("Item".to_owned(), Value::Object(projected(item, projection.as_deref())));
    }
    let units = read_units(found.map_or(0, item_size), input);
    put_some(
        &mut reply,
        "ConsumedCapacity",
        consumed(input, table_name(input), units),
    );
    Ok(Value::Object(reply))
}

/// Answers PutItem.
pub fn put(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    whole_old_or_none(input)?;
    write(world, "Put", input)
}

/// Answers DeleteItem.
pub fn delete(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    whole_old_or_none(input)?;
    write(world, "Delete", input)
}

/// Answers UpdateItem.
pub fn update(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    write(world, "Update", input)
}

fn whole_old_or_none(input: &Value) -> Result<(), Refusal> {
    match input["ReturnValues"].as_str() {
        None | Some("NONE" | "ALL_OLD") => Ok(()),
        Some(_) => Err(invalid("ReturnValues can only be ALL_OLD or NONE")),
    }
}

fn write(world: &mut World, kind: &str, input: &Value) -> Result<Value, Refusal> {
    let write = Write::read(kind, input)?;
    let (now, keep) = (world.now, world.dynamodb.stale_reads_seconds);
    let table = world.dynamodb.table_mut(write.table, now)?;
    let key = write.key(&table.schema)?;
    let old = table.get(&key, None);
    let new = write.tried(old).map_err(Failure::refusal)?;
    let bytes = old.map_or(0, item_size).max(new.as_ref().map_or(0, item_size));
    let mut reply = Map::new();
    let shown = returned(input, &write, old, new.as_ref()).filter(|shown| !shown.is_empty());
    put_some(&mut reply, "Attributes", shown.map(Value::Object));
    put_some(
        &mut reply,
        "ConsumedCapacity",
        consumed(input, write.table, write_units(bytes)),
    );
    table.write(key, new, now, keep);
    Ok(Value::Object(reply))
}

/// What `ReturnValues` asks for.
fn returned(input: &Value, write: &Write<'_>, old: Option<&Item>, new: Option<&Item>) -> Option<Item> {
    let updated = |item: &Item| match &write.effect {
        Effect::Update(update) => project(item, update.actions.iter().map(|(path, _)| path)),
        _ => Item::new(),
    };
    match input["ReturnValues"].as_str()? {
        "ALL_OLD" => old.cloned(),
        "UPDATED_OLD" => old.map(updated),
        "ALL_NEW" => new.cloned(),
        "UPDATED_NEW" => new.map(updated),
        _ => None,
    }
}

/// The `Key` of a request.
fn given_key(input: &Value, schema: &Schema) -> Result<super::table::Key, Refusal> {
    let key = input["Key"].as_object().map_or(Ok(Item::new()), canonical_item);
    schema.key(&key.map_err(invalid)?)
}

/// Reads a request's `ProjectionExpression`; nothing where it is not there.
///
/// # Errors
///
/// The expression is none that DynamoDB takes.
pub fn projection(request: &Value, placeholders: &mut Placeholders<'_>) -> Result<Option<Vec<Path>>, Refusal> {
    let Some(text) = request["ProjectionExpression"].as_str() else {
        return Ok(None);
    };
    let mut parser = Parser::new("ProjectionExpression", text, placeholders, &[])?;
    let paths = parser.list(Parser::path)?;
    for (i, two) in paths.iter().enumerate() {
        for (what, text) in paths[..i].iter().filter_map(|one| clash(one, two)) {
            let fault = if what == "overlap" {
                Fault::Overlap
            } else {
                Fault::Conflict
            };
            parser.fault(fault, text);
        }
    }
    parser.finish(&[Fault::Reserved, Fault::Undefined, Fault::Overlap, Fault::Conflict])?;
    Ok(Some(paths))
}

/// The whole item, or what a projection leaves of it.
pub fn projected(item: &Item, projection: Option<&[Path]>) -> Item {
    projection.map_or_else(|| item.clone(), |paths| project(item, paths))
}

/// Adds a member that may not be there.
pub fn put_some(reply: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        reply.insert(name.to_owned(), value);
    }
}
