//! Parallel states: each branch goes its own way, as an execution that nobody else sees.
//!
//! # Source
//! Developer guide, "Parallel workflow state": what fails in one branch ends them all.

use super::definition::{Definition, State};
use super::execution::{Branch, Execution, Place, Status, Step};
use super::failure::Failure;
use super::run::{TRANSITION_MILLIS, leave};
use super::{flow, run};
use crate::time::At;
use crate::world::World;
use serde_json::Value;
use std::sync::Arc;

/// Sets all branches out, each with what the state works with.
pub(super) fn begin(
    world: &mut World,
    execution: &mut Execution,
    state: &State,
    branches: &[Arc<Definition>],
) -> Result<(), Failure> {
    let context = execution.context(false);
    let input = flow::effective_input(&state.flow, &execution.place.input, &context, &mut || world.uuid());
    let input = input.map_err(|fault| execution.within(fault))?;
    execution.record_bare(world.now, "ParallelStateStarted")?;
    let first = At(world.now.0 + TRANSITION_MILLIS);
    for (index, definition) in branches.iter().enumerate() {
        let (serial, arn) = (
            world.serial(),
            format!("{}/{}/{index}", execution.arn, execution.place.state),
        );
        let branch = Execution {
            arn: arn.clone(),
            serial,
            branch: Some(Branch {
                of: execution.arn.clone(),
                execution: execution
                    .branch
                    .as_ref()
                    .map_or(&execution.arn, |branch| &branch.execution)
                    .clone(),
                index,
            }),
            definition: Arc::clone(definition),
            deadline: None,
            place: Place {
                state: definition.start_at.clone(),
                input: input.clone(),
                entered: first,
                entered_event: 0,
                tries: Vec::new(),
            },
            step: Step::Enter(first),
            events: Vec::new(),
            ..execution.clone()
        };
        world.stepfunctions.running.insert(serial, arn.clone());
        world.stepfunctions.executions.insert(arn, branch);
    }
    execution.step = Step::Branches(vec![None; branches.len()]);
    Ok(())
}

/// A branch is through: whose it is goes on.
pub(super) fn through(world: &mut World, branch: Execution) {
    if let Some(of) = branch.branch.clone() {
        run::on(world, &of.of, |world, execution| {
            ended(world, execution, of.index, branch)
        });
    }
}

/// A branch has ended. The last one ends the state, one that failed ends all.
fn ended(world: &mut World, execution: &mut Execution, index: usize, branch: Execution) -> Result<(), Failure> {
    let Step::Branches(left) = &mut execution.step else {
        return Ok(());
    };
    if branch.status != Status::Succeeded {
        execution.record_bare(world.now, "ParallelStateFailed")?;
        return Err(branch
            .failure
            .unwrap_or_else(|| Failure::new("States.Runtime", String::new())));
    }
    let output = branch.output.as_deref().unwrap_or("null");
    left[index] = serde_json::from_str(output).ok();
    let Some(results) = left.iter().cloned().collect::<Option<Vec<Value>>>() else {
        return Ok(());
    };
    execution.record_bare(world.now, "ParallelStateSucceeded")?;
    let definition = Arc::clone(&execution.definition);
    let state = &definition.states[&execution.place.state];
    let context = execution.context(false);
    let input = &execution.place.input;
    let output = flow::outcome(&state.flow, input, Value::Array(results), &context, &mut || {
        world.uuid()
    });
    let output = output.map_err(|fault| execution.within(fault))?;
    leave(world, execution, output, state.next.as_deref())
}

/// Ends whatever branches of it there still are.
pub(super) fn stop(world: &mut World, arn: &str) {
    let is_its = |branch: &Execution| branch.branch.as_ref().is_some_and(|branch| branch.of == arn);
    let its = world.stepfunctions.executions.values().filter(|branch| is_its(branch));
    let its: Vec<(u64, String)> = its.map(|branch| (branch.serial, branch.arn.clone())).collect();
    for (serial, arn) in its {
        world.stepfunctions.running.remove(&serial);
        world.stepfunctions.executions.remove(&arn);
        stop(world, &arn);
    }
}
