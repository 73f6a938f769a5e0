//! What judges a canary, as a policy says it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One judge of the canary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// A CloudWatch alarm: it fails while the alarm is in ALARM for what happened since the canary changed.
    Alarm {
        /// Alarm name, in the policy's account and region.
        name: String,
        /// What an alarm means that went to ALARM before the canary changed.
        when_stale: WhenStale,
        /// What INSUFFICIENT_DATA means.
        insufficient_data: InsufficientData,
    },
    /// Canary against stable over the same minutes: it fails where the canary fails more of its messages.
    Compare {
        /// What is counted, by revision.
        metric: CountedMetric,
        /// How many times stable's share of failures the canary may have.
        ratio_max: Ratio,
        /// Messages that each side must have handled before anything is said.
        total_min: u32,
        /// Minutes looked back, never to before the canary's tasks ran.
        window_minutes: u32,
    },
    /// A dead-letter queue: it fails once the queue has gained too many messages since the canary changed.
    DlqGrowth {
        /// Queue name, in the policy's account and region.
        queue: String,
        /// Most messages that it may gain.
        messages_max: u32,
    },
    /// Tasks that fail: it fails once too many of what is released have failed.
    Health {
        /// Most tasks of a service that may fail within about an hour.
        failed_tasks_max: u32,
    },
}

/// Two metrics that count what each revision did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedMetric {
    /// Namespace of both.
    pub namespace: String,
    /// The one that counts messages that failed.
    pub failed: String,
    /// The one that counts all messages, those included that failed.
    pub total: String,
    /// The only dimension of both, whose value is `family:revision` of the task definition.
    pub dimension: String,
}

/// A finite number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(f64);

/// JSON knows no number that is not one.
impl Eq for Ratio {}

/// What an alarm means that went to ALARM before the canary's deployment was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenStale {
    /// No release goes forward before it has recovered.
    Block,
    /// It counts again once it has recovered and gone to ALARM anew.
    ArmOnRecovery,
    /// It does not count for this release.
    Ignore,
}

/// What an alarm in INSUFFICIENT_DATA means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsufficientData {
    /// As good as OK: the policy's author says so by name.
    Ok,
    /// Neither passes nor fails.
    Undecided,
}

impl Check {
    /// Name of the alarm that it asks, if it does.
    pub fn alarm(&self) -> Option<&str> {
        match self {
            Check::Alarm { name, .. } => Some(name),
            Check::Compare { .. } | Check::DlqGrowth { .. } | Check::Health { .. } => None,
        }
    }

    /// Name of the dead-letter queue that it watches, if it does.
    pub fn dead_letter_queue(&self) -> Option<&str> {
        match self {
            Check::DlqGrowth { queue, .. } => Some(queue),
            Check::Alarm { .. } | Check::Compare { .. } | Check::Health { .. } => None,
        }
    }
}

/// As people call it.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Alarm { name, .. } => f.write_str(name),
            Check::Compare { metric, .. } => write!(f, "{metric}"),
            Check::DlqGrowth { queue, .. } => write!(f, "growth of {queue}"),
            Check::Health { .. } => f.write_str("failed tasks"),
        }
    }
}

impl fmt::Display for CountedMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} in {}", self.failed, self.total, self.namespace)
    }
}

impl Ratio {
    /// A ratio; nothing where it is no number, endless or negative.
    pub fn new(number: f64) -> Option<Ratio> {
        (number.is_finite() && number >= 0.0).then_some(Ratio(number))
    }

    /// The number.
    pub fn number(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
