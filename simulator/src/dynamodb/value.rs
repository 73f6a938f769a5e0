//! Attribute values: what may be stored, how it compares, how much room it takes.
//!
//! A value is the JSON of the wire, `{"S": "text"}`. Stored values are canonical (numbers in plain
//! notation, sets in order), so that equal values are equal JSON.

use super::number::Number;
use aws_smithy_types::base64;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// An item: attributes by name.
pub type Item = Map<String, Value>;

/// The largest item, in bytes.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

const MAX_DEPTH: usize = 32;

/// Type name and what is inside.
///
/// The protocol layer lets only values with exactly one member through.
pub fn typed(value: &Value) -> (&str, &Value) {
    let first = value.as_object().and_then(|members| members.iter().next());
    first.map_or(("NULL", &Value::Null), |(kind, inner)| (kind.as_str(), inner))
}

/// Type name of a value.
pub fn kind(value: &Value) -> &str {
    typed(value).0
}

/// The whole item in the form in which it is stored.
///
/// # Errors
///
/// DynamoDB's text for what cannot be stored.
pub fn canonical_item(item: &Item) -> Result<Item, String> {
    item.iter()
        .map(|(name, value)| Ok((name.clone(), canonical(value)?)))
        .collect()
}

/// A value in the form in which it is stored.
///
/// # Errors
///
/// DynamoDB's text for what cannot be stored.
pub fn canonical(value: &Value) -> Result<Value, String> {
    nested(value, 0)
}

fn nested(value: &Value, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err("Nesting Levels have exceeded supported limits: \
                    Attributes in the item have nested levels beyond supported limit"
            .to_owned());
    }
    let (kind, inner) = typed(value);
    let inner = match (kind, inner) {
        ("N", Value::String(text)) => Value::String(canonical_number(text)?),
        ("B", Value::String(text)) => Value::String(base64::encode(bytes(text))),
        ("L", Value::Array(entries)) => entries
            .iter()
            .map(|entry| nested(entry, depth + 1))
            .collect::<Result<_, _>>()?,
        ("M", Value::Object(members)) => {
            let inside = |(name, member): (&String, &Value)| Ok((name.clone(), nested(member, depth + 1)?));
            Value::Object(members.iter().map(inside).collect::<Result<_, String>>()?)
        }
        ("SS" | "NS" | "BS", Value::Array(members)) => canonical_set(kind, members)?,
        ("NULL", inner) if *inner != Value::Bool(true) => {
            return Err(invalid("Null attribute value types must have the value of true"));
        }
        (_, inner) => inner.clone(),
    };
    Ok(json!({ kind: inner }))
}

fn invalid(what: &str) -> String {
    format!("One or more parameter values were invalid: {what}")
}

fn canonical_number(text: &str) -> Result<String, String> {
    // Most numbers are small counts, which are canonical as they come.
    let plain = text.len() < 19 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && !text.is_empty() {
        return Ok(text.to_owned());
    }
    Number::parse(text).map(|number| number.to_string())
}

fn canonical_set(kind: &str, members: &[Value]) -> Result<Value, String> {
    let texts: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
    if texts.is_empty() {
        return Err(invalid(match kind {
            "SS" => "An string set  may not be empty",
            "NS" => "An number set  may not be empty",
            _ => "Binary sets should not be empty",
        }));
    }
    let mut sorted: Vec<String> = match kind {
        "NS" => {
            let mut numbers = texts
                .iter()
                .map(|text| Number::parse(text))
                .collect::<Result<Vec<_>, _>>()?;
            numbers.sort();
            numbers.iter().map(Number::to_string).collect()
        }
        _ => texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    match kind {
        "SS" if texts.contains(&"") => {
            return Err(invalid("An string set may not have a empty string as a member"));
        }
        "SS" => sorted.sort(),
        "BS" => sorted.sort_by_cached_key(|text| bytes(text)),
        _ => {}
    }
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        let all = texts.join(", ");
        return Err(invalid(&match kind {
            "BS" => format!("Input collection [{all}]of type BS contains duplicates."),
            _ => format!("Input collection [{all}] contains duplicates."),
        }));
    }
    Ok(json!(sorted))
}

/// What base64 text stands for.
pub fn bytes(text: &str) -> Vec<u8> {
    base64::decode(text).unwrap_or_default()
}

/// How two scalars of one type compare; other values have no order.
pub fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (typed(a), typed(b)) {
        (("S", Value::String(a)), ("S", Value::String(b))) => Some(a.as_bytes().cmp(b.as_bytes())),
        (("N", Value::String(a)), ("N", Value::String(b))) => Some(Number::parse(a).ok()?.cmp(&Number::parse(b).ok()?)),
        (("B", Value::String(a)), ("B", Value::String(b))) => Some(bytes(a).cmp(&bytes(b))),
        _ => None,
    }
}

/// Bytes an item takes; see "DynamoDB item sizes and formats" in the developer guide.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size(value)).sum()
}

fn size(value: &Value) -> usize {
    // Three for a list or map, and one for each of its entries.
    const FRAME: usize = 3;
    let scalar = |kind: &str, inner: &Value| match (kind, inner.as_str().unwrap_or_default()) {
        ("N", text) => Number::parse(text).map_or(0, |number| number.size()),
        ("B", text) => bytes(text).len(),
        (_, text) => text.len(),
    };
    match typed(value) {
        ("L", Value::Array(entries)) => FRAME + entries.iter().map(|entry| 1 + size(entry)).sum::<usize>(),
        ("M", Value::Object(members)) => FRAME + members.len() + item_size(members),
        (kind, Value::Array(members)) => members.iter().map(|member| scalar(&kind[..1], member)).sum(),
        (kind, inner @ Value::String(_)) => scalar(kind, inner),
        _ => 1,
    }
}

/// What the function `size` says of a value; nothing for numbers, booleans and nulls.
pub fn length(value: &Value) -> Option<usize> {
    match typed(value) {
        ("S", Value::String(text)) => Some(text.chars().map(char::len_utf16).sum()),
        ("B", Value::String(text)) => Some(bytes(text).len()),
        ("SS" | "NS" | "BS" | "L", Value::Array(entries)) => Some(entries.len()),
        ("M", Value::Object(members)) => Some(members.len()),
        _ => None,
    }
}
