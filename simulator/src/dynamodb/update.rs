//! The grammar of update expressions.
//!
//! See "Update expressions" in the developer guide.

use super::operand::{Fault, Function, Operand};
use super::parse::Parser;
use super::path::{Path, clash};
use super::placeholders::Placeholders;
use super::value::kind;
use crate::refusal::Refusal;
use serde_json::Value;

const FUNCTIONS: &[Function] = &[Function::IfNotExists, Function::ListAppend];

/// The order in which DynamoDB tells the faults of an update.
const ORDER: [Fault; 8] = [
    Fault::Reserved,
    Fault::UnknownFunction,
    Fault::Section,
    Fault::Undefined,
    Fault::Overlap,
    Fault::Conflict,
    Fault::Count,
    Fault::Type,
];

/// What `SET` gives to an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Assigned {
    /// `= a`.
    One(Operand),
    /// `= a + b`.
    Sum(Operand, Operand),
    /// `= a - b`.
    Difference(Operand, Operand),
}

/// What happens at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `SET path = …`.
    Set(Assigned),
    /// `REMOVE path`.
    Remove,
    /// `ADD path :value`.
    Add(Value),
    /// `DELETE path :value`.
    Delete(Value),
}

/// An update of one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// What happens where; no path leads into another.
    pub actions: Vec<(Path, Action)>,
}

impl Update {
    /// Reads a request's `UpdateExpression`; without one nothing is updated.
    ///
    /// # Errors
    ///
    /// The expression is none that DynamoDB takes.
    pub fn read(request: &Value, placeholders: &mut Placeholders<'_>) -> Result<Update, Refusal> {
        let Some(text) = request["UpdateExpression"].as_str() else {
            return Ok(Update::default());
        };
        let mut parser = Parser::new("UpdateExpression", text, placeholders, FUNCTIONS)?;
        let mut update = Update::default();
        let mut seen = Vec::new();
        while parser.peek().is_some() {
            let (name, actions) = section(&mut parser)?;
            if seen.contains(&name) {
                let text = format!("The \"{name}\" section can only be used once in an update expression;");
                parser.fault(Fault::Section, text);
            }
            seen.push(name);
            update.actions.extend(actions);
        }
        check_paths(&mut parser, &update);
        parser.finish(&ORDER)?;
        Ok(update)
    }
}

type Section = (&'static str, Vec<(Path, Action)>);

fn section(parser: &mut Parser<'_, '_, '_>) -> Result<Section, Refusal> {
    if parser.word("SET") {
        Ok(("SET", parser.list(set)?))
    } else if parser.word("REMOVE") {
        Ok(("REMOVE", parser.list(|parser| Ok((parser.path()?, Action::Remove)))?))
    } else if parser.word("ADD") {
        Ok(("ADD", parser.list(|parser| with_value(parser, "ADD", Action::Add))?))
    } else if parser.word("DELETE") {
        Ok((
            "DELETE",
            parser.list(|parser| with_value(parser, "DELETE", Action::Delete))?,
        ))
    } else {
        Err(parser.syntax_error())
    }
}

fn set(parser: &mut Parser<'_, '_, '_>) -> Result<(Path, Action), Refusal> {
    let path = parser.path()?;
    parser.must("=")?;
    Ok((path, Action::Set(assigned(parser)?)))
}

fn assigned(parser: &mut Parser<'_, '_, '_>) -> Result<Assigned, Refusal> {
    // `(a + b)` is the one place where parentheses hold more than an operand.
    let arithmetic = |token: super::lex::Token<'_>| token.text == "+" || token.text == "-";
    let closing = parser.closing(0).unwrap_or(0);
    let wrapped = parser.peek().is_some_and(|token| token.text == "(")
        && !parser.ahead(closing + 1).is_some_and(arithmetic)
        && (1..closing).filter_map(|place| parser.ahead(place)).any(arithmetic);
    if wrapped {
        parser.must("(")?;
    }
    let left = operand(parser)?;
    let out = if parser.sign("+") {
        Assigned::Sum(left, operand(parser)?)
    } else if parser.sign("-") {
        Assigned::Difference(left, operand(parser)?)
    } else {
        Assigned::One(left)
    };
    if wrapped {
        parser.must(")")?;
    }
    match &out {
        Assigned::Sum(a, b) => [a, b].into_iter().for_each(|o| must_be(parser, "+", o, "N")),
        Assigned::Difference(a, b) => [a, b].into_iter().for_each(|o| must_be(parser, "-", o, "N")),
        Assigned::One(_) => {}
    }
    Ok(out)
}

fn operand(parser: &mut Parser<'_, '_, '_>) -> Result<Operand, Refusal> {
    let operand = parser.operand()?;
    check_lists(parser, &operand);
    Ok(operand)
}

fn check_lists(parser: &mut Parser<'_, '_, '_>, operand: &Operand) {
    if let Operand::Call(function, operands) = operand {
        for inner in operands {
            if *function == Function::ListAppend {
                must_be(parser, function.name(), inner, "L");
            }
            check_lists(parser, inner);
        }
    }
}

/// What the request itself gives must be of the right type; what the item gives shows later.
fn must_be(parser: &mut Parser<'_, '_, '_>, operator: &str, operand: &Operand, wanted: &str) {
    if let Operand::Value(value) = operand
        && kind(value) != wanted
    {
        let kind = kind(value);
        let text = format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
        );
        parser.fault(Fault::Type, text);
    }
}

fn with_value(
    parser: &mut Parser<'_, '_, '_>,
    operator: &str,
    action: fn(Value) -> Action,
) -> Result<(Path, Action), Refusal> {
    let path = parser.path()?;
    let value = parser.value()?;
    let wrong = match kind(&value) {
        "SS" | "NS" | "BS" => None,
        "N" if operator == "ADD" => None,
        "S" => Some("STRING"),
        "N" => Some("NUMBER"),
        "B" => Some("BINARY"),
        "BOOL" => Some("BOOLEAN"),
        "L" => Some("LIST"),
        "M" => Some("MAP"),
        _ => Some("NULL"),
    };
    if let Some(kind) = wrong {
        let text =
            format!("Incorrect operand type for operator or function; operator: {operator}, operand type: {kind}");
        parser.fault(Fault::Type, text);
    }
    Ok((path, action(value)))
}

fn check_paths(parser: &mut Parser<'_, '_, '_>, update: &Update) {
    for (i, (two, _)) in update.actions.iter().enumerate() {
        for (one, _) in &update.actions[..i] {
            if let Some((what, text)) = clash(one, two) {
                let fault = if what == "overlap" {
                    Fault::Overlap
                } else {
                    Fault::Conflict
                };
                parser.fault(fault, text);
            }
        }
    }
}
