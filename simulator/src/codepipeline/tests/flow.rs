//! Stages, run orders, waiting executions, transitions.

use super::*;

#[test]
fn stages_run_one_after_the_other_to_the_end() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    let mut seen = Vec::new();
    for seconds in [0, 2, 1, 59, 1] {
        wait(&mut world, seconds);
        let stages =
            ["Source", "Build", "Gate"].map(|name| stage_state(&mut world, name)["latestExecution"]["status"].clone());
        seen.push(stages.map(|status| status.as_str().unwrap_or("-").to_owned()).join(" "));
    }
    let expected = [
        "InProgress - -",
        "InProgress - -",
        "Succeeded InProgress -",
        "Succeeded InProgress -",
        "Succeeded Succeeded InProgress",
    ];
    assert_eq!(seen, expected);
    stage::approve(&mut world, "orders", "ann").unwrap();
    wait(&mut world, 59);
    assert_eq!(status(&mut world, &execution), "InProgress");
    wait(&mut world, 1);
    assert_eq!(status(&mut world, &execution), "Succeeded");
    assert_eq!(world.next_due(), None);
}

#[test]
fn actions_of_one_run_order_run_together_and_the_next_order_waits_for_all() {
    let mut world = working(vec![build("C", 5), build("A", 2), build("B", 2)]);
    stage::action_takes(&mut world, "orders", "Work", "B", 90);
    start(&mut world);
    let running = |world: &mut World| {
        ["A", "B", "C"].map(|name| {
            action_state(world, "Work", name)["status"]
                .as_str()
                .unwrap_or("-")
                .to_owned()
        })
    };
    wait(&mut world, 3);
    assert_eq!(running(&mut world), ["InProgress", "InProgress", "-"]);
    wait(&mut world, 60);
    assert_eq!(running(&mut world), ["Succeeded", "InProgress", "-"]);
    wait(&mut world, 30);
    assert_eq!(running(&mut world), ["Succeeded", "Succeeded", "InProgress"]);
}

#[test]
fn a_failed_action_fails_stage_and_execution_while_its_neighbours_run_on() {
    let mut world = working(vec![build("Bad", 1), build("Slow", 1), build("Later", 2)]);
    stage::action_takes(&mut world, "orders", "Work", "Slow", 100);
    let failure = stage::Failure::new("JobFailed", "tests red");
    stage::action_fails(&mut world, "orders", "Work", "Bad", Some(failure));
    let first = start(&mut world);
    wait(&mut world, 63);
    assert_eq!(status(&mut world, &first), "Failed");
    assert_eq!(stage_state(&mut world, "Work")["latestExecution"]["status"], "Failed");
    let bad = action_state(&mut world, "Work", "Bad");
    assert_eq!(
        bad["errorDetails"],
        json!({ "code": "JobFailed", "message": "tests red" })
    );
    assert_eq!(action_state(&mut world, "Work", "Slow")["status"], "InProgress");
    let second = start(&mut world);
    wait(&mut world, 10);
    assert_eq!(
        stage_state(&mut world, "Work")["inboundExecution"]["pipelineExecutionId"],
        json!(second)
    );
    wait(&mut world, 30);
    assert_eq!(
        action_state(&mut world, "Work", "Slow")["status"],
        "InProgress",
        "the second execution's"
    );
    assert_eq!(
        stage_state(&mut world, "Work")["latestExecution"]["pipelineExecutionId"],
        json!(second)
    );
    assert_eq!(action_state(&mut world, "Work", "Later"), Value::Null);
}

#[test]
fn a_newer_execution_supersedes_the_one_that_waits_but_not_the_one_that_runs() {
    let mut world = gated("SUPERSEDED");
    let ids = [start(&mut world), start(&mut world), start(&mut world)];
    assert_eq!(
        ids.clone().map(|id| status(&mut world, &id)),
        ["InProgress", "Superseded", "InProgress"]
    );
    wait(&mut world, 70);
    let newest = start(&mut world);
    wait(&mut world, 120);
    let gate = stage_state(&mut world, "Gate");
    assert_eq!(gate["latestExecution"]["pipelineExecutionId"], json!(ids[0]));
    assert_eq!(gate["inboundExecution"]["pipelineExecutionId"], json!(newest));
    assert_eq!(status(&mut world, &ids[2]), "Superseded");
    assert!(told(&world).contains(&"pipeline SUPERSEDED".to_owned()));
}

#[test]
fn a_queued_pipeline_takes_everyone_in_order() {
    let mut world = gated("QUEUED");
    let ids = [start(&mut world), start(&mut world), start(&mut world)];
    wait(&mut world, 300);
    for id in &ids {
        let gate = stage_state(&mut world, "Gate");
        assert_eq!(gate["latestExecution"]["pipelineExecutionId"], json!(id));
        stage::approve(&mut world, "orders", "ann").unwrap();
    }
    wait(&mut world, 300);
    assert_eq!(
        ids.map(|id| status(&mut world, &id)),
        ["Succeeded", "Succeeded", "Succeeded"]
    );
}

#[test]
fn waiting_executions_of_a_queued_pipeline_are_listed_oldest_first() {
    let mut world = gated("QUEUED");
    let ids = [start(&mut world), start(&mut world), start(&mut world)];
    let source = stage_state(&mut world, "Source");
    let inbound: Vec<&Value> = source["inboundExecutions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["pipelineExecutionId"])
        .collect();
    assert_eq!(inbound, [&json!(ids[1]), &json!(ids[2])]);
    assert_eq!(source["inboundExecution"]["pipelineExecutionId"], json!(ids[1]));
}

#[test]
fn a_queued_pipeline_is_full_at_fifty() {
    let mut world = gated("QUEUED");
    for _ in 0..50 {
        start(&mut world);
    }
    let refusal = refused(&mut world, "StartPipelineExecution", json!({ "name": "orders" }));
    assert_eq!(refusal.code, "ConcurrentPipelineExecutionsLimitExceededException");
}

#[test]
fn a_client_token_starts_one_execution_however_often_it_is_sent() {
    let mut world = gated("SUPERSEDED");
    let input = |token: &str, revision: &str| {
        json!({
            "name": "orders", "clientRequestToken": token,
            "sourceRevisions": [{ "actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": revision }],
        })
    };
    let first = ask(&mut world, "StartPipelineExecution", input("a-1", "abc"));
    wait(&mut world, 500);
    assert_eq!(ask(&mut world, "StartPipelineExecution", input("a-1", "other")), first);
    assert_ne!(ask(&mut world, "StartPipelineExecution", input("a-2", "abc")), first);
    let refusal = refused(&mut world, "StartPipelineExecution", input("a_1", "abc"));
    assert_eq!(refusal.code, "ValidationException");
}

#[test]
fn a_disabled_transition_holds_executions_and_the_newest_goes_in_when_it_is_enabled() {
    for (stage, side) in [("Gate", "Inbound"), ("Build", "Outbound")] {
        let mut world = gated("SUPERSEDED");
        ask(
            &mut world,
            "DisableStageTransition",
            disable(stage, side, "release 7 is being rolled back"),
        );
        let first = start(&mut world);
        wait(&mut world, 70);
        let gate = stage_state(&mut world, "Gate");
        assert_eq!(
            gate["inboundExecution"],
            json!({ "pipelineExecutionId": first, "status": "InProgress", "type": "STANDARD" })
        );
        assert_eq!(gate.get("latestExecution"), None);
        let second = start(&mut world);
        wait(&mut world, 70);
        assert_eq!(status(&mut world, &first), "Superseded");
        let input = json!({ "pipelineName": "orders", "stageName": stage, "transitionType": side });
        ask(&mut world, "EnableStageTransition", input);
        assert_eq!(
            stage_state(&mut world, "Gate")["latestExecution"]["pipelineExecutionId"],
            json!(second)
        );
    }
}

#[test]
fn the_last_reason_for_a_disabled_transition_stands() {
    let mut world = gated("SUPERSEDED");
    assert_eq!(
        stage_state(&mut world, "Ship")["inboundTransitionState"],
        json!({ "enabled": true })
    );
    ask(
        &mut world,
        "DisableStageTransition",
        disable("Ship", "Inbound", "first"),
    );
    world.codepipeline.caller_arn = Some("arn:aws:iam::111122223333:user/bob".to_owned());
    ask(
        &mut world,
        "DisableStageTransition",
        disable("Ship", "Inbound", "second"),
    );
    let expected = json!({
        "enabled": false, "disabledReason": "second", "lastChangedBy": "arn:aws:iam::111122223333:user/bob",
        "lastChangedAt": world.now.seconds(),
    });
    assert_eq!(stage_state(&mut world, "Ship")["inboundTransitionState"], expected);
    let refusal = refused(&mut world, "DisableStageTransition", disable("Nope", "Inbound", "x"));
    assert_eq!(refusal.code, "StageNotFoundException");
}

#[test]
fn a_reason_has_no_colons_slashes_quotes_or_underscores() {
    let long = "a".repeat(301);
    let cases = [
        ("Freeze (until 9.30)! Who? me@home - *all*", true),
        ("arn:aws", false),
        ("a/b", false),
        ("a,b", false),
        ("a_b", false),
        ("it's", false),
        ("\"", false),
        ("ä", false),
        ("", false),
        (&long, false),
    ];
    for (reason, fine) in cases {
        let input = disable("Gate", "Inbound", reason);
        let outcome = gated("SUPERSEDED").call("test", "codepipeline", "DisableStageTransition", input);
        match outcome {
            Ok(_) => assert!(fine, "{reason}"),
            Err(refusal) => {
                assert!(!fine, "{reason}");
                assert_eq!(refusal.code, "ValidationException");
            }
        }
    }
}

#[test]
fn variables_are_resolved_where_the_action_runs_and_a_missing_one_fails_it() {
    let configuration = json!({
        "Id": "<#{codepipeline.PipelineExecutionId}>", "Commit": "#{Src.CommitId}", "Who": "#{variables.who}!", "Plain": "#{",
    });
    let mut good = build("Good", 1);
    good["configuration"] = configuration;
    let mut bad = build("Bad", 2);
    bad["configuration"] = json!({ "X": "#{Nobody.Knows}" });
    let mut declared = declaration("SUPERSEDED", &[("Source", vec![source()]), ("Work", vec![good, bad])]);
    declared["variables"] = json!([{ "name": "who", "defaultValue": "me" }, { "name": "must" }]);
    let mut world = world_with(&declared);
    for variables in [
        json!([]),
        json!([{ "name": "other", "value": "1" }, { "name": "must", "value": "1" }]),
    ] {
        let input = json!({ "name": "orders", "variables": variables });
        assert_eq!(
            refused(&mut world, "StartPipelineExecution", input).code,
            "ValidationException"
        );
    }
    let input = json!({
        "name": "orders", "variables": [{ "name": "must", "value": "1" }],
        "sourceRevisions": [{ "actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": "abc" }],
    });
    let execution = ask(&mut world, "StartPipelineExecution", input)["pipelineExecutionId"].clone();
    wait(&mut world, 70);
    let listed = ask(&mut world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
    let details = listed["actionExecutionDetails"].as_array().unwrap();
    let resolved =
        json!({ "Id": format!("<{}>", execution.as_str().unwrap()), "Commit": "abc", "Who": "me!", "Plain": "#{" });
    assert_eq!(details[1]["input"]["resolvedConfiguration"], resolved);
    assert_eq!(details[1]["input"]["configuration"]["Commit"], "#{Src.CommitId}");
    assert_eq!(
        details[0]["output"]["executionResult"]["errorDetails"]["code"],
        "ConfigurationError"
    );
    assert_eq!(status(&mut world, execution.as_str().unwrap()), "Failed");
}

#[test]
fn whoever_waits_at_a_transition_disabled_for_over_thirty_days_does_not_go_on() {
    for (late_seconds, enters) in [(0, true), (1, false)] {
        for (side, at) in [("Inbound", "Build"), ("Outbound", "Source")] {
            let mut world = gated("QUEUED");
            ask(&mut world, "DisableStageTransition", disable(at, side, "hold"));
            let held = start(&mut world);
            wait(&mut world, 30 * 86_400 + late_seconds);
            let input = json!({ "pipelineName": "orders", "stageName": at, "transitionType": side });
            ask(&mut world, "EnableStageTransition", input);
            let inbound = stage_state(&mut world, "Build").get("inboundExecution").cloned();
            assert_eq!(inbound.is_none(), enters, "{side}");
            assert_eq!(status(&mut world, &held), "InProgress");
            let next = start(&mut world);
            wait(&mut world, 70);
            let latest = stage_state(&mut world, "Build")["latestExecution"]["pipelineExecutionId"].clone();
            assert_eq!(latest, json!(next), "others go through");
        }
    }
}

#[test]
fn a_configuration_over_a_hundred_kilobytes_once_resolved_fails_the_action() {
    for (length, state) in [(1000, "InProgress"), (1024, "Failed")] {
        let mut big = build("Big", 1);
        big["configuration"] = json!({ "X": "#{variables.long}".repeat(100) });
        let mut declared = declaration("SUPERSEDED", &[("Source", vec![source()]), ("Work", vec![big])]);
        declared["variables"] = json!([{ "name": "long", "defaultValue": "x".repeat(length) }]);
        let mut world = world_with(&declared);
        start(&mut world);
        wait(&mut world, 3);
        let action = action_state(&mut world, "Work", "Big");
        assert_eq!(action["status"], state);
        if state == "Failed" {
            assert_eq!(action["errorDetails"]["code"], "ConfigurationError");
        }
    }
}
