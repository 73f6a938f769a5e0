//! What `watch` must refuse: identities that contradict each other or cannot be, and what belongs elsewhere.

use super::happenings::{document, with};
use super::*;
use aws::event::{Happening, happened};

#[test]
fn what_is_claimed_outside_the_arn_and_is_not_in_it_is_refused() {
    let cases = [
        ("pipeline-failed.json", "/account", "999988887777"),
        ("pipeline-failed.json", "/region", "eu-central-2"),
        ("pipeline-failed.json", "/detail/pipeline", "orders-2"),
        ("stage-failed.json", "/detail/pipeline", "Orders"),
        ("deploy-failed.json", "/account", "999988887777"),
        ("deployment-failed.json", "/region", "us-east-1"),
        (
            "service-steady-state.json",
            "/detail/clusterArn",
            "arn:aws:ecs:eu-central-1:111122223333:cluster/test",
        ),
        (
            "service-steady-state.json",
            "/detail/clusterArn",
            "arn:aws:ecs:eu-central-1:999988887777:cluster/prod",
        ),
        (
            "service-steady-state.json",
            "/detail/clusterArn",
            "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
        ),
        ("parameter-update.json", "/detail/name", "/serin/policies/payments"),
        ("parameter-update.json", "/detail/name", "//serin/policies/orders"),
        ("parameter-update.json", "/account", "999988887777"),
    ];
    for (file, pointer, claimed) in cases {
        let Err(Undecodable::Unfit { at, next, .. }) = happened(&with(file, pointer, claimed)) else {
            panic!("{file} with {pointer} = {claimed}: taken")
        };
        assert_eq!(at, format!("`{}`", pointer[1..].replace('/', ".")), "{file} {claimed}");
        assert!(next.contains("forged"), "{file} {claimed}: {next}");
    }
}

#[test]
fn an_identity_that_cannot_be_is_refused_with_its_place() {
    let long = "x".repeat(256);
    let cases = [
        ("pipeline-failed.json", "/account", "11112222333"),
        (
            "pipeline-failed.json",
            "/resources/0",
            "arn:aws:codepipeline:eu-central-1:111122223333",
        ),
        (
            "pipeline-failed.json",
            "/resources/0",
            "arn:aws:ecs:eu-central-1:111122223333:orders",
        ),
        (
            "pipeline-failed.json",
            "/resources/0",
            "arn:gcp:codepipeline:eu-central-1:111122223333:orders",
        ),
        (
            "pipeline-failed.json",
            "/resources/0",
            "arn:aws:codepipeline::111122223333:orders",
        ),
        (
            "pipeline-failed.json",
            "/resources/0",
            "arn:aws:codepipeline:eu-central-1:root:orders",
        ),
        ("pipeline-failed.json", "/detail/execution-id", "734e5d0c"),
        (
            "pipeline-failed.json",
            "/detail/execution-id",
            "734E5D0C-15AE-4865-A03B-A4C832ADEC5E",
        ),
        (
            "pipeline-failed.json",
            "/detail/execution-id",
            "734e5d0c-15ae-4865-a03b-a4c832adec5g",
        ),
        ("pipeline-failed.json", "/time", "this morning"),
        ("stage-failed.json", "/detail/stage", "Manual\nApproval"),
        ("deploy-failed.json", "/detail/action", ""),
        ("deploy-failed.json", "/detail/action", &long),
        (
            "deployment-failed.json",
            "/resources/0",
            "arn:aws:ecs:eu-central-1:111122223333:task/prod/4",
        ),
        (
            "deployment-failed.json",
            "/resources/0",
            "arn:aws:ecs:eu-central-1:111122223333:service/prod/orders/4",
        ),
        (
            "deployment-failed.json",
            "/resources/0",
            "arn:aws:ecs:eu-central-1:111122223333:service/prod/",
        ),
        (
            "deployment-failed.json",
            "/resources/0",
            "arn:aws:ecs:eu-central-1:111122223333:service//orders",
        ),
        ("deployment-failed.json", "/detail/deploymentId", "7185866873726808014"),
        ("service-steady-state.json", "/detail/clusterArn", "prod"),
        (
            "service-steady-state.json",
            "/detail/clusterArn",
            "arn:aws:ecs:eu-central-1:111122223333:service/prod",
        ),
        ("parameter-update.json", "/detail/name", "/serin/policies/ orders"),
        (
            "parameter-update.json",
            "/resources/0",
            "arn:aws:ssm:eu-central-1:111122223333:document/orders",
        ),
    ];
    for (file, pointer, value) in cases {
        let Err(Undecodable::Unfit { at, .. }) = happened(&with(file, pointer, value)) else {
            panic!("{file} with {pointer} = {value}: taken")
        };
        let path = pointer[1..].replace("resources/0", "resources[0]").replace('/', ".");
        assert_eq!(at, format!("`{path}`"), "{file} {value}");
    }
}

#[test]
fn the_short_arn_of_a_service_is_read_only_where_the_cluster_is_told() {
    let short = "arn:aws:ecs:eu-central-1:111122223333:service/orders";
    assert_eq!(
        happened(&with("service-steady-state.json", "/resources/0", short)),
        happened(&document("service-steady-state.json"))
    );
    let mut told = with("deployment-completed.json", "/resources/0", short);
    let refusal = happened(&told).expect_err("no cluster").to_string();
    expect![[r#"expected a service's ARN (arn:aws:ecs:<region>:<account>:service/<cluster>/<service>) in `resources[0]`, found the short ARN `arn:aws:ecs:eu-central-1:111122223333:service/orders`, which names no cluster; migrate the service to the long ARN, which takes no downtime (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-arn-migration.html)"#]]
        .assert_eq(&refusal);
    told["detail"]["clusterArn"] = "arn:aws:ecs:eu-central-1:111122223333:cluster/prod".into();
    let Ok(Happening::Deployment(event)) = happened(&told) else {
        panic!("a deployment")
    };
    assert_eq!((event.cluster.as_str(), event.service.as_str()), ("prod", "orders"));
}

#[test]
fn a_parameter_without_a_path_has_no_slash_before_its_name() {
    let mut told = document("parameter-update.json");
    told["resources"][0] = "arn:aws:ssm:eu-central-1:111122223333:parameter/freeze".into();
    for (name, taken) in [("freeze", true), ("/freeze", true), ("freeze/", false)] {
        told["detail"]["name"] = name.into();
        match happened(&told) {
            Ok(Happening::Parameter(event)) if taken => assert_eq!(event.name, name),
            other => assert!(!taken && other.is_err(), "{name}: {other:?}"),
        }
    }
}

#[test]
fn what_belongs_to_another_function_or_to_nobody_is_refused_with_the_way_out() {
    let mut report = String::new();
    let task = json!({"version": "0", "detail-type": "ECS Task State Change", "source": "aws.ecs", "account": "111122223333",
        "region": "eu-central-1", "time": "2026-11-21T03:02:45Z", "detail": {"lastStatus": "RUNNING"},
        "resources": ["arn:aws:ecs:eu-central-1:111122223333:task/prod/c13b4cb40f1f4fe4a2971f76ae5a47ad"]});
    let mut forged = document("pipeline-failed.json");
    forged["source"] = "com.example.orders".into();
    let cases = [
        ("a task's state", task),
        ("somebody's own event", forged),
        ("a job", folder("codepipeline")["job-first.json"].clone()),
        ("an alarm's action", folder("alarm")["direct-metric.json"].clone()),
        (
            "an alarm on the bus",
            folder("alarm")["eventbridge-metric.json"].clone(),
        ),
        ("an alarm's notification", folder("alarm")["sns-metric.json"].clone()),
        ("two at once", folder("hostile")["two-senders.json"].clone()),
        (
            "an ECS hook",
            json!({"lifecycleStage": "POST_TEST_TRAFFIC_SHIFT", "resourceArn": "arn"}),
        ),
        ("a list", folder("hostile")["array.json"].clone()),
        ("nothing", json!({})),
        ("a mebibyte", json!({"detail-type": "x".repeat(1024 * 1024)})),
    ];
    for (name, payload) in cases {
        let refusal = happened(&payload).expect_err(name);
        report.push_str(&format!("{name}: {refusal}\n"));
    }
    expect![[r#"
        a task's state: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found `ECS Task State Change` from `aws.ecs`, not a shape that `watch` takes; let the rule match the three execution state changes of `aws.codepipeline`, `ECS Deployment State Change` and `ECS Service Action` of `aws.ecs`, and `Parameter Store Change` of `aws.ssm` only
        somebody's own event: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found `CodePipeline Pipeline Execution State Change` from `com.example.orders`, not a shape that `watch` takes; let the rule match the three execution state changes of `aws.codepipeline`, `ECS Deployment State Change` and `ECS Service Action` of `aws.ecs`, and `Parameter Store Change` of `aws.ssm` only
        a job: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found a CodePipeline job; name the function `open`, `approve` or `promote` in the pipeline's action; this job now waits until it times out
        an alarm's action: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found an alarm action's event; name the function `rollback` in the alarm's action
        an alarm on the bus: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found `CloudWatch Alarm State Change` from `aws.cloudwatch`, not a shape that `watch` takes; alarms belong to the function `rollback`
        an alarm's notification: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found a batch of records; let the service that tells of it invoke this function itself, without a topic, queue or stream in between
        two at once: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found both `detail-type` and `alarmData`; find out who invokes this function (its resource policy and its triggers name them)
        an ECS hook: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found an ECS deployment lifecycle hook; name the function `answer-hook` in the service's lifecycle hooks
        a list: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found a list of 1; find out who invokes this function (its resource policy and its triggers name them)
        nothing: expected an EventBridge event of CodePipeline, ECS or Parameter Store in the payload, found an empty object; find out who invokes this function (its resource policy and its triggers name them)
        a mebibyte: expected a document of at most 262144 bytes in the payload, found a larger one, of which nothing was read; find out who invokes this function (its resource policy and its triggers name them)
    "#]].assert_eq(&report);
}
