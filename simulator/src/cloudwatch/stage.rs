//! Setting the scene: alarms and mute windows, said in a line.
//!
//! All of it goes through the operations of the service; what AWS would refuse is a mistake of the scene and panics.

use super::alarm::{Alarm, StateValue};
use super::configure::put_metric_alarm;
use super::notice::Mute;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Creates or updates a metric alarm from members of `PutMetricAlarm`.
pub fn alarm(world: &mut World, request: Value) {
    call(world, "PutMetricAlarm", request);
}

/// Creates or updates a composite alarm from members of `PutCompositeAlarm`.
pub fn composite(world: &mut World, request: Value) {
    call(world, "PutCompositeAlarm", request);
}

/// Creates an alarm on the depth of a queue: one minute with a maximum of `threshold` messages or more.
///
/// `actions` are ARNs for ALARM. No data is no alarm, since a queue at rest publishes none.
pub fn depth_alarm(world: &mut World, name: &str, queue: &str, threshold: f64, actions: &[&str]) {
    let request = json!({
        "AlarmName": name,
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{ "Name": "QueueName", "Value": queue }],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": actions,
    });
    alarm(world, request);
}

/// Puts a metric alarm there that was created long ago, from members of `PutMetricAlarm`: it is OK, and that was told
/// before. Drawn from nobody's chance.
///
/// # Errors
/// As AWS refuses.
pub fn settled_alarm(world: &mut World, request: &Value) -> Result<(), Refusal> {
    let rng = world.rng.clone();
    let put = put_metric_alarm(world, request);
    world.rng = rng;
    put?;
    let name = request["AlarmName"].as_str().unwrap_or_default();
    if let Some(alarm) = world.cloudwatch.alarms.get_mut(name) {
        alarm.state.value = StateValue::Ok;
        alarm.created = false;
    }
    Ok(())
}

/// Lets a mute rule silence an alarm from one moment until another.
pub fn mute(world: &mut World, alarm: &str, from: At, until: At) {
    let rule_arn = world.arn(
        "cloudwatch",
        &format!("alarm-mute-rule:{alarm}-{}", world.cloudwatch.mutes.len() + 1),
    );
    world.cloudwatch.mutes.push(Mute {
        rule_arn,
        alarm: alarm.to_owned(),
        from,
        until,
    });
}

/// An alarm, to look at.
pub fn look<'a>(world: &'a World, name: &str) -> Option<&'a Alarm> {
    world.cloudwatch.alarms.get(name)
}

fn call(world: &mut World, operation: &str, request: Value) {
    if let Err(refusal) = world.call("stage", "cloudwatch", operation, request) {
        panic!("{operation} of the scene was refused: {refusal}");
    }
}
