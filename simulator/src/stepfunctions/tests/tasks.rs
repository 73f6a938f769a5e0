//! Tasks: functions and further executions.

use super::*;
use crate::stepfunctions::finish_unheard;

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:advance";

#[test]
fn a_function_is_called_with_its_payload_and_its_answer_is_the_result() {
    let task =
        invoke(json!({ "Parameters": { "FunctionName": format!("{FUNCTION}:live"), "Payload": { "id.$": "$.id" } } }));
    let (mut world, execution) = ran(&json!({ "A": task }), &json!({ "id": "r-1" }));
    let waiting = calls(&mut world);
    assert_eq!(waiting.len(), 1);
    let (function, payload, ticket) = waiting[0].clone();
    assert_eq!((function.as_str(), payload), ("advance", json!({ "id": "r-1" })));
    finish(&mut world, ticket, Ok(json!({ "done": true })));
    let reply = describe(&mut world, &execution);
    let output: Value = serde_json::from_str(reply["output"].as_str().unwrap()).unwrap();
    assert_eq!(output["Payload"], json!({ "done": true }));
    assert_eq!(
        (&output["StatusCode"], &output["ExecutedVersion"]),
        (&json!(200), &json!("$LATEST"))
    );
    let members: Vec<&String> = output.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "ExecutedVersion",
            "Payload",
            "SdkHttpMetadata",
            "SdkResponseMetadata",
            "StatusCode"
        ]
    );
}

#[test]
fn the_result_is_selected_and_placed_into_the_raw_input() {
    let task = invoke(json!({
        "InputPath": "$.in", "ResultSelector": { "wait.$": "$.Payload.wait", "state.$": "$$.State.Name" },
        "ResultPath": "$.last",
    }));
    let (mut world, execution) = ran(&json!({ "A": task }), &json!({ "in": { "x": 1 }, "keep": true }));
    assert_eq!(answer(&mut world, Ok(json!({ "wait": 60 }))), json!({ "x": 1 }));
    let reply = describe(&mut world, &execution);
    let output: Value = serde_json::from_str(reply["output"].as_str().unwrap()).unwrap();
    assert_eq!(
        output,
        json!({ "in": { "x": 1 }, "keep": true, "last": { "wait": 60, "state": "A" } })
    );
}

#[test]
fn a_plain_function_arn_gets_the_input_and_its_answer_is_the_whole_result() {
    let task = json!({ "Type": "Task", "Resource": FUNCTION, "TimeoutSeconds": 9, "End": true });
    let (mut world, execution) = ran(&json!({ "A": task.clone() }), &json!({ "x": 1 }));
    // Asked after its time: nobody waits for it any more.
    assert_eq!(status(&mut world, &execution), "FAILED");
    let (mut world, execution) = started(&json!({ "A": task }), &json!({ "x": 1 }));
    wait(&mut world, 25);
    assert_eq!(answer(&mut world, Ok(json!([1, 2]))), json!({ "x": 1 }));
    assert_eq!(describe(&mut world, &execution)["output"], "[1,2]");
    let events = history(&mut world, &execution);
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types(&events), wanted);
    let scheduled = &events[2]["lambdaFunctionScheduledEventDetails"];
    assert_eq!(
        (&scheduled["resource"], &scheduled["timeoutInSeconds"]),
        (&json!(FUNCTION), &json!(9))
    );
    assert_eq!(scheduled["input"], "{\"x\":1}");
}

#[test]
fn errors_of_functions_have_their_names() {
    let unknown = "The cause could not be determined because Lambda did not return an error type. Returned payload: {\"errorMessage\":\"no\"}";
    for (error_type, name, cause) in [
        (
            "Throttled",
            "Throttled",
            "{\"errorMessage\":\"no\",\"errorType\":\"Throttled\"}",
        ),
        (
            "Sandbox.Timedout",
            "Sandbox.Timedout",
            "{\"errorMessage\":\"no\",\"errorType\":\"Sandbox.Timedout\"}",
        ),
        ("", "Lambda.Unknown", unknown),
        (
            "Lambda.TooManyRequestsException",
            "Lambda.TooManyRequestsException",
            "no (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: ",
        ),
        (
            "Lambda.ServiceException",
            "Lambda.ServiceException",
            "no (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; Request ID: ",
        ),
        ("Lambda.SdkClientException", "Lambda.SdkClientException", "no"),
    ] {
        let (mut world, execution) = ran(&json!({ "A": invoke(json!({})) }), &json!({}));
        answer(&mut world, error(error_type));
        let reply = describe(&mut world, &execution);
        assert_eq!(reply["error"], name);
        assert!(words(&reply["cause"]).starts_with(cause), "{name}: {}", reply["cause"]);
        let events = history(&mut world, &execution);
        assert_eq!(types(&events)[4..], ["TaskFailed", "ExecutionFailed"]);
        let failed = &events[4]["taskFailedEventDetails"];
        assert_eq!(
            (&failed["error"], &failed["resource"], &failed["resourceType"]),
            (&json!(name), &json!("invoke"), &json!("lambda"))
        );
        assert_eq!(failed["cause"], reply["cause"]);
    }
}

#[test]
fn a_call_that_nobody_hears_is_a_function_that_is_not_there() {
    let (mut world, execution) = ran(&json!({ "A": invoke(json!({})) }), &json!({}));
    let (_, _, ticket) = calls(&mut world).remove(0);
    finish_unheard(&mut world, ticket);
    let reply = describe(&mut world, &execution);
    assert_eq!(reply["error"], "Lambda.ResourceNotFoundException");
    let wanted = format!(
        "Function not found: {FUNCTION} (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException;"
    );
    assert!(words(&reply["cause"]).starts_with(&wanted), "{}", reply["cause"]);
}

#[test]
fn an_answer_counts_once_and_only_while_it_is_waited_for() {
    let states = json!({ "A": invoke(json!({ "Next": "B" })), "B": { "Type": "Wait", "Seconds": 600, "End": true } });
    let (mut world, execution) = ran(&states, &json!({}));
    let (_, _, ticket) = calls(&mut world).remove(0);
    finish(&mut world, ticket + 1, Ok(json!({})));
    assert_eq!(types(&history(&mut world, &execution)).last(), Some(&"TaskStarted"));
    finish(&mut world, ticket, Ok(json!({})));
    wait(&mut world, 1000);
    let before = history(&mut world, &execution);
    assert_eq!(types(&before).last(), Some(&"WaitStateEntered"));
    finish(&mut world, ticket, error("Late"));
    assert_eq!(history(&mut world, &execution), before);
}

#[test]
fn a_task_that_takes_too_long_times_out_and_its_answer_is_nobodys() {
    let task = invoke(
        json!({ "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "B" }], "Next": "B" }),
    );
    let states = json!({ "A": task, "B": { "Type": "Wait", "Seconds": 600, "End": true } });
    let (mut world, execution) = started(&states, &json!({}));
    wait(&mut world, 25 + 4999);
    let (_, _, ticket) = calls(&mut world).remove(0);
    assert_eq!(types(&history(&mut world, &execution)).last(), Some(&"TaskStarted"));
    wait(&mut world, 1);
    finish(&mut world, ticket, Ok(json!({ "too": "late" })));
    let events = history(&mut world, &execution);
    assert_eq!(types(&events)[4..], ["TaskTimedOut", "TaskStateExited"]);
    assert_eq!(events[2]["taskScheduledEventDetails"]["timeoutInSeconds"], 5);
    let details = json!({ "error": "States.Timeout", "resource": "invoke", "resourceType": "lambda" });
    assert_eq!(events[4]["taskTimedOutEventDetails"], details);
    assert_eq!(
        events[5]["stateExitedEventDetails"]["output"],
        "{\"Cause\":\"\",\"Error\":\"States.Timeout\"}"
    );
}

#[test]
fn an_uncaught_time_out_of_a_task_fails_the_execution() {
    let (mut world, execution) = ran(&json!({ "A": invoke(json!({ "TimeoutSeconds": 5 })) }), &json!({}));
    let reply = describe(&mut world, &execution);
    assert_eq!(
        (&reply["status"], &reply["error"]),
        (&json!("FAILED"), &json!("States.Timeout"))
    );
    assert_eq!(reply.get("cause"), None);
}

#[test]
fn a_result_that_is_too_long_fails_the_task() {
    let (mut world, execution) = ran(&json!({ "A": invoke(json!({})) }), &json!({}));
    answer(&mut world, Ok(json!("x".repeat(262_144))));
    let reply = describe(&mut world, &execution);
    assert_eq!(reply["error"], "States.DataLimitExceeded");
    assert_eq!(
        reply["cause"],
        "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."
    );
}

/// A machine whose one state starts an execution of itself.
fn starting(parameters: Value) -> Value {
    json!({ "A": {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": parameters, "Next": "B",
        "Catch": [{ "ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"], "Next": "C" }],
    }, "B": { "Type": "Wait", "Seconds": 600, "End": true }, "C": { "Type": "Succeed" } })
}

#[test]
fn a_task_starts_an_execution_and_does_not_wait_for_it() {
    let parameters =
        json!({ "StateMachineArn.$": "$$.StateMachine.Id", "Name.$": "$.next", "Input": { "next": "two" } });
    let (mut world, execution) = started(&starting(parameters), &json!({ "next": "two" }));
    wait(&mut world, 50);
    let events = history(&mut world, &execution);
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "WaitStateEntered",
    ];
    assert_eq!(types(&events), wanted);
    let scheduled = &events[2]["taskScheduledEventDetails"];
    assert_eq!(
        (&scheduled["resourceType"], &scheduled["resource"]),
        (&json!("states"), &json!("startExecution"))
    );
    let output: Value =
        serde_json::from_str(events[4]["taskSucceededEventDetails"]["output"].as_str().unwrap()).unwrap();
    let second = "arn:aws:states:eu-central-1:111122223333:execution:clock:two";
    assert_eq!(output["ExecutionArn"], second);
    let started = describe(&mut world, second);
    assert_eq!(
        (&started["status"], &started["input"]),
        (&json!("RUNNING"), &json!("{\"next\":\"two\"}"))
    );
    let mut starts = world.calls.iter().filter(|call| call.operation == "StartExecution");
    let call = starts.find(|call| call.caller != "stage").unwrap();
    assert_eq!(
        (call.caller.as_str(), call.at),
        (execution.as_str(), At(At::START.0 + 25))
    );
}

#[test]
fn a_name_that_is_taken_is_an_error_of_the_task_even_if_it_is_its_own() {
    let parameters =
        json!({ "StateMachineArn.$": "$$.StateMachine.Id", "Name.$": "$$.Execution.Name", "Input": "{\"a\": 1}" });
    let (mut world, execution) = ran(&starting(parameters), &json!({}));
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
    let events = history(&mut world, &execution);
    let failed = &events[4]["taskFailedEventDetails"];
    assert_eq!(failed["error"], "StepFunctions.ExecutionAlreadyExistsException");
    let wanted = format!(
        "Execution Already Exists: '{execution}' (Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists; Request ID: "
    );
    assert!(words(&failed["cause"]).starts_with(&wanted), "{}", failed["cause"]);
}

#[test]
fn other_refusals_of_a_start_have_their_names_too() {
    let there = json!("arn:aws:states:eu-central-1:111122223333:stateMachine:clock");
    let nowhere = json!("arn:aws:states:eu-central-1:111122223333:stateMachine:none");
    for (parameters, name) in [
        (
            json!({ "StateMachineArn": nowhere }),
            "StepFunctions.StateMachineDoesNotExistException",
        ),
        (
            json!({ "StateMachineArn": there, "Name": "a b" }),
            "StepFunctions.InvalidNameException",
        ),
        (
            json!({ "StateMachineArn": there, "Input": "{" }),
            "StepFunctions.InvalidExecutionInputException",
        ),
        (
            json!({ "StateMachineArn": "clock" }),
            "StepFunctions.InvalidArnException",
        ),
        (json!({ "StateMachineArn": 5 }), "States.Runtime"),
    ] {
        let (mut world, execution) = ran(&starting(parameters.clone()), &json!({}));
        assert_eq!(describe(&mut world, &execution)["error"], name, "{parameters}");
    }
}
