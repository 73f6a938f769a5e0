//! What is told about service deployments and service revisions.

use super::asking::put_times;
use super::state::{Deployment, DeploymentStatus};
use super::{Ecs, Moment, invalid, listing, missing, text, texts};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::{Map, Value, json};

/// Settings that a revision freezes.
const FROZEN: [&str; 7] = [
    "capacityProviderStrategy",
    "loadBalancers",
    "networkConfiguration",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

impl Ecs {
    pub(super) fn list_deployments(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let found = self.visible_service(cluster, text(input, "service").unwrap_or_default(), moment.now);
        let index = found.ok_or_else(|| Refusal::new("ServiceNotFoundException", "Service not found."))?;
        let statuses = texts(input, "status");
        let bound = |member: &str| input["createdAt"][member].as_f64().map(At::from_seconds);
        let (before, after) = (bound("before"), bound("after"));
        let service = &self.services[index];
        let wanted = |deployment: &&Deployment| {
            (statuses.is_empty() || statuses.contains(&deployment.status.name()))
                && before.is_none_or(|before| deployment.created_at < before)
                && after.is_none_or(|after| deployment.created_at > after)
        };
        let found: Vec<&Deployment> = service.deployments.iter().rev().filter(wanted).collect();
        let (found, token) = listing::page(found, |deployment| deployment.arn.clone(), 20, input, moment)?;
        let briefs: Vec<Value> = found
            .into_iter()
            .map(|deployment| {
                let mut brief = json!({
                    "serviceDeploymentArn": deployment.arn, "serviceArn": service.arn,
                    "clusterArn": service.cluster_arn, "createdAt": deployment.created_at.seconds(),
                    "targetServiceRevisionArn": service.revisions[deployment.target].arn,
                    "status": deployment.status.name(),
                });
                put_times(
                    &mut brief,
                    &[
                        ("startedAt", deployment.started_at),
                        ("finishedAt", deployment.finished_at),
                    ],
                );
                if let Some(reason) = &deployment.reason {
                    brief["statusReason"] = json!(reason);
                }
                brief
            })
            .collect();
        Ok(listing::reply("serviceDeployments", json!(briefs), token))
    }

    pub(super) fn describe_deployments(&self, input: &Value) -> Result<Value, Refusal> {
        let arns = few(texts(input, "serviceDeploymentArns"), "serviceDeploymentArns")?;
        let (mut deployments, mut failures) = (Vec::new(), Vec::new());
        for arn in arns {
            match self.deployments_by_arn.get(arn) {
                Some((index, deployment)) => deployments.push(self.deployment_json(*index, *deployment)),
                None => failures.push(missing(arn.to_owned())),
            }
        }
        Ok(json!({ "serviceDeployments": deployments, "failures": failures }))
    }

    fn deployment_json(&self, index: usize, deployment: usize) -> Value {
        let service = &self.services[index];
        let deployment = &service.deployments[deployment];
        let sources: Vec<Value> = deployment
            .sources
            .iter()
            .map(|r| self.revision_summary(index, *r))
            .collect();
        let mut json = json!({
            "serviceDeploymentArn": deployment.arn, "serviceArn": service.arn, "clusterArn": service.cluster_arn,
            "createdAt": deployment.created_at.seconds(), "updatedAt": deployment.updated_at.seconds(),
            "sourceServiceRevisions": sources,
            "targetServiceRevision": self.revision_summary(index, deployment.target),
            "status": deployment.status.name(), "deploymentConfiguration": deployment.config.json,
            "deploymentCircuitBreaker": {
                "status": monitor(deployment, deployment.config.breaker.is_some(), deployment.breaker_triggered),
                "failureCount": deployment.failures, "threshold": deployment.threshold,
            },
            "alarms": alarms(deployment),
        });
        put_times(
            &mut json,
            &[
                ("startedAt", deployment.started_at),
                ("finishedAt", deployment.finished_at),
                ("stoppedAt", deployment.stopped_at),
            ],
        );
        if let Some(reason) = &deployment.reason {
            json["statusReason"] = json!(reason);
        }
        if let Some(rollback) = &deployment.rollback {
            json["rollback"] = json!({
                "reason": rollback.reason, "startedAt": rollback.started_at.seconds(),
                "serviceRevisionArn": service.revisions[rollback.revision].arn,
            });
        }
        json
    }

    pub(super) fn describe_revisions(&self, input: &Value) -> Result<Value, Refusal> {
        let arns = few(texts(input, "serviceRevisionArns"), "serviceRevisionArns")?;
        let (mut revisions, mut failures) = (Vec::new(), Vec::new());
        for arn in arns {
            match self.revisions_by_arn.get(arn) {
                Some((index, revision)) => revisions.push(self.revision_json(*index, *revision)),
                None => failures.push(missing(arn.to_owned())),
            }
        }
        Ok(json!({ "serviceRevisions": revisions, "failures": failures }))
    }

    fn revision_json(&self, index: usize, revision: usize) -> Value {
        let service = &self.services[index];
        let revision = &service.revisions[revision];
        let specs = self
            .find_definition(&revision.definition)
            .map(|found| found.containers.as_slice());
        let images: Vec<Value> = specs
            .unwrap_or_default()
            .iter()
            .map(|spec| {
                let mut image = json!({ "containerName": spec.name, "image": spec.image });
                if let Some(digest) = revision.digests.get(&spec.name) {
                    image["imageDigest"] = json!(digest);
                }
                image
            })
            .collect();
        let mut json = json!({
            "serviceRevisionArn": revision.arn, "serviceArn": service.arn, "clusterArn": service.cluster_arn,
            "taskDefinition": revision.definition, "launchType": "FARGATE", "platformVersion": "1.4.0",
            "platformFamily": "Linux", "containerImages": images, "guardDutyEnabled": false,
            "loadBalancers": [], "createdAt": revision.created_at.seconds(),
        });
        let frozen: Map<String, Value> = revision.settings.clone();
        for (member, value) in frozen
            .into_iter()
            .filter(|(member, _)| FROZEN.contains(&member.as_str()))
        {
            json[member] = value;
        }
        json
    }
}

fn few<'a>(arns: Vec<&'a str>, member: &str) -> Result<Vec<&'a str>, Refusal> {
    match arns.len() {
        0 => Err(invalid(format!("{member} cannot be empty."))),
        1..=20 => Ok(arns),
        _ => Err(invalid(format!("{member} cannot have more than 20 items."))),
    }
}

/// `ServiceDeploymentRollbackMonitorsStatus`.
fn monitor(deployment: &Deployment, enabled: bool, triggered: bool) -> &'static str {
    let watched = matches!(
        deployment.status,
        DeploymentStatus::Pending | DeploymentStatus::InProgress | DeploymentStatus::RollbackInProgress
    );
    match (enabled, triggered, watched) {
        (_, true, _) => "TRIGGERED",
        (false, false, _) => "DISABLED",
        (true, false, true) => "MONITORING",
        (true, false, false) => "MONITORING_COMPLETE",
    }
}

fn alarms(deployment: &Deployment) -> Value {
    let names = &deployment.config.alarm_names;
    let triggered = &deployment.triggered_alarms;
    let mut json = json!({ "status": monitor(deployment, !names.is_empty(), !triggered.is_empty()) });
    if !names.is_empty() {
        json["alarmNames"] = json!(names);
    }
    if !triggered.is_empty() {
        json["triggeredAlarmNames"] = json!(triggered);
    }
    json
}
