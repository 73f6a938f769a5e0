//! What integrated services answer, as a state's result or as its error.
//!
//! Shapes as in recorded histories; developer guide, "Invoke an AWS Lambda function with Step Functions".

use super::failure::{Failure, FunctionError};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// The result of `lambda:invoke`.
pub(super) fn of_function(world: &mut World, payload: Value) -> Value {
    let length = payload.to_string().len();
    let mut result = sdk_reply(world, "application/json", length);
    result["ExecutedVersion"] = json!("$LATEST");
    result["Payload"] = payload;
    result["StatusCode"] = json!(200);
    result
}

/// The result of `states:startExecution`.
pub(super) fn of_start(world: &mut World, reply: &Value) -> Value {
    let mut result = sdk_reply(world, "application/x-amz-json-1.0", reply.to_string().len());
    result["ExecutionArn"] = reply["executionArn"].clone();
    result["StartDate"] = json!(world.now.iso_millis());
    result
}

/// The result of `sns:publish`.
pub(super) fn of_publish(world: &mut World, message_id: &str) -> Value {
    let mut result = sdk_reply(world, "text/xml", message_id.len());
    result["MessageId"] = json!(message_id);
    result
}

/// The result of `events:putEvents`.
pub(super) fn of_put_events(world: &mut World, count: usize) -> Value {
    let entries: Vec<Value> = (0..count).map(|_| json!({ "EventId": world.uuid() })).collect();
    let mut result = sdk_reply(world, "application/x-amz-json-1.1", json!(entries).to_string().len());
    result["Entries"] = json!(entries);
    result["FailedEntryCount"] = json!(0);
    result
}

/// What the integration's own SDK adds to every reply.
fn sdk_reply(world: &mut World, content_type: &str, length: usize) -> Value {
    let request = world.uuid();
    let length = length.to_string();
    json!({
        "SdkHttpMetadata": {
            "AllHttpHeaders": {
                "Content-Length": [length], "Content-Type": [content_type], "x-amzn-RequestId": [request],
            },
            "HttpHeaders": { "Content-Length": length, "Content-Type": content_type, "x-amzn-RequestId": request },
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": { "RequestId": request },
    })
}

/// Status codes of Lambda's own errors: API reference of Lambda, Invoke.
const LAMBDA_ERRORS: [(&str, u16); 4] = [
    ("ResourceNotFoundException", 404),
    ("ServiceException", 500),
    ("TooManyRequestsException", 429),
    ("ResourceConflictException", 409),
];

/// What Retry, Catch and the history are told of a function that gave no answer; its ARN is for Lambda's own text.
pub(super) fn failure(world: &mut World, function: &str, error: FunctionError) -> Failure {
    let FunctionError { error_type, message } = error;
    if error_type.is_empty() {
        let payload = json!({ "errorMessage": message });
        let cause = format!(
            "The cause could not be determined because Lambda did not return an error type. Returned payload: {payload}"
        );
        return Failure::new("Lambda.Unknown", cause);
    }
    let Some(code) = error_type.strip_prefix("Lambda.") else {
        let cause = json!({ "errorType": error_type, "errorMessage": message });
        return Failure::new(&error_type, cause.to_string());
    };
    match LAMBDA_ERRORS.iter().find(|(known, _)| *known == code) {
        // It never came to Lambda, or nothing is known of what came of it.
        None => Failure::new(&error_type, message),
        Some((_, status)) => {
            let message = if message.is_empty() {
                format!("Function not found: {function}")
            } else {
                message
            };
            let request = world.uuid();
            let told = format!("Service: AWSLambda; Status Code: {status}; Error Code: {code}");
            Failure::new(
                &error_type,
                format!("{message} ({told}; Request ID: {request}; Proxy: null)"),
            )
        }
    }
}

/// What they are told of an execution that was not started.
pub(super) fn refused(world: &mut World, refusal: &Refusal) -> Failure {
    let code = refusal.code;
    let name = format!(
        "StepFunctions.{}Exception",
        code.strip_suffix("Exception").unwrap_or(code)
    );
    let request = world.uuid();
    let told = format!(
        "Service: AWSStepFunctions; Status Code: {}; Error Code: {code}",
        refusal.status
    );
    let cause = format!("{} ({told}; Request ID: {request}; Proxy: null)", refusal.message);
    Failure::new(&name, cause)
}
