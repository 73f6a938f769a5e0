//! AWS Step Functions: Standard executions of state machines, interpreted from their text.
//!
//! # Shape
//!
//! ```text
//! requests   machines · executions · history
//! language   definition (read and checked once) → path · intrinsic · template · choice · timestamp (what it says)
//! engine     run (state to state) → task (attempts) → retry · answer;  branches;  flow (data in and out) · compute
//! around it  execution (memory) · failure (errors by name) · bus (events) · stage (for tests and stories)
//! ```
//!
//! A Task that invokes a function puts a [`Delivery::Call`](crate::Delivery) into the outbox and waits; whoever
//! runs functions tells the end to [`finish`].
//!
//! # Not simulated
//!
//! Express workflows, JSONata, variables, Map states, Retry and Catch of Parallel states and their branches' part of the
//! history, callbacks, `.sync`, integrations other than `lambda:invoke`, `states:startExecution`, `sns:publish` and
//! `events:putEvents`, versions, aliases, redrive, `DeleteStateMachine`. A definition
//! that needs one of them is refused by name.

mod answer;
mod branches;
mod bus;
mod choice;
mod compute;
mod definition;
mod execution;
mod executions;
mod failure;
mod flow;
mod history;
mod intrinsic;
mod machines;
mod names;
mod page;
mod path;
mod retry;
mod run;
pub mod stage;
mod task;
mod template;
#[cfg(test)]
mod tests;
mod timestamp;

pub use failure::FunctionError;

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use execution::{Execution, Step};
use machines::Machine;
use serde_json::Value;
use std::collections::BTreeMap;

/// State of the service.
#[derive(Clone, Debug, Default)]
pub struct StepFunctions {
    /// By ARN.
    machines: BTreeMap<String, Machine>,
    /// By ARN.
    executions: BTreeMap<String, Execution>,
    /// ARNs of those that have not ended, in the order of their start.
    running: BTreeMap<u64, String>,
    refusals: Refusals,
}

/// Errors that invocations are to end with.
#[derive(Clone, Debug, Default)]
struct Refusals(Vec<(String, FunctionError)>);

impl Refusals {
    fn add(&mut self, function: &str, times: u32, error: &FunctionError) {
        self.0.extend((0..times).map(|_| (function.to_owned(), error.clone())));
    }

    fn take(&mut self, function: &str) -> Option<FunctionError> {
        let found = self.0.iter().position(|(name, _)| name == function)?;
        Some(self.0.remove(found).1)
    }
}

/// Answers one request. Times are epoch seconds, as numbers.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "CreateStateMachine" => machines::create(world, input),
        "DescribeStateMachine" => machines::describe(world, input),
        "StartExecution" => executions::start(world, input),
        "DescribeExecution" => executions::describe(world, input),
        "ListExecutions" => executions::list(world, input),
        "StopExecution" => executions::stop(world, input),
        "GetExecutionHistory" => history::get(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("stepfunctions has no {operation} here"),
        )),
    }
}

/// The end of the invocation that a [`Delivery::Call`](crate::Delivery) asked for. One that nobody waits for any
/// more, or never did, changes nothing.
pub fn finish(world: &mut World, ticket: u64, answer: Result<Value, FunctionError>) {
    if let Some((arn, function)) = waiting(world, ticket) {
        run::on(world, &arn, |world, execution| {
            task::ended(world, execution, &function, answer)
        });
    }
}

/// What a [`Delivery::Call`](crate::Delivery) comes to when no function of this name is there.
pub fn finish_unheard(world: &mut World, ticket: u64) {
    // Lambda's own text names the function, which the waiting task knows.
    finish(
        world,
        ticket,
        Err(FunctionError::new("Lambda.ResourceNotFoundException", "")),
    );
}

/// The execution that waits for this answer, and the function it asked.
fn waiting(world: &World, ticket: u64) -> Option<(String, String)> {
    world
        .stepfunctions
        .running
        .values()
        .find_map(|arn| match &world.stepfunctions.executions.get(arn)?.step {
            Step::Call {
                ticket: awaited,
                function,
                ..
            } if *awaited == ticket => Some((arn.clone(), function.clone())),
            _ => None,
        })
}

/// ARN of a function of this account.
fn lambda_arn(world: &World, function: &str) -> String {
    world.arn("lambda", &format!("function:{function}"))
}

/// When something will next happen by itself.
pub fn next_due(world: &World) -> Option<At> {
    running(world).filter_map(Execution::due).min()
}

/// Does what is due, in the order it was due.
pub fn run_due(world: &mut World) {
    while let Some(arn) = first_due(world) {
        run::wake(world, &arn);
    }
}

fn first_due(world: &World) -> Option<String> {
    let due = running(world).filter_map(|execution| Some((execution.due()?, execution.serial, &execution.arn)));
    let first = due.filter(|(due, ..)| *due <= world.now).min()?;
    Some(first.2.clone())
}

fn running(world: &World) -> impl Iterator<Item = &Execution> {
    let StepFunctions {
        executions, running, ..
    } = &world.stepfunctions;
    running.values().filter_map(|arn| executions.get(arn))
}
