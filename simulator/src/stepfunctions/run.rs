//! How an execution goes from state to state.

use super::bus;
use super::definition::{Kind, State, Text, Wait};
use super::execution::{Execution, Place, Status, Step};
use super::failure::{DATA_LIMIT, Failure, Fault, TIMEOUT};
use super::path::{Path, Scope};
use super::timestamp::Timestamp;
use super::{branches, executions, flow, task};
use crate::cloudwatch;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// How long the way from one state to the next takes. AWS promises nothing; this is what is commonly seen.
pub(super) const TRANSITION_MILLIS: i64 = 25;
/// Bytes of a payload, at most: developer guide, "Step Functions service quotas".
pub(super) const MOST_BYTES: usize = 262_144;

/// Does what an execution is due for.
pub(super) fn wake(world: &mut World, arn: &str) {
    let asked = world
        .stepfunctions
        .executions
        .get(arn)
        .and_then(|execution| match &execution.step {
            Step::Start(_, request) if !is_too_late(execution, world.now) => Some(request.clone()),
            _ => None,
        });
    // Another execution is started while this one is in its place: it may be its own name that is taken.
    if let Some(request) = asked {
        let reply = executions::start_for_task(world, arn, request);
        return on(world, arn, |world, execution| task::started(world, execution, reply));
    }
    on(world, arn, step);
}

/// Works on an execution, which is out of the world meanwhile; what fails in it ends it.
pub(super) fn on(world: &mut World, arn: &str, work: impl FnOnce(&mut World, &mut Execution) -> Result<(), Failure>) {
    let Some(mut execution) = world.stepfunctions.executions.remove(arn) else {
        return;
    };
    if let Err(failure) = work(world, &mut execution) {
        close(world, &mut execution, Status::Failed, None, Some(failure));
    }
    if execution.branch.is_some() && execution.step == Step::Over {
        return branches::through(world, execution);
    }
    world.stepfunctions.executions.insert(arn.to_owned(), execution);
}

fn is_too_late(execution: &Execution, now: At) -> bool {
    execution.deadline.is_some_and(|deadline| deadline <= now)
}

fn step(world: &mut World, execution: &mut Execution) -> Result<(), Failure> {
    if is_too_late(execution, world.now) {
        close(world, execution, Status::TimedOut, None, None);
        return Ok(());
    }
    match execution.step {
        Step::Enter(_) => enter(world, execution),
        Step::Wait(_) => {
            let definition = execution.definition.clone();
            let state = &definition.states[&execution.place.state];
            pass_on(world, execution, state)
        }
        Step::Retry(_) => task::attempt(world, execution),
        Step::Call { .. } => task::timed_out(world, execution),
        Step::Start(..) | Step::Branches(_) | Step::Over => Ok(()),
    }
}

/// Names of the events that say that a state of this kind was entered and left.
fn event_kinds(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Task(_) => ("TaskStateEntered", "TaskStateExited"),
        Kind::Choice { .. } => ("ChoiceStateEntered", "ChoiceStateExited"),
        Kind::Wait(_) => ("WaitStateEntered", "WaitStateExited"),
        Kind::Pass { .. } => ("PassStateEntered", "PassStateExited"),
        Kind::Parallel { .. } => ("ParallelStateEntered", "ParallelStateExited"),
        Kind::Succeed => ("SucceedStateEntered", "SucceedStateExited"),
        // A Fail state is never left.
        Kind::Fail { .. } => ("FailStateEntered", "FailStateEntered"),
    }
}

fn enter(world: &mut World, execution: &mut Execution) -> Result<(), Failure> {
    let definition = execution.definition.clone();
    let state = &definition.states[&execution.place.state];
    execution.place.entered = world.now;
    let details = json!({
        "name": execution.place.state, "input": execution.place.input.to_string(), "inputDetails": whole(),
    });
    let (entered, _) = event_kinds(&state.kind);
    execution.place.entered_event = execution.record(world.now, entered, ("stateEnteredEventDetails", details))?;
    match &state.kind {
        Kind::Task(_) => task::attempt(world, execution),
        Kind::Pass { result } => pass(world, execution, state, result.clone()),
        Kind::Parallel { branches } => branches::begin(world, execution, state, branches),
        Kind::Choice { .. } | Kind::Succeed => pass_on(world, execution, state),
        Kind::Wait(wait) => {
            let until = until(wait, state, execution, world.now).map_err(|fault| execution.within(fault))?;
            execution.step = Step::Wait(until.max(world.now));
            Ok(())
        }
        Kind::Fail { error, cause } => {
            let error = told(world, execution, "ErrorPath", error.as_ref())?;
            let cause = told(world, execution, "CausePath", cause.as_ref())?;
            Err(Failure { error, cause })
        }
    }
}

fn pass(world: &mut World, execution: &mut Execution, state: &State, result: Option<Value>) -> Result<(), Failure> {
    let context = execution.context(false);
    let input = &execution.place.input;
    let uuid = &mut || world.uuid();
    let output = flow::effective_input(&state.flow, input, &context, uuid).and_then(|effective| {
        let result = result.unwrap_or(effective);
        flow::outcome(&state.flow, input, result, &context, uuid)
    });
    let output = output.map_err(|fault| execution.within(fault))?;
    leave(world, execution, output, state.next.as_deref())
}

/// What a Fail state tells.
fn told(world: &mut World, execution: &Execution, field: &str, text: Option<&Text>) -> Result<Option<String>, Failure> {
    let context = execution.context(false);
    let scope = Scope {
        data: &execution.place.input,
        context: &context,
    };
    let text = text.map(|text| flow::text(text, field, scope, &mut || world.uuid()));
    text.transpose().map_err(|fault| execution.within(fault))
}

/// The states that hand on what they were given: Choice, Wait and Succeed.
fn pass_on(world: &mut World, execution: &mut Execution, state: &State) -> Result<(), Failure> {
    let context = execution.context(false);
    let handed = through(state, execution, &context).map_err(|fault| execution.within(fault))?;
    let (next, output) = handed;
    leave(world, execution, output, next.as_deref())
}

/// Where such a state leads, and with what.
fn through(state: &State, execution: &Execution, context: &Value) -> Result<(Option<String>, Value), Fault> {
    let input = &execution.place.input;
    let selected = flow::effective_input(&state.flow, input, context, &mut String::new)?;
    let output = flow::output(&state.flow, &selected, context)?;
    let Kind::Choice { rules, default } = &state.kind else {
        return Ok((state.next.clone(), output));
    };
    let scope = Scope {
        data: &selected,
        context,
    };
    for rule in rules {
        if rule.when.holds(scope)? {
            return Ok((Some(rule.next.clone()), output));
        }
    }
    // The guide calls this States.NoChoiceMatched; what AWS reports is States.Runtime with this text.
    let nowhere = "Failed to transition out of the state. The state does not point to a next state.";
    default
        .clone()
        .map(|next| (Some(next), output))
        .ok_or_else(|| Fault::runtime(nowhere))
}

/// Ends a state: on to the next one, or to the end of the execution.
pub(super) fn leave(
    world: &mut World,
    execution: &mut Execution,
    output: Value,
    next: Option<&str>,
) -> Result<(), Failure> {
    let definition = execution.definition.clone();
    let (_, exited) = event_kinds(&definition.states[&execution.place.state].kind);
    let text = output.to_string();
    if text.len() > MOST_BYTES {
        return Err(too_long(&execution.place.state));
    }
    let details = json!({ "name": execution.place.state, "output": text, "outputDetails": whole() });
    execution.record(world.now, exited, ("stateExitedEventDetails", details))?;
    match next {
        None => close(world, execution, Status::Succeeded, Some(text), None),
        Some(next) => head_for(execution, next, output, world.now),
    }
    Ok(())
}

/// Sets out for a state.
fn head_for(execution: &mut Execution, state: &str, input: Value, now: At) {
    let at = At(now.0 + TRANSITION_MILLIS);
    execution.place = Place {
        state: state.to_owned(),
        input,
        entered: at,
        entered_event: 0,
        tries: Vec::new(),
    };
    execution.step = Step::Enter(at);
}

/// A payload that AWS does not carry.
pub(super) fn too_long(whose: &str) -> Failure {
    let cause = format!(
        "The state/task '{whose}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    Failure::new(DATA_LIMIT, cause)
}

/// Every payload is shown whole.
pub(super) fn whole() -> Value {
    json!({ "truncated": false })
}

fn until(wait: &Wait, state: &State, execution: &Execution, now: At) -> Result<At, Fault> {
    let context = execution.context(false);
    let selected = flow::effective_input(&state.flow, &execution.place.input, &context, &mut String::new)?;
    let scope = Scope {
        data: &selected,
        context: &context,
    };
    let found = |path: &Path| {
        let missing = || {
            let place = path.text();
            Fault::runtime(format!("Invalid path '{place}': the path references an invalid value."))
        };
        path.find(scope).ok_or_else(missing)
    };
    match wait {
        Wait::Seconds(seconds) => Ok(now.plus_seconds(*seconds)),
        Wait::Timestamp(moment) => Ok(moment.at()),
        Wait::SecondsPath(path) => {
            let value = found(path)?;
            let seconds = value.as_i64().filter(|seconds| *seconds >= 0);
            seconds.map(|seconds| now.plus_seconds(seconds)).ok_or_else(|| {
                let place = path.text();
                Fault::runtime(format!(
                    "The SecondsPath parameter does not reference an integer value: {place} == {value}"
                ))
            })
        }
        Wait::TimestampPath(path) => {
            let value = found(path)?;
            let text = value.as_str().unwrap_or_default();
            Timestamp::read(text).map(Timestamp::at).ok_or_else(|| {
                let place = path.text();
                Fault::runtime(format!(
                    "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {place} == {text}"
                ))
            })
        }
    }
}

/// Ends an execution, whatever it is doing.
pub(super) fn close(
    world: &mut World,
    execution: &mut Execution,
    status: Status,
    output: Option<String>,
    failure: Option<Failure>,
) {
    let reason = failure.as_ref().map_or_else(|| json!({}), error_details);
    let last = execution.events.len();
    let (previous, kind, details) = match status {
        Status::Running => return,
        Status::Succeeded => {
            let details = json!({ "output": output, "outputDetails": whole() });
            (last, "ExecutionSucceeded", ("executionSucceededEventDetails", details))
        }
        Status::Failed => (last, "ExecutionFailed", ("executionFailedEventDetails", reason)),
        // These come from outside: nothing leads to them.
        Status::Aborted => (0, "ExecutionAborted", ("executionAbortedEventDetails", reason)),
        // The name is in the history only; DescribeExecution has neither error nor cause.
        Status::TimedOut => {
            let details = json!({ "error": TIMEOUT });
            (0, "ExecutionTimedOut", ("executionTimedOutEventDetails", details))
        }
    };
    execution.push(world.now, previous, kind, Some(details));
    execution.status = status;
    execution.stopped = Some(world.now);
    execution.step = Step::Over;
    execution.output = output;
    execution.failure = failure;
    world.stepfunctions.running.remove(&execution.serial);
    branches::stop(world, &execution.arn);
    if execution.branch.is_some() {
        return;
    }
    if status == Status::Failed {
        // Developer guide, "Monitoring Step Functions metrics using Amazon CloudWatch".
        let machine = [("StateMachineArn", execution.machine_arn.as_str())];
        cloudwatch::put(world, "AWS/States", "ExecutionsFailed", &machine, world.now, 1.0);
    }
    bus::tell(world, execution);
}

/// Error and cause, as far as there are any.
pub(super) fn error_details(failure: &Failure) -> Value {
    let mut details = json!({});
    for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
        if let Some(text) = text {
            details[name] = json!(text);
        }
    }
    details
}
