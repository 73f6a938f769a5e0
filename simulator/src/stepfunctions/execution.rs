//! One execution: where it stands and what it has been through.

use super::definition::Definition;
use super::failure::{Failure, Fault, RUNTIME};
use crate::time::At;
use serde_json::{Value, json};
use std::sync::Arc;

/// Events of one execution, at most: developer guide, "Step Functions service quotas". The last of them says that
/// it failed.
pub(super) const MOST_EVENTS: usize = 25_000;

/// How an execution stands; API reference, DescribeExecution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    /// As AWS spells it.
    pub fn spelling(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
            Status::TimedOut => "TIMED_OUT",
            Status::Aborted => "ABORTED",
        }
    }
}

/// What an execution waits for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// To be in its state.
    Enter(At),
    /// The end of a Wait state.
    Wait(At),
    /// Another attempt of a task.
    Retry(At),
    /// The answer of a function, if it comes in time.
    Call {
        ticket: u64,
        function: String,
        until: Option<At>,
    },
    /// Another execution to be started, by this request.
    Start(At, Value),
    /// Its branches, with what those have left that are through.
    Branches(Vec<Option<Value>>),
    /// Nothing: it has ended.
    Over,
}

/// Where an execution is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Name of the state.
    pub state: String,
    /// What the state was given, before `InputPath`.
    pub input: Value,
    /// When it was entered.
    pub entered: At,
    /// The event that says so.
    pub entered_event: usize,
    /// Attempts made by each retrier.
    pub tries: Vec<u64>,
}

/// Whose branch it is.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// ARN of the execution, or of the branch, that it is part of.
    pub of: String,
    /// ARN of the execution.
    pub execution: String,
    /// Its place among the branches.
    pub index: usize,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// When.
    pub at: At,
    /// The event before.
    pub previous: usize,
    /// `HistoryEventType`.
    pub kind: &'static str,
    /// Name and content of the event's own member.
    pub details: Option<(&'static str, Value)>,
}

/// One execution.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub arn: String,
    pub name: String,
    pub machine_arn: String,
    pub machine_name: String,
    pub role_arn: String,
    pub definition: Arc<Definition>,
    /// Grows from one execution to the next.
    pub serial: u64,
    /// Where it is no execution of its own but a branch of one.
    pub branch: Option<Branch>,
    pub input_text: String,
    pub input: Value,
    pub started: At,
    pub stopped: Option<At>,
    /// When it is over if it has not ended by itself.
    pub deadline: Option<At>,
    pub status: Status,
    pub output: Option<String>,
    pub failure: Option<Failure>,
    pub place: Place,
    pub step: Step,
    pub events: Vec<Event>,
}

impl Execution {
    /// When something next happens by itself.
    pub fn due(&self) -> Option<At> {
        let step = match &self.step {
            Step::Enter(at) | Step::Wait(at) | Step::Retry(at) | Step::Start(at, _) => Some(*at),
            Step::Call { until, .. } => *until,
            Step::Branches(_) => None,
            Step::Over => return None,
        };
        [step, self.deadline].into_iter().flatten().min()
    }

    /// Writes down an event, and answers with its number.
    ///
    /// # Errors
    /// The history has room for nothing but the end.
    pub fn record(&mut self, at: At, kind: &'static str, details: (&'static str, Value)) -> Result<usize, Failure> {
        self.append(at, kind, Some(details))
    }

    /// The same of an event that has nothing to tell but itself.
    ///
    /// # Errors
    /// As [`Execution::record`].
    pub fn record_bare(&mut self, at: At, kind: &'static str) -> Result<usize, Failure> {
        self.append(at, kind, None)
    }

    fn append(&mut self, at: At, kind: &'static str, details: Option<(&'static str, Value)>) -> Result<usize, Failure> {
        if self.events.len() + 1 >= MOST_EVENTS {
            let cause = format!("The execution reached the maximum number of history events ({MOST_EVENTS}).");
            return Err(Failure::new(RUNTIME, cause));
        }
        // The first state does not follow the execution's start: recorded histories of AWS have 0 there.
        let previous = if self.events.len() == 1 { 0 } else { self.events.len() };
        self.push(at, previous, kind, details);
        Ok(self.events.len())
    }

    /// Writes down an event whatever room there is.
    pub fn push(&mut self, at: At, previous: usize, kind: &'static str, details: Option<(&'static str, Value)>) {
        self.events.push(Event {
            at,
            previous,
            kind,
            details,
        });
    }

    /// The fault, as it is told of the state it happened in.
    pub fn within(&self, fault: Fault) -> Failure {
        let Place {
            state, entered_event, ..
        } = &self.place;
        let message = fault.message;
        let cause = format!(
            "An error occurred while executing the state '{state}' (entered at the event id #{entered_event}). {message}"
        );
        Failure::new(fault.error, cause)
    }

    /// The context object: developer guide, "Accessing execution data from the Context object".
    pub fn context(&self, is_task: bool) -> Value {
        let mut state = json!({ "Name": self.place.state, "EnteredTime": self.place.entered.iso_millis() });
        if is_task {
            state["RetryCount"] = json!(self.place.tries.iter().sum::<u64>());
        }
        let id = self.branch.as_ref().map_or(&self.arn, |branch| &branch.execution);
        json!({
            "Execution": {
                "Id": id, "Input": self.input, "StartTime": self.started.iso_millis(), "Name": self.name,
                "RoleArn": self.role_arn, "RedriveCount": 0,
            },
            "StateMachine": { "Id": self.machine_arn, "Name": self.machine_name },
            "State": state,
        })
    }
}
