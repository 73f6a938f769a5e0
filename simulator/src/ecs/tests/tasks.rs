use super::super::Ran;
use super::{BETTER, GOOD, REPO, Scene, stage};
use crate::time::At;
use crate::world::Delivery;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn list(scene: &mut Scene, extra: Value) -> Vec<Value> {
    let mut input = json!({ "cluster": "prod" });
    for (key, value) in extra.as_object().into_iter().flatten() {
        input[key.as_str()] = value.clone();
    }
    scene.get("ListTasks", input)["taskArns"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn describe(scene: &mut Scene, task: &Value) -> Value {
    scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": [task] }))["tasks"][0].clone()
}

#[test]
fn a_task_goes_through_its_states_in_order() {
    let mut scene = Scene::new(1, json!({}));
    let (better, good) = (scene.better.clone(), scene.good.clone());
    scene.deploy(&better);
    scene.wait(300);
    scene.deploy(&good);
    scene.wait(300);
    let mut states: BTreeMap<String, Vec<(String, String, u64)>> = BTreeMap::new();
    for delivery in &scene.world.outbox {
        let Delivery::Event(event) = delivery else { continue };
        if event["detail-type"] == "ECS Task State Change" && event["detail"]["taskDefinitionArn"] == json!(better) {
            let text = |member: &str| event["detail"][member].as_str().unwrap_or_default().to_owned();
            assert_eq!(event["resources"], json!([text("taskArn")]));
            let version = event["detail"]["version"].as_u64().unwrap_or_default();
            states
                .entry(text("taskArn"))
                .or_default()
                .push((text("lastStatus"), text("desiredStatus"), version));
        }
    }
    let states: Vec<_> = states.into_values().collect();
    let expected = [
        ("PROVISIONING", "RUNNING"),
        ("PENDING", "RUNNING"),
        ("RUNNING", "RUNNING"),
        ("STOPPING", "STOPPED"),
        ("DEPROVISIONING", "STOPPED"),
        ("STOPPED", "STOPPED"),
    ];
    let expected = expected
        .iter()
        .zip(1..)
        .map(|((last, desired), n)| ((*last).to_owned(), (*desired).to_owned(), n));
    assert_eq!(states, [expected.collect::<Vec<_>>()]);
}

#[test]
fn a_task_runs_twenty_to_forty_seconds_after_it_was_made() {
    let mut scene = Scene::new(50, json!({}));
    scene.update(json!({ "forceNewDeployment": true }));
    scene.wait(60);
    let mut seen = Vec::new();
    for task in scene
        .world
        .ecs
        .tasks
        .values()
        .filter(|task| task.created_at > At::START)
    {
        let started = task.started_at.expect("it runs");
        let took = (started - task.created_at).as_secs();
        assert!((20..=40).contains(&took), "{took} s");
        seen.push(took);
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 5, "not always the same: {seen:?}");
}

#[test]
fn a_stop_takes_no_longer_than_the_stop_timeout() {
    let mut scene = Scene::new(0, json!({}));
    let extra = json!({ "containerDefinitions": [{ "name": "app", "stopTimeout": 100 }] });
    let slow = stage::task_definition(&mut scene.world, "slow", &[("app", &format!("{REPO}:v1"))], extra);
    for (name, definition, limit, more_than) in [("slow", slow, 100, 40), ("quick", scene.good.clone(), 30, 10)] {
        stage::service(&mut scene.world, "prod", name, &definition, 30, json!({}));
        scene.get(
            "UpdateService",
            json!({ "cluster": "prod", "service": name, "desiredCount": 0 }),
        );
        scene.wait(150);
        let tasks = scene
            .world
            .ecs
            .tasks
            .values()
            .filter(|task| task.definition == definition);
        let took: Vec<u64> = tasks
            .map(|task| (task.execution_stopped_at.expect("ended") - task.stopping_at.expect("stopped")).as_secs())
            .collect();
        assert_eq!(took.len(), 30);
        assert!(took.iter().all(|seconds| *seconds <= limit), "{name}: {took:?}");
        assert!(took.iter().any(|seconds| *seconds > more_than), "{name}: {took:?}");
    }
}

#[test]
fn a_running_task_tells_where_it_belongs() {
    let mut scene = Scene::new(1, json!({}));
    let service = scene.describe();
    let task = list(&mut scene, json!({}))[0].clone();
    let told = describe(&mut scene, &task);
    assert_eq!(told["group"], "service:web");
    assert_eq!(told["startedBy"], service["deployments"][0]["id"]);
    assert_eq!(told["lastStatus"], "RUNNING");
    assert_eq!(told["containers"][0]["imageDigest"], GOOD);
    assert_eq!(told["containers"][0]["image"], json!(format!("{REPO}:v1")));
    assert!(told["containers"][0].get("exitCode").is_none());
    assert!(told.get("stoppedAt").is_none());
}

#[test]
fn a_stopped_task_is_replaced() {
    let mut scene = Scene::new(2, json!({}));
    let before = list(&mut scene, json!({}));
    let input = json!({ "cluster": "prod", "task": before[0], "reason": "poisoned" });
    let reply = scene.get("StopTask", input)["task"].clone();
    assert_eq!(reply["desiredStatus"], "STOPPED");
    assert_eq!(reply["stoppedReason"], "poisoned");
    assert_eq!(reply["stopCode"], "UserInitiated");
    let after = list(&mut scene, json!({}));
    assert_eq!(after.len(), 2, "the replacement is there at once");
    assert!(!after.contains(&before[0]));
    scene.wait(120);
    assert_eq!(scene.digests(), [GOOD; 2]);
    assert_eq!(scene.describe()["deployments"][0]["failedTasks"], 0);
    assert_eq!(describe(&mut scene, &before[0])["lastStatus"], "STOPPED");
    assert_eq!(scene.sent("ECS Service Action"), ["SERVICE_STEADY_STATE: "]);
}

#[test]
fn stopping_an_unknown_task_is_refused_and_a_stopped_one_not() {
    let mut scene = Scene::new(1, json!({}));
    let refused = scene.refused("StopTask", json!({ "cluster": "prod", "task": "0123" }));
    assert_eq!(
        refused,
        (
            "InvalidParameterException",
            "The referenced task was not found.".to_owned()
        )
    );
    let task = list(&mut scene, json!({}))[0].clone();
    scene.get(
        "StopTask",
        json!({ "cluster": "prod", "task": task, "reason": "first" }),
    );
    let again = scene.get(
        "StopTask",
        json!({ "cluster": "prod", "task": task, "reason": "second" }),
    );
    assert_eq!(again["task"]["stoppedReason"], "first");
    assert_eq!(list(&mut scene, json!({})).len(), 1);
}

#[test]
fn stopped_tasks_are_listed_on_their_own_and_for_an_hour() {
    let mut scene = Scene::new(1, json!({}));
    let task = list(&mut scene, json!({}))[0].clone();
    scene.get("StopTask", json!({ "cluster": "prod", "task": task }));
    assert_eq!(
        list(&mut scene, json!({ "desiredStatus": "STOPPED" })),
        std::slice::from_ref(&task)
    );
    assert_eq!(
        list(&mut scene, json!({ "desiredStatus": "PENDING" })),
        Vec::<Value>::new()
    );
    scene.wait(3000);
    assert_eq!(
        list(&mut scene, json!({ "desiredStatus": "STOPPED" })),
        std::slice::from_ref(&task)
    );
    scene.wait(700);
    assert_eq!(
        list(&mut scene, json!({ "desiredStatus": "STOPPED" })),
        Vec::<Value>::new()
    );
    let reply = scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": [task] }));
    assert_eq!(reply["failures"], json!([{ "arn": task, "reason": "MISSING" }]));
}

#[test]
fn tasks_are_filtered_by_service_family_or_starter() {
    let mut scene = Scene::new(2, json!({}));
    let better = scene.better.clone();
    stage::service(&mut scene.world, "prod", "two", &better, 3, json!({}));
    let id = scene.describe()["deployments"][0]["id"].clone();
    for (filter, count) in [
        (json!({}), 5),
        (json!({ "serviceName": "web" }), 2),
        (json!({ "serviceName": "two" }), 3),
        (json!({ "family": "shop" }), 5),
        (json!({ "family": "sho" }), 0),
        (json!({ "startedBy": id }), 2),
        (json!({ "startedBy": "ecs-svc/0" }), 0),
        (json!({ "launchType": "EC2" }), 0),
        (json!({ "containerInstance": "i" }), 0),
    ] {
        assert_eq!(list(&mut scene, filter.clone()).len(), count, "{filter}");
    }
    for other in ["serviceName", "family", "desiredStatus"] {
        let mut input = json!({ "cluster": "prod", "startedBy": id });
        input[other] = json!("web");
        assert_eq!(
            scene.refused("ListTasks", input).0,
            "InvalidParameterException",
            "startedBy with {other}"
        );
    }
    let arn = scene.service.clone();
    for unknown in ["none", &arn] {
        let input = json!({ "cluster": "prod", "serviceName": unknown });
        assert_eq!(scene.refused("ListTasks", input).0, "ServiceNotFoundException");
    }
}

#[test]
fn tasks_are_paged_though_some_go_meanwhile() {
    let mut scene = Scene::new(5, json!({}));
    scene.world.page_size = Some(2);
    let first = scene.get("ListTasks", json!({ "cluster": "prod" }));
    let page = first["taskArns"].as_array().cloned().unwrap_or_default();
    assert_eq!(page.len(), 2);
    scene.get("StopTask", json!({ "cluster": "prod", "task": page[0] }));
    let second = scene.get(
        "ListTasks",
        json!({ "cluster": "prod", "nextToken": first["nextToken"] }),
    );
    let third = scene.get(
        "ListTasks",
        json!({ "cluster": "prod", "nextToken": second["nextToken"] }),
    );
    let rest: Vec<Value> = [second, third]
        .iter()
        .flat_map(|page| page["taskArns"].as_array().cloned().unwrap_or_default())
        .collect();
    assert_eq!(rest.len(), 4, "three that were there and the replacement");
    assert!(!rest.contains(&page[1]), "nobody twice");
}

#[test]
fn only_an_essential_container_takes_its_task_along() {
    let mut scene = Scene::new(0, json!({}));
    scene.world.ecs.push_image("sidecar:1", "sha256:side");
    let exits = super::Behaviour::ExitsAfter { seconds: 60 };
    scene.world.ecs.behaviour.insert("sha256:side".to_owned(), exits);
    let app = format!("{REPO}:v1");
    for (essential, started) in [(false, 1), (true, 2)] {
        let extra = json!({ "containerDefinitions": [{ "name": "side", "essential": essential }] });
        let name = format!("essential-{essential}");
        let definition =
            stage::task_definition(&mut scene.world, &name, &[("app", &app), ("side", "sidecar:1")], extra);
        let arn = stage::service(&mut scene.world, "prod", &name, &definition, 1, json!({}));
        scene.wait(110);
        let entries = scene
            .world
            .ecs
            .timeline()
            .iter()
            .filter(|entry| entry.service == arn && entry.ran == Ran::Started);
        assert_eq!(entries.count(), started, "{name}");
    }
}

#[test]
fn the_timeline_tells_what_ran_when() {
    let mut scene = Scene::new(1, json!({}));
    let (service, better) = (scene.service.clone(), scene.better.clone());
    scene.deploy(&better);
    scene.until_over();
    let entries: Vec<(&str, &str, Ran)> = scene
        .world
        .ecs
        .timeline()
        .iter()
        .map(|entry| (entry.service.as_str(), entry.images["app"].as_str(), entry.ran))
        .collect();
    assert_eq!(
        entries,
        [
            (&*service, GOOD, Ran::Started),
            (&*service, BETTER, Ran::Started),
            (&*service, GOOD, Ran::Stopped)
        ]
    );
    assert!(scene.world.ecs.timeline().is_sorted_by_key(|entry| entry.at));
    assert_eq!(
        scene.world.ecs.running("prod", "web"),
        [(better, BTreeMap::from([("app".to_owned(), BETTER.to_owned())]))]
    );
}
