//! Short ways to set a scene. What they make looks as if it had always been there: no time passes, nothing is sent.

use super::state::{Completed, DeploymentStatus, Ran, RolloutState, Stage, Stop};
use super::{Ecs, call};
use crate::eventbridge;
use crate::world::World;
use serde_json::{Value, json};

/// A cluster. Answers with its ARN.
///
/// # Panics
/// When ECS refuses, as all of these do: a scene that cannot be set is a mistake in the test.
pub fn cluster(world: &mut World, name: &str) -> String {
    let reply = ask(world, "CreateCluster", &json!({ "clusterName": name }));
    member(&reply["cluster"], "clusterArn")
}

/// A new revision of a task definition; `extra` is merged in, and within `containerDefinitions` by name. Answers with
/// its ARN.
///
/// # Panics
/// When ECS refuses.
pub fn task_definition(world: &mut World, family: &str, containers: &[(&str, &str)], extra: Value) -> String {
    let list: Vec<Value> = containers
        .iter()
        .map(|(name, image)| json!({ "name": name, "image": image, "essential": true }))
        .collect();
    let mut input = json!({
        "family": family, "containerDefinitions": list, "cpu": "256", "memory": "512", "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        if key == "containerDefinitions" {
            merge_containers(&mut input[key], value);
        } else {
            input[key.as_str()] = value.clone();
        }
    }
    let reply = ask(world, "RegisterTaskDefinition", &input);
    member(&reply["taskDefinition"], "taskDefinitionArn")
}

/// A service that is steady already: its first deployment COMPLETED, its tasks RUNNING, its digests known.
/// `extra` is merged into `CreateService`. Answers with its ARN.
///
/// # Panics
/// When ECS refuses, or when an image of the definition was never pushed.
pub fn service(
    world: &mut World,
    cluster: &str,
    name: &str,
    task_definition: &str,
    desired: i64,
    extra: Value,
) -> String {
    let mut input = json!({
        "cluster": cluster, "serviceName": name, "taskDefinition": task_definition, "desiredCount": desired,
        "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0"], "assignPublicIp": "DISABLED",
        } },
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        input[key.as_str()] = value.clone();
    }
    let reply = ask(world, "CreateService", &input);
    let arn = member(&reply["service"], "serviceArn");
    settle(world, &arn);
    arn
}

/// Makes a service's PRIMARY deployment complete here and now, whatever was under way. Sends nothing.
///
/// # Panics
/// When there is no such service, or an image was never pushed.
pub fn settle(world: &mut World, service_arn: &str) {
    let index = world.ecs.by_arn.get(service_arn).copied();
    let Some(index) = index else {
        panic!("no service {service_arn}");
    };
    super::step(world, |ecs, moment| {
        ecs.begin_at_once(index, moment);
        ecs.retire_old(index, moment.now);
        ecs.fill(index, moment);
        // They are as healthy to their target groups as they are to the service.
        let always = moment.now.plus_seconds(-86_400);
        for registration in &mut ecs.registrations {
            registration.at = if registration.comes { always } else { registration.at };
        }
        ecs.declare_complete(index, moment.now);
        ecs.services[index].snapshots.clear();
        ecs.changed.clear();
    });
}

/// ECS sets the weights of this rule itself from now on, in the deployments of a service: told back as
/// `advancedConfiguration`, and no deployment. What ECS does with them is not simulated.
///
/// # Panics
/// When there is no such service, or it has no load balancer.
pub fn shifts(world: &mut World, service_arn: &str, rule: &str) {
    let index = world.ecs.by_arn.get(service_arn).copied();
    let Some(index) = index else {
        panic!("no service {service_arn}");
    };
    let settings = &mut world.ecs.services[index].settings;
    let Some(entry) = settings.get_mut("loadBalancers").and_then(|entries| entries.get_mut(0)) else {
        panic!("{service_arn} has no load balancer");
    };
    entry["advancedConfiguration"] = json!({ "productionListenerRule": rule });
}

/// Fargate Spot takes a running task of a service back: SIGTERM now, and the stop time to leave in. Answers with the
/// task's ARN; the service replaces it ("Fargate Spot termination notices", ECS developer guide).
///
/// # Panics
/// When no task of this service runs.
pub fn reclaim(world: &mut World, service_arn: &str) -> String {
    let index = world.ecs.by_arn.get(service_arn).copied();
    let running = index.and_then(|index| {
        let mut live = world.ecs.services[index].live.iter();
        live.find(|id| world.ecs.tasks[id].counts() && world.ecs.tasks[id].stage == Stage::Running)
    });
    let (Some(index), Some(id)) = (index, running.copied()) else {
        panic!("no task of {service_arn} runs");
    };
    super::step(world, |ecs, moment| {
        let stop = Stop {
            code: "SpotInterruption",
            reason: "Your Spot Task was interrupted.".to_owned(),
        };
        ecs.stop_task(id, stop, moment);
        ecs.reconcile(index, moment);
    });
    crate::workload::run_due(world);
    world.ecs.tasks[&id].arn.clone()
}

/// The process of a running task ends by itself.
///
/// # Panics
/// When no task of this service runs.
pub fn exit(world: &mut World, service_arn: &str) {
    let index = world.ecs.by_arn.get(service_arn).copied();
    let running = index.and_then(|index| {
        let live = world.ecs.services[index].live.iter();
        live.map(|id| &world.ecs.tasks[id])
            .find(|task| task.counts() && task.stage == Stage::Running)
    });
    let Some(task) = running.map(|task| task.arn.clone()) else {
        panic!("no task of {service_arn} runs");
    };
    super::exits(world, &task);
    super::run_due(world);
    crate::workload::run_due(world);
}

impl Ecs {
    fn begin_at_once(&mut self, index: usize, moment: &mut super::Moment<'_>) {
        for deployment in 0..self.services[index].deployments.len() {
            let entry = &mut self.services[index].deployments[deployment];
            let pending = [entry.next.take(), entry.alarm.take()];
            if entry.status == DeploymentStatus::StopRequested {
                self.end_replaced(index, deployment, moment);
            }
            for key in pending {
                self.cancel(key);
            }
        }
        let wake = self.services[index].wake.take();
        self.cancel(wake);
        let service = &mut self.services[index];
        service.rollouts.truncate(1);
        service.rollouts[0].not_before = moment.now;
        service.rollouts[0].failed = 0;
    }

    /// Old tasks and unfinished ones are simply not there any more.
    fn retire_old(&mut self, index: usize, now: crate::time::At) {
        let primary = self.services[index].rollouts[0].id.clone();
        for id in std::mem::take(&mut self.services[index].live) {
            let task = &self.tasks[&id];
            let kept = (self.services[index].live.len() as i64) < self.services[index].desired;
            if kept && task.rollout == primary && task.counts() && task.stage == Stage::Running {
                self.services[index].live.push(id);
                continue;
            }
            if matches!(task.stage, Stage::Running | Stage::Deactivating | Stage::Stopping) {
                self.remember(id, Ran::Stopped, now);
            }
            if let Some(task) = self.tasks.remove(&id) {
                self.cancel(task.next);
                self.cancel(task.protected.map(|(_, key)| key));
                self.tags.remove(&task.arn);
                self.tasks_by_arn.remove(&task.arn);
            }
        }
    }

    fn fill(&mut self, index: usize, moment: &mut super::Moment<'_>) {
        let desired = usize::try_from(self.services[index].desired).unwrap_or(0);
        while self.services[index].live.len() < desired {
            self.start_task(index, moment);
        }
        for id in self.services[index].live.clone() {
            if self.tasks[&id].stage < Stage::Running {
                let next = self.tasks.get_mut(&id).and_then(|task| task.next.take());
                self.cancel(next);
                self.pulled(id, moment);
                let task = &self.tasks[&id];
                assert!(task.stage == Stage::Running, "{}: {:?}", task.definition, task.stop);
            }
            self.make_healthy(id);
        }
    }

    fn declare_complete(&mut self, index: usize, now: crate::time::At) {
        let service = &mut self.services[index];
        let primary = &mut service.rollouts[0];
        primary.state = RolloutState::Completed;
        primary.reason = format!("ECS deployment {} completed.", primary.id);
        service.last_completed = Some(Completed {
            rollout: primary.id.clone(),
            revision: primary.revision,
        });
        service.steady = true;
        let entry = &mut service.deployments[primary.deployment];
        entry.status = match primary.is_rollback {
            true => DeploymentStatus::RollbackSuccessful,
            false => DeploymentStatus::Successful,
        };
        entry.started_at.get_or_insert(now);
        entry.finished_at = Some(now);
        entry.updated_at = now;
        self.notices.clear();
    }
}

fn merge_containers(into: &mut Value, from: &Value) {
    for extra in from.as_array().into_iter().flatten() {
        let found = into
            .as_array_mut()
            .into_iter()
            .flatten()
            .find(|known| known["name"] == extra["name"]);
        let Some(known) = found else {
            panic!("no container {} to add to", extra["name"]);
        };
        for (key, value) in extra.as_object().into_iter().flatten() {
            known[key.as_str()] = value.clone();
        }
    }
}

fn ask(world: &mut World, operation: &str, input: &Value) -> Value {
    let reply = eventbridge::unheard(world, |world| call(world, operation, input));
    reply.unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
}

fn member(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_default().to_owned()
}
