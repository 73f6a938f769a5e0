//! The words and the JSON in which a metric alarm says why.
//!
//! # Source
//! Samples in the user guide ("Alarm events and EventBridge") and notifications people have published. Two forms were
//! not seen in one: long lists of points within the threshold are assumed to be worded like those beyond it, and
//! points missing beside points that are there are put together from both samples.

use super::alarm::StateValue;
use super::judge::{Comparison, Finding, Point, Rule, Slot, Treatment};
use super::number::{counted, java_double, short_date, was};
use crate::time::At;
use serde_json::Value;

/// From this many on, points are no longer listed within the sentence.
const LISTED_APART_FROM: usize = 5;
/// More are not written into the reason data, whose length is limited.
const RECENT_MAX: usize = 100;

/// `StateReason`.
pub(super) fn text(rule: &Rule, finding: &Finding) -> String {
    if finding.state == StateValue::InsufficientData {
        let unknown = counted(finding.filled, "datapoint");
        return format!("Insufficient Data: {unknown} {} unknown.", was(finding.filled));
    }
    let alarm = finding.state == StateValue::Alarm;
    let telling: Vec<&Point> = finding.points.iter().filter(|p| rule.breaches(p) == alarm).collect();
    if telling.is_empty() {
        return all_filled(rule, finding);
    }
    let count = telling.len();
    let mut text = match rule.datapoints_to_alarm {
        Some(_) => format!(
            "Threshold Crossed: {count} out of the last {} datapoints",
            rule.evaluation_periods
        ),
        None => format!("Threshold Crossed: {}", counted(count, "datapoint")),
    };
    let list: Vec<String> = telling.iter().take(LISTED_APART_FROM).map(|p| dated(p)).collect();
    let list = list.join(", ");
    let crossed = format!(
        "{} {}{} the threshold ({})",
        was(count),
        if alarm { "" } else { "not " },
        words(rule.comparison),
        java_double(rule.threshold)
    );
    if count < LISTED_APART_FROM {
        text += &format!(" [{list}] {crossed}");
    } else {
        text += &format!(" {crossed}. The most recent datapoints which crossed the threshold: [{list}]");
    }
    text += &treated(rule, finding).map_or(String::new(), |t| format!(" and {t}"));
    if rule.datapoints_to_alarm.is_some() {
        let (minimum, transition) = if alarm {
            (rule.to_alarm(), "OK -> ALARM")
        } else {
            (rule.evaluation_periods - rule.to_alarm() + 1, "ALARM -> OK")
        };
        text += &format!(
            " (minimum {} for {transition} transition)",
            counted(minimum, "datapoint")
        );
    }
    text + "."
}

fn all_filled(rule: &Rule, finding: &Finding) -> String {
    let received = match finding.points.len() {
        0 => "no datapoints were".to_owned(),
        n => format!("{} {}", counted(n, "datapoint"), was(n)),
    };
    let periods = counted(rule.evaluation_periods, "period");
    let treated = treated(rule, finding).unwrap_or_default();
    format!("Threshold Crossed: {received} received for {periods} and {treated}.")
}

fn treated(rule: &Rule, finding: &Finding) -> Option<String> {
    let name = match rule.treatment {
        Treatment::Breaching => "Breaching",
        Treatment::NotBreaching => "NonBreaching",
        Treatment::Missing | Treatment::Ignore => return None,
    };
    let missing = counted(finding.filled, "missing datapoint");
    (finding.filled > 0).then(|| format!("{missing} {} treated as [{name}]", was(finding.filled)))
}

fn dated(point: &Point) -> String {
    format!("{} ({})", java_double(point.value), short_date(point.at))
}

fn words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::GreaterOrEqual => "greater than or equal to",
        Comparison::Greater => "greater than",
        Comparison::Less => "less than",
        Comparison::LessOrEqual => "less than or equal to",
    }
}

/// `StateReasonData`, members in AWS's order.
pub(super) fn data(rule: &Rule, finding: &Finding, range: &[Slot], now: At) -> String {
    let mut members = vec![
        "\"version\":\"1.0\"".to_owned(),
        format!("\"queryDate\":\"{}\"", now.iso_offset()),
    ];
    if let Some(oldest) = finding.points.last() {
        members.push(format!("\"startDate\":\"{}\"", oldest.at.iso_offset()));
    }
    if let Some(unit) = &rule.unit {
        members.push(format!("\"unit\":{}", Value::from(unit.as_str())));
    }
    if let Some(statistic) = &rule.statistic {
        members.push(format!("\"statistic\":{}", Value::from(statistic.as_str())));
    }
    members.push(format!("\"period\":{}", rule.period_seconds));
    let recent = finding.points.iter().take(RECENT_MAX).rev();
    let recent: Vec<String> = recent.map(|p| java_double(p.value)).collect();
    members.push(format!("\"recentDatapoints\":[{}]", recent.join(",")));
    members.push(format!("\"threshold\":{}", java_double(rule.threshold)));
    let evaluated = match finding.points.first() {
        // Samples with many points show the newest one here, and only that.
        Some(point) => evaluated(point),
        None => {
            let missing = range.iter().take(rule.evaluation_periods.min(RECENT_MAX / 2));
            let missing: Vec<String> = missing
                .map(|slot| format!("{{\"timestamp\":\"{}\"}}", slot.at.iso_offset()))
                .collect();
            missing.join(",")
        }
    };
    members.push(format!("\"evaluatedDatapoints\":[{evaluated}]"));
    format!("{{{}}}", members.join(","))
}

fn evaluated(point: &Point) -> String {
    let samples = point.samples.map(|n| format!("\"sampleCount\":{},", java_double(n)));
    format!(
        "{{\"timestamp\":\"{}\",{}\"value\":{}}}",
        point.at.iso_offset(),
        samples.unwrap_or_default(),
        java_double(point.value)
    )
}
