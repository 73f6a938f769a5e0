//! Metrics, as lines of the log that CloudWatch reads: no call, and nothing to wait for.
//!
//! # Shape
//! One line of the embedded metric format for whatever is measured at one moment, of one policy and of all of them.
//!
//! # Source
//! Amazon CloudWatch user guide, "Specification: Embedded metric format".

use crate::act::Did;
use crate::ledger::Held;
use decide::{Action, At, Cause, Decision, Outcome, Phase, Release, Role};
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::Arc;

/// Namespace of all metrics.
pub const NAMESPACE: &str = "Serin";

/// Their dimension; each is there without it as well, over all policies.
const DIMENSION: &str = "policy";

/// What takes a line.
type Take = Arc<dyn Fn(&str) + Send + Sync>;

/// What takes the lines: standard output, or nobody.
#[derive(Clone, Default)]
pub struct Metrics(Option<Take>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.0.is_some()).finish()
    }
}

/// What a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::Seconds => "Seconds",
        }
    }
}

/// A name, a unit, a value.
pub type Measure = (&'static str, Unit, i64);

impl Metrics {
    /// To standard output, as Lambda wants it.
    pub fn to_stdout() -> Metrics {
        // One line each, whole: nothing of another log line comes between.
        Metrics::to(|line| println!("{line}"))
    }

    /// To whoever takes the lines.
    pub fn to(take: impl Fn(&str) + Send + Sync + 'static) -> Metrics {
        Metrics(Some(Arc::new(take)))
    }

    /// Writes down what was measured.
    pub(crate) fn put(&self, policy: &str, at: At, measures: &[Measure]) {
        if let Some(take) = self.0.as_ref().filter(|_| !measures.is_empty()) {
            take(&line(policy, at, measures));
        }
    }
}

/// One line of the embedded metric format.
pub fn line(policy: &str, at: At, measures: &[Measure]) -> String {
    let metrics = measures
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit.name()}));
    let metadata = json!({
        "Timestamp": at.millis(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION], []],
            "Metrics": metrics.collect::<Vec<Value>>(),
        }],
    });
    let mut line = Map::from_iter([("_aws".to_owned(), metadata), (DIMENSION.to_owned(), json!(policy))]);
    line.extend(
        measures
            .iter()
            .map(|(name, _, value)| ((*name).to_owned(), json!(value))),
    );
    Value::Object(line).to_string()
}

/// What a decision says, held against the release as it was before.
pub(crate) fn of_decision(before: &Release, decision: &Decision, at: At) -> Vec<Measure> {
    let next = &decision.next;
    let mut measures = vec![("Decisions", Unit::Count, 1)];
    // Each step of a bake counts by itself, as its time does.
    let is_left = before.phase.name() != next.phase.name() || before.phase_since != next.phase_since;
    if is_left && let Some(name) = phase_seconds(&before.phase) {
        let seconds = before.phase_since.seconds_until(next.phase_since);
        measures.push((name, Unit::Seconds, i64::from(seconds)));
    }
    if let (None, Some(gone)) = (before.gone_since, next.gone_since) {
        let seconds = failed_since(next).map(|since| i64::from(since.seconds_until(gone)));
        measures.extend(seconds.map(|seconds| ("SecondsToLastBadTask", Unit::Seconds, seconds)));
    }
    match &next.phase {
        Phase::Closed { outcome } if before.phase != next.phase => measures.push((ended(outcome), Unit::Count, 1)),
        Phase::Closed { .. } => {}
        _ => {
            measures.push(("OpenSeconds", Unit::Seconds, i64::from(next.opened.seconds_until(at))));
            let failing = i64::from(matches!(next.phase, Phase::RollbackFailed { .. }));
            measures.push(("RollbacksFailing", Unit::Count, failing));
        }
    }
    measures
}

fn phase_seconds(phase: &Phase) -> Option<&'static str> {
    match phase {
        Phase::Deploying => Some("DeployingSeconds"),
        Phase::Baking { .. } => Some("BakingSeconds"),
        Phase::Gated { .. } => Some("GatedSeconds"),
        Phase::Promoting => Some("PromotingSeconds"),
        Phase::Watching => Some("WatchingSeconds"),
        Phase::RollingBack { .. } => Some("RollingBackSeconds"),
        Phase::RollbackFailed { .. } => Some("RollbackFailingSeconds"),
        Phase::Closed { .. } => None,
    }
}

fn ended(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Promoted => "Promoted",
        Outcome::RolledBack { .. } => "RolledBack",
        Outcome::Superseded { .. } => "Superseded",
        Outcome::Overtaken { .. } => "Overtaken",
        Outcome::Abandoned { .. } => "Abandoned",
        Outcome::RollbackFailed { .. } => "RollbackFailed",
        Outcome::WouldRollBack { .. } => "WouldRollBack",
    }
}

/// Since when a release is known to have failed, while it is taken back: where that is overdue, only an alarm says so.
fn failed_since(release: &Release) -> Option<At> {
    match (&release.phase, release.phase.rolling_back()?) {
        (_, Cause::Alarm { since, .. }) => Some(*since),
        (Phase::RollingBack { .. }, _) => Some(release.phase_since),
        _ => None,
    }
}

/// How long it took from the cause until services were given their baseline; nothing, unless that was done just now
/// and for the first time.
pub(crate) fn of_restore(held: &Held, did: &[Did], at: At) -> Vec<Measure> {
    let first = |role: Role| held.release.service(role).attempts.count == 1;
    let restores = |did: &&Did| match &did.action {
        Action::Restore { role, .. } | Action::RollBackDeployment { role, .. } => did.done && first(*role),
        _ => false,
    };
    let restored = did.iter().any(|did| restores(&did));
    let since = failed_since(&held.release).filter(|_| restored);
    let seconds = since.map(|since| i64::from(since.seconds_until(at)));
    seconds
        .map(|seconds| ("SecondsToBaseline", Unit::Seconds, seconds))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Measure, Metrics, Unit, line};
    use decide::At;
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex};

    const MEASURES: [Measure; 2] = [("Decisions", Unit::Count, 1), ("BakingSeconds", Unit::Seconds, 600)];

    #[test]
    fn a_line_is_exactly_this() {
        let expected = concat!(
            r#"{"BakingSeconds":600,"Decisions":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["policy"],[]],"Metrics":["#,
            r#"{"Name":"Decisions","Unit":"Count"},{"Name":"BakingSeconds","Unit":"Seconds"}],"Namespace":"Serin"}],"#,
            r#""Timestamp":1795230000000},"policy":"orders"}"#
        );
        assert_eq!(line("orders", At::from_millis(1_795_230_000_000), &MEASURES), expected);
    }

    /// The schema of the user guide's page, rule by rule; its patterns are lengths here.
    fn mistakes(line: &Value) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                mistakes.push(what.to_owned());
            }
        };
        let text = |value: &Value, max: usize| value.as_str().is_some_and(|text| (1..=max).contains(&text.len()));
        must(
            line["_aws"]["Timestamp"].as_u64().is_some(),
            "Timestamp is whole milliseconds",
        );
        let directives = line["_aws"]["CloudWatchMetrics"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        must(!directives.is_empty(), "there is a directive");
        for directive in directives {
            must(
                text(&directive["Namespace"], 1_024),
                "a namespace has 1 to 1024 characters",
            );
            let sets = directive["Dimensions"].as_array().cloned().unwrap_or_default();
            must(!sets.is_empty(), "there is a set of dimensions");
            for set in sets {
                let names = set.as_array().cloned().unwrap_or_default();
                must(names.len() <= 30, "a set has at most 30 dimensions");
                for name in &names {
                    let target = &line[name.as_str().unwrap_or_default()];
                    must(
                        text(name, 250) && text(target, 1_024),
                        "a dimension's target is a text at the root",
                    );
                }
            }
            let metrics = directive["Metrics"].as_array().cloned().unwrap_or_default();
            must((1..=100).contains(&metrics.len()), "1 to 100 metrics");
            for metric in metrics {
                let target = &line[metric["Name"].as_str().unwrap_or_default()];
                must(
                    text(&metric["Name"], 1_024) && target.is_number(),
                    "a metric's target is a number at the root",
                );
                let unit = metric["Unit"].as_str().unwrap_or("None");
                must(
                    ["Count", "Seconds", "None"].contains(&unit),
                    "a unit is one of MetricDatum's",
                );
            }
        }
        mistakes
    }

    #[test]
    fn a_line_follows_the_embedded_metric_format() {
        let text = line("orders", At::from_millis(0), &MEASURES);
        let good: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(mistakes(&good), [] as [&str; 0]);
        for (path, wrong) in [
            ("/_aws/Timestamp", json!("2026-11-22")),
            ("/_aws/CloudWatchMetrics", json!([])),
            ("/_aws/CloudWatchMetrics/0/Namespace", json!("")),
            ("/_aws/CloudWatchMetrics/0/Dimensions", json!([])),
            ("/_aws/CloudWatchMetrics/0/Dimensions/0/0", json!("nobody")),
            ("/_aws/CloudWatchMetrics/0/Metrics", json!([])),
            ("/_aws/CloudWatchMetrics/0/Metrics/0/Unit", json!("Minutes")),
            ("/Decisions", json!("one")),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = wrong;
            assert_ne!(mistakes(&bad), [] as [&str; 0], "{path}");
        }
    }

    #[test]
    fn nothing_measured_is_no_line() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&lines);
        let metrics = Metrics::to(move |line| taken.lock().unwrap().push(line.to_owned()));
        metrics.put("orders", At::from_millis(0), &[]);
        metrics.put("orders", At::from_millis(0), &MEASURES);
        assert_eq!(lines.lock().unwrap().len(), 1);
    }
}
