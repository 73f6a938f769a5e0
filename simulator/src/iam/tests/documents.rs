//! What is refused as it is read: nothing is evaluated that is understood only in part.

use crate::iam::Document;
use serde_json::{Value, json};

fn with(member: &str, value: Value) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Action": "ecs:StopTask", "Resource": "*" });
    statement[member] = value;
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn on(operator: &str, key: &str, values: Value) -> Value {
    with("Condition", json!({ operator: { key: values } }))
}

#[test]
fn what_is_not_evaluated_is_refused_with_its_name() {
    let tag = "aws:ResourceTag/serin:policy";
    let cases = [
        (json!("ecs:*"), "the document must be an object"),
        (json!({ "Statement": [] }), "Version must be 2012-10-17"),
        (
            json!({ "Version": "2008-10-17", "Statement": [] }),
            "Version must be 2012-10-17",
        ),
        (json!({ "Version": "2012-10-17" }), "Statement must hold a statement"),
        (
            json!({ "Version": "2012-10-17", "Statement": [] }),
            "Statement must hold a statement",
        ),
        (
            json!({ "Version": "2012-10-17", "Statements": [] }),
            "Statements is no element",
        ),
        (with("Effect", json!("allow")), "Effect must be Allow or Deny"),
        (with("Principal", json!("*")), "Principal is no element"),
        (with("Conditions", json!({})), "Conditions is no element"),
        (
            with("Sid", json!("Restore services")),
            "Sid may hold letters and digits",
        ),
        (with("Action", json!([])), "Action is empty"),
        (with("Action", json!({ "Ref": "Actions" })), "Action must be a text"),
        (with("Action", json!("StopTask")), "\"StopTask\" is none"),
        (with("Action", json!("ecs:Stop Task")), "\"ecs:Stop Task\" is none"),
        (
            with("NotAction", json!("ecs:StopTask")),
            "Action and NotAction exclude each other",
        ),
        (
            with("NotResource", json!("*")),
            "Resource and NotResource exclude each other",
        ),
        (
            with("Resource", json!({ "Fn::Sub": "arn:${AWS::Partition}" })),
            "Resource must be a text",
        ),
        (with("Resource", json!("service/*")), "\"service/*\" is none"),
        (
            with("Resource", json!("arn:aws:ecs:service")),
            "\"arn:aws:ecs:service\" is none",
        ),
        (
            with("Resource", json!("arn:aws:s3:::${aws:username}/*")),
            "\"arn:aws:s3:::${aws:username}/*\" is none",
        ),
        (
            on("StringEqual", tag, json!("x")),
            "operator StringEqual is not evaluated",
        ),
        (
            on("DateLessThan", tag, json!("2026-01-01")),
            "operator DateLessThan is not evaluated",
        ),
        (
            on("NumericEquals", tag, json!(3)),
            "operator NumericEquals is not evaluated",
        ),
        (
            on("NullIfExists", tag, json!(true)),
            "operator NullIfExists is not evaluated",
        ),
        (on("ForSomeValues:StringEquals", tag, json!("x")), "no such operator"),
        (on("Null", tag, json!("no")), "has no value"),
        (on("Bool", "aws:SecureTransport", json!("yes")), "has no value"),
        (on("StringEquals", tag, json!([])), "has no value"),
        (
            on("StringEquals", tag, json!("${aws:PrincipalTag/team}")),
            "variables are not evaluated",
        ),
        (
            on("StringEquals", "aws:ResourceTag/", json!("x")),
            "condition key aws:ResourceTag/ is not known",
        ),
        (
            on("StringEquals", "ecs:clusterr", json!("x")),
            "condition key ecs:clusterr is not known",
        ),
        (
            on("StringEquals", "aws:TagKeys", json!("x")),
            "say ForAnyValue or ForAllValues",
        ),
    ];
    for (document, part) in cases {
        let refused = Document::read(&document).expect_err(&format!("{document} was read"));
        assert!(refused.contains(part), "{document}: {refused}");
    }
}

#[test]
fn a_mistake_is_told_with_its_statement() {
    let mut document = with("Sid", json!("First"));
    let second = json!({ "Sid": "Second", "Effect": "Allow", "Action": "ecs:StopTask" });
    document["Statement"].as_array_mut().expect("a list").push(second);
    assert_eq!(
        Document::read(&document),
        Err("statement 2 Second: Resource is missing".to_owned())
    );
}
