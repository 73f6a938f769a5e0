//! What a Choice state compares.
//!
//! Developer guide, "Choice workflow state". A value of another type than the operator's is not an error: it
//! does not match.

use super::failure::Fault;
use super::path::{Path, Scope};
use super::timestamp::Timestamp;
use serde_json::Value;
use std::cmp::Ordering;

/// A rule of a Choice state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    /// When it holds.
    pub when: Condition,
    /// Where it leads.
    pub next: String,
}

/// What is true or not of the data.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Test(Path, Test),
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Compare(Family, Relation, Against),
    Matches(String),
    /// Whether it is there, and whether that is wanted.
    Present(bool),
    /// Whether it is of the kind, and whether that is wanted.
    Is(Kind, bool),
}

/// What kind of values an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

/// How two values must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Against {
    Value(Value),
    Path(Path),
}

/// What a value can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Numeric,
    String,
    Boolean,
    Timestamp,
}

impl Condition {
    /// Whether it holds. `And` and `Or` stop at the first that decides, so that `IsPresent` can guard the next.
    pub fn holds(&self, scope: Scope<'_>) -> Result<bool, Fault> {
        match self {
            Condition::And(all) => all.iter().try_fold(true, |so_far, one| Ok(so_far && one.holds(scope)?)),
            Condition::Or(any) => any
                .iter()
                .try_fold(false, |so_far, one| Ok(so_far || one.holds(scope)?)),
            Condition::Not(one) => one.holds(scope).map(|holds| !holds),
            Condition::Test(path, Test::Present(wanted)) => Ok(path.find(scope).is_some() == *wanted),
            Condition::Test(path, test) => test.passes(found(path, scope)?, scope),
        }
    }
}

fn found<'a>(path: &Path, scope: Scope<'a>) -> Result<&'a Value, Fault> {
    path.find(scope).ok_or_else(|| {
        let place = path.text();
        Fault::runtime(format!(
            "Invalid path '{place}': The choice state's condition path references an invalid value."
        ))
    })
}

impl Test {
    fn passes(&self, value: &Value, scope: Scope<'_>) -> Result<bool, Fault> {
        match self {
            Test::Compare(family, relation, against) => {
                let other = match against {
                    Against::Value(other) => other,
                    Against::Path(path) => found(path, scope)?,
                };
                let order = compare(*family, value, other);
                Ok(order.is_some_and(|order| relation.allows(order)))
            }
            Test::Matches(pattern) => Ok(value.as_str().is_some_and(|text| matches(pattern, text))),
            Test::Is(kind, wanted) => Ok(kind.has(value) == *wanted),
            Test::Present(wanted) => Ok(*wanted),
        }
    }
}

impl Kind {
    fn has(self, value: &Value) -> bool {
        match self {
            Kind::Null => value.is_null(),
            Kind::Numeric => value.is_number(),
            Kind::String => value.is_string(),
            Kind::Boolean => value.is_boolean(),
            Kind::Timestamp => value.as_str().and_then(Timestamp::read).is_some(),
        }
    }
}

impl Relation {
    fn allows(self, order: Ordering) -> bool {
        match self {
            Relation::Equals => order.is_eq(),
            Relation::LessThan => order.is_lt(),
            Relation::GreaterThan => order.is_gt(),
            Relation::LessThanEquals => order.is_le(),
            Relation::GreaterThanEquals => order.is_ge(),
        }
    }
}

/// How two values of the family stand to each other; none where one of them is no such value.
fn compare(family: Family, a: &Value, b: &Value) -> Option<Ordering> {
    match family {
        Family::String => Some(a.as_str()?.cmp(b.as_str()?)),
        Family::Boolean => Some(a.as_bool()?.cmp(&b.as_bool()?)),
        Family::Timestamp => Some(Timestamp::read(a.as_str()?)?.cmp(&Timestamp::read(b.as_str()?)?)),
        Family::Numeric => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
    }
}

/// Whether the text fits a pattern in which `*` is any text and `\*` a star.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = vec![String::new()];
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => pieces.push(String::new()),
            '\\' => pieces
                .last_mut()
                .into_iter()
                .for_each(|piece| piece.extend(letters.next())),
            other => pieces.last_mut().into_iter().for_each(|piece| piece.push(other)),
        }
    }
    let [first, middle @ .., last] = pieces.as_slice() else {
        return pieces.concat() == text;
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.split_once(piece.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}
