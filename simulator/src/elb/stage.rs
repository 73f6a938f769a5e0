//! How a scene is set: what a template would have made, and what others do meanwhile.
//!
//! # Panics
//! Where AWS would refuse, as all of these do: a scene that cannot be set is a mistake in the test.

use super::listeners::{Balancer, Listener};
use super::rules::Rule;
use super::{Target, TargetGroup};
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// An application load balancer. Answers with its ARN.
pub fn load_balancer(world: &mut World, name: &str) -> String {
    let id = world.elb.identity();
    let arn = world.arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/{id}"));
    let balancer = Balancer {
        name: name.to_owned(),
        created: world.now,
    };
    world.elb.balancers.insert(arn.clone(), balancer);
    arn
}

/// A listener with its default actions. Answers with its ARN.
///
/// # Panics
/// Where there is no such load balancer, or no such action is possible.
pub fn listener(world: &mut World, balancer: &str, port: u16, protocol: &str, actions: &Value) -> String {
    assert!(
        world.elb.balancers.contains_key(balancer),
        "no load balancer {balancer}"
    );
    let id = world.elb.identity();
    let arn = format!("{}/{id}", balancer.replacen(":loadbalancer/", ":listener/", 1));
    let default_rule = rule_arn(world, &arn);
    let made = Listener {
        balancer: balancer.to_owned(),
        port,
        protocol: protocol.to_owned(),
        default_rule: default_rule.clone(),
    };
    world.elb.listeners.insert(arn.clone(), made);
    let conditions = json!([]);
    add(world, &arn, default_rule, None, &conditions, actions);
    arn
}

/// A rule of a listener. Answers with its ARN.
///
/// # Panics
/// Where there is no such listener, or no such action is possible.
pub fn rule(world: &mut World, listener: &str, priority: u32, conditions: &Value, actions: &Value) -> String {
    let arn = rule_arn(world, listener);
    add(world, listener, arn.clone(), Some(priority), conditions, actions);
    arn
}

fn rule_arn(world: &mut World, listener: &str) -> String {
    let id = world.elb.identity();
    format!("{}/{id}", listener.replacen(":listener/", ":listener-rule/", 1))
}

fn add(world: &mut World, listener: &str, arn: String, priority: Option<u32>, conditions: &Value, actions: &Value) {
    let elb = &mut world.elb;
    let taken = priority.is_some() && elb.rules_of(listener).iter().any(|(_, rule)| rule.priority == priority);
    assert!(!taken, "{listener} has a rule of priority {priority:?} already");
    let actions = match elb.checked(listener, actions, &[]) {
        Ok(actions) => actions,
        Err(refusal) => panic!("no such actions can be set: {refusal}"),
    };
    elb.rules
        .insert(arn, Rule::new(listener, priority, conditions, actions));
    // As if it had been there for a day.
    elb.settle(world.now.plus_seconds(-86_400));
}

/// Actions that forward to groups by weight, without stickiness.
pub fn forward(groups: &[(&str, u32)]) -> Value {
    let groups: Vec<Value> = groups
        .iter()
        .map(|(arn, weight)| json!({"TargetGroupArn": arn, "Weight": weight}))
        .collect();
    json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}])
}

/// The same, where clients stay with their group for so long.
pub fn forward_sticky(groups: &[(&str, u32)], seconds: i64) -> Value {
    let mut actions = forward(groups);
    actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = json!({"Enabled": true, "DurationSeconds": seconds});
    actions
}

/// Somebody deletes a rule.
///
/// # Panics
/// Where there is no such rule.
pub fn delete_rule(world: &mut World, arn: &str) {
    assert!(world.elb.rules.remove(arn).is_some(), "no rule {arn}");
    world.elb.tags.remove(arn);
    world.elb.settle(world.now);
}

/// Somebody gives a rule, or a listener by default, other actions.
///
/// # Panics
/// Where AWS refuses them.
pub fn act(world: &mut World, arn: &str, actions: &Value) {
    let (operation, input) = match super::kind(arn) {
        "listener" => ("ModifyListener", json!({"ListenerArn": arn, "DefaultActions": actions})),
        _ => ("ModifyRule", json!({"RuleArn": arn, "Actions": actions})),
    };
    if let Err(refusal) = world.call("team", "elbv2", operation, input) {
        panic!("{operation} of {arn}: {refusal}");
    }
}

/// A target group with AWS's defaults. Answers with its ARN.
pub fn target_group(world: &mut World, name: &str) -> String {
    let id = world.elb.identity();
    let arn = world.arn("elasticloadbalancing", &format!("targetgroup/{name}/{id}"));
    let group = TargetGroup {
        name: name.to_owned(),
        port: 80,
        interval_seconds: 30,
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        deregistration_delay_seconds: 300,
        in_use_since: None,
        targets: Vec::new(),
    };
    world.elb.groups.insert(arn.clone(), group);
    arn
}

/// Changes a target group's settings.
///
/// # Panics
/// Where there is no such group.
pub fn set(world: &mut World, group: &str, change: impl FnOnce(&mut TargetGroup)) {
    let found = world.elb.groups.get_mut(group);
    change(found.unwrap_or_else(|| panic!("no target group {group}")));
}

/// Tags a load balancer, listener, rule or target group.
pub fn tag(world: &mut World, arn: &str, key: &str, value: &str) {
    let tags = world.elb.tags.entry(arn.to_owned()).or_default();
    tags.insert(key.to_owned(), value.to_owned());
}

/// Registers a target that is no task of ECS, as if it had been there for a day.
///
/// # Panics
/// Where there is no such group.
pub fn register(world: &mut World, group: &str, id: &str, port: u16) {
    let registered_at = world.now.plus_seconds(-86_400);
    set(world, group, |group| {
        group.targets.push(Target {
            id: id.to_owned(),
            port,
            task: None,
            images: Vec::new(),
            registered_at,
            deregistered_at: None,
        });
        group.in_use_since = group.in_use_since.map(|at| at.min(registered_at));
    });
}

/// Deregisters every target of this address.
///
/// # Panics
/// Where there is no such group.
pub fn deregister(world: &mut World, group: &str, id: &str) {
    let now = world.now;
    set(world, group, |group| {
        for target in group.targets.iter_mut().filter(|target| target.id == id) {
            target.deregistered_at = target.deregistered_at.or(Some(now));
        }
    });
}

/// From now on targets that run an image with this digest fail their health checks.
pub fn fails_checks(world: &mut World, digest: &str) {
    let now = world.now;
    world.elb.failing.entry(digest.to_owned()).or_insert(now);
    crate::ecs::checks_fail(world, digest);
}

/// They pass them again.
pub fn passes_checks(world: &mut World, digest: &str) {
    world.elb.failing.remove(digest);
}

/// Until then nothing is known of any target's health.
pub fn health_unavailable(world: &mut World, until: At) {
    world.elb.health_unavailable_until = Some(until);
}
