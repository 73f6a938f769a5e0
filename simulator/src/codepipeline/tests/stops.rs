//! StopPipelineExecution in each situation.

use super::*;

fn waiting_for_approval(mode: &str) -> (World, String) {
    let mut world = gated(mode);
    let execution = start(&mut world);
    wait(&mut world, 70);
    (world, execution)
}

#[test]
fn stop_and_wait_lets_the_running_action_end_and_starts_nothing_more() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 10);
    let reply = ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    assert_eq!(reply, json!({ "pipelineExecutionId": execution }));
    assert_eq!(status(&mut world, &execution), "Stopping");
    assert_eq!(
        stage_state(&mut world, "Build")["latestExecution"]["status"],
        "Stopping"
    );
    wait(&mut world, 52);
    assert_eq!(status(&mut world, &execution), "Stopping");
    wait(&mut world, 1);
    assert_eq!(status(&mut world, &execution), "Stopped");
    assert_eq!(action_state(&mut world, "Build", "Compile")["status"], "Succeeded");
    assert_eq!(stage_state(&mut world, "Build")["latestExecution"]["status"], "Stopped");
    assert_eq!(stage_state(&mut world, "Gate").get("latestExecution"), None);
}

#[test]
fn a_stop_that_waits_for_an_approval_stays_stopping_until_it_is_answered() {
    for result in ["Approved", "Rejected"] {
        let (mut world, execution) = waiting_for_approval("SUPERSEDED");
        ask(&mut world, "StopPipelineExecution", stop(&execution, false));
        wait(&mut world, 86_400);
        assert_eq!(status(&mut world, &execution), "Stopping");
        let token = token(&mut world);
        ask(&mut world, "PutApprovalResult", answer(&token, result));
        assert_eq!(status(&mut world, &execution), "Stopped");
        assert_eq!(stage_state(&mut world, "Ship").get("latestExecution"), None);
    }
}

#[test]
fn a_stop_that_waits_for_an_approval_ends_when_it_expires() {
    let (mut world, execution) = waiting_for_approval("SUPERSEDED");
    ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    wait(&mut world, 7 * 86_400);
    assert_eq!(status(&mut world, &execution), "Stopped");
}

#[test]
fn abandoning_ends_the_execution_at_once_and_kills_the_token() {
    let (mut world, execution) = waiting_for_approval("SUPERSEDED");
    let token = token(&mut world);
    world.outbox.clear();
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    assert_eq!(status(&mut world, &execution), "Stopped");
    assert_eq!(action_state(&mut world, "Gate", "Approve")["status"], "Abandoned");
    let expected = [
        "pipeline STOPPING",
        "stage Gate STOPPING",
        "action Gate/Approve ABANDONED",
        "stage Gate STOPPED",
        "pipeline STOPPED",
    ];
    assert_eq!(told(&world), expected);
    let refusal = refused(&mut world, "PutApprovalResult", answer(&token, "Approved"));
    assert_eq!(refusal.code, "InvalidApprovalTokenException");
    assert_eq!(world.next_due(), None);
}

#[test]
fn abandoning_unlocks_the_stage_and_the_next_execution_enters_at_once() {
    for mode in ["SUPERSEDED", "QUEUED"] {
        let (mut world, first) = waiting_for_approval(mode);
        let second = start(&mut world);
        wait(&mut world, 70);
        assert_eq!(
            stage_state(&mut world, "Gate")["latestExecution"]["pipelineExecutionId"],
            json!(first)
        );
        ask(&mut world, "StopPipelineExecution", stop(&first, true));
        let gate = stage_state(&mut world, "Gate");
        assert_eq!(
            gate["latestExecution"],
            json!({ "pipelineExecutionId": second, "status": "InProgress", "type": "STANDARD" })
        );
        assert_eq!(gate.get("inboundExecution"), None);
    }
}

#[test]
fn a_disabled_transition_keeps_the_next_execution_out_of_the_abandoned_stage() {
    let (mut world, first) = waiting_for_approval("SUPERSEDED");
    let second = start(&mut world);
    wait(&mut world, 70);
    ask(
        &mut world,
        "DisableStageTransition",
        disable("Gate", "Inbound", "stopping"),
    );
    ask(&mut world, "StopPipelineExecution", stop(&first, true));
    let gate = stage_state(&mut world, "Gate");
    assert_eq!(gate["latestExecution"]["status"], "Stopped");
    assert_eq!(gate["inboundExecution"]["pipelineExecutionId"], json!(second));
}

#[test]
fn an_execution_between_stages_stops_at_once() {
    let (mut world, _) = waiting_for_approval("SUPERSEDED");
    let second = start(&mut world);
    wait(&mut world, 70);
    ask(&mut world, "StopPipelineExecution", stop(&second, false));
    assert_eq!(status(&mut world, &second), "Stopped");
    assert_eq!(stage_state(&mut world, "Gate").get("inboundExecution"), None);
}

#[test]
fn a_stop_waits_for_the_neighbours_of_a_failed_action() {
    let mut world = working(vec![build("Bad", 1), build("Slow", 1)]);
    stage::action_takes(&mut world, "orders", "Work", "Slow", 100);
    stage::action_fails(
        &mut world,
        "orders",
        "Work",
        "Bad",
        Some(stage::Failure::new("JobFailed", "no")),
    );
    let execution = start(&mut world);
    wait(&mut world, 10);
    ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    wait(&mut world, 60);
    assert_eq!(status(&mut world, &execution), "Stopping");
    wait(&mut world, 40);
    assert_eq!(status(&mut world, &execution), "Stopped");
}

#[test]
fn a_second_stop_and_wait_is_a_duplicate_but_may_become_an_abandon() {
    let (mut world, execution) = waiting_for_approval("SUPERSEDED");
    ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    let refusal = refused(&mut world, "StopPipelineExecution", stop(&execution, false));
    assert_eq!(refusal.code, "DuplicatedStopRequestException");
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    assert_eq!(status(&mut world, &execution), "Stopped");
    for abandon in [false, true] {
        let refusal = refused(&mut world, "StopPipelineExecution", stop(&execution, abandon));
        assert_eq!(refusal.code, "PipelineExecutionNotStoppableException");
    }
}

#[test]
fn what_has_ended_or_never_was_cannot_be_stopped() {
    let (mut world, execution) = waiting_for_approval("SUPERSEDED");
    stage::approve(&mut world, "orders", "ann").unwrap();
    wait(&mut world, 100);
    for id in [execution.as_str(), "00000000-0000-4000-8000-000000000000"] {
        let refusal = refused(&mut world, "StopPipelineExecution", stop(id, false));
        assert_eq!(refusal.code, "PipelineExecutionNotStoppableException");
    }
    let mut input = stop(&execution, false);
    input["reason"] = json!("x".repeat(201));
    assert_eq!(
        refused(&mut world, "StopPipelineExecution", input).code,
        "ValidationException"
    );
}

#[test]
fn the_reason_is_in_the_listing_and_in_the_event() {
    let (mut world, execution) = waiting_for_approval("SUPERSEDED");
    world.outbox.clear();
    ask(&mut world, "StopPipelineExecution", stop(&execution, false));
    let Delivery::Event(event) = &world.outbox[0] else {
        panic!("no event");
    };
    assert_eq!(event["detail"]["stop-execution-comments"], "why not");
    let listed = ask(
        &mut world,
        "ListPipelineExecutions",
        json!({ "pipelineName": "orders" }),
    );
    assert_eq!(
        listed["pipelineExecutionSummaries"][0]["stopTrigger"],
        json!({ "reason": "why not" })
    );
}
