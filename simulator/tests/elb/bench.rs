//! A load balancer to try rules on, wherever Elastic Load Balancing is.

use aws_credential_types::Credentials;
use aws_sdk_elasticloadbalancingv2::config::{BehaviorVersion, Region};
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, FixedResponseActionConfig, ProtocolEnum, RuleCondition, Tag, TargetDescription,
    TargetTypeEnum,
};
use aws_sdk_elasticloadbalancingv2::{Client, Config};
use serde_json::json;
use simulator::{Sim, elb::stage};
use std::hash::{BuildHasher as _, RandomState};

/// Names the address of an Elastic Load Balancing that is not the simulator's.
const ADDRESS: &str = "SERIN_ELB";

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
    match address() {
        Some(address) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let run = async move || law(&Bench::at(&address).await).await;
            runtime.expect("a runtime").block_on(run());
        }
        None => on_simulator(law),
    }
}

/// Runs a law that moto does not keep; there it is skipped, and says so.
pub fn on_simulator_only(why: &str, law: impl AsyncFnOnce(&Bench)) {
    match address() {
        Some(_) => {
            let law = std::thread::current().name().unwrap_or_default().to_owned();
            eprintln!("skipped on moto: {law}: {why}");
        }
        None => on_simulator(law),
    }
}

fn address() -> Option<String> {
    std::env::var(ADDRESS).ok().filter(|address| !address.is_empty())
}

fn on_simulator(law: impl AsyncFnOnce(&Bench)) {
    let sim = Sim::new(1);
    sim.block_on(async {
        let bench = Bench::in_simulator(&sim);
        law(&bench).await;
    });
    assert_eq!(
        sim.world().defects,
        Vec::<String>::new(),
        "replies that AWS could not give"
    );
}

fn settings() -> aws_sdk_elasticloadbalancingv2::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::from_keys("bench", "bench", None))
}

impl Bench {
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
        // Laws run at the same time on one server, which outlives them.
        let suffix = format!("{:08x}", RandomState::new().hash_one(0) >> 32);
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
