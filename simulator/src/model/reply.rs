//! Is this a reply AWS could give?

use super::{Service, Shape, Structure};
use crate::refusal::Refusal;
use serde_json::{Map, Value};

/// Errors any operation may answer with, whatever its page lists.
///
/// See "Common errors" in each service's API reference; the last three are what AWS's readers
/// of requests say before the service sees them.
const COMMON: [&str; 8] = [
    "AccessDeniedException",
    "ThrottlingException",
    "InternalFailure",
    "ServiceUnavailable",
    "ValidationException",
    "SerializationException",
    "UnknownOperationException",
    "MissingAuthenticationTokenException",
];

/// Further ones that single services have ("Common errors" of the API reference, as SQS has sent them since it speaks
/// JSON).
const COMMON_OF: [(&str, &str); 2] = [
    ("sqs", "InvalidParameterValueException"),
    ("sqs", "MissingRequiredParameterException"),
];

/// Checks a reply against the operation's output shape.
///
/// # Errors
///
/// Says what is wrong and where: such a reply is a defect of the simulator.
pub fn check_reply(service: &str, operation: &str, reply: &Value) -> Result<(), String> {
    let model = super::service(service).ok_or_else(|| format!("no service {service}"))?;
    let shapes = model
        .operations
        .get(operation)
        .ok_or_else(|| format!("no operation {operation}"))?;
    match (&shapes.output, reply) {
        (Some(root), reply) => value(model, root, reply, operation),
        (None, Value::Object(members)) if members.is_empty() => Ok(()),
        (None, other) => Err(format!("{operation} has no reply members, got {other}")),
    }
}

/// Checks an error reply: the operation knows it, and its members are those of the error shape.
///
/// # Errors
///
/// Says what is wrong: such an error is a defect of the simulator.
pub fn check_error(service: &str, operation: &str, refusal: &Refusal) -> Result<(), String> {
    let model = super::service(service).ok_or_else(|| format!("no service {service}"))?;
    let code = refusal.code;
    let listed = model
        .operations
        .get(operation)
        .is_some_and(|shapes| shapes.errors.iter().any(|error| error == code));
    if !listed && !COMMON.contains(&code) && !COMMON_OF.contains(&(service, code)) {
        return Err(format!("{operation} does not answer with {code}"));
    }
    let Some(shape) = model.error(code) else {
        return match refusal.fields.keys().next() {
            None => Ok(()),
            Some(field) => Err(format!("{code} has no member {field}")),
        };
    };
    members(model, shape, &refusal.fields, code)?;
    let missing = shape.required.iter().find(|name| {
        // The text travels in `Refusal::message`.
        !name.eq_ignore_ascii_case("message") && !refusal.fields.contains_key(*name)
    });
    missing.map_or(Ok(()), |name| Err(format!("{code} lacks {name}")))
}

fn value(model: &Service, name: &str, value_: &Value, path: &str) -> Result<(), String> {
    let shape = model
        .shape(name)
        .ok_or_else(|| format!("the model has no shape {name}"))?;
    match (shape, value_) {
        (Shape::Structure(s), _) if s.document => Ok(()),
        (Shape::Structure(s), Value::Object(found)) => structure(model, s, found, path),
        (Shape::List { member, .. }, Value::Array(entries)) => entries
            .iter()
            .enumerate()
            .try_for_each(|(i, entry)| value(model, member, entry, &format!("{path}[{i}]"))),
        (Shape::Map { key, value: inner, .. }, Value::Object(entries)) => entries.iter().try_for_each(|(k, v)| {
            value(model, key, &Value::String(k.clone()), path)?;
            value(model, inner, v, &format!("{path}[{k:?}]"))
        }),
        (Shape::String { allowed, .. }, Value::String(text)) => {
            if allowed.is_empty() || allowed.contains(text) {
                return Ok(());
            }
            Err(format!("{path}: {text:?} is none of {}", allowed.join(", ")))
        }
        (Shape::Integer(_), Value::Number(n)) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(()),
        (Shape::Long(_), Value::Number(n)) if n.is_i64() => Ok(()),
        (Shape::Double(_) | Shape::Timestamp, Value::Number(_)) => Ok(()),
        (Shape::Boolean, Value::Bool(_)) => Ok(()),
        (Shape::Blob(_), Value::String(text)) if aws_smithy_types::base64::decode(text).is_ok() => Ok(()),
        (_, other) => Err(format!("{path}: {other} is no {name}")),
    }
}

fn structure(model: &Service, shape: &Structure, found: &Map<String, Value>, path: &str) -> Result<(), String> {
    members(model, shape, found, path)?;
    if let Some(name) = shape.required.iter().find(|name| !found.contains_key(*name)) {
        return Err(format!("{path} lacks {name}"));
    }
    if shape.union && found.len() != 1 {
        return Err(format!("{path} is a union, with {} members", found.len()));
    }
    Ok(())
}

fn members(model: &Service, shape: &Structure, found: &Map<String, Value>, path: &str) -> Result<(), String> {
    found.iter().try_for_each(|(name, v)| match shape.members.get(name) {
        Some(inner) => value(model, inner, v, &format!("{path}.{name}")),
        None => Err(format!("{path} has no member {name}")),
    })
}
