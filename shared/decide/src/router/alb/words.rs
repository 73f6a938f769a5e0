//! What people are told of a rule, its target groups and their weights.

use crate::policy::Alb;
use crate::seen::SeenForward;
use crate::{Release, Weights};

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

/// Whoever has a session at the canary stays there for a while.
pub(super) fn tail(there: &SeenForward) -> String {
    let sticky = there.sticky_seconds;
    sticky
        .map(|seconds| format!("; sessions that stick to the canary stay there for up to {seconds} s"))
        .unwrap_or_default()
}
