//! An update carried out on an item.

use super::number::Number;
use super::operand::{Function, Operand};
use super::path::{Path, Step};
use super::update::{Action, Assigned, Update};
use super::value::{Item, canonical, typed};
use serde_json::{Value, json};

const WRONG_TYPE: &str = "An operand in the update expression has an incorrect data type";
const NO_ATTRIBUTE: &str = "The provided expression refers to an attribute that does not exist in the item";
const NO_PATH: &str = "The document path provided in the update expression is invalid for update";

impl Update {
    /// The item as it is afterwards. All values are read from the item as it was.
    ///
    /// # Errors
    ///
    /// DynamoDB's text: the item is not what the expression takes it for.
    pub fn applied(&self, old: &Item) -> Result<Item, String> {
        let mut item = old.clone();
        let mut writes = Vec::new();
        let mut removals = Vec::new();
        for (path, action) in &self.actions {
            let present = path.find(old);
            match action {
                Action::Set(assigned) => writes.push((path, assigned.value(old)?)),
                Action::Add(value) => writes.push((path, sum(present, value)?)),
                Action::Delete(value) => match difference(present, value)? {
                    Some(left) => writes.push((path, left)),
                    None => removals.push(path),
                },
                Action::Remove => removals.push(path),
            }
        }
        // In order of their indices, since what is beyond the end of a list is put at its end.
        writes.sort_by_key(|(path, _)| *path);
        for (path, value) in writes {
            put(&mut item, path, value)?;
        }
        // From the end, since entries move up when one before them goes.
        removals.sort_by(|a, b| b.cmp(a));
        for path in removals {
            take(&mut item, path)?;
        }
        Ok(item)
    }
}

impl Assigned {
    fn value(&self, item: &Item) -> Result<Value, String> {
        let (a, b, subtract) = match self {
            Assigned::One(operand) => return value_of(operand, item),
            Assigned::Sum(a, b) => (a, b, false),
            Assigned::Difference(a, b) => (a, b, true),
        };
        let number = |operand| match typed(&value_of(operand, item)?) {
            ("N", Value::String(text)) => Number::parse(text),
            _ => Err(WRONG_TYPE.to_owned()),
        };
        let (a, b) = (number(a)?, number(b)?);
        let sum = a.plus(&if subtract { b.negated() } else { b })?;
        Ok(json!({ "N": sum.to_string() }))
    }
}

fn value_of(operand: &Operand, item: &Item) -> Result<Value, String> {
    match operand {
        Operand::Path(path) => path.find(item).cloned().ok_or_else(|| NO_ATTRIBUTE.to_owned()),
        Operand::Value(value) => Ok(value.clone()),
        Operand::Call(Function::IfNotExists, operands) => match operands.as_slice() {
            [Operand::Path(path), otherwise] => match path.find(item) {
                Some(value) => Ok(value.clone()),
                None => value_of(otherwise, item),
            },
            _ => Err(WRONG_TYPE.to_owned()),
        },
        Operand::Call(_, operands) => {
            let mut all = Vec::new();
            for operand in operands {
                match typed(&value_of(operand, item)?) {
                    ("L", Value::Array(entries)) => all.extend(entries.iter().cloned()),
                    _ => return Err(WRONG_TYPE.to_owned()),
                }
            }
            Ok(json!({ "L": all }))
        }
    }
}

/// What `ADD` makes of a number or a set.
fn sum(present: Option<&Value>, added: &Value) -> Result<Value, String> {
    let Some(present) = present else {
        return Ok(added.clone());
    };
    match (typed(present), typed(added)) {
        (("N", Value::String(a)), ("N", Value::String(b))) => {
            Ok(json!({ "N": Number::parse(a)?.plus(&Number::parse(b)?)?.to_string() }))
        }
        ((kind, Value::Array(a)), (other, Value::Array(b))) if kind == other => {
            let new = b.iter().filter(|member| !a.contains(member));
            let all: Vec<Value> = a.iter().chain(new).cloned().collect();
            canonical(&json!({ kind: all }))
        }
        _ => Err(WRONG_TYPE.to_owned()),
    }
}

/// What `DELETE` leaves of a set; a set is never empty.
fn difference(present: Option<&Value>, removed: &Value) -> Result<Option<Value>, String> {
    let Some(present) = present else {
        return Ok(None);
    };
    match (typed(present), typed(removed)) {
        ((kind, Value::Array(a)), (other, Value::Array(b))) if kind == other => {
            let left: Vec<&Value> = a.iter().filter(|member| !b.contains(member)).collect();
            Ok((!left.is_empty()).then(|| json!({ kind: left })))
        }
        _ => Err(WRONG_TYPE.to_owned()),
    }
}

/// The map or list that the last step leads into; nothing where that is the item itself.
fn parent<'a>(item: &'a mut Item, path: &Path) -> Result<Option<&'a mut Value>, String> {
    let [Step::Name(head), between @ .., _] = path.0.as_slice() else {
        return Ok(None);
    };
    let below = between.iter().try_fold(item.get_mut(head.as_str()), |value, step| {
        Some(match (value, step) {
            (None, _) => None,
            (Some(value), Step::Name(name)) => value.get_mut("M")?.get_mut(name),
            (Some(value), Step::Index(index)) => value.get_mut("L")?.get_mut(index),
        })
    });
    below.flatten().map(Some).ok_or_else(|| NO_PATH.to_owned())
}

fn put(item: &mut Item, path: &Path, value: Value) -> Result<(), String> {
    let Some(parent) = parent(item, path)? else {
        item.insert(path.head().to_owned(), value);
        return Ok(());
    };
    match (path.0.last(), parent.get_mut("M").is_some()) {
        (Some(Step::Name(name)), true) => parent["M"][name] = value,
        (Some(Step::Index(index)), false) => {
            let entries = parent.get_mut("L").and_then(Value::as_array_mut).ok_or(NO_PATH)?;
            match entries.get_mut(*index) {
                Some(entry) => *entry = value,
                None => entries.push(value),
            }
        }
        _ => return Err(NO_PATH.to_owned()),
    }
    Ok(())
}

fn take(item: &mut Item, path: &Path) -> Result<(), String> {
    let Some(parent) = parent(item, path)? else {
        item.remove(path.head());
        return Ok(());
    };
    match path.0.last() {
        Some(Step::Name(name)) => {
            let members = parent.get_mut("M").and_then(Value::as_object_mut).ok_or(NO_PATH)?;
            members.remove(name);
        }
        Some(Step::Index(index)) => {
            let entries = parent.get_mut("L").and_then(Value::as_array_mut).ok_or(NO_PATH)?;
            if *index < entries.len() {
                entries.remove(*index);
            }
        }
        None => {}
    }
    Ok(())
}
