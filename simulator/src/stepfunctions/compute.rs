//! Intrinsic functions: what they give.

use super::failure::Fault;
use super::intrinsic::{Argument, Function, Intrinsic};
use super::path::Scope;
use serde_json::{Value, json};

/// The function's result; `uuid` is where identifiers come from.
pub(super) fn compute(call: &Intrinsic, scope: Scope<'_>, uuid: &mut dyn FnMut() -> String) -> Result<Value, Fault> {
    let mut given = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        given.push(value_of(argument, call, scope, uuid)?);
    }
    let wrong = |what: &str| Fault::intrinsic(format!("Invalid arguments in {}: {what}", call.text));
    match (call.function, given.as_slice()) {
        (Function::Format, [Value::String(template), values @ ..]) => {
            // A template that comes from a path has no backslashes taken away yet, a quoted one neither.
            let template = match &call.arguments[0] {
                Argument::Text(raw) => raw,
                _ => template,
            };
            format(template, values).map(Value::String).ok_or_else(|| {
                let text = "the number of arguments does not match the occurrences of {}";
                wrong(text)
            })
        }
        (Function::MathAdd, [a, b]) => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => a.checked_add(b).map(|sum| json!(sum)).ok_or_else(|| wrong("too large")),
            _ => Err(wrong("numbers are needed")),
        },
        (Function::StringToJson, [Value::String(text)]) => {
            serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))
        }
        (Function::JsonToString, [value]) => Ok(json!(value.to_string())),
        (Function::StringSplit, [Value::String(text), Value::String(marks)]) => {
            let pieces = text.split(|letter| marks.contains(letter));
            Ok(pieces.filter(|piece| !piece.is_empty()).collect())
        }
        (Function::Array, values) => Ok(json!(values)),
        (Function::ArrayLength, [Value::Array(entries)]) => Ok(json!(entries.len())),
        (Function::ArrayGetItem, [Value::Array(entries), index]) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            let entry = index.and_then(|index| entries.get(index));
            entry.cloned().ok_or_else(|| wrong("no entry has this index"))
        }
        (Function::ArrayContains, [Value::Array(entries), value]) => Ok(json!(entries.contains(value))),
        (Function::Uuid, []) => Ok(json!(uuid())),
        _ => Err(wrong("wrong types")),
    }
}

fn value_of(
    argument: &Argument,
    call: &Intrinsic,
    scope: Scope<'_>,
    uuid: &mut dyn FnMut() -> String,
) -> Result<Value, Fault> {
    match argument {
        Argument::Text(raw) => Ok(Value::String(plain(raw))),
        Argument::Value(value) => Ok(value.clone()),
        Argument::Intrinsic(inner) => compute(inner, scope, uuid),
        Argument::Path(path) => path.find(scope).cloned().ok_or_else(|| {
            Fault::runtime(format!(
                "The function '{}' had the following error: The JsonPath argument for the field '{}' could not be found in the input '{}'",
                call.text,
                path.text(),
                scope.data
            ))
        }),
    }
}

/// Rounded, as AWS does with numbers that are not whole.
fn whole(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number.round() as i64))
}

/// A quoted text without its backslashes.
fn plain(raw: &str) -> String {
    let mut letters = raw.chars();
    let mut text = String::with_capacity(raw.len());
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        });
    }
    text
}

/// The template with `{}` replaced one by one; none where their number is another.
fn format(template: &str, values: &[Value]) -> Option<String> {
    let mut values = values.iter();
    let mut letters = template.chars().peekable();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(letters.next().unwrap_or('\\')),
            '{' if letters.next_if_eq(&'}').is_some() => match values.next()? {
                Value::String(value) => text.push_str(value),
                other => text.push_str(&other.to_string()),
            },
            other => text.push(other),
        }
    }
    values.next().is_none().then_some(text)
}
