//! State machines: CreateStateMachine, DescribeStateMachine.

use super::definition::{self, Definition};
use super::names;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::sync::Arc;

/// One state machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub arn: String,
    pub name: String,
    pub role_arn: String,
    pub created: At,
    pub text: String,
    pub definition: Arc<Definition>,
    pub logging: Value,
    pub tracing: Value,
}

/// CreateStateMachine: the same once more is answered as before.
pub(super) fn create(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let name = input["name"].as_str().unwrap_or_default();
    names::check(name)?;
    refuse_what_is_not_simulated(input)?;
    let text = input["definition"].as_str().unwrap_or_default();
    let definition = definition::read(text)?;
    let role_arn = input["roleArn"].as_str().unwrap_or_default();
    if !role_arn.starts_with("arn:") {
        let text = format!("Invalid Arn: 'Invalid ARN prefix: {role_arn}'");
        return Err(Refusal::new("InvalidArn", text));
    }
    let machine = Machine {
        arn: world.arn("states", &format!("stateMachine:{name}")),
        name: name.to_owned(),
        role_arn: role_arn.to_owned(),
        created: world.now,
        text: text.to_owned(),
        definition: Arc::new(definition),
        logging: or(
            &input["loggingConfiguration"],
            json!({ "level": "OFF", "includeExecutionData": false }),
        ),
        tracing: or(&input["tracingConfiguration"], json!({ "enabled": false })),
    };
    if let Some(found) = world.stepfunctions.machines.get(&machine.arn) {
        let is_same = found.text == machine.text
            && found.role_arn == machine.role_arn
            && found.logging == machine.logging
            && found.tracing == machine.tracing;
        if !is_same {
            let text = format!("State Machine Already Exists: '{}'", machine.arn);
            return Err(Refusal::new("StateMachineAlreadyExists", text));
        }
        return Ok(json!({ "stateMachineArn": found.arn, "creationDate": found.created.seconds() }));
    }
    let reply = json!({ "stateMachineArn": machine.arn, "creationDate": machine.created.seconds() });
    world.stepfunctions.machines.insert(machine.arn.clone(), machine);
    Ok(reply)
}

fn or(given: &Value, default: Value) -> Value {
    if given.is_null() { default } else { given.clone() }
}

fn refuse_what_is_not_simulated(input: &Value) -> Result<(), Refusal> {
    if input["type"] == "EXPRESS" {
        let text = "State Machine Type Not Supported: 'EXPRESS' is not simulated";
        return Err(Refusal::new("StateMachineTypeNotSupported", text));
    }
    let encryption = &input["encryptionConfiguration"]["type"];
    for (is_asked, what) in [
        (input["publish"] == true, "versions of state machines"),
        (*encryption == "CUSTOMER_MANAGED_KMS_KEY", "customer managed keys"),
    ] {
        if is_asked {
            return Err(Refusal::new("ValidationException", format!("{what} are not simulated")));
        }
    }
    Ok(())
}

/// The machine of this ARN.
///
/// # Errors
/// InvalidArn, StateMachineDoesNotExist.
pub(super) fn find<'a>(world: &'a World, arn: &Value) -> Result<&'a Machine, Refusal> {
    let arn = names::check_arn(arn.as_str().unwrap_or_default(), "stateMachine")?;
    world.stepfunctions.machines.get(arn).ok_or_else(|| {
        let text = format!("State Machine Does Not Exist: '{arn}'");
        Refusal::new("StateMachineDoesNotExist", text)
    })
}

/// DescribeStateMachine.
pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let machine = find(world, &input["stateMachineArn"])?;
    Ok(json!({
        "stateMachineArn": machine.arn, "name": machine.name, "status": "ACTIVE", "definition": machine.text,
        "roleArn": machine.role_arn, "type": "STANDARD", "creationDate": machine.created.seconds(),
        "loggingConfiguration": machine.logging, "tracingConfiguration": machine.tracing,
    }))
}
