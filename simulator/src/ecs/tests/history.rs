use super::super::state::Stage;
use super::{GOOD, Scene, breaker};
use crate::time::At;
use serde_json::{Value, json};

fn stop(scene: &mut Scene, arn: &Value) -> Value {
    scene.get(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" }),
    )
}

/// A deployment brought into some state.
fn deployment_in(state: &str) -> (Scene, Value) {
    let mut scene = Scene::new(2, breaker(true));
    let definition = match state {
        "ROLLBACK_SUCCESSFUL" | "ROLLBACK_IN_PROGRESS" => scene.broken.clone(),
        _ => scene.better.clone(),
    };
    scene.deploy(&definition);
    let arn = scene.deployment()["serviceDeploymentArn"].clone();
    match state {
        "ROLLBACK_REQUESTED" => {
            stop(&mut scene, &arn);
        }
        "STOP_REQUESTED" | "STOPPED" => {
            scene.update(json!({ "forceNewDeployment": true }));
        }
        _ => {}
    }
    scene.until(state, |scene| scene.deployment_by(&arn)["status"] == state);
    (scene, arn)
}

#[test]
fn a_deployment_can_be_stopped_while_it_is_under_way() {
    for state in ["PENDING", "IN_PROGRESS"] {
        let (mut scene, arn) = deployment_in(state);
        let source = scene.deployment_by(&arn)["sourceServiceRevisions"][0]["arn"].clone();
        assert_eq!(stop(&mut scene, &arn)["serviceDeploymentArn"], arn);
        assert_eq!(scene.deployment_by(&arn)["status"], "ROLLBACK_REQUESTED");
        scene.wait(4);
        let now = scene.deployment_by(&arn);
        assert_eq!(now["status"], "ROLLBACK_IN_PROGRESS");
        assert_eq!(now["rollback"]["serviceRevisionArn"], source);
        scene.until_over();
        assert_eq!(
            scene.deployment_by(&arn)["status"],
            "ROLLBACK_SUCCESSFUL",
            "from {state}"
        );
        assert_eq!(scene.digests(), [GOOD; 2]);
        let good = scene.good.clone();
        assert_eq!(scene.describe()["taskDefinition"], json!(good));
        assert_eq!(scene.briefs().len(), 2, "no service deployment of its own");
        let failed = scene.sent("ECS Deployment State Change");
        assert!(
            !failed
                .iter()
                .any(|event| event.starts_with("SERVICE_DEPLOYMENT_FAILED")),
            "{failed:?}"
        );
    }
}

#[test]
fn stopping_what_is_being_stopped_changes_nothing() {
    for state in ["STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"] {
        let (mut scene, arn) = deployment_in(state);
        let before = scene.deployment_by(&arn);
        let due = scene.world.next_due();
        assert_eq!(stop(&mut scene, &arn)["serviceDeploymentArn"], arn, "{state}");
        assert_eq!(scene.deployment_by(&arn), before, "{state}");
        assert_eq!(scene.world.next_due(), due, "{state}");
    }
}

#[test]
fn stopping_what_is_over_is_a_conflict() {
    for state in ["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL"] {
        let (mut scene, arn) = deployment_in(state);
        let refusal = scene
            .ask("StopServiceDeployment", json!({ "serviceDeploymentArn": arn }))
            .expect_err("a deployment that is over cannot be stopped");
        assert_eq!(refusal.code, "ConflictException", "{state}");
        assert_eq!(refusal.fields["resourceIds"], json!([arn]), "{state}");
    }
}

#[test]
fn stopping_refuses_what_it_does_not_know() {
    let (mut scene, arn) = deployment_in("IN_PROGRESS");
    let unknown = json!({ "serviceDeploymentArn": format!("{}x", arn.as_str().unwrap_or_default()) });
    assert_eq!(
        scene.refused("StopServiceDeployment", unknown).0,
        "ServiceDeploymentNotFoundException"
    );
    let abort = json!({ "serviceDeploymentArn": arn, "stopType": "ABORT" });
    assert_eq!(
        scene.refused("StopServiceDeployment", abort).0,
        "UnsupportedFeatureException"
    );
    assert_eq!(scene.deployment_by(&arn)["status"], "IN_PROGRESS");
}

#[test]
fn a_stopped_deployment_cannot_complete_any_more() {
    let (mut scene, arn) = deployment_in("IN_PROGRESS");
    // Stopped at the last moment: everything new runs, the last old task will be gone in a millisecond.
    scene.until("the last old task is leaving", |scene| {
        let ecs = &scene.world.ecs;
        let live: Vec<_> = ecs.services[0].live.iter().map(|id| ecs.tasks[id].stage).collect();
        live.len() == 3 && live.contains(&Stage::Deprovisioning)
    });
    let gone_at = scene.world.next_due().expect("it will be gone");
    scene.world.advance_to(At(gone_at.0 - 1));
    assert_eq!(scene.deployment_by(&arn)["status"], "IN_PROGRESS");
    stop(&mut scene, &arn);
    scene.until_over();
    assert_eq!(scene.deployment_by(&arn)["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.digests(), [GOOD; 2]);
}

#[test]
fn service_deployments_are_listed_newest_first_and_by_page() {
    let mut scene = Scene::new(1, json!({}));
    for _ in 0..4 {
        scene.wait(200);
        scene.update(json!({ "forceNewDeployment": true }));
    }
    let all: Vec<Value> = scene
        .briefs()
        .iter()
        .map(|b| b["serviceDeploymentArn"].clone())
        .collect();
    let times: Vec<f64> = scene.briefs().iter().filter_map(|b| b["createdAt"].as_f64()).collect();
    assert_eq!(all.len(), 5);
    assert!(times.is_sorted_by(|newer, older| newer > older));
    scene.world.page_size = Some(2);
    let (mut paged, mut token, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        let mut input = json!({ "cluster": "prod", "service": "web" });
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let reply = scene.get("ListServiceDeployments", input);
        pages += 1;
        let page = reply["serviceDeployments"].as_array().cloned().unwrap_or_default();
        assert!(page.len() <= 2);
        paged.extend(page.into_iter().map(|brief| brief["serviceDeploymentArn"].clone()));
        token = reply["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!((paged, pages), (all, 3));
}

#[test]
fn service_deployments_are_filtered_by_status_and_time() {
    let mut scene = Scene::new(1, json!({}));
    let start = scene.world.now.seconds();
    scene.wait(100);
    let better = scene.better.clone();
    scene.deploy(&better);
    for (filter, count) in [
        (json!({}), 2),
        (json!({ "status": ["SUCCESSFUL"] }), 1),
        (json!({ "status": ["PENDING", "SUCCESSFUL"] }), 2),
        (json!({ "status": ["STOPPED"] }), 0),
        (json!({ "createdAt": { "after": start } }), 1),
        (json!({ "createdAt": { "after": start - 1.0 } }), 2),
        (json!({ "createdAt": { "before": start + 1.0 } }), 1),
        (
            json!({ "createdAt": { "before": start + 1.0 }, "status": ["PENDING"] }),
            0,
        ),
    ] {
        let mut input = json!({ "cluster": "prod", "service": "web" });
        for (key, value) in filter.as_object().into_iter().flatten() {
            input[key.as_str()] = value.clone();
        }
        let found = scene.get("ListServiceDeployments", input)["serviceDeployments"]
            .as_array()
            .map(Vec::len);
        assert_eq!(found, Some(count), "{filter}");
    }
}

#[test]
fn unknown_deployments_and_revisions_are_failures_not_errors() {
    let mut scene = Scene::new(1, json!({}));
    let reply = scene.get(
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": ["arn:x"] }),
    );
    assert_eq!(
        reply,
        json!({ "serviceDeployments": [], "failures": [{ "arn": "arn:x", "reason": "MISSING" }] })
    );
    let reply = scene.get("DescribeServiceRevisions", json!({ "serviceRevisionArns": ["arn:x"] }));
    assert_eq!(
        reply,
        json!({ "serviceRevisions": [], "failures": [{ "arn": "arn:x", "reason": "MISSING" }] })
    );
    let many: Vec<String> = (0..21).map(|n| format!("arn:{n}")).collect();
    let refused = scene.refused("DescribeServiceRevisions", json!({ "serviceRevisionArns": many }));
    assert_eq!(refused.0, "InvalidParameterException");
    let none = json!({ "cluster": "prod", "service": "none" });
    assert_eq!(
        scene.refused("ListServiceDeployments", none).0,
        "ServiceNotFoundException"
    );
}
