use super::{BAD, GOOD, How, OnSigterm, Plan, Scene, stage};
use crate::ecs::stage as services;
use crate::time::At;
use serde_json::json;

/// Stops one task of stable, which has many messages in hand.
fn stopped(on_sigterm: OnSigterm, millis: i64, batch: usize) -> Scene {
    let plan = Plan {
        stable: 1,
        canary: 0,
        batch,
        per_second: 20.0,
        millis,
        on_sigterm,
        ..Plan::default()
    };
    let mut scene = Scene::new(1, &plan);
    scene.wait(60);
    stop(&mut scene);
    scene
}

fn stop(scene: &mut Scene) {
    let tasks = scene
        .world
        .call("test", "ecs", "ListTasks", json!({"cluster": "prod"}))
        .expect("tasks");
    let input = json!({"cluster": "prod", "task": tasks["taskArns"][0]});
    scene.world.call("test", "ecs", "StopTask", input).expect("stopped");
}

/// Seconds from the stop to the end of the process, and its exit code.
fn end(scene: &mut Scene, told: At) -> (i64, i64) {
    scene.world.advance_to(told.plus_seconds(45));
    let tasks = json!({"cluster": "prod", "desiredStatus": "STOPPED"});
    let tasks = scene.world.call("test", "ecs", "ListTasks", tasks).expect("tasks");
    let input = json!({"cluster": "prod", "tasks": tasks["taskArns"]});
    let task = scene.world.call("test", "ecs", "DescribeTasks", input).expect("a task")["tasks"][0].clone();
    let ended = task["executionStoppedAt"].as_f64().expect("it ended") - told.seconds();
    (
        ended.round() as i64,
        task["containers"][0]["exitCode"].as_i64().expect("a code"),
    )
}

#[test]
fn a_worker_that_listens_finishes_what_it_has_in_hand_and_gives_the_rest_back() {
    let mut scene = stopped(OnSigterm::Finishes, 4_000, 10);
    let before = scene.of(GOOD);
    let held = scene.world.sqs.depth(scene.queue, scene.world.now).held;
    assert_eq!(held, 1, "nine of ten are back at once");
    let told = scene.world.now;
    let (seconds, code) = end(&mut scene, told);
    assert!((0..=5).contains(&seconds), "{seconds}");
    assert_eq!(code, 0);
    assert_eq!(scene.of(GOOD).dropped, 0);
    assert!(scene.of(GOOD).handled > before.handled);
}

/// One task that has just received the only message, for which it takes longer than it has to stop, and is told to.
fn told_in_mid_message(receives_max: u32) -> Scene {
    let plan = Plan {
        stable: 1,
        canary: 0,
        receives_max,
        visibility_seconds: 600,
        per_second: 0.0,
        millis: 120_000,
        ..Plan::default()
    };
    let mut scene = Scene::new(1, &plan);
    scene.wait(60);
    let url = "https://sqs.eu-central-1.amazonaws.com/111122223333/orders";
    let message = json!({"QueueUrl": url, "MessageBody": "plain"});
    scene.world.call("test", "sqs", "SendMessage", message).expect("sent");
    scene.wait(5);
    assert_eq!(scene.of(GOOD).received, 1);
    stop(&mut scene);
    scene
}

#[test]
fn a_worker_that_has_no_time_to_finish_gives_its_message_back() {
    let mut scene = told_in_mid_message(3);
    let told = scene.world.now;
    let held = |scene: &mut Scene| scene.world.sqs.depth(scene.queue, scene.world.now).held;
    scene.world.advance_to(told.plus_seconds(27));
    assert_eq!(
        (held(&mut scene), scene.of(GOOD).received),
        (1, 1),
        "it may still be done in time"
    );
    let (seconds, code) = end(&mut scene, told);
    assert_eq!((seconds, code), (28, 0), "two seconds are left before SIGKILL");
    let good = scene.of(GOOD);
    assert_eq!((good.dropped, good.handled), (0, 0));
    assert_eq!(
        good.received, 2,
        "the next task has it, long before its visibility time-out"
    );
}

#[test]
fn what_is_given_back_was_received_and_dies_where_one_receive_is_the_most() {
    for (receives_max, received, letters) in [(1, 1, 1), (2, 2, 0)] {
        let mut scene = told_in_mid_message(receives_max);
        scene.wait(60);
        assert_eq!(
            (scene.of(GOOD).received, scene.letters()),
            (received, letters),
            "at most {receives_max}"
        );
    }
}

#[test]
fn a_worker_that_does_not_listen_receives_until_it_is_killed() {
    let mut scene = stopped(OnSigterm::Ignores, 500, 1);
    let told = scene.world.now;
    let (seconds, code) = end(&mut scene, told);
    assert_eq!((seconds, code), (30, 137));
    let good = scene.of(GOOD);
    assert_eq!(good.dropped, 1);
    let last = good.last.expect("it received");
    assert!(last >= told.plus_seconds(29), "{last:?}");
}

#[test]
fn what_was_dropped_comes_back_and_is_dead_where_one_receive_is_the_most() {
    for (receives_max, lost) in [(1, true), (2, false)] {
        let plan = Plan {
            per_second: 20.0,
            millis: 190,
            receives_max,
            on_sigterm: OnSigterm::Ignores,
            ..Plan::default()
        };
        let mut scene = Scene::new(2, &plan);
        scene.wait(60);
        // A rollout of the same good image: nothing fails, and yet.
        scene.deploy("orders", "v1");
        scene.wait(600);
        scene.rest();
        let dropped = scene.of(GOOD).dropped as usize;
        assert!(dropped >= 1, "three tasks went in mid-message");
        assert_eq!(scene.letters(), if lost { dropped } else { 0 });
        assert_eq!(scene.of(GOOD).failed, 0);
    }
}

#[test]
fn a_task_asks_from_running_on_and_the_one_before_until_it_goes() {
    let mut scene = Scene::new(3, &Plan::default());
    scene.wait(60);
    scene.deploy("orders-canary", "v2");
    scene.fails(None, 1000, 0, How::Leaves);
    let deployed = scene.world.now;
    scene.wait(600);
    let runs = |image: &str| {
        let timeline = scene.world.ecs.timeline().iter();
        let mut own = timeline.filter(|ran| ran.images.values().any(|found| found == image));
        own.next().expect("it ran").at
    };
    let (first, ran) = (scene.of(BAD).first.expect("it asked"), runs(BAD));
    assert!(first >= ran && ran > deployed, "{first:?} {ran:?}");
    let tally = stage::tally(&scene.world, scene.work);
    let before = tally
        .revisions
        .iter()
        .find(|revision| revision.definition == "orders-canary:1");
    let last = before.and_then(|revision| revision.last).expect("it asked");
    assert!(last >= ran, "it asked until its successor was healthy");
    assert!(last < scene.world.now.plus_seconds(-300), "and not for ever");
}

#[test]
fn spot_takes_a_task_in_mid_message_and_ecs_starts_another() {
    let plan = Plan {
        per_second: 20.0,
        millis: 190,
        receives_max: 1,
        on_sigterm: OnSigterm::Ignores,
        ..Plan::default()
    };
    let mut scene = Scene::new(4, &plan);
    scene.wait(60);
    let arn = scene.world.arn("ecs", "service/prod/orders-canary");
    let task = services::reclaim(&mut scene.world, &arn);
    scene.wait(120);
    let input = json!({"cluster": "prod", "tasks": [task]});
    let told = scene.world.call("test", "ecs", "DescribeTasks", input).expect("a task");
    assert_eq!(told["tasks"][0]["stopCode"], "SpotInterruption");
    assert_eq!(scene.world.ecs.running("prod", "orders-canary").len(), 1);
    scene.rest();
    assert_eq!(scene.lost(), scene.of(GOOD).dropped as usize);
    assert_eq!(scene.of(GOOD).dropped, 1);
}
