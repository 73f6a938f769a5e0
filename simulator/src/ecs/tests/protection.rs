//! Scale-in protection: what it holds back, and what it does not.

use super::{BETTER, GOOD, Scene};
use serde_json::{Value, json};

fn tasks(scene: &mut Scene) -> Vec<Value> {
    let reply = scene.get("ListTasks", json!({ "cluster": "prod", "serviceName": "web" }));
    reply["taskArns"].as_array().cloned().unwrap_or_default()
}

fn protect(scene: &mut Scene, tasks: &[Value], extra: Value) -> Value {
    let mut input = json!({ "cluster": "prod", "tasks": tasks, "protectionEnabled": true });
    for (key, value) in extra.as_object().into_iter().flatten() {
        input[key.as_str()] = value.clone();
    }
    scene.get("UpdateTaskProtection", input)
}

fn protection(scene: &mut Scene, tasks: &[Value]) -> Value {
    scene.get("GetTaskProtection", json!({ "cluster": "prod", "tasks": tasks }))
}

#[test]
fn protection_lasts_two_hours_or_as_long_as_is_said() {
    for (extra, minutes) in [
        (json!({}), 120),
        (json!({ "expiresInMinutes": 1 }), 1),
        (json!({ "expiresInMinutes": 2880 }), 2880),
    ] {
        let mut scene = Scene::new(1, json!({}));
        let task = tasks(&mut scene);
        let until = scene.world.now.plus_seconds(minutes * 60);
        let told = json!({
            "protectedTasks": [{ "taskArn": task[0], "protectionEnabled": true, "expirationDate": until.seconds() }],
            "failures": [],
        });
        assert_eq!(protect(&mut scene, &task, extra), told);
        scene.world.advance_to(until.plus_seconds(-1));
        assert_eq!(protection(&mut scene, &task), told);
        scene.world.advance_to(until);
        let over = json!([{ "taskArn": task[0], "protectionEnabled": false }]);
        assert_eq!(protection(&mut scene, &task)["protectedTasks"], over);
    }
}

#[test]
fn each_call_counts_anew_and_protection_can_be_given_up() {
    let mut scene = Scene::new(1, json!({}));
    let task = tasks(&mut scene);
    protect(&mut scene, &task, json!({ "expiresInMinutes": 2 }));
    scene.wait(90);
    protect(&mut scene, &task, json!({ "expiresInMinutes": 2 }));
    scene.wait(90);
    assert_eq!(
        protection(&mut scene, &task)["protectedTasks"][0]["protectionEnabled"],
        true
    );
    let reply = protect(&mut scene, &task, json!({ "protectionEnabled": false }));
    assert_eq!(
        reply["protectedTasks"],
        json!([{ "taskArn": task[0], "protectionEnabled": false }])
    );
}

#[test]
fn a_protected_task_holds_a_deployment_open_until_it_expires() {
    let mut scene = Scene::new(2, json!({}));
    let kept = tasks(&mut scene)[..1].to_vec();
    protect(&mut scene, &kept, json!({ "expiresInMinutes": 30 }));
    let until = scene.world.now.plus_seconds(30 * 60);
    let better = scene.better.clone();
    scene.deploy(&better);
    scene.world.advance_to(until.plus_seconds(-1));
    let mut digests = scene.digests();
    digests.sort();
    assert_eq!(
        digests,
        [GOOD, BETTER, BETTER],
        "all it may start, it has started; the other old one has gone"
    );
    assert_eq!(scene.deployment()["status"], "IN_PROGRESS");
    assert!(tasks(&mut scene).contains(&kept[0]));
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
    assert!(scene.world.now >= until);
    assert_eq!(scene.digests(), [BETTER; 2]);
}

#[test]
fn protected_tasks_take_room_below_the_maximum() {
    let tight = json!({ "deploymentConfiguration": { "minimumHealthyPercent": 0, "maximumPercent": 100 } });
    let mut scene = Scene::new(2, tight);
    let both = tasks(&mut scene);
    protect(&mut scene, &both, json!({ "expiresInMinutes": 10 }));
    let better = scene.better.clone();
    scene.deploy(&better);
    scene.wait(9 * 60);
    assert_eq!(scene.digests(), [GOOD; 2], "no room for a single new one");
    protect(&mut scene, &both[..1], json!({ "protectionEnabled": false }));
    scene.wait(50);
    assert!(
        !tasks(&mut scene).contains(&both[0]),
        "what is given up is replaced at once"
    );
    scene.until_over();
    assert_eq!(scene.digests(), [BETTER; 2]);
}

#[test]
fn scaling_in_chooses_others_and_waits_where_there_are_none() {
    let mut scene = Scene::new(3, json!({}));
    let all = tasks(&mut scene);
    protect(&mut scene, &all[..2], json!({ "expiresInMinutes": 60 }));
    scene.update(json!({ "desiredCount": 1 }));
    scene.wait(120);
    let mut left = tasks(&mut scene);
    let mut kept = all[..2].to_vec();
    left.sort_by_key(Value::to_string);
    kept.sort_by_key(Value::to_string);
    assert_eq!(left, kept);
    let events = scene.describe()["events"].clone();
    let said = "(service web) is unable to reach steady state because the number of protected tasks are more than the desired count.";
    let said = events
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["message"] == said)
        .count();
    assert_eq!(said, 1, "{events}");
    scene.wait(3600);
    assert_eq!(tasks(&mut scene).len(), 1);
}

#[test]
fn no_more_tasks_are_protected_than_are_wanted() {
    let mut scene = Scene::new(2, json!({}));
    let old = tasks(&mut scene);
    protect(&mut scene, &old, json!({}));
    let better = scene.better.clone();
    scene.deploy(&better);
    scene.wait(300);
    let new: Vec<Value> = tasks(&mut scene)
        .into_iter()
        .filter(|task| !old.contains(task))
        .collect();
    assert_eq!(new.len(), 2);
    let reply = protect(&mut scene, &new[..1], json!({}));
    assert_eq!(
        reply["failures"],
        json!([{ "arn": new[0], "reason": "DEPLOYMENT_BLOCKED" }])
    );
    assert_eq!(reply["protectedTasks"], json!([]));
    let again = protect(&mut scene, &old, json!({ "expiresInMinutes": 5 }));
    assert_eq!(again["failures"], json!([]), "those that are may go on");
}

#[test]
fn what_is_asked_by_name_is_done_all_the_same() {
    let mut scene = Scene::new(1, json!({}));
    let task = tasks(&mut scene);
    protect(&mut scene, &task, json!({}));
    scene.get("StopTask", json!({ "cluster": "prod", "task": task[0] }));
    scene.wait(60);
    assert!(!tasks(&mut scene).contains(&task[0]));
    scene.wait(120);
    let task = tasks(&mut scene);
    protect(&mut scene, &task, json!({}));
    scene.get(
        "DeleteService",
        json!({ "cluster": "prod", "service": "web", "force": true }),
    );
    scene.wait(60);
    let input = json!({ "cluster": "prod", "tasks": task });
    assert_eq!(scene.get("DescribeTasks", input)["tasks"][0]["lastStatus"], "STOPPED");
    assert_eq!(scene.world.next_due(), None, "no end of a protection is left over");
}

#[test]
fn what_cannot_be_protected_is_said_one_by_one_and_what_makes_no_sense_at_once() {
    let mut scene = Scene::new(1, json!({}));
    let task = tasks(&mut scene)[0].clone();
    let unknown = json!("arn:aws:ecs:eu-central-1:111122223333:task/prod/0123456789abcdef0123456789abcdef");
    let reply = protect(&mut scene, &[unknown.clone(), task.clone()], json!({}));
    assert_eq!(reply["failures"], json!([{ "arn": unknown, "reason": "MISSING" }]));
    assert_eq!(reply["protectedTasks"][0]["taskArn"], task);
    assert_eq!(
        protection(&mut scene, std::slice::from_ref(&unknown))["failures"],
        reply["failures"]
    );
    let of = |tasks: Value| json!({ "cluster": "prod", "tasks": tasks, "protectionEnabled": true });
    let mut cases = vec![
        ("UpdateTaskProtection", of(json!([])), "InvalidParameterException"),
        (
            "UpdateTaskProtection",
            of(json!(vec![task.clone(); 11])),
            "InvalidParameterException",
        ),
        (
            "GetTaskProtection",
            json!({ "cluster": "prod", "tasks": vec![task.clone(); 101] }),
            "InvalidParameterException",
        ),
        (
            "GetTaskProtection",
            json!({ "cluster": "none", "tasks": [task] }),
            "ClusterNotFoundException",
        ),
    ];
    for minutes in [0, 2881] {
        let mut input = of(json!([task]));
        input["expiresInMinutes"] = json!(minutes);
        cases.push(("UpdateTaskProtection", input, "InvalidParameterException"));
    }
    for (operation, input, code) in cases {
        assert_eq!(scene.refused(operation, input.clone()).0, code, "{operation} {input}");
    }
}
