//! Rules between fields, which neither the table nor a schema can say.

mod swap;

use super::document::bounded;
use super::{DEADLINE_MINUTES, Mistake, UNTIL_PERMILLE, Window, push};
use crate::router::{self, SharesBy};
use crate::{At, freeze};
use serde_json::Value;
use std::collections::BTreeSet;

/// Adds what is wrong between fields that are each right, or at least readable.
pub(super) fn check(document: &Value, mistakes: &mut Vec<Mistake>) {
    canary_is_not_stable(document, mistakes);
    groups_are_two(document, mistakes);
    steps_are_written_once(document, mistakes);
    shares_grow(document, mistakes);
    equal_steps_can_be_had(document, mistakes);
    drained_by_the_deadline(document, mistakes);
    approved_only_after_a_bake(document, mistakes);
    our_actions_stand_in_a_pipeline(document, mistakes);
    once_each(document, "checks", "/name", ".name", "one check each", mistakes);
    once_each(document, "checks", "/queue", ".queue", "one check each", mistakes);
    failed_is_not_total(document, mistakes);
    health_is_judged_once(document, mistakes);
    periods_begin_with_the_hour(document, mistakes);
    expressions_yield_one_series(document, mistakes);
    names_in_expressions_are_told_apart(document, mistakes);
    once_each(document, "images_from", "", "", "once is enough", mistakes);
    windows_are_read_and_end(document, mistakes);
    a_dry_run_promotes_nothing(document, mistakes);
    push::starts_what_serin_gives(document, mistakes);
    swap::check(document, mistakes);
}

/// The promote action succeeds only where ECS runs the images, and a dry run gives them to nobody.
fn a_dry_run_promotes_nothing(document: &Value, mistakes: &mut Vec<Mistake>) {
    if document["dry_run"] != true {
        return;
    }
    if document["promotion"] == "roll_stable" {
        mistakes.push(Mistake::new(
            "dry_run",
            "is true, and promotion is roll_stable: a dry run gives stable nothing, so the promote action could never \
             succeed; leave the promotion to the pipeline's own deploy action, or take dry_run out",
        ));
    }
    if document["promotion"] == "swap" {
        mistakes.push(Mistake::new(
            "dry_run",
            "is true, and promotion is swap: a dry run moves no weights, so nothing would ever be swapped; take dry_run out",
        ));
    }
}

/// A moment from which windows are followed: nothing that is decided depends on it.
const FROM: At = At::EPOCH;

fn windows_are_read_and_end(document: &Value, mistakes: &mut Vec<Mistake>) {
    let windows: Vec<Option<Window>> = items(document, "freeze")
        .enumerate()
        .map(|(index, window)| readable(index, window, mistakes))
        .collect();
    // Only what can be followed can be told to leave no room.
    let Some(windows) = windows.into_iter().collect::<Option<Vec<Window>>>() else {
        return;
    };
    if !freeze::leave_room(&windows, FROM) {
        mistakes.push(Mistake::new(
            "freeze",
            "leaves no time in which anything could move forward: each window begins before the one before it has ended; \
             write fewer minutes",
        ));
    }
}

/// A window whose fields are each in order; what cannot be read in it is a mistake.
fn readable(index: usize, window: &Value, mistakes: &mut Vec<Mistake>) -> Option<Window> {
    // What has no form needs no second word.
    if mistakes
        .iter()
        .any(|mistake| mistake.field.starts_with(&format!("freeze[{index}]")))
    {
        return None;
    }
    let text = |name: &str| window.get(name).and_then(Value::as_str).map(str::to_owned);
    let minutes = window.get("minutes").and_then(Value::as_u64);
    let window = Window {
        cron: text("cron")?,
        minutes: u32::try_from(minutes?).ok()?,
        time_zone: text("time_zone")?,
    };
    let mut wrong = |name: &str, why: &str, example: &str| {
        let text = format!("cannot be read ({}); write {example}", bounded(why));
        mistakes.push(Mistake::new(format!("freeze[{index}].{name}"), text));
    };
    let unread = freeze::unreadable(&window.cron, &window.time_zone);
    for (field, why) in &unread {
        match field {
            freeze::Fields::Cron => wrong("cron", why, "five fields as in 0 16 * * FRI"),
            freeze::Fields::TimeZone => wrong("time_zone", why, "one as in Europe/Berlin, or UTC"),
        }
    }
    if !unread.is_empty() {
        return None;
    }
    if freeze::next(std::slice::from_ref(&window), FROM, 1).is_empty() {
        wrong("cron", "it never comes", "a day that is in the calendar");
        return None;
    }
    Some(window)
}

fn canary_is_not_stable(document: &Value, mistakes: &mut Vec<Mistake>) {
    let named = |service: &str| {
        document
            .pointer(&format!("/two_services/{service}"))
            .and_then(Value::as_str)
    };
    if named("stable").is_some_and(|stable| Some(stable) == named("canary")) {
        mistakes.push(Mistake::new(
            "two_services.canary",
            "is the stable service itself; name the small service that gets a revision first",
        ));
    }
}

fn groups_are_two(document: &Value, mistakes: &mut Vec<Mistake>) {
    let group = |name: &str| document.pointer(&format!("/traffic/{name}")).and_then(Value::as_str);
    let stable = group("stable_target_group");
    if stable.is_some() && stable == group("canary_target_group") {
        mistakes.push(Mistake::new(
            "traffic.canary_target_group",
            "is the stable target group itself; name the one that the canary service registers its tasks with",
        ));
    }
}

fn steps_are_written_once(document: &Value, mistakes: &mut Vec<Mistake>) {
    if document.get("steps").is_some() && document.get("linear").is_some() {
        mistakes.push(Mistake::new(
            "linear",
            "stands beside steps; write the steps one by one, or as equal ones",
        ));
    }
}

/// The last of equal steps is a share that there is, and is no less than the first.
fn equal_steps_can_be_had(document: &Value, mistakes: &mut Vec<Mistake>) {
    let number = |name: &str| document.pointer(&format!("/linear/{name}")).and_then(Value::as_u64);
    let Some(step) = number("step_permille") else { return };
    let Some(until) = number("until_permille") else { return };
    if until < step {
        let text = format!("is {until}, less than one step of {step}; write {step} or more");
        mistakes.push(Mistake::new("linear.until_permille", text));
    }
    let of_tasks = router::can_as_written(document).is_some_and(|can| match can.by {
        SharesBy::Tasks => true,
        SharesBy::Weights => false,
    });
    if of_tasks && until >= u64::from(UNTIL_PERMILLE) {
        let text = format!(
            "is {until}, and stable keeps its tasks where the share follows them; write less, the promotion gives the rest"
        );
        mistakes.push(Mistake::new("linear.until_permille", text));
    }
    if let Some(rests) = resting(document).filter(|rests| step < *rests) {
        let text = format!("is {step}, and the canary has {rests} at rest already; write {rests} or more");
        mistakes.push(Mistake::new("linear.step_permille", text));
    }
}

/// The canary's share while nothing is released, where the policy says.
fn resting(document: &Value) -> Option<u64> {
    if router::can_as_written(document).is_some_and(|can| !can.rests_at_a_share) {
        return None;
    }
    document
        .pointer("/traffic/resting_share_permille")
        .and_then(Value::as_u64)
}

fn shares_grow(document: &Value, mistakes: &mut Vec<Mistake>) {
    let mut before = 0;
    let rests = resting(document).unwrap_or_default();
    for (index, step) in items(document, "steps").enumerate() {
        let Some(share) = step
            .get("share_permille")
            .and_then(Value::as_u64)
            .filter(|share| *share > 0)
        else {
            continue;
        };
        if share <= before {
            mistakes.push(Mistake::new(
                format!("steps[{index}].share_permille"),
                format!("is {share} after {before}; each step's share must be larger than the one before"),
            ));
        }
        if share < rests {
            mistakes.push(Mistake::new(
                format!("steps[{index}].share_permille"),
                format!("is {share}, and the canary has {rests} at rest already; write {rests} or more"),
            ));
        }
        before = before.max(share);
    }
}

fn drained_by_the_deadline(document: &Value, mistakes: &mut Vec<Mistake>) {
    let minutes = match document.get("deadline_minutes") {
        None => Some(u64::from(DEADLINE_MINUTES)),
        Some(minutes) => minutes.as_u64(),
    };
    let seconds = document.pointer("/stop/seconds").and_then(Value::as_u64);
    let (Some(seconds), Some(deadline)) = (seconds, minutes.and_then(|minutes| minutes.checked_mul(60))) else {
        return;
    };
    if seconds >= deadline {
        mistakes.push(Mistake::new(
            "stop.seconds",
            format!("is {seconds}, and the rollback is to be done within {deadline}; drain for less, or raise deadline_minutes"),
        ));
    }
}

fn approved_only_after_a_bake(document: &Value, mistakes: &mut Vec<Mistake>) {
    let approval = document.get("approval").and_then(Value::as_str);
    let Some(approval @ ("automatic" | "human")) = approval else {
        return;
    };
    let baked = |step: &Value| step.get("bake_minutes").and_then(Value::as_u64).unwrap_or_default();
    let equal = document.pointer("/linear/every_minutes").and_then(Value::as_u64);
    let written = items(document, "steps").map(baked).chain(equal);
    let total = written.fold(0, u64::saturating_add);
    if total == 0 {
        mistakes.push(Mistake::new(
            "approval",
            format!(
                "is \"{approval}\", and no step bakes: nothing would be judged; write steps with bake_minutes, or \"pipeline\""
            ),
        ));
    }
}

/// Without a pipeline either Serin does both, or whoever deploys does.
fn our_actions_stand_in_a_pipeline(document: &Value, mistakes: &mut Vec<Mistake>) {
    if document.get("pipeline").is_some() {
        return;
    }
    let says = |field: &str| document.get(field).and_then(Value::as_str);
    let (approval, promotion) = (says("approval"), says("promotion"));
    match (approval, promotion) {
        (Some(ours @ ("automatic" | "human")), Some("pipeline")) => {
            let text = format!(
                "is \"{ours}\", and no pipeline is named whose action or approval Serin could answer; name it, or write \
                 \"promotion\": \"roll_stable\" and Serin gives stable what has baked by itself"
            );
            mistakes.push(Mistake::new("approval", text));
        }
        (Some("pipeline"), Some("roll_stable")) => {
            let text = "is \"roll_stable\", and no pipeline is named whose approval comes before that; name it, or write \
                        \"approval\": \"automatic\" or \"human\"";
            mistakes.push(Mistake::new("promotion", text));
        }
        _ => {}
    }
}

fn failed_is_not_total(document: &Value, mistakes: &mut Vec<Mistake>) {
    for (index, check) in items(document, "checks").enumerate() {
        let named = |metric: &str| check.pointer(&format!("/metric/{metric}")).and_then(Value::as_str);
        if named("failed").is_some_and(|failed| Some(failed) == named("total")) {
            mistakes.push(Mistake::new(
                format!("checks[{index}].metric.failed"),
                "is the metric that counts all messages; name the one that counts failures",
            ));
        }
    }
}

fn health_is_judged_once(document: &Value, mistakes: &mut Vec<Mistake>) {
    let health = items(document, "checks").enumerate();
    let more = health.filter(|(_, check)| check["kind"] == "health").skip(1);
    mistakes.extend(more.map(|(index, _)| {
        let text = "is \"health\" a second time; the smaller failed_tasks_max is the one that counts";
        Mistake::new(format!("checks[{index}].kind"), text)
    }));
}

/// Only periods that an hour is made of begin at the same times in whatever hour they are asked for.
///
/// # Source
/// Amazon CloudWatch API Reference, GetMetricData: a start time is rounded down to whole minutes, to multiples of 5
/// minutes where it is 15 days back, of an hour where it is 63 days back; nothing is said of other periods.
fn periods_begin_with_the_hour(document: &Value, mistakes: &mut Vec<Mistake>) {
    for (index, check) in items(document, "checks").enumerate() {
        let minutes = check.pointer("/metric/period_minutes").and_then(Value::as_u64);
        if let Some(minutes) = minutes.filter(|minutes| (1..60).contains(minutes) && 60 % minutes != 0) {
            let text = format!(
                "is {minutes}, and an hour is not made of whole periods; write 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60"
            );
            mistakes.push(Mistake::new(format!("checks[{index}].metric.period_minutes"), text));
        }
    }
}

/// What in metric math may yield any number of series: none of them could be held against the bound.
///
/// # Source
/// Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics": METRICS, SEARCH, INSIGHT_RULE_METRIC,
/// ANOMALY_DETECTION_BAND; "Query your CloudWatch metrics with Metrics Insights": SELECT.
const SEVERAL_SERIES: [&str; 5] = [
    "METRICS",
    "SEARCH",
    "INSIGHT_RULE_METRIC",
    "ANOMALY_DETECTION_BAND",
    "SELECT",
];

fn expressions_yield_one_series(document: &Value, mistakes: &mut Vec<Mistake>) {
    for (index, check) in items(document, "checks").enumerate() {
        let Some(expression) = check.pointer("/metric/expression").and_then(Value::as_str) else {
            continue;
        };
        let words: BTreeSet<&str> = expression
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect();
        for several in SEVERAL_SERIES.iter().filter(|several| words.contains(**several)) {
            mistakes.push(Mistake::new(
                format!("checks[{index}].metric.expression"),
                format!("has {several}, which may yield several series; name each metric, so that there is one value"),
            ));
        }
    }
}

/// CloudWatch is asked for all of them at once.
fn names_in_expressions_are_told_apart(document: &Value, mistakes: &mut Vec<Mistake>) {
    let mut seen = BTreeSet::new();
    for (index, check) in items(document, "checks").enumerate() {
        let terms = check
            .pointer("/metric/metrics")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (place, term) in terms.enumerate() {
            let Some(id) = term.get("id").and_then(Value::as_str).filter(|id| !seen.insert(*id)) else {
                continue;
            };
            mistakes.push(Mistake::new(
                format!("checks[{index}].metric.metrics[{place}].id"),
                format!(
                    "is {} a second time; each name stands for one metric of the policy",
                    bounded(id)
                ),
            ));
        }
    }
}

fn once_each(document: &Value, list: &str, pointer: &str, path: &str, advice: &str, mistakes: &mut Vec<Mistake>) {
    let mut seen = BTreeSet::new();
    for (index, item) in items(document, list).enumerate() {
        let Some(name) = item.pointer(pointer).and_then(Value::as_str) else {
            continue;
        };
        if !seen.insert(name) {
            mistakes.push(Mistake::new(
                format!("{list}[{index}]{path}"),
                format!("names {} a second time; {advice}", bounded(name)),
            ));
        }
    }
}

fn items<'d>(document: &'d Value, list: &str) -> impl Iterator<Item = &'d Value> {
    document.get(list).and_then(Value::as_array).into_iter().flatten()
}
