//! The world every measured event meets: a row-A release waiting at its approval, its alarm in ALARM.

use bytes::Bytes;
use serde_json::json;
use simulator::{At, World};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::cloud::Answer;

/// The same chance for every run.
const SEED: u64 = 1;

/// What a function must be told to find its way in the scene.
pub struct Names {
    /// Pipeline with the stages Source, Build, CanaryDeploy, the approval and Deploy.
    pub pipeline: &'static str,
    /// Stage of the manual approval.
    pub approval_stage: &'static str,
    /// ECS cluster.
    pub cluster: &'static str,
    /// Main service.
    pub stable: &'static str,
    /// Canary service.
    pub canary: &'static str,
    /// Alarm on the dead-letter queue.
    pub alarm: &'static str,
    /// The ledger's table.
    pub table: &'static str,
}

/// As the scene names them.
pub const NAMES: Names = Names {
    pipeline: "orders",
    approval_stage: "ManualApproval",
    cluster: "prod",
    stable: "orders",
    canary: "orders-canary",
    alarm: "orders-dlq-depth",
    table: "serin",
};

/// The alarm's event as CloudWatch hands it to a Lambda action.
///
/// # Source
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>
pub fn alarm_event() -> Bytes {
    let (home, now) = (World::new(SEED).home, wall_clock());
    let event = json!({
        "source": "aws.cloudwatch",
        "alarmArn": format!("arn:aws:cloudwatch:{}:{}:alarm:{}", home.region, home.account, NAMES.alarm),
        "accountId": home.account,
        "time": now.iso_offset(),
        "region": home.region,
        "alarmData": {
            "alarmName": NAMES.alarm,
            "state": {
                "value": "ALARM",
                "reason": "Threshold Crossed: 1 datapoint was greater than the threshold (0.0).",
                "timestamp": now.iso_offset(),
            },
            "previousState": {
                "value": "OK",
                "reason": "Threshold Crossed: 1 datapoint was not greater than the threshold (0.0).",
                "timestamp": At(now.0 - 600_000).iso_offset(),
            },
            "configuration": {
                "description": "Messages the workers gave up on",
                "metrics": [{
                    "id": "depth",
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/SQS",
                            "name": "ApproximateNumberOfMessagesVisible",
                            "dimensions": { "QueueName": "orders-dlq" },
                        },
                        "period": 60,
                        "stat": "Maximum",
                    },
                    "returnData": true,
                }],
            },
        },
    });
    Bytes::from(event.to_string())
}

/// A fresh world in which the scene has just been reached, going on with the wall clock.
///
/// The functions read the wall clock, so the world must show the same: the scene is built once to learn how long it
/// takes in virtual time, then again from that much earlier.
pub fn fresh() -> Answer {
    let lead = stage(At::START).now - At::START;
    let mut world = stage(At(wall_clock().0 - i64::try_from(lead.as_millis()).unwrap_or(0)));
    let (reached, began) = (world.now, Instant::now());
    Box::new(move |request| {
        world.advance_to(reached + began.elapsed());
        world.answer(request)
    })
}

/// A scene that cannot be set is a mistake of ours, and there is nothing to measure then.
fn stage(from: At) -> World {
    match stories::fixture::at_approval(from) {
        Ok(world) => world,
        Err(problem) => panic!("the scene cannot be set: {problem}"),
    }
}

fn wall_clock() -> At {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    At(i64::try_from(since.as_millis()).unwrap_or(0))
}
