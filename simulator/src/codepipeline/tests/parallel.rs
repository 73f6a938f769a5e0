//! PARALLEL mode.

use super::*;

/// Approval tokens as ListActionExecutions shows them, newest first, with their executions.
fn tokens(world: &mut World) -> Vec<(String, String)> {
    let listed = ask(world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
    let details = listed["actionExecutionDetails"].as_array().unwrap().iter();
    let pending = details.filter(|detail| detail["actionName"] == "Approve" && detail["status"] == "InProgress");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pending
        .map(|detail| {
            let token = &detail["output"]["executionResult"]["externalExecutionId"];
            (text(&detail["pipelineExecutionId"]), text(token))
        })
        .collect()
}

#[test]
fn executions_go_side_by_side_and_each_has_its_own_approval() {
    let mut world = gated("PARALLEL");
    let ids = [start(&mut world), start(&mut world), start(&mut world)];
    wait(&mut world, 70);
    let waiting = tokens(&mut world);
    assert_eq!(
        waiting.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(),
        [ids[2].clone(), ids[1].clone(), ids[0].clone()]
    );
    let gate = stage_state(&mut world, "Gate");
    assert_eq!(gate.get("inboundExecution"), None);
    assert_eq!(gate["actionStates"][0]["latestExecution"]["status"], "InProgress");
    assert_eq!(gate["actionStates"][0]["latestExecution"].get("token"), None);
    ask(&mut world, "PutApprovalResult", answer(&waiting[1].1, "Approved"));
    ask(&mut world, "PutApprovalResult", answer(&waiting[0].1, "Rejected"));
    wait(&mut world, 60);
    assert_eq!(
        ids.clone().map(|id| status(&mut world, &id)),
        ["InProgress", "Succeeded", "Failed"]
    );
    assert_eq!(tokens(&mut world), [waiting[2].clone()]);
    assert_eq!(newest(&mut world)["executionMode"], "PARALLEL");
}

#[test]
fn an_older_execution_can_be_retried_whoever_came_to_the_stage_since() {
    let mut world = gated("PARALLEL");
    let [first, second] = [start(&mut world), start(&mut world)];
    wait(&mut world, 70);
    let waiting = tokens(&mut world);
    ask(&mut world, "PutApprovalResult", answer(&waiting[1].1, "Rejected"));
    assert_eq!(status(&mut world, &first), "Failed");
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &first, "FAILED_ACTIONS"),
    );
    let again = tokens(&mut world);
    assert_eq!(again.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&first, &second]);
    assert_ne!(again[0].1, waiting[1].1);
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (stage, id) in [("Gate", unknown), ("Ship", first.as_str())] {
        let refusal = refused(&mut world, "RetryStageExecution", retry(stage, id, "FAILED_ACTIONS"));
        assert_eq!(refusal.code, "NotLatestPipelineExecutionException", "{stage}");
    }
}

#[test]
fn fifty_run_and_no_more() {
    let mut world = gated("PARALLEL");
    (0..50).for_each(|_| drop(start(&mut world)));
    let refusal = refused(&mut world, "StartPipelineExecution", json!({ "name": "orders" }));
    assert_eq!(refusal.code, "ConcurrentPipelineExecutionsLimitExceededException");
    let one = newest(&mut world)["pipelineExecutionId"].clone();
    ask(&mut world, "StopPipelineExecution", stop(one.as_str().unwrap(), true));
    start(&mut world);
}

#[test]
fn an_update_cancels_them_all() {
    let mut world = gated("PARALLEL");
    let ids = [start(&mut world), start(&mut world)];
    wait(&mut world, 70);
    let waiting = tokens(&mut world);
    let same = ask(&mut world, "GetPipeline", json!({ "name": "orders" }))["pipeline"].clone();
    ask(&mut world, "UpdatePipeline", json!({ "pipeline": same }));
    assert_eq!(ids.map(|id| status(&mut world, &id)), ["Cancelled", "Cancelled"]);
    for (_, token) in waiting {
        let refusal = refused(&mut world, "PutApprovalResult", answer(&token, "Approved"));
        assert_eq!(refusal.code, "InvalidApprovalTokenException");
    }
}
