//! What is told about services.

use super::clusters::last_part;
use super::state::{Rollout, RolloutState, Service};
use super::{Ecs, Moment, invalid, missing, texts};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::{Value, json};

impl Ecs {
    pub(super) fn describe_services(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let references = texts(input, "services");
        if references.is_empty() {
            return Err(invalid("Services cannot be empty."));
        }
        if references.len() > 10 {
            return Err(invalid("Services cannot have more than 10 items."));
        }
        let tags = texts(input, "include").contains(&"TAGS");
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for reference in references {
            let found = self.visible_service(cluster, reference, moment.now);
            match found.and_then(|index| self.told(index, tags, moment.now)) {
                Some(service) => services.push(service),
                None if reference.starts_with("arn:") => failures.push(missing(reference.to_owned())),
                None => failures.push(missing(
                    moment.arn(&format!("service/{cluster}/{}", last_part(reference))),
                )),
            }
        }
        Ok(json!({ "services": services, "failures": failures }))
    }

    /// A service as a reader sees it, who may see the past.
    fn told(&self, index: usize, tags: bool, now: At) -> Option<Value> {
        let service = &self.services[index];
        if self.stale_reads_seconds <= 0 || service.snapshots.is_empty() {
            return Some(self.service_json(index, tags));
        }
        let then = now.plus_seconds(-self.stale_reads_seconds);
        let known = service.snapshots.iter().rev().find(|(at, _)| *at <= then);
        known.map(|(_, json)| {
            let mut json = json.clone();
            if !tags {
                json["tags"] = json!([]);
            }
            json
        })
    }

    /// Keeps how a service looks now, for stale reads.
    pub(super) fn snapshot(&mut self, index: usize, now: At) {
        let json = self.service_json(index, true);
        let then = now.plus_seconds(-self.stale_reads_seconds);
        let snapshots = &mut self.services[index].snapshots;
        if snapshots.back().is_some_and(|(at, _)| *at == now) {
            snapshots.pop_back();
        }
        snapshots.push_back((now, json));
        // Of what is too old for any reader only the newest is still needed.
        while snapshots.get(1).is_some_and(|(at, _)| *at <= then) {
            snapshots.pop_front();
        }
    }

    /// Keeps how services look that were never looked at, before they change: so they have been ever since.
    pub(super) fn snapshot_unseen(&mut self) {
        for index in 0..self.services.len() {
            if self.services[index].snapshots.is_empty() {
                let known = (self.services[index].created_at, self.service_json(index, true));
                self.services[index].snapshots.push_back(known);
            }
        }
    }

    pub(super) fn service_json(&self, index: usize, tags: bool) -> Value {
        let service = &self.services[index];
        let all = self.census_of(service, "");
        let shown: Vec<&Rollout> = service
            .rollouts
            .iter()
            .enumerate()
            .filter(|(position, rollout)| {
                *position == 0 || rollout.state == RolloutState::Failed || self.census_of(service, &rollout.id).live > 0
            })
            .map(|(_, rollout)| rollout)
            .collect();
        let deployments: Vec<Value> = shown
            .iter()
            .enumerate()
            .map(|(i, rollout)| self.rollout_json(service, rollout, i == 0))
            .collect();
        let mut revisions: Vec<usize> = Vec::new();
        for rollout in &shown {
            if !revisions.contains(&rollout.revision) {
                revisions.push(rollout.revision);
            }
        }
        let revisions: Vec<Value> = revisions.into_iter().map(|r| self.revision_summary(index, r)).collect();
        let last = service
            .revisions
            .last()
            .map_or("", |revision| revision.definition.as_str());
        let definition = if service.rollouts.is_empty() {
            last
        } else {
            service.definition()
        };
        let mut json = json!({
            "serviceArn": service.arn, "serviceName": service.name, "clusterArn": service.cluster_arn,
            "status": service.status.name(), "desiredCount": service.desired, "runningCount": all.running,
            "pendingCount": all.pending, "launchType": "FARGATE", "platformVersion": "LATEST",
            "platformFamily": "Linux", "taskDefinition": definition,
            "deploymentConfiguration": service.config.json, "deploymentController": { "type": "ECS" },
            "deployments": deployments, "taskSets": [], "events": service.events,
            "createdAt": service.created_at.seconds(), "currentServiceRevisions": revisions,
            "schedulingStrategy": "REPLICA", "loadBalancers": [], "serviceRegistries": [],
            "placementConstraints": [], "placementStrategy": [], "enableECSManagedTags": false,
            "propagateTags": "NONE", "enableExecuteCommand": false, "availabilityZoneRebalancing": "ENABLED",
            "roleArn": role_arn(&service.arn),
            "tags": if tags { self.tags_json(&service.arn) } else { json!([]) },
        });
        for (member, value) in &service.settings {
            if SHOWN.contains(&member.as_str()) {
                json[member.as_str()] = value.clone();
            }
        }
        if service.settings.contains_key("capacityProviderStrategy")
            && let Some(members) = json.as_object_mut()
        {
            members.remove("launchType");
        }
        if let Some(deployment) = service.deployments.last() {
            json["currentServiceDeployment"] = json!(deployment.arn);
        }
        json
    }

    fn rollout_json(&self, service: &Service, rollout: &Rollout, primary: bool) -> Value {
        let counts = self.census_of(service, &rollout.id);
        let mut json = json!({
            "id": rollout.id, "status": if primary { "PRIMARY" } else { "ACTIVE" },
            "taskDefinition": service.revisions[rollout.revision].definition,
            "desiredCount": if primary { service.desired } else { counts.counted },
            "pendingCount": counts.pending, "runningCount": counts.running, "failedTasks": rollout.failed,
            "createdAt": rollout.created_at.seconds(), "updatedAt": rollout.updated_at.seconds(),
            "launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux",
            "rolloutState": rollout.state.name(), "rolloutStateReason": rollout.reason,
        });
        let settings = &service.revisions[rollout.revision].settings;
        if let Some(network) = settings.get("networkConfiguration") {
            json["networkConfiguration"] = network.clone();
        }
        json
    }

    /// A revision with its tasks counted, as in `currentServiceRevisions`.
    pub(super) fn revision_summary(&self, index: usize, revision: usize) -> Value {
        let service = &self.services[index];
        let (mut counted, mut running, mut pending) = (0, 0, 0);
        for task in service.live.iter().filter_map(|id| self.tasks.get(id)) {
            if task.revision == revision {
                counted += i64::from(task.counts());
                running += i64::from(task.stage == super::state::Stage::Running);
                pending += i64::from(task.stage < super::state::Stage::Running);
            }
        }
        let primary = service
            .rollouts
            .first()
            .is_some_and(|primary| primary.revision == revision);
        json!({
            "arn": service.revisions[revision].arn,
            "requestedTaskCount": if primary { service.desired } else { counted },
            "runningTaskCount": running, "pendingTaskCount": pending,
        })
    }
}

/// Settings that are members of a service, too; the rest is told by its revisions.
const SHOWN: [&str; 12] = [
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "platformVersion",
    "propagateTags",
    "serviceRegistries",
];

fn role_arn(service_arn: &str) -> String {
    let account = service_arn.split(':').nth(4).unwrap_or_default();
    format!("arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
}
