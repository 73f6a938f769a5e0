//! `ExpressionAttributeNames` and `ExpressionAttributeValues` of a request.

use super::invalid;
use super::value::canonical;
use crate::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What `#name` and `:value` stand for, and which of them were used.
#[derive(Debug)]
pub struct Placeholders<'a> {
    names: Option<&'a Map<String, Value>>,
    values: BTreeMap<&'a str, Value>,
    used: BTreeSet<String>,
}

impl<'a> Placeholders<'a> {
    /// Reads them from a request whose members named `expressions` may use them.
    ///
    /// # Errors
    ///
    /// They are there without an expression, or are none.
    pub fn of(request: &'a Value, expressions: &[&str]) -> Result<Placeholders<'a>, Refusal> {
        let names = request["ExpressionAttributeNames"].as_object();
        let values = request["ExpressionAttributeValues"].as_object();
        if expressions.iter().all(|expression| request[expression].is_null()) {
            if names.is_some() {
                return Err(invalid(
                    "ExpressionAttributeNames can only be specified when using expressions",
                ));
            }
            if values.is_some() {
                let are = if expressions.len() > 1 { "are" } else { "is" };
                let all = expressions.join(" and ");
                return Err(invalid(format!(
                    "ExpressionAttributeValues can only be specified when using expressions: {all} {are} null"
                )));
            }
        }
        check_keys("ExpressionAttributeNames", names, '#')?;
        check_keys("ExpressionAttributeValues", values, ':')?;
        let mut read = BTreeMap::new();
        for (name, value) in values.into_iter().flatten() {
            let value = canonical(value).map_err(|why| {
                invalid(format!(
                    "ExpressionAttributeValues contains invalid value: {why} for key {name}"
                ))
            })?;
            read.insert(name.as_str(), value);
        }
        Ok(Placeholders {
            names,
            values: read,
            used: BTreeSet::new(),
        })
    }

    /// What `#name` stands for.
    pub fn name(&mut self, placeholder: &str) -> Option<String> {
        let name = self.names?.get(placeholder)?.as_str()?;
        self.used.insert(placeholder.to_owned());
        Some(name.to_owned())
    }

    /// What `:value` stands for.
    pub fn value(&mut self, placeholder: &str) -> Option<Value> {
        let value = self.values.get(placeholder)?;
        self.used.insert(placeholder.to_owned());
        Some(value.clone())
    }

    /// To be asked after all expressions were read.
    ///
    /// # Errors
    ///
    /// Some placeholder was not used.
    pub fn all_used(&self) -> Result<(), Refusal> {
        let names = self.names.into_iter().flatten().map(|(name, _)| name.as_str());
        self.unused("Names", names.collect())?;
        self.unused("Values", self.values.keys().copied().collect())
    }

    fn unused(&self, which: &str, all: Vec<&str>) -> Result<(), Refusal> {
        let unused: Vec<&str> = all.into_iter().filter(|name| !self.used.contains(*name)).collect();
        if unused.is_empty() {
            return Ok(());
        }
        let keys = unused.join(", ");
        Err(invalid(format!(
            "Value provided in ExpressionAttribute{which} unused in expressions: keys: {{{keys}}}"
        )))
    }
}

fn check_keys(member: &str, map: Option<&Map<String, Value>>, sign: char) -> Result<(), Refusal> {
    let Some(map) = map else {
        return Ok(());
    };
    if map.is_empty() {
        return Err(invalid(format!("{member} must not be empty")));
    }
    let good = |key: &str| {
        let rest = key.strip_prefix(sign).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match map.keys().find(|key| !good(key)) {
        Some(key) => Err(invalid(format!(
            "{member} contains invalid key: Syntax error; key: \"{key}\""
        ))),
        None => Ok(()),
    }
}
