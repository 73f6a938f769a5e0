//! What happened to alarms: `DescribeAlarmHistory`.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>;
//! `HistoryData` after the CLI's own example and published histories.

use super::alarm::{Alarm, State};
use super::{document, invalid};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Longest `HistoryData` and `HistorySummary` of the model.
const DATA_MAX: usize = 4095;
const SUMMARY_MAX: usize = 255;
/// "CloudWatch preserves alarm history for 30 days."
const RETENTION_SECONDS: i64 = 30 * 86_400;

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    serial: u64,
    at: At,
    alarm: String,
    alarm_type: &'static str,
    item_type: &'static str,
    summary: String,
    data: String,
}

/// The alarm went from its previous state to its present one.
pub(super) fn state_updated(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let (old, new) = (&alarm.previous, &alarm.state);
    let summary = format!("Alarm updated from {} to {}", old.value.text(), new.value.text());
    let data = |with_data: bool| {
        let (old, new) = (state(old, with_data), state(new, with_data));
        format!("{{\"version\":\"1.0\",\"oldState\":{old},\"newState\":{new}}}")
    };
    let data = fitting([data(true), data(false)]);
    add(world, name, "StateUpdate", summary, data);
}

fn state(state: &State, with_data: bool) -> String {
    let reason = Value::from(state.reason.as_str());
    let mut text = format!("{{\"stateValue\":\"{}\",\"stateReason\":{reason}", state.value.text());
    if let Some(data) = state.reason_data.as_ref().filter(|_| with_data) {
        text += &format!(",\"stateReasonData\":{data}");
    }
    text + "}"
}

/// An action was done; `published` is what went to a topic.
pub(super) fn action_done(world: &mut World, name: &str, action: &str, published: Option<String>) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let mut data = json!({
        "actionState": "Succeeded",
        "stateUpdateTimestamp": alarm.state.updated.0,
        "notificationResource": action,
    });
    let short = data.to_string();
    if let Some(message) = published {
        data["publishedMessage"] = json!(json!({ "default": message }).to_string());
    }
    let summary = format!("Successfully executed action {action}");
    add(world, name, "Action", summary, fitting([data.to_string(), short]));
}

/// An alarm was created, updated or deleted (`operation` as events spell it), which also is an event.
pub(super) fn configured(world: &mut World, name: &str, operation: &str, previous: Option<&Value>) {
    let Some(alarm) = world.cloudwatch.alarms.get(name) else {
        return;
    };
    let (done, kind, member) = match operation {
        "create" => ("created", "Create", "createdAlarm"),
        "update" => ("updated", "Update", "updatedAlarm"),
        _ => ("deleted", "Delete", "deletedAlarm"),
    };
    let short = json!({ "version": "1.0", "type": kind });
    let mut data = short.clone();
    data[member] = described(alarm);
    let detail = document::configuration_change(alarm, operation, previous);
    let resources = [alarm.arn.clone()];
    let summary = format!("Alarm \"{name}\" {done}");
    add(
        world,
        name,
        "ConfigurationUpdate",
        summary,
        fitting([data.to_string(), short.to_string()]),
    );
    world.emit(
        "aws.cloudwatch",
        "CloudWatch Alarm Configuration Change",
        &resources,
        detail,
    );
}

/// The alarm with its members spelt in camel case, times as text.
fn described(alarm: &Alarm) -> Value {
    let mut json = json!({
        "alarmArn": alarm.arn,
        "alarmConfigurationUpdatedTimestamp": alarm.configured.iso_offset(),
        "stateValue": alarm.state.value.text(),
        "stateUpdatedTimestamp": alarm.state.updated.iso_offset(),
    });
    for (name, value) in &alarm.settings {
        let camel = match name.strip_prefix("OK") {
            Some(rest) => format!("ok{rest}"),
            None => name[..1].to_ascii_lowercase() + &name[1..],
        };
        json[camel] = value.clone();
    }
    json
}

/// The first that is short enough.
fn fitting<const N: usize>(candidates: [String; N]) -> String {
    let short = candidates.iter().find(|text| text.chars().count() <= DATA_MAX);
    short.cloned().unwrap_or_else(|| "{}".to_owned())
}

fn add(world: &mut World, name: &str, item_type: &'static str, summary: String, data: String) {
    let Some(alarm_type) = world.cloudwatch.alarms.get(name).map(Alarm::kind) else {
        return;
    };
    let item = Item {
        serial: world.serial(),
        at: world.now,
        alarm: name.to_owned(),
        alarm_type,
        item_type,
        summary: summary.chars().take(SUMMARY_MAX).collect(),
        data,
    };
    let oldest = world.now.plus_seconds(-RETENTION_SECONDS);
    let history = &mut world.cloudwatch.history;
    let expired = history.partition_point(|i| i.at < oldest);
    history.drain(..expired);
    history.push(item);
}

pub(super) fn describe_alarm_history(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    // "If you omit this parameter, only metric alarms are returned", also where a composite alarm is named.
    let types = alarm_types(input);
    let text = |member: &str| input[member].as_str();
    let moment = |member: &str| input[member].as_f64().map(At::from_seconds);
    let (start, end) = (moment("StartDate"), moment("EndDate"));
    if let (Some(start), Some(end)) = (start, end)
        && start > end
    {
        return Err(invalid("StartDate must be before EndDate"));
    }
    let mut items: Vec<&Item> = world
        .cloudwatch
        .history
        .iter()
        .filter(|i| types.contains(&i.alarm_type))
        .filter(|i| text("AlarmName").is_none_or(|name| name == i.alarm))
        .filter(|i| text("HistoryItemType").is_none_or(|kind| kind == i.item_type))
        .filter(|i| start.is_none_or(|s| s <= i.at) && end.is_none_or(|e| i.at <= e))
        .filter(|i| i.at >= world.now.plus_seconds(-RETENTION_SECONDS))
        .collect();
    if text("ScanBy") != Some("TimestampAscending") {
        items.reverse();
    }
    let from = match text("NextToken") {
        None => 0,
        Some(token) => {
            let last = token.strip_prefix("item/").and_then(|n| n.parse::<u64>().ok());
            let place = last.and_then(|last| items.iter().position(|i| i.serial == last));
            place.ok_or_else(invalid_token)? + 1
        }
    };
    let limit = page_limit(world, input, 100);
    let page: Vec<&Item> = items.iter().skip(from).take(limit).copied().collect();
    let mut reply = json!({ "AlarmHistoryItems": page.iter().map(|i| i.json()).collect::<Vec<_>>() });
    if let Some(last) = page.last().filter(|_| from + page.len() < items.len()) {
        reply["NextToken"] = json!(format!("item/{}", last.serial));
    }
    Ok(reply)
}

impl Item {
    fn json(&self) -> Value {
        json!({
            "AlarmName": self.alarm,
            "AlarmType": self.alarm_type,
            "Timestamp": self.at.seconds(),
            "HistoryItemType": self.item_type,
            "HistorySummary": self.summary,
            "HistoryData": self.data,
        })
    }
}

/// Kinds of alarms asked for; only metric alarms unless others are named.
pub(super) fn alarm_types(input: &Value) -> Vec<&str> {
    let named: Vec<&str> = input["AlarmTypes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if named.is_empty() { vec!["MetricAlarm"] } else { named }
}

pub(super) fn invalid_token() -> Refusal {
    Refusal::new("InvalidNextToken", "The next token specified is invalid.")
}

/// Entries in one page: as asked, or AWS's default, or what the test wants.
pub(super) fn page_limit(world: &World, input: &Value, default: usize) -> usize {
    let asked = input["MaxRecords"].as_u64().map_or(default, |n| n as usize);
    asked.min(world.page_size.unwrap_or(usize::MAX)).max(1)
}
