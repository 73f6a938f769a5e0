//! Amazon CloudWatch: metrics as they arrive, alarms as they judge them.
//!
//! # Shape
//!
//! ```text
//! put → metrics ─┬→ query (GetMetricData, metric math)
//!                └→ judge (one alarm, one minute) → transition → history, event, actions
//!                                                       └→ composite alarms above it
//! ```
//!
//! Alarms are earned: a state changes only through metrics or `SetAlarmState`.

mod alarm;
mod composite;
mod configure;
mod data;
mod describe;
mod document;
mod history;
mod judge;
mod math;
mod metrics;
mod notice;
mod number;
mod query;
mod reason;
mod rule;
mod scope;
mod series;
pub mod stage;
mod statistic;
mod suppression;
mod transition;

#[cfg(test)]
mod tests;

pub use alarm::{Alarm, State, StateValue, Suppression, SuppressionBy};
pub use metrics::{lag_seconds, put, put_values};

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// State of the service.
#[derive(Debug, Default)]
pub struct CloudWatch {
    pub(crate) metrics: metrics::Metrics,
    pub(super) alarms: BTreeMap<String, Alarm>,
    pub(crate) history: Vec<history::Item>,
    pub(crate) mutes: Vec<notice::Mute>,
}

/// Answers one request. Times are epoch seconds, as numbers.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "PutMetricData" => metrics::put_metric_data(world, input),
        "GetMetricData" => data::get_metric_data(world, input),
        "PutMetricAlarm" => configure::put_metric_alarm(world, input),
        "PutCompositeAlarm" => configure::put_composite_alarm(world, input),
        "DeleteAlarms" => configure::delete_alarms(world, input),
        "EnableAlarmActions" => configure::set_actions_enabled(world, input, true),
        "DisableAlarmActions" => configure::set_actions_enabled(world, input, false),
        "SetAlarmState" => transition::set_alarm_state(world, input),
        "DescribeAlarms" => describe::describe_alarms(world, input),
        "DescribeAlarmHistory" => history::describe_alarm_history(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("cloudwatch has no {operation} here"),
        )),
    }
}

/// When something next happens by itself: an evaluation, the end of a suppression or of a mute window.
pub fn next_due(world: &World) -> Option<At> {
    let alarms = world.cloudwatch.alarms.values();
    alarms
        .flat_map(|alarm| {
            let suppressed_until = alarm.state.suppressed.as_ref().and_then(|s| s.until);
            [alarm.next_evaluation, suppressed_until, alarm.muted_until]
        })
        .flatten()
        .min()
}

/// Does what is due now: metric alarms first, since composite ones follow them.
pub fn run_due(world: &mut World) {
    let now = world.now;
    let due = |world: &World, when: fn(&Alarm) -> Option<At>| -> Vec<String> {
        let alarms = world.cloudwatch.alarms.values();
        alarms
            .filter(|alarm| when(alarm).is_some_and(|at| at <= now))
            .map(|alarm| alarm.name.clone())
            .collect()
    };
    for name in due(world, |alarm| alarm.next_evaluation.filter(|_| !alarm.is_composite())) {
        transition::evaluate_metric_alarm(world, &name);
    }
    for name in due(world, |alarm| alarm.next_evaluation.filter(|_| alarm.is_composite())) {
        composite::evaluate_as_configured(world, &name);
    }
    for name in due(world, |alarm| alarm.state.suppressed.as_ref().and_then(|s| s.until)) {
        suppression::expire(world, &name);
    }
    for name in due(world, |alarm| alarm.muted_until) {
        notice::unmute(world, &name);
    }
}

/// The refusal CloudWatch gives for a request that its model allows but it does not.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}
