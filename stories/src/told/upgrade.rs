//! The next version of Serin, at work on the same ledger while this one still is.

use super::{Played, Told};
use crate::Stage;
use crate::scene::TABLE;
use serde_json::{Value, json};

/// What the next version writes into a document and this one does not know: at the top, and inside of what it knows.
const UNKNOWN: [(&str, &str); 2] = [("/forecast", "fog"), ("/canary/temper", "calm")];

impl Told {
    pub(super) fn upgrade(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            ["the", "next", "Serin", "writes", "the", "document", "of", name] => next_writes(&self.stage, name),
            _ => return None,
        })
    }
}

/// With the next schema, and as every decision is written: over the generation that it was taken on.
pub(crate) fn next_writes(stage: &Stage, name: &str) -> Result<(), String> {
    let key = json!({"pk": {"S": format!("policy#{name}")}, "sk": {"S": "release"}});
    let mut world = stage.sim.world();
    let mut call = |operation: &str, input: Value| {
        let answered = world.call("next", "dynamodb", operation, input);
        answered.map_err(|refusal| refusal.to_string())
    };
    let found = call(
        "GetItem",
        json!({"TableName": TABLE, "Key": key, "ConsistentRead": true}),
    )?;
    let text = found["Item"]["document"]["S"].as_str().ok_or("no release is open")?;
    let mut document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let schema = decide::SCHEMA + 1;
    document["schema"] = json!(schema);
    for (pointer, value) in UNKNOWN {
        let (inside, member) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(object) = document.pointer_mut(inside).and_then(Value::as_object_mut) {
            object.insert(member.to_owned(), json!(value));
        }
    }
    let update = json!({
        "TableName": TABLE, "Key": key,
        "UpdateExpression": "SET #document = :document, #schema = :schema, generation = generation + :one",
        "ConditionExpression": "generation = :before",
        "ExpressionAttributeNames": {"#document": "document", "#schema": "schema"},
        "ExpressionAttributeValues": {
            ":document": {"S": document.to_string()}, ":schema": {"N": schema.to_string()},
            ":one": {"N": "1"}, ":before": found["Item"]["generation"],
        },
    });
    call("UpdateItem", update).map(drop)
}

/// Whether a document still has all that the next version wrote into it.
pub(super) fn has_kept(document: &Value) -> bool {
    let kept = |(pointer, value): &(&str, &str)| document.pointer(pointer) == Some(&json!(value));
    document["schema"] == json!(decide::SCHEMA + 1) && UNKNOWN.iter().all(kept)
}
