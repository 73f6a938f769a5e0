//! How a target is, at some moment.
//!
//! # Source
//! API reference, `TargetHealth`; ECS best practices, "Optimize load balancer health check parameters": a target is
//! healthy once it has passed interval × healthy threshold.

use super::{Elb, TargetGroup, text};
use crate::ecs::Registration;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// What is registered in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub id: String,
    /// Where it listens.
    pub port: u16,
    /// The ECS task behind it, where one is.
    pub task: Option<Behind>,
    /// Digests of the images that it runs.
    pub images: Vec<String>,
    /// When it was registered.
    pub registered_at: At,
    /// When it was deregistered.
    pub deregistered_at: Option<At>,
}

/// A task behind a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// ARN of the task.
    pub task: String,
    /// ARN of its service.
    pub service: String,
    /// `family:revision`.
    pub definition: String,
}

/// States of a target that are told here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Not checked often enough yet.
    Initial,
    /// Gets requests.
    Healthy,
    /// Has failed too many checks in a row.
    Unhealthy,
    /// Its group is in no rule.
    Unused,
    /// Deregistered, and its delay is not over.
    Draining,
}

impl Health {
    /// State, reason and description, as they are told.
    fn told(self) -> (&'static str, Option<(&'static str, &'static str)>) {
        match self {
            Health::Initial => (
                "initial",
                Some(("Elb.InitialHealthChecking", "Initial health checks in progress")),
            ),
            Health::Healthy => ("healthy", None),
            Health::Unhealthy => (
                "unhealthy",
                Some((
                    "Target.ResponseCodeMismatch",
                    "Health checks failed with these codes: [500]",
                )),
            ),
            Health::Unused => (
                "unused",
                Some((
                    "Target.NotInUse",
                    "Target group is not configured to receive traffic from the load balancer",
                )),
            ),
            Health::Draining => (
                "draining",
                Some((
                    "Target.DeregistrationInProgress",
                    "Target deregistration is in progress",
                )),
            ),
        }
    }
}

impl Elb {
    /// How a target of a group is; nothing once its deregistration is through.
    pub(crate) fn health(&self, group: &TargetGroup, target: &Target, now: At) -> Option<Health> {
        if let Some(at) = target.deregistered_at {
            let over = at.plus_seconds(group.deregistration_delay_seconds) <= now;
            return (!over).then_some(Health::Draining);
        }
        let Some(used) = group.in_use_since else {
            return Some(Health::Unused);
        };
        let checked_from = used.max(target.registered_at);
        let failing = target.images.iter().filter_map(|image| self.failing.get(image)).min();
        let failing = failing.map(|since| {
            let failed_by = group.interval_seconds * group.unhealthy_threshold;
            (*since, (*since).max(checked_from).plus_seconds(failed_by))
        });
        let healthy_at = group.healthy_at(target)?;
        Some(match failing {
            Some((_, unhealthy_at)) if unhealthy_at <= now => Health::Unhealthy,
            Some((since, _)) if since < healthy_at => Health::Initial,
            _ if healthy_at <= now => Health::Healthy,
            _ => Health::Initial,
        })
    }

    /// When a target that is not checked often enough yet will be; nothing as long as its group is in no rule.
    pub(crate) fn settles(&self, group: &TargetGroup, target: &Target) -> Option<At> {
        let healthy_at = group.healthy_at(target)?;
        let fails = target.images.iter().any(|image| self.failing.contains_key(image));
        let checks = if fails {
            group.unhealthy_threshold
        } else {
            group.healthy_threshold
        };
        Some(healthy_at.plus_seconds((checks - group.healthy_threshold) * group.interval_seconds))
    }

    /// A task has come to its groups, or leaves them.
    pub(crate) fn hear(&mut self, heard: Registration) {
        for (arn, port) in heard.groups {
            let address = if heard.comes { self.address() } else { String::new() };
            let Some(group) = self.groups.get_mut(&arn) else {
                continue;
            };
            if heard.comes {
                group.targets.push(Target {
                    id: address,
                    port,
                    task: Some(Behind {
                        task: heard.task.clone(),
                        service: heard.service.clone(),
                        definition: heard.definition.clone(),
                    }),
                    images: heard.images.clone(),
                    registered_at: heard.at,
                    deregistered_at: None,
                });
                continue;
            }
            // Whatever has drained is told no more.
            let (delay, now) = (group.deregistration_delay_seconds, heard.at);
            let over = |target: &Target| target.deregistered_at.is_some_and(|at| at.plus_seconds(delay) <= now);
            group.targets.retain(|target| !over(target));
            let leaves = |target: &&mut Target| target.task.as_ref().is_some_and(|behind| behind.task == heard.task);
            for target in group.targets.iter_mut().filter(leaves) {
                target.deregistered_at = target.deregistered_at.or(Some(heard.at));
            }
        }
    }

    /// An address that no other target has had.
    fn address(&mut self) -> String {
        self.addresses += 1;
        let [_, a, b, c] = (self.addresses + 0x100).to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    /// Everything that is registered in a group and still there.
    pub(crate) fn targets<'a>(&'a self, group: &'a TargetGroup, now: At) -> impl Iterator<Item = (&'a Target, Health)> {
        let targets = group.targets.iter();
        targets.filter_map(move |target| Some((target, self.health(group, target, now)?)))
    }
}

impl TargetGroup {
    /// The target that a task is, as long as it is registered.
    pub(crate) fn target_of(&self, task: &str) -> Option<&Target> {
        let mut targets = self.targets.iter().filter(|target| target.deregistered_at.is_none());
        targets.find(|target| target.task.as_ref().is_some_and(|behind| behind.task == task))
    }

    /// When a target that passes its checks is healthy; nothing as long as no rule names the group.
    pub(crate) fn healthy_at(&self, target: &Target) -> Option<At> {
        let checked_from = self.in_use_since?.max(target.registered_at);
        Some(checked_from.plus_seconds(self.interval_seconds * self.healthy_threshold))
    }
}

pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    if elb.health_unavailable_until.is_some_and(|until| world.now < until) {
        let message = "The health of the specified targets could not be retrieved due to an internal error.";
        return Err(Refusal::new("HealthUnavailableException", message).status(500));
    }
    let group = elb.known_group(text(input, "TargetGroupArn").unwrap_or_default())?;
    let registered: Vec<(&Target, Health)> = elb.targets(group, world.now).collect();
    let told: Vec<Value> = match input["Targets"].as_array() {
        None => registered
            .iter()
            .map(|(target, health)| json(&target.id, target.port, health.told()))
            .collect(),
        Some(asked) => asked.iter().map(|asked| one(group, &registered, asked)).collect(),
    };
    Ok(json!({"TargetHealthDescriptions": told}))
}

/// A target that was asked for by name.
fn one(group: &TargetGroup, registered: &[(&Target, Health)], asked: &Value) -> Value {
    let id = text(asked, "Id").unwrap_or_default();
    let port = asked["Port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let port = port.unwrap_or(group.port);
    let known = registered
        .iter()
        .find(|(target, _)| target.id == id && target.port == port);
    let unknown = ("Target.NotRegistered", "Target is not registered to the target group");
    json(
        id,
        port,
        known.map_or(("unused", Some(unknown)), |(_, health)| health.told()),
    )
}

fn json(id: &str, port: u16, (state, why): (&str, Option<(&str, &str)>)) -> Value {
    let mut health = json!({"State": state});
    if let Some((reason, description)) = why {
        health["Reason"] = json!(reason);
        health["Description"] = json!(description);
    }
    json!({"Target": {"Id": id, "Port": port}, "HealthCheckPort": port.to_string(), "TargetHealth": health})
}
