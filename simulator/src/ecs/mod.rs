//! Amazon ECS.

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::Value;

/// State of the service.
#[derive(Debug, Default)]
pub struct Ecs {}

/// Answers one request. Times are epoch seconds, as numbers.
pub fn call(_world: &mut World, operation: &str, _input: &Value) -> Result<Value, Refusal> {
    Err(Refusal::new(
        "UnknownOperationException",
        format!("ecs has no {operation} here"),
    ))
}

/// When something next happens by itself.
pub fn next_due(_world: &World) -> Option<At> {
    None
}

/// Does what is due now.
pub fn run_due(_world: &mut World) {}
