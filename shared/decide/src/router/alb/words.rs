//! What people are told of a rule, its target groups and their weights.

use crate::policy::Alb;
use crate::seen::SeenForward;
use crate::{At, Release, Weights};

pub(super) fn gone(alb: &Alb) -> String {
    format!("{} is not there any more", rule_name(alb))
}

/// Of a rule that is there and shares nothing out.
pub(super) fn answers(alb: &Alb, kind: &str) -> String {
    format!(
        "{} answers by itself ({kind}) and forwards to no target group: there are no weights",
        rule_name(alb)
    )
}

pub(super) fn said_of_theirs(release: &Release, theirs: Weights) -> String {
    let given = release.weights.as_ref().map(|weights| weights.given);
    let before = given.map(|given| format!(" instead of {given}")).unwrap_or_default();
    format!("somebody else has set the weights to {theirs}{before}; put them back, or abort")
}

/// How people find the rule: by its last part, and the name of its load balancer.
pub(super) fn rule_name(alb: &Alb) -> String {
    let (last, balancer) = (alb.rule.rsplit('/').next(), alb.rule.split('/').nth(2));
    let kind = if alb.is_default_action() { "listener" } else { "rule" };
    format!(
        "{kind} {} of {}",
        last.unwrap_or_default(),
        balancer.unwrap_or_default()
    )
}

/// Name of a target group, from its ARN.
pub(super) fn group(arn: &str) -> &str {
    let mut parts = arn.split('/');
    parts.nth(1).unwrap_or(arn)
}

/// Whoever has had a session at the canary since before the weights were set last stays there, until that is over.
pub(super) fn tail(release: &Release, there: &SeenForward, at: At) -> String {
    let set = release.weights.as_ref().map(|weights| weights.at);
    let until = set.zip(there.sticky_seconds);
    let until = until.map(|(set, seconds)| set.plus_seconds(seconds));
    let until = until.filter(|until| at < *until);
    until
        .map(|until| format!("; sessions stick to {} until {until}", release.canary.name))
        .unwrap_or_default()
}
