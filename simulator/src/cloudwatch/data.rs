//! `GetMetricData`.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>

use super::history::invalid_token;
use super::invalid;
use super::query::{self, Query, Source};
use super::scope::Scope;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Data points in one reply.
const DATAPOINTS_MAX: usize = 100_800;

/// One answer before paging.
struct Answer {
    id: String,
    label: String,
    points: Vec<(i64, f64)>,
}

pub(super) fn get_metric_data(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let queries = query::parse(&input["MetricDataQueries"])?;
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
            offset.ok_or_else(invalid_token)?
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
