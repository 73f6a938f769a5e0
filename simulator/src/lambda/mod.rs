//! AWS Lambda: asynchronous invocations, their retries and their failures.

use crate::time::At;
use crate::world::World;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct Lambda {}

/// When something will next happen by itself.
pub fn next_due(_world: &World) -> Option<At> {
    None
}

/// Does what is due.
pub fn run_due(_world: &mut World) {}
