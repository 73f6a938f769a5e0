//! Key condition expressions: which partition, and which part of it.
//!
//! See "Key condition expressions for the Query operation" in the developer guide.

use super::condition::{Comparator, Condition};
use super::holds::begins_with;
use super::invalid;
use super::operand::{Function, Operand};
use super::path::Path;
use super::table::{Attribute, Key, Part, Schema};
use super::value::{Item, kind};
use crate::refusal::Refusal;
use serde_json::Value;
use std::ops::Bound;

/// What a sort key must be.
#[derive(Debug)]
enum Range {
    Any,
    Compare(Comparator, Value),
    Between(Value, Value),
    BeginsWith(Value),
}

/// The items a query looks at.
#[derive(Debug)]
pub struct KeyCondition {
    /// Partition key.
    hash: Part,
    range: Range,
    range_name: String,
}

impl KeyCondition {
    /// From a condition that holds for keys of this table only.
    ///
    /// # Errors
    ///
    /// It is none on its keys, or one that no index can answer.
    pub fn of(condition: &Condition, schema: &Schema) -> Result<KeyCondition, Refusal> {
        let mut parts = Vec::new();
        split(condition, &mut parts)?;
        let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
        if names.len() > 1 && names.iter().any(|name| names.iter().filter(|n| *n == name).count() > 1) {
            return Err(invalid(
                "KeyConditionExpressions must only contain one condition per key",
            ));
        }
        if parts.len() > 2 {
            return Err(invalid("Conditions can be of length 1 or 2 only"));
        }
        let mut take = |attribute: &Attribute| {
            let at = parts.iter().position(|(name, _)| *name == attribute.name)?;
            Some(parts.swap_remove(at).1)
        };
        let missed = |name: &str| invalid(format!("Query condition missed key schema element: {name}"));
        let hash = take(&schema.hash).ok_or_else(|| missed(&schema.hash.name))?;
        let range = schema.range.as_ref().and_then(&mut take);
        // What is left is on something else, where the sort key could have been.
        if !parts.is_empty() {
            return Err(match &schema.range {
                Some(range) => missed(&range.name),
                None => invalid("Query key condition not supported"),
            });
        }
        let Range::Compare(Comparator::Equal, value) = hash else {
            return Err(invalid("Query key condition not supported"));
        };
        typed_as(&value, &schema.hash)?;
        let range = range.unwrap_or(Range::Any);
        if let Some(attribute) = &schema.range {
            range
                .values()
                .into_iter()
                .try_for_each(|value| typed_as(value, attribute))?;
        }
        Ok(KeyCondition {
            hash: Part::of(&value),
            range,
            range_name: schema
                .range
                .as_ref()
                .map_or_else(String::new, |range| range.name.clone()),
        })
    }

    /// The partition it is about.
    pub fn partition(&self) -> &Part {
        &self.hash
    }

    /// The keys it may hold for; those of [`KeyCondition::holds`] are among them.
    pub fn bounds(&self) -> (Bound<Key>, Bound<Key>) {
        let at = |part: Part| Key::new(self.hash.clone(), part);
        let from = |value: &Value| at(Part::of(value));
        let (mut low, mut high) = (Bound::Included(at(Part::None)), Bound::Excluded(at(Part::End)));
        match &self.range {
            Range::Any => {}
            Range::BeginsWith(value) => low = Bound::Included(from(value)),
            Range::Between(a, b) => (low, high) = (Bound::Included(from(a)), Bound::Included(from(b))),
            Range::Compare(comparator, value) => match comparator {
                Comparator::Less => high = Bound::Excluded(from(value)),
                Comparator::LessOrEqual => high = Bound::Included(from(value)),
                Comparator::Greater => low = Bound::Excluded(from(value)),
                Comparator::GreaterOrEqual => low = Bound::Included(from(value)),
                Comparator::Equal | Comparator::NotEqual => {
                    (low, high) = (Bound::Included(from(value)), Bound::Included(from(value)));
                }
            },
        }
        (low, high)
    }

    /// Whether an item within the bounds is looked at.
    pub fn holds(&self, item: &Item) -> bool {
        match &self.range {
            Range::BeginsWith(start) => item
                .get(&self.range_name)
                .is_some_and(|value| begins_with(value, start)),
            _ => true,
        }
    }

    /// Where a query goes on from.
    ///
    /// # Errors
    ///
    /// No earlier page of this query can have ended there.
    pub fn check_start(&self, start: &Key, item: &Item) -> Result<(), Refusal> {
        if start.hash != self.hash {
            return Err(invalid(
                "The provided starting key is outside query boundaries based on provided conditions",
            ));
        }
        let (low, high) = self.bounds();
        let inside = (low.as_ref(), high.as_ref());
        if !std::ops::RangeBounds::<Key>::contains(&inside, start) || !self.holds(item) {
            return Err(invalid(
                "The provided starting key does not match the range key predicate",
            ));
        }
        Ok(())
    }
}

impl Range {
    fn values(&self) -> Vec<&Value> {
        match self {
            Range::Any => vec![],
            Range::Compare(_, value) | Range::BeginsWith(value) => vec![value],
            Range::Between(low, high) => vec![low, high],
        }
    }
}

fn typed_as(value: &Value, attribute: &Attribute) -> Result<(), Refusal> {
    if kind(value) == attribute.kind {
        return attribute.not_empty(value);
    }
    Err(invalid(
        "One or more parameter values were invalid: Condition parameter type does not match schema type",
    ))
}

/// The conditions that `AND` joins, each with the attribute it is on.
fn split<'a>(condition: &'a Condition, parts: &mut Vec<(&'a str, Range)>) -> Result<(), Refusal> {
    let operator = |name: &str| {
        Err(invalid(format!(
            "Invalid operator used in KeyConditionExpression: {name}"
        )))
    };
    let part = match condition {
        Condition::And(a, b) => {
            split(a, parts)?;
            return split(b, parts);
        }
        Condition::Or(..) => return operator("OR"),
        Condition::Not(_) => return operator("NOT"),
        Condition::In(..) => return operator("IN"),
        Condition::Compare(Comparator::NotEqual, ..) => return operator("<>"),
        Condition::Compare(comparator, Operand::Value(value), Operand::Path(path)) => {
            (attribute(path)?, Range::Compare(mirrored(*comparator), value.clone()))
        }
        Condition::Compare(comparator, a, b) => {
            let (path, value) = (path_of(a, comparator.sign())?, value_of(b)?);
            (path, Range::Compare(*comparator, value))
        }
        Condition::Between(a, low, high) => (path_of(a, "BETWEEN")?, Range::Between(value_of(low)?, value_of(high)?)),
        Condition::Call(Function::BeginsWith, operands) => match operands.as_slice() {
            [a, b] => (path_of(a, "begins_with")?, Range::BeginsWith(value_of(b)?)),
            _ => return operator("begins_with"),
        },
        Condition::Call(function, _) => return operator(function.name()),
    };
    parts.push(part);
    Ok(())
}

/// `:low < sk` is `sk > :low`.
fn mirrored(comparator: Comparator) -> Comparator {
    match comparator {
        Comparator::Less => Comparator::Greater,
        Comparator::LessOrEqual => Comparator::GreaterOrEqual,
        Comparator::Greater => Comparator::Less,
        Comparator::GreaterOrEqual => Comparator::LessOrEqual,
        same => same,
    }
}

fn attribute(path: &Path) -> Result<&str, Refusal> {
    if path.is_nested() {
        return Err(invalid(
            "KeyConditionExpressions cannot have conditions on nested attributes",
        ));
    }
    Ok(path.head())
}

fn path_of<'a>(operand: &'a Operand, operator: &str) -> Result<&'a str, Refusal> {
    let wrong = |what: String| Err(invalid(format!("Invalid condition in KeyConditionExpression: {what}")));
    match operand {
        Operand::Path(path) => attribute(path),
        Operand::Value(_) if operator == "BETWEEN" || operator == "begins_with" => wrong(format!(
            "{operator} operator must have the key attribute as its first operand"
        )),
        Operand::Value(_) => wrong("No key attribute specified".to_owned()),
        Operand::Call(function, _) => Err(invalid(format!(
            "Invalid operator used in KeyConditionExpression: {}",
            function.name()
        ))),
    }
}

fn value_of(operand: &Operand) -> Result<Value, Refusal> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Path(_) => Err(invalid(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        )),
        Operand::Call(function, _) => Err(invalid(format!(
            "Invalid operator used in KeyConditionExpression: {}",
            function.name()
        ))),
    }
}
