//! Amazon CloudWatch.

use super::{ANY, Demand, text, texts};
use crate::world::World;
use serde_json::Value;

pub(super) fn demands(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let action = format!("cloudwatch:{operation}");
    let alarm = |name: &str| Demand::new(action.as_str(), world.arn("cloudwatch", &format!("alarm:{name}")));
    let any = || vec![Demand::new(action.as_str(), ANY)];
    let composites = texts(input, "AlarmTypes").any(|kind| kind == "CompositeAlarm");
    Some(match operation {
        "GetMetricData" => any(),
        "PutMetricData" => {
            let demand = Demand::new(action.as_str(), ANY);
            vec![demand.with("cloudwatch:namespace", text(input, "Namespace"))]
        }
        // "To retrieve information about composite alarms, your permission must have a * scope" (CloudWatch permissions
        // reference, of both).
        "DescribeAlarms" | "DescribeAlarmHistory" if composites => any(),
        "DescribeAlarms" => match texts(input, "AlarmNames").map(alarm).collect::<Vec<_>>() {
            none if none.is_empty() => vec![alarm(ANY)],
            some => some,
        },
        "DescribeAlarmHistory" => match text(input, "AlarmName") {
            "" => vec![alarm(ANY)],
            name => vec![alarm(name)],
        },
        "DeleteAlarms" | "DisableAlarmActions" | "EnableAlarmActions" => {
            texts(input, "AlarmNames").map(alarm).collect()
        }
        "PutCompositeAlarm" | "PutMetricAlarm" => {
            let tags = input["Tags"].as_array().into_iter().flatten();
            let demand = alarm(text(input, "AlarmName"));
            vec![tags.fold(demand, |demand, tag| {
                let key = text(tag, "Key");
                demand
                    .with(format!("aws:RequestTag/{key}"), text(tag, "Value"))
                    .with("aws:TagKeys", key)
            })]
        }
        "SetAlarmState" => vec![alarm(text(input, "AlarmName"))],
        _ => return None,
    })
}
