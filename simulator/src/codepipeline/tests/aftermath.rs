//! `onFailure`.

use super::*;

/// Source → Work with these actions, which does this on its failure.
fn reacting(on_failure: Value, actions: Vec<Value>) -> World {
    let mut declared = declaration("QUEUED", &[("Source", vec![source()]), ("Work", actions)]);
    declared["stages"][1]["onFailure"] = on_failure;
    world_with(&declared)
}

fn spoil(world: &mut World, spoilt: bool) {
    let failure = spoilt.then(|| stage::Failure::new("JobFailed", "no"));
    stage::action_fails(world, "orders", "Work", "Bad", failure);
}

fn executions(world: &mut World) -> Vec<(String, String)> {
    let listed = ask(world, "ListPipelineExecutions", json!({ "pipelineName": "orders" }));
    let summaries = listed["pipelineExecutionSummaries"].as_array().unwrap().iter().rev();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    summaries
        .map(|s| (text(&s["executionType"]), text(&s["status"])))
        .collect()
}

fn lines(world: &mut World) -> Vec<String> {
    let pairs = executions(world).into_iter();
    pairs.map(|(kind, status)| format!("{kind} {status}")).collect()
}

#[test]
fn a_failed_stage_rolls_itself_back_to_the_newest_good_execution() {
    let mut world = reacting(json!({ "result": "ROLLBACK" }), vec![build("Bad", 1)]);
    let good = [start(&mut world), start(&mut world)];
    wait(&mut world, 200);
    spoil(&mut world, true);
    let bad = start(&mut world);
    wait(&mut world, 62);
    spoil(&mut world, false);
    // The staged failure is that of the runs that started meanwhile.
    wait(&mut world, 70);
    assert_eq!(status(&mut world, &bad), "Failed");
    let rollback = newest(&mut world);
    assert_eq!(rollback["executionType"], "ROLLBACK");
    assert_eq!(rollback["status"], "Succeeded");
    assert_eq!(
        rollback["rollbackMetadata"],
        json!({ "rollbackTargetPipelineExecutionId": good[1] })
    );
    let detail = json!({ "FailedPipelineExecutionId": bad }).to_string();
    assert_eq!(
        rollback["trigger"],
        json!({ "triggerType": "AutomatedRollback", "triggerDetail": detail })
    );
}

#[test]
fn a_stage_without_a_good_execution_stays_failed_and_so_does_a_failed_rollback() {
    let mut world = reacting(json!({ "result": "ROLLBACK" }), vec![build("Bad", 1)]);
    spoil(&mut world, true);
    start(&mut world);
    wait(&mut world, 200);
    assert_eq!(lines(&mut world), ["STANDARD Failed"]);
    spoil(&mut world, false);
    start(&mut world);
    wait(&mut world, 200);
    spoil(&mut world, true);
    start(&mut world);
    wait(&mut world, 1000);
    assert_eq!(
        lines(&mut world),
        [
            "STANDARD Failed",
            "STANDARD Succeeded",
            "STANDARD Failed",
            "ROLLBACK Failed"
        ]
    );
}

#[test]
fn an_automatic_rollback_waits_for_neighbours_and_goes_before_whoever_waits() {
    let mut world = reacting(json!({ "result": "ROLLBACK" }), vec![build("Bad", 1), build("Slow", 1)]);
    stage::action_takes(&mut world, "orders", "Work", "Slow", 100);
    start(&mut world);
    wait(&mut world, 200);
    spoil(&mut world, true);
    start(&mut world);
    wait(&mut world, 10);
    let waiting = start(&mut world);
    wait(&mut world, 60);
    assert_eq!(
        lines(&mut world),
        ["STANDARD Succeeded", "STANDARD Failed", "STANDARD InProgress"]
    );
    spoil(&mut world, false);
    wait(&mut world, 33);
    let work = stage_state(&mut world, "Work");
    assert_eq!(work["latestExecution"]["type"], "ROLLBACK");
    assert_eq!(work["inboundExecution"]["pipelineExecutionId"], json!(waiting));
    wait(&mut world, 100);
    let work = stage_state(&mut world, "Work");
    assert_eq!(work["latestExecution"]["pipelineExecutionId"], json!(waiting));
}

#[test]
fn a_stage_retries_itself_once_and_says_so() {
    for (mode, good_runs) in [("FAILED_ACTIONS", 1), ("ALL_ACTIONS", 2)] {
        let reaction = json!({ "result": "RETRY", "retryConfiguration": { "retryMode": mode } });
        let mut world = reacting(reaction, vec![build("Good", 1), build("Bad", 1)]);
        spoil(&mut world, true);
        let execution = start(&mut world);
        wait(&mut world, 64);
        assert_eq!(status(&mut world, &execution), "InProgress", "{mode}");
        let expected = json!({
            "manualStageRetryAttempt": 0, "autoStageRetryAttempt": 1, "latestRetryTrigger": "AutomatedStageRetry",
        });
        assert_eq!(stage_state(&mut world, "Work")["retryStageMetadata"], expected);
        wait(&mut world, 300);
        assert_eq!(status(&mut world, &execution), "Failed");
        let listed = ask(&mut world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
        let details = listed["actionExecutionDetails"].as_array().unwrap();
        let runs = |name: &str| details.iter().filter(|detail| detail["actionName"] == name).count();
        assert_eq!([runs("Good"), runs("Bad")], [good_runs, 2], "{mode}");
        ask(
            &mut world,
            "RetryStageExecution",
            retry("Work", &execution, "FAILED_ACTIONS"),
        );
        let metadata = stage_state(&mut world, "Work")["retryStageMetadata"].clone();
        assert_eq!(metadata["latestRetryTrigger"], "ManualStageRetry");
        assert_eq!(
            [&metadata["manualStageRetryAttempt"], &metadata["autoStageRetryAttempt"]],
            [1, 1]
        );
    }
}

#[test]
fn a_stage_of_a_pipeline_that_has_changed_does_nothing_about_its_failure() {
    for reaction in ["ROLLBACK", "RETRY"] {
        let reaction = json!({ "result": reaction, "retryConfiguration": { "retryMode": "ALL_ACTIONS" } });
        let mut world = reacting(reaction, vec![build("Bad", 1), build("Slow", 1)]);
        stage::action_takes(&mut world, "orders", "Work", "Slow", 100);
        start(&mut world);
        wait(&mut world, 200);
        spoil(&mut world, true);
        start(&mut world);
        wait(&mut world, 70);
        let same = ask(&mut world, "GetPipeline", json!({ "name": "orders" }))["pipeline"].clone();
        ask(&mut world, "UpdatePipeline", json!({ "pipeline": same }));
        wait(&mut world, 1000);
        assert_eq!(lines(&mut world), ["STANDARD Succeeded", "STANDARD Failed"]);
    }
}
