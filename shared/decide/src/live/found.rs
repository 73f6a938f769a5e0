//! What is found of everything that a policy names, before any release.

use crate::{AlarmState, At, Part, SeenForward, SeenTargets};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a policy names; each part known, or unknown and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The small service; nothing where there is none of its name.
    pub canary: Part<Option<Service>>,
    /// The large one.
    pub stable: Part<Option<Service>>,
    /// The alarms of the policy that exist.
    pub alarms: Part<Vec<Alarm>>,
    /// The queues whose metrics these alarms watch and those that checks count, by name; nothing where there is none.
    pub queues: BTreeMap<String, Part<Option<Queue>>>,
    /// The pipeline; nothing where there is none of its name, or the policy names none.
    pub pipeline: Part<Option<Pipeline>>,
    /// The load balancer's rule; nothing where there is none, or the policy names none.
    pub rule: Part<Option<Rule>>,
    /// ARN of the topic by which manual approvals ask Serin, where whoever sits there has named it.
    pub approvals: Option<String>,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Who deploys it: `ECS`, `CODE_DEPLOY` or `EXTERNAL`.
    pub controller: String,
    /// Value of the tag `serin:policy`, where it has one.
    pub policy_tag: Option<String>,
    /// Tasks that run.
    pub running: u32,
    /// Tasks asked for.
    pub desired: u32,
    /// ARNs of the target groups that its tasks are registered with.
    pub target_groups: Vec<String>,
    /// ARNs of the listener rules whose weights ECS itself sets in its deployments.
    pub shifted_by_ecs: Vec<String>,
    /// Names of the containers in its task definition.
    pub containers: Part<BTreeSet<String>>,
}

/// A load balancer's listener rule, or a listener's default action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it forwards to, if it forwards.
    pub forwards: Option<SeenForward>,
    /// Value of the tag `serin:policy`, where it has one.
    pub policy_tag: Part<Option<String>>,
    /// Whether it is a listener's default rule.
    pub is_default: bool,
    /// The canary's targets.
    pub targets: Part<SeenTargets>,
}

/// A CloudWatch alarm.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// The state it is in.
    pub state: AlarmState,
    /// Since when.
    pub since: At,
    /// ARNs of what it does itself when it goes to ALARM.
    pub actions: Vec<String>,
    /// Whether it does that. EventBridge hears of it either way.
    pub actions_enabled: bool,
    /// What it watches.
    pub watches: Watches,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Watches {
    /// One metric, or several by an expression.
    Metrics {
        /// They.
        metrics: Vec<Metric>,
        /// Length of a period, the longest where they differ.
        period_seconds: u32,
        /// Periods that are looked at.
        periods: u32,
        /// Periods of these that must breach.
        periods_to_alarm: u32,
        /// How values are compared with the threshold, as AWS calls it (`GreaterThanThreshold`).
        comparison: String,
        /// The threshold, where it is a number.
        threshold: Option<f64>,
    },
    /// Something of which it cannot be told how long it takes: other alarms, for instance.
    Other(String),
}

/// A CloudWatch metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Dimensions, value by name.
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// The SQS queue that it measures, if it measures one.
    ///
    /// # Source
    /// Amazon SQS developer guide, "Available CloudWatch metrics for Amazon SQS": the only dimension is `QueueName`.
    pub fn queue(&self) -> Option<&str> {
        let queue = self.dimensions.get("QueueName").map(String::as_str);
        queue.filter(|_| self.namespace == "AWS/SQS")
    }
}

impl Alarm {
    /// Names of the SQS queues whose metrics it watches.
    pub fn queues(&self) -> BTreeSet<&str> {
        match &self.watches {
            Watches::Metrics { metrics, .. } => metrics.iter().filter_map(Metric::queue).collect(),
            Watches::Other(_) => BTreeSet::new(),
        }
    }
}

/// An SQS queue that an alarm watches or a check counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// Messages that could be received, about.
    pub messages: u64,
    /// Whether it has a dead-letter queue of its own: then it is one that work is taken from.
    pub redrives: bool,
    /// The queues whose dead letters it takes.
    pub sources: Part<Vec<Source>>,
}

/// A queue whose messages die into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// How often a message is handed out before it dies (`maxReceiveCount`).
    pub receives_max: u32,
    /// For how long nobody else is handed a message that somebody holds.
    pub visibility_seconds: u32,
}

/// A CodePipeline pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// `SUPERSEDED`, `QUEUED` or `PARALLEL`.
    pub mode: String,
    /// Value of the tag `serin:policy`, where it has one.
    pub policy_tag: Part<Option<String>>,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// A stage of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its actions, as they are declared.
    pub actions: Vec<Action>,
}

/// An action of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// Actions of a stage run in this order, those of one number side by side.
    pub run_order: u32,
    /// What it does.
    pub does: Does,
    /// `timeoutInMinutes`, of a manual approval that says so.
    pub timeout_minutes: Option<u32>,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// The standard ECS deploy action.
    Deploys {
        /// `ClusterName`.
        cluster: String,
        /// `ServiceName`.
        service: String,
    },
    /// Waits for an answer.
    Approval {
        /// The topic that it notifies.
        topic: Option<String>,
    },
    /// Calls a Lambda function.
    Job {
        /// `FunctionName`.
        function: String,
        /// The policy that its `UserParameters` name, where they do.
        policy: Option<String>,
    },
    /// Anything else, by its provider.
    Other(String),
}
