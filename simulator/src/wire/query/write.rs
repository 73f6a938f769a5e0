//! Members as XML, and as a form.

use crate::model::{Service, Shape};
use aws_smithy_types::date_time::{DateTime, Format};
use aws_smithy_xml::encode::ScopeWriter;
use serde_json::Value;

/// The content of an element.
pub(super) fn value(scope: &mut ScopeWriter<'_, '_>, model: &Service, shape: &str, content: &Value) {
    match (model.shape(shape), content) {
        (Some(Shape::Structure(structure)), Value::Object(members)) => {
            for (name, member) in members {
                // A reply has been checked by the model before it is written.
                let Some(shape) = structure.members.get(name) else {
                    continue;
                };
                value(&mut scope.start_el(name).finish(), model, shape, member);
            }
        }
        (Some(Shape::List { member, .. }), Value::Array(entries)) => {
            for entry in entries {
                value(&mut scope.start_el("member").finish(), model, member, entry);
            }
        }
        (Some(Shape::Map { value: inner, .. }), Value::Object(entries)) => {
            for (name, entry) in entries {
                let mut element = scope.start_el("entry").finish();
                element.start_el("key").finish().data(name);
                value(&mut element.start_el("value").finish(), model, inner, entry);
            }
        }
        (Some(Shape::Timestamp), Value::Number(seconds)) => {
            let seconds = seconds.as_f64().unwrap_or_default();
            // Every moment of this world can be written so.
            let text = DateTime::from_secs_f64(seconds).fmt(Format::DateTime);
            scope.data(&text.unwrap_or_default());
        }
        (_, content) => scope.data(&text(content)),
    }
}

/// A request's body, as a client writes it.
pub(in crate::wire) fn members(model: &Service, operation: &str, input: &Value) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation);
    form.append_pair("Version", &model.api_version);
    fields(&mut form, model, shape_of(model, operation), "", input);
    form.finish().into_bytes()
}

fn shape_of<'a>(model: &'a Service, operation: &str) -> Option<&'a str> {
    model.operations.get(operation)?.input.as_deref()
}

fn fields(
    form: &mut form_urlencoded::Serializer<'_, String>,
    model: &Service,
    shape: Option<&str>,
    path: &str,
    content: &Value,
) {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    let shape = shape.and_then(|shape| model.shape(shape));
    match content {
        Value::Object(entries) if matches!(shape, Some(Shape::Map { .. })) => {
            for (number, (key, entry)) in entries.iter().enumerate() {
                let entry_path = below(&format!("entry.{}", number + 1));
                form.append_pair(&format!("{entry_path}.key"), key);
                fields(form, model, None, &format!("{entry_path}.value"), entry);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let inner = match shape {
                    Some(Shape::Structure(structure)) => structure.members.get(name).map(String::as_str),
                    _ => None,
                };
                fields(form, model, inner, &below(name), member);
            }
        }
        Value::Array(entries) if entries.is_empty() => {
            form.append_pair(path, "");
        }
        Value::Array(entries) => {
            let inner = match shape {
                Some(Shape::List { member, .. }) => Some(member.as_str()),
                _ => None,
            };
            for (number, entry) in entries.iter().enumerate() {
                fields(form, model, inner, &below(&format!("member.{}", number + 1)), entry);
            }
        }
        other => {
            form.append_pair(path, &text(other));
        }
    }
}

fn text(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
