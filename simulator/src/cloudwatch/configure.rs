//! `PutMetricAlarm`, `PutCompositeAlarm`, `DeleteAlarms` and the switch of their actions.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html> and its neighbours.
//! Texts of refusals are AWS's where one has been published, else our own.

use super::alarm::{Alarm, State, Watches};
use super::judge::{Comparison, Rule, Treatment};
use super::query::{self, Query, Source};
use super::rule::Condition;
use super::scope::Scope;
use super::{composite, document, history, invalid, transition};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Map, Value, json};

/// "A math expression used for an alarm can include as many as 10 metrics."
const METRICS_MAX: usize = 10;

pub(super) fn put_metric_alarm(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    if !input["EvaluationCriteria"].is_null() || !input["ThresholdMetricId"].is_null() {
        return Err(invalid("PromQL and anomaly detection alarms are not simulated"));
    }
    let (queries, watched) = queries(input)?;
    let rule = rule(input, &queries, &watched)?;
    try_out(world, &queries, &watched, &rule)?;
    let mut settings = settings(input);
    settings.entry("TreatMissingData").or_insert(json!("missing"));
    settings.entry("Dimensions").or_insert(json!([]));
    let next = transition::next_evaluation(name(input), rule.period_seconds, world.now);
    let watches = Watches::Metric { queries, watched, rule };
    save(world, settings, watches, next)
}

/// What is watched: the one metric of the request, or the one of its `Metrics` that returns data.
fn queries(input: &Value) -> Result<(Vec<Query>, String), Refusal> {
    let metrics = &input["Metrics"];
    let single = [
        "MetricName",
        "Namespace",
        "Dimensions",
        "Period",
        "Unit",
        "Statistic",
        "ExtendedStatistic",
    ];
    if metrics.is_null() {
        let statistic = match (input["Statistic"].as_str(), input["ExtendedStatistic"].as_str()) {
            (Some(one), None) | (None, Some(one)) => one,
            _ => {
                return Err(invalid(
                    "Exactly one of Statistic and ExtendedStatistic must be specified",
                ));
            }
        };
        if let Some(missing) = ["MetricName", "Namespace", "Period"]
            .iter()
            .find(|m| input[**m].is_null())
        {
            return Err(invalid(format!("The parameter {missing} must be specified")));
        }
        let stat = json!({
            "Metric": input, "Period": input["Period"], "Stat": statistic, "Unit": input["Unit"],
        });
        let queries = query::parse(&json!([{ "Id": "m1", "MetricStat": stat }]))?;
        return Ok((queries, "m1".to_owned()));
    }
    if let Some(both) = single.iter().find(|m| !input[**m].is_null()) {
        return Err(invalid(format!("{both} cannot be specified together with Metrics")));
    }
    let queries = query::parse(metrics)?;
    let periods: Vec<i64> = queries.iter().filter_map(Query::period_seconds).collect();
    if periods.is_empty() || periods.len() > METRICS_MAX || periods.iter().any(|p| *p != periods[0]) {
        let text = format!("An alarm stands on 1 to {METRICS_MAX} metrics, all of the same period");
        return Err(invalid(text));
    }
    let watched: Vec<String> = queries.iter().filter(|q| q.return_data).map(|q| q.id.clone()).collect();
    match watched.as_slice() {
        [one] => Ok((queries, one.clone())),
        _ => Err(invalid("Exactly one element of the metrics list should return data.")),
    }
}

fn rule(input: &Value, queries: &[Query], watched: &str) -> Result<Rule, Refusal> {
    let number = |member: &str| input[member].as_u64().map(|n| n as usize);
    let required = |member: &str| invalid(format!("The parameter {member} must be specified"));
    let evaluation_periods = number("EvaluationPeriods").ok_or_else(|| required("EvaluationPeriods"))?;
    let datapoints_to_alarm = number("DatapointsToAlarm");
    if datapoints_to_alarm.is_some_and(|m| m > evaluation_periods) {
        return Err(invalid(
            "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
        ));
    }
    let period_seconds = queries.iter().find_map(Query::period_seconds).unwrap_or(60);
    check_length(period_seconds, evaluation_periods)?;
    let comparison = input["ComparisonOperator"].as_str().unwrap_or_default();
    let comparison = Comparison::parse(comparison).ok_or_else(|| required("ComparisonOperator"))?;
    let treatment = input["TreatMissingData"].as_str().unwrap_or("missing");
    let mut treatment = Treatment::parse(treatment).ok_or_else(|| {
        let text = "Valid values are [breaching, notBreaching, ignore, missing]";
        invalid(format!(
            "Option {treatment} is not supported for TreatMissingData. {text}"
        ))
    })?;
    let mut rule_unit = None;
    let mut samples_needed = None;
    let mut statistic = None;
    let watched = queries.iter().find(|q| q.id == watched);
    if let (Some(Source::Metric { statistic: s, unit, .. }), true) =
        (watched.map(|q| &q.source), input["Metrics"].is_null())
    {
        rule_unit.clone_from(unit);
        let low = input["EvaluateLowSampleCountPercentile"].as_str() == Some("ignore");
        samples_needed = s.samples_needed().filter(|_| low);
        let named = input["Statistic"].as_str().or(input["ExtendedStatistic"].as_str());
        statistic = named.map(str::to_owned);
    }
    // "Alarms that evaluate metrics in the AWS/DynamoDB namespace always ignore missing data."
    let of_dynamodb = |q: &Query| matches!(&q.source, Source::Metric { key, .. } if key.namespace == "AWS/DynamoDB");
    if queries.iter().any(of_dynamodb) {
        treatment = Treatment::Ignore;
    }
    Ok(Rule {
        evaluation_periods,
        datapoints_to_alarm,
        comparison,
        threshold: input["Threshold"].as_f64().ok_or_else(|| required("Threshold"))?,
        treatment,
        period_seconds,
        statistic,
        unit: rule_unit,
        samples_needed,
    })
}

/// "Valid values are 10, 20, 30, and any multiple of 60"; in all no longer than a day, with hours a week.
fn check_length(period_seconds: i64, evaluation_periods: usize) -> Result<(), Refusal> {
    if !matches!(period_seconds, 10 | 20 | 30) && period_seconds % 60 != 0 || period_seconds <= 0 {
        return Err(invalid("Period must be 10, 20, 30 or a multiple of 60"));
    }
    let (longest, spoken) = if period_seconds < 3600 {
        (86_400, "a day")
    } else {
        (604_800, "seven days")
    };
    let total = period_seconds.saturating_mul(i64::try_from(evaluation_periods).unwrap_or(i64::MAX));
    if total > longest {
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {spoken} (EvaluationPeriods * Period must be <= {longest})."
        )));
    }
    Ok(())
}

/// Answers the expression once, so that one that yields no single series is refused now and not every minute.
fn try_out(world: &World, queries: &[Query], watched: &str, rule: &Rule) -> Result<(), Refusal> {
    let scope = Scope {
        cloudwatch: &world.cloudwatch,
        queries,
        from: world.now.plus_seconds(-rule.period_seconds),
        to: world.now,
        now: world.now,
    };
    for query in queries.iter().filter(|q| q.id == watched) {
        match scope.answer(query) {
            Ok(all) if all.len() == 1 => {}
            Ok(_) => return Err(invalid("The expression must return a single time series")),
            Err(e) => return Err(invalid(format!("Error in expression '{watched}' [{e}]"))),
        }
    }
    Ok(())
}

pub(super) fn put_composite_alarm(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let text = input["AlarmRule"].as_str().unwrap_or_default();
    if text.trim() != text {
        return Err(invalid(
            "AlarmRule must not contain leading or trailing whitespace or be null",
        ));
    }
    let condition = Condition::parse(text).map_err(|e| invalid(format!("AlarmRule is not valid: {e}")))?;
    let itself = |called: &str| called == name(input);
    let unknown: Vec<&str> = condition
        .alarms()
        .into_iter()
        .filter(|called| !itself(called) && composite::find(world, called).is_none())
        .collect();
    if !unknown.is_empty() {
        return Err(invalid(format!(
            "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
            unknown.join(", ")
        )));
    }
    check_suppressor(world, input)?;
    let soon = world.now.plus_seconds(1);
    save(world, settings(input), Watches::Alarms { condition }, soon)
}

fn check_suppressor(world: &World, input: &Value) -> Result<(), Refusal> {
    let periods = ["ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"];
    let Some(suppressor) = input["ActionsSuppressor"].as_str() else {
        return match periods.iter().find(|p| !input[**p].is_null()) {
            Some(period) => Err(invalid(format!("{period} is given without ActionsSuppressor"))),
            None => Ok(()),
        };
    };
    if let Some(missing) = periods.iter().find(|p| input[**p].is_null()) {
        return Err(invalid(format!(
            "{missing} is required when ActionsSuppressor is specified"
        )));
    }
    match composite::find(world, suppressor) {
        Some(_) => Ok(()),
        None => Err(invalid(format!("The suppressor alarm {suppressor} does not exist"))),
    }
}

fn name(input: &Value) -> &str {
    input["AlarmName"].as_str().unwrap_or_default()
}

/// The request as `DescribeAlarms` gives it back: without tags, with defaults.
fn settings(input: &Value) -> Map<String, Value> {
    let mut settings = input.as_object().cloned().unwrap_or_default();
    settings.retain(|member, value| member != "Tags" && !value.is_null());
    settings.entry("ActionsEnabled").or_insert(json!(true));
    for actions in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        settings.entry(actions).or_insert(json!([]));
    }
    settings
}

/// Creates or overwrites. "When you update an existing alarm, its state is left unchanged."
fn save(
    world: &mut World,
    settings: Map<String, Value>,
    watches: Watches,
    next_evaluation: crate::time::At,
) -> Result<Value, Refusal> {
    let name = settings
        .get("AlarmName")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let now = world.now;
    let metric_id = world.uuid();
    let arn = world.arn("cloudwatch", &format!("alarm:{name}"));
    let Some(alarm) = world.cloudwatch.alarms.get_mut(&name) else {
        let alarm = Alarm {
            name: name.clone(),
            arn,
            state: State::initial(now),
            previous: State::initial(now),
            settings,
            configured: now,
            watches,
            metric_id,
            next_evaluation: Some(next_evaluation),
            created: true,
            muted_until: None,
        };
        world.cloudwatch.alarms.insert(name.clone(), alarm);
        history::configured(world, &name, "create", None);
        return Ok(json!({}));
    };
    if alarm.is_composite() != matches!(watches, Watches::Alarms { .. }) {
        return Err(invalid(format!("An alarm {name} of another type exists already")));
    }
    let previous = document::full_configuration(alarm);
    if alarm.settings.get("ActionsSuppressor") != settings.get("ActionsSuppressor") {
        // "If you replace the action suppressor alarm, any active WaitPeriod or ExtensionPeriod is discarded."
        alarm.state.suppressed = None;
    }
    alarm.settings = settings;
    alarm.watches = watches;
    alarm.metric_id = metric_id;
    alarm.configured = now;
    alarm.next_evaluation = Some(next_evaluation);
    history::configured(world, &name, "update", Some(&previous));
    Ok(json!({}))
}

fn names(input: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in input["AlarmNames"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// "If you specify any incorrect alarm names, the alarms you specify with correct names are still deleted"; where
/// none is correct, the model's ResourceNotFound is all that is left to say.
pub(super) fn delete_alarms(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let mut names = names(input);
    names.retain(|name| world.cloudwatch.alarms.contains_key(name));
    if names.is_empty() {
        return Err(Refusal::new("ResourceNotFound", "None of the alarms exists").status(404));
    }
    let composites = names
        .iter()
        .filter(|n| world.cloudwatch.alarms[*n].is_composite())
        .count();
    if composites > 1 {
        return Err(invalid("No more than one composite alarm can be deleted at a time"));
    }
    let needed = |name: &&String| {
        !composite::parents(world, name)
            .iter()
            .all(|parent| names.contains(parent))
    };
    let blocked: Vec<&str> = names.iter().filter(needed).map(String::as_str).collect();
    if !blocked.is_empty() {
        let them = if blocked.len() == 1 { "it" } else { "them" };
        return Err(invalid(format!(
            "Cannot delete {} as there are composite alarm(s) depending on {them}.",
            blocked.join(",")
        )));
    }
    for name in names {
        history::configured(world, &name, "delete", None);
        world.cloudwatch.alarms.remove(&name);
    }
    Ok(json!({}))
}

/// Actions of a state entered meanwhile are not caught up on.
pub(super) fn set_actions_enabled(world: &mut World, input: &Value, enabled: bool) -> Result<Value, Refusal> {
    let now = world.now;
    for name in names(input) {
        let Some(alarm) = world.cloudwatch.alarms.get_mut(&name) else {
            continue;
        };
        if alarm.actions_enabled() == enabled {
            continue;
        }
        let previous = document::full_configuration(alarm);
        alarm.settings.insert("ActionsEnabled".to_owned(), json!(enabled));
        alarm.configured = now;
        history::configured(world, &name, "update", Some(&previous));
    }
    Ok(json!({}))
}
