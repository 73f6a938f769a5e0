//! `DescribeAlarms`.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>

use super::alarm::Alarm;
use super::history::{alarm_types, invalid_token, page_limit};
use super::{composite, invalid};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// Alarms in a page where `MaxRecords` is not given.
const PAGE: usize = 50;

pub(super) fn describe_alarms(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let (alarms, members) = select(world, input)?;
    let after = match input["NextToken"].as_str() {
        None => "",
        Some(token) => token.strip_prefix("alarm/").ok_or_else(invalid_token)?,
    };
    let mut rest = alarms.into_iter().filter(|a| a.name.as_str() > after);
    let page: Vec<&Alarm> = rest.by_ref().take(page_limit(world, input, PAGE)).collect();
    let listed = |composite: bool| -> Vec<Value> {
        let kind = page.iter().filter(|a| a.is_composite() == composite);
        kind.map(|a| only(described(a), members)).collect()
    };
    let mut reply = json!({ "MetricAlarms": listed(false), "CompositeAlarms": listed(true), "LogAlarms": [] });
    if let (Some(last), Some(_)) = (page.last(), rest.next()) {
        reply["NextToken"] = json!(format!("alarm/{}", last.name));
    }
    Ok(reply)
}

/// The alarms meant, by name; and their members, where not all are told.
fn select<'a>(world: &'a World, input: &Value) -> Result<(Vec<&'a Alarm>, Option<&'static [&'static str]>), Refusal> {
    let alarms = world.cloudwatch.alarms.values();
    let relatives = ["ChildrenOfAlarmName", "ParentsOfAlarmName"];
    if let Some(relation) = relatives.into_iter().find(|r| input[*r].is_string()) {
        let others = input.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(other) = others
            .into_iter()
            .find(|n| ![relation, "MaxRecords", "NextToken"].contains(n))
        {
            return Err(invalid(format!("{other} cannot be specified together with {relation}")));
        }
        let name = input[relation].as_str().unwrap_or_default();
        if relation == "ParentsOfAlarmName" {
            let parents = composite::parents(world, name);
            let named = alarms.filter(|a| parents.contains(&a.name)).collect();
            return Ok((named, Some(&["AlarmName", "AlarmArn"])));
        }
        let children = composite::children(world, name);
        let named = alarms
            .filter(|a| children.iter().any(|(arn, _)| *arn == a.arn))
            .collect();
        let members: &[&str] = &["AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp"];
        return Ok((named, Some(members)));
    }
    let text = |member: &str| input[member].as_str();
    let names = input["AlarmNames"].as_array().filter(|names| !names.is_empty());
    if names.is_some() && text("AlarmNamePrefix").is_some() {
        return Err(invalid("AlarmNames and AlarmNamePrefix cannot be specified together"));
    }
    // "If you omit this parameter, only metric alarms are returned", also where a composite alarm is named.
    let types = alarm_types(input);
    let acts = |alarm: &Alarm, prefix: &str| {
        let lists = ["OKActions", "AlarmActions", "InsufficientDataActions"];
        let all = lists
            .iter()
            .flat_map(|list| alarm.setting(list).as_array().into_iter().flatten());
        all.filter_map(Value::as_str).any(|arn| arn.starts_with(prefix))
    };
    let selected = alarms
        .filter(|a| types.contains(&a.kind()))
        .filter(|a| names.is_none_or(|names| names.iter().any(|n| n.as_str() == Some(&a.name))))
        .filter(|a| text("AlarmNamePrefix").is_none_or(|prefix| a.name.starts_with(prefix)))
        .filter(|a| text("StateValue").is_none_or(|value| value == a.state.value.text()))
        .filter(|a| text("ActionPrefix").is_none_or(|prefix| acts(a, prefix)));
    Ok((selected.collect(), None))
}

fn described(alarm: &Alarm) -> Value {
    let mut json = Value::Object(alarm.settings.clone());
    let state = &alarm.state;
    json["AlarmArn"] = json!(alarm.arn);
    json["AlarmConfigurationUpdatedTimestamp"] = json!(alarm.configured.seconds());
    json["StateValue"] = json!(state.value.text());
    json["StateReason"] = json!(state.reason);
    json["StateUpdatedTimestamp"] = json!(state.updated.seconds());
    json["StateTransitionedTimestamp"] = json!(state.transitioned.seconds());
    if let Some(data) = &state.reason_data {
        json["StateReasonData"] = json!(data);
    }
    if let Some(suppressed) = &state.suppressed {
        json["ActionsSuppressedBy"] = json!(suppressed.by.text());
        json["ActionsSuppressedReason"] = json!(suppressed.reason());
    }
    json
}

fn only(mut alarm: Value, members: Option<&[&str]>) -> Value {
    if let (Some(members), Some(map)) = (members, alarm.as_object_mut()) {
        map.retain(|name, _| members.contains(&name.as_str()));
    }
    alarm
}
