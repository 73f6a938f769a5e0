//! Intrinsic functions, with the values that a stack of stories has.

use super::Template;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How deep functions may stand in one another: whoever goes round in a circle is told so.
const DEPTH_MAX: u32 = 40;

/// A template as one stack deploys it.
pub struct Resolve<'a> {
    template: &'a Template,
    /// Parameters that are given; the others have their defaults.
    given: BTreeMap<String, Value>,
    /// `Ref` of a resource.
    refs: BTreeMap<String, String>,
    /// `GetAtt`, as `Resource.Attribute`.
    attributes: BTreeMap<String, String>,
}

impl<'a> Resolve<'a> {
    /// With the defaults of all parameters.
    pub fn new(template: &'a Template) -> Resolve<'a> {
        Resolve {
            template,
            given: BTreeMap::new(),
            refs: BTreeMap::new(),
            attributes: BTreeMap::new(),
        }
    }

    /// The same with a parameter.
    pub fn given(mut self, parameter: &str, value: Value) -> Resolve<'a> {
        self.given.insert(parameter.to_owned(), value);
        self
    }

    /// The same where a resource has this physical name and this ARN.
    pub fn named(mut self, resource: &str, name: &str, arn: &str) -> Resolve<'a> {
        self.refs.insert(resource.to_owned(), name.to_owned());
        self.attributes.insert(format!("{resource}.Arn"), arn.to_owned());
        self
    }

    /// The same where a resource has this attribute as well.
    pub fn attribute(mut self, resource: &str, name: &str, value: &str) -> Resolve<'a> {
        self.attributes.insert(format!("{resource}.{name}"), value.to_owned());
        self
    }

    /// A node without functions; none where it is `AWS::NoValue`.
    ///
    /// # Errors
    /// What cannot be resolved.
    pub fn value(&self, node: &Value) -> Result<Value, String> {
        Ok(self.node(node, 0)?.unwrap_or(Value::Null))
    }

    fn node(&self, node: &Value, depth: u32) -> Result<Option<Value>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("{node} never comes to an end"));
        }
        match node {
            Value::Object(members) => match sole(members) {
                Some((name, argument)) if name == "Ref" || name == "Condition" || name.starts_with("Fn::") => {
                    self.function(name, argument, depth + 1)
                }
                _ => {
                    let mut resolved = Map::new();
                    for (key, value) in members {
                        if let Some(value) = self.node(value, depth + 1)? {
                            resolved.insert(key.clone(), value);
                        }
                    }
                    Ok(Some(Value::Object(resolved)))
                }
            },
            Value::Array(values) => {
                let resolved: Result<Vec<_>, _> = values.iter().map(|value| self.node(value, depth + 1)).collect();
                Ok(Some(Value::Array(resolved?.into_iter().flatten().collect())))
            }
            plain => Ok(Some(plain.clone())),
        }
    }

    fn function(&self, name: &str, argument: &Value, depth: u32) -> Result<Option<Value>, String> {
        let wrong = || format!("{name} {argument} is not understood");
        let arguments = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        match (name, arguments) {
            ("Ref", _) => match argument.as_str().ok_or_else(wrong)? {
                "AWS::NoValue" => Ok(None),
                of => self.reference(of).map(Some),
            },
            ("Fn::GetAtt", [resource, attribute]) => {
                let of = [resource, attribute]
                    .map(|part| part.as_str().unwrap_or_default())
                    .join(".");
                let found = self.attributes.get(&of);
                found
                    .map(|value| Some(json!(value)))
                    .ok_or(format!("!GetAtt {of} has no value here"))
            }
            ("Fn::Sub", _) => self.substituted(argument, depth).map(Some),
            ("Fn::Join", [between, parts]) => {
                let (between, parts) = (between.as_str().ok_or_else(wrong)?, self.node(parts, depth)?);
                let parts = parts.as_ref().and_then(Value::as_array).ok_or_else(wrong)?;
                let texts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
                Ok(Some(json!(texts.ok_or_else(wrong)?.join(between))))
            }
            ("Fn::If", [condition, then, or]) => {
                let condition = condition.as_str().ok_or_else(wrong)?;
                self.node(if self.condition(condition, depth)? { then } else { or }, depth)
            }
            ("Condition", _) => {
                let name = argument.as_str().ok_or_else(wrong)?;
                Ok(Some(json!(self.condition(name, depth)?)))
            }
            ("Fn::Equals", [one, other]) => Ok(Some(json!(self.node(one, depth)? == self.node(other, depth)?))),
            ("Fn::Not", [condition]) => Ok(Some(json!(!self.truth(condition, depth)?))),
            ("Fn::And", all) if !all.is_empty() => {
                self.truths(all, depth).map(|all| Some(json!(!all.contains(&false))))
            }
            ("Fn::Or", any) if !any.is_empty() => self.truths(any, depth).map(|any| Some(json!(any.contains(&true)))),
            _ => Err(wrong()),
        }
    }

    /// Whether a condition of the template holds.
    fn condition(&self, name: &str, depth: u32) -> Result<bool, String> {
        let condition = &self.template.document["Conditions"][name];
        match condition {
            Value::Null => Err(format!("there is no condition {name}")),
            condition => self.truth(condition, depth),
        }
    }

    fn truth(&self, condition: &Value, depth: u32) -> Result<bool, String> {
        let value = self.node(condition, depth + 1)?;
        value
            .as_ref()
            .and_then(Value::as_bool)
            .ok_or(format!("{condition} is neither true nor false"))
    }

    fn truths(&self, conditions: &[Value], depth: u32) -> Result<Vec<bool>, String> {
        conditions
            .iter()
            .map(|condition| self.truth(condition, depth))
            .collect()
    }

    /// Pseudo parameters, parameters and resources.
    fn reference(&self, name: &str) -> Result<Value, String> {
        let pseudo = match name {
            "AWS::AccountId" => Some(super::permissions::ACCOUNT),
            "AWS::Region" => Some(super::permissions::REGION),
            "AWS::Partition" => Some("aws"),
            "AWS::StackName" => Some(super::permissions::STACK),
            _ => self.refs.get(name).map(String::as_str),
        };
        if let Some(value) = pseudo {
            return Ok(json!(value));
        }
        let parameter = &self.template.document["Parameters"][name];
        let value = self.given.get(name).unwrap_or(&parameter["Default"]);
        match (parameter["Type"].as_str(), value) {
            (Some("CommaDelimitedList"), Value::String(list)) => Ok(json!(list.split(',').collect::<Vec<_>>())),
            (Some("String" | "Number"), Value::String(_) | Value::Number(_)) => Ok(value.clone()),
            _ => Err(format!("!Ref {name} has no value here")),
        }
    }

    /// `${Name}`, `${Name.Attribute}`, and `${!Name}` for the text itself.
    fn substituted(&self, argument: &Value, depth: u32) -> Result<Value, String> {
        let (text, variables) = match argument {
            Value::String(text) => (text.as_str(), &Value::Null),
            Value::Array(both) if both.len() == 2 && both[1].is_object() => {
                (both[0].as_str().unwrap_or_default(), &both[1])
            }
            other => return Err(format!("!Sub {other} is not understood")),
        };
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').ok_or(format!("!Sub {text}: a brace is open"))?;
            resolved.push_str(before);
            match name.strip_prefix('!') {
                Some(literal) => resolved.push_str(&format!("${{{literal}}}")),
                None => resolved.push_str(&self.variable(name, variables, depth)?),
            }
            rest = behind;
        }
        resolved.push_str(rest);
        Ok(json!(resolved))
    }

    fn variable(&self, name: &str, variables: &Value, depth: u32) -> Result<String, String> {
        let value = match (variables.get(name), name.split_once('.')) {
            (Some(variable), _) => self.node(variable, depth + 1)?.unwrap_or_default(),
            (None, Some((resource, attribute))) => self
                .function("Fn::GetAtt", &json!([resource, attribute]), depth + 1)?
                .unwrap_or_default(),
            (None, None) => self.reference(name)?,
        };
        match value {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            other => Err(format!("${{{name}}} is no text: {other}")),
        }
    }
}

fn sole(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    match members.len() {
        1 => members.iter().next().map(|(name, value)| (name.as_str(), value)),
        _ => None,
    }
}
