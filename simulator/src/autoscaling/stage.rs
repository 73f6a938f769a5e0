//! What scaling policies and schedules do.

use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// How Application Auto Scaling is called in the log.
const CALLER: &str = "application-autoscaling";

/// A team has a service scaled between these numbers of tasks.
///
/// # Panics
/// When there is no such service: a scene that cannot be set is a mistake in the test.
pub fn scale(world: &mut World, cluster: &str, service: &str, (min, max): (i64, i64)) {
    let input = json!({
        "ServiceNamespace": "ecs", "ResourceId": format!("service/{cluster}/{service}"),
        "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": min, "MaxCapacity": max,
    });
    if let Err(refusal) = world.call("team", "application-autoscaling", "RegisterScalableTarget", input) {
        panic!("{service} cannot be scaled: {refusal}");
    }
}

/// A scaling policy wants this many tasks. Says whether it does anything: between fewest and most, and only where that
/// direction is not suspended.
pub fn want(world: &mut World, cluster: &str, service: &str, tasks: i64) -> bool {
    let target = world.autoscaling.target(cluster, service);
    let (Some(target), Some(has)) = (target.cloned(), self::tasks(world, cluster, service)) else {
        return false;
    };
    let tasks = tasks.clamp(target.min, target.max);
    let held = match tasks > has {
        true => target.suspended.scale_out,
        false => target.suspended.scale_in,
    };
    tasks != has && !held && give(world, cluster, service, tasks).is_ok()
}

/// How many tasks a service is to have; nothing where there is none.
pub(super) fn tasks(world: &mut World, cluster: &str, service: &str) -> Option<i64> {
    let input = json!({"cluster": cluster, "services": [service]});
    let found = world.call(CALLER, "ecs", "DescribeServices", input).ok()?;
    let service = &found["services"][0];
    (service["status"] == "ACTIVE").then(|| service["desiredCount"].as_i64())?
}

/// # Errors
/// As ECS refuses.
pub(super) fn give(world: &mut World, cluster: &str, service: &str, tasks: i64) -> Result<Value, Refusal> {
    let input = json!({"cluster": cluster, "service": service, "desiredCount": tasks});
    world.call(CALLER, "ecs", "UpdateService", input)
}
