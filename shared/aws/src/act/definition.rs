//! Task definitions: read whole, and copied without what AWS does not take back.

use crate::refused::{Refused, Why};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::describe_task_definition::DescribeTaskDefinitionOutput;
use aws_sdk_ecs::types::{ContainerDefinition, Tag, TaskDefinition, TaskDefinitionField};
use aws_smithy_json::codec::JsonCodec;
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::serde::ShapeSerializer;
use decide::{Images, configuration_hash, short};
use serde_json::Value;

/// Tag on every definition that we register: the definition it was copied from.
const COPIED_FROM: &str = "serin:copied-from";

/// Keys that begin so are AWS's own (`aws:cloudformation:stack-name`): shown when read, refused when sent.
///
/// # Source
/// Amazon ECS API, `Tag`: "Do not use `aws:`, `AWS:`, or any upper or lowercase combination of such as a prefix for
/// either keys or values as it is reserved for Amazon Web Services use."
const RESERVED: &str = "aws:";

/// Tags a resource may have, AWS's own not counted (Amazon ECS API, `RegisterTaskDefinition`, `tags`).
const TAGS_MAX: usize = 50;

/// A task definition as JSON, the way AWS writes it.
pub(crate) async fn describe(client: &Client, arn: &str) -> Result<Value, Refused> {
    let described = read(client, arn).await?;
    described
        .task_definition
        .as_ref()
        .map_or_else(|| Err(nothing(arn)), |definition| json(definition, arn))
}

/// When a definition was registered, in milliseconds, and whether it is one of our copies.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    /// Nothing, where ECS does not say.
    pub millis: Option<i64>,
    /// It carries our tag.
    pub is_copy: bool,
    /// ARN of the principal, where ECS gives one.
    pub by: Option<String>,
}

/// When a definition was registered, and by whom as far as its tags say.
pub(crate) async fn registered(client: &Client, arn: &str) -> Result<Registered, Refused> {
    let described = read(client, arn).await?;
    let is_copy = described.tags().iter().any(|tag| tag.key() == Some(COPIED_FROM));
    let found = described.task_definition.as_ref();
    let at = found.and_then(|found| found.registered_at);
    Ok(Registered {
        millis: at.and_then(|at| at.to_millis().ok()),
        is_copy,
        by: found.and_then(|found| found.registered_by.clone()),
    })
}

/// Image names by container, as a definition spells them.
pub(crate) fn images(definition: &Value) -> Images {
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    containers
        .filter_map(|container| {
            Some((
                container["name"].as_str()?.to_owned(),
                container["image"].as_str()?.to_owned(),
            ))
        })
        .collect()
}

/// A copy, its images by digest, of which nothing got lost on the way: the one that is there, else a new one.
///
/// Of each image either the digest is given, and the name stays as the definition spells it, or the whole reference.
///
/// However often this is asked for, one copy is registered: another is only in order once somebody has registered
/// something else in the family, which is what a release does.
pub(crate) async fn register_copy(client: &Client, arn: &str, images: &Images) -> Result<String, Refused> {
    let described = read(client, arn).await?;
    let Some(definition) = described.task_definition else {
        return Err(nothing(arn));
    };
    let wanted = configuration_hash(&json(&definition, arn)?);
    let containers: Vec<ContainerDefinition> = definition
        .container_definitions
        .unwrap_or_default()
        .into_iter()
        .map(|container| by_digest(container, images))
        .collect();
    if let Some(copy) = newest(client, definition.family.as_deref())
        .await
        .filter(|newest| newest.is_copy_of(arn, &containers))
    {
        return copy.checked(arn, &wanted);
    }
    let request = client
        .register_task_definition()
        .set_family(definition.family)
        .set_task_role_arn(definition.task_role_arn)
        .set_execution_role_arn(definition.execution_role_arn)
        .set_network_mode(definition.network_mode)
        .set_container_definitions(Some(containers))
        .set_volumes(definition.volumes)
        .set_placement_constraints(definition.placement_constraints)
        .set_requires_compatibilities(definition.requires_compatibilities)
        .set_cpu(definition.cpu)
        .set_memory(definition.memory)
        .set_pid_mode(definition.pid_mode)
        .set_ipc_mode(definition.ipc_mode)
        .set_proxy_configuration(definition.proxy_configuration)
        .set_ephemeral_storage(definition.ephemeral_storage)
        .set_runtime_platform(definition.runtime_platform)
        .set_enable_fault_injection(definition.enable_fault_injection)
        .set_tags(Some(tags(described.tags.unwrap_or_default(), arn)));
    let reply = request
        .send()
        .await
        .map_err(|error| Refused::from_sdk("RegisterTaskDefinition", short(arn), &error))?;
    let Some(definition) = reply.task_definition else {
        return Err(nothing(arn));
    };
    Copy {
        definition,
        copied_from: None,
    }
    .checked(arn, &wanted)
}

fn by_digest(mut container: ContainerDefinition, images: &Images) -> ContainerDefinition {
    if let Some(digest) = container.name().and_then(|name| images.get(name)) {
        container.image = container.image.map(|image| match digest.contains('@') {
            true => digest.clone(),
            false => pinned(&image, digest),
        });
    }
    container
}

/// What may be a copy, with the tag that says so.
struct Copy {
    definition: TaskDefinition,
    copied_from: Option<String>,
}

impl Copy {
    /// Made of this definition, with these images.
    fn is_copy_of(&self, arn: &str, containers: &[ContainerDefinition]) -> bool {
        let images = |containers: &[ContainerDefinition]| -> Vec<(Option<String>, Option<String>)> {
            let pair = |container: &ContainerDefinition| (container.name.clone(), container.image.clone());
            containers.iter().map(pair).collect()
        };
        self.copied_from.as_deref() == Some(arn)
            && images(self.definition.container_definitions()) == images(containers)
    }

    /// Its ARN, unless it lost something.
    fn checked(&self, arn: &str, wanted: &str) -> Result<String, Refused> {
        let name = self.definition.task_definition_arn().unwrap_or_default();
        if configuration_hash(&json(&self.definition, name)?) == wanted {
            Ok(name.to_owned())
        } else {
            Err(lossy(arn, name))
        }
    }
}

/// The newest definition of a family that may be used, where there is one and it can be read.
async fn newest(client: &Client, family: Option<&str>) -> Option<Copy> {
    let described = read(client, family?).await.ok()?;
    let tag = described.tags().iter().find(|tag| tag.key() == Some(COPIED_FROM));
    let copied_from = tag.and_then(|tag| tag.value().map(str::to_owned));
    Some(Copy {
        definition: described.task_definition?,
        copied_from,
    })
}

/// A copy's tags: those of the definition that one may set, and, while there is room, which definition it was.
fn tags(mut tags: Vec<Tag>, arn: &str) -> Vec<Tag> {
    tags.retain(|tag| tag.key() != Some(COPIED_FROM) && !is_reserved(tag.key()) && !is_reserved(tag.value()));
    // Better a copy that does not say where it comes from than none.
    if tags.len() < TAGS_MAX {
        tags.push(Tag::builder().key(COPIED_FROM).value(arn).build());
    }
    tags
}

fn is_reserved(text: Option<&str>) -> bool {
    let begin = text.and_then(|text| text.get(..RESERVED.len()));
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(RESERVED))
}

/// `repo@sha256:…` of `repo:tag` or `repo@…`.
pub(crate) fn pinned(image: &str, digest: &str) -> String {
    let name = image.split('@').next().unwrap_or(image);
    // A colon after the last slash is a tag, before it a port.
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let repository = name[slash..].find(':').map_or(name, |colon| &name[..slash + colon]);
    format!("{repository}@{digest}")
}

async fn read(client: &Client, arn: &str) -> Result<DescribeTaskDefinitionOutput, Refused> {
    let request = client
        .describe_task_definition()
        .task_definition(arn)
        .include(TaskDefinitionField::Tags);
    request
        .send()
        .await
        .map_err(|error| Refused::from_sdk("DescribeTaskDefinition", short(arn), &error))
}

fn json(definition: &TaskDefinition, arn: &str) -> Result<Value, Refused> {
    let mut serializer = JsonCodec::default().create_serializer();
    let written = serializer
        .write_struct(TaskDefinition::SCHEMA, definition)
        .map_err(|error| error.to_string());
    let value = written.and_then(|()| serde_json::from_slice(&serializer.finish()).map_err(|error| error.to_string()));
    value.map_err(|message| local(arn, message))
}

fn nothing(arn: &str) -> Refused {
    local(arn, "the reply holds no task definition".to_owned())
}

fn lossy(arn: &str, copy: &str) -> Refused {
    let text = format!(
        "its copy {} is configured differently and is not used; restore the service by hand",
        short(copy)
    );
    local(arn, text)
}

fn local(arn: &str, message: String) -> Refused {
    Refused {
        operation: "copying the task definition",
        on: short(arn).to_owned(),
        why: Why::Refused,
        code: None,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::{COPIED_FROM, tags};
    use aws_sdk_ecs::types::Tag;

    /// Keys and values.
    type Pairs = &'static [(&'static str, &'static str)];

    #[test]
    fn a_copy_keeps_its_tags_without_those_that_only_aws_may_set() {
        let cases: [(Pairs, Pairs); 5] = [
            (&[], &[]),
            (
                &[("team", "orders"), ("empty", "")],
                &[("team", "orders"), ("empty", "")],
            ),
            (
                &[
                    ("aws:cloudformation:stack-name", "s"),
                    ("AWS:x", "y"),
                    ("team", "orders"),
                    ("awsome", "1"),
                ],
                &[("team", "orders"), ("awsome", "1")],
            ),
            (
                &[("owner", "Aws:x"), ("arn", "arn:aws:x"), ("é", "éé")],
                &[("arn", "arn:aws:x"), ("é", "éé")],
            ),
            (&[(COPIED_FROM, "orders:1")], &[]),
        ];
        for (had, kept) in cases {
            let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
            let mut expected: Vec<Tag> = kept.iter().map(tag).collect();
            expected.push(tag(&(COPIED_FROM, "orders:2")));
            assert_eq!(tags(had.iter().map(tag).collect(), "orders:2"), expected, "{had:?}");
        }
    }

    #[test]
    fn a_copy_has_no_more_tags_than_aws_takes() {
        let had = |count: usize| -> Vec<Tag> {
            let keys = (0..count).map(|number| format!("key-{number}"));
            keys.map(|key| Tag::builder().key(key).value("v").build()).collect()
        };
        for (count, expected) in [(48, 49), (49, 50), (50, 50)] {
            assert_eq!(tags(had(count), "orders:2").len(), expected, "{count}");
        }
    }

    #[test]
    fn an_image_is_pinned_to_its_digest_whatever_named_it() {
        let cases = [
            ("repo", "repo@sha256:1"),
            ("repo:latest", "repo@sha256:1"),
            ("repo@sha256:0", "repo@sha256:1"),
            ("repo:tag@sha256:0", "repo@sha256:1"),
            ("registry:5000/team/repo", "registry:5000/team/repo@sha256:1"),
            ("registry:5000/team/repo:tag", "registry:5000/team/repo@sha256:1"),
            (
                "1.dkr.ecr.eu-central-1.amazonaws.com/orders:v7",
                "1.dkr.ecr.eu-central-1.amazonaws.com/orders@sha256:1",
            ),
        ];
        for (image, expected) in cases {
            assert_eq!(super::pinned(image, "sha256:1"), expected, "{image}");
        }
    }
}
