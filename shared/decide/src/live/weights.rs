//! What does the load balancer's rule do, and what would each step make of it?

use super::services::{CANARY, STABLE};
use super::{Findings, Found, Rule, Service, Weight};
use crate::policy::{Alb, Traffic};
use crate::router::{self, SharesBy};
use crate::{Policy, SeenForward, Weights};
use serde::Serialize;

const RULE: &str = "traffic.rule";
const CANARY_GROUP: &str = "traffic.canary_target_group";
const STABLE_GROUP: &str = "traffic.stable_target_group";

/// Weights of two target groups, and the share that they give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Weighing {
    /// Weight of the canary's group.
    pub canary: u32,
    /// Weight of stable's.
    pub stable: u32,
    /// The canary's share in thousandths, to the nearest; nothing where both are 0.
    pub permille: Option<u32>,
}

impl Weighing {
    /// What these give.
    pub(super) fn of(weights: Weights) -> Weighing {
        Weighing {
            canary: weights.canary,
            stable: weights.stable,
            permille: weights.permille(),
        }
    }
}

/// The weights as they are; nothing where that cannot be told.
pub(super) fn judge(policy: &Policy, found: &Found, findings: &mut Findings) -> Option<Weighing> {
    let alb = match &policy.traffic {
        Traffic::Alb(alb) => alb,
        Traffic::ConsumerShare { .. } => return None,
    };
    registered(policy, alb, found, findings);
    let Some(rule) = findings.read(RULE, &found.rule)? else {
        let text = "is not there in this account and region; create it, or correct the policy";
        findings.add(Weight::Refused, RULE, text);
        return None;
    };
    tagged(policy, rule, findings);
    if rule.is_default && !alb.is_default_action() {
        let text = "is a default rule, which cannot be modified; write the ARN of its listener";
        findings.add(Weight::Refused, RULE, text);
    }
    let Some(forwards) = &rule.forwards else {
        let text = "forwards to no target group; let it forward to both, the canary's with weight 0 or more";
        findings.add(Weight::Refused, RULE, text);
        return None;
    };
    weighed(policy, alb, forwards, findings);
    let weights = Weights {
        canary: forwards.canary.unwrap_or_default(),
        stable: forwards.stable.unwrap_or_default(),
    };
    rests(alb, weights, findings);
    let retired = policy.swaps() && desired(found) == Some(0);
    if !retired {
        healthy(forwards, rule, findings);
    }
    Some(Weighing::of(weights))
}

/// Whoever may write a policy must not thereby command another team's rule.
fn tagged(policy: &Policy, rule: &Rule, findings: &mut Findings) {
    let name = &policy.name;
    match findings.read(RULE, &rule.policy_tag) {
        Some(Some(tag)) if tag == name => {}
        Some(Some(other)) => {
            let text = format!("is tagged serin:policy={other}, and not {name}; one rule, one policy");
            findings.add(Weight::Refused, RULE, text);
        }
        Some(None) => {
            let text = format!("has no tag serin:policy, so IAM refuses every shift; tag it serin:policy={name}");
            findings.add(Weight::Refused, RULE, text);
        }
        None => {}
    }
}

/// Each service's tasks are in the group that the policy says, and ECS leaves the rule alone.
fn registered(policy: &Policy, alb: &Alb, found: &Found, findings: &mut Findings) {
    let names = &policy.two_services;
    let both = [
        (
            &found.canary,
            &names.canary,
            CANARY,
            CANARY_GROUP,
            &alb.canary_target_group,
        ),
        (
            &found.stable,
            &names.stable,
            STABLE,
            STABLE_GROUP,
            &alb.stable_target_group,
        ),
    ];
    for (part, name, service, field, group) in both {
        let Some(seen) = part.known().and_then(Option::as_ref) else {
            continue;
        };
        let Service {
            target_groups,
            shifted_by_ecs,
            ..
        } = seen;
        if !target_groups.contains(group) {
            let text = match target_groups.as_slice() {
                [] => format!("{name} registers its tasks with no target group; give it this one as its load balancer"),
                others => format!(
                    "{name} registers its tasks with {}; name that, or move the service",
                    others.join(", ")
                ),
            };
            findings.add(Weight::Refused, field, text);
        }
        if shifted_by_ecs.iter().any(|rule| alb.is_set_by(rule)) {
            let text = format!(
                "ECS itself sets the weights of the rule in deployments of {name}; give it the deployment strategy ROLLING"
            );
            findings.add(Weight::Refused, service, text);
        }
    }
}

/// Tasks of the canary.
fn desired(found: &Found) -> Option<u32> {
    Some(found.canary.known()?.as_ref()?.desired)
}

fn weighed(policy: &Policy, alb: &Alb, forwards: &SeenForward, findings: &mut Findings) {
    if let Err(why) = policy.in_roles(Some(forwards)) {
        findings.add(Weight::Refused, RULE, why);
    }
    let both = forwards.canary.is_some_and(|canary| canary > 0);
    if policy.swaps() && both {
        let text =
            "sends somebody to both sides: the smaller one is the next canary, and gets its revision with that share";
        findings.add(Weight::Warning, RULE, text);
    }
    if forwards.stable.is_none() {
        let text = "is not among the groups that the rule forwards to; put it there";
        findings.add(Weight::Refused, STABLE_GROUP, text);
    }
    if forwards.canary.is_none() {
        let text = "is not among the groups that the rule forwards to; Serin puts it there with weight 0, and until then its \
                    targets have no health checks";
        findings.add(Weight::Advice, CANARY_GROUP, text);
    }
    if forwards.others > 0 {
        let text = format!(
            "gives {} to other target groups than these two: no share could be kept; take their weights away",
            forwards.others
        );
        findings.add(Weight::Refused, RULE, text);
    }
    if let Some(seconds) = forwards.sticky_seconds {
        let text = format!(
            "has sessions stick to their target group for {seconds} s: shares count for new sessions, and for as long after \
             a rollback some people still see the canary"
        );
        findings.add(Weight::Warning, RULE, text);
    }
    if alb.resting_share_permille.is_none() && both && !policy.swaps() {
        let text = "is not written: whatever the weights are when a release is opened is what they go back to";
        findings.add(Weight::Advice, "traffic.resting_share_permille", text);
    }
}

fn rests(alb: &Alb, weights: Weights, findings: &mut Findings) {
    if weights.permille().is_none() {
        let text = "serves nobody: the weights of both groups are 0; give stable's a weight";
        return findings.add(Weight::Refused, RULE, text);
    }
    if let Some(rests) = alb.resting_share_permille.filter(|rests| !weights.are_of_share(*rests)) {
        let text = format!(
            "is {rests}, and the weights are {weights}: the first release changes that to {}",
            Weights::of_share(rests)
        );
        findings.add(Weight::Warning, "traffic.resting_share_permille", text);
    }
}

fn healthy(forwards: &SeenForward, rule: &Rule, findings: &mut Findings) {
    // Without a rule there are no health checks either.
    if forwards.canary.is_none() {
        return;
    }
    let Some(targets) = findings.read(CANARY_GROUP, &rule.targets) else {
        return;
    };
    if targets.healthy < targets.all || targets.all == 0 {
        let why = targets.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let text = format!(
            "has {} healthy targets of {}{why}; no share is given before all are",
            targets.healthy, targets.all
        );
        findings.add(Weight::Warning, CANARY_GROUP, text);
    }
}

/// The weights that a step would set.
pub(super) fn of_step(policy: &Policy, share: Option<u32>) -> Option<Weighing> {
    match router::can(&policy.traffic).by {
        SharesBy::Weights => share.map(|share| Weighing::of(Weights::of_share(share))),
        SharesBy::Tasks => None,
    }
}
