//! Events and how they are counted.

use super::*;

#[test]
fn every_state_leaves_the_events_that_aws_counts() {
    let states = json!({
        "A": invoke(json!({ "Next": "B" })),
        "B": { "Type": "Choice", "Choices": [{ "Variable": "$.Payload", "BooleanEquals": true, "Next": "C" }], "Default": "E" },
        "C": { "Type": "Wait", "Seconds": 5, "Next": "D" }, "D": { "Type": "Pass", "Next": "E" }, "E": { "Type": "Succeed" },
    });
    let (mut world, execution) = ran(&states, &json!({}));
    answer(&mut world, Ok(json!(true)));
    wait(&mut world, 60_000);
    let events = history(&mut world, &execution);
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types(&events), wanted);
    let previous: Vec<u64> = events
        .iter()
        .map(|event| event["previousEventId"].as_u64().unwrap())
        .collect();
    assert_eq!(previous, [0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    let ids: Vec<u64> = events.iter().map(|event| event["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=15).collect::<Vec<u64>>());
    let scheduled = json!({
        "resourceType": "lambda", "resource": "invoke", "region": "eu-central-1",
        "parameters": "{\"FunctionName\":\"advance\",\"Payload\":{}}",
    });
    assert_eq!(events[2]["taskScheduledEventDetails"], scheduled);
    assert_eq!(
        events[14]["executionSucceededEventDetails"]["output"],
        events[11]["stateExitedEventDetails"]["output"]
    );
}

#[test]
fn a_history_is_read_in_pages_and_backwards_and_without_data() {
    let states = json!({ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Succeed" } });
    let (mut world, execution) = ran(&states, &json!({ "secret": 1 }));
    let whole = history(&mut world, &execution);
    assert_eq!(whole.len(), 6);
    for backwards in [false, true] {
        for (page_size, most, pages) in [(None, 4, vec![4, 2]), (Some(3), 0, vec![3, 3]), (None, 6, vec![6])] {
            world.page_size = page_size;
            let mut request = json!({ "executionArn": execution, "maxResults": most, "reverseOrder": backwards });
            let (mut seen, mut sizes) = (Vec::new(), Vec::new());
            loop {
                let reply = ask(&mut world, "GetExecutionHistory", request.clone());
                sizes.push(reply["events"].as_array().unwrap().len());
                seen.extend(reply["events"].as_array().unwrap().iter().cloned());
                match reply.get("nextToken") {
                    Some(token) => request["nextToken"] = token.clone(),
                    None => break,
                }
            }
            if backwards {
                seen.reverse();
            }
            assert_eq!(seen, whole);
            assert_eq!(sizes, pages);
        }
    }
    world.page_size = None;
    let bare = json!({ "executionArn": execution, "includeExecutionData": false });
    let bare = ask(&mut world, "GetExecutionHistory", bare).to_string();
    assert!(
        !bare.contains("secret") && history(&mut world, &execution)[0].to_string().contains("secret"),
        "{bare}"
    );
    let metadata = json!({ "executionArn": execution, "includedData": "METADATA_ONLY" });
    let metadata = ask(&mut world, "DescribeExecution", metadata);
    assert_eq!((metadata.get("input"), metadata.get("output")), (None, None));
    assert_eq!(metadata["inputDetails"], json!({ "included": false }));
}

/// A loop with a way out that is never taken.
fn endless() -> Value {
    json!({
        "A": { "Type": "Pass", "Next": "B" },
        "B": { "Type": "Choice", "Choices": [{ "Variable": "$.done", "BooleanEquals": true, "Next": "C" }], "Default": "A" },
        "C": { "Type": "Succeed" },
    })
}

#[test]
fn the_twenty_five_thousandth_event_is_the_end() {
    let (mut world, execution) = started(&endless(), &json!({ "done": false }));
    // 24 998 events of states, two a visit, a transition between them.
    wait(&mut world, 12_499 * 25);
    assert_eq!(status(&mut world, &execution), "RUNNING");
    assert_eq!(history(&mut world, &execution).len(), 24_999);
    wait(&mut world, 25);
    let shown = describe(&mut world, &execution);
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("FAILED"), &json!("States.Runtime"))
    );
    let cause = "The execution reached the maximum number of history events (25000).";
    assert_eq!(shown["cause"], cause);
    assert_eq!(shown["redriveStatus"], "NOT_REDRIVABLE");
    let events = history(&mut world, &execution);
    assert_eq!(events.len(), 25_000);
    let last = events.last().unwrap();
    assert_eq!(
        (&last["id"], &last["previousEventId"], &last["type"]),
        (&json!(25_000), &json!(24_999), &json!("ExecutionFailed"))
    );
    assert_eq!(world.next_due(), None);
}

#[test]
fn the_limit_is_not_caught() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Next": "C" }]);
    let retry =
        json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 99_999, "BackoffRate": 1 }]);
    let states =
        json!({ "A": invoke(json!({ "Retry": retry, "Catch": catch, "Next": "C" })), "C": { "Type": "Succeed" } });
    let (mut world, execution) = started(&states, &json!({}));
    stage::invocations_fail(
        &mut world,
        "advance",
        9000,
        &FunctionError::new("Lambda.ServiceException", "down"),
    );
    wait(&mut world, 9_000_000);
    let shown = describe(&mut world, &execution);
    assert_eq!(
        (&shown["status"], &shown["error"]),
        (&json!("FAILED"), &json!("States.Runtime"))
    );
    assert_eq!(history(&mut world, &execution).len(), 25_000);
}
