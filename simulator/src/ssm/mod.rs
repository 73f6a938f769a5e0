//! AWS Systems Manager Parameter Store: parameters, versions, and the events of their changes.
//!
//! | file | question it answers |
//! |---|---|
//! | `name` | what may a parameter be called, and which one does a request mean |
//! | `put` | what may be written, and what becomes of earlier versions |
//! | `read` | what is told: one parameter, or what lies below a path |
//!
//! Not here, and refused: labels, parameter policies, filters, data types other than `text`. Quotas on the number
//! of parameters and AWS's own parameters below `/aws` are not simulated.

mod name;
mod put;
mod read;
pub mod stage;

#[cfg(test)]
mod tests;

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Ssm {
    parameters: BTreeMap<String, Parameter>,
}

/// A parameter with those of its versions that are kept.
#[derive(Clone, Debug)]
struct Parameter {
    arn: String,
    /// `String`, `StringList` or `SecureString`.
    kind: String,
    tier: String,
    description: Option<String>,
    tags: BTreeMap<String, String>,
    /// Oldest first, never empty.
    versions: VecDeque<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    number: i64,
    value: String,
    written_at: At,
}

impl Ssm {
    /// The tags of a parameter, by its ARN.
    pub fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let found = self.parameters.values().find(|parameter| parameter.arn == arn);
        found.map(|parameter| parameter.tags.clone()).unwrap_or_default()
    }
}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "GetParameter" => read::get(&world.ssm, input),
        "GetParametersByPath" => read::by_path(world, input),
        "PutParameter" => put::put(world, input),
        "DeleteParameter" => delete(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("ssm has no {operation} here"),
        )),
    }
}

fn delete(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let name = text(input, "Name").unwrap_or_default();
    let parameter = world.ssm.parameters.remove(name).ok_or_else(|| name::not_found(name))?;
    tell(world, "Delete", name, &parameter);
    Ok(json!({}))
}

/// Sends "Parameter Store Change", which holds neither value nor version (EventBridge reference, Parameter Store
/// events).
fn tell(world: &mut World, operation: &str, name: &str, parameter: &Parameter) {
    let mut detail = json!({ "operation": operation, "name": name, "type": parameter.kind });
    if let Some(description) = &parameter.description {
        detail["description"] = json!(description);
    }
    let resource = parameter.arn.clone();
    world.emit("aws.ssm", "Parameter Store Change", &[resource], detail);
}

/// A member that is text.
fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input.get(member).and_then(Value::as_str)
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}
