//! When the bad tasks of a canary are stopped that a load balancer sends people to.

use super::*;
use crate::policy::Stop;
use crate::testing::over;

/// Who says so, what is seen of the rule, when, and whether they are stopped.
type Case = (&'static str, Release, Part<Option<SeenForward>>, i64, bool);

/// Its weights were returned to rest at 100 s, and not seen there yet.
fn returning() -> Release {
    weighed(rolling_back(), REST)
}

fn shows(weights: Weights) -> Part<Option<SeenForward>> {
    there(Some(weights.canary), Some(weights.stable))
}

fn answers() -> Part<Option<SeenForward>> {
    Part::Known(Some(SeenForward {
        answers: Some("fixed-response".to_owned()),
        tagged: tag(),
        ..SeenForward::default()
    }))
}

#[test]
fn bad_tasks_are_stopped_once_the_weights_are_seen_at_rest_or_send_nobody_or_time_is_up() {
    let now = Policy {
        stop: Some(Stop::Now),
        ..steps()
    };
    let begun = rolling_back().phase_since;
    let overdue = begun.plus_seconds(now.deadline_minutes * 60).millis() / 1_000 - at(0).millis() / 1_000;
    let seen = || {
        let mut release = returning();
        release.weights.as_mut().unwrap().seen = true;
        release
    };
    let given_up = || Release {
        phase: Phase::RollbackFailed {
            cause: crate::testing::cause(),
        },
        ..returning()
    };
    let swaps = || Release {
        swaps: true,
        ..returning()
    };
    let cases: Vec<Case> = vec![
        ("half is sent there", returning(), shows(HALF), 150, false),
        ("nobody knows", returning(), unknown(), 150, false),
        ("at rest", returning(), shows(REST), 150, true),
        (
            "they were at rest, and are somebody's by now",
            seen(),
            shows(HALF),
            900,
            true,
        ),
        ("they were at rest, and nobody knows", seen(), unknown(), 150, true),
        ("nothing was ever weighed", rolling_back(), shows(HALF), 150, true),
        ("the rule is gone", returning(), Part::Known(None), 150, true),
        ("the rule answers by itself", returning(), answers(), 150, true),
        (
            "the canary is out of the rule",
            returning(),
            there(None, Some(1)),
            150,
            true,
        ),
        (
            "the canary is all that is in it",
            returning(),
            there(Some(1), None),
            150,
            false,
        ),
        ("until time is up", returning(), unknown(), overdue - 1, false),
        ("time is up", returning(), unknown(), overdue, true),
        ("it is given up", given_up(), shows(HALF), 150, true),
        (
            "it may be sent everybody, and time is up",
            swaps(),
            unknown(),
            overdue,
            false,
        ),
        ("the same, at rest", swaps(), shows(REST), 150, true),
    ];
    for (name, release, forwards, seconds, stopped) in cases {
        let seen = Seen {
            canary: Part::Known(on("orders-canary", 2, 1)),
            pipeline: Part::Known(over()),
            forwards,
            ..sees(REST)
        };
        let decision = decide(&now, &release, &seen, at(seconds));
        let did = lanes(&decision);
        assert_eq!(did.contains("stop tasks of orders-canary"), stopped, "{name}: {did}");
        assert!(
            did.contains("restore orders-canary"),
            "{name}: the service waits for nothing: {did}"
        );
    }
}

#[test]
fn people_read_why_bad_tasks_are_left_for_now() {
    let drain = Policy {
        stop: Some(Stop::Drain { seconds: 0 }),
        ..steps()
    };
    let seen = Seen {
        canary: Part::Known(leaving()),
        pipeline: Part::Known(over()),
        forwards: shows(HALF),
        ..sees(REST)
    };
    let decision = decide(&drain, &returning(), &seen, at(150));
    let why = "the bad ones are not stopped before the weights are seen at 1 to 99";
    assert!(decision.because.contains(why), "{}", decision.because);
    assert!(!lanes(&decision).contains("stop tasks"), "{}", lanes(&decision));
}

/// Who says so, what is seen of the rule, when, and until when the bad tasks may finish. 0: they are stopped; none: they
/// serve.
type Drains = (&'static str, Release, Part<Option<SeenForward>>, i64, Option<i64>);

/// On its way to its baseline, a bad task left.
fn leaving() -> crate::SeenService {
    let mut canary = crate::testing::in_progress(on("orders-canary", 1, 1), 0, 1);
    canary.older = vec![crate::SeenOlder {
        id: "ecs-svc/old-2".to_owned(),
        task_definition: crate::testing::arn("orders-canary", 2),
        tasks: 1,
    }];
    canary
}

/// Returned at 100 s, and seen to send nobody to the canary at this moment.
fn rested(seconds: i64) -> Release {
    let mut release = returning();
    let state = release.weights.as_mut().unwrap();
    (state.seen, state.rested) = (true, Some(at(seconds)));
    release
}

#[test]
fn a_drain_counts_from_when_the_weights_are_seen_to_send_nobody() {
    let drain = Policy {
        stop: Some(Stop::Drain { seconds: 60 }),
        ..steps()
    };
    let overdue = rolling_back().phase_since.plus_seconds(drain.deadline_minutes * 60);
    let overdue = overdue.millis() / 1_000 - at(0).millis() / 1_000;
    let given_again = || {
        let mut release = rested(170);
        release.canary.attempts.last = Some(at(200));
        release
    };
    // Its baseline was given back at 100 s.
    let cases: Vec<Drains> = vec![
        ("half is sent there", returning(), shows(HALF), 170, None),
        ("nobody knows", returning(), unknown(), 170, None),
        ("at rest for the first time", returning(), shows(REST), 170, Some(230)),
        ("the rule is gone", returning(), Part::Known(None), 170, Some(230)),
        ("it answers by itself", returning(), answers(), 170, Some(230)),
        (
            "the canary is out of it",
            returning(),
            there(None, Some(1)),
            170,
            Some(230),
        ),
        ("at rest", rested(170), shows(REST), 229, Some(230)),
        ("at rest for long enough", rested(170), shows(REST), 230, Some(0)),
        (
            "somebody sends people there by then",
            rested(170),
            shows(HALF),
            230,
            Some(0),
        ),
        ("nobody knows by then", rested(170), unknown(), 230, Some(0)),
        ("it was at rest first", rested(90), shows(REST), 159, Some(160)),
        ("it is given back once more", given_again(), shows(REST), 230, Some(260)),
        (
            "time is up, and nobody has seen it",
            returning(),
            unknown(),
            overdue,
            Some(0),
        ),
        ("nothing was ever weighed", rolling_back(), shows(HALF), 159, Some(160)),
        (
            "nothing was ever weighed, and it has drained",
            rolling_back(),
            shows(HALF),
            160,
            Some(0),
        ),
    ];
    for (name, release, forwards, seconds, expected) in cases {
        let seen = Seen {
            canary: Part::Known(leaving()),
            pipeline: Part::Known(over()),
            forwards,
            ..sees(REST)
        };
        let decision = decide(&drain, &release, &seen, at(seconds));
        let says = match expected {
            None => "the bad ones are not stopped before".to_owned(),
            Some(0) => "the bad ones are stopped".to_owned(),
            Some(until) => format!("the bad ones may finish until {}", at(until)),
        };
        assert!(decision.because.contains(&says), "{name}: {}", decision.because);
        let stops = lanes(&decision).contains("stop tasks of orders-canary");
        assert_eq!(stops, expected == Some(0), "{name}: {}", lanes(&decision));
    }
}

#[test]
fn what_was_at_rest_before_a_rollback_begins_is_seen_anew() {
    let mut release = rested(90);
    crate::router::rest(&steps(), &mut release, at(100));
    assert_eq!(release.weights.unwrap().rested, None);
    let mut forward = weighed(in_step(0), REST);
    note(&steps(), &alb(), &mut forward, &sees(REST), at(110));
    assert_eq!(forward.weights.unwrap().rested, None, "it is not on its way back");
}
