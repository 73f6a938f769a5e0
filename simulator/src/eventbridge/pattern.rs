//! Event patterns: which events a rule is for.
//!
//! An event is matched as EventBridge matches it: as the list of its leaves. Every field of the pattern must match;
//! a field matches if any of its filters accepts any of the event's values there, elements of arrays included.
//!
//! # Source
//!
//! "Event pattern syntax" and "Comparison operators", EventBridge user guide; aws/event-ruler for what they leave open.
//! `cidr` is not served: a pattern with it is refused.

use super::filter::Filter;
use crate::refusal::Refusal;
use serde_json::{Map, Value};

/// "EventBridge does not accept event patterns where the use of $or would lead to over 1000 rule combinations."
const COMBINATIONS_MAX: usize = 1000;
/// Words of filters, which no field below `$or` may be called.
const RESERVED: [&str; 9] = [
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exactly",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
];

/// A pattern that EventBridge would accept.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Group);

/// Fields side by side: all must match, and of each `$or` one alternative.
#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    fields: Vec<(String, Node)>,
    choices: Vec<Vec<Group>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Group(Group),
    Leaf(Vec<Filter>),
}

/// Where matching stands.
struct Place<'a> {
    event: &'a Value,
    path: Vec<&'a str>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// `InvalidEventPatternException` with the reason, as `PutRule` refuses; also for filters that are not served.
    pub fn parse(text: &Value) -> Result<Pattern, Refusal> {
        let group = text
            .as_object()
            .ok_or("Filter is not an object".to_owned())
            .and_then(Group::parse);
        let group = group.and_then(|group| match group.combinations() {
            combinations if combinations > COMBINATIONS_MAX => Err(format!("Rule has {combinations} combinations")),
            _ => Ok(group),
        });
        group.map(Pattern).map_err(|reason| {
            let text = format!("Event pattern is not valid. Reason: {reason}");
            Refusal::new("InvalidEventPatternException", text)
        })
    }

    /// Is the rule for this event?
    pub fn matches(&self, event: &Value) -> bool {
        let path = Vec::new();
        self.0.matches(&mut Place { event, path }, Some(event))
    }
}

impl Group {
    fn parse(fields: &Map<String, Value>) -> Result<Group, String> {
        if fields.is_empty() {
            return Err("Empty objects are not allowed".to_owned());
        }
        let mut group = Group::default();
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("$or", Value::Array(choices)) => group.choices.push(choices_of(choices)?),
                ("$or", _) => return Err("\"$or\" must be an array of objects".to_owned()),
                (_, Value::Object(nested)) => {
                    group.fields.push((name.clone(), Node::Group(Group::parse(nested)?)));
                }
                (_, Value::Array(filters)) if filters.is_empty() => {
                    return Err(format!("Empty arrays are not allowed: {name:?}"));
                }
                (_, Value::Array(filters)) => {
                    let filters: Result<_, String> = filters.iter().map(Filter::parse).collect();
                    group.fields.push((name.clone(), Node::Leaf(filters?)));
                }
                _ => return Err(format!("{name:?} must be an object or an array")),
            }
        }
        Ok(group)
    }

    fn combinations(&self) -> usize {
        let nested = self.fields.iter().map(|(_, node)| match node {
            Node::Group(group) => group.combinations(),
            Node::Leaf(_) => 1,
        });
        let choices = self.choices.iter().map(|choice| {
            let sizes = choice.iter().map(Group::combinations);
            sizes.fold(0, usize::saturating_add)
        });
        nested.chain(choices).fold(1, usize::saturating_mul)
    }

    fn matches<'a>(&'a self, place: &mut Place<'a>, here: Option<&Value>) -> bool {
        match here {
            // Fields of one pattern object must be found in one and the same element.
            Some(Value::Array(elements)) if !elements.is_empty() => {
                elements.iter().any(|element| self.matches(place, Some(element)))
            }
            _ => {
                let matches = |(name, node): &'a (String, Node)| {
                    place.path.push(name);
                    let found = here.and_then(|here| here.get(name));
                    let matches = match node {
                        Node::Group(group) => group.matches(place, found),
                        Node::Leaf(filters) => leaf_matches(filters, place, found),
                    };
                    place.path.pop();
                    matches
                };
                self.fields.iter().all(matches)
                    && self
                        .choices
                        .iter()
                        .all(|choice| choice.iter().any(|group| group.matches(place, here)))
            }
        }
    }
}

fn choices_of(choices: &[Value]) -> Result<Vec<Group>, String> {
    if choices.len() < 2 {
        return Err("\"$or\" needs two alternatives or more".to_owned());
    }
    let group = |choice: &Value| {
        let fields = choice
            .as_object()
            .ok_or("\"$or\" must be an array of objects".to_owned())?;
        match fields.keys().find(|name| RESERVED.contains(&name.as_str())) {
            Some(word) => Err(format!("{word:?} is no field name below \"$or\"")),
            None => Group::parse(fields),
        }
    };
    choices.iter().map(group).collect()
}

fn leaf_matches(filters: &[Filter], place: &Place<'_>, found: Option<&Value>) -> bool {
    let mut leaves = Vec::new();
    found.into_iter().for_each(|found| collect_leaves(found, &mut leaves));
    filters.iter().any(|filter| match filter {
        // Absence is asked of the whole event: not one element of an array may have the field.
        Filter::Exists(false) => !has_leaf(place.event, &place.path),
        Filter::Exists(true) => !leaves.is_empty(),
        filter => leaves.iter().any(|leaf| filter.accepts(leaf)),
    })
}

/// Values at a field; an object there is no leaf, and nor is an array without elements.
fn collect_leaves<'a>(found: &'a Value, leaves: &mut Vec<&'a Value>) {
    match found {
        Value::Array(elements) => elements.iter().for_each(|element| collect_leaves(element, leaves)),
        Value::Object(_) => {}
        leaf => leaves.push(leaf),
    }
}

fn has_leaf(here: &Value, path: &[&str]) -> bool {
    match (here, path) {
        (Value::Array(elements), _) => elements.iter().any(|element| has_leaf(element, path)),
        (Value::Object(fields), [name, rest @ ..]) => fields.get(*name).is_some_and(|found| has_leaf(found, rest)),
        (Value::Object(_), []) => false,
        (_, path) => path.is_empty(),
    }
}
