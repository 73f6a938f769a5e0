//! A load balancer to try rules on, wherever Elastic Load Balancing is.

use crate::contract::{self, credentials, suffix};
use aws_sdk_elasticloadbalancingv2::config::{BehaviorVersion, Region};
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, FixedResponseActionConfig, ProtocolEnum, RuleCondition, Tag, TargetDescription,
    TargetTypeEnum,
};
use aws_sdk_elasticloadbalancingv2::{Client, Config};
use serde_json::json;
use simulator::{Sim, elb::stage};

/// A listener that answers 404, its one rule, which forwards `/shop/*` to `stable` (99) and `canary` (1), and a group in
/// no rule. `stable` has a target.
pub struct Bench {
    pub client: Client,
    pub listener: String,
    pub rule: String,
    pub stable: String,
    pub canary: String,
    pub unused: String,
}

/// Runs a law against the one that is chosen.
pub fn on_elb(law: impl AsyncFnOnce(&Bench)) {
    contract::on_either(law);
}

/// Runs a law that moto does not keep.
pub fn on_simulator_only(why: &str, law: impl AsyncFnOnce(&Bench)) {
    contract::on_simulator_only(why, law);
}

fn settings() -> aws_sdk_elasticloadbalancingv2::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(credentials())
}

impl contract::Bench for Bench {
    const ADDRESS: &str = "SERIN_ELB";

    fn in_simulator(sim: &Sim) -> Bench {
        let invocation = sim.invocation("bench");
        let settings = settings()
            .http_client(invocation.http.clone())
            .sleep_impl(invocation.sleep.clone())
            .time_source(invocation.time.clone());
        let world = &mut sim.world();
        let balancer = stage::load_balancer(world, "shop");
        let [stable, canary, unused] = ["stable", "canary", "unused"].map(|name| stage::target_group(world, name));
        stage::register(world, &stable, "10.0.0.1", 80);
        let none = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
        let listener = stage::listener(world, &balancer, 80, "HTTP", &none);
        let path = json!([{ "Field": "path-pattern", "Values": ["/shop/*"] }]);
        let both = stage::forward(&[(&stable, 99), (&canary, 1)]);
        let rule = stage::rule(world, &listener, 10, &path, &both);
        stage::tag(world, &rule, "serin:policy", "shop");
        Bench {
            client: Client::from_conf(settings.build()),
            listener,
            rule,
            stable,
            canary,
            unused,
        }
    }

    async fn at(address: &str) -> Bench {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let client = Client::from_conf(settings().endpoint_url(address).http_client(http).build());
        let suffix = suffix();
        let balancer = made_balancer(&client, &format!("shop-{suffix}")).await;
        let mut groups = Vec::new();
        for name in ["stable", "canary", "unused"] {
            groups.push(made_group(&client, &format!("{name}-{suffix}")).await);
        }
        let [stable, canary, unused] = groups.try_into().expect("three groups");
        let target = TargetDescription::builder().id("10.0.0.1").port(80).build();
        let register = client.register_targets().target_group_arn(&stable).targets(target);
        register.send().await.expect("registered");
        let none = FixedResponseActionConfig::builder().status_code("404").build();
        let none = Action::builder()
            .r#type(ActionTypeEnum::FixedResponse)
            .fixed_response_config(none);
        let listener = client.create_listener().load_balancer_arn(&balancer);
        let listener = listener
            .protocol(ProtocolEnum::Http)
            .port(80)
            .default_actions(none.build());
        let listener = listener.send().await.expect("a listener");
        let listener = listener.listeners()[0].listener_arn().expect("an ARN").to_owned();
        let path = RuleCondition::builder().field("path-pattern").values("/shop/*").build();
        let rule = client
            .create_rule()
            .listener_arn(&listener)
            .priority(10)
            .conditions(path);
        let rule = rule.actions(crate::forward(&[(&stable, 99), (&canary, 1)], None));
        let rule = rule.tags(Tag::builder().key("serin:policy").value("shop").build());
        let rule = rule.send().await.expect("a rule");
        let rule = rule.rules()[0].rule_arn().expect("an ARN").to_owned();
        Bench {
            client,
            listener,
            rule,
            stable,
            canary,
            unused,
        }
    }
}

async fn made_balancer(client: &Client, name: &str) -> String {
    let subnets = std::env::var("SERIN_ELB_SUBNETS").expect("SERIN_ELB_SUBNETS names subnets of that server");
    let create = client.create_load_balancer().name(name);
    let create = create.set_subnets(Some(subnets.split(',').map(str::to_owned).collect()));
    let made = create.send().await.expect("a load balancer");
    made.load_balancers()[0].load_balancer_arn().expect("an ARN").to_owned()
}

async fn made_group(client: &Client, name: &str) -> String {
    let vpc = std::env::var("SERIN_ELB_VPC").expect("SERIN_ELB_VPC names a network of that server");
    let create = client.create_target_group().name(name).vpc_id(vpc).port(80);
    let create = create.protocol(ProtocolEnum::Http).target_type(TargetTypeEnum::Ip);
    let made = create.send().await.expect("a target group");
    made.target_groups()[0].target_group_arn().expect("an ARN").to_owned()
}
