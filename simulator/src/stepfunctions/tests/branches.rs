//! Parallel states.

use super::*;

fn branch(states: Value, start: &str) -> Value {
    json!({ "StartAt": start, "States": states })
}

fn parallel(branches: &[Value]) -> Value {
    json!({ "Type": "Parallel", "Branches": branches, "ResultPath": "$.all", "End": true })
}

fn passes(name: &str, result: Value) -> Value {
    branch(json!({ name: { "Type": "Pass", "Result": result, "End": true } }), name)
}

#[test]
fn each_branch_gets_the_input_and_what_they_leave_stands_in_their_order() {
    let slow = branch(
        json!({ "S": { "Type": "Wait", "Seconds": 30, "Next": "T" }, "T": { "Type": "Pass", "OutputPath": "$.x", "End": true } }),
        "S",
    );
    let state = parallel(&[slow, passes("Q", json!("quick"))]);
    let (mut world, execution) = ran(&json!({ "A": state }), &json!({ "x": 7 }));
    let reply = describe(&mut world, &execution);
    let output: Value = serde_json::from_str(reply["output"].as_str().unwrap()).unwrap();
    assert_eq!(output, json!({ "x": 7, "all": [7, "quick"] }));
}

#[test]
fn what_fails_in_a_branch_ends_them_all_unless_it_is_caught_there() {
    let fails = branch(
        json!({ "F": { "Type": "Fail", "Error": "Broken", "Cause": "by hand" } }),
        "F",
    );
    let slow = branch(json!({ "S": { "Type": "Wait", "Seconds": 30, "End": true } }), "S");
    let (mut world, execution) = ran(&json!({ "A": parallel(&[slow, fails]) }), &json!({}));
    assert_eq!(status(&mut world, &execution), "FAILED");
    assert_eq!(describe(&mut world, &execution)["error"], json!("Broken"));
    assert_eq!(crate::stepfunctions::next_due(&world), None, "nothing of it is left");
}

#[test]
fn branches_are_no_executions_of_their_own_and_end_with_the_one_they_are_of() {
    let slow = branch(json!({ "S": { "Type": "Wait", "Seconds": 30, "End": true } }), "S");
    let (mut world, execution) = started(&json!({ "A": parallel(&[slow.clone(), slow]) }), &json!({}));
    wait(&mut world, 5_000);
    let machine = world.stepfunctions.machines.keys().next().unwrap().clone();
    let listed = ask(&mut world, "ListExecutions", json!({ "stateMachineArn": machine }));
    assert_eq!(listed["executions"].as_array().map(Vec::len), Some(1));
    ask(&mut world, "StopExecution", json!({ "executionArn": execution }));
    assert_eq!(crate::stepfunctions::next_due(&world), None);
    assert_eq!(status(&mut world, &execution), "ABORTED");
}

#[test]
fn an_event_goes_onto_the_bus_with_the_execution_that_sent_it() {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": true,
        "Parameters": { "Entries": [{ "Source": "mine", "DetailType": "It happened", "Detail.$": "$.detail" }] },
        "ResultSelector": { "lost.$": "$.FailedEntryCount" },
    });
    let (mut world, execution) = ran(
        &json!({ "A": parallel(&[branch(json!({ "E": task }), "E")]) }),
        &json!({ "detail": { "x": 1 } }),
    );
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
    let event = world
        .eventbridge
        .seen
        .iter()
        .find(|event| event["source"] == "mine")
        .expect("an event");
    assert_eq!(
        (&event["detail-type"], &event["detail"]),
        (&json!("It happened"), &json!({ "x": 1 }))
    );
    assert_eq!(event["resources"][0], json!(execution));
}
