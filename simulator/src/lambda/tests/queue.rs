//! The queue in front of a function, with its ends told by hand.

use super::super::*;
use crate::chaos::Chaos;
use serde_json::json;

const FUNCTION: &str = "worker";

fn world(config: Config) -> World {
    let mut world = World::new(5);
    stage::function(&mut world, FUNCTION, config);
    world
}

/// Lets time pass to the next delivery; answers with its moment and request.
fn next(world: &mut World) -> Option<(At, u64)> {
    while let Some(due) = next_due(world) {
        world.advance_to(due);
        if let Some(Delivery::Invoke { request, .. }) = world.outbox.pop() {
            return Some((due, request));
        }
    }
    None
}

fn wrong() -> Result<(), String> {
    Err("out of luck".to_owned())
}

/// Milliseconds between an end and the next delivery.
fn gap(from: At, to: At) -> i64 {
    to.0 - from.0
}

#[test]
fn an_unknown_function_is_handed_over_at_once_and_never_again() {
    let mut world = World::new(5);
    let seed = world.rng.get_seed();
    let request = invoke_async(&mut world, "stranger", json!({"n": 1}));
    let expected = Delivery::Invoke {
        function: "stranger".to_owned(),
        payload: json!({"n": 1}),
        request,
    };
    assert_eq!(world.outbox, [expected]);
    assert_eq!(world.rng.get_seed(), seed, "chance was drawn");
    ended(&mut world, request, wrong());
    assert_eq!(next_due(&world), None);
    assert_eq!(world.lambda.failed, []);
}

#[test]
fn an_event_takes_between_20_and_200_milliseconds_to_its_function() {
    let mut world = world(Config::default());
    for n in 0..200 {
        let accepted = world.now;
        let request = invoke_async(&mut world, FUNCTION, json!(n));
        assert!(world.outbox.is_empty(), "handed over at once");
        let (at, delivered) = next(&mut world).expect("a delivery");
        assert_eq!(delivered, request);
        assert!((20..=200).contains(&gap(accepted, at)), "{}", gap(accepted, at));
        ended(&mut world, request, Ok(()));
    }
    assert_eq!(next_due(&world), None);
}

#[test]
fn a_failing_event_is_retried_after_one_minute_and_then_two() {
    for attempts_max in 0..=2 {
        let mut world = world(Config {
            attempts_max,
            on_failure: Some("failures".to_owned()),
            ..Config::default()
        });
        let request = invoke_async(&mut world, FUNCTION, json!({"n": 7}));
        let (mut at, _) = next(&mut world).expect("the first attempt");
        for wait_seconds in &[60, 120][..attempts_max as usize] {
            world.advance_to(at.plus_seconds(3));
            ended(&mut world, request, wrong());
            let (again, same) = next(&mut world).expect("a retry");
            assert_eq!(same, request);
            assert_eq!(gap(at, again), 3000 + wait_seconds * 1000);
            at = again;
        }
        assert_eq!(world.lambda.failed, []);
        ended(&mut world, request, wrong());
        assert_eq!(next(&mut world), None);
        let failed = Failed {
            at,
            request,
            function: FUNCTION.to_owned(),
            payload: json!({"n": 7}),
            invocations: attempts_max as usize + 1,
            condition: "RetriesExhausted",
            error: Some("out of luck".to_owned()),
            queue: Some("failures".to_owned()),
        };
        assert_eq!(world.lambda.failed, [failed], "after {attempts_max} retries");
    }
}

#[test]
fn a_retry_that_succeeds_is_the_last() {
    let mut world = world(Config::default());
    let request = invoke_async(&mut world, FUNCTION, json!({}));
    next(&mut world).expect("the first attempt");
    ended(&mut world, request, wrong());
    next(&mut world).expect("a retry");
    ended(&mut world, request, Ok(()));
    assert_eq!(next(&mut world), None);
    assert_eq!(world.lambda.failed, []);
    assert!(world.lambda.requests.is_empty(), "forgotten when it is done");
}

#[test]
fn an_event_that_grows_too_old_between_attempts_is_given_up_at_that_moment() {
    // The first retry would come at 60 s and a bit, the second at 180 s and a bit.
    for (event_age_seconds, attempts) in [(60, 1), (61, 2), (180, 2), (181, 3)] {
        let mut world = world(Config {
            event_age_seconds,
            ..Config::default()
        });
        let accepted = world.now;
        let request = invoke_async(&mut world, FUNCTION, json!({}));
        let mut ran = 0;
        while next(&mut world).is_some() {
            ran += 1;
            ended(&mut world, request, wrong());
        }
        let [failed] = &world.lambda.failed[..] else {
            panic!("{:?}", world.lambda.failed)
        };
        assert_eq!(ran, attempts, "{event_age_seconds} s");
        if attempts < 3 {
            assert_eq!(failed.condition, "EventAgeExceeded");
            assert_eq!(gap(accepted, failed.at), i64::from(event_age_seconds) * 1000);
        } else {
            assert_eq!(failed.condition, "RetriesExhausted");
        }
        assert_eq!(failed.queue, None);
    }
}

#[test]
fn a_throttled_event_backs_off_from_one_second_to_five_minutes_until_it_is_too_old() {
    let mut world = world(Config {
        reserved: Some(0),
        event_age_seconds: 1500,
        ..Config::default()
    });
    let accepted = world.now;
    invoke_async(&mut world, FUNCTION, json!({}));
    let mut looks = Vec::new();
    while let Some(due) = next_due(&world) {
        looks.push(due);
        world.advance_to(due);
    }
    let gaps: Vec<i64> = looks.windows(2).map(|two| gap(two[0], two[1]) / 1000).collect();
    assert_eq!(gaps[..11], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    let [failed] = &world.lambda.failed[..] else {
        panic!("{:?}", world.lambda.failed)
    };
    assert_eq!((failed.condition, &failed.error), ("EventAgeExceeded", &None));
    assert_eq!(gap(accepted, failed.at), 1_500_000);
    assert!(world.outbox.is_empty(), "it ran");
}

#[test]
fn reserved_concurrency_holds_others_back_and_is_no_attempt() {
    let mut world = world(Config {
        reserved: Some(1),
        attempts_max: 0,
        ..Config::default()
    });
    let first = invoke_async(&mut world, FUNCTION, json!(1));
    let second = invoke_async(&mut world, FUNCTION, json!(2));
    let (began, running) = next(&mut world).expect("one of them");
    let waiting = if running == first { second } else { first };
    world.advance_to(began.plus_seconds(10));
    assert!(world.outbox.is_empty(), "two at a time");
    ended(&mut world, running, Ok(()));
    let (at, delivered) = next(&mut world).expect("the other");
    assert_eq!(delivered, waiting);
    // Looked at after 0, 1, 3, 7 and 15 seconds: a free place is only seen at the next look.
    assert!((14_800..=15_200).contains(&gap(began, at)), "{}", gap(began, at));
    ended(&mut world, waiting, Ok(()));
    assert_eq!(world.lambda.failed, []);
}

#[test]
fn concurrency_is_counted_per_function() {
    let mut world = world(Config {
        reserved: Some(1),
        ..Config::default()
    });
    stage::function(&mut world, "other", Config::default());
    invoke_async(&mut world, FUNCTION, json!(1));
    for n in 0..3 {
        invoke_async(&mut world, "other", json!(n));
    }
    world.advance_to(world.now.plus_seconds(1));
    assert_eq!(world.outbox.len(), 4);
}

fn twice() -> World {
    let mut world = world(Config {
        attempts_max: 1,
        ..Config::default()
    });
    world.chaos = Chaos {
        duplicate_permille: 1000,
        delay_permille: 1000,
        delay_max_seconds: 20,
        ..Chaos::default()
    };
    world
}

#[test]
fn a_duplicate_carries_the_same_request_id_and_the_same_event() {
    let mut world = twice();
    let request = invoke_async(&mut world, FUNCTION, json!({"n": 3}));
    world.advance_to(world.now.plus_seconds(21));
    let copy = Delivery::Invoke {
        function: FUNCTION.to_owned(),
        payload: json!({"n": 3}),
        request,
    };
    assert_eq!(world.outbox, [copy.clone(), copy]);
    ended(&mut world, request, Ok(()));
    ended(&mut world, request, Ok(()));
    assert_eq!(next(&mut world), None);
    assert!(world.lambda.requests.is_empty());
}

#[test]
fn an_event_that_came_twice_is_retried_only_if_both_failed() {
    let cases = [
        ([Ok(()), Ok(())], false),
        ([Ok(()), wrong()], false),
        ([wrong(), Ok(())], false),
        ([wrong(), wrong()], true),
    ];
    for (outcomes, retried) in cases {
        let mut world = twice();
        let request = invoke_async(&mut world, FUNCTION, json!({}));
        world.advance_to(world.now.plus_seconds(21));
        assert_eq!(world.outbox.drain(..).count(), 2);
        for outcome in outcomes.clone() {
            ended(&mut world, request, outcome);
        }
        let again = next(&mut world);
        assert_eq!(again.is_some(), retried, "{outcomes:?}");
        if let Some((at, same)) = again {
            assert_eq!(same, request);
            assert_eq!(gap(At::START.plus_seconds(21), at), 60_000);
        }
    }
}

#[test]
fn delays_reorder_events() {
    let mut world = world(Config::default());
    world.chaos = Chaos {
        delay_permille: 500,
        delay_max_seconds: 30,
        ..Chaos::default()
    };
    let accepted: Vec<u64> = (0..20).map(|n| invoke_async(&mut world, FUNCTION, json!(n))).collect();
    world.advance_to(world.now.plus_seconds(31));
    let delivered = world.outbox.iter().filter_map(|delivery| match delivery {
        Delivery::Invoke { request, .. } => Some(*request),
        _ => None,
    });
    let mut delivered: Vec<u64> = delivered.collect();
    assert_ne!(delivered, accepted);
    delivered.sort_unstable();
    assert_eq!(delivered, accepted, "each of them once");
}

#[test]
fn an_end_that_nobody_waits_for_changes_nothing() {
    let mut world = world(Config::default());
    let request = invoke_async(&mut world, FUNCTION, json!({}));
    ended(&mut world, request, wrong());
    ended(&mut world, request + 1, wrong());
    let (_, delivered) = next(&mut world).expect("the first attempt");
    assert_eq!(delivered, request);
    ended(&mut world, request, Ok(()));
    ended(&mut world, request, wrong());
    assert_eq!(next(&mut world), None);
    assert_eq!(world.lambda.failed, []);
}

#[test]
#[should_panic(expected = "attempts_max is 3, AWS takes 0 to 2")]
fn a_third_retry_cannot_be_configured() {
    world(Config {
        attempts_max: 3,
        ..Config::default()
    });
}

#[test]
#[should_panic(expected = "event_age_seconds is 59, AWS takes 60 to 21600")]
fn an_age_below_a_minute_cannot_be_configured() {
    world(Config {
        event_age_seconds: 59,
        ..Config::default()
    });
}
