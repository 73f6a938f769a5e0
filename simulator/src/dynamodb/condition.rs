//! The grammar of condition, filter and key condition expressions.
//!
//! See "Comparison operator and function reference" in the developer guide.

use super::parse::{Fault, Function, Operand, Parser};
use super::path::Path;
use super::placeholders::Placeholders;
use super::value::{compare, kind, typed};
use crate::refusal::Refusal;
use serde_json::Value;

const FUNCTIONS: &[Function] = &[
    Function::Exists,
    Function::NotExists,
    Function::HasType,
    Function::BeginsWith,
    Function::Contains,
    Function::Size,
];

/// The order in which DynamoDB tells the faults of a condition.
const ORDER: [Fault; 7] = [
    Fault::UnknownFunction,
    Fault::Misused,
    Fault::Reserved,
    Fault::Undefined,
    Fault::Count,
    Fault::Distinct,
    Fault::Type,
];

const MAX_IN_OPERANDS: usize = 100;

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Comparator {
    fn read(sign: &str) -> Option<Comparator> {
        Some(match sign {
            "=" => Comparator::Equal,
            "<>" => Comparator::NotEqual,
            "<" => Comparator::Less,
            "<=" => Comparator::LessOrEqual,
            ">" => Comparator::Greater,
            ">=" => Comparator::GreaterOrEqual,
            _ => return None,
        })
    }

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Comparator::Equal => "=",
            Comparator::NotEqual => "<>",
            Comparator::Less => "<",
            Comparator::LessOrEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterOrEqual => ">=",
        }
    }
}

/// A condition on one item.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// One holds.
    Or(Box<Condition>, Box<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Two operands compare so.
    Compare(Comparator, Operand, Operand),
    /// The first is not below the second nor above the third.
    Between(Operand, Operand, Operand),
    /// It is one of these.
    In(Operand, Vec<Operand>),
    /// A function that says yes or no.
    Call(Function, Vec<Operand>),
}

impl Condition {
    /// Reads a request's member of that name; nothing where it is not there.
    ///
    /// # Errors
    ///
    /// The expression is none that DynamoDB takes.
    pub fn read(
        request: &Value,
        member: &'static str,
        placeholders: &mut Placeholders<'_>,
    ) -> Result<Option<Condition>, Refusal> {
        let Some(text) = request[member].as_str() else {
            return Ok(None);
        };
        let mut parser = Parser::new(member, text, placeholders, FUNCTIONS)?;
        let condition = either(&mut parser)?;
        parser.finish(&ORDER)?;
        Ok(Some(condition))
    }

    /// Calls `visit` with every path in it.
    pub fn paths<'a>(&'a self, visit: &mut dyn FnMut(&'a Path)) {
        fn operand<'a>(operand_: &'a Operand, visit: &mut dyn FnMut(&'a Path)) {
            match operand_ {
                Operand::Path(path) => visit(path),
                Operand::Value(_) => {}
                Operand::Call(_, operands) => operands.iter().for_each(|inner| operand(inner, visit)),
            }
        }
        match self {
            Condition::And(a, b) | Condition::Or(a, b) => {
                a.paths(visit);
                b.paths(visit);
            }
            Condition::Not(inner) => inner.paths(visit),
            Condition::Compare(_, a, b) => [a, b].into_iter().for_each(|o| operand(o, visit)),
            Condition::Between(a, b, c) => [a, b, c].into_iter().for_each(|o| operand(o, visit)),
            Condition::In(a, all) => std::iter::once(a).chain(all).for_each(|o| operand(o, visit)),
            Condition::Call(_, operands) => operands.iter().for_each(|o| operand(o, visit)),
        }
    }
}

type Read<T> = Result<T, Refusal>;

fn either(parser: &mut Parser<'_, '_, '_>) -> Read<Condition> {
    let mut left = both(parser)?;
    while parser.word("OR") {
        left = Condition::Or(Box::new(left), Box::new(both(parser)?));
    }
    Ok(left)
}

fn both(parser: &mut Parser<'_, '_, '_>) -> Read<Condition> {
    let mut left = negated(parser)?;
    while parser.word("AND") {
        left = Condition::And(Box::new(left), Box::new(negated(parser)?));
    }
    Ok(left)
}

fn negated(parser: &mut Parser<'_, '_, '_>) -> Read<Condition> {
    if parser.word("NOT") {
        return Ok(Condition::Not(Box::new(negated(parser)?)));
    }
    if !holds_condition(parser) {
        return leaf(parser);
    }
    if parser.closing(0).is_none() {
        return Err(parser.unclosed());
    }
    let doubled = parser.ahead(1).is_some_and(|token| token.text == "(");
    if doubled && parser.closing(1).map(|inner| inner + 1) == parser.closing(0) {
        return Err(parser.refuse("The expression has redundant parentheses;"));
    }
    parser.must("(")?;
    let inner = either(parser)?;
    parser.must(")")?;
    Ok(inner)
}

/// Whether parentheses begin here that hold a condition; else they hold an operand, as in `(a) = :b`.
fn holds_condition(parser: &Parser<'_, '_, '_>) -> bool {
    if parser.peek().is_none_or(|token| token.text != "(") {
        return false;
    }
    let after = parser.closing(0).and_then(|closing| parser.ahead(closing + 1));
    !after
        .is_some_and(|token| Comparator::read(token.text).is_some() || token.is_word("BETWEEN") || token.is_word("IN"))
}

fn leaf(parser: &mut Parser<'_, '_, '_>) -> Read<Condition> {
    let left = parser.operand()?;
    if let Some(comparator) = parser.peek().and_then(|token| Comparator::read(token.text)) {
        parser.must(comparator.sign())?;
        let right = parser.operand()?;
        check_comparison(parser, comparator, &left, &right);
        return Ok(Condition::Compare(comparator, left, right));
    }
    if parser.word("BETWEEN") {
        let low = parser.operand()?;
        if !parser.word("AND") {
            return Err(parser.syntax_error());
        }
        let high = parser.operand()?;
        [&left, &low, &high]
            .into_iter()
            .for_each(|operand| only_size(parser, operand));
        check_bounds(parser, &low, &high);
        return Ok(Condition::Between(left, low, high));
    }
    if parser.word("IN") {
        parser.must("(")?;
        let all = parser.list(Parser::operand)?;
        parser.must(")")?;
        std::iter::once(&left)
            .chain(&all)
            .for_each(|operand| only_size(parser, operand));
        if all.len() > MAX_IN_OPERANDS {
            let count = all.len();
            return Err(parser.refuse(&format!(
                "The IN operator is provided with too many operands; number of operands: {count}"
            )));
        }
        return Ok(Condition::In(left, all));
    }
    match left {
        Operand::Call(function, operands) => {
            check_call(parser, function, &operands);
            Ok(Condition::Call(function, operands))
        }
        _ => Err(parser.syntax_error()),
    }
}

/// Of all functions only `size` is an operand.
fn only_size(parser: &mut Parser<'_, '_, '_>, operand: &Operand) {
    if let Operand::Call(function, operands) = operand {
        match function {
            Function::Size => check_operands(parser, Function::Size, operands),
            Function::Unknown => {}
            other => misused(parser, *other),
        }
    }
}

fn misused(parser: &mut Parser<'_, '_, '_>, function: Function) {
    let name = function.name();
    let text = format!("The function is not allowed to be used this way in an expression; function: {name}");
    parser.fault(Fault::Misused, text);
}

fn check_comparison(parser: &mut Parser<'_, '_, '_>, comparator: Comparator, left: &Operand, right: &Operand) {
    let sign = comparator.sign();
    only_size(parser, left);
    only_size(parser, right);
    check_distinct(parser, sign, &[left, right]);
    if matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
        return;
    }
    for kind in [left, right].into_iter().filter_map(Operand::kind) {
        if !matches!(kind, "S" | "N" | "B") {
            let text =
                format!("Incorrect operand type for operator or function; operator: {sign}, operand type: {kind}");
            parser.fault(Fault::Type, text);
        }
    }
}

fn check_distinct(parser: &mut Parser<'_, '_, '_>, operator: &str, operands: &[&Operand]) {
    if let [Operand::Path(one), Operand::Path(two)] = operands
        && one == two
    {
        let text = format!(
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: {operator}, first operand: {one}"
        );
        parser.fault(Fault::Distinct, text);
    }
}

fn check_bounds(parser: &mut Parser<'_, '_, '_>, low: &Operand, high: &Operand) {
    let (Operand::Value(low), Operand::Value(high)) = (low, high) else {
        return;
    };
    let rule = match compare(low, high) {
        Some(std::cmp::Ordering::Greater) => "upper bound to be greater than or equal to lower bound",
        None if kind(low) != kind(high) => "same data type for lower and upper bounds",
        _ => return,
    };
    let shown = |value| {
        let (kind, inner) = typed(value);
        format!(
            "AttributeValue: {{{kind}:{}}}",
            inner.as_str().map_or(inner.to_string(), str::to_owned)
        )
    };
    let text = format!(
        "The BETWEEN operator requires {rule}; lower bound operand: {}, upper bound operand: {}",
        shown(low),
        shown(high)
    );
    parser.fault(Fault::Type, text);
}

fn check_call(parser: &mut Parser<'_, '_, '_>, function: Function, operands: &[Operand]) {
    if function == Function::Size {
        misused(parser, function);
    }
    check_operands(parser, function, operands);
}

fn check_operands(parser: &mut Parser<'_, '_, '_>, function: Function, operands: &[Operand]) {
    operands.iter().for_each(|operand| only_size(parser, operand));
    check_distinct(parser, function.name(), &operands.iter().collect::<Vec<_>>());
    let mut refuse = |kind: &str| {
        let name = function.name();
        let text = format!(
            "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
        );
        parser.fault(Fault::Type, text);
    };
    let kinds: Vec<Option<&str>> = operands.iter().map(Operand::kind).collect();
    match function {
        Function::BeginsWith => {
            let wrong = kinds.iter().flatten().find(|kind| !matches!(**kind, "S" | "B"));
            wrong.into_iter().for_each(|kind| refuse(kind));
        }
        Function::Size => {
            let wrong = kinds
                .iter()
                .flatten()
                .find(|kind| matches!(**kind, "N" | "BOOL" | "NULL"));
            wrong.into_iter().for_each(|kind| refuse(kind));
        }
        Function::HasType => match operands.get(1) {
            Some(Operand::Value(value)) if kind(value) == "S" => check_type_name(parser, value),
            Some(other) => refuse(other.kind().unwrap_or("{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")),
            None => {}
        },
        _ => {}
    }
}

fn check_type_name(parser: &mut Parser<'_, '_, '_>, value: &Value) {
    let name = value["S"].as_str().unwrap_or_default();
    if !["S", "N", "B", "NULL", "SS", "BOOL", "L", "BS", "NS", "M"].contains(&name) {
        let text =
            format!("Invalid attribute type name found; type: {name}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}");
        parser.fault(Fault::Type, text);
    }
}
