//! Retry and Catch.

use super::*;

/// When the calls of an execution whose function always fails like this are made, in milliseconds after the first.
fn attempts(task: Value, error_type: &str) -> (Vec<i64>, World, String) {
    let states = json!({ "A": task, "B": { "Type": "Pass", "End": true } });
    let (mut world, execution) = started(&states, &json!({ "keep": 1 }));
    let first = At::START.0 + 25;
    let mut at = Vec::new();
    while let Some(due) = world.next_due() {
        world.advance_to(due);
        for (_, _, ticket) in calls(&mut world) {
            at.push(world.now.0 - first);
            finish(&mut world, ticket, error(error_type));
        }
    }
    (at, world, execution)
}

fn with(retry: Value) -> Value {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B" }]);
    invoke(json!({ "Retry": retry, "Catch": catch, "Next": "B" }))
}

#[test]
fn retries_come_at_their_exact_times() {
    let throttled = "Lambda.TooManyRequestsException";
    for (retrier, wanted) in [
        (json!({}), vec![0, 1000, 3000, 7000]),
        (json!({ "MaxAttempts": 0 }), vec![0]),
        (
            json!({ "IntervalSeconds": 2, "MaxAttempts": 4, "BackoffRate": 3 }),
            vec![0, 2000, 8000, 26_000, 80_000],
        ),
        (
            json!({ "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 1.5 }),
            vec![0, 3000, 7500],
        ),
        (
            json!({ "IntervalSeconds": 2, "MaxAttempts": 4, "MaxDelaySeconds": 5 }),
            vec![0, 2000, 6000, 11_000, 16_000],
        ),
        (
            json!({ "BackoffRate": 1.0, "MaxAttempts": 2, "JitterStrategy": "NONE" }),
            vec![0, 1000, 2000],
        ),
    ] {
        for names in [
            json!([throttled]),
            json!(["Other", throttled]),
            json!(["States.TaskFailed"]),
            json!(["States.ALL"]),
        ] {
            let mut retrier = retrier.clone();
            retrier["ErrorEquals"] = names.clone();
            let (at, ..) = attempts(with(json!([retrier])), throttled);
            assert_eq!(at, wanted, "{retrier}");
        }
        let mut stranger = retrier.clone();
        stranger["ErrorEquals"] = json!(["Other"]);
        assert_eq!(attempts(with(json!([stranger])), throttled).0, [0], "{retrier}");
    }
}

#[test]
fn jitter_stays_within_the_delay_and_is_the_seeds() {
    let retrier = json!([{ "ErrorEquals": ["E"], "IntervalSeconds": 100, "MaxAttempts": 20, "BackoffRate": 1, "JitterStrategy": "FULL" }]);
    let (at, ..) = attempts(with(retrier.clone()), "E");
    let gaps: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.len(), 20);
    assert!(gaps.iter().all(|gap| (0..=100_000).contains(gap)), "{gaps:?}");
    assert!(
        gaps.iter().any(|gap| *gap < 50_000) && gaps.iter().any(|gap| *gap > 50_000),
        "{gaps:?}"
    );
    assert_eq!(attempts(with(retrier), "E").0, at);
}

#[test]
fn each_retrier_counts_for_itself_and_only_the_first_that_means_the_error() {
    let retriers = json!([
        { "ErrorEquals": ["E"], "MaxAttempts": 1, "IntervalSeconds": 10 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1 },
    ]);
    assert_eq!(
        attempts(with(retriers.clone()), "E").0,
        [0, 10_000],
        "the second retrier is not asked"
    );
    assert_eq!(attempts(with(retriers.clone()), "F").0, [0, 1000, 2000]);
    let (mut world, execution) = started(
        &json!({ "A": with(retriers), "B": { "Type": "Pass", "End": true } }),
        &json!({}),
    );
    for error_type in ["F", "E", "F", "E"] {
        let due = world.next_due().unwrap();
        world.advance_to(due);
        answer(&mut world, error(error_type));
    }
    wait(&mut world, 25);
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
    let scheduled = types(&history(&mut world, &execution))
        .iter()
        .filter(|kind| **kind == "TaskScheduled")
        .count();
    assert_eq!(scheduled, 4);
}

#[test]
fn a_new_visit_begins_to_count_anew() {
    let task = invoke(json!({ "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }], "Next": "C" }));
    let states = json!({
        "A": task, "B": { "Type": "Succeed" },
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.Payload", "BooleanEquals": true, "Next": "B" }], "Default": "A" },
    });
    let (mut world, execution) = started(&states, &json!({}));
    for reply in [error("E"), Ok(json!(false)), error("E"), Ok(json!(true))] {
        wait(&mut world, 1100);
        answer(&mut world, reply);
    }
    wait(&mut world, 1000);
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
}

#[test]
fn the_context_counts_attempts() {
    let task = invoke(json!({
        "Parameters": { "FunctionName": "advance", "Payload": { "tries.$": "$$.State.RetryCount" } },
        "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }],
    }));
    let (mut world, _) = started(&json!({ "A": task }), &json!({}));
    wait(&mut world, 25);
    assert_eq!(answer(&mut world, error("E")), json!({ "tries": 0 }));
    wait(&mut world, 1000);
    assert_eq!(answer(&mut world, Ok(json!({}))), json!({ "tries": 1 }));
}

#[test]
fn a_caught_error_goes_where_its_catcher_says() {
    let catch = json!([
        { "ErrorEquals": ["E", "F"], "Next": "B" },
        { "ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "C" },
        { "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "D" },
    ]);
    let states = json!({
        "A": invoke(json!({ "TimeoutSeconds": 5, "Catch": catch })), "B": { "Type": "Succeed" }, "C": { "Type": "Succeed" },
        "D": { "Type": "Succeed" },
    });
    let told =
        |name: &str| json!({ "Error": name, "Cause": format!("{{\"errorMessage\":\"no\",\"errorType\":\"{name}\"}}") });
    for (error_type, state, output) in [
        (Some("F"), "B", told("F")),
        (Some("G"), "C", json!({ "keep": 1, "error": told("G") })),
        (None, "D", json!({ "keep": 1 })),
    ] {
        let (mut world, execution) = started(&states, &json!({ "keep": 1 }));
        wait(&mut world, 25);
        match error_type {
            Some(error_type) => drop(answer(&mut world, error(error_type))),
            None => wait(&mut world, 5000),
        }
        wait(&mut world, 25);
        let events = history(&mut world, &execution);
        let wanted = if error_type.is_some() {
            "TaskFailed"
        } else {
            "TaskTimedOut"
        };
        assert_eq!(types(&events)[4..7], [wanted, "TaskStateExited", "SucceedStateEntered"]);
        assert_eq!(events[6]["stateEnteredEventDetails"]["name"], state);
        let entered: Value =
            serde_json::from_str(events[6]["stateEnteredEventDetails"]["input"].as_str().unwrap()).unwrap();
        assert_eq!(entered, output, "{error_type:?}");
    }
}

#[test]
fn a_time_out_is_no_failed_task() {
    let task = invoke(
        json!({ "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "B" }], "Next": "B" }),
    );
    let (mut world, execution) = ran(&json!({ "A": task, "B": { "Type": "Succeed" } }), &json!({}));
    assert_eq!(status(&mut world, &execution), "FAILED");
}

#[test]
fn nobody_catches_what_cannot_be_run_but_a_failed_function_of_the_language_is_caught() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "B" }]);
    let retry = json!([{ "ErrorEquals": ["States.ALL"], "MaxAttempts": 1 }]);
    for (payload, status, error) in [
        ("$.none", "FAILED", "States.Runtime"),
        ("States.StringToJson($.text)", "SUCCEEDED", "States.IntrinsicFailure"),
    ] {
        let parameters = json!({ "FunctionName": "advance", "Payload.$": payload });
        let task = invoke(json!({ "Parameters": parameters, "Catch": catch, "Retry": retry, "Next": "B" }));
        let (mut world, execution) = ran(
            &json!({ "A": task, "B": { "Type": "Succeed" } }),
            &json!({ "text": "{" }),
        );
        let reply = describe(&mut world, &execution);
        assert_eq!(reply["status"], status, "{payload}");
        let output: Value = serde_json::from_str(reply["output"].as_str().unwrap_or("null")).unwrap();
        let name = if status == "FAILED" {
            &reply["error"]
        } else {
            &output["error"]["Error"]
        };
        assert_eq!(name, error);
    }
}

#[test]
fn staged_refusals_of_lambda_are_met_before_the_function_is_reached() {
    let retrier = json!([{ "ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1 }]);
    let (mut world, execution) = started(&json!({ "A": invoke(json!({ "Retry": retrier })) }), &json!({}));
    let refusal = FunctionError::new("Lambda.ServiceException", "Service is down");
    stage::invocations_fail(&mut world, "advance", 2, &refusal);
    stage::invocations_fail(&mut world, "other", 1, &refusal);
    wait(&mut world, 25 + 3999);
    assert_eq!(calls(&mut world), []);
    wait(&mut world, 1);
    answer(&mut world, Ok(json!({})));
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
    let events = history(&mut world, &execution);
    let failed = types(&events).iter().filter(|kind| **kind == "TaskFailed").count();
    assert_eq!(failed, 2);
}
