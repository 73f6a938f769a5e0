//! Metric data queries: `GetMetricData`, and what alarms look at.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use super::CloudWatch;
use super::invalid;
use super::math::{self, Expr};
use super::metrics::MetricKey;
use super::series::{Data, Series, choose};
use super::statistic::Statistic;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Queries in one request.
const QUERIES_MAX: usize = 500;
/// Data points in one reply.
const DATAPOINTS_MAX: usize = 100_800;

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

/// What queries are answered from: the data that can be seen at a moment, within `[from, to)`.
pub(super) struct Scope<'a> {
    pub(super) cloudwatch: &'a CloudWatch,
    pub(super) queries: &'a [Query],
    pub(super) from: At,
    pub(super) to: At,
    pub(super) now: At,
}

impl Scope<'_> {
    /// One query's series; an expression may have none or many.
    pub(super) fn answer(&self, query: &Query) -> Result<Vec<Series>, String> {
        match self.value(query)? {
            Data::Series(series) => Ok(vec![series]),
            Data::Many(all) => Ok(all),
            Data::Number(_) => Err("the result is a number, not a time series".to_owned()),
        }
    }

    fn value(&self, query: &Query) -> Result<Data, String> {
        match &query.source {
            Source::Math(expr) => self.evaluate(expr),
            Source::Metric {
                key,
                statistic,
                period_seconds,
                unit,
            } => Ok(Data::Series(self.metric(
                key,
                statistic,
                *period_seconds,
                unit.as_deref(),
            ))),
        }
    }

    fn metric(&self, key: &MetricKey, statistic: &Statistic, period_seconds: i64, unit: Option<&str>) -> Series {
        let mut series = Series {
            label: key.name.clone(),
            period_seconds,
            ..Series::default()
        };
        let mut start = self.from;
        while start < self.to {
            let end = start.plus_seconds(period_seconds);
            let samples = self
                .cloudwatch
                .metrics
                .seen(key, unit, start, end.min(self.to), self.now);
            series.slots.insert(start.0);
            series.points.extend(statistic.of(&samples).map(|v| (start.0, v)));
            start = end;
        }
        series
    }

    /// All metrics of the request, expressions not included.
    fn metrics(&self, id_part: &str) -> Result<Data, String> {
        let metrics = self
            .queries
            .iter()
            .filter(|q| matches!(q.source, Source::Metric { .. }));
        let named = metrics.filter(|q| q.id.contains(id_part));
        flatten(named.map(|q| self.value(q)))
    }

    fn evaluate(&self, expr: &Expr) -> Result<Data, String> {
        match expr {
            Expr::Number(n) => Ok(Data::Number(*n)),
            Expr::Text(text) => Err(format!("'{text}' has no value")),
            Expr::Array(all) => flatten(all.iter().map(|e| self.evaluate(e))),
            Expr::Negative(inner) => Ok(self.evaluate(inner)?.map(|v| -v)),
            Expr::Binary(op, a, b) => self.evaluate(a)?.combine(&self.evaluate(b)?, |x, y| op.apply(x, y)),
            Expr::Call(function, arguments) => self.call(function, arguments),
            Expr::Name(name) => match self.queries.iter().find(|q| q.id == *name) {
                Some(query) => self.value(query),
                None => Err(format!("Undefined id: {name}")),
            },
        }
    }

    fn call(&self, function: &str, arguments: &[Expr]) -> Result<Data, String> {
        if let ("METRICS", [] | [Expr::Text(_)]) = (function, arguments) {
            return match arguments.first() {
                Some(Expr::Text(part)) => self.metrics(part),
                _ => self.metrics(""),
            };
        }
        if let ("FILL", [series, Expr::Name(how)]) = (function, arguments)
            && how == "REPEAT"
        {
            return Ok(self.evaluate(series)?.each(Series::fill_repeat));
        }
        let values: Result<Vec<Data>, String> = arguments.iter().map(|a| self.evaluate(a)).collect();
        let sum = |v: &[f64]| v.iter().sum::<f64>();
        match (function, values?.as_slice()) {
            ("SUM", [x]) => Ok(x.aggregate(|v, _| sum(v))),
            // "Missing values are treated as 0", so the divisor is the number of series.
            ("AVG", [x]) => Ok(x.aggregate(|v, n| sum(v) / n as f64)),
            ("MIN", [x]) => Ok(x.aggregate(|v, _| v.iter().copied().fold(f64::INFINITY, f64::min))),
            ("MAX", [x]) => Ok(x.aggregate(|v, _| v.iter().copied().fold(f64::NEG_INFINITY, f64::max))),
            ("FILL", [x, Data::Number(n)]) => Ok(x.each(|s| s.fill(*n))),
            ("IF", [condition, yes]) => choose(condition, yes, None),
            ("IF", [condition, yes, no]) => choose(condition, yes, Some(no)),
            ("ABS", [x]) => Ok(x.map(f64::abs)),
            ("CEIL", [x]) => Ok(x.map(f64::ceil)),
            ("FLOOR", [x]) => Ok(x.map(f64::floor)),
            ("DIFF", [x]) => Ok(x.each(|s| s.differences(|dv, _| dv))),
            ("RATE", [x]) => Ok(x.each(|s| s.differences(|dv, dt| dv / dt))),
            ("RUNNING_SUM", [x]) => Ok(x.each(Series::running_sum)),
            ("PERIOD", [Data::Series(s)]) => Ok(Data::Number(s.period_seconds as f64)),
            ("DATAPOINT_COUNT", [x]) => Ok(x.aggregate(|v, _| v.len() as f64)),
            _ => Err(format!("{function} is not known here with these arguments")),
        }
    }
}

fn flatten(all: impl Iterator<Item = Result<Data, String>>) -> Result<Data, String> {
    let mut series = Vec::new();
    for data in all {
        match data? {
            Data::Series(one) => series.push(one),
            Data::Many(more) => series.extend(more),
            Data::Number(_) => return Err("an array holds time series, not numbers".to_owned()),
        }
    }
    Ok(Data::Many(series))
}

/// One answer before paging.
struct Answer {
    id: String,
    label: String,
    points: Vec<(i64, f64)>,
}

pub(super) fn get_metric_data(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let queries = parse(&input["MetricDataQueries"])?;
    let moment = |name: &str| At::from_seconds(input[name].as_f64().unwrap_or_default());
    let (start, end) = (moment("StartTime"), moment("EndTime"));
    if start >= end {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let descending = input["ScanBy"].as_str() != Some("TimestampAscending");
    let answers = answer_all(world, &queries, start, end, descending)?;
    let math = queries.iter().any(|q| matches!(q.source, Source::Math(_)));
    page(world, input, &answers, math)
}

fn answer_all(world: &World, queries: &[Query], start: At, end: At, descending: bool) -> Result<Vec<Answer>, Refusal> {
    let mut answers = Vec::new();
    for query in queries.iter().filter(|q| q.return_data) {
        // "Start time less than 15 days ago - Round down to the nearest whole minute."
        let step = query.period_seconds().map_or(60, |p| p.min(60)) * 1000;
        let scope = Scope {
            cloudwatch: &world.cloudwatch,
            queries,
            from: At(start.0 - start.0.rem_euclid(step)),
            to: end,
            now: world.now,
        };
        let all = scope.answer(query);
        for series in all.map_err(|e| invalid(format!("Error in expression '{}' [{e}]", query.id)))? {
            let mut points: Vec<(i64, f64)> = series.points.into_iter().collect();
            if descending {
                points.reverse();
            }
            let own = match query.source {
                Source::Metric { .. } => series.label,
                Source::Math(_) => query.id.clone(),
            };
            answers.push(Answer {
                id: query.id.clone(),
                label: query.label.clone().unwrap_or(own),
                points,
            });
        }
    }
    Ok(answers)
}

/// Cuts what is too much. "NextToken is not returned if you are performing a math expression."
fn page(world: &World, input: &Value, answers: &[Answer], math: bool) -> Result<Value, Refusal> {
    let asked = input["MaxDatapoints"].as_u64().map_or(DATAPOINTS_MAX, |n| n as usize);
    let limit = if math {
        usize::MAX
    } else {
        asked
            .clamp(1, DATAPOINTS_MAX)
            .min(world.page_size.unwrap_or(usize::MAX))
    };
    let total: usize = answers.iter().map(|a| a.points.len()).sum();
    let skip = match input["NextToken"].as_str() {
        None => 0,
        Some(token) => {
            let offset = token.strip_prefix("datapoint/").and_then(|n| n.parse::<usize>().ok());
            let offset = offset.filter(|n| *n <= total);
            offset.ok_or_else(|| Refusal::new("InvalidNextToken", "The next token specified is invalid."))?
        }
    };
    let until = skip.saturating_add(limit);
    let mut results = Vec::new();
    let mut before = 0;
    for answer in answers {
        let after = before + answer.points.len();
        let (first, last) = (skip.clamp(before, after), until.clamp(before, after));
        // An answer without points is told once, on the first page.
        if first < last || (before == after && skip == 0) {
            let part = &answer.points[first - before..last - before];
            results.push(json!({
                "Id": answer.id, "Label": answer.label,
                "Timestamps": part.iter().map(|(at, _)| At(*at).seconds()).collect::<Vec<_>>(),
                "Values": part.iter().map(|(_, v)| *v).collect::<Vec<_>>(),
                "StatusCode": if last < after { "PartialData" } else { "Complete" },
            }));
        }
        before = after;
    }
    let mut reply = json!({ "MetricDataResults": results, "Messages": [] });
    if until < total {
        reply["NextToken"] = json!(format!("datapoint/{until}"));
    }
    Ok(reply)
}
