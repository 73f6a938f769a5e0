//! What a request demands: actions, each on one resource, and what a condition may ask about it.
//!
//! # Source
//!
//! Service Authorization Reference, one page for each service; where a row there is not enough, the function says what
//! it rests on.

mod cloudwatch;
mod codepipeline;
mod dynamodb;
mod ecs;
mod small;

use super::condition::Context;
use crate::world::World;
use serde_json::Value;

/// What an action names where it has no resource type.
const ANY: &str = "*";

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Demand {
    /// `service:Action`.
    pub action: String,
    /// ARN, or `*` where AWS has no resource for it.
    pub resource: String,
    /// Condition keys with their values.
    pub context: Context,
}

impl Demand {
    /// Without context.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Demand {
        Demand {
            action: action.into(),
            resource: resource.into(),
            context: Context::new(),
        }
    }

    /// The same with one more value.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Demand {
        self.context.entry(key.into()).or_default().push(value.into());
        self
    }

    /// The same with the tags that a request brings.
    fn tagged(mut self, tags: &Value) -> Demand {
        for tag in tags.as_array().into_iter().flatten() {
            let (key, value) = (text(tag, "key"), text(tag, "value"));
            self = self
                .with(format!("aws:RequestTag/{key}"), value)
                .with("aws:TagKeys", key);
        }
        self
    }

    /// Handing a role to a service.
    fn pass_role(world: &World, role: &str, service: &str) -> Demand {
        let arn = match role.starts_with("arn:") {
            true => role.to_owned(),
            false => format!("arn:aws:iam::{}:role/{role}", world.home.account),
        };
        Demand::new("iam:PassRole", arn).with("iam:PassedToService", service)
    }
}

/// Everything that a request demands; all of it must be allowed. Nothing for an operation that is not known.
pub fn of(world: &World, service: &str, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let demands = match service {
        "ecs" => ecs::demands(world, operation, input),
        "codepipeline" => codepipeline::demands(world, operation, input),
        "cloudwatch" => cloudwatch::demands(world, operation, input),
        "dynamodb" => dynamodb::demands(world, operation, input),
        "ssm" => small::ssm(world, operation, input),
        "ecr" => small::ecr(world, operation, input),
        "stepfunctions" => small::stepfunctions(world, operation, input),
        "sqs" => small::sqs(world, operation, input),
        "application-autoscaling" => small::autoscaling(world, operation, input),
        "elbv2" => small::elb(world, operation, input),
        _ => None,
    }?;
    Some(demands.into_iter().map(|demand| global(world, demand)).collect())
}

/// "AWS global condition context keys" that every request here has.
fn global(world: &World, demand: Demand) -> Demand {
    let account = demand.resource.split(':').nth(4).unwrap_or_default().to_owned();
    let demand = demand
        .with("aws:RequestedRegion", &world.home.region)
        .with("aws:SecureTransport", "true");
    match account.as_str() {
        "" => demand,
        _ => demand.with("aws:ResourceAccount", account),
    }
}

fn text<'a>(input: &'a Value, member: &str) -> &'a str {
    input[member].as_str().unwrap_or_default()
}

fn texts<'a>(input: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    input[member].as_array().into_iter().flatten().filter_map(Value::as_str)
}
