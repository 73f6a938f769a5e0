//! Executions as callers see them: StartExecution, DescribeExecution, ListExecutions, StopExecution.

use super::execution::{Execution, MOST_EVENTS, Place, Status, Step};
use super::failure::Failure;
use super::page::page;
use super::run::{self, TRANSITION_MILLIS};
use super::{bus, machines, names};
use crate::iam::{self, Demand};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// How long an execution that has ended is kept: API reference, StartExecution, `name`.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// StartExecution: with the name and input of one that runs, answered as then.
pub(super) fn start(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let machine = machines::find(world, &input["stateMachineArn"])?.clone();
    let name = match input["name"].as_str() {
        Some(name) => name.to_owned(),
        None => world.uuid(),
    };
    names::check(&name)?;
    let input_text = input["input"].as_str().unwrap_or("{}");
    let parsed: Value = serde_json::from_str(input_text).map_err(|error| {
        let text = format!("Invalid State Machine Execution Input: '{error}'");
        Refusal::new("InvalidExecutionInput", text)
    })?;
    let arn = world.arn("states", &format!("execution:{}:{name}", machine.name));
    if let Some(found) = kept(world, &arn) {
        if found.status == Status::Running && found.input_text == input_text {
            return Ok(json!({ "executionArn": arn, "startDate": found.started.seconds() }));
        }
        let text = format!("Execution Already Exists: '{arn}'");
        return Err(Refusal::new("ExecutionAlreadyExists", text));
    }
    let (serial, now) = (world.serial(), world.now);
    let first = At(now.0 + TRANSITION_MILLIS);
    let mut execution = Execution {
        arn: arn.clone(),
        name,
        machine_arn: machine.arn,
        machine_name: machine.name,
        role_arn: machine.role_arn,
        serial,
        branch: None,
        input_text: input_text.to_owned(),
        input: parsed.clone(),
        started: now,
        stopped: None,
        deadline: machine
            .definition
            .timeout_seconds
            .map(|seconds| now.plus_seconds(seconds)),
        status: Status::Running,
        output: None,
        failure: None,
        place: Place {
            state: machine.definition.start_at.clone(),
            input: parsed,
            entered: first,
            entered_event: 0,
            tries: Vec::new(),
        },
        definition: machine.definition,
        step: Step::Enter(first),
        events: Vec::new(),
    };
    let details = json!({ "input": input_text, "inputDetails": run::whole(), "roleArn": execution.role_arn });
    let details = ("executionStartedEventDetails", details);
    execution.push(now, 0, "ExecutionStarted", Some(details));
    bus::tell(world, &execution);
    world.stepfunctions.running.insert(serial, arn.clone());
    world.stepfunctions.executions.insert(arn.clone(), execution);
    Ok(json!({ "executionArn": arn, "startDate": now.seconds() }))
}

/// StartExecution by a task of another execution, logged under that one's ARN and held to its role.
pub(super) fn start_for_task(world: &mut World, by: &str, request: Value) -> Result<Value, Refusal> {
    let execution = world.stepfunctions.executions.get(by);
    if let Some((role, name)) = execution.map(|execution| (execution.role_arn.clone(), execution.name.clone())) {
        let machine = request["stateMachineArn"].as_str().unwrap_or_default();
        iam::authorise_role(world, &role, &name, Demand::new("states:StartExecution", machine))?;
    }
    world.call(by, "stepfunctions", "StartExecution", request)
}

/// The execution of this ARN, unless AWS has forgotten it.
fn kept<'a>(world: &'a World, arn: &str) -> Option<&'a Execution> {
    let found = world.stepfunctions.executions.get(arn)?;
    is_kept(found, world.now).then_some(found)
}

fn is_kept(execution: &Execution, now: At) -> bool {
    execution
        .stopped
        .is_none_or(|stopped| now < stopped.plus_seconds(KEPT_SECONDS))
}

/// The execution of the ARN in the request.
///
/// # Errors
/// InvalidArn, ExecutionDoesNotExist.
pub(super) fn find<'a>(world: &'a World, input: &Value) -> Result<&'a Execution, Refusal> {
    let arn = names::check_arn(input["executionArn"].as_str().unwrap_or_default(), "execution")?;
    kept(world, arn).ok_or_else(|| {
        let text = format!("Execution Does Not Exist: '{arn}'");
        Refusal::new("ExecutionDoesNotExist", text)
    })
}

/// `redriveStatus` and its reason; nothing is ever redriven here.
pub(super) fn redrive(execution: &Execution) -> (&'static str, Option<String>) {
    match execution.status {
        Status::Failed | Status::Aborted | Status::TimedOut if execution.events.len() < MOST_EVENTS => {
            ("REDRIVABLE", None)
        }
        Status::Failed | Status::Aborted | Status::TimedOut => (
            "NOT_REDRIVABLE",
            Some("Execution history event limit exceeded".to_owned()),
        ),
        status => {
            let reason = format!("Execution is {} and cannot be redriven", status.spelling());
            ("NOT_REDRIVABLE", Some(reason))
        }
    }
}

/// DescribeExecution.
pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let execution = find(world, input)?;
    let shows_data = input["includedData"] != "METADATA_ONLY";
    let (redrive_status, reason) = redrive(execution);
    let mut reply = json!({
        "executionArn": execution.arn, "stateMachineArn": execution.machine_arn, "name": execution.name,
        "status": execution.status.spelling(), "startDate": execution.started.seconds(),
        "inputDetails": { "included": shows_data }, "redriveCount": 0, "redriveStatus": redrive_status,
    });
    let failure = execution.failure.as_ref();
    let stopped = execution.stopped.map(|at| json!(at.seconds()));
    let output = execution.output.as_ref();
    let details = output.map(|_| json!({ "included": shows_data }));
    for (name, value) in [
        ("stopDate", stopped),
        ("input", Some(json!(execution.input_text)).filter(|_| shows_data)),
        ("output", output.map(|text| json!(text)).filter(|_| shows_data)),
        ("outputDetails", details),
        ("redriveStatusReason", reason.map(Value::String)),
        (
            "error",
            failure.and_then(|failure| failure.error.clone()).map(Value::String),
        ),
        (
            "cause",
            failure.and_then(|failure| failure.cause.clone()).map(Value::String),
        ),
    ] {
        if let Some(value) = value {
            reply[name] = value;
        }
    }
    Ok(reply)
}

/// ListExecutions: the newest first.
pub(super) fn list(world: &World, input: &Value) -> Result<Value, Refusal> {
    if let Some(arn) = input["mapRunArn"].as_str() {
        let text = format!("Resource not found: '{arn}'");
        return Err(Refusal::new("ResourceNotFound", text));
    }
    if input["stateMachineArn"].is_null() {
        let text = "Must specify exactly one of: stateMachineArn, mapRunArn";
        return Err(Refusal::new("ValidationException", text));
    }
    let machine = machines::find(world, &input["stateMachineArn"])?;
    let wanted = input["statusFilter"].as_str();
    let all = world.stepfunctions.executions.values().filter(|execution| {
        execution.branch.is_none()
            && execution.machine_arn == machine.arn
            && is_kept(execution, world.now)
            && wanted.is_none_or(|wanted| execution.status.spelling() == wanted)
            && input["redriveFilter"] != "REDRIVEN"
    });
    let mut all: Vec<&Execution> = all.collect();
    all.sort_by_key(|execution| std::cmp::Reverse(execution.serial));
    let (shown, token) = page(world, input, all, |execution| execution.serial)?;
    let entries = shown.into_iter().map(|execution| {
        let mut entry = json!({
            "executionArn": execution.arn, "stateMachineArn": execution.machine_arn, "name": execution.name,
            "status": execution.status.spelling(), "startDate": execution.started.seconds(), "redriveCount": 0,
        });
        if let Some(stopped) = execution.stopped {
            entry["stopDate"] = json!(stopped.seconds());
        }
        entry
    });
    let mut reply = json!({ "executions": entries.collect::<Vec<Value>>() });
    if let Some(token) = token {
        reply["nextToken"] = json!(token);
    }
    Ok(reply)
}

/// StopExecution: one that has ended is answered with its end.
pub(super) fn stop(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let execution = find(world, input)?;
    if let Some(stopped) = execution.stopped {
        return Ok(json!({ "stopDate": stopped.seconds() }));
    }
    let arn = execution.arn.clone();
    let text = |name: &str| input[name].as_str().map(str::to_owned);
    let failure = Failure {
        error: text("error"),
        cause: text("cause"),
    };
    run::on(world, &arn, |world, execution| {
        run::close(world, execution, Status::Aborted, None, Some(failure));
        Ok(())
    });
    Ok(json!({ "stopDate": world.now.seconds() }))
}
