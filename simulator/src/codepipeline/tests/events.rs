//! Events, word for word.

use super::*;

fn events(world: &World) -> Vec<Value> {
    let events = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Event(event) => Some(event.clone()),
        _ => None,
    });
    events.collect()
}

#[test]
fn a_whole_run_tells_pipeline_stage_and_action_in_order() {
    let mut world = working(vec![build("Only", 1)]);
    start(&mut world);
    wait(&mut world, 100);
    let expected = [
        "pipeline STARTED",
        "stage Source STARTED",
        "action Source/Fetch STARTED",
        "action Source/Fetch SUCCEEDED",
        "stage Source SUCCEEDED",
        "stage Work STARTED",
        "action Work/Only STARTED",
        "action Work/Only SUCCEEDED",
        "stage Work SUCCEEDED",
        "pipeline SUCCEEDED",
    ];
    assert_eq!(told(&world), expected);
}

#[test]
fn a_started_execution_tells_its_trigger_and_numbers_are_floats() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    let event = &events(&world)[0];
    let expected = json!({
        "version": "0", "id": event["id"], "detail-type": "CodePipeline Pipeline Execution State Change",
        "source": "aws.codepipeline", "account": "111122223333", "time": "2026-11-21T03:00:00Z",
        "region": "eu-central-1", "resources": ["arn:aws:codepipeline:eu-central-1:111122223333:orders"],
        "detail": {
            "pipeline": "orders", "execution-id": execution, "start-time": "2026-11-21T03:00:00.000Z",
            "state": "STARTED", "version": 1.0, "pipeline-execution-attempt": 1.0,
            "execution-trigger": {
                "trigger-type": "StartPipelineExecution", "trigger-detail": "arn:aws:sts::111122223333:assumed-role/test/test",
            },
        },
    });
    assert_eq!(*event, expected);
    assert!(event.to_string().contains(r#""version":1.0"#));
}

#[test]
fn a_stage_event_reads_as_captured_and_a_retry_adds_its_time() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 70);
    stage::reject(&mut world, "orders", "ann", "no").unwrap();
    let failed = events(&world);
    let expected = json!({
        "pipeline": "orders", "execution-id": execution, "start-time": "2026-11-21T03:01:03.000Z", "stage": "Gate",
        "state": "FAILED", "version": 1.0, "pipeline-execution-attempt": 1.0,
    });
    assert_eq!(failed[failed.len() - 2]["detail"], expected);
    world.outbox.clear();
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &execution, "FAILED_ACTIONS"),
    );
    let expected = json!({
        "pipeline": "orders", "execution-id": execution, "start-time": "2026-11-21T03:01:03.000Z", "stage": "Gate",
        "state": "RESUMED", "version": 1.0, "pipeline-execution-attempt": 2.0,
        "stage-last-retry-attempt-time": "2026-11-21T03:01:10.000Z",
    });
    assert_eq!(events(&world)[1]["detail"], expected);
}

#[test]
fn an_action_event_has_its_result_only_when_it_has_one() {
    let mut bad = build("Bad", 1);
    bad["region"] = json!("us-west-2");
    let mut world = working(vec![bad]);
    stage::action_fails(
        &mut world,
        "orders",
        "Work",
        "Bad",
        Some(stage::Failure::new("JobFailed", "tests red")),
    );
    let execution = start(&mut world);
    wait(&mut world, 63);
    let all = events(&world);
    let of = |state: &str| {
        let mut found = all
            .iter()
            .filter(|e| e["detail"]["action"] == "Bad" && e["detail"]["state"] == state);
        found.next().unwrap().clone()
    };
    let (started, failed) = (of("STARTED"), of("FAILED"));
    let id = action_state(&mut world, "Work", "Bad")["actionExecutionId"].clone();
    let mut expected = json!({
        "pipeline": "orders", "execution-id": execution, "start-time": "2026-11-21T03:00:03.000Z", "stage": "Work",
        "action": "Bad", "action-execution-id": id, "state": "STARTED", "region": "us-west-2",
        "type": { "owner": "AWS", "provider": "CodeBuild", "category": "Build", "version": "1" },
        "input-artifacts": [{ "name": "Code", "s3location": {
            "bucket": "bucket", "key": started["detail"]["input-artifacts"][0]["s3location"]["key"],
        } }],
        "version": 1.0, "pipeline-execution-attempt": 1.0,
    });
    assert_eq!(started["detail"], expected);
    expected["state"] = json!("FAILED");
    expected["output-artifacts"] = json!([]);
    expected["execution-result"] = json!({ "external-execution-summary": "tests red", "error-code": "JobFailed" });
    assert_eq!(failed["detail"], expected);
    assert_eq!(failed["region"], "eu-central-1");
    assert_eq!(failed["time"], "2026-11-21T03:01:03Z");
}

#[test]
fn an_abandoned_action_tells_neither_artifacts_nor_result() {
    let mut world = working(vec![build("Only", 1)]);
    let execution = start(&mut world);
    wait(&mut world, 10);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    let all = events(&world);
    let abandoned = all
        .iter()
        .find(|event| event["detail"]["state"] == "ABANDONED")
        .unwrap();
    for member in ["input-artifacts", "output-artifacts", "execution-result"] {
        assert_eq!(abandoned["detail"].get(member), None);
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let run = || {
        let (mut world, _) = (gated("SUPERSEDED"), ());
        start(&mut world);
        wait(&mut world, 70);
        start(&mut world);
        stage::approve(&mut world, "orders", "ann").unwrap();
        wait(&mut world, 500);
        world.outbox
    };
    assert_eq!(run(), run());
}
