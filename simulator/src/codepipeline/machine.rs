//! `Invoke/AWS/StepFunctions/1`: starts an execution of a state machine, and ends as that does.
//!
//! The execution is named after the run of the action, behind a prefix where one is declared; without an input it is given an
//! empty object. See "AWS Step Functions invoke action reference", AWS CodePipeline User Guide. How often CodePipeline looks,
//! and the text of a failure, are not documented: both are ours.

use super::run;
use super::state::{Failure, Pipeline, RunStatus, Work};
use crate::world::World;
use serde_json::{Value, json};

/// Seconds between two looks at the execution.
const POLL_SECONDS: i64 = 15;

/// Starts the execution.
pub(crate) fn begin(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let run = &pipeline.runs[index];
    let set = |name: &str| run.resolved.get(name).map(String::as_str);
    let name = match set("ExecutionNamePrefix") {
        Some(prefix) => format!("{prefix}-{}", run.id),
        None => run.id.clone(),
    };
    let request = json!({
        "stateMachineArn": set("StateMachineArn"), "name": name, "input": set("Input").unwrap_or("{}"),
    });
    match call(world, pipeline, index, "StartExecution", request) {
        Err(failure) => run::finish(world, pipeline, index, Err(failure)),
        Ok(started) => {
            let arn = started["executionArn"].as_str().unwrap_or_default().to_owned();
            let run = &mut pipeline.runs[index];
            run.external_id = Some(arn.clone());
            run.variables.insert("ExecutionArn".to_owned(), arn.clone());
            run.due = Some(world.now.plus_seconds(POLL_SECONDS));
            run.work = Work::Machine { execution: arn };
        }
    }
}

/// Looks at it.
pub(crate) fn wake(world: &mut World, pipeline: &mut Pipeline, index: usize, execution: &str) {
    if pipeline.runs[index].status != RunStatus::InProgress {
        return;
    }
    let request = json!({ "executionArn": execution });
    let found = match call(world, pipeline, index, "DescribeExecution", request) {
        Ok(found) => found,
        Err(failure) => return run::finish(world, pipeline, index, Err(failure)),
    };
    let text = |member: &str| found[member].as_str().unwrap_or_default();
    match text("status") {
        "RUNNING" => pipeline.runs[index].due = Some(world.now.plus_seconds(POLL_SECONDS)),
        "SUCCEEDED" => run::finish(world, pipeline, index, Ok(())),
        status => {
            let text = format!("The execution ended as {status}: {} {}", text("error"), text("cause"));
            run::finish(world, pipeline, index, Err(Failure::new("JobFailed", text.trim_end())));
        }
    }
}

fn call(
    world: &mut World,
    pipeline: &Pipeline,
    index: usize,
    operation: &str,
    request: Value,
) -> Result<Value, Failure> {
    let run = &pipeline.runs[index];
    let caller = format!("codepipeline:{}/{}/{}", pipeline.name, run.stage, run.action.name);
    let reply = world.call(&caller, "stepfunctions", operation, request);
    reply.map_err(|refusal| Failure::new("ConfigurationError", refusal.to_string()))
}
