//! Amazon ECR: repositories, images by digest, tags that move.

use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Ecr {}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(_world: &mut World, operation: &str, _input: &Value) -> Result<Value, Refusal> {
    Err(Refusal::new(
        "UnknownOperationException",
        format!("{operation} is not served"),
    ))
}
