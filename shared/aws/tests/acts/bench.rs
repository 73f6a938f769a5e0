//! An account with two services on one queue, and the client library in it.

use aws::Serin;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use decide::{Action, Policy};
use serde_json::{Value, json};
use simulator::{Sim, World, dynamodb, ecr, ecs};
use std::sync::Arc;

pub const CLUSTER: &str = "prod";
pub const CANARY: &str = "orders-canary";
const TABLE: &str = "serin";

/// Image of a version, by tag.
pub fn image(version: &str) -> String {
    format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:{version}")
}

pub fn digest(version: &str) -> String {
    let text: String = version.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{text:0>64}")
}

/// Both services run v1; `canary` is merged into the canary's definition, and `tasks` of it run.
pub fn account(canary: Value, tasks: i64) -> Sim {
    let sim = Sim::new(1);
    {
        let mut world = sim.world();
        let world = &mut *world;
        world.page_size = Some(2);
        dynamodb::stage::ledger_table(world, TABLE);
        ecs::stage::cluster(world, CLUSTER);
        push(world, "v1");
        for (service, tasks, extra) in [("orders", 3, json!({})), (CANARY, tasks, canary)] {
            let definition = definition(world, service, "v1", extra);
            let arn = ecs::stage::service(world, CLUSTER, service, &definition, tasks, json!({}));
            let tags = json!({"resourceArn": arn, "tags": [{"key": "serin:policy", "value": "orders"}]});
            ask(world, "TagResource", tags);
        }
    }
    sim
}

pub fn push(world: &mut World, version: &str) {
    world.ecs.push_image(&image(version), &digest(version));
    ecr::stage::push(world, "orders", version, &digest(version));
}

pub fn definition(world: &mut World, family: &str, version: &str, extra: Value) -> String {
    ecs::stage::task_definition(world, family, &[("worker", &image(version))], extra)
}

pub fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    let reply = world.call("test", "ecs", operation, input);
    reply.unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
}

pub fn serin(sim: &Sim) -> Serin {
    let invocation = sim.invocation("serin");
    let credentials = Credentials::new("serin", "serin", None, None, "tests");
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(invocation.http.clone())
        .sleep_impl(invocation.sleep.clone())
        .time_source(invocation.time.clone())
        .retry_config(aws::connect::retries())
        .timeout_config(aws::connect::timeouts())
        .build();
    let account = "111122223333".to_owned();
    Serin::new(
        &configuration,
        "acts",
        TABLE.to_owned(),
        account,
        Arc::new(decide::decide),
    )
}

pub fn policy() -> Policy {
    let document = json!({
        "name": "orders",
        "two_services": {"cluster": CLUSTER, "stable": "orders", "canary": CANARY},
        "traffic": {"kind": "consumer_share", "tasks_max": 40},
        "checks": [{"kind": "alarm", "name": "a", "when_stale": "ignore", "insufficient_data": "ok"}],
        "approval": "pipeline", "promotion": "pipeline", "watch_minutes": 30, "on_new_release": "hold",
        "rollback": "allowed",
    });
    Policy::read(&document.to_string()).expect("a policy without mistakes")
}

/// What is said of one lane.
pub fn act(sim: &Sim, lane: Vec<Action>) -> Vec<String> {
    let did = sim.block_on(serin(sim).act(&[lane]));
    did.into_iter().map(|did| did.text).collect()
}

/// Calls of an operation that we made and that took effect.
pub fn done(sim: &Sim, operation: &str) -> Vec<Value> {
    let world = sim.world();
    let ours = world
        .calls
        .iter()
        .filter(|call| call.caller == "serin" && call.outcome.is_ok());
    let calls = ours.filter(|call| call.operation == operation);
    calls.map(|call| call.input.clone()).collect()
}
