//! Tasks behind load balancers: when they come to their target groups and leave them, and what their health there means.
//!
//! # Source
//! Developer guide, "Task lifecycle": a task that is to stop is DEACTIVATING while it is deregistered, and gets its
//! SIGTERM after; "Service load balancing": a task that fails its checks is replaced, not before the grace period is
//! over. That it drains for the whole delay of its groups, connected or not, is the worse case.

use super::state::{Stage, Stop};
use super::{Due, Ecs, Moment, invalid, text};
use crate::elb::Health;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::Value;

/// A task comes to its target groups, or leaves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub at: At,
    pub task: String,
    pub service: String,
    /// `family:revision`.
    pub definition: String,
    pub images: Vec<String>,
    /// ARN of a group, and the port on which the task listens for it.
    pub groups: Vec<(String, u16)>,
    pub comes: bool,
}

/// What a task's target groups say of it.
pub(super) enum Standing {
    /// All of them find it healthy, or it has none.
    Healthy,
    /// Nothing yet; to be asked again then.
    Open(At),
    /// This one finds it unhealthy.
    Failed(String),
}

impl Ecs {
    /// # Errors
    /// As ECS refuses a target group that no rule names, or a container that is not there.
    pub(super) fn check_balancers(&self, input: &Value, definition: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        for entry in input["loadBalancers"].as_array().into_iter().flatten() {
            let Some(group) = text(entry, "targetGroupArn") else {
                return Err(invalid("Only load balancers with a target group are simulated."));
            };
            if moment.elb.balancer_of(group).is_none() {
                return Err(invalid(format!(
                    "The target group with targetGroupArn {group} does not have an associated load balancer."
                )));
            }
            let container = text(entry, "containerName").unwrap_or_default();
            let found = self.find_definition(definition);
            if !found.is_some_and(|found| found.containers.iter().any(|spec| spec.name == container)) {
                return Err(invalid(format!(
                    "The container {container} does not exist in the task definition."
                )));
            }
        }
        Ok(())
    }

    /// The target groups of a task, by the revision that it belongs to.
    fn groups_of(&self, id: u64) -> Vec<(String, u16)> {
        let task = &self.tasks[&id];
        let settings = &self.services[task.service].revisions[task.revision].settings;
        let entries = settings.get("loadBalancers").and_then(Value::as_array);
        let groups = entries.into_iter().flatten().filter_map(|entry| {
            let port = entry["containerPort"]
                .as_u64()
                .and_then(|port| u16::try_from(port).ok());
            Some((text(entry, "targetGroupArn")?.to_owned(), port.unwrap_or(80)))
        });
        groups.collect()
    }

    /// The task comes or leaves now, where it has target groups at all.
    pub(super) fn registers(&mut self, id: u64, comes: bool, at: At) {
        let groups = self.groups_of(id);
        if groups.is_empty() {
            return;
        }
        let task = &self.tasks[&id];
        let definition = task.definition.rsplit('/').next().unwrap_or_default();
        self.registrations.push(Registration {
            at,
            task: task.arn.clone(),
            service: self.services[task.service].arn.clone(),
            definition: definition.to_owned(),
            images: task.digests().into_values().collect(),
            groups,
            comes,
        });
    }

    /// When a task that has just begun to run is looked at: without target groups it is healthy then.
    pub(super) fn first_look(&self, id: u64, moment: &Moment<'_>) -> At {
        let groups = self.groups_of(id);
        let checked = groups.iter().filter_map(|(arn, _)| {
            let group = moment.elb.group(arn)?;
            Some(group.interval_seconds * group.healthy_threshold.min(group.unhealthy_threshold))
        });
        let seconds = checked.min().unwrap_or(self.healthy_after_seconds);
        moment.now.plus_seconds(seconds)
    }

    pub(super) fn standing(&self, id: u64, moment: &Moment<'_>) -> Standing {
        let task = &self.tasks[&id];
        let mut open: Option<At> = None;
        for (arn, _) in self.groups_of(id) {
            let group = moment.elb.group(&arn);
            let found = group.and_then(|group| Some((group, group.target_of(&task.arn)?)));
            let Some((group, target)) = found else {
                // Somebody has deregistered it.
                return Standing::Failed(arn);
            };
            let next = moment.now.plus_seconds(group.interval_seconds);
            let again = match moment.elb.health(group, target, moment.now) {
                Some(Health::Healthy) => continue,
                Some(Health::Initial) => moment.elb.settles(group, target).unwrap_or(next),
                Some(Health::Unused) => next,
                Some(Health::Unhealthy) => match self.grace_over(id).filter(|at| *at > moment.now) {
                    Some(over) => over,
                    None => return Standing::Failed(arn),
                },
                Some(Health::Draining) | None => return Standing::Failed(arn),
            };
            open = open.max(Some(again.max(moment.now.plus_seconds(1))));
        }
        open.map_or(Standing::Healthy, Standing::Open)
    }

    /// When its service begins to mind failed checks of a task.
    fn grace_over(&self, id: u64) -> Option<At> {
        let task = &self.tasks[&id];
        let settings = &self.services[task.service].settings;
        let grace = settings.get("healthCheckGracePeriodSeconds").and_then(Value::as_i64);
        Some(task.started_at?.plus_seconds(grace?))
    }

    /// The scheduler replaces a task that a target group finds unhealthy.
    pub(super) fn fails_checks(&mut self, id: u64, group: &str, moment: &mut Moment<'_>) {
        let task = &self.tasks[&id];
        let (index, rollout, was_healthy) = (task.service, task.rollout.clone(), task.healthy);
        let short = super::clusters::last_part(&task.arn).to_owned();
        let message =
            format!("(task {short}) is unhealthy in (target-group {group}) due to (reason Health checks failed).");
        self.say(index, &message, moment);
        let stop = Stop {
            code: "ServiceSchedulerInitiated",
            reason: format!("Task failed ELB health checks in (target-group {group})"),
        };
        self.stop_task(id, stop, moment);
        if !was_healthy {
            self.count_failure(index, &rollout, moment);
        }
        self.reconcile(index, moment);
    }

    /// A task whose checks have begun to fail is looked at again.
    pub(super) fn looked_at(&mut self, id: u64, moment: &mut Moment<'_>) {
        let runs = |ecs: &Ecs| {
            let task = ecs.tasks.get(&id);
            task.is_some_and(|task| task.counts() && task.stage == Stage::Running)
        };
        if !runs(self) {
            return;
        }
        match self.standing(id, moment) {
            Standing::Healthy => {}
            Standing::Open(until) => drop(self.schedule(until, Due::LookAt(id))),
            Standing::Failed(group) => self.fails_checks(id, &group, moment),
        }
    }

    /// Until when a task that is to stop still answers whom its target groups know; nothing where it has none.
    pub(super) fn drained_at(&self, id: u64, moment: &Moment<'_>) -> Option<At> {
        let groups = self.groups_of(id);
        let delays = groups.iter().filter_map(|(arn, _)| {
            let group = moment.elb.group(arn)?;
            group.target_of(&self.tasks[&id].arn)?;
            Some(group.deregistration_delay_seconds)
        });
        delays.max().map(|seconds| moment.now.plus_seconds(seconds))
    }
}

/// Tasks that run an image whose checks fail from now on are looked at when they have failed often enough.
pub(crate) fn checks_fail(world: &mut World, digest: &str) {
    let World { ecs, elb, now, .. } = world;
    let mut due = Vec::new();
    for (id, task) in &ecs.tasks {
        let runs = task.stage == Stage::Running && task.digests().values().any(|image| image == digest);
        for (arn, _) in ecs.groups_of(*id).iter().filter(|_| runs) {
            if let Some(group) = elb.group(arn) {
                let seconds = group.interval_seconds * group.unhealthy_threshold;
                due.push((now.plus_seconds(seconds), *id));
            }
        }
    }
    for (at, id) in due {
        ecs.schedule(at, Due::LookAt(id));
    }
}
