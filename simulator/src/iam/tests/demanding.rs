//! Which action on which resource each operation is.

use crate::World;
use crate::iam::demands;
use crate::model;
use serde_json::{Value, json};

/// What an operation demands, `action resource` each, in a region and account that need not be repeated.
fn demanded(world: &World, service: &str, operation: &str, input: &Value) -> Vec<String> {
    let demands = demands::of(world, service, operation, input).expect("known");
    let short = |arn: &str| arn.replace("eu-central-1:111122223333:", "").replace("arn:aws:", "");
    demands
        .iter()
        .map(|demand| format!("{} {}", demand.action, short(&demand.resource)))
        .collect()
}

#[test]
fn every_operation_that_is_served_has_its_demands() {
    let (world, mut operations) = (World::new(1), 0);
    for (service, model) in model::services() {
        for operation in model.operations.keys() {
            let known = demands::of(&world, service, operation, &json!({}));
            assert!(known.is_some(), "{service} {operation} is not authorised as anything");
            operations += 1;
        }
        let unknown = demands::of(&world, service, "NoSuchOperation", &json!({}));
        assert_eq!(unknown, None, "{service}");
    }
    assert!(operations >= 60, "{operations} operations");
    assert_eq!(demands::of(&world, "kinesis", "PutRecord", &json!({})), None);
}

/// Service, operation, members, and what they demand.
fn of_ecs() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let cluster = "arn:aws:ecs:eu-central-1:111122223333:cluster/prod";
    let revision = "arn:aws:ecs:eu-central-1:111122223333:service-revision/prod/orders/123";
    vec![
        (
            "UpdateService",
            json!({ "cluster": "prod", "service": "orders", "taskDefinition": "orders:3" }),
            vec!["ecs:UpdateService ecs:service/prod/orders"],
        ),
        (
            "UpdateService",
            json!({ "cluster": cluster, "service": "arn:aws:ecs:eu-central-1:111122223333:service/prod/orders" }),
            vec!["ecs:UpdateService ecs:service/prod/orders"],
        ),
        (
            "DeleteService",
            json!({ "service": "orders" }),
            vec!["ecs:DeleteService ecs:service/default/orders"],
        ),
        (
            "DescribeServices",
            json!({ "cluster": "prod", "services": ["orders", "orders-canary"] }),
            vec![
                "ecs:DescribeServices ecs:service/prod/orders",
                "ecs:DescribeServices ecs:service/prod/orders-canary",
            ],
        ),
        (
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": [revision] }),
            vec![
                "ecs:DescribeServiceRevisions ecs:service-revision/prod/orders/123",
                "ecs:DescribeServiceRevisions ecs:service/prod/orders",
            ],
        ),
        (
            "StopServiceDeployment",
            json!({ "serviceDeploymentArn": "arn:aws:ecs:eu-central-1:111122223333:service-deployment/prod/orders/9" }),
            vec![
                "ecs:StopServiceDeployment ecs:service-deployment/prod/orders/9",
                "ecs:StopServiceDeployment ecs:service/prod/orders",
            ],
        ),
        (
            "StopTask",
            json!({ "cluster": "prod", "task": "abc" }),
            vec!["ecs:StopTask ecs:task/prod/abc"],
        ),
        (
            "DescribeTasks",
            json!({ "cluster": cluster, "tasks": ["arn:aws:ecs:eu-central-1:111122223333:task/prod/abc"] }),
            vec!["ecs:DescribeTasks ecs:task/prod/abc"],
        ),
        (
            "ListTasks",
            json!({ "cluster": "prod", "serviceName": "orders" }),
            vec!["ecs:ListTasks *"],
        ),
        (
            "ListTasks",
            json!({ "cluster": "prod", "containerInstance": "04bb" }),
            vec!["ecs:ListTasks ecs:container-instance/prod/04bb"],
        ),
        (
            "DescribeTaskDefinition",
            json!({ "taskDefinition": "orders:3" }),
            vec!["ecs:DescribeTaskDefinition *"],
        ),
        (
            "DeregisterTaskDefinition",
            json!({ "taskDefinition": "orders:3" }),
            vec!["ecs:DeregisterTaskDefinition *"],
        ),
        (
            "RegisterTaskDefinition",
            json!({ "family": "orders" }),
            vec!["ecs:RegisterTaskDefinition ecs:task-definition/orders:*"],
        ),
        (
            "RegisterTaskDefinition",
            json!({
                "family": "orders", "tags": [{ "key": "team", "value": "a" }],
                "taskRoleArn": "arn:aws:iam::111122223333:role/orders-task", "executionRoleArn": "ecsTaskExecutionRole",
            }),
            vec![
                "ecs:RegisterTaskDefinition ecs:task-definition/orders:*",
                "ecs:TagResource ecs:task-definition/orders:*",
                "iam:PassRole iam::111122223333:role/orders-task",
                "iam:PassRole iam::111122223333:role/ecsTaskExecutionRole",
            ],
        ),
        (
            "RegisterTaskDefinition",
            json!({ "family": "orders", "taskRoleArn": "one", "executionRoleArn": "one", "tags": [] }),
            vec![
                "ecs:RegisterTaskDefinition ecs:task-definition/orders:*",
                "iam:PassRole iam::111122223333:role/one",
            ],
        ),
        (
            "CreateCluster",
            json!({ "clusterName": "prod", "tags": [{ "key": "team", "value": "a" }] }),
            vec!["ecs:CreateCluster *", "ecs:TagResource ecs:cluster/prod"],
        ),
        ("ListServices", json!({ "cluster": "prod" }), vec!["ecs:ListServices *"]),
    ]
}

fn of_others() -> Vec<(&'static str, &'static str, Value, Vec<&'static str>)> {
    let approval = json!({ "pipelineName": "orders", "stageName": "Gate", "actionName": "Approve" });
    let both = json!({ "AlarmNames": ["a"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
    let machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:serin-clock";
    vec![
        (
            "codepipeline",
            "GetPipelineState",
            json!({ "name": "orders" }),
            vec!["codepipeline:GetPipelineState codepipeline:orders"],
        ),
        (
            "codepipeline",
            "StopPipelineExecution",
            json!({ "pipelineName": "orders", "pipelineExecutionId": "1" }),
            vec!["codepipeline:StopPipelineExecution codepipeline:orders"],
        ),
        (
            "codepipeline",
            "DisableStageTransition",
            json!({ "pipelineName": "orders", "stageName": "Deploy" }),
            vec!["codepipeline:DisableStageTransition codepipeline:orders/Deploy"],
        ),
        (
            "codepipeline",
            "PutApprovalResult",
            approval,
            vec!["codepipeline:PutApprovalResult codepipeline:orders/Gate/Approve"],
        ),
        (
            "codepipeline",
            "PutJobFailureResult",
            json!({ "jobId": "1" }),
            vec!["codepipeline:PutJobFailureResult *"],
        ),
        (
            "codepipeline",
            "UpdatePipeline",
            json!({ "pipeline": { "name": "orders", "roleArn": "arn:aws:iam::111122223333:role/pipeline" } }),
            vec![
                "codepipeline:UpdatePipeline codepipeline:orders",
                "iam:PassRole iam::111122223333:role/pipeline",
            ],
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            json!({ "AlarmNames": ["a"] }),
            vec!["cloudwatch:DescribeAlarms cloudwatch:alarm:a"],
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            json!({}),
            vec!["cloudwatch:DescribeAlarms cloudwatch:alarm:*"],
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            both,
            vec!["cloudwatch:DescribeAlarms *"],
        ),
        (
            "cloudwatch",
            "GetMetricData",
            json!({}),
            vec!["cloudwatch:GetMetricData *"],
        ),
        (
            "dynamodb",
            "Query",
            json!({ "TableName": "tab", "IndexName": "i" }),
            vec!["dynamodb:Query dynamodb:table/tab/index/i"],
        ),
        (
            "dynamodb",
            "GetItem",
            json!({ "TableName": "arn:aws:dynamodb:eu-central-1:111122223333:table/tab" }),
            vec!["dynamodb:GetItem dynamodb:table/tab"],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({ "TransactItems": [
                { "Put": { "TableName": "tab" } }, { "Update": { "TableName": "tab" } },
                { "Delete": { "TableName": "u" } }, { "ConditionCheck": { "TableName": "tab" } },
            ] }),
            vec![
                "dynamodb:PutItem dynamodb:table/tab",
                "dynamodb:UpdateItem dynamodb:table/tab",
                "dynamodb:DeleteItem dynamodb:table/u",
                "dynamodb:ConditionCheckItem dynamodb:table/tab",
            ],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            json!({ "RequestItems": { "tab": { "Keys": [] }, "u": { "Keys": [] } } }),
            vec![
                "dynamodb:BatchGetItem dynamodb:table/tab",
                "dynamodb:BatchGetItem dynamodb:table/u",
            ],
        ),
        (
            "ssm",
            "GetParameter",
            json!({ "Name": "/serin/policies/orders" }),
            vec!["ssm:GetParameter ssm:parameter/serin/policies/orders"],
        ),
        (
            "ssm",
            "GetParameter",
            json!({ "Name": "orders:3" }),
            vec!["ssm:GetParameter ssm:parameter/orders"],
        ),
        (
            "ssm",
            "GetParameter",
            json!({ "Name": "arn:aws:ssm:eu-central-1:111122223333:parameter/a/b:3" }),
            vec!["ssm:GetParameter ssm:parameter/a/b"],
        ),
        (
            "ssm",
            "GetParametersByPath",
            json!({ "Path": "/serin/policies/" }),
            vec!["ssm:GetParametersByPath ssm:parameter/serin/policies/"],
        ),
        (
            "ssm",
            "GetParametersByPath",
            json!({ "Path": "/serin" }),
            vec!["ssm:GetParametersByPath ssm:parameter/serin"],
        ),
        (
            "sqs",
            "SendMessage",
            json!({ "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/111122223333/orders", "MessageBody": "1" }),
            vec!["sqs:SendMessage sqs:orders"],
        ),
        (
            "sqs",
            "CreateQueue",
            json!({ "QueueName": "orders.fifo" }),
            vec!["sqs:CreateQueue sqs:orders.fifo"],
        ),
        ("sqs", "ListQueues", json!({}), vec!["sqs:ListQueues *"]),
        (
            "sqs",
            "ListDeadLetterSourceQueues",
            json!({ "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/111122223333/orders-dlq" }),
            vec!["sqs:ListDeadLetterSourceQueues sqs:orders-dlq"],
        ),
        (
            "codepipeline",
            "ListTagsForResource",
            json!({ "resourceArn": "arn:aws:codepipeline:eu-central-1:111122223333:orders" }),
            vec!["codepipeline:ListTagsForResource codepipeline:orders"],
        ),
        (
            "codepipeline",
            "TagResource",
            json!({ "resourceArn": "arn:aws:codepipeline:eu-central-1:111122223333:orders", "tags": [] }),
            vec!["codepipeline:TagResource codepipeline:orders"],
        ),
        (
            "elbv2",
            "DescribeRules",
            json!({ "RuleArns": ["arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/a/1/2/3"] }),
            vec!["elasticloadbalancing:DescribeRules *"],
        ),
        (
            "elbv2",
            "ModifyRule",
            json!({ "RuleArn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/a/1/2/3" }),
            vec!["elasticloadbalancing:ModifyRule elasticloadbalancing:listener-rule/app/a/1/2/3"],
        ),
        (
            "elbv2",
            "ModifyListener",
            json!({ "ListenerArn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/a/1/2" }),
            vec!["elasticloadbalancing:ModifyListener elasticloadbalancing:listener/app/a/1/2"],
        ),
        (
            "ecr",
            "BatchGetImage",
            json!({ "repositoryName": "a/b" }),
            vec!["ecr:BatchGetImage ecr:repository/a/b"],
        ),
        (
            "ecr",
            "DescribeImages",
            json!({ "registryId": "444455556666", "repositoryName": "a" }),
            vec!["ecr:DescribeImages ecr:eu-central-1:444455556666:repository/a"],
        ),
        (
            "stepfunctions",
            "StartExecution",
            json!({ "stateMachineArn": machine }),
            vec!["states:StartExecution states:stateMachine:serin-clock"],
        ),
        (
            "stepfunctions",
            "StopExecution",
            json!({ "executionArn": "arn:aws:states:eu-central-1:111122223333:execution:serin-clock:one" }),
            vec!["states:StopExecution states:execution:serin-clock:one"],
        ),
    ]
}

#[test]
fn each_operation_is_authorised_as_the_service_authorization_reference_says() {
    let world = World::new(1);
    let ecs = of_ecs()
        .into_iter()
        .map(|(operation, input, wanted)| ("ecs", operation, input, wanted));
    for (service, operation, input, wanted) in ecs.chain(of_others()) {
        assert_eq!(
            demanded(&world, service, operation, &input),
            wanted,
            "{service} {operation} {input}"
        );
    }
}
