//! What Lambda does for a function in the function's own role: writing its logs, sending its failed events.
//!
//! # Source
//!
//! "Defining Lambda function permissions with an execution role" and "Capturing records of Lambda asynchronous
//! invocations", Lambda developer guide.

use super::Failed;
use crate::iam::{self, Demand};
use crate::refusal::Refusal;
use crate::sqs;
use crate::world::World;
use serde_json::{Value, json};

/// Under which label destinations are called.
const CALLER: &str = "lambda.amazonaws.com";

/// A run of the function writes to its log group. Where the role may not, the function runs all the same.
pub fn writes_logs(world: &mut World, function: &str) {
    let config = world.lambda.functions.get(function);
    let Some((role, group)) = config.and_then(|config| config.role.clone().zip(config.log_group.clone())) else {
        return;
    };
    let day = world.now.iso_seconds()[..10].replace('-', "/");
    // One environment of each function is enough here, so one stream a day.
    let stream = world.arn(
        "logs",
        &format!("log-group:{group}:log-stream:{day}/[$LATEST]{:032x}", 1),
    );
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        let asked = iam::authorise_role(world, &role, function, Demand::new(action, stream.as_str()));
        refused(world, asked);
    }
}

/// Sends what was given up to its destination, in the order in which it was given up.
pub(super) fn sends_failed_events(world: &mut World) {
    while let Some(failed) = world.lambda.failed.get(world.lambda.told).cloned() {
        world.lambda.told += 1;
        let Some(queue) = &failed.queue else { continue };
        let role = world.lambda.functions.get(&failed.function);
        let role = role.and_then(|config| config.role.clone());
        let sent = role
            .map_or(Ok(()), |role| {
                let demand = Demand::new("sqs:SendMessage", world.arn("sqs", queue));
                iam::authorise_role(world, &role, &failed.function, demand)
            })
            .and_then(|()| {
                let body = record(world, &failed).to_string();
                let input = json!({ "QueueUrl": sqs::address(world, queue), "MessageBody": body });
                world.call(CALLER, "sqs", "SendMessage", input).map(drop)
            });
        refused(world, sent);
    }
}

fn refused(world: &mut World, asked: Result<(), Refusal>) {
    if let Err(refusal) = asked {
        world.lambda.refused.push((world.now, refusal));
    }
}

/// What the destination is told.
fn record(world: &World, failed: &Failed) -> Value {
    let arn = world.arn("lambda", &format!("function:{}:$LATEST", failed.function));
    let mut record = json!({
        "version": "1.0", "timestamp": failed.at.iso_millis(),
        "requestContext": {
            "requestId": format!("00000000-0000-4000-8000-{:012x}", failed.request), "functionArn": arn,
            "condition": failed.condition, "approximateInvokeCount": failed.invocations,
        },
        "requestPayload": failed.payload,
    });
    if let Some(error) = &failed.error {
        record["responseContext"] = json!({
            "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled",
        });
        record["responsePayload"] = json!({ "errorMessage": error });
    }
    record
}
