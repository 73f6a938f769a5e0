//! RollbackStage.

use super::with_ecs::{deployed, image, two_services};
use super::*;

/// Two executions gone through to the end, a gated pipeline.
fn two_done() -> (World, [String; 2]) {
    let mut world = gated("SUPERSEDED");
    let ids = [0, 1].map(|_| {
        let id = start(&mut world);
        wait(&mut world, 70);
        stage::approve(&mut world, "orders", "ann").unwrap();
        wait(&mut world, 70);
        id
    });
    (world, ids)
}

#[test]
fn a_rollback_deploys_the_targets_images_as_a_new_revision_and_goes_no_further() {
    let mut world = two_services();
    let mut ids = Vec::new();
    for n in [2, 3] {
        ids.push(stage::release(&mut world, "orders", &[("app", &image(n))]));
        wait(&mut world, 800);
        stage::approve(&mut world, "orders", "ann").unwrap();
        wait(&mut world, 800);
    }
    assert_eq!(deployed(&mut world, "canary"), (json!(image(3)), json!(3)));
    let asked = roll_back("CanaryDeploy", &ids[0]);
    let reply = world.call("decide#1", "codepipeline", "RollbackStage", asked).unwrap();
    let id = reply["pipelineExecutionId"].as_str().unwrap().to_owned();
    assert!(!ids.contains(&id));
    let started = world.now;
    wait(&mut world, 800);
    assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(4)));
    assert_eq!(deployed(&mut world, "stable"), (json!(image(3)), json!(3)));
    assert_eq!(
        stage_state(&mut world, "ManualApproval")["latestExecution"]["pipelineExecutionId"],
        json!(ids[1])
    );
    let shown = newest(&mut world);
    let old = ask(
        &mut world,
        "ListPipelineExecutions",
        json!({ "pipelineName": "orders" }),
    );
    let expected = json!({
        "pipelineExecutionId": id, "status": "Succeeded", "startTime": started.seconds(),
        "lastUpdateTime": shown["lastUpdateTime"],
        "sourceRevisions": old["pipelineExecutionSummaries"][2]["sourceRevisions"],
        "trigger": {
            "triggerType": "ManualRollback",
            "triggerDetail": r#"{"AwsUserArn":"arn:aws:sts::111122223333:assumed-role/decide#1/decide#1"}"#,
        },
        "executionMode": "SUPERSEDED", "executionType": "ROLLBACK",
        "rollbackMetadata": { "rollbackTargetPipelineExecutionId": ids[0] },
    });
    assert_eq!(shown, expected);
    let input = json!({ "pipelineName": "orders", "pipelineExecutionId": id });
    let got = ask(&mut world, "GetPipelineExecution", input)["pipelineExecution"].clone();
    assert_eq!(got["executionType"], "ROLLBACK");
    assert_eq!(got["rollbackMetadata"], expected["rollbackMetadata"]);
    assert_eq!(
        stage_state(&mut world, "CanaryDeploy")["latestExecution"],
        json!({ "pipelineExecutionId": id, "status": "Succeeded", "type": "ROLLBACK" })
    );
}

#[test]
fn a_rollback_is_told_as_an_execution_that_starts_in_its_stage() {
    let (mut world, ids) = two_done();
    world.outbox.clear();
    ask(&mut world, "RollbackStage", roll_back("Build", &ids[0]));
    wait(&mut world, 100);
    let expected = [
        "pipeline STARTED",
        "stage Build STARTED",
        "action Build/Compile STARTED",
        "action Build/Compile SUCCEEDED",
        "stage Build SUCCEEDED",
        "pipeline SUCCEEDED",
    ];
    assert_eq!(told(&world), expected);
    let Delivery::Event(event) = &world.outbox[0] else {
        panic!("no event");
    };
    assert_eq!(event["detail"]["execution-trigger"]["trigger-type"], "ManualRollback");
}

#[test]
fn what_cannot_be_rolled_back_is_refused() {
    const UNABLE: &str = "UnableToRollbackStageException";
    let (mut world, ids) = two_done();
    let code = |world: &mut World, stage: &str, id: &str| refused(world, "RollbackStage", roll_back(stage, id)).code;
    assert_eq!(code(&mut world, "None", &ids[0]), "StageNotFoundException");
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(code(&mut world, "Build", unknown), "PipelineExecutionNotFoundException");
    let mut other = roll_back("Build", &ids[0]);
    other["pipelineName"] = json!("nobody");
    assert_eq!(
        refused(&mut world, "RollbackStage", other).code,
        "PipelineNotFoundException"
    );

    let rollback = ask(&mut world, "RollbackStage", roll_back("Build", &ids[0]))["pipelineExecutionId"].clone();
    assert_eq!(code(&mut world, "Build", &ids[0]), UNABLE, "it runs");
    wait(&mut world, 100);
    assert_eq!(
        code(&mut world, "Build", rollback.as_str().unwrap()),
        UNABLE,
        "a rollback"
    );

    let third = start(&mut world);
    wait(&mut world, 70);
    assert_eq!(code(&mut world, "Gate", &ids[0]), UNABLE, "an approval waits");
    stage::reject(&mut world, "orders", "ann", "no").unwrap();
    assert_eq!(code(&mut world, "Gate", &third), UNABLE, "it failed there");
    assert_eq!(code(&mut world, "Ship", &third), UNABLE, "it never came there");
    ask(&mut world, "RollbackStage", roll_back("Gate", &ids[1]));
    stage::approve(&mut world, "orders", "ann").unwrap();

    let same = ask(&mut world, "GetPipeline", json!({ "name": "orders" }))["pipeline"].clone();
    ask(&mut world, "UpdatePipeline", json!({ "pipeline": same }));
    assert_eq!(code(&mut world, "Build", &ids[0]), "PipelineExecutionOutdatedException");
}

#[test]
fn a_pipeline_of_type_v1_rolls_nothing_back() {
    let mut declared = declaration(
        "SUPERSEDED",
        &[("Source", vec![source()]), ("Build", vec![build("Compile", 1)])],
    );
    declared["pipelineType"] = json!("V1");
    let mut world = world_with(&declared);
    let done = start(&mut world);
    wait(&mut world, 100);
    let refusal = refused(&mut world, "RollbackStage", roll_back("Build", &done));
    assert_eq!(refusal.code, "UnableToRollbackStageException");
}

#[test]
fn a_rollback_has_the_variables_and_artifacts_of_its_target() {
    let mut compile = build("Compile", 1);
    compile["configuration"] = json!({ "Commit": "#{Src.CommitId}", "Who": "#{variables.who}" });
    let mut declared = declaration("SUPERSEDED", &[("Source", vec![source()]), ("Build", vec![compile])]);
    declared["variables"] = json!([{ "name": "who" }]);
    let mut world = world_with(&declared);
    let ids = ["a", "b"].map(|mark| {
        let input = json!({
            "name": "orders", "variables": [{ "name": "who", "value": mark }],
            "sourceRevisions": [{ "actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": mark.repeat(3) }],
        });
        let id = ask(&mut world, "StartPipelineExecution", input)["pipelineExecutionId"].clone();
        wait(&mut world, 100);
        id.as_str().unwrap().to_owned()
    });
    ask(&mut world, "RollbackStage", roll_back("Build", &ids[0]));
    let listed = ask(&mut world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
    let inputs = |at: usize| listed["actionExecutionDetails"][at]["input"].clone();
    // Newest first: the rollback's build, then build and source of the second, of the first.
    assert_eq!(
        inputs(0)["resolvedConfiguration"],
        json!({ "Commit": "aaa", "Who": "a" })
    );
    assert_eq!(inputs(0)["inputArtifacts"], inputs(3)["inputArtifacts"]);
    assert_ne!(inputs(0)["inputArtifacts"], inputs(1)["inputArtifacts"]);
}

#[test]
fn a_disabled_transition_does_not_hold_a_rollback_but_the_stage_it_holds_is_locked() {
    let (mut world, ids) = two_done();
    ask(&mut world, "DisableStageTransition", disable("Gate", "Inbound", "hold"));
    let third = start(&mut world);
    wait(&mut world, 70);
    ask(&mut world, "RollbackStage", roll_back("Gate", &ids[0]));
    let input = json!({ "pipelineName": "orders", "stageName": "Gate", "transitionType": "Inbound" });
    ask(&mut world, "EnableStageTransition", input);
    let gate = stage_state(&mut world, "Gate");
    assert_eq!(gate["latestExecution"]["type"], "ROLLBACK");
    assert_eq!(gate["inboundExecution"]["pipelineExecutionId"], json!(third));
    stage::approve(&mut world, "orders", "ann").unwrap();
    let gate = stage_state(&mut world, "Gate");
    assert_eq!(
        gate["latestExecution"],
        json!({ "pipelineExecutionId": third, "status": "InProgress", "type": "STANDARD" })
    );
}
