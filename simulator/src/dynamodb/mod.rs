//! Amazon DynamoDB, as far as a ledger in one table uses it.
//!
//! ```text
//! call → expressions (lex → parse → condition, update, project) → table → write, query → reply
//! ```
//!
//! Not here: indexes, streams, time to live, PartiQL, the parameters from before expressions
//! (`Expected`, `KeyConditions`, …), which are refused. Contention does not exist: a request takes
//! effect at one moment, so there are no `TransactionConflict`s.

mod apply;
mod batch;
mod capacity;
mod check;
mod condition;
mod create;
mod holds;
mod item;
mod key_condition;
mod leading;
mod lex;
mod number;
mod operand;
mod parse;
mod path;
mod placeholders;
mod query;
pub mod stage;
mod table;
mod transact;
mod update;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use leading::leading_key;

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use table::Table;
use transact::Transaction;

/// State of the service.
#[derive(Debug, Default)]
pub struct DynamoDb {
    /// How old a read that is not consistent may be; 0 makes all reads consistent.
    pub stale_reads_seconds: i64,
    tables: BTreeMap<String, Table>,
    transactions: BTreeMap<String, Transaction>,
}

/// When something next happens by itself: never.
pub fn next_due(_world: &World) -> Option<At> {
    None
}

/// Answers one request.
///
/// # Errors
///
/// AWS's refusal.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    no_legacy(input)?;
    match operation {
        "CreateTable" => create::create(world, input),
        "DescribeTable" => create::describe(world, input),
        "GetItem" => item::get(world, input),
        "PutItem" => item::put(world, input),
        "UpdateItem" => item::update(world, input),
        "DeleteItem" => item::delete(world, input),
        "Query" => query::query(world, input),
        "Scan" => query::scan(world, input),
        "BatchGetItem" => batch::get(world, input),
        "TransactWriteItems" => transact::write(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("dynamodb has no operation {operation:?} here"),
        )),
    }
}

/// `ValidationException` with this text.
fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", text)
}

fn key_mismatch() -> Refusal {
    invalid("The provided key element does not match the schema")
}

fn no_legacy(input: &Value) -> Result<(), Refusal> {
    const LEGACY: [&str; 7] = [
        "AttributesToGet",
        "AttributeUpdates",
        "ConditionalOperator",
        "Expected",
        "KeyConditions",
        "QueryFilter",
        "ScanFilter",
    ];
    match LEGACY.iter().find(|member| !input[**member].is_null()) {
        Some(member) => Err(invalid(format!(
            "The simulator does not know the legacy parameter {member}"
        ))),
        None => Ok(()),
    }
}

/// The name in a request, which may be an ARN.
fn table_name(request: &Value) -> &str {
    bare_name(request["TableName"].as_str().unwrap_or_default())
}

fn bare_name(name: &str) -> &str {
    name.strip_prefix("arn:")
        .and_then(|arn| arn.split_once("table/"))
        .map_or(name, |(_, name)| name)
}

impl DynamoDb {
    /// A table that can be used.
    fn table(&self, name: &str, now: At) -> Result<&Table, Refusal> {
        let table = self.tables.get(name).filter(|table| table.active_from <= now);
        table.ok_or_else(not_found)
    }

    /// The same, to be changed.
    fn table_mut(&mut self, name: &str, now: At) -> Result<&mut Table, Refusal> {
        let table = self.tables.get_mut(name).filter(|table| table.active_from <= now);
        table.ok_or_else(not_found)
    }
}

fn not_found() -> Refusal {
    Refusal::new("ResourceNotFoundException", "Requested resource not found")
}

/// The moment a read sees: now (`None`), or one before, where stale reads are switched on.
fn moment(world: &mut World, request: &Value) -> Option<At> {
    let seconds = world.dynamodb.stale_reads_seconds;
    if seconds <= 0 || request["ConsistentRead"] == true {
        return None;
    }
    Some(At(world.now.0 - world.rng.i64(0..=seconds * 1000)))
}
