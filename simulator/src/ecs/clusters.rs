//! Clusters, and the tags of everything.

use super::state::{Stage, Status, Task};
use super::{Ecs, Moment, invalid, listing, missing, text, texts};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(super) struct Cluster {
    pub arn: String,
    pub name: String,
}

/// The last part of an ARN, or a name as it is.
pub(super) fn last_part(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// `[{key,value}]` as pairs.
pub(super) fn tag_pairs(tags: Option<&Value>) -> Vec<(String, String)> {
    let list = tags.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|tag| {
        Some((
            text(tag, "key")?.to_owned(),
            text(tag, "value").unwrap_or_default().to_owned(),
        ))
    })
    .collect()
}

impl Ecs {
    /// The cluster a request means; `default` where it names none.
    pub(super) fn cluster(&self, input: &Value) -> Result<&Cluster, Refusal> {
        let reference = text(input, "cluster").unwrap_or("default");
        self.clusters
            .get(last_part(reference))
            .ok_or_else(|| Refusal::new("ClusterNotFoundException", "Cluster not found."))
    }

    pub(super) fn create_cluster(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let name = text(input, "clusterName").unwrap_or("default").to_owned();
        let arn = moment.arn(&format!("cluster/{name}"));
        self.set_tags(&arn, input.get("tags"));
        let cluster = Cluster {
            arn,
            name: name.clone(),
        };
        self.clusters.entry(name.clone()).or_insert(cluster);
        Ok(json!({ "cluster": self.cluster_json(&self.clusters[&name]) }))
    }

    pub(super) fn describe_clusters(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let mut names = texts(input, "clusters");
        if names.is_empty() {
            names.push("default");
        }
        let (mut clusters, mut failures) = (Vec::new(), Vec::new());
        for reference in names {
            match self.clusters.get(last_part(reference)) {
                Some(cluster) => clusters.push(self.cluster_json(cluster)),
                None => failures.push(missing(moment.arn(&format!("cluster/{}", last_part(reference))))),
            }
        }
        Ok(json!({ "clusters": clusters, "failures": failures }))
    }

    pub(super) fn list_clusters(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let arns = self.clusters.values().map(|cluster| cluster.arn.clone()).collect();
        listing::arns("clusterArns", arns, 100, input, moment)
    }

    fn cluster_json(&self, cluster: &Cluster) -> Value {
        let services = self.services.iter().filter(|service| service.cluster == cluster.name);
        let (mut active, mut running, mut pending) = (0, 0, 0);
        for service in services {
            active += i32::from(service.status == Status::Active);
            for task in service.live.iter().filter_map(|id| self.tasks.get(id)) {
                running += i32::from(task.stage == Stage::Running);
                pending += i32::from(task.stage < Stage::Running);
            }
        }
        json!({
            "clusterArn": cluster.arn, "clusterName": cluster.name, "status": "ACTIVE",
            "registeredContainerInstancesCount": 0, "runningTasksCount": running, "pendingTasksCount": pending,
            "activeServicesCount": active, "statistics": [], "tags": [], "settings": [],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
        })
    }

    pub(super) fn set_tags(&mut self, arn: &str, tags: Option<&Value>) {
        let pairs = tag_pairs(tags);
        if !pairs.is_empty() {
            self.tags.entry(arn.to_owned()).or_default().extend(pairs);
        }
    }

    /// A new task's tags: its service's or its definition's where they are propagated, and those that ECS manages.
    /// They are gone when the task is.
    pub(super) fn tag_task(&mut self, index: usize, task: &Task) {
        let service = &self.services[index];
        let mut tags = match service.settings.get("propagateTags").and_then(Value::as_str) {
            Some("SERVICE") => self.tags_of(&service.arn),
            Some("TASK_DEFINITION") => self.tags_of(&task.definition),
            _ => BTreeMap::new(),
        };
        if service.settings.get("enableECSManagedTags") == Some(&json!(true)) {
            tags.insert("aws:ecs:clusterName".to_owned(), service.cluster.clone());
            tags.insert("aws:ecs:serviceName".to_owned(), service.name.clone());
        }
        if !tags.is_empty() {
            self.tags.insert(task.arn.clone(), tags);
        }
    }

    pub(super) fn tags_json(&self, arn: &str) -> Value {
        let tags = self.tags.get(arn).into_iter().flatten();
        tags.map(|(key, value)| json!({ "key": key, "value": value })).collect()
    }

    fn tagged<'a>(&self, input: &'a Value) -> Result<&'a str, Refusal> {
        let arn = text(input, "resourceArn").unwrap_or_default();
        let known = self.by_arn.contains_key(arn)
            || self.tasks_by_arn.contains_key(arn)
            || self.find_definition(arn).is_some()
            || self.clusters.values().any(|cluster| cluster.arn == arn);
        known.then_some(arn).ok_or_else(|| {
            invalid("The specified resource is not available. You can view your available resources with the list operation.")
        })
    }

    pub(super) fn tag_resource(&mut self, input: &Value) -> Result<Value, Refusal> {
        let arn = self.tagged(input)?;
        self.set_tags(arn, input.get("tags"));
        self.changed.extend(self.by_arn.get(arn));
        Ok(json!({}))
    }

    pub(super) fn untag_resource(&mut self, input: &Value) -> Result<Value, Refusal> {
        let arn = self.tagged(input)?;
        if let Some(tags) = self.tags.get_mut(arn) {
            for key in texts(input, "tagKeys") {
                tags.remove(key);
            }
        }
        self.changed.extend(self.by_arn.get(arn));
        Ok(json!({}))
    }

    pub(super) fn list_tags(&self, input: &Value) -> Result<Value, Refusal> {
        Ok(json!({ "tags": self.tags_json(self.tagged(input)?) }))
    }
}
