//! What Lambda does in a function's own role: logs, failed events.

use super::super::*;
use crate::iam::{Document, stage as iam};
use crate::sqs;
use serde_json::json;

const ROLE: &str = "arn:aws:iam::111122223333:role/worker";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:111122223333:failures";
const LOGS: &str = "arn:aws:logs:eu-central-1:111122223333:log-group:own:log-stream:*";

/// A function that fails at once and for good, in a role that may do this.
fn failing(may: &[(&str, &str)]) -> World {
    let mut world = World::new(5);
    sqs::stage::idle_queue(&mut world, "failures", json!({}));
    let config = Config {
        attempts_max: 0,
        on_failure: Some("failures".to_owned()),
        role: Some(ROLE.to_owned()),
        log_group: Some("own".to_owned()),
        ..Config::default()
    };
    stage::function(&mut world, "worker", config);
    let statements: Vec<Value> = may
        .iter()
        .map(|(action, resource)| json!({ "Effect": "Allow", "Action": action, "Resource": resource }))
        .collect();
    let policy = Document::read(&json!({ "Version": "2012-10-17", "Statement": statements })).expect("a policy");
    iam::role(&mut world, ROLE, vec![policy]);
    let request = invoke_async(&mut world, "worker", json!({ "n": 7 }));
    let due = next_due(&world).expect("it is on its way");
    world.advance_to(due);
    ended(&mut world, request, Err("out of luck".to_owned()));
    world
}

fn kept(world: &World) -> Vec<Value> {
    let place = world.sqs.place("failures").expect("the queue is there");
    let messages = world.sqs.messages(place);
    messages
        .map(|message| serde_json::from_str(&message.content.body).expect("JSON"))
        .collect()
}

#[test]
fn what_is_given_up_lies_in_the_queue_with_event_error_and_count() {
    let world = failing(&[
        ("logs:CreateLogStream", LOGS),
        ("logs:PutLogEvents", LOGS),
        ("sqs:SendMessage", QUEUE),
    ]);
    assert_eq!(world.lambda.refused, []);
    let [told] = &kept(&world)[..] else {
        panic!("{:?}", kept(&world))
    };
    assert_eq!(told["requestPayload"], json!({ "n": 7 }));
    assert_eq!(told["responsePayload"], json!({ "errorMessage": "out of luck" }));
    let context = &told["requestContext"];
    assert_eq!(context["condition"], "RetriesExhausted");
    assert_eq!(context["approximateInvokeCount"], 1);
    let arn = "arn:aws:lambda:eu-central-1:111122223333:function:worker:$LATEST";
    assert_eq!(context["functionArn"], arn);
}

#[test]
fn what_the_role_does_not_allow_is_not_done_and_the_function_runs_all_the_same() {
    let other = LOGS.replace("own", "other");
    let cases = [
        (
            vec![("sqs:SendMessage", QUEUE)],
            vec!["logs:CreateLogStream", "logs:PutLogEvents"],
            1,
        ),
        (
            vec![("logs:CreateLogStream", LOGS), ("logs:PutLogEvents", LOGS)],
            vec!["sqs:SendMessage"],
            0,
        ),
        (
            vec![
                ("logs:CreateLogStream", LOGS),
                ("logs:PutLogEvents", &other),
                ("sqs:SendMessage", QUEUE),
            ],
            vec!["logs:PutLogEvents"],
            1,
        ),
    ];
    for (may, wanted, messages) in cases {
        let world = failing(&may);
        let refused = world.lambda.refused.iter().map(|(_, refusal)| refusal.message.as_str());
        for (said, action) in refused.zip(&wanted) {
            assert!(
                said.contains(&format!("is not authorized to perform: {action} on resource")),
                "{said}"
            );
        }
        assert_eq!(world.lambda.refused.len(), wanted.len(), "{may:?}");
        assert_eq!(
            (world.lambda.failed.len(), kept(&world).len()),
            (1, messages),
            "{may:?}"
        );
    }
}

#[test]
fn a_queue_that_is_not_there_keeps_nothing_and_that_is_known() {
    let mut world = World::new(5);
    let config = Config {
        attempts_max: 0,
        on_failure: Some("nowhere".to_owned()),
        ..Config::default()
    };
    stage::function(&mut world, "worker", config);
    let request = invoke_async(&mut world, "worker", json!({}));
    let due = next_due(&world).expect("it is on its way");
    world.advance_to(due);
    ended(&mut world, request, Err("out of luck".to_owned()));
    let codes: Vec<&str> = world.lambda.refused.iter().map(|(_, refusal)| refusal.code).collect();
    assert_eq!(codes, ["QueueDoesNotExist"]);
}
