//! Bad input gets one clear answer that names the place and the next step; nothing is half done.

use serde_json::{Value, json};
use simulator::faults::{Fault, Rule};
use std::sync::Arc;
use stories::Stage;
use stories::scene::TABLE;
use stories::told::Told;
use stories::whole::{Cut, deployed};

const AT_THE_APPROVAL: &str =
    "policy orders\npush orders v2\nrelease orders v2\nopen orders\nuntil approval orders\nrun 3m\nclock off";

fn play(script: &str) -> Told {
    let mut told = Told::new(1, Arc::new(decide::decide));
    script.lines().for_each(|line| say(&mut told, line));
    told
}

fn say(told: &mut Told, line: &str) {
    told.line(line)
        .unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
}

/// How the last invocation of `rollback` ended.
fn last(told: &Told) -> Result<Value, String> {
    let ended = told.stage.sim.ended.borrow();
    ended
        .iter()
        .rev()
        .find(|end| end.function == "rollback")
        .expect("it ran")
        .outcome
        .clone()
}

/// Everything that our functions changed outside the ledger.
fn writes(told: &Told) -> Vec<String> {
    let world = told.stage.sim.world();
    let ours = world
        .calls
        .iter()
        .filter(|call| call.caller.starts_with("rollback#") && call.outcome.is_ok());
    let reads = ["Describe", "Get", "List"];
    ours.filter(|call| call.service != "dynamodb" && !reads.iter().any(|read| call.operation.starts_with(read)))
        .map(|call| call.operation.clone())
        .collect()
}

fn row(told: &Told, change: impl FnOnce(&mut Value)) {
    let mut world = told.stage.sim.world();
    let key = json!({"pk": {"S": "policy#orders"}, "sk": {"S": "release"}});
    let found = world
        .call("test", "dynamodb", "GetItem", json!({"TableName": TABLE, "Key": key}))
        .expect("it is there");
    let mut item = found["Item"].clone();
    change(&mut item);
    world
        .call("test", "dynamodb", "PutItem", json!({"TableName": TABLE, "Item": item}))
        .expect("it is put");
}

#[test]
fn a_row_of_a_later_schema_is_left_alone_and_says_what_to_deploy() {
    let mut told = play(AT_THE_APPROVAL);
    row(&told, |item| item["schema"]["N"] = "9".into());
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    let answer = last(&told).expect("another try would not help");
    let because = answer["alarms"][0]["policies"][0]["because"]
        .as_str()
        .unwrap_or_default();
    assert_eq!(
        because,
        "policy#orders / release has schema 9, this build reads up to 2; deploy the Serin that wrote it, or a later one"
    );
    assert_eq!(writes(&told), [] as [&str; 0]);
}

#[test]
fn a_damaged_row_is_left_alone_and_names_the_attribute() {
    let mut told = play(AT_THE_APPROVAL);
    row(&told, |item| item["document"]["S"] = "{\"half\":".into());
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    let answer = last(&told).expect("another try would not help").to_string();
    assert!(answer.contains("attribute document cannot be read"), "{answer}");
    assert!(
        answer.contains("restore the row from point-in-time recovery"),
        "{answer}"
    );
    assert_eq!(writes(&told), [] as [&str; 0]);
}

#[test]
fn a_ledger_that_may_not_be_read_is_an_error_that_lambda_tries_again() {
    let mut told = play(AT_THE_APPROVAL);
    told.stage
        .sim
        .world()
        .faults
        .rules
        .push(Rule::service("dynamodb", Fault::AccessDenied));
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    let error = last(&told).expect_err("the event must not be lost");
    assert!(
        error.contains("Query on serin: not allowed; the function's role lacks this action"),
        "{error}"
    );
    assert_eq!(writes(&told), [] as [&str; 0]);
}

#[test]
fn a_service_that_may_not_be_updated_is_told_and_tried_until_it_may() {
    let mut told = play(AT_THE_APPROVAL);
    let denied = Rule {
        operation: Some("UpdateService".to_owned()),
        ..Rule::service("ecs", Fault::AccessDenied)
    };
    told.stage.sim.world().faults.rules.push(denied);
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    let answer = last(&told)
        .expect("the release stays open, its clock goes on")
        .to_string();
    assert!(
        answer.contains("UpdateService on orders-canary in cluster prod: not allowed"),
        "{answer}"
    );
    assert_eq!(writes(&told), ["PutApprovalResult"], "what is allowed is done");
    told.stage.sim.world().faults.rules.clear();
    say(&mut told, "clock on");
    say(&mut told, "tick orders");
    say(&mut told, "until closed orders");
}

#[test]
fn a_service_that_is_gone_is_named() {
    let mut told = play(AT_THE_APPROVAL);
    for (operation, input) in [
        (
            "UpdateService",
            json!({"cluster": "prod", "service": "orders", "desiredCount": 0}),
        ),
        (
            "DeleteService",
            json!({"cluster": "prod", "service": "orders", "force": true}),
        ),
    ] {
        told.stage
            .sim
            .world()
            .call("somebody", "ecs", operation, input)
            .expect("done");
    }
    say(&mut told, "run 30m");
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    let answer = last(&told).expect("the canary is restored all the same").to_string();
    assert!(
        answer.contains("ECS has no service orders in cluster prod; create it, or correct the policy"),
        "{answer}"
    );
    assert!(
        writes(&told).contains(&"UpdateService".to_owned()),
        "{:?}",
        writes(&told)
    );
}

#[test]
fn a_huge_event_and_a_foreign_one_are_answered_without_a_call() {
    let told = play("policy orders");
    let mut huge: Value = serde_json::from_str(include_str!("../../events/alarm/direct-metric.json")).expect("JSON");
    huge["alarmData"]["state"]["reason"] = "x".repeat(1 << 20).into();
    for (payload, expected) in [
        (huge, "larger"),
        (json!({"Records": []}), "Records"),
        (json!([1]), "event"),
        (json!("x"), "event"),
    ] {
        told.stage.sim.start("rollback", payload);
        let limit = told.stage.sim.world().now.plus_seconds(60);
        told.stage.sim.run_until_quiet(limit);
        let answer = last(&told).expect("answered").to_string();
        assert!(
            answer.contains("left_alone") && answer.len() < 2_000,
            "{expected}: {answer}"
        );
    }
    assert!(
        !told
            .stage
            .sim
            .world()
            .calls
            .iter()
            .any(|call| call.caller.starts_with("rollback#"))
    );
}

#[test]
fn a_tick_that_is_none_says_what_to_send() {
    let told = play("policy orders");
    for payload in [
        json!({}),
        json!({"policy": 7}),
        json!({"sweep": false}),
        json!({"policy": "orders", "sweep": true}),
        json!("orders"),
    ] {
        told.stage.sim.start("advance", payload.clone());
        let limit = told.stage.sim.world().now.plus_seconds(60);
        told.stage.sim.run_until_quiet(limit);
        let outcome = told.stage.sim.ended.borrow().last().expect("it ran").outcome.clone();
        let error = outcome.expect_err("no tick");
        assert!(
            error.ends_with(r#"send {"policy": "<name>"} for a tick or {"sweep": true} for the sweep"#),
            "{payload}: {error}"
        );
    }
}

#[test]
fn a_door_that_may_not_be_closed_does_not_keep_the_execution_from_being_stopped() {
    let mut told = play(AT_THE_APPROVAL);
    let operation = Some("DisableStageTransition".to_owned());
    let denied = Rule {
        operation,
        ..Rule::service("codepipeline", Fault::AccessDenied)
    };
    told.stage.sim.world().faults.rules.push(denied);
    say(&mut told, "before rollback's PutApprovalResult ann approves orders");
    say(&mut told, "dlq orders 25");
    say(&mut told, "until alarm orders");
    say(&mut told, "run 10s");
    assert!(
        writes(&told).contains(&"StopPipelineExecution".to_owned()),
        "{:?}",
        writes(&told)
    );
}

/// The pipeline's `Open` action with these parameters, and this policy in Parameter Store, where another than the stage's:
/// the answer that CodePipeline was given, as type and text.
fn opens_with(parameters: Option<&str>, policy: impl FnOnce(Value) -> String) -> (String, String) {
    let mut stage = deployed(1, Arc::new(decide::decide));
    let row = stage.service("orders", Cut::WithOpen);
    {
        let mut world = stage.sim.world();
        let mut call = |operation: &str, input: Value| {
            let answer = world.call("ann", "codepipeline", operation, input);
            answer.unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
        };
        let mut declared = call("GetPipeline", json!({"name": row.pipeline}))["pipeline"].take();
        let actions = declared["stages"].as_array_mut().into_iter().flatten();
        let mut actions = actions.flat_map(|stage| stage["actions"].as_array_mut().into_iter().flatten());
        let open = actions
            .find(|action| action["name"] == "Open")
            .expect("an action of ours");
        match parameters {
            Some(text) => open["configuration"]["UserParameters"] = json!(text),
            None => drop(
                open["configuration"]
                    .as_object_mut()
                    .map(|all| all.remove("UserParameters")),
            ),
        }
        call("UpdatePipeline", json!({"pipeline": declared}));
        let written = policy(stage.policies["orders"].clone());
        simulator::ssm::stage::put(&mut world, "/serin/policies/orders", &written);
    }
    stories::whole::push(&mut stage.sim.world(), &row, "v2");
    stories::scene::release(&mut stage.sim.world(), &row, "v2");
    let failed = |stage: &Stage| {
        let world = stage.sim.world();
        let mut calls = world.calls.iter();
        let found = calls.find(|call| call.operation == "PutJobFailureResult" && call.outcome.is_ok());
        found.map(|call| call.input["failureDetails"].clone())
    };
    assert!(
        stage.run_until(1_800, |stage| failed(stage).is_some()),
        "the job was never failed"
    );
    let details = failed(&stage).unwrap_or_default();
    stage.run_for(300);
    assert!(
        stage.slot("orders").is_none_or(|slot| slot.held.is_none()),
        "a release was opened"
    );
    assert_eq!(stage.runs(&row, "orders-canary"), "v1");
    let text = |field: &str| details[field].as_str().unwrap_or_default().to_owned();
    (text("type"), text("message"))
}

#[test]
fn a_job_that_was_set_up_wrongly_fails_with_its_type_and_says_what_to_write_where() {
    let own = r##"{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}"##;
    let as_it_is = |policy: Value| policy.to_string();
    let cases = [
        (None, "is missing: write"),
        (Some("policy=orders"), "is not JSON"),
        (Some(r#"{"policy": "orders"}"#), "has no `execution`"),
        (
            Some(r##"{"policy": "nobody", "execution": "#{codepipeline.PipelineExecutionId}"}"##),
            "there is no parameter /serin/policies/nobody; put the policy there",
        ),
        (
            Some(r#"{"policy": "orders", "execution": "0d1e2f3a-0000-4000-8000-000000000000"}"#),
            "execution 0d1e2f3a-0000-4000-8000-000000000000 is not one of pipeline orders",
        ),
    ];
    for (parameters, says) in cases {
        let (kind, message) = opens_with(parameters, as_it_is);
        assert_eq!(kind, "ConfigurationError", "{parameters:?}: {message}");
        assert!(message.contains(says), "{parameters:?}: {message}");
    }
    let (kind, message) = opens_with(Some(own), |_| "{\"name\": 7".to_owned());
    assert_eq!(kind, "ConfigurationError", "{message}");
    assert!(message.contains("is not JSON"), "{message}");
    let without = |mut policy: Value| {
        policy.as_object_mut().map(|all| all.remove("pipeline"));
        policy.to_string()
    };
    let (kind, message) = opens_with(Some(own), without);
    assert_eq!(kind, "ConfigurationError", "{message}");
    assert!(message.contains("pipeline"), "{message}");
}
