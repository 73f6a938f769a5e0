//! Query and Scan.

use super::capacity::{consumed, read_units};
use super::condition::Condition;
use super::item::{projected, projection, put_some};
use super::key_condition::KeyCondition;
use super::path::Path;
use super::placeholders::Placeholders;
use super::table::{Key, Schema, Table};
use super::value::{Item, canonical_item, item_size};
use super::{invalid, moment, table_name};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::ops::Bound;

/// Bytes a page looks at; see "Service quotas" in the developer guide.
const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// What both operations do with the items they look at.
struct Reading {
    filter: Option<Condition>,
    projection: Option<Vec<Path>>,
    counts_only: bool,
    limit: usize,
    moment: Option<At>,
    from: Bound<Key>,
    to: Bound<Key>,
    backward: bool,
}

/// Answers Query.
pub fn query(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    if input["KeyConditionExpression"].is_null() {
        return Err(invalid(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ));
    }
    let expressions = ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"];
    let mut placeholders = Placeholders::of(input, &expressions)?;
    let condition = Condition::read(input, "KeyConditionExpression", &mut placeholders)?;
    let mut reading = Reading::of(world, input, &mut placeholders)?;
    placeholders.all_used()?;
    let table = world.dynamodb.table(table_name(input), world.now)?;
    no_index(input)?;
    let Some(condition) = condition else {
        return Err(invalid(
            "Invalid KeyConditionExpression: The expression can not be empty;",
        ));
    };
    let keys = KeyCondition::of(&condition, &table.schema)?;
    reading.refuse_keys_in_filter(&table.schema)?;
    (reading.from, reading.to) = keys.bounds();
    if let Some((start, attributes)) = start(input, &table.schema)? {
        keys.check_start(&start, &attributes)?;
        let after = Bound::Excluded(start);
        if reading.backward {
            reading.to = after
        } else {
            reading.from = after
        }
    }
    Ok(reading.page(input, table, |_, item| keys.holds(item)))
}

/// Answers Scan.
pub fn scan(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let mut placeholders = Placeholders::of(input, &["ProjectionExpression", "FilterExpression"])?;
    let mut reading = Reading::of(world, input, &mut placeholders)?;
    placeholders.all_used()?;
    let segment = segment(input)?;
    let table = world.dynamodb.table(table_name(input), world.now)?;
    no_index(input)?;
    if let Some((start, _)) = start(input, &table.schema)? {
        if !segment(&start) {
            return Err(invalid(
                "The provided starting key is outside the segment of this parallel scan request",
            ));
        }
        reading.from = Bound::Excluded(start);
    }
    Ok(reading.page(input, table, |key, _| segment(key)))
}

fn no_index(input: &Value) -> Result<(), Refusal> {
    match input["IndexName"].as_str() {
        Some(name) => Err(invalid(format!("The table does not have the specified index: {name}"))),
        None => Ok(()),
    }
}

/// Which keys a worker of a parallel scan sees.
fn segment(input: &Value) -> Result<impl Fn(&Key) -> bool, Refusal> {
    let (segment, total) = (input["Segment"].as_u64(), input["TotalSegments"].as_u64());
    let wrong = match (segment, total) {
        (Some(_), None) => {
            Some("The TotalSegments parameter is required but was not present in the request when Segment parameter is present".to_owned())
        }
        (None, Some(_)) => {
            Some("The Segment parameter is required but was not present in the request when parameter TotalSegments is present".to_owned())
        }
        (Some(segment), Some(total)) if segment >= total => Some(format!(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: \
             Segment: {segment} is not less than TotalSegments: {total}"
        )),
        _ => None,
    };
    if let Some(text) = wrong {
        return Err(invalid(text));
    }
    let (segment, total) = (segment.unwrap_or(0), total.unwrap_or(1));
    Ok(move |key: &Key| (u64::from(key.bucket) * total) >> 32 == segment)
}

fn start(input: &Value, schema: &Schema) -> Result<Option<(Key, Item)>, Refusal> {
    let Some(given) = input["ExclusiveStartKey"].as_object() else {
        return Ok(None);
    };
    let refuse = |why: &str| invalid(format!("The provided starting key is invalid: {why}"));
    let attributes = canonical_item(given).map_err(|why| refuse(&why))?;
    let key = schema.key(&attributes).map_err(|why| refuse(&why.message))?;
    Ok(Some((key, attributes)))
}

impl Reading {
    fn of(world: &mut World, input: &Value, placeholders: &mut Placeholders<'_>) -> Result<Reading, Refusal> {
        let projection = projection(input, placeholders)?;
        let filter = Condition::read(input, "FilterExpression", placeholders)?;
        check_select(input)?;
        let limit = input["Limit"]
            .as_u64()
            .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Reading {
            filter,
            projection,
            counts_only: input["Select"] == "COUNT",
            limit: limit.min(world.page_size.unwrap_or(usize::MAX)),
            moment: moment(world, input),
            from: Bound::Unbounded,
            to: Bound::Unbounded,
            backward: input["ScanIndexForward"] == false,
        })
    }

    fn refuse_keys_in_filter(&self, schema: &Schema) -> Result<(), Refusal> {
        let mut found = None;
        if let Some(filter) = &self.filter {
            filter.paths(&mut |path| {
                if schema.has(path.head()) {
                    found.get_or_insert_with(|| path.head().to_owned());
                }
            });
        }
        match found {
            Some(name) => Err(invalid(format!(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
            ))),
            None => Ok(()),
        }
    }

    /// A page. It ends where the limit is reached, even if nothing comes after.
    fn page(&self, input: &Value, table: &Table, looks_at: impl Fn(&Key, &Item) -> bool) -> Value {
        let forward = table.between(self.from.as_ref(), self.to.as_ref(), self.moment);
        let ordered: Box<dyn Iterator<Item = _>> = if self.backward {
            Box::new(forward.rev())
        } else {
            forward
        };
        let (mut items, mut count, mut looked_at, mut bytes) = (Vec::new(), 0, 0, 0);
        let mut last = None;
        for (_, item) in ordered.filter(|(key, item)| looks_at(key, item)) {
            looked_at += 1;
            bytes += item_size(item);
            if self.filter.as_ref().is_none_or(|filter| filter.holds(item)) {
                count += 1;
                if !self.counts_only {
                    items.push(Value::Object(projected(item, self.projection.as_deref())));
                }
            }
            if looked_at >= self.limit || bytes >= MAX_PAGE_BYTES {
                last = Some(table.schema.key_attributes(item));
                break;
            }
        }
        let mut reply = Map::new();
        reply.insert("Count".to_owned(), json!(count));
        reply.insert("ScannedCount".to_owned(), json!(looked_at));
        put_some(&mut reply, "Items", (!self.counts_only).then_some(Value::Array(items)));
        put_some(&mut reply, "LastEvaluatedKey", last.map(Value::Object));
        let units = read_units(bytes, input);
        put_some(
            &mut reply,
            "ConsumedCapacity",
            consumed(input, table_name(input), units),
        );
        Value::Object(reply)
    }
}

fn check_select(input: &Value) -> Result<(), Refusal> {
    let projects = !input["ProjectionExpression"].is_null();
    match input["Select"].as_str() {
        Some("SPECIFIC_ATTRIBUTES") if !projects => Err(invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        )),
        Some("ALL_PROJECTED_ATTRIBUTES") => Err(invalid(
            "One or more parameter values were invalid: \
             ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        )),
        Some("COUNT") if projects => Err(invalid(
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        )),
        Some("ALL_ATTRIBUTES") if projects => Err(invalid(
            "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        )),
        _ => Ok(()),
    }
}
