//! Elastic Load Balancing: application load balancers with listeners, rules, target groups and targets.
//!
//! | file | question it answers |
//! |---|---|
//! | `action` | which actions may a rule have, and what do they look like afterwards |
//! | `rules`, `listeners` | what is told of rules, listeners and load balancers, and how their actions change |
//! | `groups` | what is told of target groups |
//! | `health` | how is a target, at some moment |
//! | `route` | which rule answers a request, and which group gets it |
//! | `stage` | how a scene is set |
//!
//! Load balancers, listeners, rules and groups are made by scenes only. A change is in force at once, where AWS takes
//! some seconds. Certificates, transforms and target groups of other types than `ip` are not here.

mod action;
mod groups;
mod health;
mod listeners;
mod page;
mod route;
mod rules;
pub mod stage;
#[cfg(test)]
mod tests;

pub use action::Forward;
pub use groups::TargetGroup;
pub use health::{Behind, Health, Target};
pub use route::{Asked, Routed};

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use listeners::{Balancer, Listener};
use rules::Rule;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most resources of one `DescribeTags` (API reference).
const TAGGED_MAX: usize = 20;

/// State of the service, each by ARN.
#[derive(Clone, Debug, Default)]
pub struct Elb {
    balancers: BTreeMap<String, Balancer>,
    listeners: BTreeMap<String, Listener>,
    rules: BTreeMap<String, Rule>,
    groups: BTreeMap<String, TargetGroup>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Since when targets that run an image with this digest fail their health checks.
    failing: BTreeMap<String, At>,
    /// Until then `DescribeTargetHealth` answers `HealthUnavailable`.
    health_unavailable_until: Option<At>,
    serial: u64,
    addresses: u32,
}

impl Elb {
    /// A target group by its ARN.
    pub fn group(&self, arn: &str) -> Option<&TargetGroup> {
        self.groups.get(arn)
    }

    /// What a rule forwards to; also a listener's default rule, by its own ARN.
    pub fn forward(&self, rule: &str) -> Option<&Forward> {
        self.rules.get(rule)?.forward.as_ref()
    }

    /// What a listener forwards to by default.
    pub fn default_forward(&self, listener: &str) -> Option<&Forward> {
        self.forward(&self.listeners.get(listener)?.default_rule)
    }

    /// The tags of a load balancer, listener, rule or target group.
    pub fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        self.tags.get(arn).cloned().unwrap_or_default()
    }

    /// The load balancer that forwards to a group, if any does: a group has one at most.
    pub(crate) fn balancer_of(&self, group: &str) -> Option<&str> {
        let mut using = self.rules.values().filter(|rule| rule.names(group));
        let listener = self.listeners.get(&using.next()?.listener)?;
        Some(&listener.balancer)
    }

    /// Sixteen hexadecimal digits that no other resource has; drawn from nothing, so that no other chance shifts.
    fn identity(&mut self) -> String {
        self.serial += 1;
        let mixed = (self.serial ^ 0x656c_6276).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{:016x}", mixed ^ (mixed >> 29))
    }

    /// After any change of actions: which groups get traffic from now on, and which no more.
    fn settle(&mut self, now: At) {
        let used: Vec<String> = self.rules.values().flat_map(Rule::groups).map(str::to_owned).collect();
        for (arn, group) in &mut self.groups {
            group.in_use_since = used.contains(arn).then_some(group.in_use_since.unwrap_or(now));
        }
    }
}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "DescribeLoadBalancers" => listeners::describe_balancers(world, input),
        "DescribeListeners" => listeners::describe(world, input),
        "ModifyListener" => listeners::modify(world, input),
        "DescribeRules" => rules::describe(world, input),
        "ModifyRule" => rules::modify(world, input),
        "DescribeTargetGroups" => groups::describe(world, input),
        "DescribeTargetGroupAttributes" => groups::attributes(world, input),
        "DescribeTargetHealth" => health::describe(world, input),
        "DescribeTags" => describe_tags(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("elbv2 has no {operation} here"),
        )),
    }
}

fn describe_tags(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    let arns: Vec<&str> = texts(input, "ResourceArns").collect();
    if arns.len() > TAGGED_MAX {
        return Err(invalid(format!(
            "Cannot have more than {TAGGED_MAX} resources described"
        )));
    }
    let mut described = Vec::new();
    for arn in arns {
        let kind = kind(arn);
        let known = match kind {
            "loadbalancer" => elb.balancers.contains_key(arn),
            "listener" => elb.listeners.contains_key(arn),
            "listener-rule" => elb.rules.contains_key(arn),
            "targetgroup" => elb.groups.contains_key(arn),
            _ => return Err(invalid(format!("'{arn}' is not a valid resource ARN"))),
        };
        if !known {
            return Err(not_found(kind));
        }
        let tags = elb.tags_of(arn);
        let tags: Vec<Value> = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        described.push(json!({"ResourceArn": arn, "Tags": tags}));
    }
    Ok(json!({"TagDescriptions": described}))
}

/// What an ARN is of: `loadbalancer`, `listener`, `listener-rule`, `targetgroup`, or nothing of this service.
fn kind(arn: &str) -> &str {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "elasticloadbalancing", _, _, rest] => rest.split('/').next().unwrap_or_default(),
        _ => "",
    }
}

/// Whether an ARN is of such a thing at all.
///
/// # Errors
/// AWS's words for one that is not.
fn of_kind(arn: &str, wanted: &str, named: &str) -> Result<(), Refusal> {
    match kind(arn) == wanted {
        true => Ok(()),
        false => Err(invalid(format!("'{arn}' is not a valid {named} ARN"))),
    }
}

fn not_found(kind: &str) -> Refusal {
    match kind {
        "loadbalancer" => Refusal::new("LoadBalancerNotFoundException", "One or more load balancers not found"),
        "listener" => Refusal::new("ListenerNotFoundException", "One or more listeners not found"),
        "listener-rule" => Refusal::new("RuleNotFoundException", "One or more rules not found"),
        _ => Refusal::new("TargetGroupNotFoundException", "One or more target groups not found"),
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationException", message)
}

fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input[member].as_str()
}

fn texts<'a>(input: &'a Value, member: &str) -> impl Iterator<Item = &'a str> {
    input[member].as_array().into_iter().flatten().filter_map(Value::as_str)
}
