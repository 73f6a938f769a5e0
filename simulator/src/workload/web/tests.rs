//! What visitors of a load balancer are answered, one sentence each.

use super::{Manner, Served, Visitors, stage};
use crate::cloudwatch::stage as alarms;
use crate::cloudwatch::{StateValue, lag_seconds};
use crate::ecs::stage as services;
use crate::elb::stage as elb;
use crate::world::World;
use serde_json::{Value, json};

const REPO: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop";
const GOOD: &str = "sha256:600d";
const BAD: &str = "sha256:bad0";

/// Services `shop` (three tasks) and `shop-canary` (one) behind one listener, each with its image.
struct Scene {
    world: World,
    balancer: String,
    listener: String,
    stable: String,
    canary: String,
    site: usize,
}

impl Scene {
    fn new(weights: (u32, u32), returning_permille: u32) -> Scene {
        let mut world = World::new(3);
        let balancer = elb::load_balancer(&mut world, "shop");
        let (stable, canary) = (
            elb::target_group(&mut world, "stable"),
            elb::target_group(&mut world, "canary"),
        );
        let actions = elb::forward(&[(&stable, weights.0), (&canary, weights.1)]);
        let listener = elb::listener(&mut world, &balancer, 80, "HTTP", &actions);
        services::cluster(&mut world, "prod");
        for (name, tag, digest, group, tasks) in
            [("shop", "v1", GOOD, &stable, 3), ("shop-canary", "v2", BAD, &canary, 1)]
        {
            let image = format!("{REPO}:{tag}");
            world.ecs.push_image(&image, digest);
            let definition = services::task_definition(&mut world, name, &[("app", &image)], json!({}));
            let entry = json!({ "targetGroupArn": group, "containerName": "app", "containerPort": 8080 });
            let settings = json!({ "loadBalancers": [entry] });
            services::service(&mut world, "prod", name, &definition, tasks, settings);
        }
        let visitors = Visitors {
            listener: listener.clone(),
            host: "shop.example.com".to_owned(),
            path: "/".to_owned(),
            per_second: 20.0,
            returning_permille,
            manner: Manner::fast(50..=150),
        };
        let site = stage::visitors(&mut world, visitors);
        Scene {
            world,
            balancer,
            listener,
            stable,
            canary,
            site,
        }
    }

    fn later(&mut self, seconds: i64) {
        let until = self.world.now.plus_seconds(seconds);
        self.world.advance_to(until);
    }

    fn served(&self) -> &Served {
        stage::served(&self.world, self.site)
    }

    fn acts(&mut self, actions: &Value) {
        elb::act(&mut self.world, &self.listener, actions);
    }

    /// What CloudWatch has of a metric in the last five minutes, in one number.
    fn measured(&mut self, name: &str, stat: &str, group: Option<&str>) -> Option<f64> {
        let (_, balancer) = self.balancer.split_once(":loadbalancer/").unwrap();
        let mut dimensions = vec![json!({ "Name": "LoadBalancer", "Value": balancer })];
        if let Some(group) = group {
            let (_, name) = group.split_once(":targetgroup/").unwrap();
            dimensions.push(json!({ "Name": "TargetGroup", "Value": format!("targetgroup/{name}") }));
        }
        let now = self.world.now.seconds();
        let input = json!({
            "StartTime": now - 300.0, "EndTime": now, "MetricDataQueries": [{ "Id": "m", "MetricStat": {
                "Stat": stat, "Period": 300, "Metric": {
                    "Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions,
                },
            } }],
        });
        let reply = self.world.call("test", "cloudwatch", "GetMetricData", input).unwrap();
        reply["MetricDataResults"][0]["Values"][0].as_f64()
    }
}

#[test]
fn requests_go_to_the_groups_by_weight_and_are_counted_by_revision() {
    let mut scene = Scene::new((9, 1), 0);
    scene.later(600);
    let served = scene.served();
    assert!((11_500..12_500).contains(&served.requests), "{}", served.requests);
    let (stable, canary) = (served.of_image(GOOD), served.of_image(BAD));
    assert_eq!(stable.requests + canary.requests, served.requests);
    let share = canary.requests * 1000 / served.requests;
    assert!((85..115).contains(&share), "{share} ‰");
    assert_eq!(served.of_group(&scene.canary), canary);
    let definitions: Vec<&str> = served.servers.iter().map(|server| server.definition.as_str()).collect();
    assert_eq!(definitions.len(), 2);
    assert!(definitions.contains(&"shop:1") && definitions.contains(&"shop-canary:1"));
    assert!((50..=150).contains(&stable.slowest_millis));
}

#[test]
fn a_weight_counts_from_the_moment_in_which_it_is_set() {
    let mut scene = Scene::new((1, 0), 0);
    scene.later(60);
    assert_eq!(scene.served().of_image(BAD).requests, 0);
    let both = elb::forward(&[(&scene.stable, 0), (&scene.canary, 1)]);
    scene.acts(&both);
    let (stable, at) = (scene.served().of_image(GOOD), scene.world.now);
    scene.later(60);
    assert_eq!(scene.served().of_image(GOOD), stable);
    let canary = scene.served().of_image(BAD);
    assert!(canary.requests > 1000 && canary.first > Some(at), "{canary:?}");
}

#[test]
fn sticky_clients_stay_after_weight_nothing_until_their_cookies_end() {
    for (sticky, tail) in [(true, true), (false, false)] {
        let mut scene = Scene::new((1, 1), 500);
        let with = |scene: &Scene, weights: (u32, u32)| {
            let groups = [(scene.stable.as_str(), weights.0), (scene.canary.as_str(), weights.1)];
            match sticky {
                true => elb::forward_sticky(&groups, 300),
                false => elb::forward(&groups),
            }
        };
        let both = with(&scene, (1, 1));
        scene.acts(&both);
        scene.later(120);
        let back = with(&scene, (1, 0));
        scene.acts(&back);
        let at_once = scene.served().of_image(BAD).requests;
        scene.later(300);
        let later = scene.served().of_image(BAD).requests;
        assert_eq!(later > at_once, tail, "{at_once} then {later}");
        scene.later(600);
        assert_eq!(
            scene.served().of_image(BAD).requests,
            later,
            "no cookie lives that long"
        );
    }
}

#[test]
fn cloudwatch_is_told_how_long_answers_took_and_how_many_were_errors() {
    let mut scene = Scene::new((1, 1), 0);
    lag_seconds(&mut scene.world, "AWS/ApplicationELB", 0..=0);
    let manner = Manner {
        slow_permille: 200,
        slow_millis: 4000..=4000,
        error_permille: 100,
        ..Manner::fast(100..=100)
    };
    stage::answers(&mut scene.world, BAD, manner);
    scene.later(600);
    let (stable, canary) = (scene.stable.clone(), scene.canary.clone());
    let slowest = |scene: &mut Scene, group: &str| scene.measured("TargetResponseTime", "TM(90%:100%)", Some(group));
    // Two in ten are slow, so the slowest tenth is slow throughout.
    assert_eq!(slowest(&mut scene, &canary), Some(4.0));
    assert!(slowest(&mut scene, &stable) < Some(0.2));
    assert_eq!(scene.measured("TargetResponseTime", "p90", Some(&canary)), Some(4.0));
    let requests = scene.measured("RequestCount", "Sum", Some(&canary)).unwrap();
    assert_eq!(
        scene.measured("TargetResponseTime", "SampleCount", Some(&canary)),
        Some(requests)
    );
    let errors = scene
        .measured("HTTPCode_Target_5XX_Count", "Sum", Some(&canary))
        .unwrap();
    assert!((0.07..0.13).contains(&(errors / requests)), "{errors} of {requests}");
    assert_eq!(scene.measured("HTTPCode_Target_5XX_Count", "Sum", Some(&stable)), None);
    let of_stable = scene.measured("RequestCount", "Sum", Some(&stable)).unwrap();
    assert_eq!(scene.measured("RequestCount", "Sum", None), Some(requests + of_stable));
    assert_eq!(scene.measured("HTTPCode_ELB_5XX_Count", "Sum", None), None);
}

/// Row C of the design, through the load balancer's own metric.
#[test]
fn a_slow_canary_at_one_in_a_hundred_raises_the_alarm_on_its_group() {
    for (slow, wanted) in [(true, StateValue::Alarm), (false, StateValue::Ok)] {
        let mut scene = Scene::new((99, 1), 0);
        let (_, balancer) = scene.balancer.split_once(":loadbalancer/").unwrap();
        let (_, group) = scene.canary.split_once(":targetgroup/").unwrap();
        let declared = json!({
            "AlarmName": "slow", "Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime",
            "Dimensions": [
                { "Name": "LoadBalancer", "Value": balancer },
                { "Name": "TargetGroup", "Value": format!("targetgroup/{group}") },
            ],
            "ExtendedStatistic": "TM(90%:100%)", "Period": 60, "EvaluationPeriods": 4, "DatapointsToAlarm": 3,
            "Threshold": 3.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
        });
        scene
            .world
            .call("test", "cloudwatch", "PutMetricAlarm", declared)
            .unwrap();
        if slow {
            stage::answers(&mut scene.world, BAD, Manner::fast(3500..=6000));
        }
        scene.later(900);
        let alarm = alarms::look(&scene.world, "slow").unwrap();
        assert_eq!(alarm.state.value, wanted);
    }
}

#[test]
fn a_group_without_targets_is_answered_for_by_the_load_balancer_and_no_other_group_stands_in() {
    let mut scene = Scene::new((1, 1), 0);
    lag_seconds(&mut scene.world, "AWS/ApplicationELB", 0..=0);
    let input = json!({ "cluster": "prod", "service": "shop-canary", "desiredCount": 0 });
    scene.world.call("test", "ecs", "UpdateService", input).unwrap();
    scene.later(300);
    let served = scene.served();
    let canary = served.of_image(BAD).requests;
    assert_eq!(canary, 0, "a target that drains gets no more requests");
    let refused = served.answered[&503];
    assert_eq!(refused + served.of_image(GOOD).requests, served.requests);
    assert!((450..550).contains(&(refused * 1000 / served.requests)));
    assert!(scene.measured("HTTPCode_ELB_5XX_Count", "Sum", None) > Some(0.0));
}

#[test]
fn where_all_targets_of_a_group_fail_their_checks_all_of_them_are_asked() {
    let mut scene = Scene::new((0, 1), 0);
    let canary = scene.canary.clone();
    // Nobody replaces what is no task.
    let input = json!({ "cluster": "prod", "service": "shop-canary", "desiredCount": 0 });
    scene.world.call("test", "ecs", "UpdateService", input).unwrap();
    elb::register_image(&mut scene.world, &canary, "10.9.9.9", 80, "sha256:sick");
    elb::fails_checks(&mut scene.world, "sha256:sick");
    scene.later(300);
    let served = scene.served();
    assert_eq!(served.of_image("sha256:sick").requests, served.requests);
}

#[test]
fn looking_at_it_more_often_changes_nothing() {
    let (mut once, mut often) = (Scene::new((9, 1), 300), Scene::new((9, 1), 300));
    once.later(300);
    for _ in 0..300 {
        often.later(1);
    }
    assert_eq!(once.served().servers, often.served().servers);
}

#[test]
fn visitors_of_a_listener_that_is_not_there_are_counted_apart_and_those_who_stop_coming_are_not() {
    let mut scene = Scene::new((1, 0), 0);
    stage::per_second(&mut scene.world, scene.site, 0.0);
    scene.later(300);
    assert_eq!(scene.served().requests, 0);
    let nowhere = Visitors {
        listener: format!("{}x", scene.listener),
        host: String::new(),
        path: "/".to_owned(),
        per_second: 1.0,
        returning_permille: 0,
        manner: Manner::fast(1..=1),
    };
    let site = stage::visitors(&mut scene.world, nowhere);
    scene.later(300);
    let served = stage::served(&scene.world, site);
    assert!(served.requests > 200);
    assert_eq!(served.refused, served.requests);
}
