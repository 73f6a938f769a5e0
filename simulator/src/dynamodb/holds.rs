//! Whether a condition holds for an item.

use super::condition::{Comparator, Condition};
use super::operand::{Function, Operand};
use super::value::{Item, bytes, compare, kind, length, typed};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::cmp::Ordering;

impl Condition {
    /// Whether it holds; an item that is not there is an empty one.
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Condition::And(a, b) => a.holds(item) && b.holds(item),
            Condition::Or(a, b) => a.holds(item) || b.holds(item),
            Condition::Not(inner) => !inner.holds(item),
            Condition::Compare(comparator, a, b) => compares(*comparator, a, b, item),
            Condition::Between(operand, low, high) => {
                compares(Comparator::GreaterOrEqual, operand, low, item)
                    && compares(Comparator::LessOrEqual, operand, high, item)
            }
            Condition::In(operand, all) => all.iter().any(|one| compares(Comparator::Equal, operand, one, item)),
            Condition::Call(function, operands) => says_yes(*function, operands, item),
        }
    }
}

/// The value of an operand; nothing where the item has none.
fn resolve<'a>(operand: &'a Operand, item: &'a Item) -> Option<Cow<'a, Value>> {
    match operand {
        Operand::Path(path) => path.find(item).map(Cow::Borrowed),
        Operand::Value(value) => Some(Cow::Borrowed(value)),
        Operand::Call(_, operands) => {
            let length = length(&*resolve(operands.first()?, item)?)?;
            Some(Cow::Owned(json!({ "N": length.to_string() })))
        }
    }
}

/// Nothing equals what is not there, not even something else that is not there.
fn compares(comparator: Comparator, a: &Operand, b: &Operand, item: &Item) -> bool {
    let (a, b) = (resolve(a, item), resolve(b, item));
    // Stored values are canonical, so equal values are equal JSON.
    let equal = a.is_some() && a == b;
    let ordered = |wanted: fn(Ordering) -> bool| match (&a, &b) {
        (Some(a), Some(b)) => compare(a, b).is_some_and(wanted),
        _ => false,
    };
    match comparator {
        Comparator::Equal => equal,
        Comparator::NotEqual => !equal,
        Comparator::Less => ordered(Ordering::is_lt),
        Comparator::LessOrEqual => ordered(Ordering::is_le),
        Comparator::Greater => ordered(Ordering::is_gt),
        Comparator::GreaterOrEqual => ordered(Ordering::is_ge),
    }
}

fn says_yes(function: Function, operands: &[Operand], item: &Item) -> bool {
    let first = operands.first().and_then(|operand| resolve(operand, item));
    let second = operands.get(1).and_then(|operand| resolve(operand, item));
    match (function, first, second) {
        (Function::Exists, found, _) => found.is_some(),
        (Function::NotExists, found, _) => found.is_none(),
        (Function::HasType, Some(value), Some(wanted)) => wanted["S"] == kind(&value),
        (Function::BeginsWith, Some(value), Some(start)) => begins_with(&value, &start),
        (Function::Contains, Some(value), Some(part)) => contains(&value, &part),
        _ => false,
    }
}

/// Whether a text or binary value begins with another.
pub fn begins_with(value: &Value, start: &Value) -> bool {
    match (typed(value), typed(start)) {
        (("S", Value::String(value)), ("S", Value::String(start))) => value.starts_with(start.as_str()),
        (("B", Value::String(value)), ("B", Value::String(start))) => bytes(value).starts_with(&bytes(start)),
        _ => false,
    }
}

/// A text in a text, a member in a set, an entry in a list.
fn contains(value: &Value, part: &Value) -> bool {
    let (kind, inner) = typed(part);
    match typed(value) {
        ("S", Value::String(text)) if kind == "S" => inner.as_str().is_some_and(|part| text.contains(part)),
        ("B", Value::String(text)) if kind == "B" => {
            let part = bytes(inner.as_str().unwrap_or_default());
            part.is_empty() || bytes(text).windows(part.len()).any(|window| window == part)
        }
        ("SS", Value::Array(members)) if kind == "S" => members.contains(inner),
        ("NS", Value::Array(members)) if kind == "N" => members.contains(inner),
        ("BS", Value::Array(members)) if kind == "B" => members.contains(inner),
        ("L", Value::Array(entries)) => entries.contains(part),
        _ => false,
    }
}
