//! Tags where permissions and people look for them.

use super::{GOOD, REPO, Scene};
use serde_json::{Value, json};

fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

fn tasks(scene: &mut Scene) -> Value {
    scene.get("ListTasks", json!({ "cluster": "prod", "serviceName": "web" }))["taskArns"].clone()
}

/// The tags of the service's first task, as `DescribeTasks`, `ListTagsForResource` and IAM see them.
fn of_task(scene: &mut Scene) -> Value {
    let arn = tasks(scene)[0].clone();
    let plain = scene.get("DescribeTasks", json!({ "cluster": "prod", "tasks": [arn] }));
    assert_eq!(plain["tasks"][0]["tags"], json!([]), "only who asks for tags is told");
    let input = json!({ "cluster": "prod", "tasks": [arn], "include": ["TAGS"] });
    let told = scene.get("DescribeTasks", input)["tasks"][0]["tags"].clone();
    assert_eq!(
        scene.get("ListTagsForResource", json!({ "resourceArn": arn }))["tags"],
        told
    );
    let seen = scene.world.ecs.tags_of(arn.as_str().unwrap());
    let seen: Vec<(&str, &str)> = seen.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(tags(&seen), told);
    told
}

#[test]
fn a_task_has_the_tags_that_are_propagated_to_it_and_no_others() {
    let managed = [("aws:ecs:clusterName", "prod"), ("aws:ecs:serviceName", "web")];
    let cases = [
        (json!({}), tags(&[])),
        (json!({ "propagateTags": "NONE" }), tags(&[])),
        (
            json!({ "propagateTags": "SERVICE" }),
            tags(&[("serin:policy", "orders")]),
        ),
        (
            json!({ "propagateTags": "TASK_DEFINITION" }),
            tags(&[("built", "today")]),
        ),
        (json!({ "enableECSManagedTags": true }), tags(&managed)),
        (
            json!({ "propagateTags": "SERVICE", "enableECSManagedTags": true }),
            tags(&[managed[0], managed[1], ("serin:policy", "orders")]),
        ),
    ];
    for (extra, wanted) in cases {
        let mut service = json!({ "tags": tags(&[("serin:policy", "orders")]) });
        for (key, value) in extra.as_object().unwrap() {
            service[key] = value.clone();
        }
        let mut scene = Scene::new(0, service);
        let good = scene.good.clone();
        scene.get(
            "TagResource",
            json!({ "resourceArn": good, "tags": tags(&[("built", "today")]) }),
        );
        scene.update(json!({ "desiredCount": 1 }));
        scene.until("a task runs", |scene| scene.digests() == [GOOD]);
        assert_eq!(of_task(&mut scene), wanted, "{extra}");
    }
}

#[test]
fn a_task_keeps_the_tags_it_was_born_with_and_loses_them_when_it_is_gone() {
    let mut scene = Scene::new(1, json!({ "tags": tags(&[("a", "1")]), "propagateTags": "SERVICE" }));
    let (service, task) = (scene.service.clone(), tasks(&mut scene)[0].clone());
    scene.get(
        "TagResource",
        json!({ "resourceArn": service, "tags": tags(&[("a", "2")]) }),
    );
    assert_eq!(of_task(&mut scene), tags(&[("a", "1")]));
    scene.get("StopTask", json!({ "cluster": "prod", "task": task }));
    scene.wait(300);
    assert_eq!(of_task(&mut scene), tags(&[("a", "2")]), "its successor");
    let gone = scene.get(
        "DescribeTasks",
        json!({ "cluster": "prod", "tasks": [task], "include": ["TAGS"] }),
    );
    assert_eq!(
        (&gone["tasks"][0]["lastStatus"], &gone["tasks"][0]["tags"]),
        (&json!("STOPPED"), &json!([]))
    );
}

#[test]
fn clusters_services_and_definitions_are_tagged_alike() {
    let mut scene = Scene::new(0, json!({}));
    let cluster = scene.get("DescribeClusters", json!({ "clusters": ["prod"] }))["clusters"][0]["clusterArn"].clone();
    let definition = json!(scene.good);
    for arn in [cluster, json!(scene.service), definition] {
        scene.get(
            "TagResource",
            json!({ "resourceArn": arn, "tags": tags(&[("a", "1"), ("b", "2")]) }),
        );
        scene.get(
            "TagResource",
            json!({ "resourceArn": arn, "tags": tags(&[("b", "3")]) }),
        );
        scene.get(
            "UntagResource",
            json!({ "resourceArn": arn, "tagKeys": ["a", "never"] }),
        );
        let listed = scene.get("ListTagsForResource", json!({ "resourceArn": arn }));
        assert_eq!(listed["tags"], tags(&[("b", "3")]), "{arn}");
    }
    let born = json!({
        "family": "tagged", "tags": tags(&[("a", "1")]),
        "containerDefinitions": [{ "name": "app", "image": REPO, "essential": true }],
    });
    let arn = scene.get("RegisterTaskDefinition", born)["taskDefinition"]["taskDefinitionArn"].clone();
    let listed = scene.get("ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(listed["tags"], tags(&[("a", "1")]));
}
