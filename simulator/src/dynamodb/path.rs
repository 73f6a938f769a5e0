//! Document paths: `facts.#fact`, `did[0]`.

use super::value::{Item, typed};
use serde_json::{Map, Value, json};
use std::fmt;

/// One step down a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute, or a member of a map.
    Name(String),
    /// An entry of a list.
    Index(usize),
}

/// Where a value is in an item; never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The attribute it begins with.
    pub fn head(&self) -> &str {
        match self.0.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }

    /// Whether it leads below the attribute it begins with.
    pub fn is_nested(&self) -> bool {
        self.0.len() > 1
    }

    /// What is there.
    pub fn find<'a>(&self, item: &'a Item) -> Option<&'a Value> {
        let below = self.0.get(1..)?;
        below.iter().try_fold(item.get(self.head())?, |value, step| match step {
            Step::Name(name) => value.get("M")?.get(name),
            Step::Index(index) => value.get("L")?.get(index),
        })
    }
}

/// `[a, [0], b]`, as DynamoDB's texts show paths.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self.0.iter().map(Step::to_string).collect();
        write!(f, "[{}]", steps.join(", "))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Name(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// Why two paths cannot stand in one expression, if so.
pub fn clash(one: &Path, two: &Path) -> Option<(&'static str, String)> {
    let told = |what| {
        Some((
            what,
            format!(
                "Two document paths {what} with each other; must remove or rewrite one of these paths; \
         path one: {one}, path two: {two}"
            ),
        ))
    };
    for pair in one.0.iter().zip(&two.0) {
        match pair {
            (Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_)) => return told("conflict"),
            (a, b) if a != b => return None,
            _ => {}
        }
    }
    told("overlap")
}

/// The parts of an item that the paths lead to; entries of lists move together.
pub fn project<'a>(item: &Item, paths: impl IntoIterator<Item = &'a Path>) -> Item {
    let mut sorted: Vec<&Path> = paths.into_iter().collect();
    sorted.sort();
    let tails: Vec<&[Step]> = sorted.iter().map(|path| path.0.as_slice()).collect();
    members(item, &tails)
}

fn members(item: &Map<String, Value>, paths: &[&[Step]]) -> Map<String, Value> {
    let mut out = Map::new();
    for group in paths.chunk_by(|a, b| a[0] == b[0]) {
        if let Step::Name(name) = &group[0][0]
            && let Some(part) = item.get(name).and_then(|value| part(value, group))
        {
            out.insert(name.clone(), part);
        }
    }
    out
}

/// What is left of a value under paths that all begin at it.
fn part(value: &Value, paths: &[&[Step]]) -> Option<Value> {
    let tails: Vec<&[Step]> = paths.iter().map(|path| &path[1..]).collect();
    if tails.iter().any(|tail| tail.is_empty()) {
        return Some(value.clone());
    }
    match typed(value) {
        ("M", Value::Object(inner)) => {
            let found = members(inner, &tails);
            (!found.is_empty()).then(|| json!({ "M": found }))
        }
        ("L", Value::Array(entries)) => {
            let groups = tails.chunk_by(|a, b| a[0] == b[0]);
            let found: Vec<Value> = groups
                .filter_map(|group| match &group[0][0] {
                    Step::Index(index) => part(entries.get(*index)?, group),
                    Step::Name(_) => None,
                })
                .collect();
            (!found.is_empty()).then(|| json!({ "L": found }))
        }
        _ => None,
    }
}
