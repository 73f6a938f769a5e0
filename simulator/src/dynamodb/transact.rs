//! TransactWriteItems.

use super::capacity::{consumed, transacted_read_units, write_units};
use super::table::Key;
use super::value::{Item, item_size};
use super::write::{Effect, Failure, Write};
use super::{DynamoDb, invalid};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CANCELLED: &str = "TransactionCanceledException";

/// How long a client's token stands for its request.
const TOKEN_SECONDS: i64 = 600;

/// Bytes of all items together; see "Service quotas" in the developer guide.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A transaction that was asked for under its client's token.
#[derive(Debug)]
pub struct Transaction {
    items: Value,
    /// What it took to read its items, by table; nothing where it was cancelled.
    done: Option<Units>,
    valid_until: At,
}

/// Capacity by table.
type Units = BTreeMap<String, f64>;

/// A write with its place and what it leaves there.
type Tried<'a> = (Write<'a>, Key, Option<Item>);

/// Answers TransactWriteItems: all writes take effect, or none.
pub fn write(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let entries = input["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
    let writes = entries.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let now = world.now;
    let db = &mut world.dynamodb;
    db.transactions.retain(|_, transaction| transaction.valid_until > now);
    let token = input["ClientRequestToken"].as_str();
    if let Some(before) = token.and_then(|token| db.transactions.get(token)) {
        same_items(before, input)?;
        if let Some(reads) = &before.done {
            return Ok(reply(input, reads));
        }
    }
    let outcome = try_all(db, writes, now).and_then(|tried| commit(db, tried, now));
    // A request that was refused before it became a transaction leaves its token free.
    let begun = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.code == CANCELLED, |_| true);
    if let Some(token) = token.filter(|_| begun) {
        let transaction = Transaction {
            items: input["TransactItems"].clone(),
            done: outcome.as_ref().ok().map(|(reads, _)| reads.clone()),
            valid_until: now.plus_seconds(TOKEN_SECONDS),
        };
        db.transactions.insert(token.to_owned(), transaction);
    }
    outcome.map(|(_, units)| reply(input, &units))
}

/// Writes everything; tells what it would take to read it again, and what it took to write it.
fn commit(db: &mut DynamoDb, tried: Vec<Tried<'_>>, now: At) -> Result<(Units, Units), Refusal> {
    let (mut reads, mut units) = (Units::new(), Units::new());
    for (write, key, new) in tried {
        let keep = db.stale_reads_seconds;
        let table = db.table_mut(write.table, now)?;
        let old = table.get(&key, None).map_or(0, item_size);
        let left = new.as_ref().map_or(0, item_size);
        *reads.entry(write.table.to_owned()).or_default() += transacted_read_units(left);
        // Each write of a transaction is paid for twice, once to prepare it.
        *units.entry(write.table.to_owned()).or_default() += 2.0 * write_units(old.max(left));
        if !matches!(write.effect, Effect::Check) {
            table.write(key, new, now, keep);
        }
    }
    Ok((reads, units))
}

fn reply(input: &Value, units: &Units) -> Value {
    let capacity: Vec<Value> = units
        .iter()
        .filter_map(|(table, units)| consumed(input, table, *units))
        .collect();
    if capacity.is_empty() {
        json!({})
    } else {
        json!({ "ConsumedCapacity": capacity })
    }
}

fn read(entry: &Value) -> Result<Write<'_>, Refusal> {
    let mut members = entry.as_object().into_iter().flatten();
    match (members.next(), members.next()) {
        (Some((kind, request)), None) => Write::read(kind, request),
        _ => Err(invalid(
            "TransactItems can only contain one of Check, Put, Update or Delete",
        )),
    }
}

/// A token stands for one request, even where that was cancelled: it may be tried again, but not changed.
///
/// # Source
///
/// The model's text on `ClientRequestToken`. It does not speak of cancelled requests; AWS answered so
/// on 2026-09-17 (live tests L2 and L8 of FarukAda/aws-langgraph-dynamodb-ts).
fn same_items(before: &Transaction, input: &Value) -> Result<(), Refusal> {
    if before.items == input["TransactItems"] {
        return Ok(());
    }
    Err(Refusal::new(
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload \
         but with an idempotent token that was already used.",
    ))
}

/// Tries all writes on the items as they are; nothing is changed.
fn try_all<'a>(db: &DynamoDb, writes: Vec<Write<'a>>, now: At) -> Result<Vec<Tried<'a>>, Refusal> {
    let mut places = BTreeSet::new();
    let mut keyed = Vec::new();
    for write in writes {
        let table = db.table(write.table, now)?;
        // The one fault of a key that is told of the request, not among the reasons.
        table.schema.no_empty(&write.given)?;
        let key = write.key(&table.schema);
        if let Ok(key) = &key
            && !places.insert((write.table, key.clone()))
        {
            return Err(invalid(
                "Transaction request cannot include multiple operations on one item",
            ));
        }
        keyed.push((write, table, key));
    }
    let (mut tried, mut reasons, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (write, table, key) in keyed {
        let outcome = key
            .map_err(|refusal| Failure::Invalid(refusal.message))
            .and_then(|key| {
                let new = write.tried(table.get(&key, None))?;
                Ok((key, new))
            });
        match outcome {
            Ok((key, new)) => {
                bytes += new.as_ref().map_or(0, item_size);
                tried.push((write, key, new));
                reasons.push(json!({ "Code": "None" }));
            }
            Err(failure) => reasons.push(failure.reason()),
        }
    }
    if tried.len() < reasons.len() {
        return Err(cancelled(reasons));
    }
    if bytes > MAX_BYTES {
        return Err(invalid(
            "The aggregate size of the items in the transaction cannot exceed 4 MB",
        ));
    }
    Ok(tried)
}

fn cancelled(reasons: Vec<Value>) -> Refusal {
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let text = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    Refusal::new(CANCELLED, text).with("CancellationReasons", json!(reasons))
}
