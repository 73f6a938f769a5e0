use super::{Shape, check_error, check_reply, check_request, services};
use crate::Refusal;
use serde_json::{Value, json};

#[test]
fn every_shape_that_is_named_is_there() {
    for (name, service) in services() {
        let inner = service.shapes.values().flat_map(|shape| match shape {
            Shape::Structure(s) => s.members.values().collect(),
            Shape::List { member, .. } => vec![member],
            Shape::Map { key, value, .. } => vec![key, value],
            _ => Vec::new(),
        });
        let roots = service.operations.values();
        let roots = roots.flat_map(|o| o.input.iter().chain(&o.output).chain(&o.errors));
        for shape in inner.chain(roots) {
            assert!(service.shape(shape).is_some(), "{name}: {shape}");
        }
    }
}

#[test]
fn every_service_serves_something_under_its_own_name() {
    for (name, service) in services() {
        assert_eq!(name, service.service);
        assert!(!service.operations.is_empty(), "{name}");
    }
}

#[test]
fn what_aws_would_take_is_taken_and_made_plain() {
    let cases = [
        (
            "nulls are left out",
            ("ecs", "ListTasks", json!({ "cluster": null, "maxResults": 5 })),
            json!({ "maxResults": 5 }),
        ),
        (
            "a whole number may be written with a fraction of nothing",
            ("ecs", "UpdateService", json!({ "service": "web", "desiredCount": 2.0 })),
            json!({ "service": "web", "desiredCount": 2 }),
        ),
        (
            "a document holds anything",
            (
                "ecs",
                "UpdateService",
                json!({ "service": "web", "deploymentConfiguration": { "lifecycleHooks": [
                    { "hookTargetArn": "arn:x", "roleArn": "arn:y", "hookDetails": [1, null, { "a": {} }] },
                ] } }),
            ),
            json!({ "service": "web", "deploymentConfiguration": { "lifecycleHooks": [
                { "hookTargetArn": "arn:x", "roleArn": "arn:y", "hookDetails": [1, null, { "a": {} }] },
            ] } }),
        ),
        (
            "letters of any language are letters",
            (
                "dynamodb",
                "GetItem",
                json!({ "TableName": "t", "Key": { "größe": { "S": "" } } }),
            ),
            json!({ "TableName": "t", "Key": { "größe": { "S": "" } } }),
        ),
    ];
    for (what, (service, operation, input), wanted) in cases {
        assert_eq!(check_request(service, operation, &input), Ok(wanted), "{what}");
    }
}

/// Service, operation, input, error code, part of the text.
type Refused = (&'static str, &'static str, Value, &'static str, &'static str);

fn unreadable() -> Vec<Refused> {
    const CODE: &str = "SerializationException";
    let update = |member: &str, value: Value| json!({ "service": "web", member: value });
    vec![
        (
            "ecs",
            "UpdateService",
            update("serviceName", json!("x")),
            CODE,
            r#"unknown member "serviceName""#,
        ),
        (
            "ecs",
            "UpdateService",
            update("deploymentConfiguration", json!({ "alarms": { "names": [] } })),
            CODE,
            r#"unknown member "deploymentConfiguration.alarms.names""#,
        ),
        (
            "ecs",
            "UpdateService",
            update("desiredCount", json!(2.5)),
            CODE,
            "2.5 at 'desiredCount'",
        ),
        (
            "ecs",
            "UpdateService",
            update("desiredCount", json!(1_u64 << 40)),
            CODE,
            "to an integer",
        ),
        (
            "ecs",
            "UpdateService",
            update("desiredCount", json!("2")),
            CODE,
            "STRING_VALUE cannot be converted to Integer",
        ),
        (
            "ecs",
            "UpdateService",
            update("forceNewDeployment", json!("yes")),
            CODE,
            "converted to Boolean",
        ),
        (
            "ecs",
            "UpdateService",
            update("taskDefinition", json!(["a"])),
            CODE,
            "Start of list cannot be converted",
        ),
        (
            "ecs",
            "DescribeTasks",
            json!({ "tasks": [null] }),
            CODE,
            "null cannot be converted to String",
        ),
        (
            "ecs",
            "ListTasks",
            json!([]),
            CODE,
            "Start of list cannot be converted to a structure",
        ),
        (
            "dynamodb",
            "GetItem",
            json!({ "TableName": "tab", "Key": { "a": { "B": "?" } } }),
            CODE,
            "Base64 encoded data expected",
        ),
    ]
}

fn not_allowed() -> Vec<Refused> {
    let pipeline = |name: &str| json!({ "name": name });
    let alarm = |state: &str| json!({ "AlarmName": "a", "StateReason": "r", "StateValue": state });
    vec![
        (
            "ecs",
            "UpdateService",
            json!({}),
            "InvalidParameterException",
            "Value null at 'service'",
        ),
        (
            "ecs",
            "RegisterTaskDefinition",
            json!({ "family": "f" }),
            "ClientException",
            "'containerDefinitions'",
        ),
        (
            "ecs",
            "ListTasks",
            json!({ "desiredStatus": "DONE" }),
            "InvalidParameterException",
            "Value 'DONE' at 'desiredStatus' failed to satisfy constraint: Member must satisfy enum value set: \
             [RUNNING, PENDING, STOPPED]",
        ),
        (
            "codepipeline",
            "GetPipeline",
            pipeline("a b"),
            "ValidationException",
            "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+",
        ),
        (
            "codepipeline",
            "GetPipeline",
            pipeline(&"a".repeat(101)),
            "ValidationException",
            "less than or equal to 100",
        ),
        (
            "codepipeline",
            "GetPipeline",
            pipeline("a\n"),
            "ValidationException",
            "regular expression",
        ),
        (
            "codepipeline",
            "GetPipeline",
            pipeline(""),
            "ValidationException",
            "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: \
             Member must have length greater than or equal to 1; ",
        ),
        (
            "cloudwatch",
            "SetAlarmState",
            alarm("BAD"),
            "ValidationException",
            "[OK, ALARM, INSUFFICIENT_DATA]",
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            json!({ "MaxRecords": 101 }),
            "ValidationException",
            "Value '101' at 'maxRecords' failed to satisfy constraint: Member must have value less than or equal to 100",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({ "TransactItems": [{}, { "Put": { "TableName": "tab" } }] }),
            "ValidationException",
            "Value null at 'transactItems.2.member.put.item' failed",
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            json!({ "TransactItems": [] }),
            "ValidationException",
            "at 'transactItems'",
        ),
        (
            "dynamodb",
            "GetItem",
            json!({ "TableName": "tab", "Key": { "a": { "S": "x", "N": "1" } } }),
            "ValidationException",
            "more than one datatypes set",
        ),
        ("ecs", "RunTask", json!({}), "UnknownOperationException", "RunTask"),
        (
            "kinesis",
            "PutRecord",
            json!({}),
            "UnknownOperationException",
            "kinesis",
        ),
    ]
}

#[test]
fn what_aws_would_not_take_is_refused_in_the_services_words() {
    for (service, operation, input, code, text) in unreadable().into_iter().chain(not_allowed()) {
        let refusal = check_request(service, operation, &input).expect_err(&format!("{operation} {input}"));
        assert_eq!(refusal.code, code, "{operation} {input}: {refusal}");
        assert!(refusal.message.contains(text), "{operation} {input}: {refusal}");
    }
}

#[test]
fn a_reply_aws_could_not_give_is_found_out() {
    let service = |member: &str, value: Value| json!({ "services": [{ member: value }] });
    let cases = [
        ("DescribeServices", service("desiredCount", json!(2)), None),
        ("DescribeServices", service("createdAt", json!(1.5)), None),
        (
            "DescribeServices",
            service("desiredCuont", json!(2)),
            Some("has no member desiredCuont"),
        ),
        (
            "DescribeServices",
            service("desiredCount", json!(2.0)),
            Some("2.0 is no Integer"),
        ),
        (
            "DescribeServices",
            service("desiredCount", json!(null)),
            Some("null is no"),
        ),
        (
            "DescribeServices",
            service("createdAt", json!("2026-11-21")),
            Some("is no Timestamp"),
        ),
        (
            "DescribeServices",
            service("launchType", json!("MOON")),
            Some("is none of EC2, FARGATE"),
        ),
        ("DescribeServices", json!([]), Some("[] is no DescribeServicesResponse")),
        ("RunTask", json!({}), Some("no operation RunTask")),
    ];
    for (operation, reply, wanted) in cases {
        match (check_reply("ecs", operation, &reply), wanted) {
            (Ok(()), None) => {}
            (Err(got), Some(wanted)) if got.contains(wanted) => {}
            (got, wanted) => panic!("{reply}: got {got:?}, wanted {wanted:?}"),
        }
    }
    let nothing = check_reply("codepipeline", "PutJobSuccessResult", &json!({}));
    assert_eq!(nothing, Ok(()));
    let something = check_reply("codepipeline", "PutJobSuccessResult", &json!({ "ok": true }));
    assert!(something.unwrap_err().contains("has no reply members"));
    let missing = check_reply("codepipeline", "GetPipeline", &json!({ "pipeline": { "name": "a" } }));
    assert!(missing.unwrap_err().contains("lacks roleArn"));
}

#[test]
fn an_error_aws_could_not_give_is_found_out() {
    let reasons = json!([{ "Code": "ConditionalCheckFailed" }]);
    let cancelled = Refusal::new("TransactionCanceledException", "no").with("CancellationReasons", reasons);
    let cases = [
        ("dynamodb", "TransactWriteItems", cancelled.clone(), None),
        (
            "dynamodb",
            "GetItem",
            cancelled,
            Some("GetItem does not answer with TransactionCanceledException"),
        ),
        ("ecs", "ListTasks", Refusal::throttled(), None),
        (
            "ecs",
            "ListTasks",
            Refusal::throttled().with("after", json!(3)),
            Some("has no member after"),
        ),
        (
            "ecs",
            "ListTasks",
            Refusal::new("NoSuchThing", "no"),
            Some("does not answer with NoSuchThing"),
        ),
    ];
    for (service, operation, refusal, wanted) in cases {
        match (check_error(service, operation, &refusal), wanted) {
            (Ok(()), None) => {}
            (Err(got), Some(wanted)) if got.contains(wanted) => {}
            (got, wanted) => panic!("{refusal}: got {got:?}, wanted {wanted:?}"),
        }
    }
}
