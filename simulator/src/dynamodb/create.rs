//! CreateTable and DescribeTable.

use super::table::{Attribute, Schema, Table};
use super::{invalid, table_name};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// How long a table is `CREATING`, in which it cannot be used.
const CREATION_SECONDS: i64 = 5;

/// What a table on demand takes from the start; see "Warm throughput" in the developer guide.
const WARM_READS: i64 = 12_000;
const WARM_WRITES: i64 = 4_000;

/// Answers CreateTable.
pub fn create(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let name = table_name(input);
    let schema = checked(input)?;
    if world.dynamodb.tables.contains_key(name) {
        let text = format!("Table already exists: {name}");
        return Err(Refusal::new("ResourceInUseException", text));
    }
    let id = world.uuid();
    let description = describe_new(world, input, &id);
    let active_from = world.now.plus_seconds(CREATION_SECONDS);
    let table = Table::new(description, schema, world.now, active_from);
    world.dynamodb.tables.insert(name.to_owned(), table);
    Ok(json!({ "TableDescription": described(world, name)? }))
}

/// The keys of a table that may be created.
pub fn checked(input: &Value) -> Result<Schema, Refusal> {
    check_name(table_name(input))?;
    for member in [
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "StreamSpecification",
        "SSESpecification",
        "GlobalTableSourceArn",
    ] {
        if !input[member].is_null() {
            return Err(invalid(format!("The simulator does not know tables with {member}")));
        }
    }
    check_billing(input)?;
    schema(input)
}

/// Answers DescribeTable.
pub fn describe(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    Ok(json!({ "Table": described(world, table_name(input))? }))
}

fn described(world: &mut World, name: &str) -> Result<Value, Refusal> {
    let now = world.now;
    let table = world.dynamodb.tables.get_mut(name).ok_or_else(|| {
        let text = format!("Requested resource not found: Table: {name} not found");
        Refusal::new("ResourceNotFoundException", text)
    })?;
    let (items, bytes) = table.count(now);
    let mut out = table.description.clone();
    out["TableStatus"] = json!(if table.active_from <= now { "ACTIVE" } else { "CREATING" });
    out["ItemCount"] = json!(items);
    out["TableSizeBytes"] = json!(bytes);
    Ok(out)
}

/// What is said of a new table, but for its status and the count of its items.
pub fn describe_new(world: &World, input: &Value, id: &str) -> Value {
    let name = table_name(input);
    let on_demand = input["BillingMode"] == "PAY_PER_REQUEST";
    let units = |member: &str| input["ProvisionedThroughput"][member].as_i64().unwrap_or(0);
    let (reads, writes) = (units("ReadCapacityUnits"), units("WriteCapacityUnits"));
    let mut out = json!({
        "TableName": name, "TableId": id, "TableArn": world.arn("dynamodb", &format!("table/{name}")),
        "CreationDateTime": world.now.seconds(),
        "AttributeDefinitions": input["AttributeDefinitions"], "KeySchema": input["KeySchema"],
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0, "ReadCapacityUnits": reads, "WriteCapacityUnits": writes,
        },
        "WarmThroughput": {
            "ReadUnitsPerSecond": if on_demand { WARM_READS } else { reads },
            "WriteUnitsPerSecond": if on_demand { WARM_WRITES } else { writes },
            "Status": "ACTIVE",
        },
        "DeletionProtectionEnabled": input["DeletionProtectionEnabled"] == true,
    });
    if on_demand {
        out["BillingModeSummary"] = json!({
            "BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": world.now.seconds(),
        });
    }
    out
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let rule = match name.len() {
        ..3 => "Member must have length greater than or equal to 3",
        256.. => "Member must have length less than or equal to 255",
        _ if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)) => {
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        }
        _ => return Ok(()),
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: {rule}"
    )))
}

fn check_billing(input: &Value) -> Result<(), Refusal> {
    let rule = match (
        input["BillingMode"] == "PAY_PER_REQUEST",
        input["ProvisionedThroughput"].is_null(),
    ) {
        (true, false) => {
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        }
        (false, true) => {
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        }
        _ => return Ok(()),
    };
    Err(invalid(format!("One or more parameter values were invalid: {rule}")))
}

fn schema(input: &Value) -> Result<Schema, Refusal> {
    let entries = |member: &str, name: &str, kind: &str| -> Vec<Attribute> {
        let text = |entry: &Value, member: &str| entry[member].as_str().unwrap_or_default().to_owned();
        let entries = input[member].as_array().into_iter().flatten();
        entries
            .map(|entry| Attribute {
                name: text(entry, name),
                kind: text(entry, kind),
            })
            .collect()
    };
    let defined = entries("AttributeDefinitions", "AttributeName", "AttributeType");
    let keys = entries("KeySchema", "AttributeName", "KeyType");
    let names = |all: &[Attribute]| all.iter().map(|a| a.name.clone()).collect::<Vec<_>>().join(", ");
    let kind = |key: &Attribute| defined.iter().find(|a| a.name == key.name).map(|a| a.kind.clone());
    if keys.iter().any(|key| kind(key).is_none()) {
        return Err(invalid(format!(
            "One or more parameter values were invalid: Some index key attributes are not defined in \
             AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
            names(&keys),
            names(&defined)
        )));
    }
    let attribute = |key: &Attribute| Attribute {
        name: key.name.clone(),
        kind: kind(key).unwrap_or_default(),
    };
    let refuse = |what: &str| Err(invalid(format!("Invalid KeySchema: {what}")));
    let (hash, range) = match keys.as_slice() {
        [hash, ..] if hash.kind != "HASH" => {
            return refuse("The first KeySchemaElement is not a HASH key type");
        }
        [_, range] if range.kind != "RANGE" => {
            return refuse("The second KeySchemaElement is not a RANGE key type");
        }
        [hash, range] if hash.name == range.name => {
            return Err(invalid(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name",
            ));
        }
        [hash] => (attribute(hash), None),
        [hash, range] => (attribute(hash), Some(attribute(range))),
        _ => return refuse("There must be one or two KeySchemaElements"),
    };
    if keys.len() != defined.len() {
        return Err(invalid(
            "One or more parameter values were invalid: Number of attributes in KeySchema does not \
             exactly match number of attributes defined in AttributeDefinitions",
        ));
    }
    Ok(Schema { hash, range })
}
