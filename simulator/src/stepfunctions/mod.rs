//! AWS Step Functions: Standard executions of state machines, interpreted from their text.

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::Value;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct StepFunctions {}

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

/// When something will next happen by itself.
pub fn next_due(_world: &World) -> Option<At> {
    None
}

/// Does what is due.
pub fn run_due(_world: &mut World) {}
