//! Which declarations are taken.

use super::*;

fn two_stages() -> Value {
    declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Build", vec![build("Compile", 1)])],
    )
}

#[test]
fn a_created_pipeline_has_defaults_filled_in_and_runs_at_once() {
    let mut world = World::new(1);
    let mut declared = two_stages();
    declared["stages"][1]["actions"][0]
        .as_object_mut()
        .unwrap()
        .remove("runOrder");
    let reply = ask(&mut world, "CreatePipeline", json!({ "pipeline": declared }));
    assert_eq!(reply["pipeline"]["version"], 1);
    assert_eq!(reply["pipeline"]["stages"][1]["actions"][0]["runOrder"], 1);
    assert_eq!(
        reply["pipeline"]["stages"][1]["actions"][0]["outputArtifacts"],
        json!([])
    );
    let listed = ask(
        &mut world,
        "ListPipelineExecutions",
        json!({ "pipelineName": "orders" }),
    );
    assert_eq!(
        listed["pipelineExecutionSummaries"][0]["trigger"]["triggerType"],
        "CreatePipeline"
    );
    let again = refused(&mut world, "CreatePipeline", json!({ "pipeline": two_stages() }));
    assert_eq!(again.code, "PipelineNameInUseException");
}

#[test]
fn a_declaration_that_cannot_be_is_refused_with_its_reason() {
    type Spoil = fn(&mut Value);
    let ecs = |configuration| action("Ecs", "Deploy", "ECS", 1, configuration);
    let with = |second: Value| declaration("SUPERSEDED", &[("Source", vec![source()]), ("Build", vec![second])]);
    let mut timed = build("Compile", 1);
    timed["timeoutInMinutes"] = json!(10);
    let mut missing = build("Compile", 1);
    missing["inputArtifacts"] = json!([{ "name": "Nowhere" }]);
    let mut slow = ecs(json!({ "ClusterName": "c", "ServiceName": "s", "DeploymentTimeout": "61" }));
    slow["inputArtifacts"] = json!([{ "name": "Code" }]);
    let spoil = |spoil: Spoil| {
        let mut declared = two_stages();
        spoil(&mut declared);
        declared
    };
    let stage = "InvalidStageDeclarationException";
    let action = "InvalidActionDeclarationException";
    let structure = "InvalidStructureException";
    let cases = [
        (
            spoil(|d| d["stages"] = json!([d["stages"][0]])),
            structure,
            "only 1 stage(s)",
        ),
        (
            spoil(|d| d["stages"].as_array_mut().unwrap().reverse()),
            structure,
            "should start with a stage",
        ),
        (
            spoil(|d| d["stages"][1]["actions"] = json!([super::source()])),
            structure,
            "only allowed in the first",
        ),
        (
            spoil(|d| d["stages"][1]["name"] = json!("Source")),
            stage,
            "more than once",
        ),
        (
            spoil(|d| d["stages"][1]["actions"] = json!([])),
            stage,
            "has no actions",
        ),
        (
            spoil(|d| d["stages"][1]["onSuccess"] = json!({ "conditions": [] })),
            stage,
            "onSuccess conditions are not simulated",
        ),
        (
            spoil(|d| d["stages"][1]["onFailure"] = json!({ "result": "FAIL", "conditions": [{ "result": "FAIL" }] })),
            stage,
            "onFailure conditions are not simulated",
        ),
        (
            spoil(|d| d["stages"][1]["onFailure"] = json!({ "result": "SKIP" })),
            stage,
            "SKIP is not simulated",
        ),
        (
            spoil(|d| {
                d["stages"][1]["onFailure"] = json!({ "result": "ROLLBACK" });
                d["executionMode"] = json!("PARALLEL");
            }),
            stage,
            "cannot be used in execution mode PARALLEL",
        ),
        (
            spoil(|d| {
                d["stages"][1]["onFailure"] = json!({ "result": "RETRY" });
                d["pipelineType"] = json!("V1");
            }),
            stage,
            "type V2",
        ),
        (
            spoil(|d| {
                d["executionMode"] = json!("PARALLEL");
                d["pipelineType"] = json!("V1");
            }),
            structure,
            "PARALLEL needs a pipeline of type V2",
        ),
        (
            spoil(|d| {
                d["executionMode"] = json!("QUEUED");
                d["pipelineType"] = json!("V1");
            }),
            structure,
            "type V2",
        ),
        (with(timed), action, "only allowed for manual approval"),
        (with(missing), structure, "Nowhere"),
        (with(ecs(json!({ "ClusterName": "c" }))), action, "'ServiceName'"),
        (
            with(ecs(json!({ "ClusterName": "c", "ServiceName": "s" }))),
            action,
            "must have 1 input artifact",
        ),
        (with(slow), action, "1 to 60 minutes"),
        (
            with(super::action("S3", "Deploy", "S3", 1, json!({}))),
            action,
            "Deploy provider S3 is not simulated",
        ),
        (
            with(super::action("Fn", "Invoke", "Lambda", 1, json!({}))),
            action,
            "'FunctionName'",
        ),
    ];
    for (declared, code, words) in cases {
        let refusal = refused(&mut World::new(1), "CreatePipeline", json!({ "pipeline": declared }));
        assert_eq!(refusal.code, code, "{refusal}");
        assert!(refusal.message.contains(words), "{refusal}");
    }
}

#[test]
fn every_version_can_be_read_and_others_cannot() {
    let mut world = gated("SUPERSEDED");
    let mut changed = two_stages();
    changed["roleArn"] = json!("arn:aws:iam::111122223333:role/other");
    let updated = ask(&mut world, "UpdatePipeline", json!({ "pipeline": changed }));
    assert_eq!(updated["pipeline"]["version"], 2);
    let read = |world: &mut World, input| {
        ask(world, "GetPipeline", input)["pipeline"]["stages"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(read(&mut world, json!({ "name": "orders" })), 2);
    assert_eq!(read(&mut world, json!({ "name": "orders", "version": 1 })), 4);
    for version in [0, 3] {
        let refusal = refused(
            &mut world,
            "GetPipeline",
            json!({ "name": "orders", "version": version }),
        );
        assert_eq!(refusal.code, "PipelineVersionNotFoundException");
    }
    assert_eq!(state(&mut world)["pipelineVersion"], 2);
}

#[test]
fn a_pipeline_that_is_not_there_is_named_with_its_account() {
    let operations = [
        ("GetPipeline", "name"),
        ("GetPipelineState", "name"),
        ("StartPipelineExecution", "name"),
        ("ListPipelineExecutions", "pipelineName"),
        ("ListActionExecutions", "pipelineName"),
        ("StopPipelineExecution", "pipelineName"),
        ("RetryStageExecution", "pipelineName"),
        ("DisableStageTransition", "pipelineName"),
        ("PutApprovalResult", "pipelineName"),
    ];
    for (operation, member) in operations {
        let refusal = refused(&mut gated("SUPERSEDED"), operation, json!({ member: "nope" }));
        assert_eq!(refusal.code, "PipelineNotFoundException", "{operation}");
        assert_eq!(
            refusal.message,
            "Account '111122223333' does not have a pipeline with name 'nope'"
        );
    }
}

#[test]
fn an_update_cancels_what_is_under_way() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 70);
    let token = token(&mut world);
    world.outbox.clear();
    let same = ask(&mut world, "GetPipeline", json!({ "name": "orders" }))["pipeline"].clone();
    ask(&mut world, "UpdatePipeline", json!({ "pipeline": same }));
    assert_eq!(status(&mut world, &execution), "Cancelled");
    assert_eq!(
        told(&world),
        [
            "action Gate/Approve CANCELED",
            "stage Gate CANCELED",
            "pipeline CANCELED"
        ]
    );
    let refusal = refused(&mut world, "PutApprovalResult", answer(&token, "Approved"));
    assert_eq!(refusal.code, "InvalidApprovalTokenException");
    let text = "The pipeline orders has been updated, and the approval request you responded to is now out of date.";
    assert_eq!(refusal.message, text);
    let refusal = refused(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &execution, "FAILED_ACTIONS"),
    );
    assert_eq!(refusal.code, "StageNotRetryableException");
}
