//! A clock that goes on: ticks, and a next lap before the history is full.

use super::*;

/// Ticks of a lap: the lap is over when this many are counted.
const TICKS: i64 = 1000;

fn clock() -> String {
    let lambda = json!({
        "ErrorEquals": ["Lambda.ServiceException", "Lambda.TooManyRequestsException", "Lambda.Unknown", "Lambda.SdkClientException"],
        "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2,
    });
    let definition = json!({
        "StartAt": "Begin",
        "States": {
            "Begin": {
                "Type": "Pass",
                "Parameters": { "id.$": "$.id", "lap.$": "$.lap", "ticks": 0, "answer": { "done": false, "wait_seconds": 0 } },
                "Next": "Advance",
            },
            "Advance": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "advance", "Payload": { "release.$": "$.id", "lap.$": "$.lap" } },
                "ResultSelector": { "done.$": "$.Payload.done", "wait_seconds.$": "$.Payload.wait_seconds" },
                "ResultPath": "$.answer", "TimeoutSeconds": 120, "Retry": [lambda],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Pause" }], "Next": "Is it done",
            },
            "Pause": { "Type": "Wait", "Seconds": 60, "Next": "Count" },
            "Is it done": {
                "Type": "Choice", "Choices": [{ "Variable": "$.answer.done", "BooleanEquals": true, "Next": "Done" }],
                "Default": "Wait",
            },
            "Wait": { "Type": "Wait", "SecondsPath": "$.answer.wait_seconds", "Next": "Count" },
            "Count": {
                "Type": "Pass",
                "Parameters": {
                    "id.$": "$.id", "lap.$": "$.lap", "answer.$": "$.answer", "ticks.$": "States.MathAdd($.ticks, 1)",
                },
                "Next": "Is the lap over",
            },
            "Is the lap over": {
                "Type": "Choice", "Choices": [{ "Variable": "$.ticks", "NumericGreaterThanEquals": TICKS, "Next": "Next lap" }],
                "Default": "Advance",
            },
            "Next lap": {
                "Type": "Pass",
                "Parameters": { "id.$": "$.id", "lap.$": "States.MathAdd($.lap, 1)" }, "Next": "Start",
            },
            "Start": {
                "Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
                "Parameters": {
                    "StateMachineArn.$": "$$.StateMachine.Id", "Name.$": "States.Format('{}-{}', $.id, $.lap)",
                    "Input": { "id.$": "$.id", "lap.$": "$.lap" },
                },
                "Retry": [{ "ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"], "MaxAttempts": 0 }],
                "Catch": [{ "ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException"], "Next": "Done" }],
                "Next": "Done",
            },
            "Done": { "Type": "Succeed" },
        },
    });
    definition.to_string()
}

/// Runs the clock until nothing is due; `tick` answers each call, told apart by its number.
fn run(world: &mut World, mut tick: impl FnMut(u64, &Value) -> Result<Value, FunctionError>) -> Vec<(At, Value)> {
    let mut seen = Vec::new();
    while let Some(due) = world.next_due() {
        world.advance_to(due);
        for (function, payload, ticket) in calls(world) {
            assert_eq!(function, "advance");
            seen.push((world.now, payload.clone()));
            finish(world, ticket, tick(seen.len() as u64, &payload));
        }
    }
    seen
}

fn clock_of(release: &str) -> (World, String) {
    let mut world = World::new(7);
    let machine = stage::create(&mut world, "clock", &clock());
    let name = format!("{release}-1");
    let execution = stage::start(&mut world, &machine, &name, &json!({ "id": release, "lap": 1 }));
    (world, execution)
}

fn go_on(seconds: u64) -> Result<Value, FunctionError> {
    Ok(json!({ "done": false, "wait_seconds": seconds }))
}

fn done() -> Result<Value, FunctionError> {
    Ok(json!({ "done": true, "wait_seconds": 0 }))
}

#[test]
fn the_clock_ticks_when_it_was_told_to_and_stops_when_it_is_done() {
    let (mut world, execution) = clock_of("r");
    let ticks = run(
        &mut world,
        |number, _| if number < 4 { go_on(number * 10) } else { done() },
    );
    let waits: Vec<i64> = ticks.windows(2).map(|pair| pair[1].0.0 - pair[0].0.0).collect();
    // Choice, Wait, Count, Choice and Advance are five transitions of 25 ms.
    assert_eq!(waits, [10_125, 20_125, 30_125]);
    assert_eq!(ticks[0].1, json!({ "release": "r", "lap": 1 }));
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
}

#[test]
fn trouble_with_lambda_is_retried_and_then_waited_out() {
    let (mut world, execution) = clock_of("r");
    let down = || error("Lambda.ServiceException");
    let ticks = run(&mut world, |number, _| match number {
        1..=4 => down(),
        5 => error("Panicked"),
        _ => done(),
    });
    let waits: Vec<i64> = ticks.windows(2).map(|pair| pair[1].0.0 - pair[0].0.0).collect();
    // Three retries, then Pause, Count, Choice, Advance: four transitions and a minute; once more without retries.
    assert_eq!(waits, [2000, 4000, 8000, 60_100, 60_100]);
    assert_eq!(status(&mut world, &execution), "SUCCEEDED");
}

#[test]
fn after_a_thousand_ticks_the_next_lap_begins_and_the_history_has_room() {
    let (mut world, first) = clock_of("r");
    let ticks = run(&mut world, |number, _| if number < 1500 { go_on(30) } else { done() });
    assert_eq!(ticks.len(), 1500);
    assert_eq!(ticks[999].1, json!({ "release": "r", "lap": 1 }));
    assert_eq!(ticks[1000].1, json!({ "release": "r", "lap": 2 }));
    let gap = ticks[1000].0.0 - ticks[999].0.0;
    assert!((30_000..31_000).contains(&gap), "{gap}");
    let second = first.replace("r-1", "r-2");
    assert_eq!(status(&mut world, &first), "SUCCEEDED");
    assert_eq!(status(&mut world, &second), "SUCCEEDED");
    // Start, Begin, 13 events a tick, then Next lap, Start, Done, end.
    assert_eq!(history(&mut world, &first).len(), 1 + 2 + 13 * 1000 + 2 + 5 + 2 + 1);
    assert_eq!(history(&mut world, &second).len(), 1 + 2 + 13 * 499 + 7 + 2 + 1);
}

#[test]
fn a_lap_is_begun_once() {
    let (mut world, first) = clock_of("r");
    let machine = words(&describe(&mut world, &first)["stateMachineArn"]);
    run(
        &mut world,
        |_, payload| if payload["lap"] == 2 { done() } else { go_on(30) },
    );
    let laps = ask(&mut world, "ListExecutions", json!({ "stateMachineArn": machine }));
    assert_eq!(laps["executions"].as_array().unwrap().len(), 2);
    // The same lap once more: its next one is there and has ended.
    let input = json!({ "id": "r", "lap": 1 });
    let again = stage::start(&mut world, &machine, "r-1-again", &input);
    run(&mut world, |_, _| go_on(30));
    assert_eq!(status(&mut world, &again), "SUCCEEDED");
    let events = history(&mut world, &again);
    let failed = events.iter().rfind(|event| event["type"] == "TaskFailed").unwrap();
    assert_eq!(
        failed["taskFailedEventDetails"]["error"],
        "StepFunctions.ExecutionAlreadyExistsException"
    );
    let laps = ask(&mut world, "ListExecutions", json!({ "stateMachineArn": machine }));
    assert_eq!(laps["executions"].as_array().unwrap().len(), 3);
}
