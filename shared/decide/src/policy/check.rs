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
    /// A metric against a bound: it fails where all of its last periods are above that.
    Metric {
        /// What is measured, over which periods, and the bound.
        metric: Bounded,
    },
    /// What CloudWatch calculates from metrics, against a bound: it fails as [`Check::Metric`] does.
    Expression {
        /// What is calculated, over which periods, and the bound.
        metric: Bounded,
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

/// Stands in the value of a dimension for `family:revision` of what the canary was given.
pub const REVISION: &str = "{revision}";

/// What is measured, with its bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounded {
    /// What is measured.
    #[serde(flatten)]
    pub of: Measured,
    /// Minutes of a period.
    pub period_minutes: u32,
    /// Periods that must all be above the bound.
    pub periods: u32,
    /// The highest value that is good.
    pub max: Ratio,
}

/// What CloudWatch has or makes of metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measured {
    /// Metric math.
    Math {
        /// The expression, which yields one series.
        expression: String,
        /// What its names stand for.
        metrics: Vec<Term>,
    },
    /// A metric by itself.
    One(Statistic),
}

/// What a name in an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The name.
    pub id: String,
    /// The metric.
    #[serde(flatten)]
    pub of: Statistic,
}

/// A statistic of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistic {
    /// The metric's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its statistic, as `p99`.
    pub statistic: String,
    /// Its dimensions, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Named>,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its value; [`REVISION`] in it stands for the canary's revision.
    pub value: String,
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
            Check::Compare { .. }
            | Check::DlqGrowth { .. }
            | Check::Metric { .. }
            | Check::Expression { .. }
            | Check::Health { .. } => None,
        }
    }

    /// Name of the dead-letter queue that it watches, if it does.
    pub fn dead_letter_queue(&self) -> Option<&str> {
        match self {
            Check::DlqGrowth { queue, .. } => Some(queue),
            Check::Alarm { .. }
            | Check::Compare { .. }
            | Check::Metric { .. }
            | Check::Expression { .. }
            | Check::Health { .. } => None,
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
            Check::Metric { metric } | Check::Expression { metric } => write!(f, "{metric}"),
            Check::Health { .. } => f.write_str("failed tasks"),
        }
    }
}

impl Bounded {
    /// The same of this revision.
    pub fn of_revision(&self, revision: &str) -> Bounded {
        let mut named = self.clone();
        let statistics: Vec<&mut Statistic> = match &mut named.of {
            Measured::Math { metrics, .. } => metrics.iter_mut().map(|term| &mut term.of).collect(),
            Measured::One(statistic) => vec![statistic],
        };
        for dimension in statistics.into_iter().flat_map(|statistic| &mut statistic.dimensions) {
            dimension.value = dimension.value.replace(REVISION, revision);
        }
        named
    }
}

impl Bounded {
    /// Whether any of it is measured by one of AWS's own services.
    pub fn is_of_aws(&self) -> bool {
        let by_aws = |statistic: &Statistic| statistic.namespace.starts_with("AWS/");
        match &self.of {
            Measured::Math { metrics, .. } => metrics.iter().any(|term| by_aws(&term.of)),
            Measured::One(statistic) => by_aws(statistic),
        }
    }

    /// Whether it surely measures nothing but both services together, so that it does not tell whose what it says is: a
    /// queue, or a load balancer without one of its target groups.
    pub fn is_of_both(&self) -> bool {
        let of_both = |statistic: &Statistic| {
            let group = || statistic.dimensions.iter().any(|named| named.name == "TargetGroup");
            statistic.namespace == "AWS/SQS" || statistic.namespace == "AWS/ApplicationELB" && !group()
        };
        match &self.of {
            Measured::Math { metrics, .. } => metrics.iter().all(|term| of_both(&term.of)),
            Measured::One(statistic) => of_both(statistic),
        }
    }

    /// Minutes that it looks back over.
    pub fn minutes(&self) -> u32 {
        self.period_minutes.saturating_mul(self.periods)
    }

    /// The same over so many minutes at most: fewer periods, or one that is a part of its own. One minute is the least.
    #[must_use]
    pub fn within(&self, minutes: u32) -> Bounded {
        let whole = self.period_minutes;
        // Parts of a period begin where a period does: CloudWatch has both from the same minute on.
        let part = || {
            (1..whole)
                .rev()
                .find(|part| *part <= minutes && whole.is_multiple_of(*part))
        };
        let (period_minutes, periods) = match minutes.checked_div(whole) {
            Some(0) => (part().unwrap_or(1), 1),
            fit => (whole, self.periods.min(fit.unwrap_or(self.periods))),
        };
        Bounded {
            period_minutes,
            periods,
            ..self.clone()
        }
    }
}

impl fmt::Display for Bounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            Measured::One(statistic) => write!(f, "{statistic}"),
            Measured::Math { expression, metrics } => {
                f.write_str(expression)?;
                let mut terms = metrics.iter().enumerate();
                terms.try_for_each(|(place, term)| {
                    let before = if place == 0 { ", where" } else { "," };
                    write!(f, "{before} {} is {}", term.id, term.of)
                })
            }
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} in {}", self.statistic, self.name, self.namespace)?;
        let mut values = self.dimensions.iter().map(|dimension| dimension.value.as_str());
        values.try_for_each(|value| write!(f, " of {value}"))
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
