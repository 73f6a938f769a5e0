//! Task definitions.

use super::state::{ContainerSpec, Definition};
use super::{Ecs, Moment, clusters::last_part, invalid, listing, text};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};

/// What a container's stop may take unless its definition says otherwise (Fargate).
const STOP_SECONDS: i64 = 30;

/// What ECS adds to every container definition it is given.
fn container_defaults() -> Value {
    json!({
        "cpu": 0, "environment": [], "essential": true, "mountPoints": [], "portMappings": [], "systemControls": [],
        "volumesFrom": [],
    })
}

fn client(message: &str) -> Refusal {
    Refusal::new("ClientException", message)
}

/// `family:revision`, a whole ARN, or `family`.
fn parse(reference: &str) -> (&str, Option<&str>) {
    let name = last_part(reference);
    name.split_once(':')
        .map_or((name, None), |(family, revision)| (family, Some(revision)))
}

fn containers(list: &mut [Value]) -> Result<Vec<ContainerSpec>, Refusal> {
    let mut specs: Vec<ContainerSpec> = Vec::new();
    for container in list {
        let Some(members) = container.as_object_mut() else {
            return Err(client("Container definitions must be objects."));
        };
        for (member, default) in container_defaults().as_object().into_iter().flatten() {
            members.entry(member).or_insert_with(|| default.clone());
        }
        let spec = ContainerSpec {
            name: text(container, "name").unwrap_or_default().to_owned(),
            image: text(container, "image").unwrap_or_default().to_owned(),
            essential: container["essential"].as_bool().unwrap_or(true),
            consistent: text(container, "versionConsistency") != Some("disabled"),
        };
        if spec.name.is_empty() {
            return Err(client("Container.name should not be null or empty."));
        }
        if spec.image.is_empty() {
            return Err(client("Container.image should not be null or empty."));
        }
        if specs.iter().any(|other| other.name == spec.name) {
            return Err(client("Container.name should be unique within a task definition."));
        }
        specs.push(spec);
    }
    if !specs.iter().any(|spec| spec.essential) {
        return Err(client("TaskDefinition must have at least one essential container."));
    }
    Ok(specs)
}

impl Ecs {
    pub(super) fn register(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let family = text(input, "family").unwrap_or_default().to_owned();
        let mut members: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
        let tags = members.remove("tags");
        let mut list = members
            .get("containerDefinitions")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let specs = containers(&mut list)?;
        let stop_seconds = list
            .iter()
            .map(|container| container["stopTimeout"].as_i64().unwrap_or(STOP_SECONDS))
            .max();
        let revisions = self.definitions.entry(family.clone()).or_default();
        let revision = revisions.len() + 1;
        let arn = moment.arn(&format!("task-definition/{family}:{revision}"));
        members.insert("containerDefinitions".to_owned(), Value::Array(list));
        for member in ["volumes", "placementConstraints"] {
            members.entry(member).or_insert_with(|| json!([]));
        }
        let added = json!({
            "taskDefinitionArn": arn, "revision": revision, "status": "ACTIVE",
            "requiresAttributes": [{ "name": "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
            "compatibilities": ["EC2", "FARGATE"],
            "registeredAt": moment.now.seconds(),
            "registeredBy": moment.asked_by,
        });
        members.extend(added.as_object().cloned().unwrap_or_default());
        let json = Value::Object(members);
        revisions.push(Definition {
            arn: arn.clone(),
            json: json.clone(),
            containers: specs,
            stop_seconds: stop_seconds.unwrap_or(STOP_SECONDS),
            inactive_since: None,
        });
        self.set_tags(&arn, tags.as_ref());
        Ok(json!({ "taskDefinition": json, "tags": self.tags_json(&arn) }))
    }

    /// A revision by ARN or `family:revision`; by `family` alone, its newest ACTIVE one.
    pub(super) fn find_definition(&self, reference: &str) -> Option<&Definition> {
        let (family, revision) = parse(reference);
        let revisions = self.definitions.get(family)?;
        let found = match revision {
            Some(revision) => revisions.get(revision.parse::<usize>().ok()?.checked_sub(1)?)?,
            None => revisions
                .iter()
                .rev()
                .find(|definition| definition.inactive_since.is_none())?,
        };
        // An ARN of another account or region names nothing here.
        (!reference.starts_with("arn:") || found.arn == reference).then_some(found)
    }

    /// A revision that a service may be given.
    pub(super) fn usable_definition(&self, reference: &str, moment: &Moment<'_>) -> Result<&Definition, Refusal> {
        let found = self.find_definition(reference);
        let found = found.ok_or_else(|| client("TaskDefinition not found."))?;
        let usable = found
            .inactive_since
            .is_none_or(|since| moment.now < since.plus_seconds(self.inactive_grace_seconds));
        if usable {
            Ok(found)
        } else {
            Err(client("TaskDefinition is inactive"))
        }
    }

    pub(super) fn describe_definition(&self, input: &Value) -> Result<Value, Refusal> {
        let found = self.find_definition(text(input, "taskDefinition").unwrap_or_default());
        let found = found.ok_or_else(|| client("Unable to describe task definition."))?;
        let mut reply = json!({ "taskDefinition": found.json });
        if super::texts(input, "include").contains(&"TAGS") {
            reply["tags"] = self.tags_json(&found.arn);
        }
        Ok(reply)
    }

    pub(super) fn deregister(&mut self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let reference = text(input, "taskDefinition").unwrap_or_default();
        let (family, revision) = parse(reference);
        if revision.is_none() {
            return Err(invalid("Missing revision in task definition."));
        }
        let arn = self.find_definition(reference).map(|found| found.arn.clone());
        let found = arn.and_then(|arn| self.definitions.get_mut(family)?.iter_mut().find(|d| d.arn == arn));
        let found = found.ok_or_else(|| client("The specified task definition does not exist."))?;
        if found.inactive_since.is_none() {
            found.inactive_since = Some(moment.now);
            found.json["status"] = json!("INACTIVE");
            found.json["deregisteredAt"] = json!(moment.now.seconds());
        }
        Ok(json!({ "taskDefinition": found.json }))
    }

    pub(super) fn list_definitions(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let family = text(input, "familyPrefix");
        let status = text(input, "status").unwrap_or("ACTIVE");
        let families = self
            .definitions
            .iter()
            .filter(|(name, _)| family.is_none_or(|family| family == *name));
        let mut arns: Vec<String> = families
            .flat_map(|(_, revisions)| revisions)
            .filter(|definition| text(&definition.json, "status") == Some(status))
            .map(|definition| definition.arn.clone())
            .collect();
        if text(input, "sort") == Some("DESC") {
            arns.reverse();
        }
        listing::arns("taskDefinitionArns", arns, 100, input, moment)
    }
}
