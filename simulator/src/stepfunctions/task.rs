//! Task states: attempts, answers, errors.

use super::definition::{Kind, Resource, State, Task};
use super::execution::{Execution, Step};
use super::failure::{Failure, Fault, FunctionError, RUNTIME, TIMEOUT};
use super::run::{MOST_BYTES, error_details, leave, too_long, whole};
use super::{answer, flow, lambda_arn, retry};
use crate::iam::{self, Demand};
use crate::lambda;
use crate::refusal::Refusal;
use crate::sns;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};
use std::sync::Arc;

/// Tries the task of the execution's state.
pub(super) fn attempt(world: &mut World, execution: &mut Execution) -> Result<(), Failure> {
    let definition = Arc::clone(&execution.definition);
    let Some((state, task)) = task_of(&definition.states[&execution.place.state]) else {
        return Ok(());
    };
    let context = execution.context(true);
    let input = flow::effective_input(&state.flow, &execution.place.input, &context, &mut || world.uuid());
    match input.and_then(|input| Ok((request(task, &input)?, input))) {
        Ok((request, input)) => send(world, execution, task, &input, request),
        Err(fault) => {
            let failure = execution.within(fault);
            failed(world, execution, failure)
        }
    }
}

fn task_of(state: &State) -> Option<(&State, &Task)> {
    match &state.kind {
        Kind::Task(task) => Some((state, task)),
        _ => None,
    }
}

/// What is asked of whom.
enum Request {
    Call {
        function: String,
        payload: Value,
    },
    Start(Value),
    Publish {
        topic: String,
        subject: Option<String>,
        message: String,
    },
    PutEvents(Vec<Value>),
}

fn request(task: &Task, input: &Value) -> Result<Request, Fault> {
    match &task.resource {
        Resource::Function(arn) => Ok(Request::Call {
            function: arn.clone(),
            payload: input.clone(),
        }),
        Resource::LambdaInvoke => {
            let function = input["FunctionName"].as_str();
            let function = function.ok_or_else(|| wrong("FunctionName", "a String"))?.to_owned();
            if input
                .get("InvocationType")
                .is_some_and(|kind| kind != "RequestResponse")
            {
                return Err(wrong("InvocationType", "RequestResponse, the one that is simulated"));
            }
            let payload = input.get("Payload").cloned().unwrap_or_else(|| json!({}));
            Ok(Request::Call { function, payload })
        }
        Resource::StartExecution => {
            let mut request = json!({});
            for (from, to) in [("StateMachineArn", "stateMachineArn"), ("Name", "name")] {
                match &input[from] {
                    Value::Null => {}
                    Value::String(text) => request[to] = json!(text),
                    _ => return Err(wrong(from, "a String")),
                }
            }
            match &input["Input"] {
                Value::Null => {}
                Value::String(text) => request["input"] = json!(text),
                other => request["input"] = json!(other.to_string()),
            }
            Ok(Request::Start(request))
        }
        Resource::Publish => {
            let text = |name: &str| input[name].as_str().map(str::to_owned);
            Ok(Request::Publish {
                topic: text("TopicArn").ok_or_else(|| wrong("TopicArn", "a String"))?,
                subject: text("Subject"),
                message: text("Message").ok_or_else(|| wrong("Message", "a String"))?,
            })
        }
        Resource::PutEvents => {
            let entries = input["Entries"].as_array().filter(|entries| !entries.is_empty());
            let entries = entries.ok_or_else(|| wrong("Entries", "a non-empty Array"))?;
            if entries.iter().any(|entry| !is_event(entry)) {
                return Err(wrong(
                    "Entries",
                    "Source and DetailType, Strings, Detail and nothing else",
                ));
            }
            Ok(Request::PutEvents(entries.clone()))
        }
    }
}

fn wrong(name: &str, wanted: &str) -> Fault {
    Fault::runtime(format!("The Parameters field '{name}' must be {wanted}"))
}

fn send(
    world: &mut World,
    execution: &mut Execution,
    task: &Task,
    input: &Value,
    request: Request,
) -> Result<(), Failure> {
    let now = world.now;
    let (scheduled, started) = match &task.resource {
        Resource::Function(arn) => {
            let details = json!({ "resource": arn, "input": input.to_string(), "inputDetails": whole() });
            (
                "LambdaFunctionScheduled",
                ("lambdaFunctionScheduledEventDetails", details),
            )
        }
        resource => {
            let mut details = integration(resource);
            details["region"] = json!(world.home.region);
            details["parameters"] = json!(input.to_string());
            ("TaskScheduled", ("taskScheduledEventDetails", details))
        }
    };
    let (member, mut details) = started;
    if let Some(seconds) = task.timeout_seconds {
        details["timeoutInSeconds"] = json!(seconds);
    }
    execution.record(now, scheduled, (member, details))?;
    match &task.resource {
        Resource::Function(_) => execution.record_bare(now, "LambdaFunctionStarted")?,
        resource => execution.record(now, "TaskStarted", ("taskStartedEventDetails", integration(resource)))?,
    };
    match request {
        Request::Start(request) => {
            execution.step = Step::Start(now, request);
            Ok(())
        }
        Request::Publish {
            topic,
            subject,
            message,
        } => {
            let result = publish(world, execution, &topic, subject.as_deref(), &message);
            done(world, execution, task, result)
        }
        Request::PutEvents(entries) => {
            let result = put_events(world, execution, entries);
            done(world, execution, task, result)
        }
        Request::Call { function, payload } => {
            let function = bare_name(&function).to_owned();
            if let Some(error) = denied(world, execution, &function) {
                return ended(world, execution, &function, Err(error));
            }
            if let Some(error) = world.stepfunctions.refusals.take(&function) {
                return ended(world, execution, &function, Err(error));
            }
            lambda::writes_logs(world, &function);
            let ticket = world.serial();
            let until = task.timeout_seconds.map(|seconds| now.plus_seconds(seconds));
            execution.step = Step::Call {
                ticket,
                function: function.clone(),
                until,
            };
            world.outbox.push(Delivery::Call {
                function,
                payload,
                ticket,
            });
            Ok(())
        }
    }
}

/// Publishes to a topic, where the machine's role may; SNS limits as in its API reference, Publish.
fn publish(
    world: &mut World,
    execution: &Execution,
    topic: &str,
    subject: Option<&str>,
    message: &str,
) -> Result<Value, Failure> {
    let mut demand = Demand::new("sns:Publish", topic.to_owned());
    for (key, value) in world.sns.tags.get(topic).into_iter().flatten() {
        demand = demand.with(format!("aws:ResourceTag/{key}"), value);
    }
    if let Err(refusal) = iam::authorise_role(world, &execution.role_arn, &execution.name, demand) {
        return Err(Failure::new("SNS.AuthorizationErrorException", refusal.message));
    }
    let is_line = |subject: &str| (1..=100).contains(&subject.len()) && subject.bytes().all(|b| (32..127).contains(&b));
    if subject.is_some_and(|subject| !is_line(subject)) {
        let text = "Invalid parameter: Subject".to_owned();
        return Err(Failure::new("SNS.InvalidParameterException", text));
    }
    sns::publish(world, topic, subject, message);
    let id = world.sns.published.last().map(|published| published.message_id.clone());
    Ok(answer::of_publish(world, id.as_deref().unwrap_or_default()))
}

/// Of an entry, what is simulated.
fn is_event(entry: &Value) -> bool {
    let known = ["Source", "DetailType", "Detail"];
    let names = entry
        .as_object()
        .is_some_and(|entry| entry.keys().all(|name| known.contains(&name.as_str())));
    names && entry["Source"].is_string() && entry["DetailType"].is_string() && entry["Detail"].is_object()
}

/// Puts events on the account's bus, where the machine's role may. Step Functions adds execution and state machine to
/// the resources of each: developer guide, "Add EventBridge events with Step Functions".
fn put_events(world: &mut World, execution: &Execution, entries: Vec<Value>) -> Result<Value, Failure> {
    let bus = world.arn("events", "event-bus/default");
    for entry in &entries {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let demand = Demand::new("events:PutEvents", bus.clone())
            .with("events:source", text("Source"))
            .with("events:detail-type", text("DetailType"));
        if let Err(refusal) = iam::authorise_role(world, &execution.role_arn, &execution.name, demand) {
            return Err(Failure::new("EventBridge.AccessDeniedException", refusal.message));
        }
    }
    let id = execution
        .branch
        .as_ref()
        .map_or(&execution.arn, |branch| &branch.execution);
    let resources = [id.clone(), execution.machine_arn.clone()];
    for entry in &entries {
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        world.emit(text("Source"), text("DetailType"), &resources, entry["Detail"].clone());
    }
    Ok(answer::of_put_events(world, entries.len()))
}

/// What a task is told whose machine's role may not invoke the function.
fn denied(world: &mut World, execution: &Execution, function: &str) -> Option<FunctionError> {
    let demand = Demand::new("lambda:InvokeFunction", lambda_arn(world, function));
    let refusal = iam::authorise_role(world, &execution.role_arn, &execution.name, demand).err()?;
    let told = "Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException";
    let message = format!("{} ({told}; Proxy: null)", refusal.message);
    Some(FunctionError::new("Lambda.AWSLambdaException", message))
}

/// The function's own name: without what comes before it in an ARN, and without version or alias.
fn bare_name(function: &str) -> &str {
    let name = function.rsplit_once(":function:").map_or(function, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

/// `resourceType` and `resource` of an integrated service.
fn integration(resource: &Resource) -> Value {
    match resource {
        Resource::StartExecution => json!({ "resourceType": "states", "resource": "startExecution" }),
        Resource::Publish => json!({ "resourceType": "sns", "resource": "publish" }),
        Resource::PutEvents => json!({ "resourceType": "events", "resource": "putEvents" }),
        _ => json!({ "resourceType": "lambda", "resource": "invoke" }),
    }
}

/// The function has answered, or has not.
pub(super) fn ended(
    world: &mut World,
    execution: &mut Execution,
    function: &str,
    answer: Result<Value, FunctionError>,
) -> Result<(), Failure> {
    let definition = Arc::clone(&execution.definition);
    let Some((_, task)) = task_of(&definition.states[&execution.place.state]) else {
        return Ok(());
    };
    let result = match (answer, &task.resource) {
        (Ok(value), Resource::Function(_)) => Ok(value),
        (Ok(value), _) => Ok(answer::of_function(world, value)),
        (Err(error), _) => Err(answer::failure(world, &lambda_arn(world, function), error)),
    };
    done(world, execution, task, result)
}

/// The other execution was started, or was not.
pub(super) fn started(
    world: &mut World,
    execution: &mut Execution,
    reply: Result<Value, Refusal>,
) -> Result<(), Failure> {
    let definition = Arc::clone(&execution.definition);
    let Some((_, task)) = task_of(&definition.states[&execution.place.state]) else {
        return Ok(());
    };
    let result = match reply {
        Ok(reply) => Ok(answer::of_start(world, &reply)),
        Err(refusal) => Err(answer::refused(world, &refusal)),
    };
    done(world, execution, task, result)
}

fn done(
    world: &mut World,
    execution: &mut Execution,
    task: &Task,
    result: Result<Value, Failure>,
) -> Result<(), Failure> {
    let too_large = |text: &str| match &task.resource {
        Resource::Function(arn) => (text.len() > MOST_BYTES).then(|| too_long(arn)),
        resource => {
            let whose = integration(resource);
            (text.len() > MOST_BYTES).then(|| too_long(whose["resourceType"].as_str().unwrap_or_default()))
        }
    };
    let result = result.and_then(|value| {
        let text = value.to_string();
        too_large(&text).map_or(Ok((value, text)), Err)
    });
    match result {
        Ok((value, text)) => succeeded(world, execution, &task.resource, value, text),
        Err(failure) => {
            let details = error_details(&failure);
            record_end(execution, world.now, &task.resource, "Failed", details)?;
            failed(world, execution, failure)
        }
    }
}

fn succeeded(
    world: &mut World,
    execution: &mut Execution,
    resource: &Resource,
    value: Value,
    text: String,
) -> Result<(), Failure> {
    let details = json!({ "output": text, "outputDetails": whole() });
    record_end(execution, world.now, resource, "Succeeded", details)?;
    let definition = Arc::clone(&execution.definition);
    let state = &definition.states[&execution.place.state];
    let context = execution.context(true);
    let input = &execution.place.input;
    match flow::outcome(&state.flow, input, value, &context, &mut || world.uuid()) {
        Ok(output) => leave(world, execution, output, state.next.as_deref()),
        Err(fault) => {
            let failure = execution.within(fault);
            failed(world, execution, failure)
        }
    }
}

/// Writes down how a task ended: `Succeeded`, `Failed` or `TimedOut`.
fn record_end(
    execution: &mut Execution,
    now: At,
    resource: &Resource,
    how: &str,
    mut details: Value,
) -> Result<(), Failure> {
    let is_plain = matches!(resource, Resource::Function(_));
    let (kind, member) = match (is_plain, how) {
        (true, "Succeeded") => ("LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails"),
        (true, "Failed") => ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails"),
        (true, _) => ("LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails"),
        (false, "Succeeded") => ("TaskSucceeded", "taskSucceededEventDetails"),
        (false, "Failed") => ("TaskFailed", "taskFailedEventDetails"),
        (false, _) => ("TaskTimedOut", "taskTimedOutEventDetails"),
    };
    if !is_plain {
        let integration = integration(resource);
        details["resourceType"] = integration["resourceType"].clone();
        details["resource"] = integration["resource"].clone();
    }
    execution.record(now, kind, (member, details)).map(|_| ())
}

/// The task took longer than its state allows. Its answer, if one comes, is nobody's.
pub(super) fn timed_out(world: &mut World, execution: &mut Execution) -> Result<(), Failure> {
    let definition = Arc::clone(&execution.definition);
    let Some((_, task)) = task_of(&definition.states[&execution.place.state]) else {
        return Ok(());
    };
    let failure = Failure {
        error: Some(TIMEOUT.to_owned()),
        cause: None,
    };
    record_end(
        execution,
        world.now,
        &task.resource,
        "TimedOut",
        error_details(&failure),
    )?;
    failed(world, execution, failure)
}

/// Retry, then Catch, then the end.
fn failed(world: &mut World, execution: &mut Execution, failure: Failure) -> Result<(), Failure> {
    let definition = Arc::clone(&execution.definition);
    let Some((_, task)) = task_of(&definition.states[&execution.place.state]) else {
        return Err(failure);
    };
    if failure.name() == RUNTIME {
        return Err(failure);
    }
    let tries = &mut execution.place.tries;
    if let Some(millis) = retry::delay_millis(&task.retriers, tries, failure.name(), &mut world.rng) {
        execution.step = Step::Retry(At(world.now.0.saturating_add(millis)));
        return Ok(());
    }
    let catcher = task
        .catchers
        .iter()
        .find(|catcher| retry::is_met(&catcher.errors, failure.name()));
    let Some(catcher) = catcher else {
        return Err(failure);
    };
    let error = json!({ "Error": failure.name(), "Cause": failure.cause.as_deref().unwrap_or_default() });
    let output = flow::place(catcher.result_path.as_ref(), &execution.place.input, error);
    let output = output.map_err(|fault| execution.within(fault))?;
    leave(world, execution, output, Some(&catcher.next))
}
