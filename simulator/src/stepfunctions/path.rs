//! The part of JSONPath that names one place: `$.a.b[0]`, `$['a b']`, and the same from `$$`.

use super::failure::{Fault, RESULT_PATH};
use serde_json::{Map, Value};

/// What paths are looked up in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// Where `$` begins.
    pub data: &'a Value,
    /// Where `$$` begins.
    pub context: &'a Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Data,
    Context,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Member(String),
    Element(usize),
}

/// One place in the data or in the context object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    text: String,
    root: Root,
    parts: Vec<Part>,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// Says what is wrong with it; wildcards, filters, slices and deep scans are not simulated.
    pub fn read(text: &str) -> Result<Path, String> {
        let (root, mut rest) = match text.strip_prefix("$$") {
            Some(rest) => (Root::Context, rest),
            None => (
                Root::Data,
                text.strip_prefix('$').ok_or("Value is not a valid JSONPath")?,
            ),
        };
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (part, after) = match rest.strip_prefix('[') {
                Some(inside) => bracketed(inside)?,
                None => dotted(rest.strip_prefix('.').ok_or("Value is not a valid JSONPath")?)?,
            };
            parts.push(part);
            rest = after;
        }
        Ok(Path {
            text: text.to_owned(),
            root,
            parts,
        })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a result can be put there: the context object cannot be written.
    pub fn is_writable(&self) -> bool {
        self.root == Root::Data
    }

    /// The value in that place, where there is one.
    pub fn find<'a>(&self, scope: Scope<'a>) -> Option<&'a Value> {
        let start = match self.root {
            Root::Data => scope.data,
            Root::Context => scope.context,
        };
        self.parts.iter().try_fold(start, |value, part| match part {
            Part::Member(name) => value.get(name),
            Part::Element(index) => value.get(index),
        })
    }

    /// The input with the result in this place; members on the way are made, elements must be there.
    pub fn put(&self, mut input: Value, result: Value) -> Result<Value, Fault> {
        let mut place = &mut input;
        for part in &self.parts {
            let found = match part {
                Part::Member(name) => {
                    if place.is_null() {
                        *place = Value::Object(Map::new());
                    }
                    let object = place.as_object_mut();
                    object.map(|members| members.entry(name.clone()).or_insert(Value::Null))
                }
                Part::Element(index) => place.get_mut(index),
            };
            place = found.ok_or_else(|| Fault {
                error: RESULT_PATH,
                message: format!("Unable to apply ResultPath '{}' to the state input", self.text),
            })?;
        }
        *place = result;
        Ok(input)
    }
}

/// `name.…` or `name[…`.
fn dotted(rest: &str) -> Result<(Part, &str), String> {
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() || name == "*" {
        return Err("is not simulated: wildcards and deep scans".to_owned());
    }
    if name.contains(|c: char| c.is_whitespace() || "()?*'\"@,]$".contains(c)) {
        return Err("Value is not a valid JSONPath".to_owned());
    }
    Ok((Part::Member(name.to_owned()), after))
}

/// `'name']…` or `0]…`, without the bracket before it.
fn bracketed(inside: &str) -> Result<(Part, &str), String> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = inside.strip_prefix(quote) {
            let found = quoted.split_once(&format!("{quote}]"));
            let (name, after) = found.ok_or("Value is not a valid JSONPath")?;
            return Ok((Part::Member(name.to_owned()), after));
        }
    }
    let (index, after) = inside.split_once(']').ok_or("Value is not a valid JSONPath")?;
    match index.parse() {
        Ok(index) => Ok((Part::Element(index), after)),
        Err(_) => Err("is not simulated: wildcards, filters, slices and negative indices".to_owned()),
    }
}
