use super::super::plan::{Census, Plan, plan};
use super::super::state::{Breaker, Config, Threshold};
use super::{BETTER, GOOD, REPO, Scene, stage};
use crate::time::At;
use serde_json::{Value, json};

#[test]
fn a_staged_service_is_steady_and_silent() {
    let mut scene = Scene::new(3, json!({}));
    let service = scene.describe();
    assert_eq!(service["runningCount"], 3);
    assert_eq!(service["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
    assert_eq!(scene.deployment()["sourceServiceRevisions"], json!([]));
    assert_eq!(scene.world.now, At::START);
    assert!(scene.world.outbox.is_empty());
    assert_eq!(scene.world.next_due(), None);
    scene.wait(86_400);
    assert_eq!(scene.digests(), [GOOD; 3]);
    assert!(scene.world.outbox.is_empty());
}

#[test]
fn minimum_rounds_up_and_maximum_rounds_down() {
    // Desired, minimum %, maximum %, fewest, most.
    let table = [
        (1, 100, 200, 1, 2),
        (2, 100, 200, 2, 4),
        (3, 100, 200, 3, 6),
        (4, 100, 200, 4, 8),
        (5, 100, 200, 5, 10),
        (1, 50, 150, 1, 1),
        (2, 50, 150, 1, 3),
        (3, 50, 150, 2, 4),
        (4, 50, 150, 2, 6),
        (5, 50, 150, 3, 7),
        (3, 0, 100, 0, 3),
        (5, 67, 134, 4, 6),
    ];
    for (desired, min, max, least, most) in table {
        let json = json!({ "minimumHealthyPercent": min, "maximumPercent": max });
        let config = Config::read(Some(&json)).expect("percentages in range");
        assert_eq!(
            (config.least(desired), config.most(desired)),
            (least, most),
            "{desired} {min} {max}"
        );
    }
}

#[test]
fn the_plan_of_a_rolling_update() {
    // (desired, least, most), (new, healthy), (old, healthy) -> (start, stop new, stop old)
    let table = [
        // A new service starts all at once.
        ((4, 4, 8), (0, 0), (0, 0), (4, 0, 0)),
        // 100/200: all new ones at once, old ones stay until these are healthy.
        ((4, 4, 8), (0, 0), (4, 4), (4, 0, 0)),
        ((4, 4, 8), (4, 0), (4, 4), (0, 0, 0)),
        ((4, 4, 8), (4, 1), (4, 4), (0, 0, 1)),
        ((4, 4, 8), (4, 4), (4, 4), (0, 0, 4)),
        // A third deployment: unhealthy ones of the second give way.
        ((4, 4, 8), (0, 0), (8, 4), (0, 0, 4)),
        // 50/100: no room, so old ones stop first.
        ((4, 2, 4), (0, 0), (4, 4), (0, 0, 2)),
        ((4, 2, 4), (2, 0), (2, 2), (0, 0, 0)),
        ((4, 2, 4), (2, 2), (2, 2), (0, 0, 2)),
        // 100/150 of one task can never move.
        ((1, 1, 1), (0, 0), (1, 1), (0, 0, 0)),
        // 0/100 of one task stops it first.
        ((1, 0, 1), (0, 0), (1, 1), (0, 0, 1)),
        // 100/150 of three: room for one at a time.
        ((3, 3, 4), (0, 0), (3, 3), (1, 0, 0)),
        ((3, 3, 4), (1, 1), (3, 3), (0, 0, 1)),
        ((3, 3, 4), (1, 1), (2, 2), (1, 0, 0)),
        // Scaled in, and scaled to nothing while deploying.
        ((2, 2, 4), (5, 5), (0, 0), (0, 3, 0)),
        ((0, 0, 0), (2, 0), (3, 3), (0, 2, 3)),
    ];
    for ((desired, least, most), (new, new_healthy), (old, old_healthy), (start, stop_new, stop_old)) in table {
        let seen = Census {
            desired,
            least,
            most,
            new,
            new_healthy,
            old,
            old_healthy,
            may_start: true,
        };
        assert_eq!(
            plan(seen),
            Plan {
                start,
                stop_new,
                stop_old
            },
            "{seen:?}"
        );
    }
}

#[test]
fn percentages_that_block_every_deployment_are_refused() {
    for (min, max, refused) in [
        (100, 100, true),
        (50, 99, true),
        (-1, 200, true),
        (99, 100, false),
        (100, 101, false),
    ] {
        let json = json!({ "minimumHealthyPercent": min, "maximumPercent": max });
        assert_eq!(Config::read(Some(&json)).is_err(), refused, "{min}/{max}");
    }
}

#[test]
fn a_failed_deployment_starts_nothing() {
    let seen = Census {
        desired: 2,
        least: 2,
        most: 4,
        new: 0,
        new_healthy: 0,
        old: 2,
        old_healthy: 2,
        may_start: false,
    };
    assert_eq!(
        plan(seen),
        Plan {
            start: 0,
            stop_new: 0,
            stop_old: 0
        }
    );
}

/// Deploys, and watches at every event how many tasks there are.
fn watch(desired: i64, config: Value) -> (i64, i64) {
    let mut scene = Scene::new(desired, json!({ "deploymentConfiguration": config }));
    let better = scene.better.clone();
    scene.deploy(&better);
    let (mut fewest_running, mut most) = (desired, desired);
    scene.until("the deployment is over", |scene| {
        let tasks = &scene.world.ecs.tasks;
        let counting: Vec<_> = tasks.values().filter(|task| task.counts()).collect();
        let healthy = counting.iter().filter(|task| task.healthy).count();
        fewest_running = fewest_running.min(i64::try_from(healthy).expect("few"));
        most = most.max(i64::try_from(counting.len()).expect("few"));
        scene.deployment()["status"] == "SUCCESSFUL"
    });
    assert_eq!(scene.digests(), vec![BETTER; usize::try_from(desired).expect("few")]);
    (fewest_running, most)
}

#[test]
fn a_deployment_stays_between_minimum_and_maximum() {
    // Desired, minimum %, maximum % -> fewest healthy, most counted.
    let table = [
        (1, 100, 200, 1, 2),
        (2, 100, 200, 2, 4),
        (3, 100, 200, 3, 6),
        (4, 100, 200, 4, 8),
        (5, 100, 200, 5, 10),
        (2, 100, 150, 2, 3),
        (3, 100, 150, 3, 4),
        (4, 50, 100, 2, 4),
        (5, 50, 100, 3, 5),
        (1, 0, 100, 0, 1),
    ];
    for (desired, min, max, fewest, most) in table {
        let config = json!({ "minimumHealthyPercent": min, "maximumPercent": max });
        assert_eq!(watch(desired, config), (fewest, most), "{desired} tasks, {min}/{max}");
    }
}

#[test]
fn a_service_that_has_no_room_never_moves() {
    let config = json!({ "deploymentConfiguration": { "minimumHealthyPercent": 100, "maximumPercent": 150 } });
    let mut scene = Scene::new(1, config);
    let better = scene.better.clone();
    scene.deploy(&better);
    scene.wait(7000);
    assert_eq!(scene.deployment()["status"], "IN_PROGRESS");
    assert_eq!(scene.digests(), [GOOD]);
}

#[test]
fn a_deployment_takes_its_time_and_tells_of_it() {
    let mut scene = Scene::new(2, json!({}));
    let (good, better) = (scene.good.clone(), scene.better.clone());
    let at_once = scene.deploy(&better);
    assert_eq!(at_once["taskDefinition"], json!(better));
    assert_eq!(at_once["deployments"][0]["status"], "PRIMARY");
    assert_eq!(at_once["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(at_once["deployments"][1]["status"], "ACTIVE");
    assert_eq!(at_once["deployments"][1]["taskDefinition"], json!(good));
    assert_eq!(at_once["runningCount"], 2);
    assert_eq!(scene.deployment()["status"], "PENDING");
    scene.wait(4);
    assert_eq!(scene.deployment()["status"], "IN_PROGRESS");
    assert_eq!(scene.describe()["pendingCount"], 2);
    scene.wait(40);
    assert_eq!(scene.describe()["runningCount"], 4);
    assert_eq!(scene.deployment()["status"], "IN_PROGRESS");
    scene.until_over();
    let took = (scene.world.now - At::START).as_secs();
    assert!((60..150).contains(&took), "took {took} s");
    let service = scene.describe();
    assert_eq!(service["deployments"].as_array().map(Vec::len), Some(1));
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
    assert_eq!(
        scene.sent("ECS Deployment State Change"),
        [
            "SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment ID in progress.",
            "SERVICE_DEPLOYMENT_COMPLETED: ECS deployment ID completed.",
        ]
    );
    assert_eq!(scene.sent("ECS Service Action"), ["SERVICE_STEADY_STATE: "]);
}

#[test]
fn the_same_definition_again_is_no_deployment_unless_forced() {
    let mut scene = Scene::new(1, json!({}));
    let good = scene.good.clone();
    for (update, deployments) in [
        (json!({ "taskDefinition": good }), 1),
        (json!({ "taskDefinition": "shop:1" }), 1),
        (json!({ "desiredCount": 2 }), 1),
        (json!({ "deploymentConfiguration": { "maximumPercent": 150 } }), 1),
        (
            json!({ "healthCheckGracePeriodSeconds": 5, "enableExecuteCommand": true }),
            1,
        ),
        (json!({ "platformVersion": "1.4.0" }), 2),
        (json!({ "platformVersion": "1.4.0" }), 2),
        (json!({ "taskDefinition": good, "forceNewDeployment": true }), 3),
        (json!({ "forceNewDeployment": true }), 4),
        (json!({ "taskDefinition": "shop:2" }), 5),
    ] {
        scene.update(update.clone());
        assert_eq!(scene.briefs().len(), deployments, "{update}");
    }
}

#[test]
fn scaling_is_no_deployment() {
    let mut scene = Scene::new(2, json!({}));
    let id = scene.describe()["deployments"][0]["id"].clone();
    scene.update(json!({ "desiredCount": 5 }));
    scene.wait(120);
    assert_eq!(scene.digests().len(), 5);
    scene.update(json!({ "desiredCount": 1 }));
    scene.wait(120);
    assert_eq!(scene.digests().len(), 1);
    let service = scene.describe();
    assert_eq!(service["deployments"][0]["id"], id);
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED");
    assert_eq!(scene.sent("ECS Deployment State Change"), Vec::<String>::new());
}

#[test]
fn a_second_update_replaces_the_first() {
    let mut scene = Scene::new(2, json!({}));
    let (good, better) = (scene.good.clone(), scene.better.clone());
    scene.deploy(&better);
    scene.wait(20);
    let first = scene.deployment()["serviceDeploymentArn"].clone();
    let reply = scene.deploy(&good);
    let shown: Vec<_> = reply["deployments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| d["status"].clone())
        .collect();
    assert_eq!(shown, ["PRIMARY", "ACTIVE", "ACTIVE"]);
    assert_eq!(scene.deployment_by(&first)["status"], "STOP_REQUESTED");
    assert_eq!(scene.deployment()["status"], "PENDING");
    scene.wait(6);
    assert_eq!(scene.deployment_by(&first)["status"], "STOPPED");
    assert!(scene.deployment_by(&first)["stoppedAt"].is_number());
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
    assert_eq!(scene.deployment_by(&first)["status"], "STOPPED");
    assert_eq!(scene.digests(), [GOOD; 2]);
}

#[test]
fn a_deployment_over_an_unfinished_one_has_both_as_sources() {
    let mut scene = Scene::new(2, json!({}));
    let (good, better) = (scene.good.clone(), scene.better.clone());
    let first = scene.deployment()["targetServiceRevision"]["arn"].clone();
    scene.deploy(&better);
    scene.wait(20);
    let second = scene.deployment()["targetServiceRevision"]["arn"].clone();
    assert_eq!(scene.deployment()["sourceServiceRevisions"][0]["arn"], first);
    scene.deploy(&good);
    let third = scene.deployment();
    let sources: Vec<_> = third["sourceServiceRevisions"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(sources.iter().map(|s| &s["arn"]).collect::<Vec<_>>(), [&second, &first]);
    assert_ne!(
        third["targetServiceRevision"]["arn"], first,
        "a new revision even for an old definition"
    );
}

#[test]
fn a_deployment_that_never_began_is_no_source() {
    let mut scene = Scene::new(2, json!({}));
    let (good, better) = (scene.good.clone(), scene.better.clone());
    let first = scene.deployment()["targetServiceRevision"]["arn"].clone();
    scene.deploy(&better);
    scene.deploy(&good);
    let sources = scene.deployment()["sourceServiceRevisions"].clone();
    assert_eq!(sources.as_array().map(Vec::len), Some(1));
    assert_eq!(sources[0]["arn"], first);
}

#[test]
fn a_digest_is_pinned_while_the_tag_moves() {
    let mut scene = Scene::new(2, json!({}));
    scene.world.ecs.push_image(&format!("{REPO}:v1"), BETTER);
    let task = scene.get("ListTasks", json!({ "cluster": "prod" }))["taskArns"][0].clone();
    scene.get("StopTask", json!({ "cluster": "prod", "task": task }));
    scene.update(json!({ "desiredCount": 3 }));
    scene.wait(200);
    assert_eq!(scene.digests(), [GOOD; 3], "replacements and scaling keep the digest");
    scene.update(json!({ "forceNewDeployment": true }));
    scene.until_over();
    assert_eq!(scene.digests(), [BETTER; 3], "a new deployment resolves the tag anew");
}

#[test]
fn without_version_consistency_each_task_takes_what_the_tag_means() {
    let mut scene = Scene::new(1, json!({}));
    let extra = json!({ "containerDefinitions": [{ "name": "app", "versionConsistency": "disabled" }] });
    let loose = stage::task_definition(&mut scene.world, "shop", &[("app", &format!("{REPO}:v1"))], extra);
    scene.deploy(&loose);
    scene.until_over();
    scene.world.ecs.push_image(&format!("{REPO}:v1"), BETTER);
    scene.update(json!({ "desiredCount": 2 }));
    scene.wait(120);
    let mut digests = scene.digests();
    digests.sort();
    assert_eq!(digests, [GOOD, BETTER]);
    let revision = scene.deployment()["targetServiceRevision"]["arn"].clone();
    assert!(
        scene.revision(&revision)["containerImages"][0]
            .get("imageDigest")
            .is_none()
    );
}

#[test]
fn a_revision_knows_its_digest_once_the_first_task_has_pulled() {
    let mut scene = Scene::new(2, json!({}));
    let better = scene.better.clone();
    scene.deploy(&better);
    let revision = scene.deployment()["targetServiceRevision"]["arn"].clone();
    scene.wait(10);
    let early = scene.revision(&revision);
    assert_eq!(
        early["containerImages"],
        json!([{ "containerName": "app", "image": format!("{REPO}:v2") }])
    );
    scene.wait(60);
    assert_eq!(scene.revision(&revision)["containerImages"][0]["imageDigest"], BETTER);
    assert_eq!(scene.revision(&revision)["taskDefinition"], json!(better));
}

#[test]
fn image_names_resolve_within_their_repository() {
    let mut scene = Scene::new(0, json!({}));
    let ecs = &mut scene.world.ecs;
    ecs.push_image("registry:5000/a", "sha256:aa");
    for (name, digest) in [
        ("registry:5000/a", Some("sha256:aa")),
        ("registry:5000/a:latest", Some("sha256:aa")),
        ("registry:5000/a@sha256:aa", Some("sha256:aa")),
        ("registry:5000/a:gone@sha256:aa", Some("sha256:aa")),
        ("registry:5000/a:other", None),
        ("registry:5000/b@sha256:aa", None),
    ] {
        assert_eq!(ecs.resolve_image(name).as_deref(), digest, "{name}");
    }
    ecs.delete_image("registry:5000/a", "sha256:aa");
    assert_eq!(ecs.resolve_image("registry:5000/a@sha256:aa"), None);
    assert_eq!(ecs.resolve_image("registry:5000/a"), None);
}

#[test]
fn the_breaker_trips_where_its_configuration_says() {
    // Type, value, desired -> threshold.
    let table = [
        ("BOUNDED_PERCENT", 50, 1, 3),
        ("BOUNDED_PERCENT", 50, 6, 3),
        ("BOUNDED_PERCENT", 50, 7, 4),
        ("BOUNDED_PERCENT", 50, 1000, 200),
        ("UNBOUNDED_PERCENT", 50, 1, 1),
        ("UNBOUNDED_PERCENT", 100, 1000, 1000),
        ("COUNT", 2, 50, 2),
    ];
    for (kind, value, desired, threshold) in table {
        let json = json!({ "deploymentCircuitBreaker": {
            "enable": true, "rollback": true, "thresholdConfiguration": { "type": kind, "value": value },
        } });
        let breaker = Config::read(Some(&json)).expect("valid").breaker.expect("enabled");
        assert_eq!(breaker.limit(desired), threshold, "{kind} {value} of {desired}");
    }
    let plain = json!({ "deploymentCircuitBreaker": { "enable": true, "rollback": false } });
    let breaker: Breaker = Config::read(Some(&plain)).expect("valid").breaker.expect("enabled");
    assert_eq!(breaker.threshold, Threshold::BoundedPercent(50));
    assert!(breaker.reset_on_healthy);
}

#[test]
fn equal_seeds_give_equal_worlds() {
    let run = || {
        let mut scene = Scene::new(3, json!({}));
        let better = scene.better.clone();
        scene.deploy(&better);
        scene.wait(300);
        std::mem::take(&mut scene.world.outbox)
    };
    assert_eq!(run(), run());
}
