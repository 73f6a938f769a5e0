//! StartExecution, DescribeExecution, ListExecutions, StopExecution; the bus.

use super::*;

fn waiting() -> (World, String) {
    machine(&json!({ "A": { "Type": "Wait", "Seconds": 100, "End": true } }))
}

fn request(machine: &str, name: &str, input: &str) -> Value {
    json!({ "stateMachineArn": machine, "name": name, "input": input })
}

#[test]
fn a_start_is_idempotent_while_it_runs_with_the_same_input() {
    let (mut world, machine) = waiting();
    let first = ask(&mut world, "StartExecution", request(&machine, "one", "{\"a\":1}"));
    wait(&mut world, 5000);
    assert_eq!(
        ask(&mut world, "StartExecution", request(&machine, "one", "{\"a\":1}")),
        first
    );
    let arn = first["executionArn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:states:eu-central-1:111122223333:execution:clock:one");
    let exists = |world: &mut World, input: &str| {
        let refusal = refused(world, "StartExecution", request(&machine, "one", input));
        assert_eq!(refusal.code, "ExecutionAlreadyExists");
        assert_eq!(refusal.message, format!("Execution Already Exists: '{arn}'"));
    };
    exists(&mut world, "{\"a\":2}");
    wait(&mut world, 100_000);
    assert_eq!(status(&mut world, arn), "SUCCEEDED");
    exists(&mut world, "{\"a\":1}");
    assert_eq!(
        ask(&mut world, "ListExecutions", json!({ "stateMachineArn": machine }))["executions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_name_is_free_again_ninety_days_after_the_end() {
    let (mut world, machine) = waiting();
    let first = ask(&mut world, "StartExecution", request(&machine, "one", "{}"));
    let arn = json!({ "executionArn": first["executionArn"] });
    wait(&mut world, 100_025);
    let stopped = world.now;
    world.advance_to(At(stopped.plus_seconds(90 * 86_400).0 - 1));
    assert_eq!(
        refused(&mut world, "StartExecution", request(&machine, "one", "{}")).code,
        "ExecutionAlreadyExists"
    );
    wait(&mut world, 1);
    assert_eq!(
        refused(&mut world, "DescribeExecution", arn.clone()).code,
        "ExecutionDoesNotExist"
    );
    assert_eq!(
        ask(&mut world, "ListExecutions", json!({ "stateMachineArn": machine }))["executions"],
        json!([])
    );
    let second = ask(&mut world, "StartExecution", request(&machine, "one", "{}"));
    assert_eq!(second["executionArn"], first["executionArn"]);
    assert_ne!(second["startDate"], first["startDate"]);
    assert_eq!(ask(&mut world, "DescribeExecution", arn)["status"], "RUNNING");
}

#[test]
fn names_inputs_and_arns_are_checked() {
    let (mut world, machine) = waiting();
    let long = "x".repeat(81);
    for name in [
        "a b", "a\tb", "", "a:b", "a/b", "<a>", "a{}", "a[0]", "a?", "a*", "\"", "a#", "50%", "a\\", "^", "|", "~",
        "`", "$", "&", ",", ";", "\u{1}", "\u{85}", &long,
    ] {
        let refusal = refused(&mut world, "StartExecution", request(&machine, name, "{}"));
        assert_eq!(refusal.code, "InvalidName", "{name:?}");
    }
    for name in ["a", "r-1_2.3+=@!()'", "größe", &long[..80]] {
        ask(&mut world, "StartExecution", request(&machine, name, "{}"));
    }
    for input in ["", "not json", "{'a': 1}"] {
        let refusal = refused(&mut world, "StartExecution", request(&machine, "two", input));
        assert_eq!(refusal.code, "InvalidExecutionInput", "{input}");
    }
    for (index, input) in ["5", "\"text\"", "null"].iter().enumerate() {
        ask(
            &mut world,
            "StartExecution",
            request(&machine, &format!("n{index}"), input),
        );
    }
    let none = machine.replace("clock", "none");
    let execution = machine.replace("stateMachine", "execution");
    for (operation, input, code) in [
        (
            "StartExecution",
            json!({ "stateMachineArn": none }),
            "StateMachineDoesNotExist",
        ),
        ("StartExecution", json!({ "stateMachineArn": "clock" }), "InvalidArn"),
        ("StartExecution", json!({ "stateMachineArn": execution }), "InvalidArn"),
        (
            "DescribeStateMachine",
            json!({ "stateMachineArn": none }),
            "StateMachineDoesNotExist",
        ),
        ("DescribeExecution", json!({ "executionArn": machine }), "InvalidArn"),
        (
            "DescribeExecution",
            json!({ "executionArn": format!("{execution}:none") }),
            "ExecutionDoesNotExist",
        ),
        (
            "StopExecution",
            json!({ "executionArn": format!("{execution}:none") }),
            "ExecutionDoesNotExist",
        ),
        (
            "GetExecutionHistory",
            json!({ "executionArn": format!("{execution}:none") }),
            "ExecutionDoesNotExist",
        ),
        (
            "ListExecutions",
            json!({ "stateMachineArn": none }),
            "StateMachineDoesNotExist",
        ),
        ("ListExecutions", json!({}), "ValidationException"),
        (
            "ListExecutions",
            json!({ "mapRunArn": "arn:aws:states:eu-central-1:1:mapRun:a/b:c" }),
            "ResourceNotFound",
        ),
        (
            "ListExecutions",
            json!({ "stateMachineArn": machine, "nextToken": "x" }),
            "InvalidToken",
        ),
    ] {
        assert_eq!(
            refused(&mut world, operation, input.clone()).code,
            code,
            "{operation} {input}"
        );
    }
    let reply = ask(&mut world, "StartExecution", json!({ "stateMachineArn": machine }));
    let unnamed = ask(
        &mut world,
        "DescribeExecution",
        json!({ "executionArn": reply["executionArn"] }),
    );
    assert_eq!((words(&unnamed["name"]).len(), &unnamed["input"]), (36, &json!("{}")));
}

#[test]
fn executions_are_listed_newest_first_in_pages() {
    let (mut world, machine) = waiting();
    for name in ["e", "a", "d", "b", "c"] {
        stage::start(&mut world, &machine, name, &json!({}));
        wait(&mut world, 30_000);
    }
    let names = |reply: &Value| -> Vec<String> {
        reply["executions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| words(&entry["name"]))
            .collect()
    };
    // Two of five had their hundred seconds.
    for (filter, wanted) in [
        ("RUNNING", vec!["c", "b", "d"]),
        ("SUCCEEDED", vec!["a", "e"]),
        ("FAILED", vec![]),
    ] {
        let reply = ask(
            &mut world,
            "ListExecutions",
            json!({ "stateMachineArn": machine, "statusFilter": filter }),
        );
        assert_eq!(names(&reply), wanted, "{filter}");
    }
    for (page_size, most, pages) in [
        (None, 0, vec![5]),
        (None, 2, vec![2, 2, 1]),
        (Some(3), 0, vec![3, 2]),
        (Some(3), 1, vec![1, 1, 1, 1, 1]),
        (None, 5, vec![5]),
    ] {
        world.page_size = page_size;
        let mut request = json!({ "stateMachineArn": machine, "maxResults": most });
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let reply = ask(&mut world, "ListExecutions", request.clone());
            sizes.push(names(&reply).len());
            seen.extend(names(&reply));
            match reply.get("nextToken") {
                Some(token) => request["nextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!((seen.concat().as_str(), sizes), ("cbdae", pages));
    }
}

#[test]
fn a_stopped_execution_is_aborted_and_stays_so() {
    let states = json!({ "A": invoke(json!({})) });
    let (mut world, execution) = started(&states, &json!({}));
    wait(&mut world, 1000);
    let (_, _, ticket) = calls(&mut world).remove(0);
    let stop = json!({ "executionArn": execution, "error": "Closed", "cause": "by hand" });
    let reply = ask(&mut world, "StopExecution", stop.clone());
    assert_eq!(reply["stopDate"].as_f64(), Some(world.now.seconds()));
    finish(&mut world, ticket, Ok(json!({})));
    wait(&mut world, 1000);
    assert_eq!(ask(&mut world, "StopExecution", stop), reply);
    let shown = describe(&mut world, &execution);
    assert_eq!(
        (&shown["status"], &shown["error"], &shown["cause"]),
        (&json!("ABORTED"), &json!("Closed"), &json!("by hand"))
    );
    let events = history(&mut world, &execution);
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "ExecutionAborted",
    ];
    assert_eq!(types(&events), wanted);
    assert_eq!(events[4]["previousEventId"], 0);
    assert_eq!(
        events[4]["executionAbortedEventDetails"],
        json!({ "error": "Closed", "cause": "by hand" })
    );
    assert_eq!(world.next_due(), None);
}

#[test]
fn a_machine_has_a_time_out_of_its_own() {
    let mut world = World::new(7);
    let definition = json!({ "StartAt": "W", "TimeoutSeconds": 3, "States": { "W": { "Type": "Wait", "Seconds": 25, "End": true } } });
    let machine = stage::create(&mut world, "clock", &definition.to_string());
    let execution = stage::start(&mut world, &machine, "one", &json!({}));
    wait(&mut world, 60_000);
    let shown = describe(&mut world, &execution);
    assert_eq!(shown["status"], "TIMED_OUT");
    assert_eq!(shown["stopDate"].as_f64(), Some(At::START.plus_seconds(3).seconds()));
    assert_eq!((shown.get("error"), shown.get("cause")), (None, None));
    let events = history(&mut world, &execution);
    assert_eq!(
        types(&events),
        ["ExecutionStarted", "WaitStateEntered", "ExecutionTimedOut"]
    );
    assert_eq!(
        events[2]["executionTimedOutEventDetails"],
        json!({ "error": "States.Timeout" })
    );
}

#[test]
fn the_bus_is_told_of_every_change() {
    let fail = json!({ "A": { "Type": "Fail", "Error": "E", "Cause": "C" } });
    let pass = json!({ "A": { "Type": "Pass", "Result": [1], "End": true } });
    for (states, last, output, error) in [
        (pass, "SUCCEEDED", json!("[1]"), json!(null)),
        (fail, "FAILED", json!(null), json!("E")),
    ] {
        let (world, execution) = ran(&states, &json!({ "a": 1 }));
        let events: Vec<&Value> = world
            .outbox
            .iter()
            .filter_map(|delivery| match delivery {
                Delivery::Event(event) => Some(event),
                _ => None,
            })
            .collect();
        let told: Vec<&Value> = events.iter().map(|event| &event["detail"]["status"]).collect();
        assert_eq!(told, ["RUNNING", last]);
        for event in &events {
            assert_eq!(
                (&event["source"], &event["detail-type"]),
                (&json!("aws.states"), &json!("Step Functions Execution Status Change"))
            );
            assert_eq!(event["resources"], json!([execution]));
            assert_eq!(event["detail"]["input"], "{\"a\":1}");
            assert_eq!(event["detail"]["startDate"], json!(At::START.0));
        }
        assert_eq!(events[0]["detail"]["stopDate"], json!(null));
        assert_eq!(events[1]["detail"]["stopDate"], json!(At::START.0 + 25));
        assert_eq!(
            (&events[1]["detail"]["output"], &events[1]["detail"]["error"]),
            (&output, &error)
        );
    }
}
