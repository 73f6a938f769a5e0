//! Metric data queries, as `GetMetricData` and alarms are given them.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html>

use super::invalid;
use super::math::{self, Expr};
use super::metrics::MetricKey;
use super::statistic::Statistic;
use crate::refusal::Refusal;
use serde_json::Value;

/// Queries in one request.
const QUERIES_MAX: usize = 500;

/// One entry of `MetricDataQueries` or of an alarm's `Metrics`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) return_data: bool,
    pub(super) source: Source,
}

/// Where a query's values come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Metric {
        key: MetricKey,
        statistic: Statistic,
        period_seconds: i64,
        unit: Option<String>,
    },
    Math(Expr),
}

impl Query {
    /// The period of a metric; an expression has that of its metrics.
    pub(super) fn period_seconds(&self) -> Option<i64> {
        match &self.source {
            Source::Metric { period_seconds, .. } => Some(*period_seconds),
            Source::Math(_) => None,
        }
    }
}

/// Reads a list of queries.
pub(super) fn parse(list: &Value) -> Result<Vec<Query>, Refusal> {
    let mut queries: Vec<Query> = Vec::new();
    for entry in list.as_array().into_iter().flatten() {
        let query = parse_one(entry)?;
        if queries.iter().any(|other| other.id == query.id) {
            return Err(invalid(
                "The values for parameter id in MetricDataQueries are not unique.",
            ));
        }
        queries.push(query);
    }
    if queries.len() > QUERIES_MAX {
        let text = format!("The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}.");
        return Err(invalid(text));
    }
    for query in &queries {
        if let Source::Math(expr) = &query.source {
            check(expr, &query.id, &queries, 0)?;
        }
    }
    Ok(queries)
}

fn parse_one(entry: &Value) -> Result<Query, Refusal> {
    let id = entry["Id"].as_str().unwrap_or_default().to_owned();
    let well_formed =
        id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !well_formed {
        return Err(invalid(format!(
            "The value {id} for parameter id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    let source = match (entry["Expression"].as_str(), entry["MetricStat"].is_object()) {
        (Some(text), false) => {
            let parsed = math::parse(text);
            Source::Math(parsed.map_err(|e| invalid(format!("Error in expression '{id}' [{e}]")))?)
        }
        (None, true) => metric_source(&entry["MetricStat"])?,
        _ => {
            let text = format!("Exactly one of MetricStat and Expression must be given for MetricDataQuery {id}.");
            return Err(invalid(text));
        }
    };
    Ok(Query {
        id,
        label: entry["Label"].as_str().map(str::to_owned),
        return_data: entry["ReturnData"].as_bool().unwrap_or(true),
        source,
    })
}

fn metric_source(stat: &Value) -> Result<Source, Refusal> {
    let name = stat["Stat"].as_str().unwrap_or_default();
    let period_seconds = stat["Period"].as_i64().unwrap_or_default();
    if !(matches!(period_seconds, 1 | 5 | 10 | 20 | 30) || period_seconds >= 60 && period_seconds % 60 == 0) {
        return Err(invalid("Period must be 1, 5, 10, 20, 30, or a multiple of 60."));
    }
    Ok(Source::Metric {
        key: MetricKey::from_input(&stat["Metric"]),
        statistic: Statistic::parse(name)
            .ok_or_else(|| invalid(format!("The value {name} for parameter Stat is not supported.")))?,
        period_seconds,
        unit: stat["Unit"].as_str().map(str::to_owned),
    })
}

/// Refuses names nobody bears and expressions that stand on themselves.
fn check(expr: &Expr, id: &str, queries: &[Query], depth: usize) -> Result<(), Refusal> {
    if depth > queries.len() {
        return Err(invalid(format!("Error in expression '{id}' [it refers to itself]")));
    }
    for name in math::names(expr).into_iter().filter(|name| *name != "REPEAT") {
        match queries.iter().find(|q| q.id == name) {
            None => {
                let text = format!("Error in expression '{id}' [Undefined id: {name}]");
                return Err(invalid(text));
            }
            Some(query) => {
                if let Source::Math(inner) = &query.source {
                    check(inner, id, queries, depth + 1)?;
                }
            }
        }
    }
    Ok(())
}
