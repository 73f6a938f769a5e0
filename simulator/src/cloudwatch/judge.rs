//! What state a metric alarm should be in, given the data points of its evaluation range. Pure.
//!
//! # Source
//! User guide, "Configuring how CloudWatch alarms treat missing data", with its tables and "Avoiding premature
//! transitions to alarm state":
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>; text of
//! 2018–2022 in `awsdocs/amazon-cloudwatch-user-guide`, `doc_source/AlarmThatSendsEmail.md`.

use super::alarm::StateValue;
use crate::time::At;

/// How many more data points than `EvaluationPeriods` are retrieved.
///
/// AWS does not publish the number ("depends on the length of the alarm period"). Its example has a range of 5 for
/// 3 periods, and a real alarm of 3 × 60 s was seen to reach back at least that far (an ECS alarm: queried at
/// 06:48:22, judged by 06:45, 06:44 and 06:43). Another, of 2 × 60 s, judged a point six slots back, so the real
/// range can be longer, and ours may come to INSUFFICIENT_DATA too early.
pub(super) const EXTRA_PERIODS: usize = 2;

/// `TreatMissingData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Treatment {
    pub(super) fn parse(text: &str) -> Option<Treatment> {
        match text {
            "missing" => Some(Treatment::Missing),
            "ignore" => Some(Treatment::Ignore),
            "breaching" => Some(Treatment::Breaching),
            "notBreaching" => Some(Treatment::NotBreaching),
            _ => None,
        }
    }
}

/// `ComparisonOperator`, without those of anomaly detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub(super) fn parse(text: &str) -> Option<Comparison> {
        match text {
            "GreaterThanOrEqualToThreshold" => Some(Comparison::GreaterOrEqual),
            "GreaterThanThreshold" => Some(Comparison::Greater),
            "LessThanThreshold" => Some(Comparison::Less),
            "LessThanOrEqualToThreshold" => Some(Comparison::LessOrEqual),
            _ => None,
        }
    }

    fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterOrEqual => value >= threshold,
            Comparison::Greater => value > threshold,
            Comparison::Less => value < threshold,
            Comparison::LessOrEqual => value <= threshold,
        }
    }
}

/// How an alarm judges.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    /// N.
    pub(crate) evaluation_periods: usize,
    /// M; where it was not given it is N, and the reason is worded differently.
    pub(crate) datapoints_to_alarm: Option<usize>,
    pub(crate) comparison: Comparison,
    pub(crate) threshold: f64,
    pub(crate) treatment: Treatment,
    pub(crate) period_seconds: i64,
    /// Of an alarm on one metric: named in its reason data.
    pub(crate) statistic: Option<String>,
    pub(crate) unit: Option<String>,
    /// `EvaluateLowSampleCountPercentile: ignore`: fewer samples than this are not judged.
    pub(crate) samples_needed: Option<f64>,
}

impl Rule {
    pub(super) fn to_alarm(&self) -> usize {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }

    /// Periods looked at.
    pub(super) fn range(&self) -> usize {
        self.evaluation_periods + EXTRA_PERIODS
    }

    pub(super) fn breaches(&self, point: &Point) -> bool {
        self.comparison.holds(point.value, self.threshold)
    }
}

/// A data point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) at: At,
    pub(super) value: f64,
    /// How many samples it was made of, where that is known.
    pub(super) samples: Option<f64>,
}

/// A period of the evaluation range, with its data point if there is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) at: At,
    pub(super) point: Option<Point>,
}

/// What an evaluation comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Whatever it is now.
    Keep,
    /// This, for these points.
    Is(Finding),
}

/// A state and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) state: StateValue,
    /// The real data points judged, newest first.
    pub(super) points: Vec<Point>,
    /// How many missing ones had to be filled in.
    pub(super) filled: usize,
}

/// Judges an evaluation range, newest period first.
pub(super) fn judge(rule: &Rule, range: &[Slot]) -> Verdict {
    let (needed, to_alarm) = (rule.evaluation_periods, rule.to_alarm());
    let points: Vec<Point> = range.iter().filter_map(|slot| slot.point).take(needed).collect();
    let filled = needed - points.len();
    let breaching = points.iter().filter(|p| rule.breaches(p)).count();
    let state = if breaching >= to_alarm {
        StateValue::Alarm
    } else if filled == 0 {
        // Enough real points: "the value you set for how to treat missing data is not needed and is ignored".
        StateValue::Ok
    } else {
        match rule.treatment {
            Treatment::Breaching if breaching + filled >= to_alarm => StateValue::Alarm,
            Treatment::Breaching | Treatment::NotBreaching => StateValue::Ok,
            // Whatever is missing, something was seen that is within the threshold.
            Treatment::Missing | Treatment::Ignore if breaching < points.len() => StateValue::Ok,
            Treatment::Ignore => return Verdict::Keep,
            Treatment::Missing if no_longer_premature(range, to_alarm) => StateValue::Alarm,
            Treatment::Missing => StateValue::InsufficientData,
        }
    };
    Verdict::Is(Finding { state, points, filled })
}

/// The premature-alarm rule, asked where all that is there is breaching, but fewer than M points are there.
///
/// "If the oldest breaching data point during the evaluation range is at least as old as the value of Datapoints to
/// Alarm, and all of the more recent data points are either breaching or missing, the alarm goes into ALARM state."
/// A younger one must wait: the next might be within the threshold.
fn no_longer_premature(range: &[Slot], to_alarm: usize) -> bool {
    let oldest = range.iter().rposition(|slot| slot.point.is_some());
    oldest.is_some_and(|index| index + 1 >= to_alarm)
}
