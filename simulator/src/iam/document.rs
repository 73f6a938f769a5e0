//! Identity-based policy documents.
//!
//! What is not evaluated here is refused when the document is read: a policy that is only half understood would let
//! through, or hold back, what AWS does not.

use super::condition::Condition;
use super::demands::Demand;
use super::pattern;
use serde_json::{Map, Value};

/// The one version of the language that is evaluated; the older one has no policy variables.
const VERSION: &str = "2012-10-17";

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// In the order they were written.
    pub statements: Vec<Statement>,
}

/// Allow or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Allows what it covers.
    Allow,
    /// Denies what it covers, whatever else allows it.
    Deny,
}

/// A list, or everything but a list: `Action` and `NotAction`, `Resource` and `NotResource`.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// These.
    These(Vec<String>),
    /// All others.
    AllBut(Vec<String>),
}

impl Of {
    /// The list itself.
    pub fn listed(&self) -> &[String] {
        match self {
            Of::These(listed) | Of::AllBut(listed) => listed,
        }
    }

    /// The same, to change it.
    pub fn listed_mut(&mut self) -> &mut Vec<String> {
        match self {
            Of::These(listed) | Of::AllBut(listed) => listed,
        }
    }

    fn includes(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Of::These(listed) => listed.iter().any(|pattern| fits(pattern)),
            Of::AllBut(listed) => !listed.iter().any(|pattern| fits(pattern)),
        }
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its name.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// To which actions.
    pub actions: Of,
    /// On which resources.
    pub resources: Of,
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    /// Whether it speaks of this demand.
    pub fn covers(&self, demand: &Demand) -> bool {
        self.actions.includes(|action| pattern::names(action, &demand.action))
            && self
                .resources
                .includes(|resource| pattern::includes(resource, &demand.resource))
            && self.conditions.iter().all(|condition| condition.holds(&demand.context))
    }

    /// The same for everybody: without its conditions.
    pub fn unconditional(mut self) -> Statement {
        self.conditions.clear();
        self
    }

    /// Condition keys it asks for.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| condition.key.as_str())
    }
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it or not evaluated here, and in which statement.
    pub fn read(document: &Value) -> Result<Document, String> {
        let members = object(document, "the document")?;
        for member in members.keys() {
            if !["Version", "Id", "Statement"].contains(&member.as_str()) {
                return Err(format!("{member} is no element of a document"));
            }
        }
        if members.get("Version").and_then(Value::as_str) != Some(VERSION) {
            return Err(format!("Version must be {VERSION}"));
        }
        let statements = match members.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err("Statement must hold a statement".to_owned()),
        };
        let statements = statements.into_iter().enumerate().map(|(place, value)| {
            let sid = value["Sid"].as_str().unwrap_or_default();
            statement(value).map_err(|wrong| format!("statement {} {sid}: {wrong}", place + 1))
        });
        Ok(Document {
            statements: statements.collect::<Result<_, _>>()?,
        })
    }
}

fn statement(value: &Value) -> Result<Statement, String> {
    let members = object(value, "a statement")?;
    let known = [
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some(unknown) = members.keys().find(|member| !known.contains(&member.as_str())) {
        return Err(format!(
            "{unknown} is no element of an identity-based policy's statement"
        ));
    }
    let effect = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("Effect must be Allow or Deny".to_owned()),
    };
    let sid = members.get("Sid").and_then(Value::as_str).map(str::to_owned);
    if sid
        .iter()
        .flat_map(|sid| sid.chars())
        .any(|c| !c.is_ascii_alphanumeric())
    {
        return Err("Sid may hold letters and digits only".to_owned());
    }
    Ok(Statement {
        sid,
        effect,
        actions: list(members, "Action", "NotAction", is_action)?,
        resources: list(members, "Resource", "NotResource", is_resource)?,
        conditions: conditions(members.get("Condition"))?,
    })
}

fn list(members: &Map<String, Value>, one: &str, other: &str, may_be: fn(&str) -> bool) -> Result<Of, String> {
    let (name, value, of): (_, _, fn(Vec<String>) -> Of) = match (members.get(one), members.get(other)) {
        (Some(value), None) => (one, value, Of::These),
        (None, Some(value)) => (other, value, Of::AllBut),
        (Some(_), Some(_)) => return Err(format!("{one} and {other} exclude each other")),
        (None, None) => return Err(format!("{one} is missing")),
    };
    let listed = texts(value).ok_or_else(|| format!("{name} must be a text or a list of texts"))?;
    if listed.is_empty() {
        return Err(format!("{name} is empty"));
    }
    match listed.iter().find(|text| !may_be(text)) {
        Some(wrong) => Err(format!("{name}: {wrong:?} is none that is evaluated here")),
        None => Ok(of(listed)),
    }
}

/// `*` or `service:Name`, in the name wildcards.
fn is_action(text: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '*' || c == '?';
    let of_service = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text == "*"
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && service.chars().all(of_service) && !name.is_empty() && name.chars().all(of_name)
        })
}

/// `*` or an ARN without policy variables.
fn is_resource(text: &str) -> bool {
    text == "*" || text.starts_with("arn:") && text.split(':').count() >= 6 && !text.contains("${")
}

fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (operator, keys) in object(value, "Condition")? {
        for (key, values) in object(keys, operator)? {
            let values = texts(values).ok_or_else(|| format!("{operator} {key} must be a text or a list of texts"))?;
            found.push(Condition::read(operator, key, values)?);
        }
    }
    Ok(found)
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{what} must be an object"))
}

/// Texts as IAM takes them: numbers and truth values count as what they are written as.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}
