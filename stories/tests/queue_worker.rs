//! The queue worker's life in an account that has what `examples/queue-worker/template.yaml` deploys: its policy, its
//! pipeline, its alarm, its queue, its numbers.

mod example;

use example::{Resources, ends};
use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use std::sync::Arc;
use stories::Stage;
use stories::queue::{Plan, Queue};
use stories::scene::{self, RowA};
use stories::template::{Resolve, Template};
use stories::whole::{self, deployed};

const TEMPLATE: &str = include_str!("../../examples/queue-worker/template.yaml");

/// Ours, as the stack of Serin names them.
const FUNCTIONS: [(&str, &str); 3] = [
    ("OpenFunctionName", "serin-open"),
    ("ApproveFunctionName", "serin-approve"),
    ("PromoteFunctionName", "serin-promote"),
];

struct Deployed {
    stage: Stage,
    row: RowA,
    queue: Queue,
}

/// The template as one stack deploys it.
fn resolved(template: &Template) -> Resolve<'_> {
    let image = json!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:v1");
    let mut resolve = Resolve::new(template).given("Image", image);
    for (parameter, name) in FUNCTIONS {
        resolve = resolve.given(parameter, json!(name));
    }
    let arn = |resource: &str| format!("arn:aws:{resource}");
    resolve
        .named("Cluster", "orders", &arn("ecs"))
        .named("DeadLettersAlarm", "orders-dlq-depth", &arn("cloudwatch"))
        .named("DeadLetters", "https://sqs/orders-dlq", &arn("sqs"))
        .named("Artifacts", "artifacts", &arn("s3"))
        .named("Build", "orders", &arn("codebuild"))
        .attribute("DeadLetters", "QueueName", "orders-dlq")
        .attribute("Stable", "Name", "orders")
        .attribute("Canary", "Name", "orders-canary")
}

fn account() -> Deployed {
    let template = Template::read(TEMPLATE).unwrap_or_else(|wrong| panic!("{wrong}"));
    let resources = Resources {
        template: &template,
        resolve: resolved(&template),
    };
    let name = resources.text("Pipeline/Properties/Name");
    let row = RowA {
        cluster: resources.text("Cluster/Properties/ClusterName"),
        canary: resources.text("Canary/Properties/ServiceName"),
        alarm: resources.text("DeadLettersAlarm/Properties/AlarmName"),
        dlq: resources.text("DeadLetters/Properties/QueueName"),
        ..RowA::named(&name)
    };
    let mut stage = deployed(1, Arc::new(decide::decide));
    let declared = resources.pipeline();
    let policy = serde_json::from_str(&resources.text("Policy/Properties/Value")).expect("JSON");
    let row = stage.service_of(
        row,
        |world, _| pipelines::pipeline(world, &declared),
        |written| *written = policy,
    );
    resources.deploy(&stage, &row, ["DeadLettersAlarm"]);
    let redrive = "Queue/Properties/RedrivePolicy/maxReceiveCount";
    let plan = Plan {
        receives_max: u32::try_from(resources.number(redrive)).expect("a count"),
        visibility_seconds: resources.number("Queue/Properties/VisibilityTimeout"),
        ..Plan::default()
    };
    let queue = stage.queue(&row.name, &plan);
    stage.run_for(120);
    Deployed { stage, row, queue }
}

impl Deployed {
    /// Releases v2 and waits for the end; phase or outcome, and the cause if there is one.
    fn releases(&mut self) -> (String, String) {
        {
            let mut world = self.stage.sim.world();
            whole::push(&mut world, &self.row, "v2");
            scene::release(&mut world, &self.row, "v2");
        }
        ends(&mut self.stage, "orders")
    }

    fn rang(&self) -> bool {
        !stories::queue::rang(&self.stage.sim.world(), &self.row.alarm).is_empty()
    }
}

#[test]
fn what_works_is_given_to_stable_and_no_message_is_lost() {
    let mut worker = account();
    let (outcome, cause) = worker.releases();
    assert_eq!((outcome.as_str(), cause.as_str()), ("promoted", ""));
    let runs = [&worker.row.name, &worker.row.canary].map(|service| worker.stage.runs(&worker.row, service));
    assert_eq!(runs, ["v2", "v2"]);
    assert_eq!(worker.queue.lost(&worker.stage.sim.world()), 0);
}

#[test]
fn what_fails_its_messages_is_taken_back_by_comparison_while_the_alarm_is_silent() {
    let mut worker = account();
    let digest = worker.row.digest("v2");
    worker.queue.fails(&mut worker.stage.sim.world(), &digest, None, 300, 0);
    let (outcome, cause) = worker.releases();
    assert_eq!(outcome, "rolled back");
    assert!(
        cause.contains(" failed ") && cause.contains("orders:1 failed 0 of "),
        "{cause}"
    );
    assert!(!worker.rang(), "the alarm was to stay silent");
    assert_eq!(worker.stage.runs(&worker.row, &worker.row.canary), "v1");
}

#[test]
fn what_ends_again_and_again_is_taken_back_by_its_failed_tasks() {
    let mut worker = account();
    let ends = Behaviour::ExitsAfter { seconds: 150 };
    worker
        .stage
        .sim
        .world()
        .ecs
        .behaviour
        .insert(worker.row.digest("v2"), ends);
    let (outcome, cause) = worker.releases();
    assert_eq!(outcome, "rolled back");
    assert!(
        cause.starts_with("3 tasks of orders-canary failed, more than 2"),
        "{cause}"
    );
    assert_eq!(worker.stage.runs(&worker.row, &worker.row.canary), "v1");
}
