//! Images that are ECR's: tags move, images are deleted, and a deployment keeps the digest it began with.

use super::{BETTER, GOOD, REPO, Scene, breaker};
use crate::ecr::stage as ecr;
use serde_json::{Value, json};

/// The scene, with its repository in ECR: `v1` and `v2` as everywhere, `live` at the good image.
fn scene(desired: i64, extra: Value) -> Scene {
    let mut scene = Scene::new(desired, extra);
    for (tag, digest) in [("v1", GOOD), ("v2", BETTER), ("live", GOOD)] {
        ecr::push(&mut scene.world, "shop", tag, digest);
    }
    scene
}

fn define(scene: &mut Scene, image: &str, consistency: Value) -> String {
    let mut container = json!({ "name": "app", "image": image, "essential": true });
    if !consistency.is_null() {
        container["versionConsistency"] = consistency;
    }
    let input = json!({
        "family": "live", "containerDefinitions": [container], "cpu": "256", "memory": "512", "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
    });
    let reply = scene.get("RegisterTaskDefinition", input);
    reply["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Why the last stopped task's container did not start.
fn reason(scene: &mut Scene) -> (String, String) {
    let input = json!({ "cluster": "prod", "serviceName": "web", "desiredStatus": "STOPPED" });
    let arns = scene.get("ListTasks", input)["taskArns"].clone();
    let tasks = scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": arns }))["tasks"].clone();
    let failed = tasks
        .as_array()
        .unwrap()
        .iter()
        .rfind(|task| task["stopCode"] == "TaskFailedToStart");
    let task = failed.expect("a task that failed to start");
    assert!(task["containers"][0].get("imageDigest").is_none(), "{task}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&task["stoppedReason"]), text(&task["containers"][0]["reason"]))
}

#[test]
fn an_image_of_ecr_is_what_ecr_says_it_is() {
    let cases = [
        ("v1", GOOD),
        ("live", GOOD),
        ("v2", BETTER),
        ("moved", BETTER),
        ("latest", BETTER),
    ];
    for (tag, digest) in cases {
        let mut scene = scene(1, json!({}));
        for tag in ["moved", "latest"] {
            ecr::push(&mut scene.world, "shop", tag, GOOD);
            ecr::push(&mut scene.world, "shop", tag, BETTER);
        }
        let named = if tag == "latest" {
            REPO.to_owned()
        } else {
            format!("{REPO}:{tag}")
        };
        let definition = define(&mut scene, &named, Value::Null);
        scene.deploy(&definition);
        scene.until_over();
        assert_eq!(scene.digests(), [digest], "{tag}");
    }
}

#[test]
fn an_image_that_ecr_does_not_have_cannot_be_started() {
    // The registry of our own has v1, v2 and v3; ECR is asked, and has no v3 and no v1 any more.
    let cases = [
        format!("{REPO}:v3"),
        format!("{REPO}:v1"),
        format!("{REPO}@{GOOD}"),
        format!("{REPO}:v2@{GOOD}"),
        format!("{REPO}:nope"),
        REPO.to_owned(),
    ];
    for image in cases {
        let mut scene = scene(1, breaker(false));
        ecr::delete(&mut scene.world, "shop", GOOD);
        let definition = define(&mut scene, &image, Value::Null);
        scene.deploy(&definition);
        scene.until_over();
        assert_eq!(scene.deployment()["status"], "STOPPED", "{image}");
        let (stopped, why) = reason(&mut scene);
        assert!(why.starts_with("CannotPullContainerError: "), "{image}: {why}");
        assert!(why.ends_with(&format!("{image}: not found")), "{image}: {why}");
        assert_eq!(stopped, why);
        assert_eq!(scene.digests(), [GOOD], "{image}: what runs goes on running");
    }
}

#[test]
fn a_deployment_keeps_the_digest_of_its_first_task_however_the_tag_moves() {
    for (consistency, later) in [
        (Value::Null, GOOD),
        (json!("enabled"), GOOD),
        (json!("disabled"), BETTER),
    ] {
        let mut scene = scene(1, json!({}));
        let live = define(&mut scene, &format!("{REPO}:live"), consistency.clone());
        scene.deploy(&live);
        scene.until_over();
        ecr::push(&mut scene.world, "shop", "live", BETTER);
        scene.update(json!({ "desiredCount": 3 }));
        scene.until("three tasks run", |scene| scene.digests().len() == 3);
        assert_eq!(scene.digests(), [GOOD, later, later], "{consistency}");
        scene.update(json!({ "forceNewDeployment": true }));
        scene.until_over();
        assert_eq!(
            scene.digests(),
            [BETTER; 3],
            "{consistency}: a new deployment looks again"
        );
    }
}

#[test]
fn a_kept_digest_must_still_be_there() {
    let mut scene = scene(1, json!({}));
    let live = define(&mut scene, &format!("{REPO}:live"), Value::Null);
    scene.deploy(&live);
    scene.until_over();
    ecr::push(&mut scene.world, "shop", "live", BETTER);
    ecr::delete(&mut scene.world, "shop", GOOD);
    scene.update(json!({ "desiredCount": 2 }));
    scene.wait(120);
    assert_eq!(scene.digests(), [GOOD], "the tag is there, the digest is not");
    let (_, why) = reason(&mut scene);
    let pinned = format!("{REPO}:live@{GOOD}");
    assert!(
        why.contains(&format!("failed to resolve ref {pinned}: {pinned}: not found")),
        "{why}"
    );
}

#[test]
fn a_rollback_needs_its_image_still_to_be_in_ecr() {
    for (kept, status) in [(true, "ROLLBACK_SUCCESSFUL"), (false, "ROLLBACK_FAILED")] {
        let mut scene = scene(1, breaker(true));
        let nope = define(&mut scene, &format!("{REPO}:nope"), Value::Null);
        scene.deploy(&nope);
        // The good image's tag moves on; its digest is deleted only where it is not kept.
        ecr::push(&mut scene.world, "shop", "v1", BETTER);
        if !kept {
            ecr::delete(&mut scene.world, "shop", GOOD);
            let running = scene.get("ListTasks", json!({ "cluster": "prod", "serviceName": "web" }));
            scene.get("StopTask", json!({ "cluster": "prod", "task": running["taskArns"][0] }));
        }
        scene.until_over();
        assert_eq!(scene.deployment()["status"], status, "kept: {kept}");
    }
}

#[test]
fn repositories_that_ecr_does_not_know_are_as_they_were() {
    let mut scene = Scene::new(1, json!({}));
    ecr::push(&mut scene.world, "another", "v2", GOOD);
    let better = scene.better.clone();
    scene.deploy(&better);
    scene.until_over();
    assert_eq!(scene.digests(), [BETTER]);
}
