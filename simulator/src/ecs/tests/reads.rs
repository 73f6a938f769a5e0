use super::{Scene, stage};
use serde_json::{Value, json};

#[test]
fn describe_services_takes_ten_at_most() {
    let mut scene = Scene::new(1, json!({}));
    let names: Vec<String> = (0..10).map(|n| format!("s{n}")).collect();
    let reply = scene.get("DescribeServices", json!({ "cluster": "prod", "services": names }));
    assert_eq!(reply["failures"].as_array().map(Vec::len), Some(10));
    let eleven: Vec<String> = (0..11).map(|n| format!("s{n}")).collect();
    for services in [json!(eleven), json!([])] {
        let input = json!({ "cluster": "prod", "services": services });
        assert_eq!(scene.refused("DescribeServices", input).0, "InvalidParameterException");
    }
}

#[test]
fn an_unknown_service_is_a_failure_and_an_unknown_cluster_an_error() {
    let mut scene = Scene::new(1, json!({}));
    let arn = scene.service.clone();
    let elsewhere = arn.replace("/prod/", "/test/");
    let input = json!({ "cluster": "prod", "services": ["none", arn, elsewhere] });
    let reply = scene.get("DescribeServices", input);
    assert_eq!(reply["services"].as_array().map(Vec::len), Some(1));
    let unknown = "arn:aws:ecs:eu-central-1:111122223333:service/prod/none";
    assert_eq!(
        reply["failures"],
        json!([{ "arn": unknown, "reason": "MISSING" }, { "arn": elsewhere, "reason": "MISSING" }])
    );
    for cluster in [
        json!({ "services": ["web"] }),
        json!({ "cluster": "test", "services": ["web"] }),
    ] {
        let not_found = ("ClusterNotFoundException", "Cluster not found.".to_owned());
        assert_eq!(scene.refused("DescribeServices", cluster), not_found);
    }
    stage::cluster(&mut scene.world, "default");
    let reply = scene.get("DescribeServices", json!({ "services": [arn] }));
    assert_eq!(
        reply["failures"][0]["reason"], "MISSING",
        "without a cluster, default is meant"
    );
}

#[test]
fn updating_what_is_not_there_is_refused() {
    let mut scene = Scene::new(0, json!({}));
    let update = |service: &str, definition: &str| json!({ "cluster": "prod", "service": service, "taskDefinition": definition });
    let refused = scene.refused("UpdateService", update("none", "shop:1"));
    assert_eq!(refused, ("ServiceNotFoundException", "Service not found.".to_owned()));
    let refused = scene.refused("UpdateService", update("web", "shop:9"));
    assert_eq!(refused, ("ClientException", "TaskDefinition not found.".to_owned()));
    scene.get("DeleteService", json!({ "cluster": "prod", "service": "web" }));
    assert_eq!(
        scene.refused("UpdateService", update("web", "shop:1")).0,
        "ServiceNotActiveException"
    );
}

#[test]
fn a_deleted_service_drains_and_then_fades_away() {
    let mut scene = Scene::new(2, json!({}));
    let delete = json!({ "cluster": "prod", "service": "web" });
    assert_eq!(scene.refused("DeleteService", delete).0, "InvalidParameterException");
    let reply = scene.get(
        "DeleteService",
        json!({ "cluster": "prod", "service": "web", "force": true }),
    );
    assert_eq!(reply["service"]["desiredCount"], 0);
    assert_eq!(
        scene.get("ListServices", json!({ "cluster": "prod" }))["serviceArns"],
        json!([])
    );
    scene.wait(60);
    assert_eq!(scene.describe()["status"], "INACTIVE");
    assert_eq!(scene.digests(), Vec::<String>::new());
    scene.wait(3600);
    let reply = scene.get("DescribeServices", json!({ "cluster": "prod", "services": ["web"] }));
    assert_eq!(reply["failures"][0]["reason"], "MISSING");
    let good = scene.good.clone();
    stage::service(&mut scene.world, "prod", "web", &good, 1, json!({}));
    assert_eq!(scene.describe()["status"], "ACTIVE");
    assert_eq!(scene.briefs().len(), 1, "nothing is left of the old one");
}

#[test]
fn a_service_name_is_taken_while_its_service_lives() {
    let mut scene = Scene::new(1, json!({}));
    let create = json!({ "cluster": "prod", "serviceName": "web", "taskDefinition": "shop:1" });
    let refused = scene.refused("CreateService", create);
    assert_eq!(
        refused,
        (
            "InvalidParameterException",
            "Creation of service was not idempotent.".to_owned()
        )
    );
    let with_token = json!({ "cluster": "prod", "serviceName": "two", "taskDefinition": "shop:1", "clientToken": "t" });
    let first = scene.get("CreateService", with_token.clone())["service"].clone();
    let second = scene.get("CreateService", with_token)["service"].clone();
    assert_eq!(first["deployments"], second["deployments"]);
}

#[test]
fn what_is_not_simulated_is_refused_loudly() {
    let mut scene = Scene::new(0, json!({}));
    let base = json!({ "cluster": "prod", "serviceName": "two", "taskDefinition": "shop:1" });
    for (member, value) in [
        ("deploymentController", json!({ "type": "CODE_DEPLOY" })),
        ("deploymentConfiguration", json!({ "strategy": "CANARY" })),
        ("launchType", json!("EC2")),
        ("schedulingStrategy", json!("DAEMON")),
    ] {
        let mut input = base.clone();
        input[member] = value;
        assert_eq!(scene.refused("CreateService", input).0, "UnsupportedFeatureException");
    }
}

#[test]
fn services_are_listed_by_page() {
    let mut scene = Scene::new(0, json!({}));
    let good = scene.good.clone();
    for n in 0..11 {
        stage::service(&mut scene.world, "prod", &format!("s{n:02}"), &good, 0, json!({}));
    }
    let first = scene.get("ListServices", json!({ "cluster": "prod" }));
    assert_eq!(
        first["serviceArns"].as_array().map(Vec::len),
        Some(10),
        "ten by default"
    );
    let rest = scene.get(
        "ListServices",
        json!({ "cluster": "prod", "nextToken": first["nextToken"] }),
    );
    assert_eq!(rest["serviceArns"].as_array().map(Vec::len), Some(2));
    assert!(rest.get("nextToken").is_none());
    let all = scene.get("ListServices", json!({ "cluster": "prod", "maxResults": 12 }));
    assert_eq!(all["serviceArns"].as_array().map(Vec::len), Some(12));
    assert!(all.get("nextToken").is_none(), "a full last page has no token");
    for wrong in [
        json!({ "nextToken": "nonsense" }),
        json!({ "maxResults": 101 }),
        json!({ "maxResults": 0 }),
    ] {
        let mut input = json!({ "cluster": "prod" });
        for (key, value) in wrong.as_object().into_iter().flatten() {
            input[key.as_str()] = value.clone();
        }
        assert_eq!(
            scene.refused("ListServices", input).0,
            "InvalidParameterException",
            "{wrong}"
        );
    }
}

#[test]
fn stale_reads_show_the_past() {
    let mut scene = Scene::new(1, json!({}));
    let (good, better) = (scene.good.clone(), scene.better.clone());
    scene.wait(60);
    scene.world.ecs.stale_reads_seconds = 10;
    let reply = scene.deploy(&better);
    assert_eq!(reply["taskDefinition"], json!(better), "the reply itself is fresh");
    assert_eq!(scene.describe()["taskDefinition"], json!(good));
    scene.wait(9);
    assert_eq!(scene.describe()["taskDefinition"], json!(good));
    scene.wait(1);
    assert_eq!(scene.describe()["taskDefinition"], json!(better));
    scene.until_over();
    assert_eq!(scene.deployment()["status"], "SUCCESSFUL");
    assert_eq!(scene.describe()["deployments"][0]["rolloutState"], "IN_PROGRESS");
    scene.wait(10);
    assert_eq!(scene.describe()["deployments"][0]["rolloutState"], "COMPLETED");
    assert!(
        scene.world.ecs.services[0].snapshots.len() < 20,
        "old ones are forgotten"
    );
    scene.world.ecs.stale_reads_seconds = 0;
    scene.deploy(&good);
    assert_eq!(scene.describe()["taskDefinition"], json!(good));
    scene.world.ecs.stale_reads_seconds = 10;
    assert_eq!(
        scene.describe()["taskDefinition"],
        json!(good),
        "nothing from the earlier spell of staleness"
    );
}

#[test]
fn a_stale_reader_does_not_know_a_new_service_yet() {
    let mut scene = Scene::new(0, json!({}));
    scene.world.ecs.stale_reads_seconds = 5;
    scene.wait(60);
    scene.get(
        "CreateService",
        json!({ "cluster": "prod", "serviceName": "two", "taskDefinition": "shop:1" }),
    );
    let known = |scene: &mut Scene| {
        let reply = scene.get("DescribeServices", json!({ "cluster": "prod", "services": ["two"] }));
        reply["services"].as_array().map(Vec::len)
    };
    assert_eq!(known(&mut scene), Some(0));
    scene.wait(5);
    assert_eq!(known(&mut scene), Some(1));
}

#[test]
fn a_service_keeps_a_hundred_events_newest_first() {
    let mut scene = Scene::new(1, json!({}));
    for _ in 0..40 {
        scene.update(json!({ "forceNewDeployment": true }));
        scene.wait(150);
    }
    let events = scene.describe()["events"].as_array().cloned().unwrap_or_default();
    assert_eq!(events.len(), 100);
    let times: Vec<f64> = events.iter().filter_map(|event| event["createdAt"].as_f64()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    assert_eq!(events[0]["message"], "(service web) has reached a steady state.");
}

#[test]
fn clusters_count_what_they_hold() {
    let mut scene = Scene::new(3, json!({}));
    let reply = scene.get("DescribeClusters", json!({ "clusters": ["prod", "none"] }));
    let counts = |member: &str| reply["clusters"][0][member].clone();
    assert_eq!(counts("runningTasksCount"), 3);
    assert_eq!(counts("activeServicesCount"), 1);
    assert_eq!(reply["failures"][0]["reason"], "MISSING");
    let listed: Value = scene.get("ListClusters", json!({}))["clusterArns"].clone();
    assert_eq!(listed, json!(["arn:aws:ecs:eu-central-1:111122223333:cluster/prod"]));
}
