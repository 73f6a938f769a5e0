//! What CloudWatch has of metrics, for several queries at once.

use crate::refused::Refused;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{MetricDataQuery, StatusCode};
use aws_smithy_types::DateTime;
use decide::At;
use std::collections::BTreeMap;

/// Data of one query.
#[derive(Default)]
pub(crate) struct Series {
    /// By the beginning of their period.
    pub(crate) points: BTreeMap<At, f64>,
    /// Whether there are several of them, of which none is the answer.
    pub(crate) several: bool,
    /// What CloudWatch calls it.
    pub(crate) label: Option<String>,
    /// Of a query's answers the last one tells whether there are all its data.
    pub(crate) complete: bool,
}

/// Asks for everything in one `GetMetricData`, however many pages it has: the data of each query by its id. `on` names
/// the metrics for people.
///
/// # Source
/// Amazon CloudWatch API Reference, GetMetricData: at most 500 queries; `StartTime` is inclusive, `EndTime` is not; a
/// datum has the time at which its period begins.
pub(crate) async fn series(
    client: &Client,
    queries: Vec<MetricDataQuery>,
    (from, until): (At, At),
    on: &str,
) -> Result<BTreeMap<String, Series>, Refused> {
    let request = client
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_millis(from.millis()))
        .end_time(DateTime::from_millis(until.millis()));
    let mut pages = request.into_paginator().send();
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Refused::from_sdk("GetMetricData", on, &error))?;
        for result in page.metric_data_results() {
            let found = series.entry(result.id().unwrap_or_default().to_owned()).or_default();
            // The same one goes on over pages under the same label.
            let label = result.label().map(str::to_owned);
            found.several |= found.label.is_some() && found.label != label;
            found.label = label;
            let data = result.timestamps().iter().zip(result.values());
            found
                .points
                .extend(data.map(|(time, value)| (crate::moment::at(time), *value)));
            found.complete = result.status_code() == Some(&StatusCode::Complete);
        }
    }
    Ok(series)
}

/// The time that covers all of these.
pub(crate) fn span(times: impl Iterator<Item = (At, At)>) -> Option<(At, At)> {
    times.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
}
