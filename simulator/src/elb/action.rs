//! Which actions a rule may have, and what they look like afterwards.
//!
//! # Source
//! API reference, `Action`, `ForwardActionConfig`, `TargetGroupStickinessConfig`, `AuthenticateOidcActionConfig`; user
//! guide, "Action types for listener rules". Where neither names an error, it is `InvalidLoadBalancerAction` here.

use super::{Elb, invalid, not_found, of_kind};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};

/// Most actions of a rule; AWS names the error, not the number.
const ACTIONS_MAX: usize = 5;
/// Most groups of a forward action (quotas).
const GROUPS_MAX: usize = 5;
/// Heaviest weight (API reference, `TargetGroupTuple`).
const WEIGHT_MAX: i64 = 999;
/// Seven days (API reference, `TargetGroupStickinessConfig`).
const STICKY_SECONDS_MAX: i64 = 604_800;
/// The weight of a group for which none is given.
const WEIGHT: i64 = 1;

/// A forward action, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// ARN and weight, in the order in which they were given.
    pub groups: Vec<(String, u32)>,
    /// For how long a client stays with the group that its first request came to, where it does.
    pub sticky_seconds: Option<i64>,
}

/// Who asks for new actions, and what they replace.
pub(super) struct Place<'a> {
    pub elb: &'a Elb,
    pub balancer: &'a str,
    /// `HTTP` or `HTTPS`.
    pub protocol: &'a str,
    pub before: &'a [Value],
}

impl Place<'_> {
    /// The actions as they are kept, in their order.
    ///
    /// # Errors
    /// As AWS refuses.
    pub fn check(&self, given: &Value) -> Result<Vec<Value>, Refusal> {
        let given = given.as_array().map(Vec::as_slice).unwrap_or_default();
        if given.is_empty() {
            return Err(invalid("You must specify at least one action"));
        }
        if given.len() > ACTIONS_MAX {
            let message = format!("A rule can have at most {ACTIONS_MAX} actions");
            return Err(Refusal::new("TooManyActionsException", message));
        }
        let mut actions = given
            .iter()
            .map(|action| self.action(action))
            .collect::<Result<Vec<_>, _>>()?;
        let orders: Vec<i64> = actions.iter().filter_map(|action| action["Order"].as_i64()).collect();
        if actions.len() > 1 && orders.len() < actions.len() {
            return Err(wrong("You must specify an order for each of several actions"));
        }
        actions.sort_by_key(|action| action["Order"].as_i64());
        if actions.windows(2).any(|pair| pair[0]["Order"] == pair[1]["Order"]) {
            return Err(wrong("The order of each action must be unique"));
        }
        let answers: Vec<bool> = actions.iter().map(answers).collect();
        if answers.iter().filter(|answers| **answers).count() != 1 || answers.last() != Some(&true) {
            return Err(wrong(
                "The last action must be of type 'forward', 'redirect' or 'fixed-response', and no other may be",
            ));
        }
        Ok(actions)
    }

    fn action(&self, given: &Value) -> Result<Value, Refusal> {
        let mut action = given.clone();
        match given["Type"].as_str().unwrap_or_default() {
            "forward" => {
                let config = self.forward(given)?;
                if let [group] = config["TargetGroups"].as_array().map(Vec::as_slice).unwrap_or_default() {
                    action["TargetGroupArn"] = group["TargetGroupArn"].clone();
                }
                action["ForwardConfig"] = config;
            }
            "authenticate-oidc" => {
                self.only_https("authenticate-oidc")?;
                let config = self.oidc(&given["AuthenticateOidcConfig"])?;
                action["AuthenticateOidcConfig"] = config;
            }
            "authenticate-cognito" => {
                self.only_https("authenticate-cognito")?;
                let config = lacks(&given["AuthenticateCognitoConfig"], "AuthenticateCognitoConfig")?;
                action["AuthenticateCognitoConfig"] = authenticating(config);
            }
            "redirect" => drop(lacks(&given["RedirectConfig"], "RedirectConfig")?),
            "fixed-response" => drop(lacks(&given["FixedResponseConfig"], "FixedResponseConfig")?),
            other => return Err(wrong(format!("Actions of type '{other}' are not simulated"))),
        }
        Ok(action)
    }

    /// A `ForwardConfig`, made of whichever of the two ways to say it was used.
    fn forward(&self, given: &Value) -> Result<Value, Refusal> {
        let single = given["TargetGroupArn"].as_str();
        let groups = match (&given["ForwardConfig"]["TargetGroups"], single) {
            (Value::Null, None) => return Err(wrong("A forward action must name a target group")),
            (Value::Null, Some(arn)) => vec![json!({"TargetGroupArn": arn, "Weight": WEIGHT})],
            (groups, single) => {
                let groups = groups.as_array().cloned().unwrap_or_default();
                let arns: Vec<&str> = groups
                    .iter()
                    .filter_map(|group| group["TargetGroupArn"].as_str())
                    .collect();
                if single.is_some_and(|single| arns != [single]) {
                    return Err(wrong(
                        "If both TargetGroupArn and ForwardConfig are specified, ForwardConfig can have only one \
                         target group, and it must be the same",
                    ));
                }
                groups
            }
        };
        if groups.len() > GROUPS_MAX {
            let message = format!("A forward action can have at most {GROUPS_MAX} target groups");
            return Err(Refusal::new("TooManyTargetsException", message));
        }
        let mut kept: Vec<Value> = Vec::new();
        for group in groups {
            let arn = group["TargetGroupArn"].as_str().unwrap_or_default();
            let weight = group["Weight"].as_i64().unwrap_or(WEIGHT);
            self.usable(arn)?;
            if !(0..=WEIGHT_MAX).contains(&weight) {
                return Err(invalid(format!(
                    "Target group weight '{weight}' must be between 0 and {WEIGHT_MAX} inclusive"
                )));
            }
            if kept.iter().any(|other| other["TargetGroupArn"] == arn) {
                return Err(wrong(format!("Target group '{arn}' is named twice")));
            }
            kept.push(json!({"TargetGroupArn": arn, "Weight": weight}));
        }
        if kept.is_empty() {
            return Err(wrong("A forward action must name a target group"));
        }
        let sticky = stickiness(&given["ForwardConfig"]["TargetGroupStickinessConfig"])?;
        Ok(json!({"TargetGroups": kept, "TargetGroupStickinessConfig": sticky}))
    }

    /// The group is there, and no other load balancer's.
    fn usable(&self, arn: &str) -> Result<(), Refusal> {
        of_kind(arn, "targetgroup", "target group")?;
        if !self.elb.groups.contains_key(arn) {
            return Err(not_found("targetgroup"));
        }
        match self.elb.balancer_of(arn) {
            Some(balancer) if balancer != self.balancer => Err(Refusal::new(
                "TargetGroupAssociationLimitException",
                format!("The following target groups cannot be associated with more than one load balancer: {arn}"),
            )),
            _ => Ok(()),
        }
    }

    /// The secret is kept and never told: whoever sends an action back as it was described must say that it stays.
    fn oidc(&self, given: &Value) -> Result<Value, Refusal> {
        let mut config = authenticating(lacks(given, "AuthenticateOidcConfig")?);
        let kept = config["UseExistingClientSecret"] == true;
        let secret = &given["ClientSecret"];
        let before = self
            .before
            .iter()
            .map(|action| &action["AuthenticateOidcConfig"]["ClientSecret"]);
        let mut before = before.filter(|secret| secret.is_string());
        let before = before.next();
        config["ClientSecret"] = match (secret.is_string(), kept, before) {
            (true, false, _) => secret.clone(),
            (false, true, Some(before)) => before.clone(),
            (true, true, _) => {
                return Err(wrong(
                    "ClientSecret and UseExistingClientSecret cannot both be specified",
                ));
            }
            (false, true, None) => return Err(wrong("There is no existing client secret to use")),
            (false, false, _) => {
                return Err(wrong(
                    "You must specify a client secret, or that the existing one is used (UseExistingClientSecret)",
                ));
            }
        };
        if let Some(members) = config.as_object_mut() {
            members.remove("UseExistingClientSecret");
        }
        Ok(config)
    }

    fn only_https(&self, kind: &str) -> Result<(), Refusal> {
        match self.protocol {
            "HTTPS" => Ok(()),
            _ => Err(wrong(format!(
                "Actions of type '{kind}' are supported only on HTTPS listeners"
            ))),
        }
    }
}

/// What a client is told of actions: everything but secrets.
pub(super) fn shown(actions: &[Value]) -> Vec<Value> {
    let mut actions = actions.to_vec();
    for action in &mut actions {
        let config = action.get_mut("AuthenticateOidcConfig").and_then(Value::as_object_mut);
        if let Some(config) = config {
            config.remove("ClientSecret");
        }
    }
    actions
}

/// What the actions forward to.
pub(super) fn forward(actions: &[Value]) -> Option<Forward> {
    let config = &actions.iter().find(|action| action["Type"] == "forward")?["ForwardConfig"];
    let groups = config["TargetGroups"].as_array().into_iter().flatten().map(|group| {
        let weight = group["Weight"].as_u64().and_then(|weight| u32::try_from(weight).ok());
        let arn = group["TargetGroupArn"].as_str().unwrap_or_default();
        (arn.to_owned(), weight.unwrap_or_default())
    });
    let sticky = &config["TargetGroupStickinessConfig"];
    Some(Forward {
        groups: groups.collect(),
        sticky_seconds: sticky["DurationSeconds"].as_i64().filter(|_| sticky["Enabled"] == true),
    })
}

fn stickiness(given: &Value) -> Result<Value, Refusal> {
    let mut kept = given.as_object().cloned().unwrap_or_default();
    let enabled = kept.get("Enabled") == Some(&json!(true));
    let seconds = kept.get("DurationSeconds").and_then(Value::as_i64);
    kept.insert("Enabled".to_owned(), json!(enabled));
    if enabled && seconds.is_none() {
        return Err(invalid(
            "DurationSeconds is required when target group stickiness is enabled",
        ));
    }
    if seconds.is_some_and(|seconds| !(1..=STICKY_SECONDS_MAX).contains(&seconds)) {
        return Err(invalid(format!(
            "Target group stickiness duration must be between 1 and {STICKY_SECONDS_MAX} seconds"
        )));
    }
    Ok(Value::Object(kept))
}

/// With AWS's defaults for what both kinds of authentication leave open.
fn authenticating(mut config: Map<String, Value>) -> Value {
    for (member, default) in [
        ("SessionCookieName", json!("AWSELBAuthSessionCookie")),
        ("Scope", json!("openid")),
        ("SessionTimeout", json!(STICKY_SECONDS_MAX)),
        ("OnUnauthenticatedRequest", json!("authenticate")),
    ] {
        config.entry(member).or_insert(default);
    }
    Value::Object(config)
}

fn lacks(config: &Value, member: &str) -> Result<Map<String, Value>, Refusal> {
    let found = config.as_object().cloned();
    found.ok_or_else(|| wrong(format!("{member} is required for this type of action")))
}

fn answers(action: &Value) -> bool {
    matches!(action["Type"].as_str(), Some("forward" | "redirect" | "fixed-response"))
}

fn wrong(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidLoadBalancerActionException", message)
}
