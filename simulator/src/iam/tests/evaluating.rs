//! Tables of the language: what a statement covers, and what several of them together come to.

use super::policy;
use crate::iam::{Demand, Verdict, evaluate};
use serde_json::{Value, json};

const SERVICE: &str = "arn:aws:ecs:eu-central-1:111122223333:service/prod/orders";
const TASKS: &str = "ecs-tasks.amazonaws.com";

fn allows(action: &str, resource: &str) -> Value {
    json!([{ "Effect": "Allow", "Action": action, "Resource": resource }])
}

fn verdict(statements: Value, demand: &Demand) -> Verdict {
    evaluate(&[policy(statements)], demand)
}

#[test]
fn an_action_is_matched_by_name_and_wildcard_whatever_its_case() {
    let cases = [
        ("ecs:UpdateService", true),
        ("ECS:updateservice", true),
        ("ecs:Update*", true),
        ("ecs:*", true),
        ("*", true),
        ("ecs:?pdateService", true),
        ("ecs:Update*ice", true),
        ("e*:UpdateService", false),
        ("ecs:UpdateServic", false),
        ("ecs:UpdateServices", false),
        ("ecs:UpdateService?", false),
        ("ecs:update", false),
        ("ecr:UpdateService", false),
        ("ecs:UpdateServicePrimaryTaskSet", false),
    ];
    for (action, allowed) in cases {
        // A wildcard in the service's name is refused as the document is read.
        let document = json!({ "Version": "2012-10-17", "Statement": allows(action, "*") });
        let read = crate::iam::Document::read(&document);
        let found = read
            .is_ok_and(|policy| evaluate(&[policy], &Demand::new("ecs:UpdateService", SERVICE)) == Verdict::Allowed);
        assert_eq!(found, allowed, "{action}");
    }
}

#[test]
fn a_resource_is_matched_part_by_part() {
    let alarm = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-dlq-depth";
    let stage = "arn:aws:codepipeline:eu-central-1:111122223333:orders/Deploy";
    let role = "arn:aws:iam::111122223333:role/serin/ecsTaskExecutionRole";
    let cases = [
        (SERVICE, SERVICE, true),
        ("*", SERVICE, true),
        ("arn:aws:ecs:eu-central-1:111122223333:service/*", SERVICE, true),
        ("arn:aws:ecs:eu-central-1:111122223333:service/*/orders", SERVICE, true),
        (
            "arn:aws:ecs:eu-central-1:111122223333:service/prod/order?",
            SERVICE,
            true,
        ),
        ("arn:aws:ecs:*:*:service/*", SERVICE, true),
        ("arn:aws:ecs:*:111122223333:*", SERVICE, true),
        // "If the * is the last character of a segment, it can expand beyond the colon boundaries."
        ("arn:aws:ecs:*:*:*:*:*", alarm, false),
        ("arn:aws:cloudwatch:*:111122223333:alarm:*", alarm, true),
        ("arn:aws:cloudwatch:eu-central-1:111122223333:*", alarm, true),
        ("arn:aws:cloudwatch:eu*:alarm:orders-dlq-depth", alarm, true),
        // Not the last: it stays within its own.
        (
            "arn:aws:cloudwatch:eu*1:111122223333:alarm:orders-dlq-depth",
            alarm,
            true,
        ),
        ("arn:aws:cloudwatch:eu*3:alarm:orders-dlq-depth:x", alarm, false),
        (
            "arn:aws:cloudwatch:eu-central-1:111122223333:alarm?orders-dlq-depth",
            alarm,
            false,
        ),
        ("arn:aws:codepipeline:eu-central-1:111122223333:orders", stage, false),
        ("arn:aws:codepipeline:eu-central-1:111122223333:orders*", stage, true),
        ("arn:aws:codepipeline:eu-central-1:111122223333:*/Deploy", stage, true),
        ("arn:aws:iam::111122223333:role/*Task*", role, true),
        ("arn:aws:iam::111122223333:role/*task*", role, false),
        ("arn:aws:iam::111122223333:role/ecsTaskExecutionRole", role, false),
        (
            "arn:aws:ecs:eu-central-1:111122223333:service/prod/ORDERS",
            SERVICE,
            false,
        ),
        ("arn:aws:ecs:eu-central-1:444455556666:service/*", SERVICE, false),
        ("arn:aws:ecs:us-east-1:111122223333:service/*", SERVICE, false),
        ("arn:aws-cn:ecs:eu-central-1:111122223333:service/*", SERVICE, false),
        ("arn:aws:ecs:eu-central-1:111122223333:service/prod", SERVICE, false),
        // What has no resource type is asked for as `*`, which no ARN includes.
        ("arn:aws:ecs:eu-central-1:111122223333:*", "*", false),
        ("*", "*", true),
    ];
    for (pattern, resource, allowed) in cases {
        let found = verdict(allows("x:Y", pattern), &Demand::new("x:Y", resource));
        assert_eq!(found == Verdict::Allowed, allowed, "{pattern} on {resource}");
    }
}

#[test]
fn a_deny_wins_and_what_nobody_speaks_of_is_denied() {
    use Verdict::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
    let allow = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": "*" });
    let deny = |action: &str| json!({ "Effect": "Deny", "Action": action, "Resource": "*" });
    let cases = [
        (json!([allow("ecs:*")]), Allowed),
        (json!([allow("ecs:*"), deny("ecs:UpdateService")]), ExplicitlyDenied),
        (json!([deny("ecs:UpdateService"), allow("ecs:*")]), ExplicitlyDenied),
        (json!([allow("ecs:*"), deny("ecs:StopTask")]), Allowed),
        (json!([deny("ecs:*")]), ExplicitlyDenied),
        (json!([deny("ecs:StopTask")]), ImplicitlyDenied),
        (json!([allow("ecs:StopTask")]), ImplicitlyDenied),
        (
            json!([{ "Effect": "Allow", "NotAction": "ecs:StopTask", "Resource": "*" }]),
            Allowed,
        ),
        (
            json!([{ "Effect": "Allow", "NotAction": ["ecs:Stop*", "ecs:Update*"], "Resource": "*" }]),
            ImplicitlyDenied,
        ),
        (
            json!([allow("*"), { "Effect": "Deny", "NotAction": "ecs:Describe*", "Resource": "*" }]),
            ExplicitlyDenied,
        ),
        (
            json!([{ "Effect": "Allow", "Action": "*", "NotResource": "arn:aws:ecs:*:*:task/*" }]),
            Allowed,
        ),
        (
            json!([{ "Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:ecs:*:*:service/*", "arn:aws:s3:::*"] }]),
            ImplicitlyDenied,
        ),
        (
            json!({ "Effect": "Allow", "Action": ["ecs:StopTask", "ecs:UpdateService"], "Resource": [SERVICE] }),
            Allowed,
        ),
        // A deny whose condition does not hold denies nothing.
        (
            json!([allow("*"), { "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": { "StringEquals": { "ecs:cluster": "another" } } }]),
            Allowed,
        ),
    ];
    for (statements, expected) in cases {
        let demand = Demand::new("ecs:UpdateService", SERVICE);
        assert_eq!(verdict(statements.clone(), &demand), expected, "{statements}");
    }
    // Over several policies as over several statements of one.
    let (one, other) = (policy(json!([allow("ecs:*")])), policy(json!([deny("ecs:Stop*")])));
    let both = [one, other];
    assert_eq!(evaluate(&both, &Demand::new("ecs:StopTask", SERVICE)), ExplicitlyDenied);
    assert_eq!(evaluate(&both, &Demand::new("ecs:UpdateService", SERVICE)), Allowed);
    assert_eq!(
        evaluate(&[], &Demand::new("ecs:UpdateService", SERVICE)),
        ImplicitlyDenied
    );
}

/// Condition, what the request brings, whether it holds.
fn conditions() -> Vec<(Value, Demand, bool)> {
    let plain = || Demand::new("x:Y", "*");
    let tag = |value: &str| plain().with("aws:ResourceTag/serin:policy", value);
    let passed = |service: &str| plain().with("iam:PassedToService", service);
    let cluster = |name: &str| {
        plain().with(
            "ecs:cluster",
            format!("arn:aws:ecs:eu-central-1:111122223333:cluster/{name}"),
        )
    };
    let keys = |keys: &[&str]| {
        keys.iter()
            .fold(plain(), |demand, key| demand.with("aws:TagKeys", *key))
    };
    let on_cluster = |operator: &str, arn: &str| json!({ operator: { "ecs:cluster": arn } });
    let any_cluster = "arn:aws:ecs:*:*:cluster/p*";
    vec![
        (
            json!({ "Null": { "aws:ResourceTag/serin:policy": "false" } }),
            tag("orders"),
            true,
        ),
        (
            json!({ "Null": { "aws:ResourceTag/serin:policy": false } }),
            tag("orders"),
            true,
        ),
        (
            json!({ "Null": { "aws:ResourceTag/serin:policy": "false" } }),
            plain(),
            false,
        ),
        (
            json!({ "Null": { "aws:ResourceTag/serin:policy": "true" } }),
            plain(),
            true,
        ),
        (
            json!({ "Null": { "aws:ResourceTag/serin:policy": "true" } }),
            tag("orders"),
            false,
        ),
        // Names of keys have no case, values have.
        (
            json!({ "StringEquals": { "AWS:resourcetag/SERIN:Policy": "orders" } }),
            tag("orders"),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:ResourceTag/serin:policy": "Orders" } }),
            tag("orders"),
            false,
        ),
        (
            json!({ "StringEqualsIgnoreCase": { "aws:ResourceTag/serin:policy": "Orders" } }),
            tag("orders"),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:ResourceTag/serin:policy": "orders*" } }),
            tag("orders-1"),
            false,
        ),
        (
            json!({ "StringLike": { "aws:ResourceTag/serin:policy": "orders*" } }),
            tag("orders-1"),
            true,
        ),
        (
            json!({ "StringLike": { "aws:ResourceTag/serin:policy": "order?" } }),
            tag("order"),
            false,
        ),
        (
            json!({ "StringNotLike": { "aws:ResourceTag/serin:policy": "orders*" } }),
            tag("orders-1"),
            false,
        ),
        // Several values are alternatives; of a negated operator none may be it.
        (
            json!({ "StringEquals": { "iam:PassedToService": ["ec2.amazonaws.com", TASKS] } }),
            passed(TASKS),
            true,
        ),
        (
            json!({ "StringNotEquals": { "iam:PassedToService": ["ec2.amazonaws.com", TASKS] } }),
            passed(TASKS),
            false,
        ),
        (
            json!({ "StringNotEquals": { "iam:PassedToService": ["ec2.amazonaws.com"] } }),
            passed(TASKS),
            true,
        ),
        // Without the key: false, unless it must not match or need not be there.
        (
            json!({ "StringEquals": { "iam:PassedToService": TASKS } }),
            plain(),
            false,
        ),
        (
            json!({ "StringNotEquals": { "iam:PassedToService": TASKS } }),
            plain(),
            true,
        ),
        (
            json!({ "StringEqualsIfExists": { "iam:PassedToService": TASKS } }),
            plain(),
            true,
        ),
        (
            json!({ "StringEqualsIfExists": { "iam:PassedToService": TASKS } }),
            passed("ec2.amazonaws.com"),
            false,
        ),
        (
            json!({ "BoolIfExists": { "aws:SecureTransport": "false" } }),
            plain(),
            true,
        ),
        (
            json!({ "Bool": { "aws:SecureTransport": "true" } }),
            plain().with("aws:SecureTransport", "true"),
            true,
        ),
        (
            json!({ "Bool": { "aws:SecureTransport": "false" } }),
            plain().with("aws:SecureTransport", "true"),
            false,
        ),
        // All operators and all keys must hold.
        (
            json!({ "StringEquals": { "iam:PassedToService": TASKS, "ecs:CreateAction": "RunTask" } }),
            passed(TASKS),
            false,
        ),
        (
            json!({ "StringEquals": { "iam:PassedToService": TASKS }, "Null": { "ecs:CreateAction": "true" } }),
            passed(TASKS),
            true,
        ),
        // ARNs, component by component: a star may cross slashes, not colons between components.
        (on_cluster("ArnEquals", any_cluster), cluster("prod"), true),
        (on_cluster("ArnLike", any_cluster), cluster("test"), false),
        (
            on_cluster("ArnLike", "arn:aws:ecs:*:cluster/prod"),
            cluster("prod"),
            false,
        ),
        (on_cluster("ArnNotLike", any_cluster), cluster("test"), true),
        (on_cluster("ArnNotEquals", any_cluster), plain(), true),
        (
            on_cluster("ArnLike", any_cluster),
            plain().with("ecs:cluster", "prod"),
            false,
        ),
        (on_cluster("StringLike", "*/prod"), cluster("prod"), true),
        // Several values in the request.
        (
            json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["team"] } }),
            keys(&["cost", "team"]),
            true,
        ),
        (
            json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["team"] } }),
            keys(&["cost"]),
            false,
        ),
        (
            json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["team"] } }),
            plain(),
            false,
        ),
        (
            json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "cost"] } }),
            keys(&["cost", "team"]),
            true,
        ),
        (
            json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }),
            keys(&["cost", "team"]),
            false,
        ),
        (
            json!({ "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } }),
            plain(),
            true,
        ),
        (
            json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["policy#*"] } }),
            plain()
                .with("dynamodb:LeadingKeys", "policy#orders")
                .with("dynamodb:LeadingKeys", "open"),
            false,
        ),
        (
            json!({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["team"] } }),
            keys(&["cost", "team"]),
            true,
        ),
        (json!({ "Null": { "aws:TagKeys": "true" } }), keys(&["cost"]), false),
    ]
}

#[test]
fn a_condition_holds_as_aws_documents_its_operator() {
    let cases = conditions();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for (condition, demand, holds) in cases {
        let statement = json!({ "Effect": "Allow", "Action": "x:Y", "Resource": "*", "Condition": condition });
        let found = verdict(json!([statement]), &demand) == Verdict::Allowed;
        assert_eq!(found, holds, "{condition} for {:?}", demand.context);
    }
}
