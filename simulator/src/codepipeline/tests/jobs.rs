//! Lambda actions and their jobs.

use super::*;

fn lambda() -> Value {
    let configuration = json!({ "FunctionName": "judge", "UserParameters": "#{codepipeline.PipelineExecutionId}" });
    let mut lambda = action("Judge", "Invoke", "Lambda", 1, configuration);
    lambda["inputArtifacts"] = json!([{ "name": "Code" }]);
    lambda["outputArtifacts"] = json!([{ "name": "Verdict" }]);
    lambda["namespace"] = json!("Judge");
    lambda
}

/// A world whose function `judge` has just been invoked; with the execution and the job's id.
fn judging() -> (World, String, String) {
    let mut after = build("After", 2);
    after["configuration"] = json!({ "Said": "#{Judge.SAID}" });
    let mut world = working(vec![lambda(), after]);
    let execution = start(&mut world);
    wait(&mut world, 3);
    let job = newest_job(&world);
    (world, execution, job)
}

fn newest_job(world: &World) -> String {
    invoked(world).last().unwrap().1["id"].as_str().unwrap().to_owned()
}

fn success(job: &str) -> Value {
    json!({ "jobId": job, "outputVariables": { "SAID": "yes" } })
}

fn failure(job: &str, message: &str) -> Value {
    json!({ "jobId": job, "failureDetails": { "type": "JobFailed", "message": message } })
}

fn go_on(job: &str) -> Value {
    json!({ "jobId": job, "continuationToken": "step 2" })
}

#[test]
fn the_job_event_has_what_aws_sends_and_nothing_that_tells_the_pipeline() {
    let (world, execution, job) = judging();
    let (function, event) = invoked(&world).remove(0);
    assert_eq!(function, "judge");
    let credentials = event["data"]["artifactCredentials"].clone();
    let input_key = event["data"]["inputArtifacts"][0]["location"]["s3Location"]["objectKey"].clone();
    let revision = event["data"]["inputArtifacts"][0]["revision"].clone();
    let output_key = event["data"]["outputArtifacts"][0]["location"]["s3Location"]["objectKey"].clone();
    let at = |key: &Value| json!({ "type": "S3", "s3Location": { "bucketName": "bucket", "objectKey": key } });
    let expected = json!({
        "id": job, "accountId": "111122223333", "data": {
            "actionConfiguration": { "configuration": { "FunctionName": "judge", "UserParameters": execution } },
            "inputArtifacts": [{ "name": "Code", "revision": revision, "location": at(&input_key) }],
            "outputArtifacts": [{ "name": "Verdict", "revision": null, "location": at(&output_key) }],
            "artifactCredentials": credentials,
        },
    });
    assert_eq!(event, expected);
    assert_eq!(revision.as_str().unwrap().len(), 40);
    assert!(output_key.as_str().unwrap().starts_with("orders/Verdict/"));
    assert_eq!(credentials["expirationTime"], json!(world.now.plus_seconds(900).0));
}

#[test]
fn the_job_details_name_the_pipeline() {
    let (mut world, execution, job) = judging();
    let reply = ask(&mut world, "GetJobDetails", json!({ "jobId": job }));
    let data = &reply["jobDetails"]["data"];
    let action_id = action_state(&mut world, "Work", "Judge")["actionExecutionId"].clone();
    let expected = json!({
        "pipelineName": "orders", "pipelineArn": "arn:aws:codepipeline:eu-central-1:111122223333:orders",
        "pipelineExecutionId": execution, "stage": { "name": "Work" },
        "action": { "name": "Judge", "actionExecutionId": action_id },
    });
    assert_eq!(data["pipelineContext"], expected);
    assert_eq!(data["actionTypeId"]["provider"], "Lambda");
    assert_eq!(
        data["artifactCredentials"].get("expirationTime"),
        None,
        "not a member of the output shape"
    );
    assert_eq!(data["outputArtifacts"][0].get("revision"), None);
}

#[test]
fn a_success_ends_the_action_and_its_variables_reach_later_actions() {
    let (mut world, execution, job) = judging();
    ask(&mut world, "PutJobSuccessResult", success(&job));
    let judged = action_state(&mut world, "Work", "Judge");
    assert_eq!(judged["status"], "Succeeded");
    assert_eq!(judged["externalExecutionId"], "judge");
    let input = json!({ "pipelineName": "orders", "filter": { "pipelineExecutionId": execution } });
    let listed = ask(&mut world, "ListActionExecutions", input);
    let details = &listed["actionExecutionDetails"];
    assert_eq!(details[0]["input"]["resolvedConfiguration"]["Said"], "yes");
    assert_eq!(details[1]["output"]["outputVariables"], json!({ "SAID": "yes" }));
    wait(&mut world, 60);
    assert_eq!(status(&mut world, &execution), "Succeeded");
}

#[test]
fn a_failure_ends_the_execution_with_its_message() {
    let (mut world, execution, job) = judging();
    ask(&mut world, "PutJobFailureResult", failure(&job, "p99 too high"));
    assert_eq!(status(&mut world, &execution), "Failed");
    let error = action_state(&mut world, "Work", "Judge")["errorDetails"].clone();
    assert_eq!(error, json!({ "code": "JobFailed", "message": "p99 too high" }));
}

#[test]
fn a_repeated_answer_is_judged_by_the_first() {
    let terminated = |job: &str| format!("Job with id {job} has already terminated");
    let different = |job: &str| {
        format!(
            "The status of job with id {job} is already set to the desired value. It cannot be updated with the same status, but different result or output variables."
        )
    };
    type Text<'a> = Option<&'a dyn Fn(&str) -> String>;
    let (ok, bad) = ("PutJobSuccessResult", "PutJobFailureResult");
    let other_success = |job: &str| json!({ "jobId": job, "outputVariables": { "SAID": "no" } });
    type Put<'a> = (&'a str, &'a dyn Fn(&str) -> Value);
    let red = |job: &str| failure(job, "red");
    let blue = |job: &str| failure(job, "blue");
    let cases: [(Put, Put, Text); 9] = [
        ((ok, &success), (ok, &success), None),
        ((bad, &red), (bad, &red), None),
        ((ok, &go_on), (ok, &go_on), None),
        ((ok, &success), (ok, &other_success), Some(&different)),
        ((ok, &go_on), (ok, &success), Some(&different)),
        ((bad, &red), (bad, &blue), Some(&different)),
        ((ok, &success), (bad, &red), Some(&terminated)),
        ((ok, &go_on), (bad, &red), Some(&terminated)),
        ((bad, &red), (ok, &success), Some(&terminated)),
    ];
    for ((first, first_input), (second, second_input), text) in cases {
        let (mut world, execution, job) = judging();
        ask(&mut world, first, first_input(&job));
        let before = status(&mut world, &execution);
        match text {
            None => assert_eq!(ask(&mut world, second, second_input(&job)), json!({})),
            Some(text) => {
                let refusal = refused(&mut world, second, second_input(&job));
                assert_eq!(
                    (refusal.code, refusal.message),
                    ("InvalidJobStateException", text(&job))
                );
            }
        }
        assert_eq!(status(&mut world, &execution), before);
    }
}

#[test]
fn a_job_nobody_knows_and_one_that_is_no_id_are_refused() {
    let (mut world, ..) = judging();
    let id = "11111111-2222-4333-8444-555555555555";
    for (operation, input) in [
        ("PutJobSuccessResult", success(id)),
        ("PutJobFailureResult", failure(id, "x")),
        ("GetJobDetails", json!({ "jobId": id })),
    ] {
        let refusal = refused(&mut world, operation, input.clone());
        let text = format!("Job with id '{id}' does not exist");
        assert_eq!((refusal.code, refusal.message), ("JobNotFoundException", text));
        let mut input = input;
        input["jobId"] = json!("job 1");
        assert_eq!(refused(&mut world, operation, input).code, "ValidationException");
    }
}

#[test]
fn a_result_aws_would_not_take_leaves_the_job_unanswered() {
    let both = |job: &str| json!({ "jobId": job, "continuationToken": "t", "outputVariables": {} });
    let huge = |job: &str| json!({ "jobId": job, "outputVariables": { "A": "x".repeat(122_880) } });
    let long = |job: &str| failure(job, &"x".repeat(5001));
    let empty = |job: &str| failure(job, "");
    type Input<'a> = &'a dyn Fn(&str) -> Value;
    let cases: [(&str, Input, &str); 4] = [
        ("PutJobSuccessResult", &both, "ValidationException"),
        ("PutJobSuccessResult", &huge, "OutputVariablesSizeExceededException"),
        ("PutJobFailureResult", &long, "ValidationException"),
        ("PutJobFailureResult", &empty, "ValidationException"),
    ];
    for (operation, input, code) in cases {
        let (mut world, _, job) = judging();
        assert_eq!(refused(&mut world, operation, input(&job)).code, code);
        ask(&mut world, "PutJobSuccessResult", success(&job));
        assert_eq!(action_state(&mut world, "Work", "Judge")["status"], "Succeeded");
    }
}

#[test]
fn a_continuation_is_a_new_job_of_the_same_action_half_a_minute_later() {
    let (mut world, execution, first) = judging();
    let action_id = action_state(&mut world, "Work", "Judge")["actionExecutionId"].clone();
    ask(&mut world, "PutJobSuccessResult", go_on(&first));
    wait(&mut world, 27);
    assert_eq!(invoked(&world).len(), 1);
    wait(&mut world, 3);
    let jobs = invoked(&world);
    assert_eq!(jobs.len(), 2);
    assert_eq!(jobs[1].1["data"]["continuationToken"], "step 2");
    assert_eq!(jobs[0].1["data"].get("continuationToken"), None);
    for member in ["inputArtifacts", "outputArtifacts", "actionConfiguration"] {
        assert_eq!(jobs[0].1["data"][member], jobs[1].1["data"][member]);
    }
    let second = newest_job(&world);
    assert_ne!(first, second);
    assert_eq!(
        action_state(&mut world, "Work", "Judge")["actionExecutionId"],
        action_id
    );
    let refusal = refused(&mut world, "PutJobFailureResult", failure(&first, "late"));
    assert_eq!(refusal.code, "InvalidJobStateException");
    ask(&mut world, "PutJobSuccessResult", success(&second));
    wait(&mut world, 60);
    assert_eq!(status(&mut world, &execution), "Succeeded");
}

#[test]
fn silence_of_twenty_minutes_fails_the_action_and_each_continuation_starts_them_anew() {
    let (mut world, execution, first) = judging();
    wait(&mut world, 1100);
    ask(&mut world, "PutJobSuccessResult", go_on(&first));
    wait(&mut world, 30);
    let invoked_at = world.now.plus_seconds(-1);
    world.advance_to(invoked_at.plus_seconds(1195));
    assert_eq!(status(&mut world, &execution), "InProgress");
    wait(&mut world, 10);
    assert_eq!(status(&mut world, &execution), "Failed");
    let error = action_state(&mut world, "Work", "Judge")["errorDetails"].clone();
    assert_eq!(error["code"], "JobFailed");
    assert_eq!(
        error["message"],
        "The AWS Lambda function judge failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult."
    );
    let late = newest_job(&world);
    let refusal = refused(&mut world, "PutJobSuccessResult", success(&late));
    assert_eq!(refusal.message, format!("Job with id {late} has already terminated"));
}

#[test]
fn silence_is_exactly_twenty_minutes() {
    let (mut world, execution, _) = judging();
    wait(&mut world, 1199);
    assert_eq!(status(&mut world, &execution), "InProgress");
    wait(&mut world, 1);
    assert_eq!(status(&mut world, &execution), "Failed");
}

#[test]
fn no_chain_of_continuations_outlives_a_day() {
    let (mut world, execution, _) = judging();
    let started = world.now;
    while world.now < started.plus_seconds(86_400 - 60) {
        let job = newest_job(&world);
        ask(&mut world, "PutJobSuccessResult", go_on(&job));
        wait(&mut world, 600);
    }
    world.advance_to(started.plus_seconds(86_400));
    assert_eq!(status(&mut world, &execution), "Failed");
    let last = newest_job(&world);
    wait(&mut world, 3600);
    assert_eq!(newest_job(&world), last);
}

#[test]
fn an_answer_after_an_abandon_is_taken_and_changes_nothing() {
    let (mut world, execution, job) = judging();
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    ask(&mut world, "PutJobSuccessResult", success(&job));
    ask(&mut world, "PutJobSuccessResult", success(&job));
    assert_eq!(action_state(&mut world, "Work", "Judge")["status"], "Abandoned");
    assert_eq!(status(&mut world, &execution), "Stopped");
}

#[test]
fn a_job_outlives_its_pipeline() {
    let (mut world, _, job) = judging();
    ask(&mut world, "PutJobSuccessResult", success(&job));
    ask(&mut world, "DeletePipeline", json!({ "name": "orders" }));
    ask(&mut world, "PutJobSuccessResult", success(&job));
}

#[test]
fn a_stop_waits_for_a_job_through_its_continuations() {
    let (mut world, execution, first) = judging();
    ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    ask(&mut world, "PutJobSuccessResult", go_on(&first));
    wait(&mut world, 30);
    assert_eq!(status(&mut world, &execution), "Stopping");
    let second = newest_job(&world);
    ask(&mut world, "PutJobSuccessResult", success(&second));
    assert_eq!(status(&mut world, &execution), "Stopped");
}

#[test]
fn a_function_that_is_not_there_is_a_configuration_error() {
    let mut world = working(vec![lambda()]);
    stage::missing_function(&mut world, "judge");
    start(&mut world);
    wait(&mut world, 3);
    let error = action_state(&mut world, "Work", "Judge")["errorDetails"].clone();
    let text = "The AWS Lambda function judge does not exist.";
    assert_eq!(error, json!({ "code": "ConfigurationError", "message": text }));
    assert_eq!(invoked(&world), []);
}

#[test]
fn the_event_names_a_key_only_where_the_artifact_store_has_one_and_parameters_only_where_they_are_configured() {
    let key = json!({ "id": "arn:aws:kms:eu-central-1:111122223333:key/abc", "type": "KMS" });
    for key in [None, Some(key)] {
        let mut plain = lambda();
        plain["configuration"] = json!({ "FunctionName": "judge" });
        let mut declared = declaration("SUPERSEDED", &[("Source", vec![source()]), ("Work", vec![plain])]);
        if let Some(key) = &key {
            declared["artifactStore"]["encryptionKey"] = key.clone();
        }
        let mut world = world_with(&declared);
        start(&mut world);
        wait(&mut world, 3);
        let data = invoked(&world).remove(0).1["data"].clone();
        assert_eq!(data.get("encryptionKey"), key.as_ref());
        assert_eq!(
            data["actionConfiguration"]["configuration"],
            json!({ "FunctionName": "judge" })
        );
    }
}
