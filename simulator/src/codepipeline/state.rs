//! What the service remembers: pipelines, their executions, the runs of their actions.

use super::ecs_deploy::Deployment;
use super::structure::{Action, Kind, Structure};
use crate::time::At;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// State of an execution, and of a stage in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Cancelled,
    /// Executions only.
    Superseded,
}

impl Status {
    /// As the API spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::InProgress => "InProgress",
            Status::Stopping => "Stopping",
            Status::Stopped => "Stopped",
            Status::Succeeded => "Succeeded",
            Status::Failed => "Failed",
            Status::Cancelled => "Cancelled",
            Status::Superseded => "Superseded",
        }
    }

    pub(crate) fn is_open(self) -> bool {
        matches!(self, Status::InProgress | Status::Stopping)
    }
}

/// State of one run of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunStatus {
    InProgress,
    Abandoned,
    Succeeded,
    Failed,
}

impl RunStatus {
    /// As the API spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RunStatus::InProgress => "InProgress",
            RunStatus::Abandoned => "Abandoned",
            RunStatus::Succeeded => "Succeeded",
            RunStatus::Failed => "Failed",
        }
    }
}

/// Why a run failed: AWS's error code and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `JobFailed`, `ConfigurationError`, `PermissionError`, ...
    pub code: String,
    /// Text for people.
    pub message: String,
}

impl Failure {
    /// A failure with this code and text.
    pub fn new(code: &str, message: impl Into<String>) -> Failure {
        Failure {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "code": self.code, "message": self.message })
    }
}

/// What a run does until it ends.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Ends by itself with this outcome.
    Timed(Result<(), Failure>),
    /// Deploys to ECS.
    Deploy(Deployment),
    /// Waits for a person.
    Approval { token: String },
    /// Waits for an execution of a state machine, by its ARN.
    Machine { execution: String },
    /// Waits for PutJob*. The job is the newest one; `resume` is the token of a continuation that is still to come.
    Job {
        job: String,
        resume: Option<String>,
        gives_up: At,
    },
}

/// Where an artifact lies, and which revision it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Artifact {
    pub(crate) name: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) revision: Option<String>,
}

impl Artifact {
    /// `ArtifactDetail`: name and place.
    pub(crate) fn detail(&self, place: &str) -> Value {
        json!({ "name": self.name, place: { "bucket": self.bucket, "key": self.key } })
    }
}

/// One run of one action in one execution.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    /// Index of the execution.
    pub(crate) execution: usize,
    pub(crate) stage: String,
    pub(crate) action: Action,
    pub(crate) resolved: BTreeMap<String, String>,
    pub(crate) status: RunStatus,
    pub(crate) started: At,
    pub(crate) updated: At,
    /// When something next happens in it; also after it was abandoned, where the provider goes on.
    pub(crate) due: Option<At>,
    pub(crate) work: Work,
    pub(crate) inputs: Vec<Artifact>,
    pub(crate) outputs: Vec<Artifact>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) summary: Option<String>,
    pub(crate) failure: Option<Failure>,
    pub(crate) external_id: Option<String>,
    pub(crate) external_url: Option<String>,
    pub(crate) updated_by: Option<String>,
}

impl Run {
    /// The approval token, while it can be used.
    pub(crate) fn pending_token(&self) -> Option<&str> {
        match &self.work {
            Work::Approval { token } if self.status == RunStatus::InProgress => Some(token),
            _ => None,
        }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.action.kind == kind
    }
}

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In front of the stage with this index.
    Before(usize),
    /// In the stage with this index.
    In(usize),
    /// Past the last stage.
    Through,
}

/// Who had a stage retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryTrigger {
    Manual,
    Automated,
}

/// How often a stage was retried in one execution.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Retries {
    pub(crate) manual: u32,
    pub(crate) automatic: u32,
    pub(crate) latest: Option<(RetryTrigger, At)>,
}

impl Retries {
    pub(crate) fn count(&mut self, trigger: RetryTrigger, now: At) {
        match trigger {
            RetryTrigger::Manual => self.manual += 1,
            RetryTrigger::Automated => self.automatic += 1,
        }
        self.latest = Some((trigger, now));
    }

    /// `RetryStageMetadata`; nothing where nobody retried.
    pub(crate) fn json(self) -> Option<Value> {
        let (trigger, _) = self.latest?;
        let latest = match trigger {
            RetryTrigger::Manual => "ManualStageRetry",
            RetryTrigger::Automated => "AutomatedStageRetry",
        };
        Some(json!({
            "manualStageRetryAttempt": self.manual, "autoStageRetryAttempt": self.automatic,
            "latestRetryTrigger": latest,
        }))
    }
}

/// One stage as one execution went through it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) status: Status,
    pub(crate) started: At,
    pub(crate) retries: Retries,
    /// It has failed, and `onFailure` has not been looked at yet.
    pub(crate) unanswered: bool,
    /// The run that counts for each action: index into the pipeline's runs.
    pub(crate) runs: BTreeMap<String, usize>,
}

/// One execution of a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) id: String,
    pub(crate) version: usize,
    pub(crate) status: Status,
    pub(crate) place: Place,
    pub(crate) started: At,
    pub(crate) updated: At,
    /// 1, and one more for each retry.
    pub(crate) attempt: u32,
    pub(crate) trigger: (&'static str, String),
    /// Index of the execution it rolls a stage back to, if that is what it is for.
    pub(crate) rollback_to: Option<usize>,
    /// Waited so long at a disabled transition that it will not go on.
    pub(crate) stranded: bool,
    pub(crate) stop_reason: Option<String>,
    pub(crate) variables: BTreeMap<String, String>,
    /// Revisions asked for, by source action.
    pub(crate) overrides: BTreeMap<String, String>,
    /// Revisions taken, by source action.
    pub(crate) revisions: Vec<(String, Artifact, At)>,
    pub(crate) artifacts: BTreeMap<String, Artifact>,
    /// Text of the image definition file in each artifact.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) visits: BTreeMap<String, Visit>,
}

/// Whether executions may enter a stage, and who said so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transition {
    pub(crate) disabled: Option<String>,
    pub(crate) changed: Option<(At, String)>,
}

/// What survives of a stage from one execution to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct StageMemory {
    /// Index of the execution that entered last.
    pub(crate) latest: Option<usize>,
    pub(crate) inbound: Transition,
    pub(crate) outbound: Transition,
}

/// How an action of the simulation behaves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behaviour {
    pub(crate) seconds: Option<i64>,
    pub(crate) failure: Option<Failure>,
    /// Output variables of a run that succeeds.
    pub(crate) variables: BTreeMap<String, String>,
    /// Seconds after which it still writes, once abandoned.
    pub(crate) late_write_seconds: Option<i64>,
}

/// One pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) name: String,
    /// Declaration and structure of each version, the first is version 1.
    pub(crate) versions: Vec<(Value, Structure)>,
    pub(crate) created: At,
    pub(crate) updated: At,
    /// In the order in which they started.
    pub(crate) executions: Vec<Execution>,
    /// In the order in which they started.
    pub(crate) runs: Vec<Run>,
    pub(crate) stages: BTreeMap<String, StageMemory>,
    /// Client request token to execution index.
    pub(crate) tokens: BTreeMap<String, usize>,
    /// What the next execution finds in its artifacts.
    pub(crate) files: BTreeMap<String, String>,
    /// By stage and action.
    pub(crate) behaviours: BTreeMap<(String, String), Behaviour>,
}

impl Pipeline {
    pub(crate) fn current(&self) -> &Structure {
        &self.versions[self.versions.len() - 1].1
    }

    pub(crate) fn is_v2(&self) -> bool {
        self.versions[self.versions.len() - 1].0["pipelineType"] == "V2"
    }

    /// `executionType` of an execution.
    pub(crate) fn execution_type(&self, execution: usize) -> &'static str {
        match self.executions[execution].rollback_to {
            Some(_) => "ROLLBACK",
            None => "STANDARD",
        }
    }

    /// `rollbackMetadata` of an execution; nothing for one that is no rollback.
    pub(crate) fn rollback_metadata(&self, execution: usize) -> Option<Value> {
        let target = self.executions[execution].rollback_to?;
        Some(json!({ "rollbackTargetPipelineExecutionId": self.executions[target].id }))
    }

    /// The structure an execution started with.
    pub(crate) fn structure_of(&self, execution: usize) -> &Structure {
        &self.versions[self.executions[execution].version - 1].1
    }

    pub(crate) fn execution_index(&self, id: &str) -> Option<usize> {
        self.executions.iter().position(|execution| execution.id == id)
    }
}
