//! Functions that are really run: the executor answers what state machines ask.

use super::*;
use crate::executor::{FUNCTION_TIMEOUT, Functions, Invocation, Running, Sim};
use crate::port::{Lab, LabClock};
use aws_smithy_async::rt::sleep::AsyncSleep;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// `sleeper` takes as many seconds as it is told and answers with what it was given; `broken` fails like its payload.
struct Two;

impl Functions for Two {
    fn invoke(&self, invocation: Invocation) -> Running {
        Box::pin(async move {
            if invocation.function == "broken" {
                return Err(words(&invocation.payload["with"]));
            }
            let seconds = invocation.payload["seconds"].as_u64().unwrap_or(0);
            invocation.sleep.sleep(Duration::from_secs(seconds)).await;
            Ok(invocation.payload)
        })
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        match delivery {
            Delivery::Call { function, payload, .. } if function != "none" => vec![(function.clone(), payload.clone())],
            _ => Vec::new(),
        }
    }
}

/// How a task that asks this function with this payload ends, and after how many milliseconds.
fn asked(function: &str, payload: Value) -> (Value, i64) {
    let sim = Sim::new(7);
    sim.set_functions(Rc::new(Two));
    let parameters = json!({ "FunctionName": function, "Payload": payload });
    let states = json!({ "A": invoke(json!({ "Parameters": parameters })) });
    let definition = json!({ "StartAt": "A", "States": states }).to_string();
    let machine = stage::create(&mut sim.world(), "clock", &definition);
    let execution = stage::start(&mut sim.world(), &machine, "one", &json!({}));
    sim.run_until(At::START.plus_seconds(300));
    let shown = describe(&mut sim.world(), &execution);
    let stopped = (shown["stopDate"].as_f64().unwrap() * 1000.0).round() as i64;
    (shown, stopped - At::START.0 - 25)
}

#[test]
fn a_function_answers_when_it_is_done() {
    let (shown, millis) = asked("sleeper", json!({ "seconds": 30 }));
    assert_eq!((&shown["status"], millis), (&json!("SUCCEEDED"), 30_000));
    assert!(
        words(&shown["output"]).contains("\"Payload\":{\"seconds\":30}"),
        "{}",
        shown["output"]
    );
}

#[test]
fn a_function_that_runs_too_long_is_ended_by_lambda() {
    assert_eq!(FUNCTION_TIMEOUT, Duration::from_secs(60));
    let (shown, millis) = asked("sleeper", json!({ "seconds": 60 }));
    assert_eq!((&shown["status"], millis), (&json!("SUCCEEDED"), 60_000));
    let (shown, millis) = asked("sleeper", json!({ "seconds": 61 }));
    assert_eq!((&shown["error"], millis), (&json!("Sandbox.Timedout"), 60_000));
    assert!(
        words(&shown["cause"]).contains("Error: Task timed out after 60.00 seconds"),
        "{}",
        shown["cause"]
    );
}

#[test]
fn a_function_fails_with_its_own_error_type_where_it_has_one() {
    let typed = "{\"errorType\":\"Throttled\",\"errorMessage\":\"too often\"}";
    let (shown, _) = asked("broken", json!({ "with": typed }));
    assert_eq!(shown["error"], "Throttled");
    assert_eq!(
        shown["cause"],
        "{\"errorMessage\":\"too often\",\"errorType\":\"Throttled\"}"
    );
    let (shown, _) = asked("broken", json!({ "with": "just a text" }));
    assert_eq!(shown["error"], "alloc::string::String");
    let (shown, _) = asked("none", json!({}));
    assert_eq!(shown["error"], "Lambda.ResourceNotFoundException");
}

#[test]
fn a_function_that_is_started_by_hand_is_ended_too() {
    let sim = Sim::new(7);
    sim.set_functions(Rc::new(Two));
    sim.start("sleeper", json!({ "seconds": 600 }));
    sim.run_until_quiet(At::START.plus_seconds(900));
    let ended = sim.ended.borrow();
    assert_eq!(ended[0].at, At::START + FUNCTION_TIMEOUT);
    assert_eq!(ended[0].outcome, Err("Task timed out after 60.00 seconds".to_owned()));
}

#[test]
fn a_lab_without_functions_says_so_to_its_state_machines() {
    for carries_calls in [false, true] {
        let retry = json!([{ "ErrorEquals": ["States.ALL"], "MaxAttempts": 1 }]);
        let (world, execution) = started(&json!({ "A": invoke(json!({ "Retry": retry })) }), &json!({}));
        let clock = Arc::new(LabClock::new(At::START, 0.0));
        let lab = Lab::new(world, Arc::clone(&clock));
        let lab = if carries_calls { lab.carrying_calls() } else { lab };
        for _ in 0..2 {
            clock.jump(Duration::from_secs(10));
            drop(lab.present());
        }
        let shown = describe(&mut lab.present(), &execution);
        match carries_calls {
            true => assert_eq!(shown["status"], "RUNNING"),
            false => assert_eq!(shown["error"], "Lambda.ResourceNotFoundException"),
        }
        assert_eq!(calls(&mut lab.present()).len(), usize::from(carries_calls));
    }
}
