use super::Scene;
use crate::At;
use serde_json::json;

/// Minutes on record of a metric of `orders`, each as a value, oldest first.
fn recorded(scene: &mut Scene, metric: &str, from: At) -> Vec<f64> {
    scene.wait(180);
    let now = scene.world.now;
    let name =
        json!({"Namespace": "AWS/SQS", "MetricName": metric, "Dimensions": [{"Name": "QueueName", "Value": "orders"}]});
    let query = json!({
        "StartTime": from.seconds(), "EndTime": now.seconds(), "ScanBy": "TimestampAscending",
        "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": name, "Period": 60, "Stat": "Sum"}}],
    });
    let reply = scene
        .world
        .call("test", "cloudwatch", "GetMetricData", query)
        .expect("data");
    let values = reply["MetricDataResults"][0]["Values"].as_array().expect("values");
    values.iter().filter_map(serde_json::Value::as_f64).collect()
}

#[test]
fn depth_and_traffic_are_on_record_every_minute() {
    let mut scene = Scene::standard(5);
    let began = scene.world.now;
    scene.wait(90);
    (0..3).for_each(|number| scene.send(&number.to_string()));
    let (_, handle) = scene.receive(1).remove(0);
    scene.get("DeleteMessage", json!({"ReceiptHandle": handle}));
    scene.wait(60);
    let visible = recorded(&mut scene, "ApproximateNumberOfMessagesVisible", began);
    assert_eq!(visible[..3], [0.0, 2.0, 2.0], "{visible:?}");
    for (metric, wanted) in [
        ("NumberOfMessagesSent", 3.0),
        ("NumberOfMessagesReceived", 1.0),
        ("NumberOfMessagesDeleted", 1.0),
    ] {
        let found = recorded(&mut scene, metric, began);
        assert_eq!(found[..3], [0.0, wanted, 0.0], "{metric}: {found:?}");
    }
}

#[test]
fn a_move_to_the_dead_letter_queue_is_not_counted_as_sent() {
    let mut scene = Scene::standard(1);
    scene.send("a");
    for _ in 0..2 {
        scene.receive(1);
        scene.wait(30);
    }
    assert_eq!(scene.depth(scene.dlq), (1, 0, 0));
    assert_eq!(scene.world.sqs.queues[scene.dlq].counts.sent, 0);
}

#[test]
fn the_age_of_the_oldest_message_does_not_show_what_was_received_three_times() {
    let mut scene = Scene::standard(9);
    scene.send("poison");
    for _ in 0..3 {
        let now = scene.world.now;
        let age = scene.world.sqs.queues[scene.queue].oldest_millis(now);
        assert_eq!(age, (now - At::START).as_millis() as i64);
        scene.receive(1);
        scene.wait(30);
    }
    let now = scene.world.now;
    assert_eq!(scene.world.sqs.queues[scene.queue].oldest_millis(now), 0);
}

#[test]
fn a_queue_that_nobody_uses_for_six_hours_falls_asleep_and_wakes_up_late() {
    let mut scene = Scene::standard(5);
    let place = scene.queue;
    scene.wait(6 * 3600);
    assert!(scene.world.sqs.is_awake(place, scene.world.now));
    scene.wait(120);
    assert!(
        !scene.world.sqs.is_awake(place, scene.world.now),
        "nothing, not even zeros"
    );
    let woken = scene.world.now;
    scene.send("a");
    let mut late = 0;
    while !scene.world.sqs.is_awake(place, scene.world.now) {
        scene.wait(1);
        late += 1;
    }
    assert!((1..=900).contains(&late), "{late}");
    let depth = recorded(&mut scene, "ApproximateNumberOfMessagesVisible", woken);
    assert!(
        !depth.is_empty() && depth.iter().all(|depth| *depth == 1.0),
        "{depth:?}"
    );
}

#[test]
fn asking_for_attributes_keeps_a_queue_awake_and_so_do_its_messages() {
    for way in ["asked", "full", "neither"] {
        let mut scene = Scene::standard(5);
        if way == "full" {
            scene.send("a");
        }
        for _ in 0..5 {
            scene.wait(2 * 3600);
            if way == "asked" {
                scene.get("GetQueueAttributes", json!({"AttributeNames": ["QueueArn"]}));
            }
        }
        let awake = scene.world.sqs.is_awake(scene.queue, scene.world.now);
        assert_eq!(awake, way != "neither", "{way}");
    }
}

#[test]
fn an_account_whose_queues_sleep_has_nothing_due() {
    let mut scene = Scene::standard(5);
    scene.wait(7 * 3600);
    assert_eq!(scene.world.next_due(), None);
}
