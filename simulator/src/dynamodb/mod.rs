//! Amazon DynamoDB.

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Item = Map<String, Value>;

/// State of the service.
#[derive(Debug, Default)]
pub struct DynamoDb {
    tables: BTreeMap<String, BTreeMap<(String, String), Item>>,
}

/// Staging.
pub mod stage {
    /// Makes a table.
    pub fn ledger_table(world: &mut crate::World, name: &str) {
        world.dynamodb.tables.insert(name.to_owned(), Default::default());
    }
}

/// When something next happens by itself.
pub fn next_due(_world: &World) -> Option<At> {
    None
}

fn key_of(item: &Value) -> (String, String) {
    let part = |n: &str| item[n]["S"].as_str().unwrap_or_default().to_owned();
    (part("pk"), part("sk"))
}

/// Answers one request.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let db = &mut world.dynamodb;
    let page = world.page_size;
    if operation == "TransactWriteItems" {
        let items = input["TransactItems"].as_array().cloned().unwrap_or_default();
        let mut reasons = Vec::new();
        for item in &items {
            let (kind, body) = item.as_object().unwrap().iter().next().unwrap();
            let table = db.tables.get(body["TableName"].as_str().unwrap()).ok_or_else(missing)?;
            let key = if kind == "Put" {
                key_of(&body["Item"])
            } else {
                key_of(&body["Key"])
            };
            let old = table.get(&key).cloned().unwrap_or_default();
            reasons.push(holds(body, &old));
        }
        if reasons.iter().any(|ok| !ok) {
            let list: Vec<Value> = reasons
                .iter()
                .map(|ok| json!({"Code": if *ok {"None"} else {"ConditionalCheckFailed"}}))
                .collect();
            return Err(Refusal::new("TransactionCanceledException", "Transaction cancelled")
                .with("CancellationReasons", json!(list)));
        }
        for item in &items {
            let (kind, body) = item.as_object().unwrap().iter().next().unwrap();
            let table = db.tables.get_mut(body["TableName"].as_str().unwrap()).unwrap();
            match kind.as_str() {
                "Put" => drop(table.insert(key_of(&body["Item"]), body["Item"].as_object().unwrap().clone())),
                "Delete" => drop(table.remove(&key_of(&body["Key"]))),
                _ => {
                    let key = key_of(&body["Key"]);
                    let mut new = table
                        .get(&key)
                        .cloned()
                        .unwrap_or_else(|| body["Key"].as_object().unwrap().clone());
                    update(body, &mut new);
                    table.insert(key, new);
                }
            }
        }
        return Ok(json!({}));
    }
    let table = db
        .tables
        .get_mut(input["TableName"].as_str().unwrap_or_default())
        .ok_or_else(missing)?;
    let key = key_of(&input["Key"]);
    match operation {
        "GetItem" => Ok(table.get(&key).map_or(json!({}), |item| json!({"Item": item}))),
        "UpdateItem" => {
            let old = table.get(&key).cloned();
            if !holds(input, &old.clone().unwrap_or_default()) {
                let mut refusal = Refusal::new("ConditionalCheckFailedException", "The conditional request failed");
                if let Some(old) = old {
                    refusal = refusal.with("Item", Value::Object(old));
                }
                return Err(refusal);
            }
            let mut new = old.unwrap_or_else(|| input["Key"].as_object().unwrap().clone());
            update(input, &mut new);
            table.insert(key, new.clone());
            Ok(if input["ReturnValues"] == "ALL_NEW" {
                json!({"Attributes": new})
            } else {
                json!({})
            })
        }
        "Query" | "Scan" => {
            let pk = input["ExpressionAttributeValues"][":pk"]["S"]
                .as_str()
                .map(str::to_owned);
            let start = input.get("ExclusiveStartKey").map(key_of);
            let limit = page.unwrap_or(1000);
            let all: Vec<_> = table
                .iter()
                .filter(|(k, _)| pk.as_ref().is_none_or(|pk| *pk == k.0) && start.as_ref().is_none_or(|s| *k > s))
                .collect();
            let items: Vec<_> = all.iter().take(limit).map(|(_, v)| (*v).clone()).collect();
            let mut reply = json!({"Items": items, "Count": items.len(), "ScannedCount": items.len()});
            if all.len() > limit {
                let k = all[limit - 1].0;
                reply["LastEvaluatedKey"] = json!({"pk": {"S": k.0}, "sk": {"S": k.1}});
            }
            Ok(reply)
        }
        _ => Err(Refusal::new("UnknownOperationException", operation)),
    }
}

fn missing() -> Refusal {
    Refusal::new("ResourceNotFoundException", "Requested resource not found")
}

fn path(input: &Value, text: &str) -> Vec<String> {
    let name = |p: &str| input["ExpressionAttributeNames"][p].as_str().unwrap_or(p).to_owned();
    text.trim().split('.').map(name).collect()
}

fn get<'a>(item: &'a Item, path: &[String]) -> Option<&'a Value> {
    let mut value = item.get(&path[0])?;
    for p in &path[1..] {
        value = value.get("M")?.get(p)?;
    }
    Some(value)
}

fn holds(input: &Value, old: &Item) -> bool {
    let Some(condition) = input["ConditionExpression"].as_str() else {
        return true;
    };
    condition.split(" AND ").all(|clause| {
        clause.trim_matches(|c| c == '(' || c == ')').split(" OR ").any(|term| {
            let term = term.trim().trim_matches(')').trim_start_matches('(');
            if let Some(p) = term.strip_prefix("attribute_not_exists(") {
                get(old, &path(input, p)).is_none()
            } else if let Some(p) = term.strip_prefix("attribute_exists(") {
                get(old, &path(input, p)).is_some()
            } else {
                let (l, r) = term.split_once('=').unwrap();
                get(old, &path(input, l)) == Some(&input["ExpressionAttributeValues"][r.trim()])
            }
        })
    })
}

fn update(input: &Value, item: &mut Item) {
    let text = input["UpdateExpression"].as_str().unwrap_or_default();
    let (set, remove) = text.split_once(" REMOVE ").unwrap_or((text, ""));
    let before = item.clone();
    let value = |t: &str| -> Value {
        let t = t.trim();
        if t.starts_with(':') {
            return input["ExpressionAttributeValues"][t].clone();
        }
        if let Some(rest) = t.strip_prefix("if_not_exists(") {
            let (p, d) = rest.trim_end_matches(')').split_once(',').unwrap();
            return get(&before, &path(input, p))
                .cloned()
                .unwrap_or(input["ExpressionAttributeValues"][d.trim()].clone());
        }
        get(&before, &path(input, t)).cloned().unwrap_or(json!({"N": "0"}))
    };
    let number = |v: Value| v["N"].as_str().unwrap().parse::<i64>().unwrap();
    let mut depth = 0;
    let parts: Vec<String> = set
        .trim_start_matches("SET ")
        .split(|c| {
            if c == '(' {
                depth += 1
            }
            if c == ')' {
                depth -= 1
            }
            c == ',' && depth == 0
        })
        .map(str::to_owned)
        .collect();
    for assign in parts {
        let Some((target, expr)) = assign.split_once('=') else {
            continue;
        };
        let new = match expr.split_once(" + ") {
            Some((a, b)) => json!({"N": (number(value(a)) + number(value(b))).to_string()}),
            None => value(expr),
        };
        let path = path(input, target);
        if path.len() == 1 {
            item.insert(path[0].clone(), new);
        } else {
            item.get_mut(&path[0]).unwrap()["M"][&path[1]] = new;
        }
    }
    for p in remove.split(',').filter(|p| !p.trim().is_empty()) {
        item.remove(&path(input, p)[0]);
    }
}
