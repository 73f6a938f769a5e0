//! Holds the roles of `template.yaml` against everything that is asked for in all stories and some of the swarm's
//! histories: nothing is missing, nothing is there for nothing.

use super::narrow::{allowed, grants, unused, without};
use super::played::{self, Demanded};
use simulator::At;
use simulator::iam::{Demand, Document};
use std::collections::BTreeSet;
use stories::template::permissions::{self, Role};

/// Everything that was asked for, by role.
pub fn demanded() -> Demanded {
    let mut demanded = Demanded::new();
    for played in played::all() {
        for (role, demands) in &played.demanded {
            demanded
                .entry(role.clone())
                .or_default()
                .extend(demands.iter().cloned());
        }
    }
    demanded
}

/// Whether all stories are played: part of them asks for part of it.
pub fn all_are_played() -> bool {
    played::only().is_empty()
}

#[test]
fn everything_that_is_granted_is_asked_for_in_some_story() {
    if !all_are_played() {
        return;
    }
    let demanded = demanded();
    let (mut found, mut checked) = (Vec::new(), 0);
    for role in permissions::ours() {
        let demands = &demanded[&role.arn];
        checked += grants(role).len();
        found.extend(unused(role, demands));
    }
    let asked: usize = demanded.values().map(BTreeSet::len).sum();
    println!("{checked} grants held against {asked} different demands");
    assert!(checked >= 100 && asked >= 1_000, "{checked} grants, {asked} demands");
    assert!(
        found.is_empty(),
        "granted and never needed; write the story that needs it, or take it away: {found:#?}"
    );
}

/// Each grant of the template is left out in turn: something that was asked for and allowed is then denied.
#[test]
fn what_is_taken_from_a_role_is_missed() {
    if !all_are_played() {
        return;
    }
    let demanded = demanded();
    let mut taken = 0;
    for role in permissions::ours() {
        for grant in grants(role) {
            let mut less = role.clone();
            less.policy = without(&role.policy, &grant);
            let denied = |demand: &&Demand| allowed(role, demand) && !allowed(&less, demand);
            let missed = demanded[&role.arn].iter().find(denied);
            assert!(missed.is_some(), "{grant:?} was taken away and nobody misses it");
            taken += 1;
        }
    }
    println!("{taken} grants taken away, one at a time, and each was missed");
}

/// Adding is noticed as well: an action, a resource, a statement that nobody asked for.
#[test]
fn what_is_added_to_a_role_is_found() {
    if !all_are_played() {
        return;
    }
    let demanded = demanded();
    let added = [
        ("ecs:DeleteService", "arn:aws:ecs:eu-central-1:111122223333:service/*"),
        (
            "dynamodb:Scan",
            "arn:aws:dynamodb:eu-central-1:111122223333:table/serin",
        ),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-central-1:111122223333:table/*"),
        ("codepipeline:StartPipelineExecution", "*"),
        ("ecs:UpdateService", "arn:aws:ecs:eu-central-1:444455556666:service/*"),
    ];
    for role in permissions::ours() {
        for (action, resource) in added {
            let statement = serde_json::json!({
                "Version": "2012-10-17",
                "Statement": [{ "Sid": "Added", "Effect": "Allow", "Action": action, "Resource": resource }],
            });
            let more = Document::read(&statement).expect("a policy");
            let mut role = role.clone();
            role.policy.statements.extend(more.statements);
            let found = unused(&role, &demanded[&role.arn]);
            let added = found.iter().any(|(_, sid, found, _)| sid == "Added" && found == action);
            assert!(
                added,
                "{}: {action} on {resource} was not noticed: {found:?}",
                role.resource
            );
        }
    }
}

/// In all other stories, and in the swarm's histories, nothing is refused.
#[test]
fn what_is_refused_is_said_with_action_and_resource_and_not_asked_for_again_and_again() {
    let narrowed = |played: &&played::Played| {
        let script = std::fs::read_to_string(&played.path).unwrap_or_default();
        script.contains("nobody may") || script.contains("takes the tag")
    };
    let (narrowed, others): (Vec<_>, Vec<_>) = played::all().iter().partition(narrowed);
    for played in others {
        let first = played.denials.first().map(|denial| &denial.message);
        assert_eq!(first, None, "{}", played.path.display());
    }
    assert!(narrowed.len() >= 3 || !all_are_played(), "{} stories", narrowed.len());
    for played in narrowed {
        let (denials, path) = (&played.denials, played.path.display());
        assert!(!denials.is_empty(), "{path}: nothing was refused");
        for denial in denials {
            assert!(denial.said, "{path}: nobody says {}", denial.message);
        }
        // All functions at once as the alarm comes; then each look tries once, and looks are half a minute apart.
        let minute = |from: At| {
            denials
                .iter()
                .filter(|denial| from <= denial.at && denial.at < from.plus_seconds(60))
                .count()
        };
        let most = denials.iter().map(|denial| minute(denial.at)).max().unwrap_or_default();
        assert!(most <= 6, "{path}: {most} refused calls in a minute");
    }
}

/// What no function may do, whatever is asked.
fn denied() -> Vec<(&'static str, Demand)> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:eu-central-1:111122223333:{rest}");
    let service = || arn("ecs", "service/prod/billing");
    let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let policy = "aws:ResourceTag/serin:policy";
    vec![
        (
            "a service that its owner has not tagged",
            Demand::new("ecs:UpdateService", service()),
        ),
        (
            "one of another account",
            Demand::new("ecs:UpdateService", service().replace("111122223333", "444455556666")).with(policy, "orders"),
        ),
        ("tagging a service", Demand::new("ecs:TagResource", service())),
        (
            "tagging a definition that is there already",
            Demand::new("ecs:TagResource", arn("ecs", "task-definition/orders:1")),
        ),
        (
            "a role for a machine",
            Demand::new("iam:PassRole", role("tasks/orders")).with("iam:PassedToService", "ec2.amazonaws.com"),
        ),
        (
            "a role of somebody else's",
            Demand::new("iam:PassRole", role("Administrator")).with("iam:PassedToService", "ecs-tasks.amazonaws.com"),
        ),
        (
            "reading the whole ledger",
            Demand::new("dynamodb:Scan", arn("dynamodb", "table/serin")),
        ),
        (
            "another table",
            Demand::new("dynamodb:GetItem", arn("dynamodb", "table/orders")),
        ),
        (
            "a parameter beside the policies",
            Demand::new("ssm:GetParameter", arn("ssm", "parameter/orders/password")),
        ),
        (
            "writing a policy",
            Demand::new("ssm:PutParameter", arn("ssm", "parameter/serin/policies/orders")),
        ),
        (
            "another machine",
            Demand::new("states:StartExecution", arn("states", "stateMachine:payroll")),
        ),
        (
            "how a table is scaled",
            Demand::new(
                "application-autoscaling:RegisterScalableTarget",
                arn("application-autoscaling", "scalable-target/0ec5"),
            )
            .with("application-autoscaling:service-namespace", "dynamodb")
            .with(
                "application-autoscaling:scalable-dimension",
                "dynamodb:table:ReadCapacityUnits",
            ),
        ),
        (
            "promoting",
            Demand::new("codepipeline:StartPipelineExecution", arn("codepipeline", "orders")),
        ),
        (
            "retrying",
            Demand::new("codepipeline:RetryStageExecution", arn("codepipeline", "orders/Deploy")),
        ),
        (
            "silencing an alarm",
            Demand::new("cloudwatch:SetAlarmState", arn("cloudwatch", "alarm:orders-dlq-depth")),
        ),
        (
            "a user pool that its owner has not tagged",
            Demand::new(
                "cognito-idp:DescribeUserPoolClient",
                arn("cognito-idp", "userpool/eu-central-1_payroll"),
            ),
        ),
        (
            "stopping a pipeline that its owner has not tagged",
            Demand::new("codepipeline:StopPipelineExecution", arn("codepipeline", "payroll")),
        ),
        (
            "ending the deployment of a service that its owner has not tagged",
            Demand::new("ecs:StopServiceDeployment", service()),
        ),
        (
            "another function's log",
            Demand::new("logs:PutLogEvents", arn("logs", "log-group:payroll:log-stream:1")),
        ),
        ("another queue", Demand::new("sqs:SendMessage", arn("sqs", "orders"))),
        (
            "another function",
            Demand::new("lambda:InvokeFunction", arn("lambda", "function:payroll")),
        ),
        (
            "a topic that its owner has not tagged",
            Demand::new("sns:Publish", arn("sns", "payroll")),
        ),
        (
            "a rule that its owner has not tagged",
            Demand::new(
                "elasticloadbalancing:ModifyRule",
                arn(
                    "elasticloadbalancing",
                    "listener-rule/app/billing/50dc6c49/f2f7dc8e/9683b2d0",
                ),
            ),
        ),
        (
            "the default action of a listener that its owner has not tagged",
            Demand::new(
                "elasticloadbalancing:ModifyListener",
                arn("elasticloadbalancing", "listener/app/billing/50dc6c49/f2f7dc8e"),
            ),
        ),
        (
            "events in another's name",
            Demand::new("events:PutEvents", arn("events", "event-bus/default")).with("events:source", "payroll"),
        ),
    ]
}

/// What of that a role may do.
pub fn too_far(role: &Role) -> Vec<&'static str> {
    let all = denied().into_iter();
    all.filter(|(_, demand)| allowed(role, demand))
        .map(|(what, _)| what)
        .collect()
}

#[test]
fn what_would_go_too_far_is_denied() {
    for role in permissions::ours() {
        assert_eq!(too_far(role), Vec::<&str>::new(), "{}", role.resource);
    }
    let service = "arn:aws:ecs:eu-central-1:111122223333:service/prod/billing";
    let tagged = Demand::new("ecs:UpdateService", service).with("aws:ResourceTag/serin:policy", "billing");
    let may: Vec<&str> = permissions::ours()
        .iter()
        .filter(|role| allowed(role, &tagged))
        .map(|role| role.resource.as_str())
        .collect();
    assert_eq!(may, ["Advance", "Rollback", "Watch"]);
}
