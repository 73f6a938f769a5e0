//! What a well-formed condition may get wrong: functions out of place, operands of wrong types.

use super::condition::Comparator;
use super::operand::{Fault, Function, Operand};
use super::parse::Parser;
use super::value::{compare, kind, typed};
use serde_json::Value;

/// Of all functions only `size` is an operand.
pub fn only_size(parser: &mut Parser<'_, '_, '_>, operand: &Operand) {
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

/// Both sides of a comparison.
pub fn check_comparison(parser: &mut Parser<'_, '_, '_>, comparator: Comparator, left: &Operand, right: &Operand) {
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

/// The two bounds of `BETWEEN`.
pub fn check_bounds(parser: &mut Parser<'_, '_, '_>, low: &Operand, high: &Operand) {
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

/// A function that stands as a condition of its own.
pub fn check_call(parser: &mut Parser<'_, '_, '_>, function: Function, operands: &[Operand]) {
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
