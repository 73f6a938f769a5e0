use crate::policy::{Bounded, CountedMetric};
use crate::{At, Images, Part, Role, Suspended};
use std::collections::BTreeMap;

/// The world as it was just looked at; each part known, or unknown and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The small service.
    pub canary: Part<SeenService>,
    /// The large one.
    pub stable: Part<SeenService>,
    /// The pipeline execution of the release.
    pub pipeline: Part<SeenExecution>,
    /// The policy's alarms.
    pub alarms: Part<Vec<SeenAlarm>>,
    /// What canary and stable have counted, for each comparison that was asked for.
    pub compared: Part<Vec<SeenComparison>>,
    /// What metrics were, for each measure that was asked for.
    pub measured: Part<Vec<SeenMeasure>>,
    /// What of the canary's automatic scaling is suspended, where it is scaled at all; nobody, where nobody asks.
    pub scaling: Part<Option<Suspended>>,
    /// The same of stable's, asked only where services exchange their roles.
    pub old_scaling: Part<Option<Suspended>>,
    /// What the policy's listener rule forwards to; nothing where there is no such rule, or nobody asks.
    pub forwards: Part<Option<SeenForward>>,
    /// The canary's targets behind the load balancer; none where nobody asks.
    pub targets: Part<SeenTargets>,
    /// Messages in the policy's dead-letter queues, by queue name; empty while nothing is judged.
    pub dead_letters: BTreeMap<String, Part<u64>>,
    /// Tasks that have stopped, by service name; empty while nothing is judged by them.
    pub stopped: BTreeMap<String, Part<Vec<SeenStopped>>>,
    /// The executions of [`Release::barred`](crate::Release::barred), by id.
    pub barred: BTreeMap<String, Part<SeenExecution>>,
    /// The release of another policy that was rolled back and ended the execution of this one, where one did; asked
    /// only where that is over.
    pub sibling: Option<String>,
    /// Another policy on the same pipeline, whose release an approval would let go on as well; asked only where an
    /// approval waits for Serin's answer.
    pub shared_with: Part<Option<String>>,
}

impl Seen {
    /// Before anything was looked at.
    pub fn nothing() -> Seen {
        let why = "not looked at yet";
        Seen {
            canary: Part::Unknown(why.to_owned()),
            stable: Part::Unknown(why.to_owned()),
            pipeline: Part::Unknown(why.to_owned()),
            alarms: Part::Unknown(why.to_owned()),
            compared: Part::Unknown(why.to_owned()),
            measured: Part::Unknown(why.to_owned()),
            scaling: Part::Unknown(why.to_owned()),
            old_scaling: Part::Unknown(why.to_owned()),
            forwards: Part::Unknown(why.to_owned()),
            targets: Part::Unknown(why.to_owned()),
            dead_letters: BTreeMap::new(),
            stopped: BTreeMap::new(),
            barred: BTreeMap::new(),
            sibling: None,
            shared_with: Part::Unknown(why.to_owned()),
        }
    }

    /// Whether nothing was looked at: what is unknown then is no sign of trouble.
    pub fn is_nothing(&self) -> bool {
        *self == Seen::nothing()
    }

    /// One of the two services.
    pub fn service(&self, role: Role) -> &Part<SeenService> {
        match role {
            Role::Canary => &self.canary,
            Role::Stable => &self.stable,
        }
    }
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenService {
    /// The deployment that ECS is going to or has reached.
    pub primary: SeenDeployment,
    /// Running tasks of all other deployments: what still has to go.
    pub older_running: u32,
    /// The other deployments, which ECS is replacing.
    pub older: Vec<SeenOlder>,
    /// Why ECS gave deployments up, by their ids, bounded and escaped; those that it still shows.
    pub given_up: BTreeMap<String, String>,
    /// Tasks asked for.
    pub desired: u32,
    /// ARN of the service revision of the PRIMARY deployment, where ECS gives one.
    pub service_revision: Option<String>,
    /// The service deployment in flight, where there is one.
    pub in_flight: Option<SeenServiceDeployment>,
    /// ARNs of the listener rules whose weights ECS itself sets in this service's deployments.
    pub shifted_by_ecs: Vec<String>,
}

/// What a load balancer's rule does with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenForward {
    /// What it does in the place of forwarding, in AWS's word (`fixed-response`); then it has no groups.
    pub answers: Option<String>,
    /// Weight of the canary's target group; nothing where it is not among those forwarded to.
    pub canary: Option<u32>,
    /// Weight of stable's.
    pub stable: Option<u32>,
    /// Weights of all others together.
    pub others: u32,
    /// For how long sessions stick to the group that they came to first, where they do.
    pub sticky_seconds: Option<u32>,
    /// Value of the rule's tag `serin:policy`, where it has one; asked as long as more may be given.
    pub tagged: Option<String>,
}

/// Targets of a target group, without those that are on their way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenTargets {
    /// Those that are healthy.
    pub healthy: u32,
    /// All of them.
    pub all: u32,
    /// What the load balancer says of the first that is not.
    pub why: Option<String>,
}

/// An ECS deployment that is being replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenOlder {
    /// `ecs-svc/…`.
    pub id: String,
    /// Task definition.
    pub task_definition: String,
    /// Tasks that run or are about to.
    pub tasks: u32,
}

/// An ECS deployment, the PRIMARY one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenDeployment {
    /// `ecs-svc/…`.
    pub id: String,
    /// Task definition.
    pub task_definition: String,
    /// When ECS created it.
    pub created: At,
    /// Where it is.
    pub rollout: Rollout,
    /// Running tasks.
    pub running: u32,
    /// Image digests; read only where the task definition is not one we know.
    pub images: Part<Images>,
    /// Image names as the definition spells them; read only where the task definition is not one we know.
    pub image_names: Part<Images>,
    /// Configuration hash; read only where the task definition is not one we know.
    pub configuration: Part<String>,
    /// Who began it; read only on the canary, and only where the task definition is not one we know.
    pub started_by: Part<StartedBy>,
}

/// Who began a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartedBy {
    /// A deploy action of the policy's pipeline.
    Execution {
        /// Execution id.
        execution: String,
        /// Id of this run of the action; a retry has another.
        action_execution: String,
        /// Whether it is of type ROLLBACK: no release, but an older one being deployed again.
        rollback: bool,
    },
    /// No pipeline action, but while one was at work, over what that had given the service.
    SomebodyAfter {
        /// Execution id.
        execution: String,
        /// Id of that run of the action.
        action_execution: String,
    },
    /// No pipeline action: a person, another tool, or ECS itself.
    Nobody,
}

/// `rolloutState` of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Under way.
    InProgress,
    /// Reached; also where ECS gives no state, as behind a Classic Load Balancer.
    Completed,
    /// Given up by the circuit breaker.
    Failed,
}

/// A service deployment that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// PENDING or IN_PROGRESS: it can still be stopped.
    pub stoppable: bool,
    /// ROLLBACK_REQUESTED or ROLLBACK_IN_PROGRESS: ECS goes back by itself.
    pub rolling_back: bool,
    /// ARNs of the service revisions it started from.
    pub sources: Vec<String>,
}

/// The pipeline execution of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenExecution {
    /// Its status.
    pub status: ExecutionStatus,
    /// The open approval that belongs to it, if one is open.
    pub approval: Option<crate::Approval>,
    /// When its own deploy action on the canary was through; asked only while what that gave was not seen.
    pub deployed: Option<At>,
    /// Whether the stage that promotes is running for it.
    pub promoting: bool,
    /// Whether the stage that promotes was abandoned for it, by us or by anybody: its action may still write.
    pub abandoned: bool,
    /// Whether an action before that was abandoned: it may still write to the canary.
    pub abandoned_before: bool,
    /// Why the inbound transition of the promoting stage is disabled, if it is.
    pub held: Option<String>,
    /// Only the status could be read: approval, promotion and transition are not known.
    pub only_status: bool,
}

/// Status of a pipeline execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// Under way.
    InProgress,
    /// Told to stop, waiting for running actions.
    Stopping,
    /// It can do nothing any more unless a person retries it.
    Over(Over),
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// All stages passed.
    Succeeded,
    /// A stage failed, a rejected approval included.
    Failed,
    /// Stopped.
    Stopped,
    /// A newer execution took its place, or the pipeline was edited.
    Replaced,
}

/// A CloudWatch alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAlarm {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: AlarmState,
    /// Since when, by CloudWatch's clock.
    pub since: At,
    /// CloudWatch's reason, bounded and escaped.
    pub reason: String,
    /// Whether its actions are suppressed at the moment.
    pub suppressed: bool,
    /// The queue whose depth it is on, where it is on one and on nothing else.
    pub depth_of: Option<String>,
    /// When it went to ALARM since the release has to answer for it, by its history; asked only where it has changed since
    /// then and is not in ALARM any more.
    pub rang: Part<Vec<SeenRing>>,
}

/// A transition to ALARM that is past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRing {
    /// When, by CloudWatch's clock.
    pub at: At,
    /// CloudWatch's reason, bounded and escaped.
    pub reason: String,
}

/// A task that has stopped, or was told to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenStopped {
    /// Its id.
    pub task: String,
    /// Task definition that it ran.
    pub task_definition: String,
    /// When ECS created it.
    pub created: At,
    /// Who or what stopped it.
    pub code: StopCode,
    /// ECS's reason and what its containers ended with, bounded and escaped.
    pub reason: String,
}

/// Who or what stopped a task, as far as that tells a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCode {
    /// It never came to run.
    FailedToStart,
    /// A container without which it cannot be ended by itself.
    ContainerExited,
    /// The service's scheduler, for a reason that it gives.
    Scheduler,
    /// A person, Spot, the host beneath it, or something newer than this program.
    Other,
}

/// What one `compare` check wants to know: what two revisions have counted over the same minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Place of the check in the policy.
    pub check: usize,
    /// What is counted.
    pub metric: CountedMetric,
    /// `family:revision` of what the canary was given.
    pub canary: String,
    /// The same of what stable runs.
    pub stable: String,
    /// From this minute on.
    pub from: At,
    /// Until this one, which does not count any more.
    pub until: At,
}

/// The answer to a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenComparison {
    /// What was asked.
    pub asked: Comparison,
    /// What the canary's revision has counted.
    pub canary: SeenCount,
    /// What stable's has.
    pub stable: SeenCount,
}

/// What a revision has counted; nothing where CloudWatch has no data at all, which is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenCount {
    /// Messages that failed.
    pub failed: Option<u64>,
    /// All messages.
    pub total: Option<u64>,
}

/// What one `metric` check wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Place of the check in the policy.
    pub check: usize,
    /// What is measured, the revision named.
    pub metric: Bounded,
    /// When the first period begins.
    pub from: At,
    /// When the last one ends.
    pub until: At,
}

/// The answer to a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenMeasure {
    /// What was asked.
    pub asked: Measure,
    /// One value for each period, in order; nothing where there is no datum, which is not 0.
    pub values: Part<Vec<Option<f64>>>,
}

/// CloudWatch knows no number that is not one; whoever reads them takes others for none.
impl Eq for SeenMeasure {}

/// State of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// OK.
    Ok,
    /// ALARM.
    Alarm,
    /// INSUFFICIENT_DATA, or a state that AWS has added since.
    InsufficientData,
}
