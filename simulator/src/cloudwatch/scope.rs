//! What a query's answer is, seen at a moment.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

use super::CloudWatch;
use super::math::Expr;
use super::metrics::MetricKey;
use super::query::{Query, Source};
use super::series::{Data, Series, choose};
use super::statistic::Statistic;
use crate::time::At;

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
            Expr::Negative(inner) => Ok(self.evaluate(inner)?.map(|v| 0.0 - v)),
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
