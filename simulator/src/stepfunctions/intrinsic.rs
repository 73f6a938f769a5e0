//! Intrinsic functions: how they are written.
//!
//! Developer guide, "Intrinsic functions for JSONPath states in Step Functions".

use super::path::Path;
use serde_json::Value;

/// A function that is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Format,
    MathAdd,
    StringToJson,
    JsonToString,
    StringSplit,
    Array,
    ArrayLength,
    ArrayGetItem,
    ArrayContains,
    Uuid,
}

/// Name, function, fewest and most arguments.
const FUNCTIONS: [(&str, Function, usize, usize); 10] = [
    ("States.Format", Function::Format, 1, usize::MAX),
    ("States.MathAdd", Function::MathAdd, 2, 2),
    ("States.StringToJson", Function::StringToJson, 1, 1),
    ("States.JsonToString", Function::JsonToString, 1, 1),
    ("States.StringSplit", Function::StringSplit, 2, 2),
    ("States.Array", Function::Array, 0, usize::MAX),
    ("States.ArrayLength", Function::ArrayLength, 1, 1),
    ("States.ArrayGetItem", Function::ArrayGetItem, 2, 2),
    ("States.ArrayContains", Function::ArrayContains, 2, 2),
    ("States.UUID", Function::Uuid, 0, 0),
];

/// A function and what it is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Intrinsic {
    /// As it was written.
    pub text: String,
    /// Which one.
    pub function: Function,
    /// In order.
    pub arguments: Vec<Argument>,
}

/// What a function is given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    /// A text between quotes, with its backslashes: `States.Format` tells `\{` from `{`.
    Text(String),
    /// A number, `true`, `false` or `null`.
    Value(Value),
    /// A place to look in.
    Path(Path),
    /// What another function gives.
    Intrinsic(Intrinsic),
}

impl Intrinsic {
    /// Reads `States.Name(argument, …)`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(text: &str) -> Result<Intrinsic, String> {
        let mut rest = text.trim();
        let intrinsic = intrinsic(&mut rest)?;
        match rest.trim() {
            "" => Ok(intrinsic),
            _ => Err(invalid()),
        }
    }
}

fn invalid() -> String {
    "Value is not a valid intrinsic function".to_owned()
}

fn intrinsic(rest: &mut &str) -> Result<Intrinsic, String> {
    let whole = *rest;
    let (name, after) = whole.split_once('(').ok_or_else(invalid)?;
    *rest = after.trim_start();
    let mut arguments = Vec::new();
    while !rest.starts_with(')') {
        if !arguments.is_empty() {
            *rest = rest.strip_prefix(',').ok_or_else(invalid)?.trim_start();
        }
        arguments.push(argument(rest)?);
        *rest = rest.trim_start();
    }
    *rest = &rest[1..];
    let text = whole[..whole.len() - rest.len()].to_owned();
    let known = FUNCTIONS.iter().find(|(known, ..)| *known == name.trim());
    let &(_, function, fewest, most) =
        known.ok_or_else(|| format!("is not simulated: the function {}", name.trim()))?;
    if !(fewest..=most).contains(&arguments.len()) {
        return Err(format!("Invalid number of arguments for {}", name.trim()));
    }
    Ok(Intrinsic {
        text,
        function,
        arguments,
    })
}

fn argument(rest: &mut &str) -> Result<Argument, String> {
    if rest.starts_with('\'') {
        return quoted(rest).map(Argument::Text);
    }
    if rest.starts_with("States.") {
        return intrinsic(rest).map(Argument::Intrinsic);
    }
    let end = end_of_word(rest);
    let (word, after) = rest.split_at(end);
    *rest = after;
    let word = word.trim_end();
    if word.starts_with('$') {
        return Path::read(word).map(Argument::Path);
    }
    let value: Value = serde_json::from_str(word).map_err(|_| invalid())?;
    match value {
        Value::Object(_) | Value::Array(_) | Value::String(_) => Err(invalid()),
        plain => Ok(Argument::Value(plain)),
    }
}

/// Where a path or a number ends: at a comma or parenthesis that is not between brackets.
fn end_of_word(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            ',' | ')' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn quoted(rest: &mut &str) -> Result<String, String> {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => {
                let text = rest[1..at].to_owned();
                *rest = &rest[at + 1..];
                return Ok(text);
            }
            _ => {}
        }
    }
    Err(invalid())
}
