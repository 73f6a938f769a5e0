use super::{REPO, Scene, stage};
use serde_json::{Value, json};

#[test]
fn registering_always_makes_a_new_revision() {
    let mut scene = Scene::new(0, json!({}));
    let input = json!({ "family": "same", "containerDefinitions": [{ "name": "app", "image": REPO }] });
    for revision in 1..=3 {
        let made = scene.get("RegisterTaskDefinition", input.clone())["taskDefinition"].clone();
        assert_eq!(made["revision"], revision);
        assert_eq!(made["status"], "ACTIVE");
    }
}

#[test]
fn a_description_must_be_stripped_before_it_is_registered_again() {
    let mut scene = Scene::new(0, json!({}));
    let extra = json!({ "taskRoleArn": "arn:aws:iam::111122223333:role/t",
        "containerDefinitions": [{ "name": "app", "environment": [{ "name": "A", "value": "b" }] }] });
    let arn = stage::task_definition(&mut scene.world, "env", &[("app", REPO)], extra);
    let told = scene.get("DescribeTaskDefinition", json!({ "taskDefinition": arn }))["taskDefinition"].clone();
    let mut input = told.clone();
    let members = input.as_object_mut().expect("an object");
    for added in [
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
    ] {
        assert!(members.remove(added).is_some(), "{added} is there");
    }
    let again = scene.get("RegisterTaskDefinition", input.clone())["taskDefinition"].clone();
    for (member, value) in input.as_object().into_iter().flatten() {
        assert_eq!(&again[member], value, "{member}");
    }
    assert_eq!(again["revision"], 2);
    assert_eq!(
        again["containerDefinitions"][0]["environment"],
        json!([{ "name": "A", "value": "b" }])
    );
}

#[test]
fn definitions_are_found_by_arn_revision_or_family() {
    let mut scene = Scene::new(0, json!({}));
    let (good, better, broken) = (scene.good.clone(), scene.better.clone(), scene.broken.clone());
    scene.get("DeregisterTaskDefinition", json!({ "taskDefinition": broken }));
    for (reference, found) in [
        (good.as_str(), Some(&good)),
        ("shop:1", Some(&good)),
        ("shop:3", Some(&broken)),
        ("shop", Some(&better)),
        ("shop:4", None),
        ("shop:0", None),
        ("shop:x", None),
        ("other", None),
        ("arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:1", None),
    ] {
        let reply = scene.ask("DescribeTaskDefinition", json!({ "taskDefinition": reference }));
        match found {
            Some(arn) => assert_eq!(
                reply.expect(reference)["taskDefinition"]["taskDefinitionArn"],
                json!(arn)
            ),
            None => {
                let refusal = reply.expect_err(reference);
                assert_eq!(
                    (refusal.code, refusal.message.as_str()),
                    ("ClientException", "Unable to describe task definition.")
                );
            }
        }
    }
}

#[test]
fn an_inactive_definition_cannot_be_given_to_a_service() {
    let mut scene = Scene::new(1, json!({}));
    let better = scene.better.clone();
    let reply = scene.get("DeregisterTaskDefinition", json!({ "taskDefinition": better }));
    assert_eq!(reply["taskDefinition"]["status"], "INACTIVE");
    let inactive = ("ClientException", "TaskDefinition is inactive".to_owned());
    let update = json!({ "cluster": "prod", "service": "web", "taskDefinition": better });
    assert_eq!(scene.refused("UpdateService", update.clone()), inactive);
    let create = json!({ "cluster": "prod", "serviceName": "two", "taskDefinition": "shop:2" });
    assert_eq!(scene.refused("CreateService", create), inactive);
    scene.world.ecs.inactive_grace_seconds = 600;
    scene.wait(599);
    scene.get("UpdateService", update.clone());
    scene.wait(1);
    assert_eq!(scene.refused("UpdateService", update), inactive);
}

#[test]
fn a_service_goes_on_with_a_definition_that_became_inactive() {
    let mut scene = Scene::new(1, json!({}));
    let good = scene.good.clone();
    scene.get("DeregisterTaskDefinition", json!({ "taskDefinition": good }));
    scene.update(json!({ "desiredCount": 2 }));
    scene.wait(120);
    assert_eq!(scene.digests().len(), 2);
    scene.update(json!({ "forceNewDeployment": true }));
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
}

#[test]
fn deregistering_needs_a_revision_that_exists() {
    let mut scene = Scene::new(0, json!({}));
    for (reference, code) in [("shop", "InvalidParameterException"), ("shop:9", "ClientException")] {
        assert_eq!(
            scene
                .refused("DeregisterTaskDefinition", json!({ "taskDefinition": reference }))
                .0,
            code
        );
    }
}

#[test]
fn tags_are_told_only_to_those_who_ask() {
    let mut scene = Scene::new(1, json!({ "tags": [{ "key": "team", "value": "shop" }] }));
    let arn = scene.service.clone();
    assert_eq!(scene.describe()["tags"], json!([]));
    let input = json!({ "cluster": "prod", "services": ["web"], "include": ["TAGS"] });
    let asked = scene.get("DescribeServices", input)["services"][0]["tags"].clone();
    assert_eq!(asked, json!([{ "key": "team", "value": "shop" }]));
    scene.get(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "a", "value": "b" }] }),
    );
    scene.get("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["team"] }));
    let listed = scene.get("ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(listed["tags"], json!([{ "key": "a", "value": "b" }]));
    assert_eq!(
        scene.world.ecs.tags_of(&arn).into_iter().collect::<Vec<_>>(),
        [("a".to_owned(), "b".to_owned())]
    );
    let unknown = json!({ "resourceArn": "arn:x", "tags": [] });
    assert_eq!(scene.refused("TagResource", unknown).0, "InvalidParameterException");
}

#[test]
fn a_container_needs_a_name_an_image_and_no_namesake() {
    let mut scene = Scene::new(0, json!({}));
    let app = json!({ "name": "app", "image": REPO });
    let cases: [Vec<Value>; 5] = [
        vec![],
        vec![json!({ "image": REPO })],
        vec![json!({ "name": "app" })],
        vec![app.clone(), app],
        vec![json!({ "name": "app", "image": REPO, "essential": false })],
    ];
    for containers in cases {
        let input = json!({ "family": "f", "containerDefinitions": containers });
        assert_eq!(
            scene.refused("RegisterTaskDefinition", input).0,
            "ClientException",
            "{containers:?}"
        );
    }
    assert_eq!(
        scene
            .refused("DescribeTaskDefinition", json!({ "taskDefinition": "f" }))
            .0,
        "ClientException"
    );
}

#[test]
fn definitions_are_listed_by_family_and_status() {
    let mut scene = Scene::new(0, json!({}));
    let broken = scene.broken.clone();
    stage::task_definition(&mut scene.world, "shopping", &[("app", REPO)], json!({}));
    scene.get("DeregisterTaskDefinition", json!({ "taskDefinition": broken }));
    let list = |scene: &mut Scene, input: Value| -> Vec<String> {
        let reply = scene.get("ListTaskDefinitions", input);
        let arns = reply["taskDefinitionArns"].as_array().cloned().unwrap_or_default();
        arns.iter()
            .filter_map(|arn| Some(arn.as_str()?.rsplit('/').next()?.to_owned()))
            .collect()
    };
    assert_eq!(
        list(&mut scene, json!({ "familyPrefix": "shop" })),
        ["shop:1", "shop:2"]
    );
    assert_eq!(
        list(&mut scene, json!({ "familyPrefix": "shop", "sort": "DESC" })),
        ["shop:2", "shop:1"]
    );
    assert_eq!(list(&mut scene, json!({ "status": "INACTIVE" })), ["shop:3"]);
    assert_eq!(list(&mut scene, json!({})), ["shop:1", "shop:2", "shopping:1"]);
}

#[test]
fn a_definition_names_the_principal_that_registered_it() {
    let cases = [
        ("ann", "arn:aws:iam::111122223333:user/ann"),
        ("admins/bob", "arn:aws:sts::111122223333:assumed-role/admins/bob"),
        ("advance#7", "arn:aws:iam::111122223333:user/advance7"),
        (
            "codepipeline:orders/Canary/Deploy",
            "arn:aws:iam::111122223333:user/codepipelineordersCanaryDeploy",
        ),
    ];
    for (caller, principal) in cases {
        let mut scene = Scene::new(0, json!({}));
        let input = json!({ "family": "mine", "containerDefinitions": [{ "name": "app", "image": REPO }] });
        let made = scene
            .world
            .call(caller, "ecs", "RegisterTaskDefinition", input)
            .unwrap();
        assert_eq!(made["taskDefinition"]["registeredBy"], principal, "{caller}");
    }
}
