//! Manual approvals.

use super::*;

fn waiting() -> (World, String) {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 63);
    (world, execution)
}

#[test]
fn an_approval_shows_its_token_only_while_it_waits_and_then_who_answered() {
    let (mut world, execution) = waiting();
    let token = token(&mut world);
    world.codepipeline.caller_arn = Some("arn:aws:iam::111122223333:user/ann".to_owned());
    wait(&mut world, 100);
    let reply = ask(&mut world, "PutApprovalResult", answer(&token, "Approved"));
    assert_eq!(reply, json!({ "approvedAt": world.now.seconds() }));
    let state = action_state(&mut world, "Gate", "Approve");
    assert_eq!(state["status"], "Succeeded");
    assert_eq!(state["summary"], "seen");
    assert_eq!(state["lastUpdatedBy"], "arn:aws:iam::111122223333:user/ann");
    assert_eq!(state["lastStatusChange"], json!(world.now.seconds()));
    assert_eq!(state.get("token"), None);
    assert_eq!(
        stage_state(&mut world, "Ship")["latestExecution"]["pipelineExecutionId"],
        json!(execution)
    );
}

#[test]
fn a_rejection_fails_action_stage_and_execution() {
    let (mut world, execution) = waiting();
    let token = token(&mut world);
    world.outbox.clear();
    ask(&mut world, "PutApprovalResult", answer(&token, "Rejected"));
    assert_eq!(status(&mut world, &execution), "Failed");
    assert_eq!(
        told(&world),
        ["action Gate/Approve FAILED", "stage Gate FAILED", "pipeline FAILED"]
    );
    assert_eq!(stage_state(&mut world, "Ship").get("latestExecution"), None);
}

#[test]
fn an_answer_that_does_not_fit_is_refused() {
    let spoil = |member: &'static str, value: &str| {
        let value = json!(value);
        move |input: &mut Value| input[member] = value.clone()
    };
    let other = "11111111-2222-4333-8444-555555555555";
    type Spoil = Box<dyn Fn(&mut Value)>;
    let cases: Vec<(Spoil, &str)> = vec![
        (Box::new(spoil("stageName", "Nope")), "StageNotFoundException"),
        (Box::new(spoil("actionName", "Nope")), "ActionNotFoundException"),
        (Box::new(spoil("token", other)), "InvalidApprovalTokenException"),
        (Box::new(spoil("token", "short")), "ValidationException"),
        (
            Box::new(|input| input["result"]["summary"] = json!("é".repeat(513))),
            "ValidationException",
        ),
    ];
    for (spoil, code) in cases {
        let (mut world, execution) = waiting();
        let mut input = answer(&token(&mut world), "Approved");
        spoil(&mut input);
        assert_eq!(refused(&mut world, "PutApprovalResult", input).code, code);
        assert_eq!(status(&mut world, &execution), "InProgress");
    }
}

#[test]
fn a_blank_summary_and_one_of_512_characters_are_taken() {
    for summary in [String::new(), "é".repeat(512)] {
        let (mut world, _) = waiting();
        let mut input = answer(&token(&mut world), "Approved");
        input["result"]["summary"] = json!(summary);
        ask(&mut world, "PutApprovalResult", input);
        let shown = action_state(&mut world, "Gate", "Approve").get("summary").cloned();
        assert_eq!(shown, Some(json!(summary)).filter(|_| !summary.is_empty()));
    }
}

#[test]
fn a_required_summary_must_not_be_blank() {
    let gate = action(
        "Approve",
        "Approval",
        "Manual",
        1,
        json!({ "IsSummaryRequired": "true" }),
    );
    let mut world = world_with(&declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Gate", vec![gate])],
    ));
    start(&mut world);
    wait(&mut world, 3);
    let mut input = answer(&token(&mut world), "Approved");
    input["result"]["summary"] = json!("  ");
    let refusal = refused(&mut world, "PutApprovalResult", input.clone());
    assert_eq!(refusal.code, "InvalidApprovalTokenException");
    assert!(
        refusal
            .message
            .starts_with("Action 'Approve' in stage 'Gate' requires a summary")
    );
    input["result"]["summary"] = json!("fine");
    ask(&mut world, "PutApprovalResult", input);
}

#[test]
fn a_decided_approval_is_completed_while_its_stage_waits_and_stale_after() {
    let mut other = approval();
    other["name"] = json!("Second");
    let stages = [("Source", vec![source()]), ("Gate", vec![approval(), other])];
    let mut world = world_with(&declaration("SUPERSEDED", &stages));
    start(&mut world);
    wait(&mut world, 3);
    let input = answer(&token(&mut world), "Approved");
    ask(&mut world, "PutApprovalResult", input.clone());
    assert_eq!(
        refused(&mut world, "PutApprovalResult", input.clone()).code,
        "ApprovalAlreadyCompletedException"
    );
    stage::approve(&mut world, "orders", "ann").unwrap();
    assert_eq!(
        refused(&mut world, "PutApprovalResult", input).code,
        "InvalidApprovalTokenException"
    );
}

#[test]
fn an_approval_expires_after_seven_days_or_as_declared() {
    for (minutes, seconds) in [(None, 7 * 86_400), (Some(5), 300)] {
        let mut gate = approval();
        if let Some(minutes) = minutes {
            gate["timeoutInMinutes"] = json!(minutes);
        }
        let mut world = world_with(&declaration(
            "SUPERSEDED",
            &[("Source", vec![source()]), ("Gate", vec![gate])],
        ));
        let execution = start(&mut world);
        wait(&mut world, 3);
        let token = token(&mut world);
        wait(&mut world, seconds - 1);
        assert_eq!(status(&mut world, &execution), "InProgress");
        wait(&mut world, 1);
        assert_eq!(status(&mut world, &execution), "Failed");
        assert_eq!(
            action_state(&mut world, "Gate", "Approve")["errorDetails"]["code"],
            "JobFailed"
        );
        let refusal = refused(&mut world, "PutApprovalResult", answer(&token, "Approved"));
        assert_eq!(refusal.code, "InvalidApprovalTokenException");
    }
}

#[test]
fn a_retried_approval_has_a_new_token_and_a_new_notification() {
    let topic = "arn:aws:sns:eu-central-1:111122223333:gate";
    let gate = action("Approve", "Approval", "Manual", 1, json!({ "NotificationArn": topic }));
    let mut world = world_with(&declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Gate", vec![gate])],
    ));
    let execution = start(&mut world);
    wait(&mut world, 3);
    let old = token(&mut world);
    ask(&mut world, "PutApprovalResult", answer(&old, "Rejected"));
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &execution, "FAILED_ACTIONS"),
    );
    let new = token(&mut world);
    assert_ne!(old, new);
    assert_eq!(
        refused(&mut world, "PutApprovalResult", answer(&old, "Approved")).code,
        "InvalidApprovalTokenException"
    );
    let notified = world
        .outbox
        .iter()
        .filter(|delivery| matches!(delivery, Delivery::Notification { .. }));
    assert_eq!(notified.count(), 2);
    ask(&mut world, "PutApprovalResult", answer(&new, "Approved"));
    assert_eq!(status(&mut world, &execution), "Succeeded");
}

#[test]
fn the_notification_reads_as_captured() {
    let topic = "arn:aws:sns:eu-central-1:111122223333:gate";
    let configuration = json!({ "NotificationArn": topic, "CustomData": "Review #{Src.CommitId}" });
    let gate = action("Approve", "Approval", "Manual", 1, configuration);
    let mut world = world_with(&declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Gate", vec![gate])],
    ));
    let input = json!({ "name": "orders", "sourceRevisions": [
        { "actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": "abc" },
    ] });
    ask(&mut world, "StartPipelineExecution", input);
    wait(&mut world, 3);
    let sent = world.outbox.iter().find_map(|delivery| match delivery {
        Delivery::Notification {
            topic,
            subject,
            message,
        } => Some((topic.clone(), subject.clone(), message.clone())),
        _ => None,
    });
    let (to, subject, message) = sent.unwrap();
    assert_eq!(to, topic);
    assert_eq!(
        subject.unwrap(),
        "APPROVAL NEEDED: AWS CodePipeline orders… for action Approve"
    );
    let token = token(&mut world);
    let link = "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/orders/view?region=eu-central-1";
    let expected = json!({
        "region": "eu-central-1", "consoleLink": link,
        "approval": {
            "pipelineName": "orders", "stageName": "Gate", "actionName": "Approve", "token": token,
            "expires": "2026-11-28T03:00Z", "externalEntityLink": null,
            "approvalReviewLink": format!("{link}#/Gate/Approve/approve/{token}"), "customData": "Review abc",
        },
    });
    assert_eq!(serde_json::from_str::<Value>(&message).unwrap(), expected);
}

#[test]
fn an_approval_whose_topic_cannot_be_notified_fails_and_can_be_retried() {
    use stage::TopicTrouble;
    let topic = "arn:aws:sns:eu-central-1:111122223333:gate";
    let is_notified = |world: &World| {
        let mut deliveries = world.outbox.iter();
        deliveries.any(|delivery| matches!(delivery, Delivery::Notification { .. }))
    };
    let cases = [
        (TopicTrouble::Missing, "ConfigurationError"),
        (TopicTrouble::Denied, "PermissionError"),
    ];
    for (trouble, code) in cases {
        let gate = action("Approve", "Approval", "Manual", 1, json!({ "NotificationArn": topic }));
        let stages = [("Source", vec![source()]), ("Gate", vec![gate])];
        let mut world = world_with(&declaration("SUPERSEDED", &stages));
        stage::topic_trouble(&mut world, topic, Some(trouble));
        let execution = start(&mut world);
        wait(&mut world, 3);
        assert_eq!(
            action_state(&mut world, "Gate", "Approve")["errorDetails"]["code"],
            code
        );
        assert_eq!(status(&mut world, &execution), "Failed");
        assert!(!is_notified(&world));
        stage::topic_trouble(&mut world, topic, None);
        ask(
            &mut world,
            "RetryStageExecution",
            retry("Gate", &execution, "FAILED_ACTIONS"),
        );
        assert!(is_notified(&world));
        let token = token(&mut world);
        ask(&mut world, "PutApprovalResult", answer(&token, "Approved"));
        assert_eq!(status(&mut world, &execution), "Succeeded");
    }
}
