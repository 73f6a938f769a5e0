//! RetryStageExecution.

use super::*;

fn failed() -> (World, String) {
    let mut world = working(vec![build("Good", 1), build("Bad", 1), build("Later", 2)]);
    stage::action_fails(
        &mut world,
        "orders",
        "Work",
        "Bad",
        Some(stage::Failure::new("JobFailed", "no")),
    );
    let execution = start(&mut world);
    wait(&mut world, 70);
    assert_eq!(status(&mut world, &execution), "Failed");
    stage::action_fails(&mut world, "orders", "Work", "Bad", None);
    (world, execution)
}

fn runs(world: &mut World, name: &str) -> usize {
    let listed = ask(world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
    listed["actionExecutionDetails"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["actionName"] == name)
        .count()
}

#[test]
fn a_retry_runs_the_failed_actions_or_all_of_them_again_and_goes_on() {
    for (mode, good_runs) in [("FAILED_ACTIONS", 1), ("ALL_ACTIONS", 2)] {
        let (mut world, execution) = failed();
        world.outbox.clear();
        let reply = ask(&mut world, "RetryStageExecution", retry("Work", &execution, mode));
        assert_eq!(reply, json!({ "pipelineExecutionId": execution }));
        assert_eq!(told(&world)[..2], ["pipeline RESUMED", "stage Work RESUMED"]);
        wait(&mut world, 130);
        assert_eq!(status(&mut world, &execution), "Succeeded", "{mode}");
        assert_eq!(
            [
                runs(&mut world, "Good"),
                runs(&mut world, "Bad"),
                runs(&mut world, "Later")
            ],
            [good_runs, 2, 1]
        );
    }
}

#[test]
fn a_retried_stage_says_how_often() {
    let (mut world, execution) = failed();
    assert_eq!(stage_state(&mut world, "Work").get("retryStageMetadata"), None);
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Work", &execution, "FAILED_ACTIONS"),
    );
    let expected =
        json!({ "manualStageRetryAttempt": 1, "autoStageRetryAttempt": 0, "latestRetryTrigger": "ManualStageRetry" });
    assert_eq!(stage_state(&mut world, "Work")["retryStageMetadata"], expected);
}

#[test]
fn only_what_failed_last_can_be_retried() {
    let (mut world, execution) = failed();
    let code = |world: &mut World, stage: &str, id: &str| {
        refused(world, "RetryStageExecution", retry(stage, id, "FAILED_ACTIONS")).code
    };
    assert_eq!(code(&mut world, "Nope", &execution), "StageNotFoundException");
    assert_eq!(
        code(&mut world, "Source", &execution),
        "StageNotRetryableException",
        "it succeeded"
    );
    let newer = start(&mut world);
    wait(&mut world, 10);
    assert_eq!(
        code(&mut world, "Work", &execution),
        "NotLatestPipelineExecutionException"
    );
    assert_eq!(
        code(&mut world, "Work", &newer),
        "StageNotRetryableException",
        "it runs"
    );
}

#[test]
fn an_older_execution_can_be_retried_while_a_newer_one_waits_in_front() {
    let (mut world, execution) = failed();
    ask(&mut world, "DisableStageTransition", disable("Work", "Inbound", "hold"));
    let newer = start(&mut world);
    wait(&mut world, 10);
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Work", &execution, "FAILED_ACTIONS"),
    );
    let input = json!({ "pipelineName": "orders", "stageName": "Work", "transitionType": "Inbound" });
    ask(&mut world, "EnableStageTransition", input);
    assert_eq!(
        stage_state(&mut world, "Work")["latestExecution"]["pipelineExecutionId"],
        json!(execution)
    );
    wait(&mut world, 130);
    assert_eq!(status(&mut world, &execution), "Succeeded");
    assert_eq!(
        stage_state(&mut world, "Work")["latestExecution"]["pipelineExecutionId"],
        json!(newer)
    );
}

#[test]
fn all_actions_are_not_retried_while_one_still_runs() {
    let mut world = working(vec![build("Bad", 1), build("Slow", 1)]);
    stage::action_takes(&mut world, "orders", "Work", "Slow", 200);
    stage::action_fails(
        &mut world,
        "orders",
        "Work",
        "Bad",
        Some(stage::Failure::new("JobFailed", "no")),
    );
    let execution = start(&mut world);
    wait(&mut world, 70);
    let refusal = refused(
        &mut world,
        "RetryStageExecution",
        retry("Work", &execution, "ALL_ACTIONS"),
    );
    assert_eq!(refusal.code, "StageNotRetryableException");
    stage::action_fails(&mut world, "orders", "Work", "Bad", None);
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Work", &execution, "FAILED_ACTIONS"),
    );
    wait(&mut world, 140);
    assert_eq!(status(&mut world, &execution), "Succeeded");
    assert_eq!(runs(&mut world, "Slow"), 1);
}

#[test]
fn an_abandoned_stage_can_be_retried() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 70);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &execution, "FAILED_ACTIONS"),
    );
    assert_eq!(status(&mut world, &execution), "InProgress");
    stage::approve(&mut world, "orders", "ann").unwrap();
    wait(&mut world, 60);
    assert_eq!(status(&mut world, &execution), "Succeeded");
}

#[test]
fn each_retry_is_another_attempt_in_every_later_event() {
    let (mut world, execution) = failed();
    let failure = stage::Failure::new("JobFailed", "no");
    stage::action_fails(&mut world, "orders", "Work", "Bad", Some(failure));
    for attempt in [2.0, 3.0] {
        world.outbox.clear();
        ask(
            &mut world,
            "RetryStageExecution",
            retry("Work", &execution, "FAILED_ACTIONS"),
        );
        wait(&mut world, 60);
        let mut seen = 0;
        for delivery in &world.outbox {
            let Delivery::Event(event) = delivery else {
                continue;
            };
            assert_eq!(event["detail"]["pipeline-execution-attempt"], attempt, "{event}");
            seen += 1;
        }
        // Resumed and failed, of pipeline and stage; started and failed, of the action.
        assert_eq!(seen, 6);
    }
    assert_eq!(
        stage_state(&mut world, "Work")["retryStageMetadata"]["manualStageRetryAttempt"],
        2
    );
}
