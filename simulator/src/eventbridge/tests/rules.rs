//! From the source to the right targets, also under chaos.

use crate::chaos::Chaos;
use crate::eventbridge::{self, Target, stage};
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

/// Invocations that left, with their moments: one step of time for each.
pub(super) fn invocations(world: &mut World, until: At) -> Vec<(At, String, Value)> {
    let mut found = Vec::new();
    loop {
        let now = world.now;
        let left = std::mem::take(&mut world.outbox);
        found.extend(left.into_iter().filter_map(|delivery| match delivery {
            Delivery::Invoke { function, payload, .. } => Some((now, function, payload)),
            _ => None,
        }));
        match world.next_due().filter(|due| *due <= until) {
            Some(due) => world.advance_to(due),
            None => return found,
        }
    }
}

fn emit(world: &mut World, source: &str, n: u64) {
    world.emit(source, "Test", &[], json!({ "n": n }));
}

fn rule(world: &mut World, name: &str, pattern: Value, targets: Vec<Target>) {
    stage::rule(world, name, pattern, targets).expect("a good rule");
}

#[test]
fn an_event_reaches_every_target_of_every_rule_it_matches() {
    let mut world = World::new(9);
    let targets = vec![
        Target::function("a"),
        Target::function("b").given(json!({"fixed": true})),
    ];
    rule(&mut world, "ecs", json!({"source": ["aws.ecs"]}), targets);
    rule(
        &mut world,
        "numbers",
        json!({"detail": {"n": [{"numeric": ["<", 5]}]}}),
        vec![Target::function("c")],
    );
    rule(
        &mut world,
        "others",
        json!({"source": ["aws.ssm"]}),
        vec![Target::function("d")],
    );
    emit(&mut world, "aws.ecs", 4);
    let event = world.eventbridge.seen[0].clone();
    let mut told = invocations(&mut world, At::START.plus_seconds(3));
    assert!(
        told.iter().all(|(at, ..)| (200..=2000).contains(&(at.0 - At::START.0))),
        "{told:?}"
    );
    told.sort_by(|one, other| one.1.cmp(&other.1));
    let told: Vec<(&str, &Value)> = told
        .iter()
        .map(|(_, function, payload)| (function.as_str(), payload))
        .collect();
    assert_eq!(told, [("a", &event), ("b", &json!({"fixed": true})), ("c", &event)]);
    assert_eq!(event["source"], "aws.ecs");
    assert_eq!(event["detail"], json!({"n": 4}));
}

#[test]
fn every_event_is_seen_and_leaves_at_once_whether_a_rule_is_for_it_or_not() {
    let mut world = World::new(9);
    rule(
        &mut world,
        "ecs",
        json!({"source": ["aws.ecs"]}),
        vec![Target::function("a")],
    );
    emit(&mut world, "aws.ecs", 1);
    emit(&mut world, "aws.ssm", 2);
    let seen: Vec<Delivery> = world.eventbridge.seen.iter().cloned().map(Delivery::Event).collect();
    assert_eq!(seen.len(), 2);
    assert_eq!(world.outbox, seen);
}

#[test]
fn a_rule_of_the_same_name_replaces_the_old_one_and_a_removed_one_is_gone() {
    let mut world = World::new(9);
    for function in ["old", "new"] {
        rule(
            &mut world,
            "ecs",
            json!({"source": ["aws.ecs"]}),
            vec![Target::function(function)],
        );
    }
    emit(&mut world, "aws.ecs", 1);
    let told = invocations(&mut world, At::START.plus_seconds(3));
    assert_eq!(
        told.iter()
            .map(|(_, function, _)| function.as_str())
            .collect::<Vec<_>>(),
        ["new"]
    );
    stage::remove(&mut world, "ecs");
    emit(&mut world, "aws.ecs", 2);
    assert_eq!(invocations(&mut world, At::START.plus_seconds(9)), []);
}

#[test]
fn a_schedule_runs_at_its_rate_from_one_period_on() {
    let mut world = World::new(9);
    stage::schedule(&mut world, "sweep", 300, Target::function("advance")).expect("a good schedule");
    let fixed = Target::function("tick").given(json!({"sweep": true}));
    stage::schedule(&mut world, "fixed", 600, fixed).expect("a good schedule");
    let told = invocations(&mut world, At::START.plus_seconds(1202));
    let of = |function: &str| -> Vec<(At, Value)> {
        let of = told.iter().filter(|(_, name, _)| name == function);
        of.map(|(at, _, payload)| (*at, payload.clone())).collect()
    };
    let sweeps = of("advance");
    assert_eq!(sweeps.len(), 4);
    for (n, (at, event)) in sweeps.iter().enumerate() {
        let due = At::START.plus_seconds(300 * (n as i64 + 1));
        assert!((200..=2000).contains(&(at.0 - due.0)), "{at} for {due}");
        assert_eq!(event["time"], json!(due.iso_seconds()));
        assert_eq!(event["detail-type"], "Scheduled Event");
        assert_eq!(event["source"], "aws.events");
        assert_eq!(
            event["resources"],
            json!(["arn:aws:events:eu-central-1:111122223333:rule/sweep"])
        );
        assert_eq!(event["detail"], json!({}));
    }
    let ticks: Vec<Value> = of("tick").into_iter().map(|(_, payload)| payload).collect();
    assert_eq!(ticks, [json!({"sweep": true}), json!({"sweep": true})]);
    assert_eq!(
        world.eventbridge.seen,
        [] as [Value; 0],
        "a schedule's events go to its targets only"
    );
}

/// Numbers of the events that arrived, in order of arrival.
fn arrived(world: &World) -> Vec<u64> {
    let seen = world.eventbridge.seen.iter();
    seen.filter_map(|event| event["detail"]["n"].as_u64()).collect()
}

/// Twenty events, one per second, under chaos; an hour later.
fn storm(seed: u64, source: &str, chaos: Chaos) -> World {
    let mut world = World::new(seed);
    world.chaos = chaos;
    for n in 0..20 {
        emit(&mut world, source, n);
        world.advance_to(world.now.plus_seconds(1));
    }
    world.advance_to(world.now.plus_seconds(3600));
    world
}

#[test]
fn without_chaos_events_arrive_once_and_in_order() {
    let world = storm(9, "aws.codepipeline", Chaos::default());
    assert_eq!(arrived(&world), (0..20).collect::<Vec<_>>());
}

#[test]
fn duplicates_are_the_same_event_again() {
    let chaos = Chaos {
        duplicate_permille: 300,
        ..Chaos::default()
    };
    let world = storm(9, "aws.ecs", chaos);
    let twice = arrived(&world).len() - 20;
    assert!((1..20).contains(&twice), "{twice} came twice");
    let seen = &world.eventbridge.seen;
    let repeated = seen.windows(2).filter(|two| two[0] == two[1]);
    assert_eq!(repeated.count(), twice, "same id, same time, same detail");
    let again = storm(9, "aws.ecs", chaos);
    assert_eq!(
        world.eventbridge.seen, again.eventbridge.seen,
        "same seed, same duplicates"
    );
}

#[test]
fn delays_reorder_and_lose_nothing() {
    let chaos = Chaos {
        delay_permille: 500,
        delay_max_seconds: 60,
        ..Chaos::default()
    };
    let world = storm(9, "aws.ecs", chaos);
    let mut numbers = arrived(&world);
    assert_ne!(numbers, (0..20).collect::<Vec<_>>());
    numbers.sort_unstable();
    assert_eq!(numbers, (0..20).collect::<Vec<_>>());
    let left = world.outbox.len();
    assert_eq!(left, 20, "watchers see what arrives, when it does");
}

#[test]
fn only_best_effort_sources_lose_events() {
    let chaos = |lose_durable| Chaos {
        lose_permille: 400,
        lose_durable,
        ..Chaos::default()
    };
    for (source, lose_durable, loses) in [
        ("aws.codepipeline", false, true),
        ("aws.ssm", false, true),
        ("aws.ecs", false, false),
        ("aws.cloudwatch", false, false),
        ("aws.ecs", true, true),
    ] {
        let world = storm(9, source, chaos(lose_durable));
        let (seen, lost) = (world.eventbridge.seen.len(), world.eventbridge.lost.len());
        assert_eq!(seen + lost, 20, "{source}");
        assert_eq!(lost > 0, loses, "{source}: {lost} lost");
        assert!(seen > 0, "{source}");
    }
}

#[test]
fn the_scene_before_the_story_is_not_heard() {
    let mut world = World::new(9);
    rule(
        &mut world,
        "all",
        json!({"source": [{"exists": true}]}),
        vec![Target::function("a")],
    );
    eventbridge::unheard(&mut world, |world| emit(world, "aws.ecs", 1));
    assert!(arrived(&world).is_empty());
    assert_eq!(invocations(&mut world, At::START.plus_seconds(9)), []);
    emit(&mut world, "aws.ecs", 2);
    assert_eq!(
        invocations(&mut world, At::START.plus_seconds(9)).len(),
        1,
        "rules are still there"
    );
}
