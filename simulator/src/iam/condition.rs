//! Conditions: one operator, one key, its values.
//!
//! # Source
//!
//! "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys", IAM user guide.

use super::pattern;
use std::collections::BTreeMap;

/// Values by context key, as a request brings them.
pub type Context = BTreeMap<String, Vec<String>>;

/// Keys that a request may bring several values of.
const MULTIVALUED: [&str; 3] = ["aws:tagkeys", "dynamodb:leadingkeys", "dynamodb:attributes"];

/// Keys with one value that the requests here bring, in lower case; those that end with a slash are followed by a tag.
const SINGLE: [&str; 19] = [
    "application-autoscaling:scalable-dimension",
    "application-autoscaling:service-namespace",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourcetag/",
    "aws:securetransport",
    "cloudwatch:namespace",
    "dynamodb:enclosingoperation",
    "ecs:cluster",
    "ecs:createaction",
    "ecs:resourcetag/",
    "ecs:service",
    "ecs:task-definition",
    "events:detail-type",
    "events:source",
    "iam:passedtoservice",
];

/// How one value is held against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Bool,
    /// Whether there is a value at all.
    Null,
}

/// How many of the request's values must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    One,
    Any,
    All,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    /// Context key as the policy writes it.
    pub(super) key: String,
    test: Test,
    negated: bool,
    if_exists: bool,
    set: Set,
    values: Vec<String>,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// An operator, key or value that is not evaluated here.
    pub(super) fn read(operator: &str, key: &str, values: Vec<String>) -> Result<Condition, String> {
        let (set, name) = match operator.split_once(':') {
            None => (Set::One, operator),
            Some(("ForAnyValue", name)) => (Set::Any, name),
            Some(("ForAllValues", name)) => (Set::All, name),
            Some(_) => return Err(format!("no such operator: {operator}")),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" => (Test::Equals, false),
            "StringNotEquals" => (Test::Equals, true),
            "StringEqualsIgnoreCase" => (Test::EqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Test::EqualsIgnoreCase, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            // "The ArnEquals and ArnLike condition operators behave identically."
            "ArnEquals" | "ArnLike" => (Test::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Test::Arn, true),
            "Bool" => (Test::Bool, false),
            "Null" if !if_exists && set == Set::One => (Test::Null, false),
            _ => return Err(format!("operator {operator} is not evaluated here")),
        };
        known(key, set, test)?;
        let truths = matches!(test, Test::Bool | Test::Null);
        if values.is_empty() || truths && values.iter().any(|value| !["true", "false"].contains(&value.as_str())) {
            return Err(format!(
                "{operator} {key} has no value that is evaluated here: {values:?}"
            ));
        }
        match values.iter().find(|value| value.contains("${")) {
            Some(variable) => Err(format!(
                "{operator} {key}: variables are not evaluated here: {variable}"
            )),
            None => Ok(Condition {
                key: key.to_owned(),
                test,
                negated,
                if_exists,
                set,
                values,
            }),
        }
    }

    /// Whether it holds for a request.
    pub(super) fn holds(&self, context: &Context) -> bool {
        let found = context.iter().find(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        let found = found
            .map(|(_, values)| values.as_slice())
            .filter(|values| !values.is_empty());
        if self.test == Test::Null {
            let absent = found.is_none().to_string();
            return self.values.contains(&absent);
        }
        match (found, self.set) {
            // "If the key is not present, the condition is true": of IfExists, of all of none, and of what must not match.
            (None, set) => self.if_exists || set == Set::All || self.negated && set == Set::One,
            (Some(found), Set::All) => found.iter().all(|value| self.passes(value)),
            (Some(found), Set::Any | Set::One) => found.iter().any(|value| self.passes(value)),
        }
    }

    /// Several values in the policy are alternatives; of a negated operator none may match.
    fn passes(&self, value: &str) -> bool {
        let matches = |wanted: &String| match self.test {
            Test::Equals => value == wanted,
            Test::EqualsIgnoreCase | Test::Bool => value.eq_ignore_ascii_case(wanted),
            Test::Like => pattern::like(wanted, value),
            Test::Arn => pattern::arn_like(wanted, value),
            Test::Null => false,
        };
        self.values.iter().any(matches) != self.negated
    }
}

/// A key that no request here brings would make every condition on it mean the same.
fn known(key: &str, set: Set, test: Test) -> Result<(), String> {
    let lower = key.to_lowercase();
    let single = |known: &&str| match known.strip_suffix('/') {
        Some(_) => lower.len() > known.len() && lower.starts_with(*known),
        None => lower == **known,
    };
    if SINGLE.iter().any(single) {
        return Ok(());
    }
    match MULTIVALUED.contains(&lower.as_str()) {
        true if set == Set::One && test != Test::Null => Err(format!(
            "{key} may have several values: say ForAnyValue or ForAllValues"
        )),
        true => Ok(()),
        false => Err(format!("condition key {key} is not known here")),
    }
}
