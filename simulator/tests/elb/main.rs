//! Rules of load balancers, told once by AWS's own SDK and held against two Elastic Load Balancings.
//!
//! Where `SERIN_ELB` names an address (`http://127.0.0.1:5000`, a moto server), they run there, in the network that
//! `SERIN_ELB_VPC` and `SERIN_ELB_SUBNETS` name; else against the simulator. `tools/contract` runs both. What moto does
//! not do as AWS documents it is held against the simulator alone.

mod bench;
#[path = "../contract/mod.rs"]
mod contract;

use aws_sdk_elasticloadbalancingv2::error::ProvideErrorMetadata;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, ForwardActionConfig, TargetGroupStickinessConfig, TargetGroupTuple, TargetHealthStateEnum,
};
use bench::{Bench, on_elb, on_simulator_only};

/// A forward action by weight.
fn forward(groups: &[(&str, i32)], sticky_seconds: Option<i32>) -> Action {
    let groups = groups.iter().map(|(arn, weight)| {
        TargetGroupTuple::builder()
            .target_group_arn(*arn)
            .weight(*weight)
            .build()
    });
    let config = ForwardActionConfig::builder().set_target_groups(Some(groups.collect()));
    let sticky = sticky_seconds.map(|seconds| {
        let sticky = TargetGroupStickinessConfig::builder().enabled(true);
        sticky.duration_seconds(seconds).build()
    });
    let config = config.set_target_group_stickiness_config(sticky).build();
    Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .forward_config(config)
        .build()
}

/// Groups with weights, and for how long clients stay.
fn told(action: &Action) -> (Vec<(&str, i32)>, Option<i32>) {
    let config = action.forward_config().expect("a forward action");
    let groups = config.target_groups().iter();
    let groups = groups.map(|group| {
        let arn = group.target_group_arn().unwrap_or_default();
        (arn, group.weight().unwrap_or(-1))
    });
    let sticky = config.target_group_stickiness_config();
    let sticky = sticky.filter(|sticky| sticky.enabled() == Some(true));
    (groups.collect(), sticky.and_then(|sticky| sticky.duration_seconds()))
}

impl Bench {
    async fn rule_now(&self) -> aws_sdk_elasticloadbalancingv2::types::Rule {
        let rules = self.client.describe_rules().rule_arns(&self.rule).send().await;
        rules.expect("rules").rules()[0].clone()
    }

    async fn default_rule(&self) -> aws_sdk_elasticloadbalancingv2::types::Rule {
        let rules = self.client.describe_rules().listener_arn(&self.listener).send().await;
        let rules = rules.expect("rules");
        let default = rules.rules().iter().find(|rule| rule.is_default() == Some(true));
        default.expect("a default rule").clone()
    }
}

#[test]
fn weights_are_read_back_as_they_were_set() {
    on_elb(async |bench| {
        let (stable, canary) = (bench.stable.as_str(), bench.canary.as_str());
        for weights in [(99, 1), (0, 999), (1, 0)] {
            let groups = [(stable, weights.0), (canary, weights.1)];
            let modify = bench.client.modify_rule().rule_arn(&bench.rule);
            let reply = modify.actions(forward(&groups, Some(60))).send().await.expect("set");
            assert_eq!(told(&reply.rules()[0].actions()[0]), (groups.to_vec(), Some(60)));
            let rule = bench.rule_now().await;
            assert_eq!(told(&rule.actions()[0]), (groups.to_vec(), Some(60)));
        }
    });
}

#[test]
fn new_actions_replace_all_and_conditions_that_are_not_sent_stay() {
    on_elb(async |bench| {
        let both = [(bench.stable.as_str(), 98), (bench.canary.as_str(), 2)];
        for sticky in [Some(3600), None] {
            let modify = bench.client.modify_rule().rule_arn(&bench.rule);
            modify.actions(forward(&both, sticky)).send().await.expect("set");
            let rule = bench.rule_now().await;
            assert_eq!(told(&rule.actions()[0]), (both.to_vec(), sticky));
            assert_eq!(rule.priority(), Some("10"));
            let [condition] = rule.conditions() else {
                panic!("{:?}", rule.conditions());
            };
            assert_eq!(condition.field(), Some("path-pattern"));
            assert_eq!(condition.values(), ["/shop/*"]);
        }
    });
}

#[test]
fn a_listeners_default_actions_are_those_of_its_default_rule() {
    on_elb(async |bench| {
        let both = [(bench.stable.as_str(), 0), (bench.canary.as_str(), 100)];
        let modify = bench.client.modify_listener().listener_arn(&bench.listener);
        let reply = modify.default_actions(forward(&both, None)).send().await.expect("set");
        assert_eq!(told(&reply.listeners()[0].default_actions()[0]), (both.to_vec(), None));
        let default = bench.default_rule().await;
        assert_eq!(told(&default.actions()[0]), (both.to_vec(), None));
        assert_eq!((default.priority(), default.conditions().len()), (Some("default"), 0));
        let listeners = bench.client.describe_listeners().listener_arns(&bench.listener).send();
        let listeners = listeners.await.expect("listeners");
        assert_eq!(
            told(&listeners.listeners()[0].default_actions()[0]),
            (both.to_vec(), None)
        );
        // The rule before it is untouched.
        assert_eq!(told(&bench.rule_now().await.actions()[0]).0.len(), 2);
    });
}

#[test]
fn what_is_not_there_is_said_to_be_so() {
    on_elb(async |bench| {
        let client = &bench.client;
        let action = forward(&[(&bench.stable, 1)], None);
        let (rule, listener) = (format!("{}x", bench.rule), format!("{}x", bench.listener));
        let group = format!("{}x", bench.stable);

        let modify = client.modify_rule().rule_arn(&rule).actions(action.clone());
        let refused = modify.send().await.unwrap_err().into_service_error();
        assert!(refused.is_rule_not_found_exception(), "{refused:?}");
        let modify = client.modify_listener().listener_arn(&listener);
        let refused = modify.default_actions(action).send().await.unwrap_err();
        let refused = refused.into_service_error();
        assert!(refused.is_listener_not_found_exception(), "{refused:?}");
        let modify = client.modify_rule().rule_arn(&bench.rule);
        let refused = modify.actions(forward(&[(&group, 1)], None)).send().await.unwrap_err();
        let refused = refused.into_service_error();
        assert!(refused.is_target_group_not_found_exception(), "{refused:?}");
        let refused = client.describe_target_health().target_group_arn(&group).send().await;
        let refused = refused.unwrap_err().into_service_error();
        assert!(refused.is_target_group_not_found_exception(), "{refused:?}");
        let refused = client.describe_rules().rule_arns(&rule).send().await.unwrap_err();
        assert_eq!(refused.code(), Some("RuleNotFound"));
        let refused = client.describe_listeners().listener_arns(&listener).send().await;
        assert_eq!(refused.unwrap_err().code(), Some("ListenerNotFound"));
        let refused = client.describe_target_groups().target_group_arns(&group).send().await;
        assert_eq!(refused.unwrap_err().code(), Some("TargetGroupNotFound"));
    });
}

#[test]
fn rules_are_asked_for_by_listener_or_by_name_and_never_both() {
    on_elb(async |bench| {
        let neither = bench.client.describe_rules().send().await.unwrap_err();
        assert_eq!(neither.code(), Some("ValidationError"));
        let both = bench.client.describe_rules().listener_arn(&bench.listener);
        let both = both.rule_arns(&bench.rule).send().await.unwrap_err();
        assert_eq!(both.code(), Some("ValidationError"));
    });
}

#[test]
fn a_page_says_where_the_next_begins() {
    on_elb(async |bench| {
        let page = || bench.client.describe_rules().listener_arn(&bench.listener).page_size(1);
        let first = page().send().await.expect("a page");
        assert_eq!(first.rules().len(), 1);
        let marker = first.next_marker().expect("there is more");
        let second = page().marker(marker).send().await.expect("a page");
        assert_eq!((second.rules().len(), second.next_marker()), (1, None));
        assert_ne!(first.rules()[0].rule_arn(), second.rules()[0].rule_arn());
    });
}

#[test]
fn a_rules_tags_are_told() {
    on_elb(async |bench| {
        let tags = bench.client.describe_tags().resource_arns(&bench.rule).send().await;
        let tags = tags.expect("tags");
        let tag = &tags.tag_descriptions()[0].tags()[0];
        assert_eq!((tag.key(), tag.value()), (Some("serin:policy"), Some("shop")));
    });
}

#[test]
fn groups_are_told_with_the_load_balancer_that_uses_them_and_the_health_of_their_targets() {
    on_elb(async |bench| {
        let groups = bench.client.describe_target_groups();
        let groups = groups.target_group_arns(&bench.stable).target_group_arns(&bench.unused);
        let groups = groups.send().await.expect("groups");
        let used = |arn: &str| {
            let mut groups = groups.target_groups().iter();
            let group = groups.find(|group| group.target_group_arn() == Some(arn));
            group.expect("a group").load_balancer_arns().len()
        };
        assert_eq!((used(&bench.stable), used(&bench.unused)), (1, 0));
        let health = |arn: &str| bench.client.describe_target_health().target_group_arn(arn).send();
        let stable = health(&bench.stable).await.expect("health");
        let [target] = stable.target_health_descriptions() else {
            panic!("{stable:?}");
        };
        assert_eq!(target.target().map(|target| target.id()), Some(Some("10.0.0.1")));
        let state = target.target_health().and_then(|health| health.state());
        assert_eq!(state, Some(&TargetHealthStateEnum::Healthy));
        let unused = health(&bench.unused).await.expect("health");
        assert_eq!(unused.target_health_descriptions().len(), 0);
    });
}

#[test]
fn the_default_rule_cannot_be_modified_by_itself() {
    on_simulator_only("moto lets it be", async |bench| {
        let default = bench.default_rule().await;
        let arn = default.rule_arn().expect("an ARN");
        let modify = bench.client.modify_rule().rule_arn(arn);
        let refused = modify.actions(forward(&[(&bench.stable, 1)], None)).send().await;
        let refused = refused.unwrap_err().into_service_error();
        assert!(refused.is_operation_not_permitted_exception(), "{refused:?}");
        assert_eq!(
            refused.message(),
            Some(format!("Default rule '{arn}' cannot be modified").as_str())
        );
    });
}

#[test]
fn a_single_group_is_told_in_both_ways() {
    on_simulator_only("moto tells it as it was sent", async |bench| {
        let modify = bench.client.modify_rule().rule_arn(&bench.rule);
        let action = Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .target_group_arn(&bench.stable);
        modify.actions(action.build()).send().await.expect("set");
        let rule = bench.rule_now().await;
        assert_eq!(rule.actions()[0].target_group_arn(), Some(bench.stable.as_str()));
        assert_eq!(told(&rule.actions()[0]), (vec![(bench.stable.as_str(), 1)], None));
    });
}

#[test]
fn actions_that_do_not_make_sense_are_refused() {
    on_simulator_only("moto looks at none of this", async |bench| {
        let mut both_ways = forward(&[(&bench.stable, 1)], None);
        both_ways.target_group_arn = Some(bench.canary.clone());
        let cases = [
            (forward(&[(&bench.stable, 1000)], None), "ValidationError"),
            (forward(&[(&bench.stable, 1)], Some(604_801)), "ValidationError"),
            (both_ways, "InvalidLoadBalancerAction"),
        ];
        for (action, code) in cases {
            let modify = bench.client.modify_rule().rule_arn(&bench.rule);
            let refused = modify.actions(action).send().await.unwrap_err();
            assert_eq!(refused.code(), Some(code));
        }
    });
}

#[test]
fn a_target_of_a_group_in_no_rule_is_unused() {
    on_simulator_only("moto finds every target healthy", async |bench| {
        let modify = bench.client.modify_rule().rule_arn(&bench.rule);
        let alone = forward(&[(&bench.canary, 1)], None);
        modify.actions(alone).send().await.expect("set");
        let health = bench.client.describe_target_health();
        let health = health.target_group_arn(&bench.stable).send().await.expect("health");
        let health = health.target_health_descriptions()[0].target_health().expect("health");
        assert_eq!(health.state(), Some(&TargetHealthStateEnum::Unused));
        assert_eq!(health.reason().map(|reason| reason.as_str()), Some("Target.NotInUse"));
    });
}
