//! Pass, Wait, Succeed, Fail; data in and out.

use super::*;

fn pass(further: Value) -> Value {
    let mut state = json!({ "Type": "Pass", "End": true });
    for (name, value) in further.as_object().unwrap() {
        state[name] = value.clone();
    }
    state
}

#[test]
fn data_goes_through_input_path_parameters_result_path_and_output_path() {
    let input = json!({ "a": { "b": 1 }, "c": 2 });
    for (further, wanted) in [
        (json!({}), input.clone()),
        (json!({ "InputPath": "$.a" }), json!({ "b": 1 })),
        (json!({ "InputPath": null }), json!({})),
        (json!({ "OutputPath": "$.a.b" }), json!(1)),
        (json!({ "OutputPath": null }), json!({})),
        (json!({ "Result": { "x.$": "$.a" } }), json!({ "x.$": "$.a" })),
        (json!({ "Result": 5, "Parameters": { "y": 1 } }), json!(5)),
        (
            json!({ "Result": 5, "ResultPath": "$.a.r" }),
            json!({ "a": { "b": 1, "r": 5 }, "c": 2 }),
        ),
        (json!({ "Result": 5, "ResultPath": null }), input.clone()),
        (
            json!({ "InputPath": "$.a", "Parameters": { "n.$": "$.b" }, "ResultPath": "$.c" }),
            json!({ "a": { "b": 1 }, "c": { "n": 1 } }),
        ),
        (
            json!({ "InputPath": "$.a", "ResultPath": "$.d", "OutputPath": "$.d" }),
            json!({ "b": 1 }),
        ),
        (json!({ "InputPath": "$$.Execution.Input.c" }), json!(2)),
        (
            json!({ "Parameters": { "o.$": "$.c" }, "OutputPath": "$$.Execution.Input.a" }),
            json!({ "b": 1 }),
        ),
    ] {
        assert_eq!(through(&pass(further.clone()), &input), Ok(wanted), "{further}");
    }
    for (further, name) in [
        (json!({ "InputPath": "$.x" }), "States.Runtime"),
        (json!({ "OutputPath": "$.x" }), "States.Runtime"),
        (json!({ "ResultPath": "$.c.x" }), "States.ResultPathMatchFailure"),
    ] {
        let (error, _) = through(&pass(further.clone()), &input).expect_err(&further.to_string());
        assert_eq!(error, name, "{further}");
    }
}

#[test]
fn the_context_object_tells_of_execution_machine_and_state() {
    let state = pass(json!({ "InputPath": "$$" }));
    let entered = At(At::START.0 + 25).iso_millis();
    let wanted = json!({
        "Execution": {
            "Id": "arn:aws:states:eu-central-1:111122223333:execution:clock:one", "Input": { "a": 1 },
            "StartTime": At::START.iso_millis(), "Name": "one", "RoleArn": "arn:aws:iam::111122223333:role/clock",
            "RedriveCount": 0,
        },
        "StateMachine": { "Id": "arn:aws:states:eu-central-1:111122223333:stateMachine:clock", "Name": "clock" },
        "State": { "Name": "A", "EnteredTime": entered },
    });
    assert_eq!(through(&state, &json!({ "a": 1 })), Ok(wanted));
}

#[test]
fn every_wait_ends_on_its_millisecond() {
    let entered = At::START.0 + 25;
    let later = At(At::START.0 + 10_500);
    for (wait_until, wanted) in [
        (json!({ "Seconds": 7 }), entered + 7000),
        (json!({ "Seconds": 0 }), entered),
        (json!({ "SecondsPath": "$.seconds" }), entered + 12_000),
        (json!({ "SecondsPath": "$$.Execution.Input.seconds" }), entered + 12_000),
        (json!({ "InputPath": "$.in", "SecondsPath": "$.s" }), entered + 3000),
        (json!({ "Timestamp": later.iso_millis() }), later.0),
        (json!({ "TimestampPath": "$.until" }), later.0),
        (json!({ "Timestamp": "2020-01-01T00:00:00Z" }), entered),
    ] {
        let mut state = json!({ "Type": "Wait", "End": true });
        for (name, value) in wait_until.as_object().unwrap() {
            state[name] = value.clone();
        }
        let input = json!({ "seconds": 12, "until": later.iso_millis(), "in": { "s": 3 } });
        let (mut world, execution) = started(&json!({ "A": state }), &input);
        world.advance_to(At(wanted - 1));
        assert_eq!(status(&mut world, &execution), "RUNNING", "{wait_until}");
        world.advance_to(At(wanted));
        let reply = describe(&mut world, &execution);
        assert_eq!(reply["status"], "SUCCEEDED", "{wait_until}");
        assert_eq!(reply["stopDate"].as_f64(), Some(At(wanted).seconds()));
    }
}

#[test]
fn a_wait_for_what_is_no_time_fails() {
    for (wait_until, input) in [
        (json!({ "SecondsPath": "$.s" }), json!({ "s": "5" })),
        (json!({ "SecondsPath": "$.s" }), json!({ "s": -5 })),
        (json!({ "SecondsPath": "$.s" }), json!({ "s": 1.5 })),
        (json!({ "SecondsPath": "$.s" }), json!({})),
        (json!({ "TimestampPath": "$.s" }), json!({ "s": "2026-11-21T03:00:00" })),
        (json!({ "TimestampPath": "$.s" }), json!({ "s": 5 })),
    ] {
        let mut state = json!({ "Type": "Wait", "End": true });
        for (name, value) in wait_until.as_object().unwrap() {
            state[name] = value.clone();
        }
        let (error, cause) = through(&state, &input).expect_err(&wait_until.to_string());
        assert_eq!(error, "States.Runtime", "{wait_until}");
        assert!(
            cause.contains("'A' (entered at the event id #2)") && cause.contains("$.s"),
            "{cause}"
        );
    }
}

#[test]
fn each_state_is_a_transition_away_from_the_one_before() {
    let states = json!({
        "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Next": "C" }, "C": { "Type": "Succeed" },
    });
    let (mut world, execution) = ran(&states, &json!({}));
    let times: Vec<f64> = history(&mut world, &execution)
        .iter()
        .map(|event| event["timestamp"].as_f64().unwrap() - At::START.seconds())
        .map(|seconds| (seconds * 1000.0).round())
        .collect();
    assert_eq!(times, [0.0, 25.0, 25.0, 50.0, 50.0, 75.0, 75.0, 75.0]);
}

#[test]
fn a_fail_state_tells_error_and_cause() {
    let input = json!({ "e": "Broken", "c": "badly", "n": 5 });
    for (state, error, cause) in [
        (json!({ "Error": "E", "Cause": "C" }), Some("E"), Some("C")),
        (
            json!({ "ErrorPath": "$.e", "CausePath": "States.Format('{}: {}', $.e, $.c)" }),
            Some("Broken"),
            Some("Broken: badly"),
        ),
        (json!({}), None, None),
    ] {
        let mut fail = state.clone();
        fail["Type"] = json!("Fail");
        let (mut world, execution) = ran(&json!({ "A": fail }), &input);
        let reply = describe(&mut world, &execution);
        assert_eq!(reply["status"], "FAILED");
        assert_eq!(
            (reply["error"].as_str(), reply["cause"].as_str()),
            (error, cause),
            "{state}"
        );
        assert_eq!(
            types(&history(&mut world, &execution)),
            ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
        );
    }
    let (error, _) = through(&json!({ "Type": "Fail", "ErrorPath": "$.n" }), &input).unwrap_err();
    assert_eq!(error, "States.Runtime");
}

#[test]
fn a_payload_that_is_too_long_fails_by_name() {
    let state = pass(json!({ "Parameters": { "a.$": "$", "b.$": "$" } }));
    let (error, cause) = through(&state, &json!("x".repeat(140_000))).unwrap_err();
    assert_eq!(error, "States.DataLimitExceeded");
    assert!(
        cause.starts_with("The state/task 'A' returned a result with a size exceeding"),
        "{cause}"
    );
}
