//! Composite alarms: what the alarms they watch make of them.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.md> and the model's texts of
//! `PutCompositeAlarm` and `SetAlarmState`: evaluated after creation, after an update, and whenever a child changes
//! state; after `SetAlarmState` "it returns to its actual state only once any of its children alarms change state".

use super::alarm::{Alarm, State, StateValue, Watches};
use super::number::long_date;
use super::transition::{self, Entry};
use crate::world::World;

/// Evaluates a composite alarm because it was created or updated.
pub(super) fn evaluate_as_configured(world: &mut World, name: &str) {
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    alarm.next_evaluation = None;
    let how = if std::mem::take(&mut alarm.created) {
        "created"
    } else {
        "updated"
    };
    let arn = alarm.arn.clone();
    let children = children(world, name);
    evaluate(world, name, &mut Vec::new(), |value| Entry {
        value,
        reason: format!("{arn} was {how} and its alarm rule evaluates to {}", value.text()),
        reason_data: Some(triggered_by(&children)),
    });
}

/// Evaluates the composite alarms above one that changed state. `path` is how the change came here.
pub(super) fn child_changed(world: &mut World, child: &str, path: &mut Vec<String>) {
    let Some(changed) = world.cloudwatch.alarms.get(child) else {
        return;
    };
    let (arn, state) = (changed.arn.clone(), changed.state.clone());
    for parent in parents(world, child) {
        // "The evaluation of composite alarms stops if CloudWatch detects a cycle in the evaluation path."
        if path.contains(&parent) {
            continue;
        }
        path.push(parent.clone());
        evaluate(world, &parent, path, |value| Entry {
            value,
            reason: format!(
                "{arn} transitioned to {} at {}",
                state.value.text(),
                long_date(state.transitioned)
            ),
            reason_data: Some(triggered_by(&[(arn.clone(), state.clone())])),
        });
        path.pop();
    }
}

fn evaluate(world: &mut World, name: &str, path: &mut Vec<String>, entry: impl Fn(StateValue) -> Entry) {
    let alarms = &world.cloudwatch.alarms;
    let Some(alarm) = alarms.get(name) else {
        return;
    };
    let Watches::Alarms { condition } = &alarm.watches else {
        return;
    };
    let holds = condition.holds(&|called: &str| find(world, called).map(|a| a.state.value));
    let value = if holds { StateValue::Alarm } else { StateValue::Ok };
    if value != alarm.state.value {
        transition::enter(world, name, entry(value), path);
    }
}

/// The alarm of this name or ARN.
pub(super) fn find<'a>(world: &'a World, name_or_arn: &str) -> Option<&'a Alarm> {
    let alarms = &world.cloudwatch.alarms;
    let by_name = alarms.get(name_or_arn);
    by_name.or_else(|| alarms.values().find(|a| a.arn == name_or_arn))
}

/// Composite alarms whose rule names this alarm.
pub(super) fn parents(world: &World, child: &str) -> Vec<String> {
    let alarms = &world.cloudwatch.alarms;
    let Some(child) = alarms.get(child) else {
        return Vec::new();
    };
    let names_it = |alarm: &&Alarm| match &alarm.watches {
        Watches::Alarms { condition } => condition.alarms().iter().any(|called| child.is_called(called)),
        Watches::Metric { .. } => false,
    };
    alarms.values().filter(names_it).map(|a| a.name.clone()).collect()
}

/// ARN and state of the alarms a composite alarm watches.
pub(super) fn children(world: &World, name: &str) -> Vec<(String, State)> {
    match world.cloudwatch.alarms.get(name).map(|a| &a.watches) {
        Some(Watches::Alarms { condition }) => {
            let called = condition.alarms();
            let found = called.iter().filter_map(|called| find(world, called));
            found.map(|a| (a.arn.clone(), a.state.clone())).collect()
        }
        _ => Vec::new(),
    }
}

fn triggered_by(alarms: &[(String, State)]) -> String {
    let each = alarms.iter().map(|(arn, state)| {
        format!(
            "{{\"arn\":{},\"state\":{{\"value\":\"{}\",\"timestamp\":\"{}\"}}}}",
            serde_json::Value::from(arn.as_str()),
            state.value.text(),
            state.updated.iso_offset()
        )
    });
    format!("{{\"triggeringAlarms\":[{}]}}", each.collect::<Vec<_>>().join(","))
}
