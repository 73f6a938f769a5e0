//! Laws of the simulated CodePipeline.

mod aftermath;
mod approvals;
mod callers;
mod ecs_deploy;
mod events;
mod flow;
mod jobs;
mod parallel;
mod reads;
mod retries;
mod rollbacks;
mod staging;
mod stops;
mod structure;
mod with_ecs;

use super::stage;
use crate::refusal::Refusal;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

/// A declared action: name, category, provider, run order, configuration.
fn action(name: &str, category: &str, provider: &str, order: u64, configuration: Value) -> Value {
    json!({
        "name": name, "runOrder": order, "configuration": configuration,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
    })
}

fn source() -> Value {
    let mut source = action("Fetch", "Source", "CodeCommit", 1, json!({}));
    source["namespace"] = json!("Src");
    source["outputArtifacts"] = json!([{ "name": "Code" }]);
    source
}

fn build(name: &str, order: u64) -> Value {
    let mut build = action(name, "Build", "CodeBuild", order, json!({}));
    build["inputArtifacts"] = json!([{ "name": "Code" }]);
    build
}

fn approval() -> Value {
    action("Approve", "Approval", "Manual", 1, json!({}))
}

fn declaration(mode: &str, stages: &[(&str, Vec<Value>)]) -> Value {
    let stages: Vec<Value> = stages
        .iter()
        .map(|(name, actions)| json!({ "name": name, "actions": actions }))
        .collect();
    json!({
        "name": "orders", "roleArn": "arn:aws:iam::111122223333:role/pipeline", "pipelineType": "V2",
        "executionMode": mode, "artifactStore": { "type": "S3", "location": "bucket" }, "stages": stages,
    })
}

/// Source → Build → Gate (approval) → Ship, where Fetch takes 3 s, Compile and Release 60 s.
fn gated(mode: &str) -> World {
    let stages = [
        ("Source", vec![source()]),
        ("Build", vec![build("Compile", 1)]),
        ("Gate", vec![approval()]),
        ("Ship", vec![build("Release", 1)]),
    ];
    world_with(&declaration(mode, &stages))
}

/// Source → Work with these actions.
fn working(actions: Vec<Value>) -> World {
    world_with(&declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Work", actions)],
    ))
}

fn world_with(declaration: &Value) -> World {
    let mut world = World::new(7);
    stage::pipeline(&mut world, declaration);
    stage::action_takes(&mut world, "orders", "Source", "Fetch", 3);
    world
}

fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    let reply = world.call("test", "codepipeline", operation, input);
    reply.unwrap_or_else(|refusal| panic!("{operation} refused: {refusal}"))
}

fn refused(world: &mut World, operation: &str, input: Value) -> Refusal {
    match world.call("test", "codepipeline", operation, input) {
        Ok(reply) => panic!("{operation} answered {reply}"),
        Err(refusal) => refusal,
    }
}

fn start(world: &mut World) -> String {
    let reply = ask(world, "StartPipelineExecution", json!({ "name": "orders" }));
    reply["pipelineExecutionId"].as_str().unwrap().to_owned()
}

fn wait(world: &mut World, seconds: i64) {
    world.advance_to(world.now.plus_seconds(seconds));
}

fn state(world: &mut World) -> Value {
    ask(world, "GetPipelineState", json!({ "name": "orders" }))
}

/// One stage of GetPipelineState.
fn stage_state(world: &mut World, name: &str) -> Value {
    let state = state(world);
    let stages = state["stageStates"].as_array().unwrap();
    stages.iter().find(|stage| stage["stageName"] == name).unwrap().clone()
}

/// `latestExecution` of the stage's action with this name.
fn action_state(world: &mut World, stage: &str, name: &str) -> Value {
    let state = stage_state(world, stage);
    let actions = state["actionStates"].as_array().unwrap();
    actions.iter().find(|action| action["actionName"] == name).unwrap()["latestExecution"].clone()
}

fn status(world: &mut World, execution: &str) -> String {
    let input = json!({ "pipelineName": "orders", "pipelineExecutionId": execution });
    let reply = ask(world, "GetPipelineExecution", input);
    reply["pipelineExecution"]["status"].as_str().unwrap().to_owned()
}

fn token(world: &mut World) -> String {
    action_state(world, "Gate", "Approve")["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn answer(token: &str, status: &str) -> Value {
    json!({
        "pipelineName": "orders", "stageName": "Gate", "actionName": "Approve", "token": token,
        "result": { "status": status, "summary": "seen" },
    })
}

fn stop(execution: &str, abandon: bool) -> Value {
    json!({ "pipelineName": "orders", "pipelineExecutionId": execution, "abandon": abandon, "reason": "why not" })
}

fn retry(stage: &str, execution: &str, mode: &str) -> Value {
    json!({ "pipelineName": "orders", "stageName": stage, "pipelineExecutionId": execution, "retryMode": mode })
}

fn roll_back(stage: &str, target: &str) -> Value {
    json!({ "pipelineName": "orders", "stageName": stage, "targetPipelineExecutionId": target })
}

/// The newest execution as ListPipelineExecutions shows it.
fn newest(world: &mut World) -> Value {
    let listed = ask(world, "ListPipelineExecutions", json!({ "pipelineName": "orders" }));
    listed["pipelineExecutionSummaries"][0].clone()
}

fn disable(stage: &str, side: &str, reason: &str) -> Value {
    json!({ "pipelineName": "orders", "stageName": stage, "transitionType": side, "reason": reason })
}

/// Events so far: the last word of the kind, where it happened, the state.
fn told(world: &World) -> Vec<String> {
    let events = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Event(event) => Some(event),
        _ => None,
    });
    let line = |event: &Value| {
        let kind = event["detail-type"]
            .as_str()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .to_lowercase();
        let place = ["stage", "action"].map(|member| event["detail"][member].as_str().unwrap_or_default());
        let place = place
            .iter()
            .filter(|name| !name.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        format!("{kind} {place} {}", event["detail"]["state"].as_str().unwrap()).replace("  ", " ")
    };
    events.map(line).collect()
}

/// Job events so far.
fn invoked(world: &World) -> Vec<(String, Value)> {
    let deliveries = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Invoke { function, payload, .. } => Some((function.clone(), payload["CodePipeline.job"].clone())),
        _ => None,
    });
    deliveries.collect()
}
