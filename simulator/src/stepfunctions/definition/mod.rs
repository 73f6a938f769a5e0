//! The definition of a state machine, read and checked.
//!
//! Amazon States Language: <https://states-language.net/spec.html>; limits and texts: Step Functions developer
//! guide and what CreateStateMachine answers.

mod fields;
mod handlers;
mod problems;
mod rules;
mod state;
mod transitions;

use super::choice::Rule;
use super::path::Path;
use super::template::{Expression, Template};
use super::timestamp::Timestamp;
use crate::refusal::Refusal;
use problems::Problems;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A state machine that can be run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    /// The first state.
    pub start_at: String,
    /// By name.
    pub states: BTreeMap<String, State>,
    /// How long an execution may take.
    pub timeout_seconds: Option<i64>,
}

/// One state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// What it does.
    pub kind: Kind,
    /// What it is given and what it leaves.
    pub flow: Flow,
    /// Where it leads; nowhere ends the execution.
    pub next: Option<String>,
}

/// What a state does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Task(Box<Task>),
    Choice { rules: Vec<Rule>, default: Option<String> },
    Wait(Wait),
    Pass { result: Option<Value> },
    Parallel { branches: Vec<Arc<Definition>> },
    Succeed,
    Fail { error: Option<Text>, cause: Option<Text> },
}

/// How data comes in and goes out. A place that is `None` was written as `null`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flow {
    pub input_path: Option<Path>,
    pub parameters: Option<Template>,
    pub result_selector: Option<Template>,
    pub result_path: Option<Path>,
    pub output_path: Option<Path>,
}

/// Work done by others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub resource: Resource,
    pub timeout_seconds: Option<i64>,
    pub retriers: Vec<Retrier>,
    pub catchers: Vec<Catcher>,
}

/// Who does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// `arn:aws:states:::lambda:invoke`.
    LambdaInvoke,
    /// `arn:aws:states:::states:startExecution`.
    StartExecution,
    /// `arn:aws:states:::sns:publish`.
    Publish,
    /// `arn:aws:states:::events:putEvents`.
    PutEvents,
    /// A function, by its own ARN.
    Function(String),
}

/// When to try again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retrier {
    pub errors: Vec<String>,
    pub interval_seconds: f64,
    pub max_attempts: u64,
    pub backoff_rate: f64,
    pub max_delay_seconds: Option<f64>,
    /// `JitterStrategy` is `FULL`.
    pub is_jittered: bool,
}

/// Where an error leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Catcher {
    pub errors: Vec<String>,
    pub result_path: Option<Path>,
    pub next: String,
}

/// Until when to wait.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wait {
    Seconds(i64),
    SecondsPath(Path),
    Timestamp(Timestamp),
    TimestampPath(Path),
}

/// A text, as it is or from the data.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Text {
    Plain(String),
    Expression(Expression),
}

/// Reads a definition.
///
/// # Errors
/// InvalidDefinition, with everything that is wrong in it.
pub(super) fn read(text: &str) -> Result<Definition, Refusal> {
    let mut problems = Problems::default();
    let read = match serde_json::from_str(text) {
        Ok(Value::Object(machine)) => state::machine(&Value::Object(machine), &mut problems),
        Ok(_) => {
            problems.schema("", "Definition must be a valid JSON object");
            None
        }
        Err(error) => {
            problems.not_json(&error.to_string());
            None
        }
    };
    if let Some(definition) = read.as_ref().filter(|_| problems.is_empty()) {
        transitions::check(definition, "", &mut problems);
    }
    match read.filter(|_| problems.is_empty()) {
        Some(definition) => Ok(definition),
        None => Err(problems.refusal()),
    }
}
