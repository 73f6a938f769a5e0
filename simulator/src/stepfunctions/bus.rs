//! What the service tells the account's event bus.
//!
//! Developer guide, "Automating Step Functions event delivery with EventBridge"; members as in recorded events.

use super::execution::{Execution, Status};
use super::executions::redrive;
use crate::time::At;
use crate::world::World;
use serde_json::json;

/// Tells how an execution stands.
pub(super) fn tell(world: &mut World, execution: &Execution) {
    let included = json!({ "included": true });
    let failure = execution.failure.as_ref();
    let (redrive_status, reason) = redrive(execution);
    let detail = json!({
        "executionArn": execution.arn, "stateMachineArn": execution.machine_arn, "name": execution.name,
        "status": execution.status.spelling(),
        "startDate": execution.started.0, "stopDate": execution.stopped.map(|At(millis)| millis),
        "input": execution.input_text, "inputDetails": included,
        "output": execution.output,
        "outputDetails": (execution.status == Status::Succeeded).then_some(included),
        "stateMachineVersionArn": null, "stateMachineAliasArn": null,
        "redriveCount": 0, "redriveDate": null, "redriveStatus": redrive_status, "redriveStatusReason": reason,
        "error": failure.and_then(|failure| failure.error.clone()),
        "cause": failure.and_then(|failure| failure.cause.clone()),
    });
    let kind = "Step Functions Execution Status Change";
    world.emit("aws.states", kind, std::slice::from_ref(&execution.arn), detail);
}
