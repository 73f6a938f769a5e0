//! Listeners and load balancers.

use super::{Elb, action, invalid, not_found, of_kind, page, text, texts};
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// An application load balancer.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    pub name: String,
    pub created: At,
}

/// A listener of a load balancer; its default actions are those of its default rule.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub balancer: String,
    pub port: u16,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
    pub default_rule: String,
}

impl Elb {
    fn listener_json(&self, arn: &str, listener: &Listener) -> Value {
        let actions = self
            .rules
            .get(&listener.default_rule)
            .map(|rule| action::shown(&rule.actions));
        json!({
            "ListenerArn": arn, "LoadBalancerArn": listener.balancer, "Port": listener.port,
            "Protocol": listener.protocol, "DefaultActions": actions.unwrap_or_default(),
        })
    }
}

pub(super) fn describe_balancers(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    let (by_arn, by_name) = (input["LoadBalancerArns"].is_array(), input["Names"].is_array());
    if by_arn && by_name {
        return Err(invalid(
            "Load balancer names and ARNs cannot be specified at the same time",
        ));
    }
    let mut found = Vec::new();
    if !by_arn && !by_name {
        found.extend(&elb.balancers);
    }
    for arn in texts(input, "LoadBalancerArns") {
        of_kind(arn, "loadbalancer", "load balancer")?;
        found.push(
            elb.balancers
                .get_key_value(arn)
                .ok_or_else(|| not_found("loadbalancer"))?,
        );
    }
    for name in texts(input, "Names") {
        let named = elb.balancers.iter().find(|(_, balancer)| balancer.name == name);
        found.push(named.ok_or_else(|| not_found("loadbalancer"))?);
    }
    let region = &world.home.region;
    let zones: Vec<Value> = ['a', 'b']
        .iter()
        .map(|zone| json!({"ZoneName": format!("{region}{zone}"), "SubnetId": format!("subnet-0{zone}")}))
        .collect();
    let found = found.into_iter().map(|(arn, balancer)| {
        json!({
            "LoadBalancerArn": arn, "LoadBalancerName": balancer.name, "Type": "application",
            "DNSName": format!("{}-1111122222.{region}.elb.amazonaws.com", balancer.name),
            "CanonicalHostedZoneId": "Z215JYRZR1TBD5", "CreatedTime": balancer.created.seconds(),
            "Scheme": "internet-facing", "VpcId": "vpc-0", "State": {"Code": "active"}, "AvailabilityZones": zones,
            "SecurityGroups": ["sg-0"], "IpAddressType": "ipv4",
        })
    });
    page::of(found.collect(), "LoadBalancers", input, world.page_size)
}

pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    let mut found = Vec::new();
    match (text(input, "LoadBalancerArn"), input["ListenerArns"].is_array()) {
        (None, false) => {
            return Err(invalid("You must specify either listener ARNs or a load balancer ARN"));
        }
        (Some(_), true) => {
            return Err(invalid(
                "Listener ARNs and a load balancer ARN cannot be specified at the same time",
            ));
        }
        (Some(balancer), false) => {
            of_kind(balancer, "loadbalancer", "load balancer")?;
            if !elb.balancers.contains_key(balancer) {
                return Err(not_found("loadbalancer"));
            }
            found.extend(
                elb.listeners
                    .iter()
                    .filter(|(_, listener)| listener.balancer == balancer),
            );
        }
        (None, true) => {
            for arn in texts(input, "ListenerArns") {
                of_kind(arn, "listener", "listener")?;
                found.push(elb.listeners.get_key_value(arn).ok_or_else(|| not_found("listener"))?);
            }
        }
    }
    let found = found
        .into_iter()
        .map(|(arn, listener)| elb.listener_json(arn, listener));
    page::of(found.collect(), "Listeners", input, world.page_size)
}

/// Of a listener, only its default actions change here.
pub(super) fn modify(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let arn = text(input, "ListenerArn").unwrap_or_default();
    of_kind(arn, "listener", "listener")?;
    for member in [
        "Port",
        "Protocol",
        "SslPolicy",
        "Certificates",
        "AlpnPolicy",
        "MutualAuthentication",
    ] {
        if !input[member].is_null() {
            return Err(invalid(format!(
                "{member} is not changed here: only DefaultActions is simulated"
            )));
        }
    }
    let elb = &mut world.elb;
    let rule = elb.listeners.get(arn).map(|listener| listener.default_rule.clone());
    let rule = rule.ok_or_else(|| not_found("listener"))?;
    if input["DefaultActions"].is_null() {
        return Err(invalid("You must specify at least one parameter to modify"));
    }
    let before = elb
        .rules
        .get(&rule)
        .map(|rule| rule.actions.clone())
        .unwrap_or_default();
    let actions = elb.checked(arn, &input["DefaultActions"], &before)?;
    if let Some(rule) = elb.rules.get_mut(&rule) {
        rule.forward = action::forward(&actions);
        rule.actions = actions;
    }
    elb.settle(world.now);
    let listener = elb.listeners.get(arn).ok_or_else(|| not_found("listener"))?;
    Ok(json!({"Listeners": [elb.listener_json(arn, listener)]}))
}
