//! A form's fields as members: `Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight=1`.

use crate::model::{Service, Shape};
use crate::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest path that any request of AWS's has is far below this.
const PARTS_MAX: usize = 32;

/// What stands below a part of a path.
#[derive(Default)]
struct Node {
    text: Option<String>,
    inner: BTreeMap<String, Node>,
}

/// The members in a request body. Whatever the model does not know is handed on as it is, so that it can be refused.
///
/// # Errors
/// What AWS says of a form that it cannot read.
pub(in crate::wire) fn read(model: &Service, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(body) {
        if name == "Action" || name == "Version" {
            continue;
        }
        if name.split('.').count() > PARTS_MAX {
            let message = format!("a parameter's name has more than {PARTS_MAX} parts");
            return Err(Refusal::new("SerializationException", message));
        }
        let node = name
            .split('.')
            .fold(&mut root, |node, part| node.inner.entry(part.to_owned()).or_default());
        node.text = Some(value.into_owned());
    }
    let shapes = model.operations.get(operation);
    Ok(match shapes.and_then(|shapes| shapes.input.as_deref()) {
        Some(shape) => value(model, shape, &root),
        None => plain(&root),
    })
}

fn value(model: &Service, shape: &str, node: &Node) -> Value {
    let text = node.text.as_deref();
    match (model.shape(shape), text) {
        (Some(Shape::Structure(shape)), None) => members(model, &shape.members, node),
        // An empty list is written as a name without a value.
        (Some(Shape::List { .. }), Some("")) if node.inner.is_empty() => Value::Array(Vec::new()),
        (Some(Shape::List { member, .. }), None) => {
            let entries = numbered(node, "member");
            entries.map_or_else(
                || plain(node),
                |nodes| nodes.into_iter().map(|node| value(model, member, node)).collect(),
            )
        }
        (Some(Shape::Map { value: inner, .. }), None) => entries(model, inner, node).unwrap_or_else(|| plain(node)),
        (Some(shape), Some(text)) if node.inner.is_empty() => scalar(shape, text),
        _ => plain(node),
    }
}

fn members(model: &Service, known: &BTreeMap<String, String>, node: &Node) -> Value {
    let members = node.inner.iter().map(|(name, inner)| {
        let value = known
            .get(name)
            .map_or_else(|| plain(inner), |shape| value(model, shape, inner));
        (name.clone(), value)
    });
    Value::Object(members.collect())
}

/// `entry.1.key=a&entry.1.value=b`.
fn entries(model: &Service, shape: &str, node: &Node) -> Option<Value> {
    let mut map = Map::new();
    for entry in numbered(node, "entry")? {
        let (key, inner) = (entry.inner.get("key")?, entry.inner.get("value")?);
        map.insert(key.text.clone()?, value(model, shape, inner));
    }
    Some(Value::Object(map))
}

/// What stands below `member.1`, `member.2`, …, in the order of the numbers; nothing where anything else stands there.
fn numbered<'a>(node: &'a Node, name: &str) -> Option<Vec<&'a Node>> {
    let inner = node.inner.get(name).filter(|_| node.inner.len() == 1)?;
    let numbers = inner
        .inner
        .iter()
        .map(|(number, node)| Some((number.parse::<u32>().ok()?, node)));
    let mut numbers: Vec<(u32, &Node)> = numbers.collect::<Option<_>>()?;
    numbers.sort_by_key(|(number, _)| *number);
    Some(numbers.into_iter().map(|(_, node)| node).collect())
}

/// A text that is not what its shape says stays text, which the check of the request refuses.
fn scalar(shape: &Shape, text: &str) -> Value {
    let kept = || Value::String(text.to_owned());
    match shape {
        Shape::Integer(_) | Shape::Long(_) => text.parse::<i64>().map_or_else(|_| kept(), Value::from),
        Shape::Double(_) => text.parse::<f64>().map_or_else(|_| kept(), Value::from),
        Shape::Boolean => text.parse::<bool>().map_or_else(|_| kept(), Value::from),
        _ => kept(),
    }
}

fn plain(node: &Node) -> Value {
    match &node.text {
        Some(text) if node.inner.is_empty() => Value::String(text.clone()),
        _ => Value::Object(
            node.inner
                .iter()
                .map(|(name, node)| (name.clone(), plain(node)))
                .collect(),
        ),
    }
}
