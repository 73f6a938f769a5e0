//! The lives of two web services in accounts that have what `examples/onebox-fleet/template.yaml` and
//! `examples/pipeline-per-service/template.yaml` deploy: their policies, pipelines, alarms, weights and numbers.

mod example;

use example::{Resources, ends};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::eventbridge::stage as bus;
use simulator::workload::web::{Manner, Visitors, stage as web};
use std::sync::Arc;
use stories::Stage;
use stories::balancer::{Balancer, Plan};
use stories::scene::{self, RowA};
use stories::template::{Resolve, Template};
use stories::whole::{self, deployed};

const ONEBOX: &str = include_str!("../../examples/onebox-fleet/template.yaml");
const PER_SERVICE: &str = include_str!("../../examples/pipeline-per-service/template.yaml");
const NAME: &str = "shop";
/// Serin's own state machine, as its stack names it.
const START: &str = "arn:aws:states:eu-central-1:111122223333:stateMachine:serin-start";

/// One of the examples.
struct Example {
    text: &'static str,
    canary: &'static str,
    alarm: &'static str,
    /// Other alarms of its policy.
    others: &'static [&'static str],
    /// Parameters that are given, beside the image.
    given: &'static [(&'static str, &'static str)],
}

const ONEBOX_FLEET: Example = Example {
    text: ONEBOX,
    canary: "shop-onebox",
    alarm: "SlowAlarm",
    others: &[],
    given: &[
        ("OpenFunctionName", "serin-open"),
        ("ApproveFunctionName", "serin-approve"),
    ],
};
const BY_ACTION: Example = Example {
    text: PER_SERVICE,
    canary: "shop-canary",
    alarm: "FailingAlarm",
    others: &["FailingStableAlarm"],
    given: &[("StartStateMachineArn", START)],
};
const BY_PUSH: Example = Example {
    given: &[],
    ..BY_ACTION
};

struct Deployed {
    stage: Stage,
    row: RowA,
}

/// What follows `:loadbalancer/` in a load balancer's ARN, and from `targetgroup/` on in a group's, as metrics have them.
fn dimensions(balancer: &Balancer) -> (String, String) {
    let rule: Vec<&str> = balancer.rule.split('/').collect();
    let group = balancer.canary.rsplit(':').next().unwrap_or_default().to_owned();
    (rule[1..4].join("/"), group)
}

impl Example {
    fn alarms(&self) -> impl Iterator<Item = &'static str> {
        [self.alarm].into_iter().chain(self.others.iter().copied())
    }

    fn resolved<'a>(&self, template: &'a Template, balancer: &Balancer) -> Resolve<'a> {
        let image = json!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop:v1");
        let mut resolve = Resolve::new(template)
            .given("Image", image)
            .given("CertificateArn", json!("arn:aws:acm"));
        for (parameter, value) in self.given {
            resolve = resolve.given(parameter, json!(value));
        }
        for alarm in self.alarms() {
            let name = template.document["Resources"][alarm]["Properties"]["AlarmName"]["Fn::Sub"].clone();
            let name = name.as_str().unwrap_or_default().replace("${Name}", NAME);
            resolve = resolve.named(alarm, &name, "arn:aws:cloudwatch");
        }
        let (full, group) = dimensions(balancer);
        let stable = balancer.stable.rsplit(':').next().unwrap_or_default();
        resolve
            .named("Cluster", NAME, "arn:aws:ecs")
            .attribute("StableGroup", "TargetGroupFullName", stable)
            .named("Repository", NAME, "arn:aws:ecr")
            .named("Artifacts", "artifacts", "arn:aws:s3")
            .named("Build", NAME, "arn:aws:codebuild")
            .named("Rule", &balancer.rule, "arn")
            .named("StableGroup", &balancer.stable, "arn")
            .named("CanaryGroup", &balancer.canary, "arn")
            .attribute("LoadBalancer", "LoadBalancerFullName", &full)
            .attribute("CanaryGroup", "TargetGroupFullName", &group)
            .attribute("Stable", "Name", NAME)
            .attribute("Canary", "Name", self.canary)
    }

    /// The account, its services at rest and visited.
    fn account(&self) -> Deployed {
        let template = Template::read(self.text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let weights =
            &template.document["Resources"]["Rule"]["Properties"]["Actions"][0]["ForwardConfig"]["TargetGroups"];
        let weight = |place: usize| u32::try_from(weights[place]["Weight"].as_u64().expect("a weight")).expect("small");
        let row = RowA {
            cluster: NAME.to_owned(),
            canary: self.canary.to_owned(),
            ..RowA::named(NAME)
        };
        let mut stage = deployed(1, Arc::new(decide::decide));
        let plan = Plan {
            weights: (Some(weight(1)), weight(0)),
            ..Plan::default()
        };
        let balancer = Balancer::before(&mut stage.sim.world(), &row, &plan);
        stage.balancers.insert(NAME.to_owned(), balancer.clone());
        let resources = Resources {
            template: &template,
            resolve: self.resolved(&template, &balancer),
        };
        let row = RowA {
            alarm: resources.text(&format!("{}/Properties/AlarmName", self.alarm)),
            ..row
        };
        // The containers of scenes have a name of their own.
        let declared = resources
            .pipeline()
            .to_string()
            .replace("{\\\"web\\\"", "{\\\"worker\\\"");
        let declared: Value = serde_json::from_str(&declared).expect("JSON");
        let policy = serde_json::from_str(&resources.text("Policy/Properties/Value")).expect("JSON");
        let row = stage.service_of(
            row,
            |world, _| pipelines::pipeline(world, &declared),
            |written| *written = policy,
        );
        resources.deploy(&stage, &row, self.alarms());
        {
            let mut world = stage.sim.world();
            let listener = balancer.rule.replace(":listener-rule/", ":listener/");
            let visitors = Visitors {
                listener: listener.rsplit_once('/').expect("a rule").0.to_owned(),
                host: "shop.example.com".to_owned(),
                path: "/".to_owned(),
                per_second: 20.0,
                returning_permille: 0,
                manner: Manner::fast(20..=80),
            };
            web::visitors(&mut world, visitors);
        }
        stage.run_for(300);
        Deployed { stage, row }
    }
}

impl Deployed {
    fn answers(&mut self, version: &str, manner: Manner) {
        let digest = self.row.digest(version);
        web::answers(&mut self.stage.sim.world(), &digest, manner);
    }

    fn ends(&mut self) -> (String, String) {
        ends(&mut self.stage, NAME)
    }

    fn weights(&self) -> String {
        self.stage.balancers[NAME].weights(&self.stage.sim.world())
    }

    fn runs(&self) -> [String; 2] {
        [&self.row.name, &self.row.canary].map(|service| self.stage.runs(&self.row, service))
    }

    /// The pipeline releases v2.
    fn through_the_pipeline(&mut self) {
        let mut world = self.stage.sim.world();
        whole::push(&mut world, &self.row, "v2");
        scene::release(&mut world, &self.row, "v2");
    }

    /// Its build pushes v2 under a tag that the policy starts on, and exports it by digest.
    fn through_its_build(&mut self) {
        let mut world = self.stage.sim.world();
        scene::push(&mut world, &self.row, "v2");
        let image = self.row.image("v2");
        let repository = image
            .rsplit_once(':')
            .map_or(image.as_str(), |(repository, _)| repository);
        let image = format!("{repository}@{}", self.row.digest("v2"));
        simulator::ecr::stage::push(&mut world, NAME, "release-0f3a", &self.row.digest("v2"));
        pipelines::action_exports(&mut world, NAME, "Build", "Build", "IMAGE", &image);
        scene::release(&mut world, &self.row, "v2");
    }
}

fn slow() -> Manner {
    Manner {
        slow_permille: 300,
        slow_millis: 5_000..=6_000,
        ..Manner::fast(20..=80)
    }
}

#[test]
fn a_good_revision_goes_from_the_onebox_to_the_fleet_and_no_weight_changes() {
    let mut shop = ONEBOX_FLEET.account();
    shop.through_the_pipeline();
    let (outcome, cause) = shop.ends();
    assert_eq!((outcome.as_str(), cause.as_str()), ("promoted", ""));
    assert_eq!(shop.runs(), ["v2", "v2"]);
    assert_eq!(shop.weights(), "1 to 99");
}

#[test]
fn a_slow_revision_is_taken_back_from_the_onebox_by_what_its_slowest_tenth_takes() {
    let mut shop = ONEBOX_FLEET.account();
    shop.answers("v2", slow());
    shop.through_the_pipeline();
    let (outcome, cause) = shop.ends();
    assert_eq!(outcome, "rolled back", "{cause}");
    assert!(
        cause.contains("shop-onebox-slow") || cause.contains("TM(90%:100%)"),
        "{cause}"
    );
    assert_eq!(shop.runs(), ["v1", "v1"]);
    assert_eq!(shop.weights(), "1 to 99");
}

#[test]
fn an_execution_of_the_state_machine_starts_what_the_pipeline_built() {
    let mut shop = BY_ACTION.account();
    shop.through_its_build();
    let (outcome, cause) = shop.ends();
    assert_eq!((outcome.as_str(), cause.as_str()), ("promoted", ""));
    assert_eq!(shop.runs(), ["v2", "v2"]);
    assert_eq!(shop.weights(), "0 to 100");
}

#[test]
fn what_fails_its_requests_is_taken_back_and_its_weights_with_it() {
    let mut shop = BY_ACTION.account();
    let fails = Manner {
        error_permille: 300,
        ..Manner::fast(20..=80)
    };
    shop.answers("v2", fails);
    shop.through_its_build();
    let (outcome, cause) = shop.ends();
    assert_eq!(outcome, "rolled back", "{cause}");
    assert!(cause.contains("shop-canary-failing"), "{cause}");
    assert_eq!(shop.runs(), ["v1", "v1"]);
    assert_eq!(shop.weights(), "0 to 100");
}

#[test]
fn without_that_action_the_push_of_the_build_starts_it() {
    let mut shop = BY_PUSH.account();
    bus::enable(&mut shop.stage.sim.world(), "ImagePushed", true);
    shop.through_its_build();
    let (outcome, cause) = shop.ends();
    assert_eq!((outcome.as_str(), cause.as_str()), ("promoted", ""));
    assert_eq!(shop.runs(), ["v2", "v2"]);
}

/// What the service is told by the templates it understands, and both of its services alike.
#[test]
fn the_containers_are_told_what_the_service_reads_and_the_pipelines_build_them() {
    let settings = include_str!("../../examples/web/src/settings.rs");
    for text in [ONEBOX, PER_SERVICE] {
        let template = Template::read(text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let resources = &template.document["Resources"];
        let of = |definition: &str| resources[definition]["Properties"]["ContainerDefinitions"].clone();
        assert_eq!(of("StableDefinition"), of("CanaryDefinition"));
        let container = &of("StableDefinition")[0];
        for variable in container["Environment"].as_array().expect("variables") {
            let name = variable["Name"].as_str().expect("a name");
            assert!(settings.contains(&format!("\"{name}\"")), "{name} is read by nobody");
        }
        for (service, group) in [("Stable", "StableGroup"), ("Canary", "CanaryGroup")] {
            let behind = &resources[service]["Properties"]["LoadBalancers"][0];
            assert_eq!(behind["TargetGroupArn"]["Ref"], group);
            assert_eq!(behind["ContainerPort"], container["PortMappings"][0]["ContainerPort"]);
            assert_eq!(behind["ContainerName"], container["Name"]);
            assert_eq!(resources[group]["Properties"]["HealthCheckPath"], "/health");
            assert_eq!(resources[service]["Properties"]["PropagateTags"], "SERVICE");
        }
        let tagged = &resources["Rule"]["Properties"]["Tags"];
        assert_eq!(tagged[0]["Key"], "serin:policy");
    }
}
