//! Which partition a request is about, for whoever may only ask for some of them.

use super::bare_name;
use super::condition::Condition;
use super::key_condition::KeyCondition;
use super::placeholders::Placeholders;
use super::table::Part;
use crate::world::World;
use serde_json::Value;

/// The partition key that a request names: `dynamodb:LeadingKeys` of the developer guide's "IAM policy conditions for
/// fine-grained access control". None of a request that names none, or whose table is not here.
pub fn leading_key(world: &World, table: &str, operation: &str, input: &Value) -> Option<String> {
    let schema = &world.dynamodb.tables.get(bare_name(table))?.schema;
    let value = match operation {
        "PutItem" => &input["Item"][&schema.hash.name],
        "Query" => {
            let expressions = ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"];
            let mut placeholders = Placeholders::of(input, &expressions).ok()?;
            let condition = Condition::read(input, "KeyConditionExpression", &mut placeholders).ok()??;
            return Some(KeyCondition::of(&condition, schema).ok()?.partition().text());
        }
        _ => &input["Key"][&schema.hash.name],
    };
    let part = Part::of(value);
    (part != Part::None).then(|| part.text())
}
