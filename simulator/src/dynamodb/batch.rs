//! BatchGetItem.

use super::capacity::{consumed, read_units};
use super::item::{projected, projection};
use super::placeholders::Placeholders;
use super::table::Key;
use super::value::{Item, canonical_item, item_size};
use super::{bare_name, invalid, moment, no_legacy};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const MAX_KEYS: usize = 100;

/// Bytes in a reply; what is beyond goes to `UnprocessedKeys`.
const MAX_REPLY_BYTES: usize = 16 * 1024 * 1024;

/// Answers BatchGetItem.
pub fn get(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let requests: Vec<(&str, &Value)> = members(&input["RequestItems"]);
    check_keys(&requests)?;
    let (mut responses, mut unprocessed, mut capacity) = (Map::new(), Map::new(), Vec::new());
    let mut room = MAX_REPLY_BYTES;
    for (name, request) in requests {
        no_legacy(request)?;
        let mut placeholders = Placeholders::of(request, &["ProjectionExpression"])?;
        let projection = projection(request, &mut placeholders)?;
        placeholders.all_used()?;
        let moment = moment(world, request);
        let table = world.dynamodb.table(bare_name(name), world.now)?;
        let (mut found, mut left, mut units) = (Vec::new(), Vec::new(), 0.0);
        for (key, given) in keys(request, |key| table.schema.key(key))? {
            let item = table.get(&key, moment);
            let bytes = item.map_or(0, item_size);
            if bytes > room {
                left.push(given);
                continue;
            }
            room -= bytes;
            units += read_units(bytes, request);
            found.extend(item.map(|item| Value::Object(projected(item, projection.as_deref()))));
        }
        responses.insert(name.to_owned(), Value::Array(found));
        if !left.is_empty() {
            let mut again = request.clone();
            again["Keys"] = json!(left);
            unprocessed.insert(name.to_owned(), again);
        }
        capacity.extend(consumed(input, name, units));
    }
    let mut reply = json!({ "Responses": responses, "UnprocessedKeys": unprocessed });
    if !capacity.is_empty() {
        reply["ConsumedCapacity"] = json!(capacity);
    }
    Ok(reply)
}

fn members(map: &Value) -> Vec<(&str, &Value)> {
    let members = map.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value)).collect()
}

fn check_keys(requests: &[(&str, &Value)]) -> Result<(), Refusal> {
    let count = |request: &Value| request["Keys"].as_array().map_or(0, Vec::len);
    if requests.iter().map(|(_, request)| count(request)).sum::<usize>() > MAX_KEYS {
        return Err(invalid("Too many items requested for the BatchGetItem call"));
    }
    Ok(())
}

/// Keys in the order of the table, which is as good as any; DynamoDB promises none.
fn keys(request: &Value, read: impl Fn(&Item) -> Result<Key, Refusal>) -> Result<Vec<(Key, &Value)>, Refusal> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for given in request["Keys"].as_array().into_iter().flatten() {
        let attributes = given.as_object().map_or(Ok(Item::new()), canonical_item);
        let key = read(&attributes.map_err(invalid)?)?;
        if !seen.insert(key.clone()) {
            return Err(invalid("Provided list of item keys contains duplicates"));
        }
        all.push((key, given));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}
