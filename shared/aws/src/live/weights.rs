//! The rule that shares the work, its tag, and the canary's targets.

use super::unread;
use crate::Clients;
use crate::observe::weights::{actions, forward, tag, targets};
use aws_sdk_elasticloadbalancingv2::Client;
use decide::live::Rule;
use decide::policy::{Alb, Traffic};
use decide::{Part, Policy};
use futures_util::future::join3;

/// What IAM calls the service.
const SERVICE: &str = "elasticloadbalancing";

pub(super) async fn rule(clients: &Clients, policy: &Policy) -> Part<Option<Rule>> {
    let alb = match &policy.traffic {
        Traffic::Alb(alb) => alb,
        Traffic::ConsumerShare { .. } => return Part::Known(None),
    };
    let client = clients.elb();
    let actions = match actions(client, alb).await {
        Ok(Some(actions)) => actions,
        Ok(None) => return Part::Known(None),
        Err(refused) => return unread(SERVICE, &refused),
    };
    let tag = async {
        match tag(client, alb).await {
            Ok(tag) => Part::Known(tag),
            Err(refused) => unread(SERVICE, &refused),
        }
    };
    let (policy_tag, is_default, targets) =
        join3(tag, is_default(client, alb), targets(client, &alb.canary_target_group)).await;
    Part::Known(Some(Rule {
        forwards: forward(&actions, alb),
        policy_tag,
        is_default,
        targets,
    }))
}

/// Whether it is a listener's default rule: a moment ago it was there, so what cannot be read is not said twice.
async fn is_default(client: &Client, alb: &Alb) -> bool {
    if alb.is_default_action() {
        return true;
    }
    let reply = client.describe_rules().rule_arns(&alb.rule).send().await.ok();
    let rule = reply.as_ref().and_then(|reply| reply.rules().first());
    rule.is_some_and(|rule| rule.is_default() == Some(true))
}
