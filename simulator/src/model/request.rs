//! Is this a request AWS knows?

use super::{Bounds, Pattern, Service, Shape, Structure};
use crate::refusal::Refusal;
use serde_json::{Map, Value};

/// Checks a request and hands it back normalised: no nulls, integers as integers, times as epoch seconds.
///
/// # Errors
///
/// The refusal the service itself would give, with one exception: AWS ignores some members it does not
/// know. Here they are refused, since a caller that sends one believes it has an effect.
pub fn check_request(service: &'static str, operation: &str, input: &Value) -> Result<Value, Refusal> {
    let unknown = || {
        Refusal::new(
            "UnknownOperationException",
            format!("{service} has no operation {operation:?} here"),
        )
    };
    let model = super::service(service).ok_or_else(unknown)?;
    let shapes = model.operations.get(operation).ok_or_else(unknown)?;
    let Some(root) = &shapes.input else {
        return Ok(Value::Object(Map::new()));
    };
    let mut check = Check {
        model,
        missing: None,
        violations: Vec::new(),
        more_than_one: false,
    };
    let normalised = check.value(root, input, "")?;
    if check.violations.is_empty() && !check.more_than_one {
        return Ok(normalised);
    }
    Err(refuse(service, operation, &check))
}

/// Code and text with which each service refuses what its model forbids.
fn refuse(service: &str, operation: &str, check: &Check) -> Refusal {
    let code = match (service, operation) {
        ("ecs", "RegisterTaskDefinition") => "ClientException",
        ("ecs", _) => "InvalidParameterException",
        ("sqs", _) => return refuse_sqs(operation, check),
        _ => "ValidationException",
    };
    if check.violations.is_empty() {
        return Refusal::new(
            code,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        );
    }
    let count = check.violations.len();
    let plural = if count == 1 { "" } else { "s" };
    let all = check.violations.join("; ");
    Refusal::new(code, format!("{count} validation error{plural} detected: {all}"))
}

/// SQS names the first member that is missing, or else the first value that its list of names does not have.
fn refuse_sqs(operation: &str, check: &Check) -> Refusal {
    if let Some(name) = &check.missing {
        let text = format!("The request must contain the parameter {name}.");
        return Refusal::new("MissingRequiredParameterException", text);
    }
    let text = check.violations.first().cloned().unwrap_or_default();
    let unknown = text.split('\'').nth(1).unwrap_or_default();
    let code = match operation {
        "CreateQueue" | "GetQueueAttributes" | "SetQueueAttributes" => "InvalidAttributeName",
        _ => "InvalidParameterValueException",
    };
    Refusal::new(code, format!("Unknown Attribute {unknown}."))
}

struct Check {
    model: &'static Service,
    /// The first required member that is not there, as the model spells it.
    missing: Option<String>,
    violations: Vec<String>,
    more_than_one: bool,
}

impl Check {
    fn value(&mut self, name: &str, value: &Value, path: &str) -> Result<Value, Refusal> {
        let Some(shape) = self.model.shape(name) else {
            return Err(not_readable(format!("the model has no shape {name}")));
        };
        match (shape, value) {
            (Shape::Structure(s), any) if s.document => Ok(any.clone()),
            (Shape::Structure(s), Value::Object(members)) => self.structure(s, members, path),
            (Shape::List { member, bounds }, Value::Array(entries)) => {
                self.size(*bounds, entries.len(), value, path);
                let entries = entries.iter().enumerate().map(|(i, entry)| {
                    let path = format!("{path}.{}.member", i + 1);
                    self.value(member, entry, &path)
                });
                Ok(Value::Array(entries.collect::<Result<_, _>>()?))
            }
            (
                Shape::Map {
                    key,
                    value: inner,
                    bounds,
                },
                Value::Object(entries),
            ) => {
                self.size(*bounds, entries.len(), value, path);
                let mut out = Map::new();
                for (k, v) in entries.iter().filter(|(_, v)| !v.is_null()) {
                    self.value(key, &Value::String(k.clone()), path)?;
                    out.insert(k.clone(), self.value(inner, v, &format!("{path}.{k}.member"))?);
                }
                Ok(Value::Object(out))
            }
            (
                Shape::String {
                    allowed,
                    bounds,
                    pattern,
                },
                Value::String(text),
            ) => {
                self.text(allowed, *bounds, pattern.as_ref(), text, path);
                Ok(value.clone())
            }
            (Shape::Blob(bounds), Value::String(text)) => {
                let Some(bytes) = base64_length(text) else {
                    return Err(not_readable("Base64 encoded data expected"));
                };
                self.size(*bounds, bytes, value, path);
                Ok(value.clone())
            }
            (Shape::Boolean, Value::Bool(_)) => Ok(value.clone()),
            (Shape::Timestamp, Value::Number(_)) => Ok(value.clone()),
            (Shape::Double(bounds), Value::Number(n)) => {
                self.range(*bounds, n.as_f64().unwrap_or(f64::NAN), value, path);
                Ok(value.clone())
            }
            (Shape::Integer(bounds), Value::Number(_)) => {
                let whole = whole(value).filter(|n| i32::try_from(*n).is_ok());
                self.integer(whole, *bounds, value, path)
            }
            (Shape::Long(bounds), Value::Number(_)) => self.integer(whole(value), *bounds, value, path),
            _ => Err(wrong_type(shape, value, path)),
        }
    }

    fn structure(&mut self, shape: &Structure, members: &Map<String, Value>, path: &str) -> Result<Value, Refusal> {
        let mut out = Map::new();
        for (name, value) in members {
            let Some(inner) = shape.members.get(name) else {
                return Err(not_readable(format!("unknown member {:?}", below(path, name))));
            };
            if !value.is_null() {
                out.insert(name.clone(), self.value(inner, value, &camel(path, name))?);
            }
        }
        for name in shape.required.iter().filter(|name| !out.contains_key(*name)) {
            self.missing.get_or_insert_with(|| name.clone());
            self.violate("null", &camel(path, name), "Member must not be null");
        }
        // DynamoDB's texts are the only ones known for this; the other unions are newer than any caller here.
        self.more_than_one |= shape.union && out.len() != 1;
        Ok(Value::Object(out))
    }

    fn text(&mut self, allowed: &[String], bounds: Bounds, pattern: Option<&Pattern>, text: &str, path: &str) {
        let shown = format!("'{text}'");
        if !allowed.is_empty() && !allowed.iter().any(|a| a == text) {
            let set = allowed.join(", ");
            self.violate(&shown, path, &format!("Member must satisfy enum value set: [{set}]"));
        }
        self.size(bounds, text.chars().count(), &Value::String(text.to_owned()), path);
        if let Some(pattern) = pattern.filter(|p| !p.matches(text)) {
            let wanted = &pattern.text;
            self.violate(
                &shown,
                path,
                &format!("Member must satisfy regular expression pattern: {wanted}"),
            );
        }
    }

    fn size(&mut self, bounds: Bounds, length: usize, value: &Value, path: &str) {
        self.bounds(bounds, length as f64, value, path, "length");
    }

    fn range(&mut self, bounds: Bounds, number: f64, value: &Value, path: &str) {
        self.bounds(bounds, number, value, path, "value");
    }

    fn bounds(&mut self, bounds: Bounds, measure: f64, value: &Value, path: &str, what: &str) {
        let shown = match value {
            Value::String(text) => format!("'{text}'"),
            other => format!("'{other}'"),
        };
        if let Some(min) = bounds.min.filter(|min| measure < *min) {
            let rule = format!("Member must have {what} greater than or equal to {min}");
            self.violate(&shown, path, &rule);
        }
        if let Some(max) = bounds.max.filter(|max| measure > *max) {
            let rule = format!("Member must have {what} less than or equal to {max}");
            self.violate(&shown, path, &rule);
        }
    }

    fn integer(&mut self, whole: Option<i64>, bounds: Bounds, value: &Value, path: &str) -> Result<Value, Refusal> {
        let Some(number) = whole else {
            return Err(not_readable(format!(
                "{value} at '{path}' cannot be converted to an integer"
            )));
        };
        self.range(bounds, number as f64, value, path);
        Ok(Value::from(number))
    }

    fn violate(&mut self, shown: &str, path: &str, rule: &str) {
        let path = path.trim_start_matches('.');
        self.violations.push(format!(
            "Value {shown} at '{path}' failed to satisfy constraint: {rule}"
        ));
    }
}

/// `5` and `5.0`, but not `5.5`: JSON has one kind of number only.
fn whole(value: &Value) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = || value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= EXACT);
    value.as_i64().or_else(|| float().map(|n| n as i64))
}

/// Decoded length of standard base64, where it is that.
fn base64_length(text: &str) -> Option<usize> {
    aws_smithy_types::base64::decode(text).ok().map(|bytes| bytes.len())
}

fn below(path: &str, name: &str) -> String {
    format!("{path}.{name}").trim_start_matches('.').to_owned()
}

/// AWS's texts write members as its Java code does, with a small first letter.
fn camel(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    below(path, &first.into_iter().chain(letters).collect::<String>())
}

fn not_readable(message: impl Into<String>) -> Refusal {
    Refusal::new("SerializationException", message)
}

/// Texts as AWS's JSON reader has them.
fn wrong_type(shape: &Shape, value: &Value, path: &str) -> Refusal {
    let got = match value {
        Value::Null => "null",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "Start of list",
        Value::Object(_) => "Start of structure or map",
    };
    let wanted = match shape {
        Shape::Structure(_) => "a structure",
        Shape::List { .. } => "a list",
        Shape::Map { .. } => "a map",
        Shape::String { .. } => "String",
        Shape::Integer(_) => "Integer",
        Shape::Long(_) => "Long",
        Shape::Double(_) => "Double",
        Shape::Boolean => "Boolean",
        Shape::Timestamp => "Date",
        Shape::Blob(_) => "Blob",
    };
    let path = path.trim_start_matches('.');
    not_readable(format!("{got} cannot be converted to {wanted} at '{path}'"))
}
