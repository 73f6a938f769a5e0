//! Sets the weights of two target groups in a load balancer's rule, and nothing else of it.

use super::Did;
use crate::observe::weights::{actions, forward, groups, is_forward};
use crate::refused::Refused;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Action as Listed, ForwardActionConfig, TargetGroupTuple};
use decide::policy::Alb;
use decide::{Action, Weights};

/// The rule and both groups of an action.
pub(super) fn alb(rule: &str, stable: &str, canary: &str) -> Alb {
    Alb {
        rule: rule.to_owned(),
        stable_target_group: stable.to_owned(),
        canary_target_group: canary.to_owned(),
        resting_share_permille: None,
    }
}

/// Reads the rule a moment before, and sends all of its actions as they are but for the two weights.
///
/// # Source
/// Elastic Load Balancing API Reference, ModifyRule and ModifyListener: the list of actions is replaced as a whole, and
/// there is no version to compare with.
pub(super) async fn shift(client: &Client, action: &Action, alb: &Alb) -> Did {
    let Action::Shift {
        weights, instead_of, ..
    } = action
    else {
        return outdated(action, "it shifts nothing".to_owned());
    };
    let (weights, instead_of) = (*weights, *instead_of);
    let there = match actions(client, alb).await {
        Ok(Some(there)) => there,
        Ok(None) => return outdated(action, format!("{} is not there any more", alb.rule)),
        Err(refused) => return Did::refused(action, &refused),
    };
    let Some(seen) = forward(&there, alb) else {
        return outdated(action, format!("{} forwards to no target group", alb.rule));
    };
    let has = Weights {
        canary: seen.canary.unwrap_or_default(),
        stable: seen.stable.unwrap_or_default(),
    };
    // On the way back nothing is put in that somebody has taken out.
    if instead_of.is_none() && (seen.canary.is_none() || seen.stable.is_none()) {
        let missing = if seen.canary.is_none() {
            &alb.canary_target_group
        } else {
            &alb.stable_target_group
        };
        return outdated(action, format!("{missing} is not in {} any more; left so", alb.rule));
    }
    if instead_of.is_some_and(|expected| expected != has) {
        return outdated(action, format!("the weights are {has} by now, and are left so"));
    }
    let changed: Vec<Listed> = there.iter().map(|listed| with(listed, alb, weights)).collect();
    let set = match alb.is_default_action() {
        true => of_listener(client, alb, changed).await,
        false => of_rule(client, alb, changed).await,
    };
    match set {
        Ok(answer) => Did {
            // What a step gives is read back at once, and bakes from then on. Nobody waits for the way back to be seen.
            look_again: instead_of.is_some(),
            ..answered(action, alb, weights, answer.as_deref())
        },
        Err(refused) if refused.is("RuleNotFound") || refused.is("ListenerNotFound") => Did::outdated(action, &refused),
        Err(refused) => Did::refused(action, &refused),
    }
}

/// What was really set, by the load balancer's own word.
fn answered(action: &Action, alb: &Alb, weights: Weights, answer: Option<&[Listed]>) -> Did {
    let set = answer.and_then(|answer| forward(answer, alb));
    let is = set.map(|set| Weights {
        canary: set.canary.unwrap_or_default(),
        stable: set.stable.unwrap_or_default(),
    });
    match is {
        Some(is) if is != weights => outdated(action, format!("the weights were set to {weights}, and are {is}")),
        _ => Did::done(action, format!("the weights were set to {weights}")),
    }
}

fn outdated(action: &Action, text: String) -> Did {
    Did {
        look_again: true,
        done: false,
        ..Did::done(action, text)
    }
}

async fn of_rule(client: &Client, alb: &Alb, actions: Vec<Listed>) -> Result<Option<Vec<Listed>>, Refused> {
    let request = client.modify_rule().rule_arn(&alb.rule).set_actions(Some(actions));
    match request.send().await {
        Ok(reply) => Ok(reply.rules().first().map(|rule| rule.actions().to_vec())),
        Err(error) => Err(Refused::from_sdk("ModifyRule", &alb.rule, &error)),
    }
}

async fn of_listener(client: &Client, alb: &Alb, actions: Vec<Listed>) -> Result<Option<Vec<Listed>>, Refused> {
    let request = client.modify_listener().listener_arn(&alb.rule);
    match request.set_default_actions(Some(actions)).send().await {
        Ok(reply) => {
            let listener = reply.listeners().first();
            Ok(listener.map(|listener| listener.default_actions().to_vec()))
        }
        Err(error) => Err(Refused::from_sdk("ModifyListener", &alb.rule, &error)),
    }
}

/// An action as it is sent back.
fn with(listed: &Listed, alb: &Alb, weights: Weights) -> Listed {
    let mut listed = listed.clone();
    if is_forward(&listed) {
        let mut all = groups(&listed);
        let config = listed.forward_config.take();
        let mut config = config.unwrap_or_else(|| ForwardActionConfig::builder().build());
        for (arn, weight) in [
            (&alb.stable_target_group, weights.stable),
            (&alb.canary_target_group, weights.canary),
        ] {
            match all.iter_mut().find(|(group, _)| group == arn) {
                Some((_, there)) => *there = weight,
                None => all.push((arn.clone(), weight)),
            }
        }
        let tuple = |(arn, weight): (String, u32)| {
            let weight = i32::try_from(weight).unwrap_or(i32::MAX);
            TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build()
        };
        config.target_groups = Some(all.into_iter().map(tuple).collect());
        listed.forward_config = Some(config);
        // Beside several groups it would have to name one of them.
        listed.target_group_arn = None;
    }
    // The secret is in no answer, and is kept where nobody sends another.
    if let Some(oidc) = listed.authenticate_oidc_config.as_mut() {
        oidc.use_existing_client_secret = Some(true);
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::with;
    use aws_sdk_elasticloadbalancingv2::types::{
        Action, ActionTypeEnum, AuthenticateOidcActionConfig, ForwardActionConfig, TargetGroupStickinessConfig,
        TargetGroupTuple,
    };
    use decide::Weights;
    use decide::policy::Alb;

    fn alb() -> Alb {
        Alb {
            rule: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/a/1/2/3".to_owned(),
            stable_target_group: "stable".to_owned(),
            canary_target_group: "canary".to_owned(),
            resting_share_permille: None,
        }
    }

    fn group(arn: &str, weight: i32) -> TargetGroupTuple {
        TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build()
    }

    fn forward(groups: Vec<TargetGroupTuple>) -> Action {
        let sticky = TargetGroupStickinessConfig::builder()
            .enabled(true)
            .duration_seconds(60);
        let config = ForwardActionConfig::builder()
            .set_target_groups(Some(groups))
            .target_group_stickiness_config(sticky.build());
        Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .order(2)
            .forward_config(config.build())
            .build()
    }

    const WEIGHTS: Weights = Weights {
        canary: 10,
        stable: 990,
    };

    #[test]
    fn all_but_two_weights_is_sent_back_as_it_was() {
        let before = forward(vec![group("other", 0), group("canary", 1), group("stable", 99)]);
        let after = forward(vec![group("other", 0), group("canary", 10), group("stable", 990)]);
        assert_eq!(with(&before, &alb(), WEIGHTS), after);
        let fixed = Action::builder().r#type(ActionTypeEnum::FixedResponse).order(1).build();
        assert_eq!(with(&fixed, &alb(), WEIGHTS), fixed);
    }

    #[test]
    fn a_group_that_is_not_there_is_put_in_and_one_alone_is_named_by_its_list_alone() {
        let before = Action::builder().r#type(ActionTypeEnum::Forward);
        let before = before.target_group_arn("stable").build();
        let after = with(&before, &alb(), WEIGHTS);
        let groups = after.forward_config().unwrap().target_groups();
        assert_eq!(groups, [group("stable", 990), group("canary", 10)]);
        assert_eq!(after.target_group_arn(), None);
        let both = with(&forward(vec![group("stable", 1)]), &alb(), WEIGHTS);
        assert_eq!(both, forward(vec![group("stable", 990), group("canary", 10)]));
    }

    #[test]
    fn a_sign_in_keeps_its_secret_which_no_answer_shows() {
        let oidc = |kept| {
            let config = AuthenticateOidcActionConfig::builder().client_id("id");
            let config = config.set_use_existing_client_secret(kept).build();
            Action::builder()
                .r#type(ActionTypeEnum::AuthenticateOidc)
                .authenticate_oidc_config(config)
                .build()
        };
        assert_eq!(with(&oidc(None), &alb(), WEIGHTS), oidc(Some(true)));
    }
}
