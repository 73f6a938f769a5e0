//! The rules of a Choice state.

use super::fields::Fields;
use super::problems::Problems;
use crate::stepfunctions::choice::{Against, Condition, Family, Kind, Relation, Rule, Test};
use crate::stepfunctions::timestamp::Timestamp;
use serde_json::Value;

const FAMILIES: [(&str, Family); 4] = [
    ("String", Family::String),
    ("Numeric", Family::Numeric),
    ("Boolean", Family::Boolean),
    ("Timestamp", Family::Timestamp),
];

const RELATIONS: [(&str, Relation); 5] = [
    ("Equals", Relation::Equals),
    ("LessThan", Relation::LessThan),
    ("GreaterThan", Relation::GreaterThan),
    ("LessThanEquals", Relation::LessThanEquals),
    ("GreaterThanEquals", Relation::GreaterThanEquals),
];

const KINDS: [(&str, Kind); 5] = [
    ("IsNull", Kind::Null),
    ("IsNumeric", Kind::Numeric),
    ("IsString", Kind::String),
    ("IsBoolean", Kind::Boolean),
    ("IsTimestamp", Kind::Timestamp),
];

/// All rules in order, and where to go if none holds.
pub(super) fn choices(state: &Fields<'_>, problems: &mut Problems) -> (Vec<Rule>, Option<String>) {
    state.require(&["Choices"], problems);
    let entries = state.list("Choices", problems).into_iter().enumerate();
    let rules = entries.filter_map(|(index, entry)| {
        let fields = Fields::of(entry, format!("{}[{index}]", state.at("Choices")), problems)?;
        fields.require(&["Next"], problems);
        let when = condition(&fields, true, problems)?;
        let next = fields.text("Next", problems)?.to_owned();
        Some(Rule { when, next })
    });
    let rules = rules.collect();
    (rules, state.text("Default", problems).map(str::to_owned))
}

fn condition(fields: &Fields<'_>, is_rule: bool, problems: &mut Problems) -> Option<Condition> {
    let outer: &[&str] = if is_rule { &["Next", "Comment"] } else { &["Comment"] };
    let operators: Vec<&str> = fields
        .names()
        .map(String::as_str)
        .filter(|name| !outer.contains(name))
        .collect();
    match operators.as_slice() {
        ["And"] => Some(Condition::And(conditions(fields, "And", problems))),
        ["Or"] => Some(Condition::Or(conditions(fields, "Or", problems))),
        ["Not"] => {
            let inner = Fields::of(fields.get("Not")?, fields.at("Not"), problems)?;
            Some(Condition::Not(Box::new(condition(&inner, false, problems)?)))
        }
        [operator, "Variable"] | ["Variable", operator] => {
            let path = fields.path("Variable", problems);
            let test = test(fields, operator, problems);
            Some(Condition::Test(path?, test?))
        }
        _ => {
            let what = "A rule has a Variable and one comparison operator, or one of [And, Or, Not]";
            problems.schema(&fields.place, what);
            None
        }
    }
}

fn conditions(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Vec<Condition> {
    let entries = fields.list(name, problems).into_iter().enumerate();
    let read = entries.filter_map(|(index, entry)| {
        let inner = Fields::of(entry, format!("{}[{index}]", fields.at(name)), problems)?;
        condition(&inner, false, problems)
    });
    read.collect()
}

fn test(fields: &Fields<'_>, operator: &str, problems: &mut Problems) -> Option<Test> {
    if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == operator) {
        return Some(Test::Is(*kind, fields.boolean(operator, problems)?));
    }
    match operator {
        "IsPresent" => return Some(Test::Present(fields.boolean(operator, problems)?)),
        "StringMatches" => return Some(Test::Matches(fields.text(operator, problems)?.to_owned())),
        _ => {}
    }
    let (name, from_path) = match operator.strip_suffix("Path") {
        Some(name) => (name, true),
        None => (operator, false),
    };
    let Some((family, relation)) = comparison(name) else {
        problems.schema(&fields.place, &format!("Field '{operator}' is not supported"));
        return None;
    };
    let against = match from_path {
        true => Against::Path(fields.path(operator, problems)?),
        false => Against::Value(literal(fields, operator, family, problems)?),
    };
    Some(Test::Compare(family, relation, against))
}

/// `NumericLessThan` and its like; booleans have no order.
fn comparison(name: &str) -> Option<(Family, Relation)> {
    let families = FAMILIES.iter();
    let (family, rest) = families
        .clone()
        .find_map(|(word, family)| Some((*family, name.strip_prefix(word)?)))?;
    let &(_, relation) = RELATIONS.iter().find(|(word, _)| *word == rest)?;
    (family != Family::Boolean || relation == Relation::Equals).then_some((family, relation))
}

fn literal(fields: &Fields<'_>, operator: &str, family: Family, problems: &mut Problems) -> Option<Value> {
    let value = fields.get(operator)?;
    let (fits, wanted) = match family {
        Family::String => (value.is_string(), "String"),
        Family::Numeric => (value.is_number(), "Number"),
        Family::Boolean => (value.is_boolean(), "Boolean"),
        Family::Timestamp => (value.as_str().and_then(Timestamp::read).is_some(), "Timestamp"),
    };
    if !fits {
        let what = format!("Expected value of type {wanted}");
        problems.schema(&fields.at(operator), &what);
    }
    Some(value.clone())
}
