//! What a condition may ask about each operation.

use crate::World;
use crate::iam::demands;
use serde_json::{Value, json};

#[test]
fn what_a_condition_may_ask_comes_with_the_demand() {
    let mut world = World::new(1);
    crate::ecs::stage::cluster(&mut world, "prod");
    let image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders:1";
    world.ecs.push_image(image, &format!("sha256:{:064x}", 1));
    let definition = crate::ecs::stage::task_definition(&mut world, "orders", &[("worker", image)], json!({}));
    crate::ecs::stage::service(&mut world, "prod", "orders", &definition, 1, json!({}));
    crate::dynamodb::stage::ledger_table(&mut world, "tab");
    let arn = world.arn("ecs", "service/prod/orders");
    let tags = json!({ "resourceArn": arn, "tags": [{ "key": "serin:policy", "value": "orders" }] });
    world.call("test", "ecs", "TagResource", tags).expect("tagged");
    crate::codepipeline::stage::tag(&mut world, "orders", "serin:policy", "orders");
    let tagging = json!({ "family": "f", "tags": [{ "key": "a", "value": "1" }, { "key": "b", "value": "2" }] });
    let cases = [
        (
            "ecs",
            "UpdateService",
            json!({ "cluster": "prod", "service": "orders" }),
            0,
            "aws:ResourceTag/serin:policy",
            "orders",
        ),
        (
            "ecs",
            "UpdateService",
            json!({ "cluster": "prod", "service": "orders" }),
            0,
            "ecs:cluster",
            "arn:aws:ecs:eu-central-1:111122223333:cluster/prod",
        ),
        (
            "ecs",
            "UpdateService",
            json!({ "service": "orders" }),
            0,
            "aws:ResourceTag/serin:policy",
            "",
        ),
        (
            "ecs",
            "ListTasks",
            json!({ "cluster": "prod" }),
            0,
            "ecs:cluster",
            "arn:aws:ecs:eu-central-1:111122223333:cluster/prod",
        ),
        (
            "ecs",
            "StopServiceDeployment",
            json!({ "serviceDeploymentArn": "arn:aws:ecs:eu-central-1:111122223333:service-deployment/prod/orders/9" }),
            0,
            "ecs:service",
            "arn:aws:ecs:eu-central-1:111122223333:service/prod/orders",
        ),
        // The service that it is of is asked about as well, and has tags.
        (
            "ecs",
            "StopServiceDeployment",
            json!({ "serviceDeploymentArn": "arn:aws:ecs:eu-central-1:111122223333:service-deployment/prod/orders/9" }),
            1,
            "aws:ResourceTag/serin:policy",
            "orders",
        ),
        (
            "codepipeline",
            "StopPipelineExecution",
            json!({ "pipelineName": "orders" }),
            0,
            "aws:ResourceTag/serin:policy",
            "orders",
        ),
        // That a pipeline's tags count for its stages is not documented.
        (
            "codepipeline",
            "DisableStageTransition",
            json!({ "pipelineName": "orders", "stageName": "Deploy" }),
            0,
            "aws:ResourceTag/serin:policy",
            "",
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            tagging.clone(),
            0,
            "aws:RequestTag/a",
            "1",
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            tagging.clone(),
            0,
            "aws:TagKeys",
            "a b",
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            tagging,
            1,
            "ecs:CreateAction",
            "RegisterTaskDefinition",
        ),
        (
            "ecs",
            "TagResource",
            json!({ "resourceArn": arn, "tags": [] }),
            0,
            "ecs:CreateAction",
            "",
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            json!({ "family": "f", "taskRoleArn": "r" }),
            1,
            "iam:PassedToService",
            "ecs-tasks.amazonaws.com",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({ "TransactItems": [{ "Put": { "TableName": "tab" } }] }),
            0,
            "dynamodb:EnclosingOperation",
            "TransactWriteItems",
        ),
        (
            "cloudwatch",
            "PutMetricData",
            json!({ "Namespace": "Orders" }),
            0,
            "cloudwatch:namespace",
            "Orders",
        ),
        (
            "ecr",
            "DescribeImages",
            json!({ "registryId": "444455556666", "repositoryName": "a" }),
            0,
            "aws:ResourceAccount",
            "444455556666",
        ),
        (
            "codepipeline",
            "ListPipelines",
            json!({}),
            0,
            "aws:RequestedRegion",
            "eu-central-1",
        ),
    ];
    for (service, operation, input, place, key, value) in cases {
        let demands = demands::of(&world, service, operation, &input).expect("known");
        let found = demands[place]
            .context
            .get(key)
            .map(|values| values.join(" "))
            .unwrap_or_default();
        assert_eq!(found, value, "{service} {operation} {input}: {key}");
    }
}

#[test]
fn leading_keys_are_the_partitions_that_a_request_names() {
    let mut world = World::new(1);
    crate::dynamodb::stage::ledger_table(&mut world, "tab");
    let keys = |operation: &str, mut input: Value| {
        input["TableName"] = json!("tab");
        crate::dynamodb::leading_key(&world, "tab", operation, &input)
    };
    let key = json!({ "pk": { "S": "policy#orders" }, "sk": { "S": "release" } });
    let wanted = Some("policy#orders".to_owned());
    assert_eq!(keys("GetItem", json!({ "Key": key })), wanted);
    assert_eq!(keys("UpdateItem", json!({ "Key": key })), wanted);
    assert_eq!(keys("PutItem", json!({ "Item": key })), wanted);
    let query = json!({
        "KeyConditionExpression": "#p = :p AND begins_with(sk, :s)",
        "ExpressionAttributeNames": { "#p": "pk" },
        "ExpressionAttributeValues": { ":p": { "S": "policy#orders" }, ":s": { "S": "good#" } },
    });
    assert_eq!(keys("Query", query), wanted);
    assert_eq!(keys("Scan", json!({})), None);
}

#[test]
fn the_tags_of_a_rule_may_be_asked_about_when_it_is_modified() {
    let mut world = World::new(1);
    let rule = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/a/1/2/3";
    let input = json!({ "RuleArn": rule });
    let asked = |world: &World, key: &str| {
        let demands = demands::of(world, "elbv2", "ModifyRule", &input).unwrap();
        demands[0].context.get(key).cloned()
    };
    let keys = [
        "aws:ResourceTag/serin:policy",
        "elasticloadbalancing:ResourceTag/serin:policy",
    ];
    assert_eq!(keys.map(|key| asked(&world, key)), [None, None]);
    crate::elb::stage::tag(&mut world, rule, "serin:policy", "shop");
    for key in keys {
        assert_eq!(asked(&world, key), Some(vec!["shop".to_owned()]), "{key}");
    }
}
