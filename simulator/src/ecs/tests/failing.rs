use super::super::{Behaviour, Due};
use super::{BAD, BETTER, GOOD, REPO, Scene, breaker, stage};
use serde_json::{Value, json};

const THRESHOLD_EXCEEDED: &str = "Service deployment rolled back because the circuit breaker threshold was exceeded.";

#[test]
fn the_breaker_rolls_back_to_the_last_completed_deployment() {
    let mut scene = Scene::new(2, breaker(true));
    let (good, broken) = (scene.good.clone(), scene.broken.clone());
    let before = scene.describe()["deployments"][0]["id"].clone();
    let source = scene.deployment()["targetServiceRevision"]["arn"].clone();
    scene.deploy(&broken);
    scene.until("the rollback starts", |scene| {
        scene.deployment()["status"] == "ROLLBACK_IN_PROGRESS"
    });
    let service = scene.describe();
    assert_eq!(service["taskDefinition"], json!(good));
    let shown = service["deployments"].as_array().expect("a list").clone();
    assert_eq!(shown[0]["taskDefinition"], json!(good));
    assert_eq!(shown[0]["rolloutState"], "IN_PROGRESS");
    let to = before.as_str().unwrap_or_default();
    assert_eq!(
        shown[0]["rolloutStateReason"],
        json!(format!(
            "ECS deployment circuit breaker: rolling back to deploymentId {to}."
        ))
    );
    assert_ne!(shown[0]["id"], before, "a new deployment");
    assert_eq!(shown[1]["rolloutState"], "FAILED");
    assert_eq!(
        shown[1]["rolloutStateReason"],
        "ECS deployment circuit breaker: tasks failed to start."
    );
    assert_eq!(shown[1]["failedTasks"], 3);
    assert_eq!(shown[1]["taskDefinition"], json!(broken));
    scene.wait(30);
    assert_eq!(
        scene.describe()["deployments"][1]["rolloutState"],
        "FAILED",
        "shown though its tasks are gone"
    );
    scene.until_over();
    let deployment = scene.deployment();
    assert_eq!(deployment["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(deployment["statusReason"], THRESHOLD_EXCEEDED);
    assert_eq!(deployment["rollback"]["reason"], THRESHOLD_EXCEEDED);
    assert_eq!(deployment["rollback"]["serviceRevisionArn"], source);
    assert_eq!(
        deployment["deploymentCircuitBreaker"],
        json!({ "status": "TRIGGERED", "failureCount": 3, "threshold": 3 })
    );
    assert_eq!(scene.digests(), [GOOD; 2]);
    let reason =
        format!("SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment circuit breaker: rolling back to deploymentId {to}.");
    assert_eq!(
        scene.sent("ECS Deployment State Change"),
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment ID in progress.",
            "SERVICE_DEPLOYMENT_FAILED: ECS deployment circuit breaker: tasks failed to start.",
            &reason,
            "SERVICE_DEPLOYMENT_COMPLETED: ECS deployment ID completed.",
        ]
    );
}

#[test]
fn a_rollback_makes_no_new_revision_and_no_new_service_deployment() {
    let mut scene = Scene::new(1, breaker(true));
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.until_over();
    assert_eq!(scene.briefs().len(), 2);
    assert_eq!(scene.world.ecs.services[0].revisions.len(), 2);
    let first = scene.world.ecs.services[0].revisions[0].arn.clone();
    assert_eq!(scene.describe()["currentServiceRevisions"][0]["arn"], json!(first));
}

#[test]
fn without_rollback_a_tripped_breaker_leaves_the_deployment_failed() {
    let mut scene = Scene::new(2, breaker(false));
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.until_over();
    scene.wait(1000);
    let service = scene.describe();
    assert_eq!(service["deployments"][0]["status"], "PRIMARY");
    assert_eq!(service["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(service["deployments"][1]["rolloutState"], "COMPLETED");
    assert_eq!(service["taskDefinition"], json!(broken));
    assert_eq!(scene.deployment()["status"], "STOPPED");
    assert!(scene.deployment().get("rollback").is_none());
    assert_eq!(scene.digests(), [GOOD; 2]);
    assert_eq!(scene.world.next_due(), None, "nothing is tried again");
    let good = scene.good.clone();
    scene.deploy(&good);
    scene.until_over();
    assert_eq!(scene.describe()["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
}

#[test]
fn without_breaker_ecs_tries_for_ever_and_ever_more_slowly() {
    let mut scene = Scene::new(1, json!({}));
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.wait(3600);
    let wakes = scene
        .world
        .ecs
        .queue
        .values()
        .filter(|due| matches!(due, Due::Wake(_)))
        .count();
    assert!(wakes <= 1, "{wakes} wakes in the queue");
    let early = scene.describe()["deployments"][0]["failedTasks"]
        .as_i64()
        .unwrap_or_default();
    assert!((8..20).contains(&early), "{early} failures in the first hour");
    scene.wait(3600);
    let late = scene.describe()["deployments"][0]["failedTasks"]
        .as_i64()
        .unwrap_or_default()
        - early;
    assert!((3..early).contains(&late), "{late} in the second");
    assert_eq!(scene.deployment()["status"], "IN_PROGRESS");
    assert_eq!(scene.digests(), [GOOD]);
}

#[test]
fn a_first_deployment_has_nothing_to_go_back_to() {
    let mut scene = Scene::new(1, json!({}));
    let mut input = json!({ "cluster": "prod", "serviceName": "new", "taskDefinition": "shop:3", "desiredCount": 1 });
    input["deploymentConfiguration"] = breaker(true)["deploymentConfiguration"].clone();
    scene.get("CreateService", input);
    scene.wait(600);
    let list = scene.get("ListServiceDeployments", json!({ "cluster": "prod", "service": "new" }));
    assert_eq!(list["serviceDeployments"][0]["status"], "ROLLBACK_FAILED");
    assert_eq!(
        list["serviceDeployments"][0]["statusReason"],
        "No rollback candidate was found to run the rollback."
    );
}

#[test]
fn a_rollback_that_fails_too_is_a_failed_rollback() {
    let mut scene = Scene::new(1, breaker(true));
    let broken = scene.broken.clone();
    scene
        .world
        .ecs
        .behaviour
        .insert(GOOD.to_owned(), Behaviour::FailsToStart);
    scene.deploy(&broken);
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "ROLLBACK_FAILED");
    assert_eq!(scene.describe()["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(scene.digests(), [GOOD], "the task that ran all the while still does");
}

#[test]
fn a_missing_image_fails_the_task_and_then_the_deployment() {
    let mut scene = Scene::new(1, breaker(true));
    let none = stage::task_definition(&mut scene.world, "shop", &[("app", &format!("{REPO}:nope"))], json!({}));
    scene.deploy(&none);
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "ROLLBACK_SUCCESSFUL");
    let stopped = scene.get("ListTasks", json!({ "cluster": "prod", "desiredStatus": "STOPPED" }))["taskArns"].clone();
    let tasks = scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": stopped }))["tasks"].clone();
    let failed: Vec<&Value> = tasks
        .as_array()
        .expect("a list")
        .iter()
        .filter(|t| t["taskDefinitionArn"] == json!(none))
        .collect();
    assert_eq!(failed.len(), 3);
    for task in failed {
        assert_eq!(task["stopCode"], "TaskFailedToStart");
        assert!(
            task["stoppedReason"]
                .as_str()
                .unwrap_or_default()
                .starts_with("CannotPullContainerError: ")
        );
        assert!(
            task["containers"][0]["reason"]
                .as_str()
                .unwrap_or_default()
                .contains("shop:nope: not found")
        );
        assert!(task["containers"][0].get("imageDigest").is_none());
        assert!(task.get("startedAt").is_none());
    }
}

#[test]
fn a_rollback_needs_its_image_still_to_be_there() {
    let mut scene = Scene::new(1, breaker(true));
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.world.ecs.delete_image(REPO, GOOD);
    scene.world.ecs.push_image(&format!("{REPO}:v1"), BETTER);
    scene.until_over();
    assert_eq!(
        scene.deployment()["status"],
        "ROLLBACK_FAILED",
        "the recorded digest counts, not the tag"
    );
}

/// Deploys an image that exits so many seconds after it started, with the breaker, and waits for the end.
fn exits(seconds: i64, reset: bool) -> (Scene, String) {
    let mut config = breaker(true);
    config["deploymentConfiguration"]["deploymentCircuitBreaker"]["resetOnHealthyTask"] = json!(reset);
    let mut scene = Scene::new(1, config);
    scene
        .world
        .ecs
        .behaviour
        .insert(BAD.to_owned(), Behaviour::ExitsAfter { seconds });
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.until_over();
    let status = scene.deployment()["status"].as_str().unwrap_or_default().to_owned();
    (scene, status)
}

#[test]
fn tasks_that_exit_before_they_are_healthy_trip_the_breaker() {
    // A task without health check is healthy 40 s after it runs.
    for (seconds, status) in [
        (1, "ROLLBACK_SUCCESSFUL"),
        (39, "ROLLBACK_SUCCESSFUL"),
        (300, "SUCCESSFUL"),
    ] {
        for reset in [true, false] {
            assert_eq!(exits(seconds, reset).1, status, "after {seconds} s");
        }
    }
}

#[test]
fn tasks_that_exit_later_are_replaced_for_ever() {
    let (mut scene, _) = exits(300, false);
    scene.wait(1500);
    let stopped = scene.get("ListTasks", json!({ "cluster": "prod", "desiredStatus": "STOPPED" }))["taskArns"].clone();
    let tasks = scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": stopped }))["tasks"].clone();
    let exited = tasks
        .as_array()
        .expect("a list")
        .iter()
        .filter(|task| task["stopCode"] == "EssentialContainerExited");
    let codes: Vec<&Value> = exited.map(|task| &task["containers"][0]["exitCode"]).collect();
    assert!(codes.len() >= 4, "{codes:?}");
    assert!(codes.iter().all(|code| **code == json!(1)));
    let primary = scene.describe()["deployments"][0].clone();
    assert_eq!(primary["rolloutState"], "COMPLETED");
    assert_eq!(primary["failedTasks"], 0, "it was healthy before it exited");
}

#[test]
fn a_healthy_task_resets_the_count_unless_told_not_to() {
    // The image is mended after two failures; one healthy task later it breaks again.
    for (reset, failed) in [(true, 0), (false, 2)] {
        let mut config = breaker(true);
        config["deploymentConfiguration"]["deploymentCircuitBreaker"]["resetOnHealthyTask"] = json!(reset);
        config["deploymentConfiguration"]["maximumPercent"] = json!(150);
        let mut scene = Scene::new(2, config);
        let broken = scene.broken.clone();
        scene.deploy(&broken);
        scene.until("two failures", |scene| {
            scene.describe()["deployments"][0]["failedTasks"] == 2
        });
        scene.world.ecs.behaviour.clear();
        scene.until_over();
        assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
        assert_eq!(
            scene.describe()["deployments"][0]["failedTasks"],
            failed,
            "reset: {reset}"
        );
        assert_eq!(scene.deployment()["deploymentCircuitBreaker"]["failureCount"], failed);
        assert_eq!(
            scene.deployment()["deploymentCircuitBreaker"]["status"],
            "MONITORING_COMPLETE"
        );
    }
}

#[test]
fn ecs_undoes_the_next_deployments_and_then_no_more() {
    let mut scene = Scene::new(2, json!({}));
    let (service, better) = (scene.service.clone(), scene.better.clone());
    scene.world.ecs.rollback_next_deployment(&service, 2);
    for status in ["ROLLBACK_SUCCESSFUL", "ROLLBACK_SUCCESSFUL", "SUCCESSFUL"] {
        let start = scene.world.now;
        scene.deploy(&better);
        if status != "SUCCESSFUL" {
            scene.until("the alarm fires", |scene| {
                scene.deployment()["status"] == "ROLLBACK_IN_PROGRESS"
            });
            assert_eq!((scene.world.now - start).as_secs(), 40);
        }
        scene.until_over();
        let deployment = scene.deployment();
        assert_eq!(deployment["status"], status);
        if status != "SUCCESSFUL" {
            assert_eq!(scene.digests(), [GOOD; 2]);
            assert_eq!(deployment["alarms"]["status"], "TRIGGERED");
            assert_eq!(
                deployment["alarms"]["triggeredAlarmNames"],
                json!(["web-deployment-alarm"])
            );
            let reason = deployment["rollback"]["reason"].as_str().unwrap_or_default();
            assert!(reason.contains("deployment alarm web-deployment-alarm"), "{reason}");
        }
    }
    assert_eq!(scene.digests(), [BETTER; 2]);
    let failed = scene.sent("ECS Deployment State Change");
    let failed = failed
        .iter()
        .filter(|event| event.starts_with("SERVICE_DEPLOYMENT_FAILED"));
    assert_eq!(
        failed.collect::<Vec<_>>(),
        ["SERVICE_DEPLOYMENT_FAILED: ECS deployment failed: alarm detected."; 2]
    );
}

#[test]
fn an_update_ends_a_rollback_under_way() {
    let mut scene = Scene::new(1, breaker(true));
    let (broken, better) = (scene.broken.clone(), scene.better.clone());
    scene.deploy(&broken);
    scene.until("the rollback starts", |scene| {
        scene.deployment()["status"] == "ROLLBACK_IN_PROGRESS"
    });
    let rolled_back = scene.deployment()["serviceDeploymentArn"].clone();
    scene.deploy(&better);
    assert_eq!(scene.deployment_by(&rolled_back)["status"], "STOP_REQUESTED");
    scene.until_over();
    assert_eq!(scene.deployment_by(&rolled_back)["status"], "STOPPED");
    assert_eq!(scene.digests(), [BETTER]);
}

#[test]
fn what_is_being_rolled_back_to_cannot_be_rolled_back_to_again() {
    let mut scene = Scene::new(1, breaker(true));
    let broken = scene.broken.clone();
    scene.deploy(&broken);
    scene.until("the rollback starts", |scene| {
        scene.deployment()["status"] == "ROLLBACK_IN_PROGRESS"
    });
    scene.deploy(&broken);
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "ROLLBACK_FAILED");
    let good = scene.good.clone();
    scene.deploy(&good);
    scene.until_over();
    scene.deploy(&broken);
    scene.until_over();
    assert_eq!(
        scene.deployment()["status"],
        "ROLLBACK_SUCCESSFUL",
        "possible again once something completed"
    );
}

#[test]
fn an_alarm_is_not_watched_for_a_deployment_that_was_replaced() {
    let mut scene = Scene::new(1, json!({}));
    let (service, better, good) = (scene.service.clone(), scene.better.clone(), scene.good.clone());
    scene.world.ecs.rollback_next_deployment(&service, 1);
    let alarms = |scene: &Scene| {
        scene
            .world
            .ecs
            .queue
            .values()
            .filter(|due| matches!(due, Due::Alarm { .. }))
            .count()
    };
    scene.deploy(&better);
    assert_eq!(alarms(&scene), 1);
    scene.deploy(&good);
    assert_eq!(alarms(&scene), 0);
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
}
