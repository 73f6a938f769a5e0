//! Amazon DynamoDB.
//!
//! A transaction is authorised as the writes it consists of ("Using IAM with DynamoDB transactions", developer guide).

use super::{Demand, text};
use crate::dynamodb::leading_key as key_of;
use crate::world::World;
use serde_json::Value;

/// Looked for only where a policy asks: for `Query` the expression must be read.
fn leading_key(world: &World, table: &str, operation: &str, input: &Value) -> Option<String> {
    let asked = world.iam.asks_for("dynamodb:leadingkeys");
    asked.then(|| key_of(world, table, operation, input)).flatten()
}

pub(super) fn demands(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let keyed = |operation: &str, input: &Value| {
        let demand = Demand::new(
            format!("dynamodb:{operation}"),
            table(world, text(input, "TableName"), input),
        );
        match leading_key(world, text(input, "TableName"), operation, input) {
            Some(key) => demand.with("dynamodb:LeadingKeys", key),
            None => demand,
        }
    };
    Some(match operation {
        "CreateTable" | "DescribeTable" | "Scan" | "DeleteItem" | "GetItem" | "PutItem" | "Query" | "UpdateItem" => {
            vec![keyed(operation, input)]
        }
        "BatchGetItem" => {
            let tables = input["RequestItems"].as_object().into_iter().flatten();
            let each = tables.map(|(name, asked)| {
                let demand = Demand::new("dynamodb:BatchGetItem", table(world, name, &Value::Null));
                let keys = asked["Keys"].as_array().into_iter().flatten();
                let keys =
                    keys.filter_map(|key| leading_key(world, name, "GetItem", &serde_json::json!({ "Key": key })));
                keys.fold(demand, |demand, key| demand.with("dynamodb:LeadingKeys", key))
            });
            each.collect()
        }
        "TransactWriteItems" => {
            let entries = input["TransactItems"].as_array().into_iter().flatten();
            let writes = entries.flat_map(|entry| entry.as_object().into_iter().flatten());
            let demands = writes.map(|(kind, write)| match kind.as_str() {
                "Put" => keyed("PutItem", write),
                "Update" => keyed("UpdateItem", write),
                "Delete" => keyed("DeleteItem", write),
                _ => keyed("ConditionCheckItem", write),
            });
            let demands = demands.map(|demand| demand.with("dynamodb:EnclosingOperation", operation));
            demands.collect()
        }
        _ => return None,
    })
}

fn table(world: &World, name: &str, input: &Value) -> String {
    let arn = match name.starts_with("arn:") {
        true => name.to_owned(),
        false => world.arn("dynamodb", &format!("table/{name}")),
    };
    match text(input, "IndexName") {
        "" => arn,
        index => format!("{arn}/index/{index}"),
    }
}
