use super::{Request, answer, name, refuse};
use crate::World;
use crate::faults::Fault;
use serde_json::{Value, json};

fn request(target: &str, body: &str) -> Request {
    Request {
        caller: "someone".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![("x-amz-target".to_owned(), target.to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn a_request_is_named_by_its_target() {
    let cases = [
        ("AmazonEC2ContainerServiceV20141113.ListTasks", ("ecs", "ListTasks")),
        ("CodePipeline_20150709.GetPipeline", ("codepipeline", "GetPipeline")),
        ("DynamoDB_20120810.Query", ("dynamodb", "Query")),
        (
            "GraniteServiceVersion20100801.DescribeAlarms",
            ("cloudwatch", "DescribeAlarms"),
        ),
        ("AmazonSSM.GetParameter", ("ssm", "GetParameter")),
        (
            "AmazonEC2ContainerRegistry_V20150921.DescribeImages",
            ("ecr", "DescribeImages"),
        ),
        ("AmazonEC2ContainerServiceV20141113.NoSuchThing", ("ecs", "NoSuchThing")),
        ("AmazonSQS.SendMessage", ("sqs", "SendMessage")),
        ("Kinesis_20131202.PutRecord", ("unknown", "")),
        ("", ("unknown", "")),
    ];
    for (target, (service, operation)) in cases {
        assert_eq!(
            name(&request(target, "{}")),
            (service, operation.to_owned()),
            "{target}"
        );
    }
}

#[test]
fn what_the_model_refuses_is_logged_and_answered_in_the_services_own_words() {
    let cases = [
        (
            "DynamoDB_20120810.DescribeTable",
            "{}",
            400,
            "com.amazon.coral.service#ValidationException",
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
        ),
        (
            "AmazonEC2ContainerServiceV20141113.UpdateService",
            r#"{"service":"web","desiredCount":"two"}"#,
            400,
            "SerializationException",
            "STRING_VALUE cannot be converted to Integer at 'desiredCount'",
        ),
        (
            "CodePipeline_20150709.GetPipeline",
            r#"{"name":"a","vresion":1}"#,
            400,
            "SerializationException",
            r#"unknown member "vresion""#,
        ),
        (
            "AmazonEC2ContainerServiceV20141113.RunTask",
            "{}",
            400,
            "UnknownOperationException",
            r#"ecs has no operation "RunTask" here"#,
        ),
    ];
    for (target, body, status, code, message) in cases {
        let mut world = World::new(1);
        let reply = answer(&mut world, &request(target, body));
        let got: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (reply.status, &got),
            (status, &json!({ "__type": code, "message": message })),
            "{target}"
        );
        assert_eq!(world.calls.len(), 1, "{target}");
        assert!(world.calls[0].outcome.is_err(), "{target}");
    }
}

#[test]
fn a_service_in_trouble_says_so_in_its_own_words() {
    let cases = [
        (
            "AmazonEC2ContainerServiceV20141113.ListTasks",
            Fault::Throttle,
            400,
            "ThrottlingException",
        ),
        (
            "AmazonEC2ContainerServiceV20141113.ListTasks",
            Fault::ServerError,
            500,
            "ServerException",
        ),
        (
            "CodePipeline_20150709.GetPipeline",
            Fault::AccessDenied,
            400,
            "AccessDeniedException",
        ),
        (
            "CodePipeline_20150709.GetPipeline",
            Fault::ServerError,
            500,
            "InternalFailure",
        ),
        ("AmazonSSM.GetParameter", Fault::ServerError, 500, "InternalServerError"),
        ("AmazonSSM.GetParameter", Fault::Throttle, 400, "ThrottlingException"),
        (
            "AmazonEC2ContainerRegistry_V20150921.BatchGetImage",
            Fault::ServerError,
            500,
            "ServerException",
        ),
    ];
    for (target, fault, status, code) in cases {
        let reply = refuse(&request(target, "{}"), fault);
        let got: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (reply.status, got["__type"].as_str()),
            (status, Some(code)),
            "{target} {fault:?}"
        );
    }
}

#[test]
fn a_form_is_named_by_its_action_and_version() {
    let form = |body: &str| Request {
        headers: vec![(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        )],
        ..request("", body)
    };
    let cases = [
        (
            "Action=ModifyRule&Version=2015-12-01&RuleArn=a",
            ("elbv2", "ModifyRule"),
        ),
        (
            "RuleArn=a&Version=2015-12-01&Action=NoSuchThing",
            ("elbv2", "NoSuchThing"),
        ),
        // The load balancers before these, and a service that is served in newer protocols only.
        ("Action=DescribeLoadBalancers&Version=2012-06-01", ("unknown", "")),
        ("Action=DescribeAlarms&Version=2010-08-01", ("unknown", "")),
        ("Action=ModifyRule", ("unknown", "")),
        ("", ("unknown", "")),
    ];
    for (body, (service, operation)) in cases {
        assert_eq!(name(&form(body)), (service, operation.to_owned()), "{body}");
    }
    let mut world = World::new(1);
    let reply = answer(&mut world, &form("Action=NoSuchThing&Version=2015-12-01"));
    let xml = String::from_utf8(reply.body).unwrap();
    assert!(xml.contains("<Code>InvalidAction</Code>"), "{xml}");
    let reply = answer(&mut world, &form("Action=ModifyRule&Version=2015-12-01&Rule=a"));
    let xml = String::from_utf8(reply.body).unwrap();
    assert!(xml.contains("<Code>MalformedInput</Code>"), "{xml}");
    assert_eq!(world.calls.len(), 2);
}
