//! Whose name stands next to what was done.

use super::*;
use crate::wire::{Protocol, Request};

fn role(label: &str) -> Value {
    json!(format!("arn:aws:sts::111122223333:assumed-role/{label}/{label}"))
}

fn sent(world: &mut World, caller: &str, operation: &str, input: &Value) {
    let request = Request::written(caller, "codepipeline", operation, Protocol::Json, input).unwrap();
    let reply = world.answer(&request);
    assert_eq!(
        reply.status,
        200,
        "{operation}: {}",
        String::from_utf8_lossy(&reply.body)
    );
}

#[test]
fn an_approval_was_updated_by_the_caller_of_the_request_that_answered_it() {
    for (result, state) in [("Approved", "Succeeded"), ("Rejected", "Failed")] {
        let mut world = gated("SUPERSEDED");
        sent(
            &mut world,
            "starter",
            "StartPipelineExecution",
            &json!({ "name": "orders" }),
        );
        assert_eq!(newest(&mut world)["trigger"]["triggerDetail"], role("starter"));
        wait(&mut world, 70);
        let token = token(&mut world);
        sent(&mut world, "decide#7", "PutApprovalResult", &answer(&token, result));
        let answered = action_state(&mut world, "Gate", "Approve");
        assert_eq!(
            (&answered["lastUpdatedBy"], &answered["status"]),
            (&role("decide#7"), &json!(state))
        );
        let listed = ask(&mut world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
        let details = listed["actionExecutionDetails"].as_array().unwrap();
        let listed = details.iter().find(|detail| detail["actionName"] == "Approve").unwrap();
        assert_eq!(listed["updatedBy"], role("decide#7"));
    }
}

#[test]
fn a_request_in_the_midst_of_another_has_its_own_caller_and_the_first_keeps_its_own() {
    let mut world = gated("SUPERSEDED");
    start(&mut world);
    world.ambushes.before("first", "DisableStageTransition", |world| {
        let input = disable("Gate", "Inbound", "mine");
        world
            .call("second", "codepipeline", "DisableStageTransition", input)
            .unwrap();
    });
    sent(
        &mut world,
        "first",
        "DisableStageTransition",
        &disable("Ship", "Inbound", "mine"),
    );
    let by =
        |world: &mut World, stage: &str| stage_state(world, stage)["inboundTransitionState"]["lastChangedBy"].clone();
    assert_eq!(by(&mut world, "Gate"), role("second"));
    assert_eq!(by(&mut world, "Ship"), role("first"));
    assert_eq!(world.caller, "");
    let logged = world
        .calls
        .iter()
        .filter(|call| call.operation == "DisableStageTransition");
    assert_eq!(
        logged.map(|call| call.caller.as_str()).collect::<Vec<_>>(),
        ["second", "first"]
    );
}
