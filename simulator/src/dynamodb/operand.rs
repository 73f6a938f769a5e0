//! What expressions are made of, and what can be wrong with them.

use super::path::Path;
use super::value::kind;
use serde_json::Value;

/// Functions of both condition and update expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `attribute_exists(path)`.
    Exists,
    /// `attribute_not_exists(path)`.
    NotExists,
    /// `attribute_type(path, :type)`.
    HasType,
    /// `begins_with(path, :start)`.
    BeginsWith,
    /// `contains(path, operand)`.
    Contains,
    /// `size(path)`.
    Size,
    /// `if_not_exists(path, operand)`.
    IfNotExists,
    /// `list_append(list, list)`.
    ListAppend,
    /// None of these; told as a fault once all is read.
    Unknown,
}

impl Function {
    /// By its name, with the number of its operands.
    pub fn named(name: &str) -> Option<(Function, usize)> {
        Some(match name {
            "attribute_exists" => (Function::Exists, 1),
            "attribute_not_exists" => (Function::NotExists, 1),
            "attribute_type" => (Function::HasType, 2),
            "begins_with" => (Function::BeginsWith, 2),
            "contains" => (Function::Contains, 2),
            "size" => (Function::Size, 1),
            "if_not_exists" => (Function::IfNotExists, 2),
            "list_append" => (Function::ListAppend, 2),
            _ => return None,
        })
    }

    /// Whether its first operand must be in the item.
    pub fn takes_path(self) -> bool {
        matches!(self, Function::Exists | Function::NotExists | Function::IfNotExists)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Function::Exists => "attribute_exists",
            Function::NotExists => "attribute_not_exists",
            Function::HasType => "attribute_type",
            Function::BeginsWith => "begins_with",
            Function::Contains => "contains",
            Function::Size => "size",
            Function::IfNotExists => "if_not_exists",
            Function::ListAppend => "list_append",
            Function::Unknown => "?",
        }
    }
}

/// What stands on a side of a comparison or an assignment.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Something in the item.
    Path(Path),
    /// Something in the request.
    Value(Value),
    /// A function of others.
    Call(Function, Vec<Operand>),
}

impl Operand {
    /// Type, where it is known before any item is.
    pub fn kind(&self) -> Option<&str> {
        match self {
            Operand::Value(value) => Some(kind(value)),
            Operand::Call(Function::Size, _) => Some("N"),
            Operand::Call(Function::ListAppend, _) => Some("L"),
            _ => None,
        }
    }
}

/// Faults that a well-formed expression may have.
///
/// DynamoDB tells one of each kind at most, in an order that depends on the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A function that is none.
    UnknownFunction,
    /// A function where another was due.
    Misused,
    /// A reserved word as a name.
    Reserved,
    /// `SET` twice.
    Section,
    /// A placeholder without a meaning.
    Undefined,
    /// Too few or too many operands.
    Count,
    /// The same path on both sides.
    Distinct,
    /// One path leads into another.
    Overlap,
    /// One path needs a map where another needs a list.
    Conflict,
    /// An operand of a type that the operator or function does not take.
    Type,
}
