//! Target groups: what is told of them.

use super::health::Target;
use super::{Elb, invalid, not_found, of_kind, page, text, texts};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// A target group of type `ip`, with its targets.
#[derive(Clone, Debug)]
pub struct TargetGroup {
    /// Name.
    pub name: String,
    /// Where its targets listen, unless they say otherwise.
    pub port: u16,
    /// Seconds between two health checks of a target.
    pub interval_seconds: i64,
    /// So many checks passed in a row make a target healthy.
    pub healthy_threshold: i64,
    /// So many checks failed in a row make it unhealthy.
    pub unhealthy_threshold: i64,
    /// For how long a target that is deregistered still answers who is connected to it.
    pub deregistration_delay_seconds: i64,
    /// Since when some rule names it; none means that it gets no traffic and no health checks.
    pub in_use_since: Option<At>,
    pub(super) targets: Vec<Target>,
}

impl Elb {
    fn group_json(&self, arn: &str, group: &TargetGroup) -> Value {
        let balancers: Vec<&str> = self.balancer_of(arn).into_iter().collect();
        json!({
            "TargetGroupArn": arn, "TargetGroupName": group.name, "Protocol": "HTTP", "Port": group.port,
            "VpcId": "vpc-0", "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port",
            "HealthCheckEnabled": true, "HealthCheckIntervalSeconds": group.interval_seconds,
            "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": group.healthy_threshold,
            "UnhealthyThresholdCount": group.unhealthy_threshold, "HealthCheckPath": "/",
            "Matcher": {"HttpCode": "200"}, "LoadBalancerArns": balancers, "TargetType": "ip",
            "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4",
        })
    }

    /// # Errors
    /// As AWS refuses an ARN that is none, or of a group that is not there.
    pub(super) fn known_group(&self, arn: &str) -> Result<&TargetGroup, Refusal> {
        of_kind(arn, "targetgroup", "target group")?;
        self.groups.get(arn).ok_or_else(|| not_found("targetgroup"))
    }
}

pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    let balancer = text(input, "LoadBalancerArn");
    let (by_arn, by_name) = (input["TargetGroupArns"].is_array(), input["Names"].is_array());
    if usize::from(balancer.is_some()) + usize::from(by_arn) + usize::from(by_name) > 1 {
        return Err(invalid(
            "Target group names, target group ARNs and a load balancer ARN cannot be specified at the same time",
        ));
    }
    if let Some(arn) = balancer {
        of_kind(arn, "loadbalancer", "load balancer")?;
        if !elb.balancers.contains_key(arn) {
            return Err(not_found("loadbalancer"));
        }
    }
    let mut found: Vec<(&str, &TargetGroup)> = Vec::new();
    if !by_arn && !by_name {
        let all = elb.groups.iter().map(|(arn, group)| (arn.as_str(), group));
        found.extend(all.filter(|(arn, _)| balancer.is_none() || elb.balancer_of(arn) == balancer));
    }
    for arn in texts(input, "TargetGroupArns") {
        found.push((arn, elb.known_group(arn)?));
    }
    for name in texts(input, "Names") {
        let named = elb.groups.iter().find(|(_, group)| group.name == name);
        let (arn, group) = named.ok_or_else(|| not_found("targetgroup"))?;
        found.push((arn, group));
    }
    let found = found.into_iter().map(|(arn, group)| elb.group_json(arn, group));
    page::of(found.collect(), "TargetGroups", input, world.page_size)
}

pub(super) fn attributes(world: &World, input: &Value) -> Result<Value, Refusal> {
    let group = world
        .elb
        .known_group(text(input, "TargetGroupArn").unwrap_or_default())?;
    let delay = group.deregistration_delay_seconds.to_string();
    let attributes: Vec<Value> = [
        ("deregistration_delay.timeout_seconds", delay.as_str()),
        ("load_balancing.algorithm.type", "round_robin"),
        ("slow_start.duration_seconds", "0"),
        ("stickiness.enabled", "false"),
        ("stickiness.type", "lb_cookie"),
    ]
    .iter()
    .map(|(key, value)| json!({"Key": key, "Value": value}))
    .collect();
    Ok(json!({"Attributes": attributes}))
}
