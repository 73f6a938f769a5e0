//! Amazon CloudWatch.
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// State of the service.
#[derive(Debug, Default)]
pub struct CloudWatch {
    data: BTreeMap<String, (At, f64)>,
    alarms: BTreeMap<String, (String, f64, Vec<String>, &'static str, At)>,
    next: Option<At>,
}
/// Puts a metric.
pub fn put(world: &mut World, _ns: &str, _name: &str, dims: &[(&str, &str)], at: At, value: f64) {
    world.cloudwatch.data.insert(dims[0].1.to_owned(), (at, value));
}
/// Staging.
pub mod stage {
    /// An alarm.
    pub fn depth_alarm(world: &mut crate::World, name: &str, queue: &str, threshold: f64, actions: &[&str]) {
        let now = world.now;
        world.cloudwatch.alarms.insert(
            name.to_owned(),
            (
                queue.to_owned(),
                threshold,
                actions.iter().map(|a| (*a).to_owned()).collect(),
                "OK",
                now,
            ),
        );
        world.cloudwatch.next.get_or_insert(now.plus_seconds(17));
    }
}
/// Answers.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    if operation != "DescribeAlarms" {
        return Err(Refusal::new("UnknownOperationException", operation));
    }
    let names: Vec<&str> = input["AlarmNames"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let list: Vec<Value> = world
        .cloudwatch
        .alarms
        .iter()
        .filter(|(n, _)| names.contains(&n.as_str()))
        .map(|(n, a)| {
            json!({
        "AlarmName": n, "StateValue": a.3, "StateTransitionedTimestamp": a.4.seconds(), "StateReason": "x"})
        })
        .collect();
    Ok(json!({"MetricAlarms": list, "CompositeAlarms": []}))
}
/// Due.
pub fn next_due(world: &World) -> Option<At> {
    world.cloudwatch.next
}
/// Runs.
pub fn run_due(world: &mut World) {
    let now = world.now;
    let Some(next) = world.cloudwatch.next.filter(|n| *n <= now) else {
        return;
    };
    world.cloudwatch.next = Some(next.plus_seconds(60));
    let names: Vec<String> = world.cloudwatch.alarms.keys().cloned().collect();
    for name in names {
        let (queue, threshold, actions, state, _) = world.cloudwatch.alarms[&name].clone();
        let value = world.cloudwatch.data.get(&queue).map_or(0.0, |d| d.1);
        let new = if value > threshold { "ALARM" } else { "OK" };
        if new == state {
            continue;
        }
        let arn = world.arn("cloudwatch", &format!("alarm:{name}"));
        let a = world.cloudwatch.alarms.get_mut(&name).unwrap();
        a.3 = new;
        a.4 = now;
        let data = json!({"alarmName": name, "state": {"value": new, "reason": "Threshold Crossed", "timestamp": now.iso_offset()}, "previousState": {"value": state, "timestamp": now.iso_offset()}, "configuration": {}});
        world.emit(
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            &[arn.clone()],
            data.clone(),
        );
        if new == "ALARM" {
            for action in actions {
                let payload = json!({"source":"aws.cloudwatch","alarmArn":arn,"accountId":world.home.account,"time":now.iso_offset(),"region":world.home.region,"alarmData":data});
                world.outbox.push(Delivery::Invoke {
                    function: action.rsplit(':').next().unwrap().to_owned(),
                    payload,
                });
            }
        }
    }
}
