use super::{BETTER, Scene};
use crate::ecs::stage;
use crate::elb::{self, Health};
use serde_json::{Value, json};

/// `web` is joined by `shop`, two tasks of the good image behind a load balancer.
struct Shop {
    scene: Scene,
    group: String,
    service: String,
}

impl Shop {
    fn new(extra: &Value) -> Shop {
        let mut scene = Scene::new(0, json!({}));
        let world = &mut scene.world;
        let balancer = elb::stage::load_balancer(world, "shop");
        let group = elb::stage::target_group(world, "shop");
        elb::stage::listener(world, &balancer, 80, "HTTP", &elb::stage::forward(&[(&group, 1)]));
        let mut settings = json!({ "loadBalancers": [
            { "targetGroupArn": group, "containerName": "app", "containerPort": 8080 },
        ] });
        for (member, value) in extra.as_object().into_iter().flatten() {
            settings[member.as_str()] = value.clone();
        }
        let service = stage::service(world, "prod", "shop", &scene.good, 2, settings);
        Shop { scene, group, service }
    }

    fn later(&mut self, seconds: i64) {
        let until = self.scene.world.now.plus_seconds(seconds);
        self.scene.world.advance_to(until);
    }

    fn deploy(&mut self, definition: &str) {
        let input = json!({ "cluster": "prod", "service": "shop", "taskDefinition": definition });
        self.scene.get("UpdateService", input);
    }

    /// How many targets of the group are so.
    fn are(&self, wanted: Health) -> usize {
        let world = &self.scene.world;
        let group = world.elb.group(&self.group).unwrap();
        let targets = world.elb.targets(group, world.now);
        targets.filter(|(_, health)| *health == wanted).count()
    }

    fn told(&mut self) -> Value {
        let input = json!({ "cluster": "prod", "services": ["shop"] });
        self.scene.get("DescribeServices", input)["services"][0].clone()
    }

    /// `lastStatus` of all tasks that are not to run any more.
    fn leaving(&mut self) -> Vec<String> {
        let input = json!({ "cluster": "prod", "serviceName": "shop", "desiredStatus": "STOPPED" });
        let tasks = self.scene.get("ListTasks", input)["taskArns"].clone();
        if tasks == json!([]) {
            return Vec::new();
        }
        let input = json!({ "cluster": "prod", "tasks": tasks });
        let told = self.scene.get("DescribeTasks", input)["tasks"].clone();
        let told = told.as_array().into_iter().flatten();
        told.map(|task| task["lastStatus"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn says(&mut self, words: &str) -> bool {
        let told = self.told();
        let mut events = told["events"].as_array().into_iter().flatten();
        events.any(|event| event["message"].as_str().is_some_and(|message| message.contains(words)))
    }
}

#[test]
fn tasks_that_were_always_there_are_healthy_targets() {
    let mut shop = Shop::new(&json!({}));
    assert_eq!(shop.are(Health::Healthy), 2);
    assert_eq!(shop.told()["loadBalancers"][0]["targetGroupArn"], json!(shop.group));
    let world = &shop.scene.world;
    let group = world.elb.group(&shop.group).unwrap();
    let (target, _) = world.elb.targets(group, world.now).next().unwrap();
    assert_eq!(target.port, 8080);
    assert_eq!(target.task.as_ref().unwrap().service, shop.service);
    assert_eq!(target.task.as_ref().unwrap().definition, "shop:1");
}

#[test]
fn new_tasks_take_over_once_they_are_healthy_targets_and_old_ones_drain_before_they_are_told_to_stop() {
    let mut shop = Shop::new(&json!({}));
    let better = shop.scene.better.clone();
    shop.deploy(&better);
    // Provisioning and pulling take a minute at most, the checks two and a half.
    shop.later(60);
    assert_eq!((shop.are(Health::Initial), shop.are(Health::Healthy)), (2, 2));
    shop.later(149);
    assert_eq!(shop.are(Health::Draining), 2, "the old ones leave");
    assert_eq!(shop.are(Health::Healthy), 2);
    assert_eq!(shop.leaving(), vec!["DEACTIVATING"; 2]);
    assert_eq!(shop.told()["deployments"][0]["rolloutState"], "IN_PROGRESS");
    shop.later(301);
    assert_eq!(shop.are(Health::Draining), 0);
    shop.later(120);
    assert_eq!(shop.leaving(), vec!["STOPPED"; 2]);
    assert_eq!(shop.told()["deployments"][0]["rolloutState"], "COMPLETED");
}

#[test]
fn a_revision_that_fails_its_checks_never_takes_over() {
    let mut shop = Shop::new(&json!({}));
    elb::stage::fails_checks(&mut shop.scene.world, BETTER);
    let better = shop.scene.better.clone();
    shop.deploy(&better);
    shop.later(1200);
    assert!(shop.says("is unhealthy in (target-group"), "{}", shop.told()["events"]);
    assert_eq!(shop.are(Health::Healthy), 2, "the old ones");
    let told = shop.told();
    assert_eq!(told["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert!(told["deployments"][0]["failedTasks"].as_i64() > Some(0), "{told}");
}

#[test]
fn tasks_whose_checks_begin_to_fail_are_replaced_when_the_grace_period_is_over() {
    for (grace, replaced) in [(0, true), (86_400, false)] {
        let mut shop = Shop::new(&json!({ "healthCheckGracePeriodSeconds": grace }));
        shop.later(60);
        elb::stage::fails_checks(&mut shop.scene.world, super::GOOD);
        shop.later(59);
        assert_eq!(shop.are(Health::Healthy), 2, "not often enough yet");
        shop.later(2);
        assert_eq!(!shop.leaving().is_empty(), replaced, "grace of {grace} s");
        assert_eq!(shop.says("due to (reason Health checks failed)"), replaced);
    }
}

#[test]
fn a_service_needs_a_target_group_that_some_rule_names_and_a_container_that_is_there() {
    let mut shop = Shop::new(&json!({}));
    let unused = elb::stage::target_group(&mut shop.scene.world, "unused");
    let good = shop.scene.good.clone();
    let cases = [
        (
            unused.clone(),
            "app",
            format!("The target group with targetGroupArn {unused} does not have an associated load balancer."),
        ),
        (
            shop.group.clone(),
            "db",
            "The container db does not exist in the task definition.".to_owned(),
        ),
    ];
    for (group, container, wanted) in cases {
        let entry = json!([{ "targetGroupArn": group, "containerName": container, "containerPort": 80 }]);
        let input = json!({
            "cluster": "prod", "serviceName": "other", "taskDefinition": good, "desiredCount": 1, "loadBalancers": entry,
        });
        let refused = shop.scene.refused("CreateService", input);
        assert_eq!(refused, ("InvalidParameterException", wanted.clone()));
        let input = json!({ "cluster": "prod", "service": "web", "loadBalancers": entry });
        let refused = shop.scene.refused("UpdateService", input);
        assert_eq!(refused, ("InvalidParameterException", wanted));
    }
}

#[test]
fn a_task_that_waits_in_a_group_which_no_rule_names_any_more_is_not_healthy_before_one_does() {
    let mut shop = Shop::new(&json!({}));
    let world = &mut shop.scene.world;
    let (better, group) = (shop.scene.better.clone(), shop.group.clone());
    let listener = world.elb.balancer_of(&group).unwrap().to_owned();
    let listeners = world.call(
        "test",
        "elbv2",
        "DescribeListeners",
        json!({ "LoadBalancerArn": listener }),
    );
    let listener = listeners.unwrap()["Listeners"][0]["ListenerArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let none = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "503" } }]);
    elb::stage::act(world, &listener, &none);
    shop.deploy(&better);
    shop.later(3600);
    assert_eq!(shop.are(Health::Unused), 4);
    assert_eq!(shop.told()["deployments"][0]["rolloutState"], "IN_PROGRESS");
    elb::stage::act(&mut shop.scene.world, &listener, &elb::stage::forward(&[(&group, 1)]));
    shop.later(200);
    assert_eq!((shop.are(Health::Healthy), shop.are(Health::Draining)), (2, 2));
}

#[test]
fn a_rule_that_ecs_sets_itself_is_told_with_its_group_and_deploys_nothing() {
    let mut shop = Shop::new(&json!({}));
    let before = shop.told();
    let service = shop.service.clone();
    stage::shifts(&mut shop.scene.world, &service, "arn:aws:elasticloadbalancing:rule");
    let mut told = shop.told();
    let entry = &mut told["loadBalancers"][0];
    let advanced = entry.as_object_mut().unwrap().remove("advancedConfiguration");
    assert_eq!(
        advanced,
        Some(json!({ "productionListenerRule": "arn:aws:elasticloadbalancing:rule" }))
    );
    assert_eq!(told, before);
}
