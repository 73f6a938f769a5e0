//! The table as JSON Schema, for editors and for checks before a deployment.

use super::table::{Absent, Field, Kind, POLICY, Variant};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// JSON Schema of a policy document, draft 2020-12, as pretty text that ends with a line break.
///
/// It accepts a document if and only if [`super::Policy::read`] does, but for what a schema cannot say: the canary is
/// not the stable service nor its target group the stable one's, each alarm and each queue is named once, failures are
/// not what counts all messages, steps are written in one way, shares grow and can be had, tasks are drained by the
/// deadline, a dry run promotes nothing, no field is written twice, and the text fits into its parameter.
pub fn schema() -> String {
    let mut schema = object(None, POLICY);
    schema.schema = Some("https://json-schema.org/draft/2020-12/schema");
    schema.title = Some("Policy of Serin");
    schema.description = Some("How one service is released.");
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// One node of a schema; its members are written in this order.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(rename = "const", skip_serializing_if = "Option::is_none")]
    exactly: Option<&'static str>,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    names: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not: Option<Box<Node>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_items: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_items: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_items: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Box<Node>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<Vec<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_properties: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_order")]
    properties: Option<Vec<(&'static str, Node)>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<Node>>,
}

/// Properties in the table's order, which is the order in which people write them.
fn in_order<S: Serializer>(properties: &Option<Vec<(&'static str, Node)>>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(properties.iter().flatten().map(|(name, node)| (name, node)))
}

/// A closed object, with the value of its field `kind` where it has one.
fn object(tag: Option<&'static str>, fields: &'static [Field]) -> Node {
    let tag = tag.map(|kind| {
        let node = Node {
            exactly: Some(kind),
            ..Node::default()
        };
        ("kind", node)
    });
    let written = fields.iter().filter(|field| matches!(field.absent, Absent::Refused));
    Node {
        kind: Some("object"),
        required: Some(
            tag.iter()
                .map(|(name, _)| *name)
                .chain(written.map(|field| field.name))
                .collect(),
        ),
        additional_properties: Some(false),
        properties: Some(
            tag.into_iter()
                .chain(fields.iter().map(|field| (field.name, field_node(field))))
                .collect(),
        ),
        ..Node::default()
    }
}

fn field_node(field: &'static Field) -> Node {
    Node {
        description: Some(field.about),
        default: match field.absent {
            Absent::Refused | Absent::Described => None,
            Absent::Number(number) => Some(number.into()),
        },
        ..node(&field.kind)
    }
}

fn node(kind: &'static Kind) -> Node {
    match kind {
        Kind::Text(form) => Node {
            kind: Some("string"),
            max_length: Some(form.characters_max),
            pattern: Some(form.pattern()),
            not: Some(form.begins_not_with)
                .filter(|text| !text.is_empty())
                .map(begins_with),
            ..Node::default()
        },
        Kind::Number { min, max, .. } => Node {
            kind: Some("integer"),
            minimum: Some(*min),
            maximum: Some(*max),
            ..Node::default()
        },
        Kind::Flag => Node {
            kind: Some("boolean"),
            ..Node::default()
        },
        Kind::Ratio { min, max } => Node {
            kind: Some("number"),
            minimum: Some(*min),
            maximum: Some(*max),
            ..Node::default()
        },
        Kind::Choice { now, .. } => Node {
            names: Some(now),
            ..Node::default()
        },
        Kind::Object(fields) => object(None, fields),
        Kind::Tagged(variants) => Node {
            one_of: Some(variants.iter().map(variant).collect()),
            ..Node::default()
        },
        Kind::List { min, max, item, .. } => Node {
            kind: Some("array"),
            min_items: Some(*min),
            max_items: *max,
            unique_items: matches!(item, Kind::Text(_)).then_some(true),
            items: Some(Box::new(node(item))),
            ..Node::default()
        },
    }
}

fn variant(variant: &'static Variant) -> Node {
    Node {
        description: Some(variant.about),
        ..object(Some(variant.kind), variant.fields)
    }
}

fn begins_with(text: &'static str) -> Box<Node> {
    Box::new(Node {
        pattern: Some(format!("^{text}")),
        ..Node::default()
    })
}
