use super::{BAD, GOOD, How, Plan, Scene, stage};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn all_that_is_sent_is_handled_once_and_shared_by_those_who_ask() {
    let mut scene = Scene::new(1, &Plan::default());
    scene.wait(3600);
    scene.rest();
    let tally = stage::tally(&scene.world, scene.work).clone();
    assert!((17_000..19_000).contains(&tally.sent), "{}", tally.sent);
    assert_eq!((tally.handled, tally.swallowed), (tally.sent, 0));
    let canary = tally
        .revisions
        .iter()
        .find(|revision| revision.definition == "orders-canary:1");
    let share = f64::from(canary.expect("it asked").received) / f64::from(tally.sent);
    assert!((0.24..0.26).contains(&share), "one of four tasks: {share}");
    assert_eq!((scene.letters(), scene.lost()), (0, 0));
}

/// Of the messages that the canary fails first, all that stable gets are handled: with a share s of the receives and n
/// receives, s to the power of n − 1 reach the dead-letter queue.
#[test]
fn a_canary_that_fails_every_message_fills_the_dead_letter_queue_only_by_chance() {
    for (receives_max, spread) in [(2_u32, 0.03), (3, 0.02)] {
        let plan = Plan {
            receives_max,
            ..Plan::default()
        };
        let mut scene = Scene::new(2, &plan);
        scene.settled("orders-canary", "v2");
        scene.fails(None, 1000, 0, How::Leaves);
        scene.wait(2 * 3600);
        scene.rest();
        let (bad, good) = (scene.of(BAD), scene.of(GOOD));
        let share = f64::from(bad.received) / f64::from(bad.received + good.received);
        let wanted = share.powi(i32::try_from(receives_max).expect("small") - 1);
        let found = scene.letters() as f64 / f64::from(bad.received_first);
        assert!(bad.received_first > 5_000, "{bad:?}");
        assert!((found - wanted).abs() < spread, "{found} of {wanted}, share {share}");
        assert_eq!(scene.lost(), scene.letters());
        assert_eq!(bad.handled, 0);
    }
}

#[test]
fn a_revision_fails_what_its_rows_say() {
    let cases = [
        ("all", None, 1000, 0, 0.99..=1.0),
        ("one of five", None, 200, 0, 0.17..=0.23),
        ("one kind", Some("poison"), 1000, 0, 0.08..=0.22),
        ("after half an hour of the hour", None, 1000, 1800, 0.45..=0.55),
    ];
    for (name, kind, permille, after_seconds, wanted) in cases {
        // Stable alone runs the bad image, so that a failed message meets nobody else.
        let plan = Plan {
            canary: 0,
            receives_max: 1,
            ..Plan::default()
        };
        let mut scene = Scene::new(3, &plan);
        stage::kind(&mut scene.world, scene.queue, "poison", 150);
        scene.settled("orders", "v2");
        scene.fails(kind, permille, after_seconds, How::Leaves);
        scene.wait(3600);
        let bad = scene.of(BAD);
        let share = f64::from(bad.failed) / f64::from(bad.received);
        assert!(wanted.contains(&share), "{name}: {share}");
    }
}

#[test]
fn what_is_deleted_without_having_been_handled_is_lost_as_well() {
    let mut scene = Scene::new(4, &Plan::default());
    scene.settled("orders-canary", "v2");
    scene.fails(None, 1000, 0, How::Swallows);
    scene.wait(600);
    scene.rest();
    let bad = scene.of(BAD);
    assert!(bad.received > 500, "{bad:?}");
    assert_eq!(scene.letters(), 0);
    assert_eq!(scene.lost(), bad.failed as usize);
}

#[test]
fn what_ends_a_process_is_dropped_and_ecs_starts_another() {
    let plan = Plan::default();
    let mut scene = Scene::new(4, &plan);
    stage::kind(&mut scene.world, scene.queue, "poison", 10);
    scene.settled("orders-canary", "v2");
    scene.fails(Some("poison"), 1000, 0, How::Ends);
    scene.wait(1800);
    let bad = scene.of(BAD);
    assert!(bad.dropped > 3, "{bad:?}");
    assert!(bad.handled > 10 * bad.dropped, "another task goes on: {bad:?}");
    let of_it = scene
        .world
        .ecs
        .timeline()
        .iter()
        .filter(|ran| ran.service.ends_with("/orders-canary"));
    let started = of_it.filter(|ran| ran.ran == crate::ecs::Ran::Started).count();
    assert!(
        started > bad.dropped as usize,
        "each time another: {started} of {bad:?}"
    );
}

#[test]
fn workers_put_on_record_what_they_did_by_the_revision_of_their_definition() {
    let mut scene = Scene::new(5, &Plan::default());
    scene.settled("orders-canary", "v2");
    scene.fails(None, 500, 0, How::Leaves);
    let began = scene.world.now;
    scene.wait(600);
    let counted = scene.of(BAD);
    scene.wait(20);
    let mut sum = |metric: &str| -> f64 {
        let name = json!({
            "Namespace": "Orders", "MetricName": metric, "Dimensions": [{"Name": "Revision", "Value": "orders-canary:2"}],
        });
        let query = json!({
            "StartTime": began.seconds(), "EndTime": began.plus_seconds(600).seconds(),
            "MetricDataQueries": [{"Id": "m", "MetricStat": {"Metric": name, "Period": 600, "Stat": "Sum"}}],
        });
        let reply = scene
            .world
            .call("test", "cloudwatch", "GetMetricData", query)
            .expect("data");
        reply["MetricDataResults"][0]["Values"][0].as_f64().unwrap_or_default()
    };
    let (total, failed) = (sum("Handled"), sum("Failed"));
    assert_eq!(total, f64::from(counted.handled + counted.failed));
    assert_eq!(failed, f64::from(counted.failed));
    assert!(failed > 100.0, "{failed}");
}

#[test]
fn the_same_seed_is_the_same_traffic_however_often_anybody_looks() {
    let play = |looks: i64| {
        let mut scene = Scene::new(6, &Plan::default());
        scene.settled("orders-canary", "v2");
        scene.fails(None, 300, 0, How::Leaves);
        for _ in 0..looks {
            scene.wait(1800 / looks);
            scene.letters();
        }
        stage::tally(&scene.world, scene.work).revisions.clone()
    };
    assert_eq!(play(1), play(1));
    assert_eq!(play(1), play(600));
}

#[test]
fn an_hour_of_ten_messages_a_second_and_ten_tasks_takes_well_under_a_second() {
    let plan = Plan {
        stable: 9,
        canary: 1,
        per_second: 10.0,
        millis: 500,
        ..Plan::default()
    };
    let mut scene = Scene::new(7, &plan);
    let began = Instant::now();
    scene.wait(3600);
    let took = began.elapsed();
    let handled = stage::tally(&scene.world, scene.work).handled;
    assert!(handled > 35_000, "{handled}");
    println!("{handled} messages in {took:?}");
    assert!(took < Duration::from_millis(900), "{took:?}");
}

/// Where handling takes longer than the visibility time-out, a message is moved to the dead-letter queue while somebody
/// works on it: whether it is lost hangs on what that one makes of it.
#[test]
fn what_dies_while_it_is_handled_is_lost_only_where_handling_fails() {
    for bad in [false, true] {
        let plan = Plan {
            canary: 0,
            receives_max: 1,
            per_second: 0.03,
            millis: 40_000,
            ..Plan::default()
        };
        let mut scene = Scene::new(5, &plan);
        if bad {
            scene.settled("orders", "v2");
            scene.fails(Some("plain"), 1000, 0, How::Leaves);
        }
        scene.wait(3600);
        scene.rest();
        let did = scene.of(if bad { BAD } else { GOOD });
        let (letters, received) = (scene.letters(), did.received as usize);
        assert!(letters > 50 && letters <= received, "{letters} of {received}");
        let handled = stage::tally(&scene.world, scene.work).handled as usize;
        let dead_and_handled = stage::dead_and_handled(&scene.world, scene.work, scene.dlq);
        if bad {
            assert_eq!((did.handled, did.failed as usize), (0, received));
            assert_eq!((scene.lost(), dead_and_handled, handled), (received, 0, 0));
        } else {
            assert_eq!((did.handled as usize, did.failed), (received, 0));
            assert_eq!((scene.lost(), dead_and_handled), (0, letters));
            assert_eq!(handled + letters, received);
        }
    }
}

/// Nothing is sent for a day: a task that waits asks every few seconds, and that is an action on the queue.
#[test]
fn a_queue_with_somebody_waiting_at_it_does_not_fall_asleep() {
    for (tasks, awake) in [(1, true), (0, false)] {
        let plan = Plan {
            stable: tasks,
            canary: 0,
            per_second: 0.0,
            ..Plan::default()
        };
        let mut scene = Scene::new(6, &plan);
        scene.wait(86_400);
        assert_eq!(
            scene.world.sqs.is_awake(scene.queue, scene.world.now),
            awake,
            "{tasks} tasks"
        );
        assert!(
            !scene.world.sqs.is_awake(scene.dlq, scene.world.now),
            "nobody asks there"
        );
    }
}
