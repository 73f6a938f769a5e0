//! What is asked and told about tasks.

use super::clusters::last_part;
use super::state::{Container, Stage, Stop, Task};
use super::{Ecs, Moment, invalid, listing, missing, text, texts};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::{Map, Value, json};

/// For how long a stopped task can still be described ("at least one hour", DescribeTasks).
const STOPPED_SECONDS: i64 = 3600;

impl Ecs {
    pub(super) fn find_task(&self, cluster: &str, reference: &str, moment: &Moment<'_>) -> Option<u64> {
        let arn = match reference.starts_with("arn:") {
            true => reference.to_owned(),
            false => moment.arn(&format!("task/{cluster}/{reference}")),
        };
        let id = *self.tasks_by_arn.get(&arn)?;
        let task = self.tasks.get(&id)?;
        let here = self.services[task.service].cluster == cluster;
        (here && task.stopped_at.is_none_or(|at| can_be_seen(at, moment.now))).then_some(id)
    }

    pub(super) fn stop_one_task(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let cluster = self.cluster(input)?.name.clone();
        let found = self.find_task(&cluster, text(input, "task").unwrap_or_default(), moment);
        let id = found.ok_or_else(|| invalid("The referenced task was not found."))?;
        let reason = text(input, "reason").unwrap_or("Task stopped by user").to_owned();
        self.stop_task(
            id,
            Stop {
                code: "UserInitiated",
                reason,
            },
            moment,
        );
        let index = self.tasks[&id].service;
        let reply = json!({ "task": self.task_json(&self.tasks[&id]) });
        self.reconcile(index, moment);
        Ok(reply)
    }

    pub(super) fn describe_tasks(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let references = texts(input, "tasks");
        if references.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        if references.len() > 100 {
            return Err(invalid("Tasks cannot have more than 100 items."));
        }
        let tags = texts(input, "include").contains(&"TAGS");
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for reference in references {
            match self.find_task(cluster, reference, moment) {
                Some(id) => {
                    let task = &self.tasks[&id];
                    let mut json = self.task_json(task);
                    if tags {
                        json["tags"] = self.tags_json(&task.arn);
                    }
                    tasks.push(json);
                }
                None => failures.push(missing(moment.arn(&format!("task/{cluster}/{}", last_part(reference))))),
            }
        }
        Ok(json!({ "tasks": tasks, "failures": failures }))
    }

    pub(super) fn list_tasks(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let started_by = text(input, "startedBy");
        let others = [
            "containerInstance",
            "family",
            "serviceName",
            "desiredStatus",
            "launchType",
            "daemonName",
        ];
        if started_by.is_some() && others.iter().any(|member| input.get(member).is_some()) {
            return Err(invalid("startedBy cannot be combined with other filters."));
        }
        let wanted = text(input, "desiredStatus").unwrap_or("RUNNING");
        let service = match text(input, "serviceName") {
            None => None,
            Some(name) => {
                let found = self
                    .visible_service(cluster, name, moment.now)
                    .filter(|_| !name.starts_with("arn:"));
                Some(found.ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?)
            }
        };
        let nothing = input.get("containerInstance").is_some()
            || input.get("daemonName").is_some()
            || text(input, "launchType").is_some_and(|kind| kind != "FARGATE");
        let family = text(input, "family").map(|family| format!("/{family}:"));
        let matches = |task: &&Task| {
            !nothing
                && self.services[task.service].cluster == *cluster
                && service.is_none_or(|service| service == task.service)
                && started_by.is_none_or(|by| by == task.rollout)
                && family
                    .as_ref()
                    .is_none_or(|family| task.definition.contains(family.as_str()))
                && wanted == if task.wanted { "RUNNING" } else { "STOPPED" }
                && task.stopped_at.is_none_or(|at| can_be_seen(at, moment.now))
        };
        let arns = self
            .tasks
            .values()
            .filter(matches)
            .map(|task| task.arn.clone())
            .collect();
        listing::arns("taskArns", arns, 100, input, moment)
    }

    pub(super) fn task_json(&self, task: &Task) -> Value {
        let service = &self.services[task.service];
        let definition = self.find_definition(&task.definition);
        let size = |member: &str, default: &str| {
            let given = definition.and_then(|definition| text(&definition.json, member));
            given.unwrap_or(default).to_owned()
        };
        let containers: Vec<Value> = task
            .containers
            .iter()
            .map(|container| container_json(container, task))
            .collect();
        let overrides: Vec<Value> = task.containers.iter().map(|c| json!({ "name": c.name })).collect();
        let mut json = json!({
            "taskArn": task.arn, "clusterArn": service.cluster_arn, "taskDefinitionArn": task.definition,
            "group": format!("service:{}", service.name), "startedBy": task.rollout,
            "lastStatus": task.stage.name(), "desiredStatus": if task.wanted { "RUNNING" } else { "STOPPED" },
            "launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux",
            "availabilityZone": format!("{}{}", region_of(&task.arn), task.zone),
            "cpu": size("cpu", "256"), "memory": size("memory", "512"), "version": task.version,
            "containers": containers, "overrides": { "containerOverrides": overrides },
            "attachments": [], "attributes": [], "enableExecuteCommand": false, "healthStatus": "UNKNOWN",
            "createdAt": task.created_at.seconds(), "tags": [],
        });
        put_times(
            &mut json,
            &[
                ("pullStartedAt", task.pull_started_at),
                ("pullStoppedAt", task.pull_stopped_at),
                ("startedAt", task.started_at),
                ("stoppingAt", task.stopping_at),
                ("executionStoppedAt", task.execution_stopped_at),
                ("stoppedAt", task.stopped_at),
            ],
        );
        if task.pull_started_at.is_some() {
            json["connectivity"] = json!("CONNECTED");
            put_times(&mut json, &[("connectivityAt", task.pull_started_at)]);
        }
        if let Some(stop) = &task.stop {
            json["stopCode"] = json!(stop.code);
            json["stoppedReason"] = json!(stop.reason);
        }
        json
    }
}

pub(super) fn can_be_seen(stopped_at: At, now: At) -> bool {
    now < stopped_at.plus_seconds(STOPPED_SECONDS)
}

fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Puts those moments that have come.
pub(super) fn put_times(json: &mut Value, times: &[(&str, Option<At>)]) {
    for (member, at) in times {
        if let Some(at) = at {
            json[*member] = json!(at.seconds());
        }
    }
}

fn container_json(container: &Container, task: &Task) -> Value {
    let cluster_and_task = task.arn.split_once(":task/").map_or("", |(_, rest)| rest);
    let prefix = task.arn.split_once(":task/").map_or("", |(prefix, _)| prefix);
    let status = match task.stage {
        Stage::Provisioning | Stage::Pending => "PENDING",
        Stage::Running | Stage::Deactivating | Stage::Stopping => "RUNNING",
        Stage::Deprovisioning | Stage::Stopped => "STOPPED",
    };
    let mut json = json!({
        "containerArn": format!("{prefix}:container/{cluster_and_task}/{}", container.id),
        "taskArn": task.arn, "name": container.name, "image": container.image, "lastStatus": status,
        "networkInterfaces": [], "healthStatus": "UNKNOWN", "cpu": "0",
    });
    if let Some(digest) = &container.digest {
        json["imageDigest"] = json!(digest);
        json["runtimeId"] = json!(format!("{}-{}", last_part(&task.arn), &container.id[..10]));
    }
    if let Some(code) = container.exit_code {
        json["exitCode"] = json!(code);
    }
    if let Some(reason) = &container.reason {
        json["reason"] = json!(reason);
    }
    json
}

/// Events carry ISO times where replies carry seconds, and no tags.
pub(super) fn event_times(detail: &mut Value) {
    let Some(members) = detail.as_object_mut() else {
        return;
    };
    members.remove("tags");
    let with_times: Map<String, Value> = std::mem::take(members)
        .into_iter()
        .map(
            |(member, value)| match value.as_f64().filter(|_| member.ends_with("At")) {
                Some(seconds) => (member, json!(At::from_seconds(seconds).iso_millis())),
                None => (member, value),
            },
        )
        .collect();
    *members = with_times;
}
