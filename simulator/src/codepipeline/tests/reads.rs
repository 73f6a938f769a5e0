//! What can be read, and in pages.

use super::*;

/// Follows `nextToken` to the end.
fn all_pages(world: &mut World, operation: &str, list: &str, mut input: Value) -> (Vec<Value>, usize) {
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let reply = ask(world, operation, input.clone());
        found.extend(reply[list].as_array().unwrap().clone());
        pages += 1;
        match reply.get("nextToken") {
            Some(token) => input["nextToken"] = token.clone(),
            None => return (found, pages),
        }
    }
}

fn five_executions() -> (World, Vec<String>) {
    let mut world = gated("QUEUED");
    let ids = (0..5).map(|_| start(&mut world)).collect();
    wait(&mut world, 400);
    (world, ids)
}

#[test]
fn executions_are_listed_newest_first_and_pages_join_up() {
    let (mut world, mut ids) = five_executions();
    ids.reverse();
    for (page_size, max_results, pages) in [
        (None, None, 1),
        (Some(2), None, 3),
        (None, Some(1), 5),
        (Some(2), Some(100), 3),
    ] {
        world.page_size = page_size;
        let mut input = json!({ "pipelineName": "orders" });
        if let Some(most) = max_results {
            input["maxResults"] = json!(most);
        }
        let (found, seen) = all_pages(
            &mut world,
            "ListPipelineExecutions",
            "pipelineExecutionSummaries",
            input,
        );
        let found: Vec<&str> = found
            .iter()
            .map(|e| e["pipelineExecutionId"].as_str().unwrap())
            .collect();
        assert_eq!(found, ids);
        assert_eq!(seen, pages);
    }
}

#[test]
fn a_new_execution_between_two_pages_is_neither_shown_nor_shifts_the_rest() {
    let (mut world, ids) = five_executions();
    let input = json!({ "pipelineName": "orders", "maxResults": 2 });
    let first = ask(&mut world, "ListPipelineExecutions", input.clone());
    start(&mut world);
    let mut input = input;
    input["nextToken"] = first["nextToken"].clone();
    let second = ask(&mut world, "ListPipelineExecutions", input);
    assert_eq!(
        second["pipelineExecutionSummaries"][0]["pipelineExecutionId"],
        json!(ids[2])
    );
}

#[test]
fn a_token_nobody_gave_is_refused() {
    let (mut world, _) = five_executions();
    for operation in ["ListPipelineExecutions", "ListActionExecutions", "ListPipelines"] {
        let input = json!({ "pipelineName": "orders", "nextToken": "made up" });
        assert_eq!(refused(&mut world, operation, input).code, "InvalidNextTokenException");
    }
}

#[test]
fn the_filter_keeps_executions_that_succeeded_in_the_stage() {
    let (mut world, ids) = five_executions();
    stage::approve(&mut world, "orders", "ann").unwrap();
    stage::reject(&mut world, "orders", "ann", "no").unwrap();
    let mut input = json!({ "pipelineName": "orders", "filter": { "succeededInStage": { "stageName": "Gate" } } });
    let found = ask(&mut world, "ListPipelineExecutions", input.clone());
    let summaries = found["pipelineExecutionSummaries"].as_array().unwrap();
    assert_eq!(summaries.len(), 1);
    assert_eq!(summaries[0]["pipelineExecutionId"], json!(ids[0]));
    input["filter"]["succeededInStage"]["stageName"] = json!("Ship");
    assert_eq!(
        ask(&mut world, "ListPipelineExecutions", input)["pipelineExecutionSummaries"],
        json!([])
    );
}

#[test]
fn a_summary_says_what_was_started_by_whom() {
    let mut world = gated("SUPERSEDED");
    world.codepipeline.caller_arn = Some("arn:aws:iam::111122223333:user/ann".to_owned());
    let started = world.now;
    let input = json!({ "name": "orders", "sourceRevisions": [
        { "actionName": "Fetch", "revisionType": "COMMIT_ID", "revisionValue": "abc" },
    ] });
    let execution = ask(&mut world, "StartPipelineExecution", input)["pipelineExecutionId"].clone();
    wait(&mut world, 10);
    let listed = ask(
        &mut world,
        "ListPipelineExecutions",
        json!({ "pipelineName": "orders" }),
    );
    let expected = json!({
        "pipelineExecutionId": execution, "status": "InProgress", "startTime": started.seconds(),
        "lastUpdateTime": started.plus_seconds(3).seconds(),
        "sourceRevisions": [{ "actionName": "Fetch", "revisionId": "abc" }],
        "trigger": { "triggerType": "StartPipelineExecution", "triggerDetail": "arn:aws:iam::111122223333:user/ann" },
        "executionMode": "SUPERSEDED", "executionType": "STANDARD",
    });
    assert_eq!(listed["pipelineExecutionSummaries"], json!([expected]));
}

#[test]
fn a_source_action_shows_its_revision_and_one_that_never_ran_shows_nothing() {
    let mut world = gated("SUPERSEDED");
    start(&mut world);
    wait(&mut world, 10);
    let source = stage_state(&mut world, "Source")["actionStates"][0].clone();
    assert_eq!(
        source["currentRevision"]["revisionId"],
        source["latestExecution"]["externalExecutionId"]
    );
    assert_eq!(source["currentRevision"]["revisionId"].as_str().unwrap().len(), 40);
    assert_eq!(
        stage_state(&mut world, "Ship")["actionStates"],
        json!([{ "actionName": "Release" }])
    );
}

#[test]
fn actions_are_listed_newest_first_filtered_and_in_pages() {
    let (mut world, ids) = five_executions();
    world.page_size = Some(2);
    let all = json!({ "pipelineName": "orders" });
    let (found, _) = all_pages(&mut world, "ListActionExecutions", "actionExecutionDetails", all);
    // Fetch and Compile of all five, the approval of the first.
    assert_eq!(found.len(), 11);
    let starts: Vec<f64> = found
        .iter()
        .map(|detail| detail["startTime"].as_f64().unwrap())
        .collect();
    assert!(starts.is_sorted_by(|a, b| a >= b));
    let one = json!({ "pipelineName": "orders", "filter": { "pipelineExecutionId": ids[0] } });
    let (found, pages) = all_pages(&mut world, "ListActionExecutions", "actionExecutionDetails", one);
    let names: Vec<&str> = found
        .iter()
        .map(|detail| detail["actionName"].as_str().unwrap())
        .collect();
    assert_eq!((names, pages), (vec!["Approve", "Compile", "Fetch"], 2));
    let other = json!({ "pipelineName": "orders", "filter": { "pipelineExecutionId": "nope" } });
    assert_eq!(
        refused(&mut world, "ListActionExecutions", other).code,
        "PipelineExecutionNotFoundException"
    );
}

#[test]
fn the_latest_runs_of_an_execution_leave_out_what_was_retried() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 70);
    stage::reject(&mut world, "orders", "ann", "no").unwrap();
    ask(
        &mut world,
        "RetryStageExecution",
        retry("Gate", &execution, "FAILED_ACTIONS"),
    );
    for (range, approvals) in [("All", 2), ("Latest", 1)] {
        let filter =
            json!({ "latestInPipelineExecution": { "pipelineExecutionId": execution, "startTimeRange": range } });
        let listed = ask(
            &mut world,
            "ListActionExecutions",
            json!({ "pipelineName": "orders", "filter": filter }),
        );
        let details = listed["actionExecutionDetails"].as_array().unwrap();
        assert_eq!(
            details
                .iter()
                .filter(|detail| detail["actionName"] == "Approve")
                .count(),
            approvals,
            "{range}"
        );
    }
}

#[test]
fn a_pending_approval_shows_its_token_in_the_listing_too() {
    let mut world = gated("SUPERSEDED");
    start(&mut world);
    wait(&mut world, 70);
    let token = token(&mut world);
    let listed = ask(&mut world, "ListActionExecutions", json!({ "pipelineName": "orders" }));
    assert_eq!(
        listed["actionExecutionDetails"][0]["output"]["executionResult"]["externalExecutionId"],
        json!(token)
    );
}

#[test]
fn pipelines_are_listed_by_name_in_pages() {
    let mut world = World::new(1);
    for name in ["b", "a", "c"] {
        let mut declared = declaration("SUPERSEDED", &[("Source", vec![source()]), ("Gate", vec![approval()])]);
        declared["name"] = json!(name);
        stage::pipeline(&mut world, &declared);
    }
    world.page_size = Some(2);
    let (found, pages) = all_pages(&mut world, "ListPipelines", "pipelines", json!({}));
    let names: Vec<&str> = found.iter().map(|summary| summary["name"].as_str().unwrap()).collect();
    assert_eq!((names, pages), (vec!["a", "b", "c"], 2));
}

#[test]
fn an_execution_shows_its_revisions_and_version() {
    let mut world = gated("SUPERSEDED");
    let execution = start(&mut world);
    wait(&mut world, 3);
    let input = json!({ "pipelineName": "orders", "pipelineExecutionId": execution });
    let reply = ask(&mut world, "GetPipelineExecution", input);
    let shown = &reply["pipelineExecution"];
    assert_eq!(
        (&shown["pipelineVersion"], &shown["artifactRevisions"][0]["name"]),
        (&json!(1), &json!("Code"))
    );
    assert_eq!(shown["artifactRevisions"][0]["created"], json!(world.now.seconds()));
    let input = json!({ "pipelineName": "orders", "pipelineExecutionId": "nope" });
    assert_eq!(
        refused(&mut world, "GetPipelineExecution", input).code,
        "PipelineExecutionNotFoundException"
    );
}

#[test]
fn tags_are_those_of_the_pipeline_that_the_arn_names() {
    let mut world = gated("QUEUED");
    let asked = |arn: &str| json!({ "resourceArn": arn });
    let arn = world.arn("codepipeline", "orders");
    assert_eq!(
        ask(&mut world, "ListTagsForResource", asked(&arn)),
        json!({ "tags": [] })
    );
    for (key, value) in [("team", "shop"), ("serin:policy", "orders"), ("a", "")] {
        stage::tag(&mut world, "orders", key, value);
    }
    world.page_size = Some(2);
    let (tags, pages) = all_pages(&mut world, "ListTagsForResource", "tags", asked(&arn));
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    assert_eq!(tags, [tag("a", ""), tag("serin:policy", "orders"), tag("team", "shop")]);
    assert_eq!(pages, 2);
    for (arn, code) in [
        (world.arn("codepipeline", "none"), "ResourceNotFoundException"),
        (arn.replace("eu-central-1", "eu-west-1"), "InvalidArnException"),
    ] {
        assert_eq!(
            refused(&mut world, "ListTagsForResource", asked(&arn)).code,
            code,
            "{arn}"
        );
    }
}

#[test]
fn a_pipeline_is_tagged_and_a_key_has_the_value_that_it_was_given_last() {
    let mut world = gated("QUEUED");
    let arn = world.arn("codepipeline", "orders");
    let tags = |tags: &[(&str, &str)]| -> Value {
        tags.iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect()
    };
    for given in [&[("team", "shop"), ("a", "1")][..], &[("a", "2")]] {
        let input = json!({ "resourceArn": arn, "tags": tags(given) });
        assert_eq!(ask(&mut world, "TagResource", input), json!({}));
    }
    let listed = ask(&mut world, "ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(listed["tags"], tags(&[("a", "2"), ("team", "shop")]));
    for (arn, code) in [
        (world.arn("codepipeline", "none"), "ResourceNotFoundException"),
        (arn.replace("eu-central-1", "eu-west-1"), "InvalidArnException"),
    ] {
        let input = json!({ "resourceArn": arn, "tags": tags(&[("a", "3")]) });
        assert_eq!(refused(&mut world, "TagResource", input).code, code, "{arn}");
    }
}
