//! The helpers other tests and stories build on.

use super::*;
use stage::{Gate, Options};

fn names(world: &mut World) -> Vec<(String, Vec<String>)> {
    let reply = ask(world, "GetPipeline", json!({ "name": "orders" }));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let stages = reply["pipeline"]["stages"].as_array().unwrap().iter();
    stages
        .map(|stage| {
            let actions = stage["actions"].as_array().unwrap().iter();
            let actions = actions.map(|a| format!("{}:{}", text(&a["name"]), text(&a["actionTypeId"]["provider"])));
            (text(&stage["name"]), actions.collect())
        })
        .collect()
}

#[test]
fn a_queue_worker_pipeline_has_the_stages_and_actions_its_options_name() {
    let mut world = World::new(1);
    stage::queue_worker_pipeline(&mut world, "orders", "prod", "canary", "stable", &Options::default());
    let shown: Vec<String> = names(&mut world).into_iter().flat_map(|(_, actions)| actions).collect();
    let expected = [
        "Source:CodeCommit",
        "Build:CodeBuild",
        "CanaryDeploy:ECS",
        "ManualApproval:Manual",
        "Deploy:ECS",
    ];
    assert_eq!(shown, expected);

    let mut world = World::new(1);
    let options = Options {
        stages: ["S", "B", "C", "G", "P"].map(str::to_owned),
        queued: true,
        gate: Gate::Function("approve".to_owned()),
        before_canary: Some("open".to_owned()),
        promote: Some("promote".to_owned()),
        ..Options::default()
    };
    stage::queue_worker_pipeline(&mut world, "orders", "prod", "canary", "stable", &options);
    let canary = names(&mut world).remove(2);
    assert_eq!(
        canary,
        ("C".to_owned(), vec!["Open:Lambda".to_owned(), "C:ECS".to_owned()])
    );
    let execution = stage::release(&mut world, "orders", &[("app", "repo:2")]);
    wait(&mut world, 70);
    let jobs = invoked(&world);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].0, "open");
    let parameters = &jobs[0].1["data"]["actionConfiguration"]["configuration"]["UserParameters"];
    assert_eq!(*parameters, json!(format!(r#"{{"execution":"{execution}"}}"#)));
}

#[test]
fn approving_needs_an_approval_and_leaves_the_callers_name_as_it_was() {
    let mut world = gated("SUPERSEDED");
    assert_eq!(
        stage::approve(&mut world, "orders", "ann").unwrap_err().code,
        "ActionNotFoundException"
    );
    start(&mut world);
    wait(&mut world, 70);
    stage::reject(&mut world, "orders", "ann", "too slow").unwrap();
    assert_eq!(world.codepipeline.caller_arn, None);
    let state = action_state(&mut world, "Gate", "Approve");
    assert_eq!(state["lastUpdatedBy"], "arn:aws:iam::111122223333:user/ann");
    assert_eq!(state["summary"], "too slow");
}

#[test]
fn staged_files_reach_one_execution_or_all_later_ones() {
    let options = Options::default();
    let mut world = World::new(1);
    stage::queue_worker_pipeline(&mut world, "orders", "prod", "canary", "stable", &options);
    let failed_with = |world: &mut World| {
        wait(world, 70);
        let error = action_state(world, "CanaryDeploy", "CanaryDeploy")["errorDetails"]["message"].clone();
        error.as_str().unwrap().split(" in the ").next().unwrap().to_owned()
    };
    let missing = "Did not find the image definition file imagedefinitions.json";
    let invalid = "The image definition file imagedefinitions.json contents invalid JSON format";
    let first = start(&mut world);
    stage::artifact_text(&mut world, "orders", Some(&first), "BuildArtifact", Some("nonsense"));
    assert_eq!(failed_with(&mut world), invalid);
    start(&mut world);
    assert_eq!(failed_with(&mut world), missing);
    stage::artifact_text(&mut world, "orders", None, "BuildArtifact", Some("nonsense"));
    start(&mut world);
    assert_eq!(failed_with(&mut world), invalid);
    stage::image_definitions(&mut world, "orders", None, "BuildArtifact", &[("app", "repo:3")]);
    start(&mut world);
    assert_ne!(failed_with(&mut world), invalid);
}
