//! Requests over the wire: who is asked for a role, and in which words it is refused.

use super::policy;
use crate::iam::stage;
use crate::wire::{Protocol, Request};
use crate::{World, cloudwatch, iam};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/serin-RollbackRole";

fn world(statements: Value) -> World {
    let mut world = World::new(1);
    crate::ecs::stage::cluster(&mut world, "prod");
    crate::dynamodb::stage::ledger_table(&mut world, "tab");
    cloudwatch::stage::depth_alarm(&mut world, "a", "q", 10.0, &[]);
    stage::role(&mut world, ROLE, vec![policy(statements)]);
    stage::signs(&mut world, "ASIAROLLBACK", ROLE, "serin-rollback");
    world
}

fn sent(
    world: &mut World,
    key: Option<&str>,
    service: &str,
    operation: &str,
    protocol: Protocol,
    input: &Value,
) -> (u16, String) {
    let mut request = Request::written("label", service, operation, protocol, input).expect("served");
    let signed = key.map(|key| {
        let credential = format!("{key}/20261121/eu-central-1/{service}/aws4_request");
        let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00");
        ("authorization".to_owned(), value)
    });
    request.headers.extend(signed);
    let reply = world.answer(&request);
    let codes = reply.headers.iter().filter(|(name, _)| *name == "x-amzn-query-error");
    let codes: String = codes.map(|(_, code)| format!("{code} ")).collect();
    (reply.status, format!("{codes}{}", String::from_utf8_lossy(&reply.body)))
}

#[test]
fn each_service_refuses_in_its_own_shape_and_in_awss_words() {
    let mut world = world(json!([{ "Effect": "Allow", "Action": "ecs:ListServices", "Resource": "*" }]));
    let user =
        "User: arn:aws:sts::111122223333:assumed-role/serin-RollbackRole/serin-rollback is not authorized to perform: ";
    let key = json!({ "pk": { "S": "a" }, "sk": { "S": "b" } });
    let cases = [
        (
            "ecs",
            "StopTask",
            json!({ "cluster": "prod", "task": "abc" }),
            "\"__type\":\"AccessDeniedException\"",
            "ecs:StopTask on resource: arn:aws:ecs:eu-central-1:111122223333:task/prod/abc because no identity-based policy allows the ecs:StopTask action",
        ),
        (
            "ecs",
            "ListTasks",
            json!({ "cluster": "prod" }),
            "\"__type\":\"AccessDeniedException\"",
            "ecs:ListTasks on resource: * because no identity-based policy allows the ecs:ListTasks action",
        ),
        (
            "codepipeline",
            "PutJobSuccessResult",
            json!({ "jobId": "c0d76431-b0e7-4ec5-97e3-e8ee786eb6f6" }),
            "\"__type\":\"AccessDeniedException\"",
            "codepipeline:PutJobSuccessResult because no identity-based policy allows the codepipeline:PutJobSuccessResult action",
        ),
        (
            "dynamodb",
            "GetItem",
            json!({ "TableName": "tab", "Key": key }),
            "\"__type\":\"com.amazon.coral.service#AccessDeniedException\"",
            "dynamodb:GetItem on resource: arn:aws:dynamodb:eu-central-1:111122223333:table/tab because no identity-based policy allows the dynamodb:GetItem action",
        ),
        (
            "ssm",
            "GetParametersByPath",
            json!({ "Path": "/serin/policies/" }),
            "\"__type\":\"AccessDeniedException\"",
            "ssm:GetParametersByPath on resource: arn:aws:ssm:eu-central-1:111122223333:parameter/serin/policies/ because no identity-based policy allows the ssm:GetParametersByPath action",
        ),
    ];
    for (service, operation, input, kind, text) in cases {
        let (status, body) = sent(
            &mut world,
            Some("ASIAROLLBACK"),
            service,
            operation,
            Protocol::Json,
            &input,
        );
        assert_eq!(status, 400, "{body}");
        assert!(body.contains(kind), "{body}");
        assert!(body.contains(&format!("{user}{text}")), "{body}");
    }
    let input = json!({ "AlarmNames": ["a"] });
    let (status, body) = sent(
        &mut world,
        Some("ASIAROLLBACK"),
        "cloudwatch",
        "DescribeAlarms",
        Protocol::Cbor,
        &input,
    );
    assert_eq!(status, 400);
    assert!(body.starts_with("AccessDenied;Sender "), "{body}");
    assert!(
        body.contains(
            "cloudwatch:DescribeAlarms on resource: arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a because"
        ),
        "{body}"
    );
    assert_eq!(world.defects, [] as [String; 0]);
    let logged = world.calls.last().expect("logged");
    assert_eq!(
        logged.outcome.as_ref().map_err(|refusal| refusal.code),
        Err("AccessDeniedException")
    );
}

#[test]
fn only_who_signs_with_a_known_key_is_held_to_a_role() {
    let mut world = world(json!([
        { "Effect": "Allow", "Action": "ecs:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "ecs:ListClusters", "Resource": "*" },
    ]));
    let cases = [
        (Some("ASIAROLLBACK"), "ListClusters", 400),
        (Some("ASIAROLLBACK"), "ListServices", 200),
        (Some("ASIAROLLBACKS"), "ListClusters", 200),
        (Some("lab"), "ListClusters", 200),
        (None, "ListClusters", 200),
    ];
    for (key, operation, expected) in cases {
        let input = json!({});
        let (status, body) = sent(&mut world, key, "ecs", operation, Protocol::Json, &input);
        // There is no cluster `default`: whoever may ask is told so.
        let answered = if body.contains("ClusterNotFoundException") {
            200
        } else {
            status
        };
        assert_eq!(answered, expected, "{key:?} {operation}: {body}");
        let denied = "is not authorized to perform: ecs:ListClusters on resource: * with an explicit deny in an identity-based policy";
        assert_eq!(body.contains(denied), expected == 400, "{body}");
    }
}

#[test]
fn all_of_a_request_must_be_allowed() {
    let mut world = world(json!([
        { "Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": "*" },
        { "Effect": "Allow", "Action": "ecs:*", "Resource": "*" },
    ]));
    let item = |key: &str| json!({ "TableName": "tab", "Item": { "pk": { "S": key }, "sk": { "S": "b" } } });
    let delete = json!({ "TableName": "tab", "Key": { "pk": { "S": "a" }, "sk": { "S": "b" } } });
    let puts = json!({ "TransactItems": [{ "Put": item("a") }, { "Put": item("b") }] });
    let mixed = json!({ "TransactItems": [{ "Put": item("c") }, { "Delete": delete }] });
    let register = json!({
        "family": "orders", "containerDefinitions": [{ "name": "worker", "image": "nginx:1" }],
        "taskRoleArn": "arn:aws:iam::111122223333:role/orders-task",
    });
    let key = Some("ASIAROLLBACK");
    let (status, body) = sent(&mut world, key, "dynamodb", "TransactWriteItems", Protocol::Json, &puts);
    assert_eq!(status, 200, "{body}");
    let (status, body) = sent(
        &mut world,
        key,
        "dynamodb",
        "TransactWriteItems",
        Protocol::Json,
        &mixed,
    );
    assert_eq!(status, 400);
    assert!(body.contains("dynamodb:DeleteItem on resource"), "{body}");
    let (_, body) = sent(
        &mut world,
        None,
        "dynamodb",
        "Scan",
        Protocol::Json,
        &json!({ "TableName": "tab" }),
    );
    assert!(
        body.contains("\"Count\":2"),
        "nothing of what was denied took effect: {body}"
    );
    let (status, body) = sent(
        &mut world,
        key,
        "ecs",
        "RegisterTaskDefinition",
        Protocol::Json,
        &register,
    );
    assert_eq!(status, 400);
    let pass = "iam:PassRole on resource: arn:aws:iam::111122223333:role/orders-task because no identity-based policy allows the iam:PassRole action";
    assert!(body.contains(pass), "{body}");
}

#[test]
fn what_was_asked_for_is_kept_once_with_the_context_that_counts() {
    let tagged = json!({ "Null": { "aws:ResourceTag/serin:policy": "false" } });
    let mut world =
        world(json!([{ "Effect": "Allow", "Action": "ecs:StopTask", "Resource": "*", "Condition": tagged }]));
    for task in ["one", "two", "one"] {
        let input = json!({ "cluster": "prod", "task": task });
        sent(
            &mut world,
            Some("ASIAROLLBACK"),
            "ecs",
            "StopTask",
            Protocol::Json,
            &input,
        );
    }
    let demanded = &world.iam.roles()[ROLE].demanded;
    let resources: Vec<&str> = demanded.iter().map(|demand| demand.resource.as_str()).collect();
    assert_eq!(
        resources,
        [
            "arn:aws:ecs:eu-central-1:111122223333:task/prod/one",
            "arn:aws:ecs:eu-central-1:111122223333:task/prod/two"
        ]
    );
    // Tasks have no tags, and nobody asks for their cluster.
    assert!(demanded.iter().all(|demand| demand.context.is_empty()), "{demanded:?}");
    world.iam.policies_mut(ROLE).clear();
    let demand = iam::Demand::new("ecs:StopTask", "*");
    assert!(iam::authorise_role(&mut world, ROLE, "session", demand.clone()).is_err());
    assert!(iam::authorise_role(&mut world, "arn:aws:iam::111122223333:role/other", "session", demand).is_ok());
}
