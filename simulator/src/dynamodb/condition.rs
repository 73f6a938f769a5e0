//! The grammar of condition, filter and key condition expressions.
//!
//! See "Comparison operator and function reference" in the developer guide.

use super::check::{check_bounds, check_call, check_comparison, only_size};
use super::operand::{Fault, Function, Operand};
use super::parse::Parser;
use super::path::Path;
use super::placeholders::Placeholders;
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
