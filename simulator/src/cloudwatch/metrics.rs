//! Metric data: what was published, and when it can first be seen.

use super::CloudWatch;
use super::invalid;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Data points of one minute are kept for 15 days (API_GetMetricData).
const RETENTION_SECONDS: i64 = 15 * 86_400;

/// One metric: namespace, name and the exact set of dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MetricKey {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Sorted by name: order does not make another metric.
    pub(crate) dimensions: Vec<(String, String)>,
}

impl MetricKey {
    fn new(namespace: &str, name: &str, mut dimensions: Vec<(String, String)>) -> MetricKey {
        dimensions.sort();
        MetricKey {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions,
        }
    }

    /// From `Namespace`, `MetricName` and `Dimensions` of a request.
    pub(super) fn from_input(input: &Value) -> MetricKey {
        MetricKey::new(
            input["Namespace"].as_str().unwrap_or_default(),
            input["MetricName"].as_str().unwrap_or_default(),
            dimensions(&input["Dimensions"]),
        )
    }
}

fn dimensions(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = list.as_array().into_iter().flatten();
    entries.map(|d| (text(&d["Name"]), text(&d["Value"]))).collect()
}

/// One datum: a value, many values, or a statistic set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) at: At,
    /// Before this moment no query and no alarm sees it.
    pub(crate) visible: At,
    pub(crate) unit: Option<String>,
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
    /// Values with their counts; absent where only a statistic set was published.
    pub(crate) raw: Option<Vec<(f64, f64)>>,
}

impl Sample {
    fn of_values(at: At, values: Vec<(f64, f64)>) -> Sample {
        let fold = |f: fn(f64, f64) -> f64, from: f64| values.iter().fold(from, |a, (v, _)| f(a, *v));
        Sample {
            at,
            visible: at,
            unit: None,
            count: values.iter().map(|(_, n)| n).sum(),
            sum: values.iter().map(|(v, n)| v * n).sum(),
            minimum: fold(f64::min, f64::INFINITY),
            maximum: fold(f64::max, f64::NEG_INFINITY),
            raw: Some(values),
        }
    }

    /// A statistic set keeps its values only where they can be told from it (API_PutMetricData).
    fn of_set(at: At, set: &Value) -> Sample {
        let number = |name: &str| set[name].as_f64().unwrap_or_default();
        let (count, sum) = (number("SampleCount"), number("Sum"));
        let (minimum, maximum) = (number("Minimum"), number("Maximum"));
        let told = minimum == maximum && sum == minimum * count;
        Sample {
            at,
            visible: at,
            unit: None,
            count,
            sum,
            minimum,
            maximum,
            raw: told.then(|| vec![(minimum, count)]),
        }
    }
}

/// All metric data.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    series: BTreeMap<MetricKey, Vec<Sample>>,
    lags: BTreeMap<String, RangeInclusive<i64>>,
}

impl Metrics {
    /// What can be seen of a metric within `[from, to)`, oldest first.
    pub(super) fn seen(&self, key: &MetricKey, unit: Option<&str>, from: At, to: At, now: At) -> Vec<&Sample> {
        let samples = self.series.get(key).map_or(&[][..], Vec::as_slice);
        let first = samples.partition_point(|s| s.at < from);
        let last = samples.partition_point(|s| s.at < to);
        let window = samples[first..last.max(first)].iter();
        window
            .filter(|s| s.visible <= now && unit.is_none_or(|u| s.unit.as_deref() == Some(u)))
            .collect()
    }

    fn lag_of(&self, namespace: &str) -> RangeInclusive<i64> {
        match self.lags.get(namespace) {
            Some(lag) => lag.clone(),
            // AWS services publish once a minute, and it takes a while to arrive.
            None if namespace.starts_with("AWS/") => 60..=120,
            None => 2..=10,
        }
    }
}

/// Sets how many seconds after publication a namespace's data can be seen, drawn anew for each datum.
///
/// Unset, it is 60–120 s for `AWS/…` and 2–10 s for others.
pub fn lag_seconds(world: &mut World, namespace: &str, seconds: RangeInclusive<i64>) {
    world.cloudwatch.metrics.lags.insert(namespace.to_owned(), seconds);
}

/// Publishes one value, as an AWS service does for its own metrics.
pub fn put(world: &mut World, namespace: &str, name: &str, dimensions: &[(&str, &str)], at: At, value: f64) {
    put_values(world, namespace, name, dimensions, at, vec![(value, 1.0)]);
}

/// Publishes many values of one moment, each with how often it was measured.
pub fn put_values(
    world: &mut World,
    namespace: &str,
    name: &str,
    dimensions: &[(&str, &str)],
    at: At,
    values: Vec<(f64, f64)>,
) {
    let dimensions = dimensions
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    let key = MetricKey::new(namespace, name, dimensions);
    publish(world, key, Sample::of_values(at, values));
}

fn publish(world: &mut World, key: MetricKey, mut sample: Sample) {
    let now = world.now;
    let lag = world.rng.i64(world.cloudwatch.metrics.lag_of(&key.namespace));
    sample.visible = now.max(sample.at).plus_seconds(lag);
    let CloudWatch { metrics, .. } = &mut world.cloudwatch;
    let samples = metrics.series.entry(key).or_default();
    let place = samples.partition_point(|s| s.at <= sample.at);
    samples.insert(place, sample);
    let expired = samples.partition_point(|s| s.at < now.plus_seconds(-RETENTION_SECONDS));
    samples.drain(..expired);
}

pub(super) fn put_metric_data(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let plain = input["MetricData"].as_array().into_iter().flatten();
    let of_entities = input["EntityMetricData"].as_array().into_iter().flatten();
    let of_entities = of_entities.flat_map(|e| e["MetricData"].as_array().into_iter().flatten());
    let data: Vec<&Value> = plain.chain(of_entities).collect();
    if data.is_empty() {
        return Err(Refusal::new(
            "MissingRequiredParameterException",
            "At least one of the parameters MetricData or EntityMetricData must be specified.",
        ));
    }
    // All or nothing: a datum that is refused keeps the others out.
    let read: Result<Vec<_>, Refusal> = data.into_iter().map(|datum| read_datum(world.now, datum)).collect();
    let namespace = input["Namespace"].as_str().unwrap_or_default();
    for (mut key, sample) in read? {
        namespace.clone_into(&mut key.namespace);
        publish(world, key, sample);
    }
    Ok(json!({}))
}

fn read_datum(now: At, datum: &Value) -> Result<(MetricKey, Sample), Refusal> {
    let at = datum["Timestamp"].as_f64().map_or(now, At::from_seconds);
    if at < now.plus_seconds(-14 * 86_400) || at > now.plus_seconds(2 * 3600) {
        return Err(Refusal::new(
            "InvalidParameterValueException",
            "The parameter MetricData.member.1.Timestamp must specify a time no more than two weeks in the past \
             and no more than two hours in the future.",
        ));
    }
    let values = datum["Values"].as_array();
    let given = [
        !datum["Value"].is_null(),
        !datum["StatisticValues"].is_null(),
        values.is_some(),
    ];
    if given.iter().filter(|g| **g).count() != 1 {
        return Err(Refusal::new(
            "InvalidParameterCombinationException",
            "The parameters MetricData.member.1.Value, MetricData.member.1.Values and \
             MetricData.member.1.StatisticValues are mutually exclusive and you have to specify one of them.",
        ));
    }
    let mut sample = match (values, datum["Value"].as_f64()) {
        (Some(values), _) => Sample::of_values(at, with_counts(values, &datum["Counts"])?),
        (None, Some(value)) => Sample::of_values(at, vec![(value, 1.0)]),
        (None, None) => Sample::of_set(at, &datum["StatisticValues"]),
    };
    if ![sample.sum, sample.minimum, sample.maximum]
        .into_iter()
        .all(f64::is_finite)
    {
        return Err(invalid(
            "The value for parameter MetricData.member.1.Value must be a finite number.",
        ));
    }
    sample.unit = datum["Unit"].as_str().map(str::to_owned);
    Ok((MetricKey::from_input(datum), sample))
}

fn with_counts(values: &[Value], counts: &Value) -> Result<Vec<(f64, f64)>, Refusal> {
    let numbers = values.iter().filter_map(Value::as_f64);
    let Some(counts) = counts.as_array() else {
        return Ok(numbers.map(|v| (v, 1.0)).collect());
    };
    if values.len() != counts.len() {
        return Err(Refusal::new(
            "InvalidParameterValueException",
            "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
        ));
    }
    Ok(numbers.zip(counts.iter().filter_map(Value::as_f64)).collect())
}
