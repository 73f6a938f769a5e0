//! What is a definition and what is not.

use super::*;

fn create(definition: &str) -> Result<Value, Refusal> {
    let mut world = World::new(7);
    let input = json!({
        "name": "clock", "definition": definition, "roleArn": "arn:aws:iam::111122223333:role/clock",
    });
    world.call("test", "stepfunctions", "CreateStateMachine", input)
}

/// What CreateStateMachine says of a machine.
fn wrong(definition: &Value) -> String {
    match create(&definition.to_string()) {
        Ok(_) => panic!("created: {definition}"),
        Err(refusal) => {
            assert_eq!(refusal.code, "InvalidDefinition");
            refusal.message
        }
    }
}

fn of_states(states: Value) -> Value {
    json!({ "StartAt": "A", "States": states })
}

fn done() -> Value {
    json!({ "Type": "Succeed" })
}

#[test]
fn wrong_transitions_are_told_in_the_words_of_aws() {
    let pass = |next: &str| json!({ "Type": "Pass", "Next": next });
    for (states, wanted) in [
        (
            json!({ "A": pass("C"), "B": { "Type": "Pass", "End": true } }),
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B",
        ),
        (
            json!({ "A": pass("B"), "B": pass("A") }),
            "MISSING_END_STATE: Workflow has no terminal state at null",
        ),
        (
            json!({ "A": pass("B"), "B": pass("A"), "C": done() }),
            "MISSING_TRANSITION_TARGET: State \"C\" is not reachable. at /States/C",
        ),
        (
            json!({ "A": { "Type": "Choice", "Choices": [{ "Variable": "$", "IsNull": true, "Next": "X" }], "Default": "Y" }, "B": done() }),
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Choices[0]/Next, MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/A/Default, MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B",
        ),
        (
            json!({ "A": invoke(json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "X" }] })) }),
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Catch[0]/Next",
        ),
    ] {
        let wanted = format!("Invalid State Machine Definition: '{wanted}'");
        assert_eq!(wrong(&of_states(states)), wanted);
    }
}

#[test]
fn what_the_language_does_not_have_is_refused_with_its_place() {
    let retry = |handler: Value| json!({ "A": invoke(json!({ "Retry": [handler] })) });
    let all = json!(["States.ALL"]);
    let choice = |rule: Value| json!({ "A": { "Type": "Choice", "Choices": [rule], "Default": "B" }, "B": done() });
    for (states, wanted) in [
        (
            json!({ "A": { "Type": "Pass" } }),
            "These fields are required: [Next] at /States/A",
        ),
        (
            json!({ "A": { "Type": "Pass", "End": true, "Next": "A" } }),
            "Only one of [Next, End] is allowed at /States/A",
        ),
        (
            json!({ "A": { "Type": "Sleep" } }),
            "Value is not a valid state type at /States/A/Type",
        ),
        (
            json!({ "A": { "End": true } }),
            "These fields are required: [Type] at /States/A",
        ),
        (json!({ "A": [] }), "Expected value of type Object at /States/A"),
        (
            json!({ "A": { "Type": "Succeed", "End": true } }),
            "Field 'End' is not supported at /States/A",
        ),
        (
            json!({ "A": { "Type": "Succeed", "TimeoutSeconds": 5 } }),
            "Field 'TimeoutSeconds' is not supported at /States/A",
        ),
        (
            json!({ "A": { "Type": "Succeed", "Coment": "x" } }),
            "Field 'Coment' is not supported at /States/A",
        ),
        (
            json!({ "A": { "Type": "Wait", "End": true } }),
            "Exactly one of these fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/A",
        ),
        (
            json!({ "A": { "Type": "Wait", "Seconds": 1, "Timestamp": "x", "End": true } }),
            "Exactly one of these fields is required",
        ),
        (
            json!({ "A": { "Type": "Wait", "Seconds": "1", "End": true } }),
            "Expected value of type Integer at /States/A/Seconds",
        ),
        (
            json!({ "A": { "Type": "Wait", "Seconds": 100_000_000, "End": true } }),
            "Value is greater than 99999999 at /States/A/Seconds",
        ),
        (
            json!({ "A": { "Type": "Wait", "Timestamp": "now", "End": true } }),
            "Value is not a valid RFC3339 timestamp at /States/A/Timestamp",
        ),
        (
            json!({ "A": { "Type": "Wait", "SecondsPath": "seconds", "End": true } }),
            "Value is not a valid JSONPath at /States/A/SecondsPath",
        ),
        (
            json!({ "A": { "Type": "Pass", "ResultPath": "$$.a", "End": true } }),
            "Value is not a valid Reference Path at /States/A/ResultPath",
        ),
        (
            json!({ "A": { "Type": "Pass", "Parameters": { "a.$": 5 }, "End": true } }),
            "must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters/a.$",
        ),
        (
            json!({ "A": { "Type": "Pass", "Parameters": { "b": [{ "a.$": "x" }] }, "End": true } }),
            "Value is not a valid intrinsic function at /States/A/Parameters/b[0]/a.$",
        ),
        (
            json!({ "A": { "Type": "Pass", "Parameters": { "a": 1, "a.$": "$" }, "End": true } }),
            "The field 'a' is there twice",
        ),
        (
            json!({ "A": { "Type": "Pass", "Parameters": { "a.$": "States.MathAdd(1)" }, "End": true } }),
            "Invalid number of arguments for States.MathAdd",
        ),
        (
            json!({ "A": { "Type": "Fail", "Error": "x", "ErrorPath": "$.x" } }),
            "Only one of [Error, ErrorPath] is allowed at /States/A",
        ),
        (
            json!({ "A": { "Type": "Task", "Resource": "advance", "End": true } }),
            "Value is not a valid resource ARN at /States/A/Resource",
        ),
        (
            json!({ "A": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true } }),
            "The field \"FunctionName\" is required but was missing at /States/A/Parameters",
        ),
        (
            json!({ "A": invoke(json!({ "TimeoutSeconds": 0 })) }),
            "Expected value of type positive Integer at /States/A/TimeoutSeconds",
        ),
        (
            retry(json!({})),
            "These fields are required: [ErrorEquals] at /States/A/Retry[0]",
        ),
        (
            retry(json!({ "ErrorEquals": [] })),
            "Expected value of type non-empty Array at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            retry(json!({ "ErrorEquals": ["States.ALL", "x"] })),
            "States.ALL must appear alone and at the end of the list at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            json!({ "A": invoke(json!({ "Retry": [{ "ErrorEquals": all }, { "ErrorEquals": ["x"] }] })) }),
            "States.ALL must appear alone and at the end of the list at /States/A/Retry[0]/ErrorEquals",
        ),
        (
            retry(json!({ "ErrorEquals": all, "BackoffRate": 0.5 })),
            "Value is less than 1.0 at /States/A/Retry[0]/BackoffRate",
        ),
        (
            retry(json!({ "ErrorEquals": all, "IntervalSeconds": 0 })),
            "Expected value of type positive Integer at /States/A/Retry[0]/IntervalSeconds",
        ),
        (
            retry(json!({ "ErrorEquals": all, "IntervalSeconds": 5, "MaxDelaySeconds": 5 })),
            "Value must be greater than IntervalSeconds",
        ),
        (
            retry(json!({ "ErrorEquals": all, "JitterStrategy": "SOME" })),
            "Value is not one of [FULL, NONE]",
        ),
        (
            retry(json!({ "ErrorEquals": all, "Next": "A" })),
            "Field 'Next' is not supported at /States/A/Retry[0]",
        ),
        (
            json!({ "A": invoke(json!({ "Catch": [{ "ErrorEquals": all }] })) }),
            "These fields are required: [Next] at /States/A/Catch[0]",
        ),
        (
            choice(json!({ "Variable": "$", "IsNull": true })),
            "These fields are required: [Next] at /States/A/Choices[0]",
        ),
        (
            choice(json!({ "Variable": "$", "Next": "B" })),
            "A rule has a Variable and one comparison operator",
        ),
        (
            choice(json!({ "Variable": "$", "IsNull": true, "IsString": true, "Next": "B" })),
            "A rule has a Variable and one comparison operator",
        ),
        (
            choice(json!({ "Variable": "$", "BooleanLessThan": true, "Next": "B" })),
            "Field 'BooleanLessThan' is not supported at /States/A/Choices[0]",
        ),
        (
            choice(json!({ "Variable": "$", "NumericEquals": "1", "Next": "B" })),
            "Expected value of type Number at /States/A/Choices[0]/NumericEquals",
        ),
        (
            choice(json!({ "Variable": "$", "TimestampEquals": "noon", "Next": "B" })),
            "Expected value of type Timestamp",
        ),
        (
            choice(json!({ "Not": { "Variable": "$", "IsNull": true, "Next": "B" }, "Next": "B" })),
            "A rule has a Variable and one comparison operator, or one of [And, Or, Not] at /States/A/Choices[0]/Not",
        ),
        (
            choice(json!({ "And": [], "Next": "B" })),
            "Expected value of type non-empty Array at /States/A/Choices[0]/And",
        ),
    ] {
        let said = wrong(&of_states(states.clone()));
        assert!(said.contains(wanted), "{said}\n  has no {wanted}\n  for {states}");
        assert!(
            said.contains("SCHEMA_VALIDATION_FAILED: ") && !said.contains("NOT_SIMULATED"),
            "{said}"
        );
    }
}

#[test]
fn what_is_not_simulated_is_refused_by_name() {
    let parameters = json!({ "FunctionName": "f", "Qualifier": "live" });
    let machine = of_states(json!({ "A": done() }));
    let mut jsonata = machine.clone();
    jsonata["QueryLanguage"] = json!("JSONata");
    for (definition, wanted) in [
        (jsonata, "JSONata is not simulated at /QueryLanguage"),
        (
            of_states(json!({ "A": { "Type": "Succeed", "QueryLanguage": "JSONata" } })),
            "JSONata is not simulated at /States/A/QueryLanguage",
        ),
        (
            of_states(json!({ "A": { "Type": "Map", "End": true } })),
            "a Map state is not simulated at /States/A",
        ),
        (
            of_states(json!({ "A": invoke(json!({ "HeartbeatSeconds": 5 })) })),
            "the field 'HeartbeatSeconds' is not simulated at /States/A",
        ),
        (
            of_states(json!({ "A": { "Type": "Pass", "Assign": {}, "End": true } })),
            "the field 'Assign' is not simulated",
        ),
        (
            of_states(json!({ "A": invoke(json!({ "Parameters": parameters })) })),
            "the parameter 'Qualifier' is not simulated at /States/A/Parameters",
        ),
        (
            of_states(json!({ "A": invoke(json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken" })) })),
            "the resource arn:aws:states:::lambda:invoke.waitForTaskToken is not simulated",
        ),
        (
            of_states(json!({ "A": invoke(json!({ "Resource": "arn:aws:states:::sqs:sendMessage" })) })),
            "the resource arn:aws:states:::sqs:sendMessage is not simulated",
        ),
        (
            of_states(json!({ "A": { "Type": "Pass", "InputPath": "$..a", "End": true } })),
            "wildcards and deep scans is not simulated at /States/A/InputPath",
        ),
        (
            of_states(
                json!({ "A": { "Type": "Pass", "Parameters": { "a.$": "States.Hash('a', 'MD5')" }, "End": true } }),
            ),
            "the function States.Hash is not simulated at /States/A/Parameters/a.$",
        ),
    ] {
        let said = wrong(&definition);
        assert!(
            said.contains(&format!("NOT_SIMULATED: {wanted}")),
            "{said}\n  has no {wanted}"
        );
    }
    let mut world = World::new(7);
    let base = json!({ "name": "m", "definition": machine.to_string(), "roleArn": "arn:aws:iam::111122223333:role/m" });
    for (member, value, code) in [
        ("type", json!("EXPRESS"), "StateMachineTypeNotSupported"),
        ("publish", json!(true), "ValidationException"),
        (
            "encryptionConfiguration",
            json!({ "type": "CUSTOMER_MANAGED_KMS_KEY" }),
            "ValidationException",
        ),
    ] {
        let mut input = base.clone();
        input[member] = value;
        assert_eq!(refused(&mut world, "CreateStateMachine", input).code, code);
    }
}

#[test]
fn a_text_that_is_no_machine_is_refused() {
    for (text, wanted) in [
        ("not a definition", "INVALID_JSON_DESCRIPTION: "),
        (
            "[]",
            "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at /",
        ),
        (
            "{}",
            "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /",
        ),
        (
            r#"{"StartAt":"A"}"#,
            "SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /",
        ),
        (
            r#"{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}"#,
            "Missing 'Next' target: B at /StartAt",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}},"Version":"2.0"}"#,
            "Value is not one of [1.0] at /Version",
        ),
        (
            r#"{"StartAt":"A","States":{"A":{"Type":"Succeed"}},"Timeout":5}"#,
            "Field 'Timeout' is not supported at /",
        ),
    ] {
        let refusal = create(text).expect_err(text);
        assert_eq!(refusal.code, "InvalidDefinition");
        assert!(refusal.message.contains(wanted), "{} has no {wanted}", refusal.message);
    }
    let long = "x".repeat(81);
    let said = wrong(&json!({ "StartAt": long, "States": { &long: done() } }));
    assert!(said.contains("State names have 1 to 80 characters"), "{said}");
}

#[test]
fn the_same_machine_twice_is_one_and_another_of_its_name_is_refused() {
    let mut world = World::new(7);
    let text = of_states(json!({ "A": done() })).to_string();
    let input = json!({ "name": "clock", "definition": text, "roleArn": "arn:aws:iam::111122223333:role/clock" });
    let first = ask(&mut world, "CreateStateMachine", input.clone());
    wait(&mut world, 1000);
    assert_eq!(ask(&mut world, "CreateStateMachine", input.clone()), first);
    let arn = "arn:aws:states:eu-central-1:111122223333:stateMachine:clock";
    assert_eq!(first["stateMachineArn"], arn);
    for (member, value) in [
        ("definition", format!("{text} ")),
        ("roleArn", "arn:aws:iam::111122223333:role/x".to_owned()),
    ] {
        let mut other = input.clone();
        other[member] = json!(value);
        let refusal = refused(&mut world, "CreateStateMachine", other);
        assert_eq!(refusal.code, "StateMachineAlreadyExists");
        assert_eq!(refusal.message, format!("State Machine Already Exists: '{arn}'"));
    }
    let shown = ask(&mut world, "DescribeStateMachine", json!({ "stateMachineArn": arn }));
    assert_eq!(shown["definition"], json!(text));
    assert_eq!(shown["creationDate"], first["creationDate"]);
    assert_eq!(
        (&shown["status"], &shown["type"]),
        (&json!("ACTIVE"), &json!("STANDARD"))
    );
}
