//! What `policy check --live` says of whole accounts, through the real SDK.

use super::live::Looked;
use super::live_json;
use super::windows;
use decide::Policy;
use decide::live::{Accepted, Weight, judge};
use expect_test::expect_file;
use serde_json::{Value, json};
use simulator::faults::{Fault, Rule};
use simulator::iam::{self, Document};
use std::collections::BTreeSet;
use std::sync::Arc;
use stories::Stage;
use stories::queue::Plan;
use stories::scene::{self, RowA};
use stories::template::permissions::access_key;
use stories::whole::{self, Cut};

/// Characters in a line of a terminal.
const WIDTH: usize = 80;
/// The file that the pages of this repository check.
const FILE: &str = "policy/examples/queue-worker.json";

/// The account that `serin lab` serves.
fn lab() -> Stage {
    account(0)
}

/// The same with so many message groups; FIFO queues where there are any.
fn account(groups: u32) -> Stage {
    let mut stage = whole::deployed(1, Arc::new(decide::decide));
    stage.service("orders", Cut::WithOpen);
    let plan = Plan {
        per_second: 2.0,
        receives_max: 2,
        groups,
        ..Plan::default()
    };
    stage.queue("orders", &plan);
    stage
}

fn policy(change: impl FnOnce(&mut Value)) -> Policy {
    let mut document = RowA::named("orders").policy();
    change(&mut document);
    Policy::read(&document.to_string()).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn look(stage: &Stage, policy: Policy) -> Looked {
    let clients = stage.serin("cli").clients;
    let policy = stage.sim.block_on(aws::live::in_roles(&clients, &policy));
    let found = stage.sim.block_on(aws::live::look(&clients, &policy));
    let report = judge(&policy, &found, &BTreeSet::<Accepted>::new());
    Looked { policy, found, report }
}

/// What a person reads.
fn read(looked: &Looked) -> String {
    let text = looked.text(FILE, "eu-central-1");
    for line in text.lines() {
        assert!(line.chars().count() <= WIDTH, "wider than a terminal: {line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

fn call(stage: &Stage, service: &'static str, operation: &str, input: Value) -> Value {
    let mut world = stage.sim.world();
    let reply = world.call("test", service, operation, input);
    reply.unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
}

/// The pipeline is edited.
fn edited(stage: &Stage, edit: impl FnOnce(&mut Value)) {
    let found = call(stage, "codepipeline", "GetPipeline", json!({ "name": "orders" }));
    let mut declaration = found["pipeline"].clone();
    edit(&mut declaration);
    call(
        stage,
        "codepipeline",
        "UpdatePipeline",
        json!({ "pipeline": declaration }),
    );
}

/// The approval stands behind the canary, in its stage.
fn gate_in_the_stage_of_the_canary(declaration: &mut Value) {
    let stages = declaration["stages"].as_array_mut().expect("stages");
    let mut gate = stages.remove(3)["actions"][0].take();
    gate["runOrder"] = json!(3);
    stages[2]["actions"].as_array_mut().expect("actions").push(gate);
}

fn weights(looked: &Looked, weight: Weight) -> Vec<(String, String)> {
    let findings = looked.report.of(weight);
    findings
        .map(|finding| (finding.field.clone(), finding.text.clone()))
        .collect()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("../{name}")).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Everything that can be wrong at once.
fn spoilt() -> Looked {
    let stage = account(4);
    let arn = "arn:aws:ecs:eu-central-1:111122223333:service/prod/orders";
    let tags = json!({"resourceArn": arn, "tagKeys": ["serin:policy"]});
    call(&stage, "ecs", "UntagResource", tags);
    simulator::codepipeline::stage::untag(&mut stage.sim.world(), "orders", "serin:policy");
    edited(&stage, |declaration| {
        declaration["executionMode"] = json!("PARALLEL");
        let stages = declaration["stages"].as_array_mut().expect("stages");
        stages.remove(3);
        stages[2]["actions"].as_array_mut().expect("actions").remove(0);
    });
    let alarm = json!({
        "AlarmName": "orders-dlq-depth", "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "orders-dlq.fifo"}], "Statistic": "Maximum", "Period": 900,
        "EvaluationPeriods": 2, "Threshold": 0.0, "ComparisonOperator": "GreaterThanThreshold",
    });
    call(&stage, "cloudwatch", "PutMetricAlarm", alarm);
    look(
        &stage,
        policy(|policy| {
            policy["steps"] = json!([
                {"share_permille": 100, "bake_minutes": 10}, {"share_permille": 200, "bake_minutes": 60},
                {"share_permille": 950, "bake_minutes": 60},
            ]);
            policy["checks"][0]["insufficient_data"] = json!("undecided");
        }),
    )
}

#[test]
fn what_a_policy_can_do_is_told_in_lines_of_a_terminal() {
    let mut pages = vec![("as the lab has it", read(&look(&lab(), policy(|_| {}))))];
    let stage = lab();
    edited(&stage, gate_in_the_stage_of_the_canary);
    let stepped = policy(|policy| policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 10}]));
    let good = look(&stage, stepped);
    assert!(good.is_good());
    pages.push(("the gate stands with the canary, and a step is written", read(&good)));
    let spoilt = spoilt();
    assert!(!spoilt.is_good());
    pages.push(("much is wrong at once", read(&spoilt)));
    let elsewhere = look(&whole::deployed(1, Arc::new(decide::decide)), policy(|_| {}));
    pages.push(("nothing is there", read(&elsewhere)));
    let stage = lab();
    deny(&stage, Document { statements: Vec::new() });
    pages.push(("nothing may be read", read(&look(&stage, policy(|_| {})))));
    let pages: Vec<String> = pages
        .into_iter()
        .map(|(title, page)| format!("# {title}\n{page}"))
        .collect();
    expect_file!["../../golden/live.txt"].assert_eq(&pages.join("\n"));
}

#[test]
fn the_readme_shows_what_the_lab_says() {
    let told = read(&look(&lab(), policy(|_| {})));
    assert!(
        page("README.md").contains(&format!("```\n{told}```\n")),
        "README does not show:\n{told}"
    );
}

#[test]
fn the_json_has_the_shape_that_is_written_down() {
    let stage = lab();
    edited(&stage, gate_in_the_stage_of_the_canary);
    let stepped = policy(|policy| policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 2}]));
    let json = live_json::looked(FILE, &look(&stage, stepped));
    expect_file!["../../golden/live.json"].assert_eq(&format!("{json:#}\n"));
    let mistakes = Policy::read("{}").expect_err("nothing is written");
    let composite = json!({"AlarmName": "both", "AlarmRule": "ALARM(\"orders-dlq-depth\")"});
    call(&stage, "cloudwatch", "PutCompositeAlarm", composite);
    let other = look(&stage, policy(|policy| policy["checks"][0]["name"] = json!("both")));
    let other = live_json::looked(FILE, &other);
    assert_eq!(
        other["alarms"][0]["watches"],
        json!({"other": "other alarms (ALARM(\"orders-dlq-depth\"))"})
    );
    let told = page("docs/json.md");
    let mut members = BTreeSet::new();
    for json in [&json, &other, &live_json::mistaken(FILE, &mistakes)] {
        names(json, &mut members);
    }
    let unsaid: Vec<&String> = members
        .iter()
        .filter(|name| !told.contains(&format!("`{name}`")))
        .collect();
    assert!(
        unsaid.is_empty(),
        "docs/json.md does not say what these are: {unsaid:?}"
    );
}

/// Names of members, at any depth; those of dimensions are AWS's.
fn names(json: &Value, found: &mut BTreeSet<String>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(members) => {
            for (name, value) in members {
                found.insert(name.clone());
                if name != "dimensions" {
                    names(value, found);
                }
            }
        }
        _ => {}
    }
}

/// From now on whoever asks may do only this.
fn deny(stage: &Stage, may: Document) {
    let mut world = stage.sim.world();
    let role = "arn:aws:iam::111122223333:role/people";
    iam::stage::role(&mut world, role, vec![may]);
    iam::stage::signs(&mut world, &access_key(""), role, "ann");
}

/// What docs/permissions.md says that a person needs.
fn needed() -> Document {
    let page = page("docs/permissions.md");
    let section = page
        .split("\n## What `serin policy check --live` needs\n")
        .nth(1)
        .expect("the section");
    let block = section
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let block = block
        .expect("a policy")
        .replace("REGION", "eu-central-1")
        .replace("ACCOUNT", "111122223333");
    let policy: Value = serde_json::from_str(&block).expect("JSON");
    Document::read(&policy).expect("a policy that is understood")
}

#[test]
fn the_permissions_on_the_page_are_enough_and_none_of_them_is_too_much() {
    let stage = lab();
    let needed = needed();
    deny(&stage, needed.clone());
    let free = look(&stage, policy(|_| {}));
    assert_eq!(weights(&free, Weight::Unread), [], "too little");
    let mut taken = 0;
    for (number, statement) in needed.statements.iter().enumerate() {
        for action in statement.actions.listed() {
            let mut less = needed.clone();
            less.statements[number]
                .actions
                .listed_mut()
                .retain(|kept| kept != action);
            deny(&stage, less);
            let unread = weights(&look(&stage, policy(|_| {})), Weight::Unread);
            let named = unread
                .iter()
                .any(|(_, text)| text.ends_with(&format!("; these credentials need {action}")));
            assert!(named, "without {action}: {unread:?}");
            taken += 1;
        }
    }
    assert_eq!(taken, 8, "{needed:?}");
}

#[test]
fn what_aws_refuses_for_a_while_is_said_with_what_to_do() {
    for (service, fault, says) in [
        (
            "ecs",
            Fault::Throttle,
            "DescribeServices on orders-canary and orders in cluster prod: throttled",
        ),
        ("sqs", Fault::ServerError, "GetQueueUrl on orders-dlq: AWS failed"),
        (
            "cloudwatch",
            Fault::HangBefore,
            "DescribeAlarms on orders-dlq-depth: no answer in time",
        ),
        (
            "codepipeline",
            Fault::AccessDenied,
            "GetPipeline on orders: not allowed",
        ),
    ] {
        let stage = lab();
        stage.sim.world().faults.rules.push(Rule::service(service, fault));
        let looked = look(&stage, policy(|_| {}));
        let unread = weights(&looked, Weight::Unread);
        assert!(unread[0].1.starts_with(says), "{service}: {unread:?}");
        let advice = [
            "try again in a moment",
            "then try again",
            "these credentials need codepipeline:GetPipeline",
        ];
        assert!(
            advice.iter().any(|advice| unread[0].1.ends_with(advice)),
            "{service}: {unread:?}"
        );
        assert!(!looked.is_good());
        read(&looked);
    }
}

#[test]
fn an_expired_session_is_told_to_sign_in_again() {
    let refused = aws::Refused {
        operation: "GetPipeline",
        on: "orders".to_owned(),
        why: aws::Why::Refused,
        code: Some("ExpiredTokenException".to_owned()),
        message: "The security token included in the request is expired".to_owned(),
    };
    assert!(aws::live::explain("codepipeline", &refused).ends_with("; sign in again"));
}

#[test]
fn alarms_of_all_kinds_are_read_as_what_they_watch() {
    let stage = lab();
    let metric = |name: &str| json!({"Namespace": "Orders", "MetricName": name, "Dimensions": []});
    let math = json!({
        "AlarmName": "rate", "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Threshold": 0.05,
        "ComparisonOperator": "GreaterThanThreshold", "Metrics": [
            {"Id": "e", "Expression": "failed / handled", "ReturnData": true},
            {"Id": "failed", "MetricStat": {"Metric": metric("Failed"), "Period": 60, "Stat": "Sum"}, "ReturnData": false},
            {"Id": "handled", "MetricStat": {"Metric": metric("Handled"), "Period": 60, "Stat": "Sum"}, "ReturnData": false},
        ],
        "AlarmActions": ["arn:aws:sns:eu-central-1:111122223333:ops"], "ActionsEnabled": false,
    });
    call(&stage, "cloudwatch", "PutMetricAlarm", math);
    let looked = look(&stage, policy(|policy| policy["checks"][0]["name"] = json!("rate")));
    let told = read(&looked).replace("\n             ", " ");
    assert!(
        told.contains("rings with Orders Failed, Orders Handled > 0.05 in 2 of 3 periods of 60 s;"),
        "{told}"
    );
    assert!(told.contains("its own action on ops is switched off"), "{told}");
    assert!(
        told.contains("rate rings up to 5 min after the first failure: 2 min for its periods"),
        "{told}"
    );
    assert_eq!(weights(&looked, Weight::Unread), []);
}

#[test]
fn a_pipeline_of_another_account_is_not_there_and_a_queue_that_is_gone_is_told() {
    let stage = lab();
    let mut row = RowA::named("orders");
    row.dlq = "gone".to_owned();
    scene::alarm(&mut stage.sim.world(), &row);
    let refused = weights(
        &look(&stage, policy(|policy| policy["pipeline"]["name"] = json!("other"))),
        Weight::Refused,
    );
    let fields: Vec<&str> = refused.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["checks[0].name", "pipeline.name"], "{refused:?}");
    assert!(
        refused[0].1.contains("watches queue gone, and there is none"),
        "{refused:?}"
    );
}

/// Two sides behind one load balancer; the one that carries everything has these weights.
fn sides(canary: u32, stable: u32) -> Looked {
    let mut stage = whole::deployed(1, Arc::new(decide::decide));
    let plan = stories::balancer::Plan {
        weights: (Some(canary), stable),
        ..stories::balancer::Plan::default()
    };
    stage.balancer("shop", &plan);
    let change = |policy: &mut Value| {
        policy.as_object_mut().expect("an object").remove("pipeline");
        for (field, value) in [
            ("approval", json!("automatic")),
            ("promotion", json!("swap")),
            ("retire", json!("scale_to_zero")),
            ("on_new_release", json!("hold")),
            ("steps", json!([{"share_permille": 500, "bake_minutes": 20}])),
        ] {
            policy[field] = value;
        }
    };
    let row = stage.service_with("shop", Cut::Plain, change);
    let idle = if canary > stable { &row.name } else { &row.canary };
    call(
        &stage,
        "ecs",
        "UpdateService",
        json!({"cluster": "prod", "service": idle, "desiredCount": 0}),
    );
    let text = stage.policies["shop"].to_string();
    let policy = Policy::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    look(&stage, policy)
}

#[test]
fn the_roles_of_two_sides_are_those_that_the_weights_say() {
    for ((canary, stable), name) in [((0, 1), "shop"), ((999, 0), "shop-canary")] {
        let looked = sides(canary, stable);
        let told = read(&looked).replace("\n             ", " ");
        assert!(
            told.contains(&format!("by the weights {name} is stable at the moment")),
            "{told}"
        );
        assert_eq!(looked.policy.two_services.stable, name);
        // This account has no queues.
        let mut refused = weights(&looked, Weight::Refused);
        refused.retain(|(_, text)| !text.contains("shop-dlq"));
        assert_eq!(refused, [], "an idle side has no task: {told}");
    }
    let unclear = sides(5, 5);
    let told = read(&unclear).replace("\n             ", " ");
    assert!(
        told.contains("cannot be told by the weights; as the policy is written"),
        "{told}"
    );
    let refused = weights(&unclear, Weight::Refused);
    let unclear = |(_, text): &(String, String)| text.contains("both have the weight 5");
    assert!(refused.iter().any(unclear), "{refused:?}");
}

#[test]
fn the_windows_that_come_are_told_by_utc_over_the_nights_in_which_a_clock_changes() {
    let night = |minutes: u32| {
        policy(|policy| {
            policy["freeze"] = json!([{"cron": "0 22 * * SAT", "minutes": minutes, "time_zone": "Europe/Berlin"}]);
        })
    };
    let at = |text: &str| serde_json::from_value(json!(text)).expect("a moment");
    // Put forward on 2027-03-28 at 01:00 UTC, put back on 2027-10-31 at 01:00 UTC.
    let spring = "     frozen from 2027-03-20T21:00:00Z until 2027-03-21T05:00:00Z\n     \
                  frozen from 2027-03-27T21:00:00Z until 2027-03-28T05:00:00Z\n     \
                  frozen from 2027-04-03T20:00:00Z until 2027-04-04T04:00:00Z\n";
    assert_eq!(windows(&night(480), at("2027-03-17T12:00:00Z")), spring);
    let autumn = "     frozen from 2027-10-23T20:00:00Z until 2027-10-24T04:00:00Z\n     \
                  frozen from 2027-10-30T20:00:00Z until 2027-10-31T04:00:00Z\n     \
                  frozen from 2027-11-06T21:00:00Z until 2027-11-07T05:00:00Z\n";
    assert_eq!(windows(&night(480), at("2027-10-20T12:00:00Z")), autumn);
    assert_eq!(windows(&policy(|_| {}), at("2027-10-20T12:00:00Z")), "");
}
