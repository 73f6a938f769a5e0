//! Rules: what is told of them, and how they change. A listener's default rule is one of them.

use super::action::{self, Forward, Place};
use super::{Elb, invalid, not_found, of_kind, page, text, texts};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// A rule of a listener.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub listener: String,
    /// The default rule has none, and comes last.
    pub priority: Option<u32>,
    pub conditions: Vec<Value>,
    /// As they were given, secrets and all.
    pub actions: Vec<Value>,
    pub forward: Option<Forward>,
}

impl Rule {
    pub fn new(listener: &str, priority: Option<u32>, conditions: &Value, actions: Vec<Value>) -> Rule {
        Rule {
            listener: listener.to_owned(),
            priority,
            conditions: kept(conditions),
            forward: action::forward(&actions),
            actions,
        }
    }

    /// ARNs of the groups that it forwards to, whatever their weight.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = self.forward.iter().flat_map(|forward| &forward.groups);
        groups.map(|(arn, _)| arn.as_str())
    }

    pub fn names(&self, group: &str) -> bool {
        self.groups().any(|arn| arn == group)
    }

    fn json(&self, arn: &str) -> Value {
        let priority = self.priority.map_or("default".to_owned(), |number| number.to_string());
        json!({
            "RuleArn": arn, "Priority": priority, "IsDefault": self.priority.is_none(),
            "Conditions": self.conditions, "Actions": action::shown(&self.actions), "Transforms": [],
        })
    }
}

impl Elb {
    /// A listener's rules in the order in which they are asked.
    pub(super) fn rules_of<'a>(&'a self, listener: &str) -> Vec<(&'a str, &'a Rule)> {
        let rules = self.rules.iter().map(|(arn, rule)| (arn.as_str(), rule));
        let mut rules: Vec<_> = rules.filter(|(_, rule)| rule.listener == listener).collect();
        rules.sort_by_key(|(_, rule)| (rule.priority.is_none(), rule.priority));
        rules
    }

    /// Checks new actions for a listener.
    ///
    /// # Errors
    /// As AWS refuses.
    pub(super) fn checked(&self, listener: &str, given: &Value, before: &[Value]) -> Result<Vec<Value>, Refusal> {
        let found = self.listeners.get(listener).ok_or_else(|| not_found("listener"))?;
        let place = Place {
            elb: self,
            balancer: &found.balancer,
            protocol: &found.protocol,
            before,
        };
        place.check(given)
    }
}

pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let elb = &world.elb;
    let found: Vec<(&str, &Rule)> = match (text(input, "ListenerArn"), input["RuleArns"].is_array()) {
        (Some(_), true) => {
            return Err(invalid(
                "A listener ARN and rule ARNs cannot be specified at the same time",
            ));
        }
        (None, false) => return Err(invalid("Either a listener ARN or rule ARNs must be specified")),
        (Some(listener), false) => {
            of_kind(listener, "listener", "listener")?;
            if !elb.listeners.contains_key(listener) {
                return Err(not_found("listener"));
            }
            elb.rules_of(listener)
        }
        (None, true) => {
            let mut found = Vec::new();
            for arn in texts(input, "RuleArns") {
                of_kind(arn, "listener-rule", "listener rule")?;
                let rule = elb.rules.get(arn).ok_or_else(|| not_found("listener-rule"))?;
                found.push((arn, rule));
            }
            found
        }
    };
    let found = found.into_iter().map(|(arn, rule)| rule.json(arn)).collect();
    page::of(found, "Rules", input, world.page_size)
}

pub(super) fn modify(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let arn = text(input, "RuleArn").unwrap_or_default();
    of_kind(arn, "listener-rule", "listener rule")?;
    for member in ["Transforms", "ResetTransforms"] {
        if !input[member].is_null() {
            return Err(invalid(format!("{member} is not simulated")));
        }
    }
    let elb = &mut world.elb;
    let rule = elb.rules.get(arn).ok_or_else(|| not_found("listener-rule"))?;
    if rule.priority.is_none() {
        let message = format!("Default rule '{arn}' cannot be modified");
        return Err(Refusal::new("OperationNotPermittedException", message));
    }
    let actions = match &input["Actions"] {
        Value::Null if input["Conditions"].is_null() => {
            return Err(invalid("You must specify at least one of conditions and actions"));
        }
        Value::Null => None,
        given => Some(elb.checked(&rule.listener, given, &rule.actions)?),
    };
    if input["Conditions"].as_array().is_some_and(Vec::is_empty) {
        return Err(invalid("A condition must be specified"));
    }
    let Some(rule) = elb.rules.get_mut(arn) else {
        return Err(not_found("listener-rule"));
    };
    if !input["Conditions"].is_null() {
        rule.conditions = kept(&input["Conditions"]);
    }
    if let Some(actions) = actions {
        rule.forward = action::forward(&actions);
        rule.actions = actions;
    }
    let reply = json!({"Rules": [rule.json(arn)]});
    elb.settle(world.now);
    Ok(reply)
}

/// Conditions on hosts and paths are told in both of the ways in which they can be given.
fn kept(given: &Value) -> Vec<Value> {
    let mut conditions = given.as_array().cloned().unwrap_or_default();
    for condition in &mut conditions {
        let config = match condition["Field"].as_str() {
            Some("path-pattern") => "PathPatternConfig",
            Some("host-header") => "HostHeaderConfig",
            _ => continue,
        };
        let values = match &condition["Values"] {
            Value::Null => condition[config]["Values"].clone(),
            values => values.clone(),
        };
        condition["Values"] = values.clone();
        condition[config]["Values"] = values;
    }
    conditions
}
