//! What a load balancer's rule forwards to, and whether the canary's targets are healthy.

use super::{POLICY_TAG, unknown};
use crate::Clients;
use crate::refused::Refused;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, TargetHealthDescription, TargetHealthStateEnum};
use decide::policy::{Alb, Traffic};
use decide::{
    Part, Policy, Release, SeenForward, SeenTargets, asks_for_health, asks_for_owner, asks_for_weights, bounded,
};
use futures_util::future::join3;

/// Characters of a load balancer's words that are repeated to people.
const WHY_MAX: usize = 200;

/// All at the same time; nothing, where nobody asks.
pub(super) async fn weights(
    clients: &Clients,
    policy: &Policy,
    release: &Release,
) -> (Part<Option<SeenForward>>, Part<SeenTargets>) {
    let alb = match &policy.traffic {
        Traffic::Alb(alb) if asks_for_weights(policy, release) => alb,
        Traffic::Alb(_) | Traffic::ConsumerShare { .. } => {
            return (Part::Known(None), Part::Known(SeenTargets::default()));
        }
    };
    let health = async {
        match asks_for_health(policy, release) {
            true => targets(clients.elb(), &alb.canary_target_group).await,
            false => Part::Known(SeenTargets::default()),
        }
    };
    let owner = async {
        match asks_for_owner(policy, release) {
            true => tag(clients.elb(), alb).await,
            false => Ok(None),
        }
    };
    let (actions, owner, health) = join3(actions(clients.elb(), alb), owner, health).await;
    let forwards = match (actions, owner) {
        // Of a rule that is gone nobody knows the tags either.
        (Ok(None), _) => Part::Known(None),
        (Err(refused), _) | (_, Err(refused)) => unknown(&refused),
        (Ok(Some(actions)), Ok(tagged)) => {
            let seen = forward(&actions, alb).unwrap_or_else(|| answering(&actions));
            Part::Known(Some(SeenForward { tagged, ..seen }))
        }
    };
    (forwards, health)
}

/// Value of the rule's tag that names its policy.
pub(crate) async fn tag(client: &Client, alb: &Alb) -> Result<Option<String>, Refused> {
    let reply = client.describe_tags().resource_arns(&alb.rule).send().await;
    let reply = reply.map_err(|error| Refused::from_sdk("DescribeTags", &alb.rule, &error))?;
    let mut tags = reply.tag_descriptions().iter().flat_map(|described| described.tags());
    let tag = tags.find(|tag| tag.key() == Some(POLICY_TAG));
    Ok(tag.map(|tag| tag.value().unwrap_or_default().to_owned()))
}

/// The actions of the rule, in order; nothing where it is not there.
///
/// # Source
/// Elastic Load Balancing API Reference, DescribeRules and DescribeListeners: `RuleNotFound`, `ListenerNotFound`.
pub(crate) async fn actions(client: &Client, alb: &Alb) -> Result<Option<Vec<Action>>, Refused> {
    if alb.is_default_action() {
        let reply = client.describe_listeners().listener_arns(&alb.rule).send().await;
        return match reply {
            Ok(reply) => {
                let listener = reply.listeners().first();
                Ok(listener.map(|listener| listener.default_actions().to_vec()))
            }
            Err(error) => not_there(Refused::from_sdk("DescribeListeners", &alb.rule, &error)),
        };
    }
    match client.describe_rules().rule_arns(&alb.rule).send().await {
        Ok(reply) => Ok(reply.rules().first().map(|rule| rule.actions().to_vec())),
        Err(error) => not_there(Refused::from_sdk("DescribeRules", &alb.rule, &error)),
    }
}

fn not_there<T>(refused: Refused) -> Result<Option<T>, Refused> {
    match refused.is("RuleNotFound") || refused.is("ListenerNotFound") {
        true => Ok(None),
        false => Err(refused),
    }
}

/// What a rule does that forwards to nobody: its last action, which is the one that answers.
fn answering(actions: &[Action]) -> SeenForward {
    let kind = actions.last().and_then(Action::r#type);
    SeenForward {
        answers: Some(kind.map_or("nothing", ActionTypeEnum::as_str).to_owned()),
        ..SeenForward::default()
    }
}

/// The one action that forwards, which is the last one; nothing where none does.
pub(crate) fn forward(actions: &[Action], alb: &Alb) -> Option<SeenForward> {
    let forward = actions.iter().find(|action| is_forward(action))?;
    let groups = groups(forward);
    let weight = |arn: &str| {
        let group = groups.iter().find(|(group, _)| group == arn);
        group.map(|(_, weight)| *weight)
    };
    let ours = |arn: &str| arn == alb.canary_target_group || arn == alb.stable_target_group;
    let config = forward.forward_config();
    let sticky = config.and_then(|config| config.target_group_stickiness_config());
    let sticky = sticky.filter(|sticky| sticky.enabled() == Some(true));
    Some(SeenForward {
        canary: weight(&alb.canary_target_group),
        stable: weight(&alb.stable_target_group),
        others: groups
            .iter()
            .filter(|(arn, _)| !ours(arn))
            .map(|(_, weight)| weight)
            .sum(),
        sticky_seconds: sticky.map(|sticky| count(sticky.duration_seconds().unwrap_or_default())),
        ..SeenForward::default()
    })
}

pub(crate) fn is_forward(action: &Action) -> bool {
    action.r#type() == Some(&ActionTypeEnum::Forward)
}

/// Target groups with their weights, in order. One that stands alone is called by its ARN, and has all of it.
pub(crate) fn groups(forward: &Action) -> Vec<(String, u32)> {
    let several = forward
        .forward_config()
        .map(|config| config.target_groups())
        .unwrap_or_default();
    let named = several.iter().filter_map(|group| {
        let weight = group.weight().map_or(1, count);
        Some((group.target_group_arn()?.to_owned(), weight))
    });
    let alone = forward.target_group_arn().filter(|_| several.is_empty());
    named.chain(alone.map(|arn| (arn.to_owned(), 1))).collect()
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Whether the targets of a group are healthy, all of them: the reply has no pages.
pub(crate) async fn targets(client: &Client, group: &str) -> Part<SeenTargets> {
    match client.describe_target_health().target_group_arn(group).send().await {
        Ok(reply) => Part::Known(healthy(reply.target_health_descriptions())),
        Err(error) => unknown(&Refused::from_sdk("DescribeTargetHealth", group, &error)),
    }
}

/// Those that are being deregistered get no new request, and do not count.
fn healthy(targets: &[TargetHealthDescription]) -> SeenTargets {
    let health = targets.iter().filter_map(|target| target.target_health());
    let states = health.filter(|health| {
        !matches!(
            health.state(),
            Some(TargetHealthStateEnum::Draining | TargetHealthStateEnum::UnhealthyDraining)
        )
    });
    let (mut healthy, mut all, mut why) = (0, 0, None);
    for health in states {
        all += 1;
        if health.state() == Some(&TargetHealthStateEnum::Healthy) {
            healthy += 1;
        } else if why.is_none() {
            let state = health
                .state()
                .map(TargetHealthStateEnum::as_str)
                .unwrap_or("of no state");
            let reason = health.description().or(health.reason().map(|reason| reason.as_str()));
            let said = reason.map(|reason| format!("{state}, {reason}"));
            let said = said.unwrap_or_else(|| state.to_owned());
            why = Some(bounded(&said, WHY_MAX));
        }
    }
    SeenTargets { healthy, all, why }
}

#[cfg(test)]
mod tests {
    use super::{answering, forward, healthy};
    use aws_sdk_elasticloadbalancingv2::types::{
        Action, ActionTypeEnum, ForwardActionConfig, TargetGroupStickinessConfig, TargetGroupTuple, TargetHealth,
        TargetHealthDescription, TargetHealthReasonEnum, TargetHealthStateEnum,
    };
    use decide::policy::Alb;
    use decide::{SeenForward, SeenTargets};

    fn alb() -> Alb {
        Alb {
            rule: "rule".to_owned(),
            stable_target_group: "stable".to_owned(),
            canary_target_group: "canary".to_owned(),
            resting_share_permille: None,
        }
    }

    fn to(groups: &[(&str, Option<i32>)], sticky: Option<(bool, i32)>) -> Action {
        let groups = groups.iter().map(|(arn, weight)| {
            let group = TargetGroupTuple::builder().target_group_arn(*arn);
            group.set_weight(*weight).build()
        });
        let sticky = sticky.map(|(enabled, seconds)| {
            let sticky = TargetGroupStickinessConfig::builder().enabled(enabled);
            sticky.duration_seconds(seconds).build()
        });
        let config = ForwardActionConfig::builder()
            .set_target_groups(Some(groups.collect()))
            .set_target_group_stickiness_config(sticky);
        Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .forward_config(config.build())
            .build()
    }

    fn seen(canary: Option<u32>, stable: Option<u32>, others: u32, sticky_seconds: Option<u32>) -> Option<SeenForward> {
        Some(SeenForward {
            canary,
            stable,
            others,
            sticky_seconds,
            ..SeenForward::default()
        })
    }

    #[test]
    fn the_weights_are_those_of_the_action_that_forwards() {
        let alone = Action::builder().r#type(ActionTypeEnum::Forward);
        let alone = alone.target_group_arn("stable").build();
        let fixed = || Action::builder().r#type(ActionTypeEnum::FixedResponse).build();
        let sign_in = Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).build();
        let both = || to(&[("stable", Some(99)), ("canary", Some(1))], None);
        let cases = [
            (vec![both()], seen(Some(1), Some(99), 0, None)),
            (vec![sign_in, both()], seen(Some(1), Some(99), 0, None)),
            (vec![alone], seen(None, Some(1), 0, None)),
            (vec![to(&[("stable", None)], None)], seen(None, Some(1), 0, None)),
            (
                vec![to(&[("stable", Some(1)), ("a", Some(2)), ("b", Some(3))], None)],
                seen(None, Some(1), 5, None),
            ),
            (
                vec![to(&[("canary", Some(0))], Some((true, 60)))],
                seen(Some(0), None, 0, Some(60)),
            ),
            (
                vec![to(&[("stable", Some(1))], Some((false, 60)))],
                seen(None, Some(1), 0, None),
            ),
            (vec![fixed()], None),
            (Vec::new(), None),
        ];
        for (actions, expected) in cases {
            assert_eq!(forward(&actions, &alb()), expected, "{actions:?}");
        }
    }

    #[test]
    fn a_rule_that_forwards_to_nobody_is_told_from_one_that_is_gone_by_what_it_does() {
        let of = |kind: ActionTypeEnum| Action::builder().r#type(kind).build();
        let cases = [
            (vec![of(ActionTypeEnum::FixedResponse)], "fixed-response"),
            (vec![of(ActionTypeEnum::Redirect)], "redirect"),
            (
                vec![of(ActionTypeEnum::AuthenticateOidc), of(ActionTypeEnum::FixedResponse)],
                "fixed-response",
            ),
            (Vec::new(), "nothing"),
        ];
        for (actions, expected) in cases {
            assert_eq!(answering(&actions).answers.as_deref(), Some(expected), "{actions:?}");
        }
    }

    #[test]
    fn targets_on_their_way_out_do_not_count_and_the_first_that_is_not_healthy_is_told() {
        let target = |state: TargetHealthStateEnum| {
            let health = TargetHealth::builder().state(state);
            let health = health.reason(TargetHealthReasonEnum::InitialHealthChecking).build();
            TargetHealthDescription::builder().target_health(health).build()
        };
        use TargetHealthStateEnum::{Draining, Healthy, Initial, Unhealthy, UnhealthyDraining, Unused};
        let cases = [
            (vec![], (0, 0, None)),
            (vec![Healthy, Draining, UnhealthyDraining], (1, 1, None)),
            (vec![Healthy, Initial, Unhealthy], (1, 3, Some("initial"))),
            (vec![Unused], (0, 1, Some("unused"))),
        ];
        for (states, (well, all, why)) in cases {
            let targets: Vec<_> = states.into_iter().map(target).collect();
            let said = why.map(|why| format!("{why}, Elb.InitialHealthChecking"));
            let expected = SeenTargets {
                healthy: well,
                all,
                why: said,
            };
            assert_eq!(healthy(&targets), expected);
        }
    }
}
