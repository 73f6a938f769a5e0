//! What a story sees of the account, by asking AWS.

use crate::Stage;
use crate::scene::RowA;
use serde_json::{Value, json};

pub(crate) fn ask(stage: &Stage, service: &'static str, operation: &str, input: Value) -> Value {
    stage
        .sim
        .world()
        .call("story", service, operation, input)
        .unwrap_or(Value::Null)
}

/// Whether an approval waits for an answer.
pub(crate) fn approval_open(stage: &Stage, name: &str) -> bool {
    let state = ask(stage, "codepipeline", "GetPipelineState", json!({"name": name}));
    let stages = state["stageStates"].as_array().cloned().unwrap_or_default();
    let mut actions = stages
        .iter()
        .flat_map(|stage| stage["actionStates"].as_array().cloned().unwrap_or_default());
    actions.any(|action| action["latestExecution"]["token"].is_string())
}

/// How an action's latest run stands, in CodePipeline's word.
pub(crate) fn action(stage: &Stage, name: &str, wanted: &str) -> String {
    let state = ask(stage, "codepipeline", "GetPipelineState", json!({"name": name}));
    let stages = state["stageStates"].as_array().into_iter().flatten();
    let mut actions = stages.flat_map(|stage| stage["actionStates"].as_array().into_iter().flatten());
    let found = actions.find(|action| action["actionName"] == wanted);
    let status = found.and_then(|action| action["latestExecution"]["status"].as_str());
    status.unwrap_or("unknown").to_owned()
}

/// Whether what a service was given last was given before any release of its policy was opened.
pub(crate) fn untouched(stage: &Stage, row: &RowA, service: &str) -> bool {
    let services = json!({"cluster": row.cluster, "services": [service]});
    let reply = ask(stage, "ecs", "DescribeServices", services);
    let deployments = reply["services"][0]["deployments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let given = deployments
        .iter()
        .filter_map(|deployment| deployment["createdAt"].as_f64())
        .reduce(f64::max);
    let releases = releases(stage, &row.name);
    let opened = releases.first().and_then(|release| release["opened"].as_str());
    let opened = opened.and_then(|text| serde_json::from_value::<decide::At>(json!(text)).ok());
    given
        .zip(opened)
        .is_some_and(|(given, opened)| given * 1000.0 < opened.millis() as f64)
}

/// How an execution stands, in CodePipeline's word.
pub(crate) fn status(stage: &Stage, pipeline: &str, execution: &str) -> String {
    let input = json!({"pipelineName": pipeline, "pipelineExecutionId": execution});
    let reply = ask(stage, "codepipeline", "GetPipelineExecution", input);
    let status = reply["pipelineExecution"]["status"].as_str().unwrap_or("unknown");
    status.to_owned()
}

/// Whether a release of a policy is open, by the ledger's row.
pub(crate) fn is_open(stage: &Stage, name: &str) -> bool {
    let key = json!({"pk": {"S": format!("policy#{name}")}, "sk": {"S": "release"}});
    let item = ask(
        stage,
        "dynamodb",
        "GetItem",
        json!({"TableName": crate::scene::TABLE, "Key": key, "ConsistentRead": true}),
    );
    item["Item"]["document"].is_object()
}

/// Image by which a service's definition names its container.
pub(crate) fn primary_image(stage: &Stage, cluster: &str, service: &str) -> Option<String> {
    let reply = ask(
        stage,
        "ecs",
        "DescribeServices",
        json!({"cluster": cluster, "services": [service]}),
    );
    let definition = reply["services"][0]["taskDefinition"].as_str()?.to_owned();
    let reply = ask(
        stage,
        "ecs",
        "DescribeTaskDefinition",
        json!({"taskDefinition": definition}),
    );
    reply["taskDefinition"]["containerDefinitions"][0]["image"]
        .as_str()
        .map(str::to_owned)
}

/// How many tasks a service asks for.
pub(crate) fn tasks(stage: &Stage, cluster: &str, service: &str) -> Option<i64> {
    let services = json!({"cluster": cluster, "services": [service]});
    ask(stage, "ecs", "DescribeServices", services)["services"][0]["desiredCount"].as_i64()
}

/// Whether every task of a service runs this, and there is one.
pub(crate) fn runs_only(stage: &Stage, row: &RowA, service: &str, version: &str) -> bool {
    let digest = row.digest(version);
    let running = stage.sim.world().ecs.running(&row.cluster, service);
    !running.is_empty()
        && running
            .iter()
            .all(|(_, images)| images.values().all(|found| *found == digest))
}

pub(crate) fn in_alarm(stage: &Stage, alarm: &str) -> bool {
    let reply = ask(stage, "cloudwatch", "DescribeAlarms", json!({"AlarmNames": [alarm]}));
    reply["MetricAlarms"][0]["StateValue"] == "ALARM"
}

/// Releases of a policy by the ledger's rows, open and closed, in the order of opening.
pub(crate) fn releases(stage: &Stage, policy: &str) -> Vec<Value> {
    let mut input = json!({
        "TableName": crate::scene::TABLE, "ConsistentRead": true, "KeyConditionExpression": "pk = :policy",
        "ExpressionAttributeValues": {":policy": {"S": format!("policy#{policy}")}},
    });
    let mut found: Vec<Value> = Vec::new();
    loop {
        let reply = ask(stage, "dynamodb", "Query", input.clone());
        let rows = reply["Items"].as_array().into_iter().flatten();
        let documents = rows.filter_map(|row| row["document"]["S"].as_str());
        found.extend(documents.filter_map(|text| serde_json::from_str(text).ok()));
        if !reply["LastEvaluatedKey"].is_object() {
            break;
        }
        input["ExclusiveStartKey"] = reply["LastEvaluatedKey"].clone();
    }
    // Moments are written in one form, so that their texts sort as they do.
    found.sort_by_key(|document| document["opened"].as_str().map(str::to_owned));
    found
}

/// Its outcome, or its phase while it is open.
pub(crate) fn stands(release: &Value) -> String {
    let phase = release["phase"].as_str().unwrap_or_default();
    outcome(release).unwrap_or(phase).replace('_', " ")
}

/// Its outcome, by the name in the ledger.
pub(crate) fn outcome(release: &Value) -> Option<&str> {
    release["outcome"]["outcome"].as_str()
}
