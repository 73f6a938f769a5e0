//! Payload templates: JSON in which names that end in `.$` have expressions for values.

use super::compute::compute;
use super::failure::Fault;
use super::intrinsic::Intrinsic;
use super::path::{Path, Scope};
use serde_json::{Map, Value};

/// A path or an intrinsic function.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Path(Path),
    Intrinsic(Intrinsic),
}

impl Expression {
    /// Reads either.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Expression, String> {
        if text.starts_with('$') {
            return Path::read(text).map(Expression::Path);
        }
        Intrinsic::read(text).map(Expression::Intrinsic)
    }

    /// Its value; `field` is where it stands, for the error.
    pub fn value(&self, field: &str, scope: Scope<'_>, uuid: &mut dyn FnMut() -> String) -> Result<Value, Fault> {
        match self {
            Expression::Intrinsic(call) => compute(call, scope, uuid),
            Expression::Path(path) => path.find(scope).cloned().ok_or_else(|| {
                Fault::runtime(format!(
                    "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
                    path.text(),
                    scope.data
                ))
            }),
        }
    }
}

/// A payload template, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Template {
    Plain(Value),
    Expression(String, Expression),
    Object(Vec<(String, Template)>),
    List(Vec<Template>),
}

impl Template {
    /// Reads a template; `wrong` is told what is wrong and in which member below it.
    pub fn read(value: &Value, below: &str, wrong: &mut dyn FnMut(&str, String)) -> Template {
        match value {
            Value::Object(members) => {
                let entries = members.iter();
                Template::Object(
                    entries
                        .filter_map(|entry| member(members, entry, below, wrong))
                        .collect(),
                )
            }
            Value::Array(entries) => {
                let entries = entries.iter().enumerate();
                Template::List(
                    entries
                        .map(|(index, entry)| Template::read(entry, &format!("{below}[{index}]"), wrong))
                        .collect(),
                )
            }
            plain => Template::Plain(plain.clone()),
        }
    }

    /// The payload.
    pub fn fill(&self, scope: Scope<'_>, uuid: &mut dyn FnMut() -> String) -> Result<Value, Fault> {
        match self {
            Template::Plain(value) => Ok(value.clone()),
            Template::Expression(field, expression) => expression.value(field, scope, uuid),
            Template::List(entries) => entries.iter().map(|entry| entry.fill(scope, uuid)).collect(),
            Template::Object(members) => {
                let mut filled = Map::new();
                for (name, template) in members {
                    filled.insert(name.clone(), template.fill(scope, uuid)?);
                }
                Ok(Value::Object(filled))
            }
        }
    }

    /// Names of its members, where it is an object.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Template::Object(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

fn member(
    members: &Map<String, Value>,
    (name, value): (&String, &Value),
    below: &str,
    wrong: &mut dyn FnMut(&str, String),
) -> Option<(String, Template)> {
    let place = format!("{below}/{name}");
    let Some(bare) = name.strip_suffix(".$") else {
        return Some((name.clone(), Template::read(value, &place, wrong)));
    };
    if members.contains_key(bare) {
        wrong(&place, format!("The field '{bare}' is there twice"));
        return None;
    }
    let text = value.as_str();
    let read =
        text.ok_or("The value for the field must be a valid JSONPath or a valid intrinsic function call".to_owned());
    match read.and_then(Expression::read) {
        Ok(expression) => Some((bare.to_owned(), Template::Expression(name.clone(), expression))),
        Err(what) => {
            wrong(&place, what);
            None
        }
    }
}
