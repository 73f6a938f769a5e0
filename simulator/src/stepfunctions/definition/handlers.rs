//! Retriers and catchers.

use super::fields::Fields;
use super::problems::Problems;
use super::{Catcher, Retrier};
use serde_json::Value;

/// Attempts after the first, where nothing is said: ASL specification, "Retrying after error".
const ATTEMPTS: i64 = 3;
const BACKOFF_RATE: f64 = 2.0;

/// The retriers of a Task, in order.
pub(super) fn retriers(task: &Fields<'_>, problems: &mut Problems) -> Vec<Retrier> {
    let entries = task.list("Retry", problems);
    let count = entries.len();
    let entries = entries.into_iter().enumerate();
    let read = entries.filter_map(|(index, entry)| {
        let fields = Fields::of(entry, format!("{}[{index}]", task.at("Retry")), problems)?;
        retrier(&fields, index + 1 == count, problems)
    });
    read.collect()
}

fn retrier(fields: &Fields<'_>, is_last: bool, problems: &mut Problems) -> Option<Retrier> {
    let known = [
        "BackoffRate",
        "Comment",
        "ErrorEquals",
        "IntervalSeconds",
        "JitterStrategy",
        "MaxAttempts",
        "MaxDelaySeconds",
    ];
    fields.only(&known, problems);
    let errors = errors(fields, is_last, problems);
    let interval = fields.whole("IntervalSeconds", 1, problems).unwrap_or(1);
    let attempts = fields.whole("MaxAttempts", 0, problems).unwrap_or(ATTEMPTS);
    let backoff_rate = fields.number("BackoffRate", problems).unwrap_or(BACKOFF_RATE);
    if backoff_rate < 1.0 {
        problems.schema(&fields.at("BackoffRate"), "Value is less than 1.0");
    }
    let longest = fields.whole("MaxDelaySeconds", 1, problems);
    if longest.is_some_and(|longest| longest <= interval) {
        problems.schema(
            &fields.at("MaxDelaySeconds"),
            "Value must be greater than IntervalSeconds",
        );
    }
    let jitter = fields.text("JitterStrategy", problems);
    if jitter.is_some_and(|jitter| !["FULL", "NONE"].contains(&jitter)) {
        problems.schema(&fields.at("JitterStrategy"), "Value is not one of [FULL, NONE]");
    }
    Some(Retrier {
        errors,
        interval_seconds: interval as f64,
        max_attempts: u64::try_from(attempts).ok()?,
        backoff_rate,
        max_delay_seconds: longest.map(|seconds| seconds as f64),
        is_jittered: jitter == Some("FULL"),
    })
}

/// The catchers of a Task, in order.
pub(super) fn catchers(task: &Fields<'_>, problems: &mut Problems) -> Vec<Catcher> {
    let entries = task.list("Catch", problems);
    let count = entries.len();
    let entries = entries.into_iter().enumerate();
    let read = entries.filter_map(|(index, entry)| {
        let fields = Fields::of(entry, format!("{}[{index}]", task.at("Catch")), problems)?;
        fields.only(&["Comment", "ErrorEquals", "Next", "ResultPath"], problems);
        fields.require(&["Next"], problems);
        let errors = errors(&fields, index + 1 == count, problems);
        Some(Catcher {
            errors,
            result_path: fields.result_path(problems),
            next: fields.text("Next", problems)?.to_owned(),
        })
    });
    read.collect()
}

/// `ErrorEquals`: `States.ALL` stands alone, and in the last handler.
fn errors(fields: &Fields<'_>, is_last: bool, problems: &mut Problems) -> Vec<String> {
    fields.require(&["ErrorEquals"], problems);
    let names = fields.list("ErrorEquals", problems);
    if !names.iter().all(|name| name.is_string()) {
        problems.schema(&fields.at("ErrorEquals"), "Expected value of type String");
    }
    let names: Vec<String> = names.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.iter().any(|name| name == "States.ALL") && (names.len() > 1 || !is_last) {
        let what = "States.ALL must appear alone and at the end of the list";
        problems.schema(&fields.at("ErrorEquals"), what);
    }
    names
}
