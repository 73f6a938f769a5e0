//! What CloudWatch has of a metric in the end, as laws ask for it: unpaged, and under nobody's name but their own.

use super::evidence::ask;
use crate::Stage;
use serde_json::{Value, json};
use simulator::At;

/// For how long CloudWatch keeps minutes, nearly.
const KEPT_SECONDS: i64 = 14 * 86_400;

/// The first result of queries over a time.
pub(super) fn asked(stage: &Stage, queries: &[Value], (from, until): (At, At)) -> Value {
    let input = json!({"MetricDataQueries": queries, "StartTime": from.seconds(), "EndTime": until.seconds()});
    let page_size = stage.sim.world().page_size.take();
    let reply = ask(stage, "cloudwatch", "GetMetricData", input);
    stage.sim.world().page_size = page_size;
    reply["MetricDataResults"][0].clone()
}

/// A metric minute by minute, by each minute's begin, as far back as CloudWatch knows it.
pub(super) fn minutes(stage: &Stage, metric: &Value, statistic: &str) -> Vec<(At, u64)> {
    let query = json!({"Id": "asked", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}});
    let now = stage.sim.world().now;
    let result = asked(stage, &[query], (now.plus_seconds(-KEPT_SECONDS), now.plus_seconds(60)));
    let of = |member: &str| result[member].as_array().cloned().unwrap_or_default();
    let points = of("Timestamps").into_iter().zip(of("Values"));
    points
        .filter_map(|(at, value)| Some((At::from_seconds(at.as_f64()?), value.as_f64()? as u64)))
        .collect()
}
