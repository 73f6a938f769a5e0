use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// What a service runs, told apart from everything else: image digests and a hash of the rest.
///
/// A task-definition ARN cannot do that: the standard ECS deploy action registers its own revision
/// for each service, families and roles of canary and stable differ, and tags move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Image digest (`sha256:…`) by container name.
    pub images: Images,
    /// Hash of the registrable fields without the images; see [`configuration_hash`].
    pub configuration: String,
}

/// Image digest by container name.
pub type Images = BTreeMap<String, String>;

/// A task definition and what it really means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// ARN of the task definition.
    pub task_definition: String,
    /// What it stands for.
    pub revision: Revision,
    /// ARN of the ECS service revision, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_revision: Option<String>,
}

impl fmt::Display for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(short(&self.task_definition))
    }
}

/// `orders:7` of `arn:aws:ecs:…:task-definition/orders:7`: ARNs do not fit into sentences.
pub fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Members of a described task definition that say when and where it was registered, not what runs.
///
/// # Source
/// `DescribeTaskDefinition` in the Amazon ECS API reference.
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];

/// Hash of a task definition's registrable members without the images.
///
/// # Shape
/// `definition` is the `taskDefinition` member of `DescribeTaskDefinition` as JSON. Members that are
/// null, empty or read-only do not count, nor does the order of containers and environment
/// variables, since AWS returns them in an order of its own.
pub fn configuration_hash(definition: &Value) -> String {
    let mut definition = definition.clone();
    if let Some(members) = definition.as_object_mut() {
        members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
        if let Some(containers) = members.get_mut("containerDefinitions").and_then(Value::as_array_mut) {
            for container in containers.iter_mut().filter_map(Value::as_object_mut) {
                container.remove("image");
            }
        }
    }
    let mut hash = Sha256::new();
    hash.update(canonical(definition).to_string());
    hex(&hash.finalize()[..12])
}

/// Drops what is empty and sorts named lists; serde_json keeps object members sorted by name.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(k, v)| (k, canonical(v)))
                .filter(|(_, v)| !is_empty(v))
                .collect(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(canonical).collect();
            if items.iter().all(|item| item.get("name").is_some()) {
                items.sort_by_cached_key(Value::to_string);
            }
            Value::Array(items)
        }
        Value::Number(number) => number
            .as_f64()
            .filter(|f| f.fract() == 0.0)
            .map_or(Value::Number(number), |whole| {
                // 256 and 256.0 are the same setting.
                Value::from(whole as i64)
            }),
        other => other,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::configuration_hash;
    use serde_json::json;

    #[test]
    fn the_configuration_hash_sees_what_runs_and_nothing_else() {
        let base = json!({"family": "orders", "cpu": "256", "taskDefinitionArn": "a", "revision": 7, "volumes": [],
            "containerDefinitions": [{"name": "app", "image": "r:1", "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]});
        let with = |pointer: &str, value| {
            let mut changed = base.clone();
            *changed.pointer_mut(pointer).unwrap() = value;
            configuration_hash(&changed)
        };
        let same = configuration_hash(&base);
        let cases = [
            (
                "another image",
                with("/containerDefinitions/0/image", json!("r:2")),
                true,
            ),
            ("another revision", with("/revision", json!(8)), true),
            ("another ARN", with("/taskDefinitionArn", json!("b")), true),
            ("an empty list gone", with("/volumes", json!(null)), true),
            (
                "variables in another order",
                with(
                    "/containerDefinitions/0/environment",
                    json!([{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
                ),
                true,
            ),
            (
                "another variable",
                with("/containerDefinitions/0/environment/0/value", json!("9")),
                false,
            ),
            ("more memory", with("/cpu", json!("512")), false),
            ("another family", with("/family", json!("orders-canary")), false),
            (
                "a new member that AWS may add",
                with("/volumes", json!([{"name": "data"}])),
                false,
            ),
        ];
        for (case, hash, equal) in cases {
            assert_eq!(hash == same, equal, "{case}");
        }
    }
}
