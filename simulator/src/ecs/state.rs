//! What ECS remembers.

use super::Key;
use crate::time::At;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// Whether a task's containers began or ceased to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// From here on they run.
    Started,
    /// From here on they do not.
    Stopped,
}

/// One entry of the history the laws read.
#[derive(Clone, Debug, PartialEq)]
pub struct RanAt {
    /// When.
    pub at: At,
    /// Service ARN.
    pub service: String,
    /// Task ARN.
    pub task: String,
    /// Task definition ARN.
    pub task_definition: String,
    /// Digest of every container's image.
    pub images: BTreeMap<String, String>,
    /// Which of the two.
    pub ran: Ran,
}

/// What becomes of a task's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lived {
    /// It runs from now on.
    Runs,
    /// SIGTERM: it has its stop time from now on.
    ToldToStop {
        /// When it will be gone.
        gone: At,
    },
    /// It is gone, however.
    Ended,
}

/// What [`crate::workload`] hears of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// When.
    pub at: At,
    /// Service ARN.
    pub service: String,
    /// Task ARN.
    pub task: String,
    /// Task definition ARN.
    pub definition: String,
    /// Digest of every container's image.
    pub images: BTreeMap<String, String>,
    /// Which of the three.
    pub lived: Lived,
}

/// One revision of a task definition.
#[derive(Debug)]
pub(super) struct Definition {
    pub arn: String,
    /// As `DescribeTaskDefinition` tells it, status included.
    pub json: Value,
    pub containers: Vec<ContainerSpec>,
    /// The longest `stopTimeout` of its containers.
    pub stop_seconds: i64,
    pub inactive_since: Option<At>,
}

#[derive(Clone, Debug)]
pub(super) struct ContainerSpec {
    pub name: String,
    pub image: String,
    pub essential: bool,
    /// `versionConsistency`: is the first digest kept for the whole deployment?
    pub consistent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Draining,
    Inactive,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Draining => "DRAINING",
            Status::Inactive => "INACTIVE",
        }
    }
}

#[derive(Debug)]
pub(super) struct Service {
    pub arn: String,
    pub name: String,
    pub cluster: String,
    pub cluster_arn: String,
    pub status: Status,
    pub desired: i64,
    pub created_at: At,
    pub gone_at: Option<At>,
    pub client_token: Option<String>,
    /// What was asked for and is only told back.
    pub settings: Map<String, Value>,
    pub config: Config,
    /// Newest first; the first is PRIMARY.
    pub rollouts: Vec<Rollout>,
    /// Oldest first, all that ever were.
    pub deployments: Vec<Deployment>,
    /// Oldest first, all that ever were.
    pub revisions: Vec<Revision>,
    /// Newest first, a hundred at most.
    pub events: VecDeque<Value>,
    /// Tasks that are not STOPPED yet.
    pub live: Vec<u64>,
    pub last_completed: Option<Completed>,
    pub steady: bool,
    /// It has been said that too many tasks are protected.
    pub said_protected: bool,
    pub wake: Option<Key>,
    pub snapshots: VecDeque<(At, Value)>,
}

/// What a rollback goes back to.
#[derive(Clone, Debug)]
pub(super) struct Completed {
    pub rollout: String,
    pub revision: usize,
}

/// `DeploymentConfiguration`, as far as the scheduler reads it.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub json: Value,
    pub min_percent: i64,
    pub max_percent: i64,
    pub breaker: Option<Breaker>,
    pub alarm_names: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Breaker {
    pub rollback: bool,
    pub reset_on_healthy: bool,
    pub threshold: Threshold,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Threshold {
    Count(i64),
    BoundedPercent(i64),
    UnboundedPercent(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

impl RolloutState {
    pub fn name(self) -> &'static str {
        match self {
            RolloutState::InProgress => "IN_PROGRESS",
            RolloutState::Completed => "COMPLETED",
            RolloutState::Failed => "FAILED",
        }
    }
}

/// An entry of a service's `deployments[]`.
#[derive(Debug)]
pub(super) struct Rollout {
    pub id: String,
    pub revision: usize,
    pub deployment: usize,
    pub state: RolloutState,
    pub reason: String,
    pub failed: i64,
    /// No tasks before this: PENDING, or held back after failures.
    pub not_before: At,
    pub is_rollback: bool,
    pub created_at: At,
    pub updated_at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeploymentStatus {
    Pending,
    InProgress,
    Successful,
    StopRequested,
    Stopped,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl DeploymentStatus {
    pub fn name(self) -> &'static str {
        match self {
            DeploymentStatus::Pending => "PENDING",
            DeploymentStatus::InProgress => "IN_PROGRESS",
            DeploymentStatus::Successful => "SUCCESSFUL",
            DeploymentStatus::StopRequested => "STOP_REQUESTED",
            DeploymentStatus::Stopped => "STOPPED",
            DeploymentStatus::RollbackRequested => "ROLLBACK_REQUESTED",
            DeploymentStatus::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            DeploymentStatus::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            DeploymentStatus::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    pub fn is_over(self) -> bool {
        matches!(
            self,
            DeploymentStatus::Successful
                | DeploymentStatus::Stopped
                | DeploymentStatus::RollbackSuccessful
                | DeploymentStatus::RollbackFailed
        )
    }
}

/// A service deployment, from `CreateService` or `UpdateService` to its end, rollback included.
#[derive(Debug)]
pub(super) struct Deployment {
    pub arn: String,
    pub status: DeploymentStatus,
    pub reason: Option<String>,
    pub sources: Vec<usize>,
    pub target: usize,
    pub config: Config,
    pub created_at: At,
    pub started_at: Option<At>,
    pub finished_at: Option<At>,
    pub stopped_at: Option<At>,
    pub updated_at: At,
    pub rollback: Option<Rollback>,
    pub failures: i64,
    pub threshold: i64,
    pub breaker_triggered: bool,
    pub triggered_alarms: Vec<String>,
    /// The one thing that will happen to it by itself, an alarm apart.
    pub next: Option<Key>,
    pub alarm: Option<Key>,
}

#[derive(Clone, Debug)]
pub(super) struct Rollback {
    pub reason: String,
    pub started_at: At,
    pub revision: usize,
}

/// A service revision: what a deployment froze.
#[derive(Debug)]
pub(super) struct Revision {
    pub arn: String,
    pub definition: String,
    pub created_at: At,
    /// The service's settings at that time.
    pub settings: Map<String, Value>,
    /// Digest by container, known once the first task has pulled.
    pub digests: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Provisioning,
    Pending,
    Running,
    /// It leaves its target groups.
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Stage::Provisioning => "PROVISIONING",
            Stage::Pending => "PENDING",
            Stage::Running => "RUNNING",
            Stage::Deactivating => "DEACTIVATING",
            Stage::Stopping => "STOPPING",
            Stage::Deprovisioning => "DEPROVISIONING",
            Stage::Stopped => "STOPPED",
        }
    }
}

#[derive(Debug)]
pub(super) struct Task {
    pub arn: String,
    pub service: usize,
    pub rollout: String,
    pub revision: usize,
    pub definition: String,
    pub stage: Stage,
    /// `desiredStatus` is RUNNING.
    pub wanted: bool,
    pub healthy: bool,
    pub version: u64,
    pub zone: char,
    pub containers: Vec<Container>,
    pub stop: Option<Stop>,
    /// Its process did not listen, and SIGKILL ends it.
    pub killed: bool,
    pub created_at: At,
    pub pull_started_at: Option<At>,
    pub pull_stopped_at: Option<At>,
    pub started_at: Option<At>,
    pub stopping_at: Option<At>,
    pub execution_stopped_at: Option<At>,
    pub stopped_at: Option<At>,
    /// When it exits by itself, and which container does.
    pub exits: Option<(At, usize)>,
    pub next: Option<Key>,
    /// Until when the scheduler may not stop it, and the end of that in the queue.
    pub protected: Option<(At, Key)>,
}

impl Task {
    /// Digest by container, of those that are pulled.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let pulled = self
            .containers
            .iter()
            .filter_map(|c| Some((c.name.clone(), c.digest.clone()?)));
        pulled.collect()
    }

    /// Neither stopped nor about to be.
    pub fn counts(&self) -> bool {
        self.wanted && self.stage <= Stage::Running
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub code: &'static str,
    pub reason: String,
}

#[derive(Debug)]
pub(super) struct Container {
    pub name: String,
    pub image: String,
    pub essential: bool,
    pub id: String,
    pub digest: Option<String>,
    pub exit_code: Option<i64>,
    pub reason: Option<String>,
}
