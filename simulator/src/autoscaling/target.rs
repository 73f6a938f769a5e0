//! What is registered, and what registering anew changes.

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// The one thing that is scaled of an ECS service.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// How many targets a page has; API reference, `MaxResults`.
const PAGE: usize = 50;

/// What is suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspended {
    /// Scaling in by policies.
    pub scale_in: bool,
    /// Scaling out by policies.
    pub scale_out: bool,
    /// Scheduled actions.
    pub scheduled: bool,
}

/// A service that is scaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Fewest tasks.
    pub min: i64,
    /// Most tasks.
    pub max: i64,
    /// What is suspended.
    pub suspended: Suspended,
    created: At,
    id: String,
}

pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let served = input["ServiceNamespace"] == "ecs";
    let asked = input["ResourceIds"].as_array();
    let dimension = input["ScalableDimension"]
        .as_str()
        .is_none_or(|asked| asked == DIMENSION);
    let named = |id: &str| asked.is_none_or(|ids| ids.iter().any(|asked| asked == id));
    let found = world
        .autoscaling
        .targets
        .iter()
        .filter(|(id, _)| served && dimension && named(id));
    let from = match input["NextToken"].as_str() {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .map_err(|_| Refusal::new("InvalidNextTokenException", format!("Invalid nextToken {token}")))?,
    };
    let size = input["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok());
    let size = world.page_size.or(size).unwrap_or(PAGE).clamp(1, PAGE);
    let found: Vec<Value> = found.map(|(id, target)| shown(world, id, target)).collect();
    let page: Vec<Value> = found.iter().skip(from).take(size).cloned().collect();
    let mut reply = json!({"ScalableTargets": page});
    if found.len() > from + size {
        reply["NextToken"] = json!((from + size).to_string());
    }
    Ok(reply)
}

fn shown(world: &World, id: &str, target: &Target) -> Value {
    json!({
        "ServiceNamespace": "ecs", "ResourceId": id, "ScalableDimension": DIMENSION,
        "MinCapacity": target.min, "MaxCapacity": target.max,
        "RoleARN": format!(
            "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
             AWSServiceRoleForApplicationAutoScaling_ECSService",
            world.home.account
        ),
        "CreationTime": target.created.seconds(),
        "SuspendedState": {
            "DynamicScalingInSuspended": target.suspended.scale_in,
            "DynamicScalingOutSuspended": target.suspended.scale_out,
            "ScheduledScalingSuspended": target.suspended.scheduled,
        },
        "ScalableTargetARN": arn(world, target),
    })
}

fn arn(world: &World, target: &Target) -> String {
    world.arn("application-autoscaling", &format!("scalable-target/{}", target.id))
}

/// The ARN of what a request to register is about; one that does not exist yet has none.
pub(super) fn named(world: &World, id: &str) -> String {
    let target = world.autoscaling.targets.get(id);
    target.map_or_else(
        || world.arn("application-autoscaling", "scalable-target/*"),
        |target| arn(world, target),
    )
}

/// Registers, or changes what the request names. An update then puts the service's tasks between fewest and most, even
/// where it names neither (API reference, RegisterScalableTarget).
pub(super) fn register(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let id = input["ResourceId"].as_str().unwrap_or_default().to_owned();
    let (namespace, dimension) = (&input["ServiceNamespace"], &input["ScalableDimension"]);
    if namespace != "ecs" || dimension != DIMENSION {
        return Err(invalid(format!(
            "only {DIMENSION} of ecs is scaled here, not {dimension} of {namespace}"
        )));
    }
    let service = id.strip_prefix("service/").and_then(|rest| rest.split_once('/'));
    let Some((cluster, service)) = service.map(|(cluster, service)| (cluster.to_owned(), service.to_owned())) else {
        return Err(invalid(format!(
            "Unsupported service namespace, resource type or scalable dimension: {id}"
        )));
    };
    let Some(has) = super::stage::tasks(world, &cluster, &service) else {
        return Err(invalid(format!("ECS service doesn't exist: {id}")));
    };
    let before = world.autoscaling.targets.get(&id).cloned();
    let limit = |name: &str, before: Option<i64>| {
        input[name].as_i64().or(before).ok_or_else(|| {
            invalid(format!(
                "{name} is required when a new scalable target is registered: {id}"
            ))
        })
    };
    let min = limit("MinCapacity", before.as_ref().map(|target| target.min))?;
    let max = limit("MaxCapacity", before.as_ref().map(|target| target.max))?;
    if min > max {
        return Err(invalid(
            "Maximum capacity cannot be less than minimum capacity".to_owned(),
        ));
    }
    // Whether a member that is left out of the object stays or becomes false is documented nowhere: it becomes false
    // here, so that whoever relies on the other is found out.
    let suspended = match &input["SuspendedState"] {
        Value::Null => before.as_ref().map(|target| target.suspended).unwrap_or_default(),
        state => Suspended {
            scale_in: state["DynamicScalingInSuspended"] == true,
            scale_out: state["DynamicScalingOutSuspended"] == true,
            scheduled: state["ScheduledScalingSuspended"] == true,
        },
    };
    let created = before.as_ref().map_or(world.now, |target| target.created);
    let target = Target {
        min,
        max,
        suspended,
        created,
        id: before.map_or_else(|| identity(&id), |target| target.id),
    };
    let arn = arn(world, &target);
    world.autoscaling.targets.insert(id, target);
    if !(min..=max).contains(&has) {
        super::stage::give(world, &cluster, &service, has.clamp(min, max))?;
    }
    Ok(json!({"ScalableTargetARN": arn}))
}

/// Twenty characters that tell nobody which service it is of; the same for the same service, so that nothing else of a
/// world is drawn otherwise by it.
fn identity(id: &str) -> String {
    let sum = |from: u64| {
        let bytes = id.bytes().map(u64::from);
        bytes.fold(from, |sum, byte| (sum ^ byte).wrapping_mul(0x0100_0000_01b3))
    };
    format!("{:016x}{:04x}", sum(0xcbf2_9ce4_8422_2325), sum(1) & 0xffff)
}

fn invalid(message: String) -> Refusal {
    Refusal::new("ValidationException", message)
}
