//! For tests and stories: what no API of AWS can bring about.

use super::failure::FunctionError;
use super::machines;
use crate::world::World;
use serde_json::json;

/// A state machine with this definition, in a role of its own name; answers with its ARN.
///
/// # Panics
/// Where AWS would refuse it.
pub fn create(world: &mut World, name: &str, definition: &str) -> String {
    let role = format!("arn:aws:iam::{}:role/{name}", world.home.account);
    create_in_role(world, name, definition, &role)
}

/// The same in this role.
///
/// # Panics
/// Where AWS would refuse it.
pub fn create_in_role(world: &mut World, name: &str, definition: &str, role: &str) -> String {
    let input = json!({ "name": name, "definition": definition, "roleArn": role });
    match machines::create(world, &input) {
        Ok(reply) => reply["stateMachineArn"].as_str().unwrap_or_default().to_owned(),
        Err(refusal) => panic!("this state machine cannot be: {refusal}"),
    }
}

/// Starts an execution; answers with its ARN.
///
/// # Panics
/// Where AWS would refuse to.
pub fn start(world: &mut World, machine_arn: &str, name: &str, input: &serde_json::Value) -> String {
    let request = json!({ "stateMachineArn": machine_arn, "name": name, "input": input.to_string() });
    match world.call("stage", "stepfunctions", "StartExecution", request) {
        Ok(reply) => reply["executionArn"].as_str().unwrap_or_default().to_owned(),
        Err(refusal) => panic!("{name} does not start: {refusal}"),
    }
}

/// The next invocations of a function by tasks end with this error before the function is reached:
/// `Lambda.ServiceException`, `Lambda.TooManyRequestsException`, `Lambda.SdkClientException`.
pub fn invocations_fail(world: &mut World, function: &str, times: u32, error: &FunctionError) {
    world.stepfunctions.refusals.add(function, times, error);
}
