//! The JSON others get to see of an alarm: events, Lambda payloads, notifications.
//!
//! # Source
//! "Alarm events and EventBridge", "Alarm actions: Lambda" (user guide), and published SNS messages; see
//! `facts/aws.md` §3. Their spellings differ: `detail` and `alarmData`, `value` and `NewStateValue`,
//! dimensions as a map and as a list of `{"value", "name"}`.

use super::alarm::{Alarm, State, Watches};
use super::notice::Mute;
use crate::world::Home;
use serde_json::{Map, Value, json};

/// Longest subject line SNS takes.
const SUBJECT_MAX: usize = 100;

/// `detail` of "CloudWatch Alarm State Change".
pub(super) fn state_change(alarm: &Alarm, mute: Option<&Mute>) -> Value {
    let mut detail = json!({
        "alarmName": alarm.name,
        "state": state(&alarm.state),
        "previousState": state(&alarm.previous),
        "configuration": configuration(alarm),
    });
    if let Some(mute) = mute {
        detail["muteDetail"] = json!({
            "mutedByArn": mute.rule_arn,
            "muteWindowStart": mute.from.iso_offset(),
            "muteWindowEnd": mute.until.iso_offset(),
        });
    }
    detail
}

/// What Lambda is invoked with where a function is an alarm's action.
pub(super) fn direct_action(home: &Home, alarm: &Alarm) -> Value {
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": home.account,
        "time": alarm.state.updated.iso_offset(),
        "region": home.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": state(&alarm.state),
            "previousState": state(&alarm.previous),
            "configuration": configuration(alarm),
        },
    })
}

fn state(state: &State) -> Value {
    let mut json = json!({
        "value": state.value.text(),
        "reason": state.reason,
        "timestamp": state.updated.iso_offset(),
    });
    if let Some(data) = &state.reason_data {
        json["reasonData"] = json!(data);
    }
    if let Some(suppressed) = &state.suppressed {
        json["actionsSuppressedBy"] = json!(suppressed.by.text());
        json["actionsSuppressedReason"] = json!(suppressed.reason());
    }
    json
}

/// `configuration` as state changes carry it.
fn configuration(alarm: &Alarm) -> Value {
    let mut json = Map::new();
    let mut take = |from: &str, to: &str| {
        if let Some(value) = alarm.settings.get(from) {
            json.insert(to.to_owned(), value.clone());
        }
    };
    take("AlarmDescription", "description");
    take("AlarmRule", "alarmRule");
    take("ActionsSuppressor", "actionsSuppressor");
    take("ActionsSuppressorWaitPeriod", "actionsSuppressorWaitPeriod");
    take("ActionsSuppressorExtensionPeriod", "actionsSuppressorExtensionPeriod");
    if !alarm.is_composite() {
        json.insert("metrics".to_owned(), metrics(alarm));
    }
    Value::Object(json)
}

/// `configuration` as "CloudWatch Alarm Configuration Change" carries it.
pub(super) fn full_configuration(alarm: &Alarm) -> Value {
    let mut json = configuration(alarm);
    let given = [
        ("EvaluationPeriods", "evaluationPeriods"),
        ("DatapointsToAlarm", "datapointsToAlarm"),
        ("Threshold", "threshold"),
        ("ComparisonOperator", "comparisonOperator"),
        ("TreatMissingData", "treatMissingData"),
        ("ActionsEnabled", "actionsEnabled"),
        ("OKActions", "okActions"),
        ("AlarmActions", "alarmActions"),
        ("InsufficientDataActions", "insufficientDataActions"),
    ];
    for (from, to) in given {
        if let Some(value) = alarm.settings.get(from) {
            json[to] = value.clone();
        }
    }
    json["alarmName"] = json!(alarm.name);
    json["timestamp"] = json!(alarm.configured.iso_offset());
    json
}

/// `detail` of "CloudWatch Alarm Configuration Change".
pub(super) fn configuration_change(alarm: &Alarm, operation: &str, previous: Option<&Value>) -> Value {
    let mut state = json!({ "value": alarm.state.value.text(), "timestamp": alarm.state.updated.iso_offset() });
    if let Some(suppressed) = &alarm.state.suppressed {
        state["actionsSuppressedBy"] = json!(suppressed.by.text());
    }
    let mut detail = json!({
        "alarmName": alarm.name,
        "operation": operation,
        "state": state,
        "configuration": full_configuration(alarm),
    });
    if let Some(previous) = previous {
        detail["previousConfiguration"] = previous.clone();
    }
    detail
}

fn metrics(alarm: &Alarm) -> Value {
    match alarm.setting("Metrics").as_array() {
        Some(queries) => queries.iter().map(camel_query).collect(),
        None => {
            let stat = json!({
                "Metric": {
                    "Namespace": alarm.setting("Namespace"),
                    "MetricName": alarm.setting("MetricName"),
                    "Dimensions": alarm.setting("Dimensions"),
                },
                "Period": alarm.setting("Period"),
                "Stat": statistic(alarm),
                "Unit": alarm.setting("Unit"),
            });
            json!([camel_query(
                &json!({ "Id": alarm.metric_id, "MetricStat": stat, "ReturnData": true })
            )])
        }
    }
}

fn statistic(alarm: &Alarm) -> &Value {
    let plain = alarm.setting("Statistic");
    if plain.is_null() {
        alarm.setting("ExtendedStatistic")
    } else {
        plain
    }
}

/// One entry of `metrics`, as events spell it.
fn camel_query(query: &Value) -> Value {
    let mut json = json!({ "id": query["Id"], "returnData": query["ReturnData"].as_bool().unwrap_or(true) });
    for (from, to) in [("Expression", "expression"), ("Label", "label"), ("Period", "period")] {
        if !query[from].is_null() {
            json[to] = query[from].clone();
        }
    }
    let stat = &query["MetricStat"];
    if stat.is_object() {
        let metric = &stat["Metric"];
        let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
        let dimensions: Map<String, Value> = dimensions
            .map(|d| (d["Name"].as_str().unwrap_or_default().to_owned(), d["Value"].clone()))
            .collect();
        json["metricStat"] = json!({
            "metric": { "namespace": metric["Namespace"], "name": metric["MetricName"], "dimensions": dimensions },
            "period": stat["Period"],
            "stat": stat["Stat"],
        });
        if !stat["Unit"].is_null() {
            json["metricStat"]["unit"] = stat["Unit"].clone();
        }
    }
    json
}

/// Subject line of a notification; a long name is cut so that SNS takes it.
pub(super) fn subject(home: &Home, alarm: &Alarm) -> String {
    let place = region_name(&home.region);
    let frame = format!("{}: \"\" in {place}", alarm.state.value.text());
    let room = SUBJECT_MAX.saturating_sub(frame.chars().count());
    let name = if alarm.name.chars().count() <= room {
        alarm.name.clone()
    } else {
        alarm
            .name
            .chars()
            .take(room.saturating_sub(3))
            .chain("...".chars())
            .collect()
    };
    format!("{}: \"{name}\" in {place}", alarm.state.value.text())
}

/// Body of a notification.
pub(super) fn notification(home: &Home, alarm: &Alarm) -> Value {
    let mut json = json!({
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.setting("AlarmDescription"),
        "AWSAccountId": home.account,
        "NewStateValue": alarm.state.value.text(),
        "NewStateReason": alarm.state.reason,
        "StateChangeTime": alarm.state.updated.iso_offset(),
        "Region": region_name(&home.region),
        "AlarmArn": alarm.arn,
        "OldStateValue": alarm.previous.value.text(),
        "OKActions": alarm.setting("OKActions"),
        "AlarmActions": alarm.setting("AlarmActions"),
        "InsufficientDataActions": alarm.setting("InsufficientDataActions"),
    });
    match &alarm.watches {
        Watches::Metric { .. } => {
            json["AlarmConfigurationUpdatedTimestamp"] = json!(alarm.configured.iso_offset());
            json["Trigger"] = trigger(alarm);
        }
        Watches::Alarms { .. } => {
            json["AlarmRule"] = alarm.setting("AlarmRule").clone();
            json["TriggeringChildren"] = triggering_children(&alarm.state);
        }
    }
    json
}

fn triggering_children(state: &State) -> Value {
    let data = state
        .reason_data
        .as_deref()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let alarms = data.as_ref().and_then(|data| data["triggeringAlarms"].as_array());
    let children = alarms.into_iter().flatten().map(|alarm| {
        let (value, timestamp) = (&alarm["state"]["value"], &alarm["state"]["timestamp"]);
        json!({ "Arn": alarm["arn"], "State": { "Value": value, "Timestamp": timestamp } })
    });
    children.collect()
}

fn trigger(alarm: &Alarm) -> Value {
    let mut json = json!({
        "EvaluationPeriods": alarm.setting("EvaluationPeriods"),
        "ComparisonOperator": alarm.setting("ComparisonOperator"),
        "Threshold": alarm.setting("Threshold").as_f64(),
        "TreatMissingData": alarm.setting("TreatMissingData"),
        "EvaluateLowSampleCountPercentile": alarm.setting("EvaluateLowSampleCountPercentile").as_str().unwrap_or(""),
    });
    let period = match &alarm.watches {
        Watches::Metric { rule, .. } => rule.period_seconds,
        Watches::Alarms { .. } => 0,
    };
    json["Period"] = json!(period);
    if !alarm.setting("DatapointsToAlarm").is_null() {
        json["DatapointsToAlarm"] = alarm.setting("DatapointsToAlarm").clone();
    }
    if let Some(queries) = alarm.setting("Metrics").as_array() {
        json["Metrics"] = queries.iter().map(trigger_query).collect();
        return json;
    }
    json["MetricName"] = alarm.setting("MetricName").clone();
    json["Namespace"] = alarm.setting("Namespace").clone();
    json["Unit"] = alarm.setting("Unit").clone();
    json["Dimensions"] = trigger_dimensions(alarm.setting("Dimensions"));
    match alarm.setting("Statistic").as_str() {
        Some(statistic) => {
            json["StatisticType"] = json!("Statistic");
            json["Statistic"] = json!(shouted(statistic));
        }
        None => {
            json["StatisticType"] = json!("ExtendedStatistic");
            json["ExtendedStatistic"] = alarm.setting("ExtendedStatistic").clone();
        }
    }
    json
}

fn trigger_query(query: &Value) -> Value {
    let mut json = query.clone();
    let metric = &query["MetricStat"]["Metric"];
    if metric.is_object() {
        json["MetricStat"]["Metric"]["Dimensions"] = trigger_dimensions(&metric["Dimensions"]);
    }
    json["ReturnData"] = json!(query["ReturnData"].as_bool().unwrap_or(true));
    json
}

fn trigger_dimensions(dimensions: &Value) -> Value {
    let all = dimensions.as_array().into_iter().flatten();
    all.map(|d| json!({ "value": d["Value"], "name": d["Name"] })).collect()
}

/// `SampleCount` is `SAMPLE_COUNT` there.
fn shouted(statistic: &str) -> String {
    if statistic == "SampleCount" {
        "SAMPLE_COUNT".to_owned()
    } else {
        statistic.to_ascii_uppercase()
    }
}

/// The name by which notifications call a region.
fn region_name(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "ca-central-1" => "Canada (Central)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        "eu-west-3" => "EU (Paris)",
        "eu-north-1" => "EU (Stockholm)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-south-1" => "Asia Pacific (Mumbai)",
        "sa-east-1" => "South America (Sao Paulo)",
        other => other,
    }
}
