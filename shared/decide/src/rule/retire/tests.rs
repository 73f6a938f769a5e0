use super::lane;
use crate::policy::Retire;
use crate::router::alb::swap::tests::{sees, swapping, watched};
use crate::testing::{alarm_arn, alarm_fact, at, in_progress, lanes, meaning, on, unknown, with_fact};
use crate::{
    Order, Ordered, Part, Policy, Release, Scaling, Seen, SeenForward, Size, Suspended, Weights, decide, order,
};

const EVERYTHING: Weights = Weights { canary: 999, stable: 0 };

/// When its watch is over: half an hour after 400 s.
const OVER: i64 = 400 + 30 * 60;

/// The old side with so many tasks.
fn old_side(tasks: u32) -> Seen {
    sees(3, tasks, EVERYTHING)
}

fn keeping() -> Policy {
    Policy {
        retire: Some(Retire::Keep),
        ..swapping()
    }
}

/// Told to have no tasks at this moment, after it had three.
fn retiring(seconds: i64, seen: bool) -> Release {
    let mut size = Size::found(3, at(seconds));
    size.give(0, at(seconds));
    size.seen = seen;
    Release {
        retired: Some(size),
        ..watched()
    }
}

/// The old side with its tasks, and this of the rule.
fn there(forwards: Part<Option<SeenForward>>) -> Seen {
    Seen {
        forwards,
        ..old_side(3)
    }
}

fn sent_to((canary, stable): (Option<u32>, Option<u32>)) -> Seen {
    let forward = old_side(3).forwards.known().cloned().flatten();
    there(Part::Known(forward.map(|forward| SeenForward {
        canary,
        stable,
        ..forward
    })))
}

fn answering() -> Seen {
    let forward = sent_to((None, None)).forwards.known().cloned().flatten();
    there(Part::Known(forward.map(|forward| SeenForward {
        answers: Some("fixed-response".to_owned()),
        ..forward
    })))
}

fn sticky(seconds: u32) -> Seen {
    let seen = old_side(3);
    let Part::Known(Some(there)) = seen.forwards.clone() else {
        return seen;
    };
    Seen {
        forwards: Part::Known(Some(SeenForward {
            sticky_seconds: Some(seconds),
            ..there
        })),
        ..seen
    }
}

#[test]
fn the_old_side_has_its_tasks_until_the_watch_is_over_and_then_none() {
    let ending = || {
        let mut stable = in_progress(on("orders", 1, 0), 2, 0);
        stable.primary.rollout = crate::Rollout::Completed;
        Seen {
            stable: Part::Known(stable),
            ..old_side(0)
        }
    };
    let unread = || Seen {
        stable: unknown(),
        ..old_side(3)
    };
    let scale = "scale orders 0";
    // When, what is there, what is done, the phase that follows, and what is said.
    type Case = (
        &'static str,
        Policy,
        Release,
        Seen,
        i64,
        &'static str,
        &'static str,
        &'static str,
    );
    let cases: Vec<Case> = vec![
        (
            "in the watch",
            swapping(),
            watched(),
            old_side(3),
            OVER - 1,
            "",
            "watching",
            "watched until",
        ),
        (
            "its watch is over",
            swapping(),
            watched(),
            old_side(3),
            OVER,
            scale,
            "watching",
            "is given no tasks instead of 3",
        ),
        (
            "it keeps them",
            keeping(),
            watched(),
            old_side(3),
            OVER,
            "",
            "promoted",
            "orders keeps its tasks",
        ),
        (
            "somebody died",
            swapping(),
            retiring(OVER, false),
            old_side(3),
            OVER + 30,
            scale,
            "watching",
            "is given no tasks",
        ),
        (
            "they are ending",
            swapping(),
            retiring(OVER, false),
            ending(),
            OVER + 60,
            "",
            "watching",
            "2 are still ending",
        ),
        (
            "a call may land late",
            swapping(),
            retiring(OVER, true),
            old_side(0),
            OVER + 60,
            "",
            "watching",
            "settled at",
        ),
        (
            "retired",
            swapping(),
            retiring(OVER, true),
            old_side(0),
            OVER + 120,
            "",
            "promoted",
            "orders is retired",
        ),
        (
            "an older answer",
            swapping(),
            retiring(OVER, true),
            old_side(3),
            OVER + 60,
            scale,
            "watching",
            "is given no tasks",
        ),
        (
            "somebody wants it",
            swapping(),
            retiring(OVER, true),
            old_side(2),
            OVER + 200,
            "",
            "promoted",
            "left so",
        ),
        (
            "nobody knows",
            swapping(),
            retiring(OVER, true),
            unread(),
            OVER + 200,
            "",
            "watching",
            "orders is unknown",
        ),
        (
            "nobody knows yet",
            swapping(),
            watched(),
            unread(),
            OVER,
            "",
            "watching",
            "orders is unknown",
        ),
        (
            "sessions stick",
            swapping(),
            watched(),
            sticky(3_000),
            OVER,
            "",
            "watching",
            "sessions stick to orders until",
        ),
        (
            "sessions stick for days",
            swapping(),
            watched(),
            sticky(100_000),
            OVER + 30 * 60,
            "",
            "promoted",
            "orders keeps its tasks: sessions stick",
        ),
        (
            "somebody sends everybody back to it",
            swapping(),
            watched(),
            sent_to((Some(0), Some(100))),
            OVER,
            "",
            "watching",
            "the weights are 0 to 100",
        ),
        (
            "somebody sends one of a hundred back to it",
            swapping(),
            watched(),
            sent_to((Some(99), Some(1))),
            OVER,
            "",
            "watching",
            "the weights are 99 to 1",
        ),
        (
            "somebody takes the new side out",
            swapping(),
            watched(),
            sent_to((None, Some(1))),
            OVER,
            "",
            "watching",
            "the weights are 0 to 1",
        ),
        (
            "somebody takes the old side out",
            swapping(),
            watched(),
            sent_to((Some(999), None)),
            OVER,
            scale,
            "watching",
            "is given no tasks instead of 3",
        ),
        (
            "nobody knows the weights",
            swapping(),
            watched(),
            there(unknown()),
            OVER,
            "",
            "watching",
            "the weights are unknown",
        ),
        (
            "the rule is gone",
            swapping(),
            watched(),
            there(Part::Known(None)),
            OVER,
            "",
            "watching",
            "the rule is not there any more",
        ),
        (
            "the rule answers by itself",
            swapping(),
            watched(),
            answering(),
            OVER,
            "",
            "watching",
            "the rule answers by itself (fixed-response)",
        ),
        (
            "somebody sends everybody back to it for long",
            swapping(),
            watched(),
            sent_to((Some(0), Some(100))),
            OVER + 30 * 60,
            "",
            "promoted",
            "orders keeps its tasks: the weights are 0 to 100",
        ),
        (
            "somebody sends everybody back to it while it is being retired",
            swapping(),
            retiring(OVER, false),
            sent_to((Some(0), Some(100))),
            OVER + 30,
            "",
            "watching",
            "the weights are 0 to 100",
        ),
        (
            "somebody sends everybody back to it while it is being retired, for long",
            swapping(),
            retiring(OVER, false),
            sent_to((Some(0), Some(100))),
            OVER + 30 * 60,
            "",
            "promoted",
            "orders keeps its tasks: the weights are 0 to 100",
        ),
        (
            "it does not go",
            swapping(),
            retiring(OVER, false),
            old_side(3),
            OVER + 30 * 60,
            "",
            "promoted",
            "could not be retired within 30 minutes",
        ),
        (
            "its tasks do not end",
            swapping(),
            retiring(OVER, true),
            ending(),
            OVER + 30 * 60,
            "",
            "promoted",
            "could not be retired within 30 minutes",
        ),
    ];
    for (case, policy, release, seen, seconds, acts, phase, says) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(
            (lanes(&decision).as_str(), decision.next.phase.name()),
            (acts, phase),
            "{case}: {}",
            decision.because
        );
        assert!(decision.because.contains(says), "{case}: {}", decision.because);
    }
}

#[test]
fn what_is_being_retired_is_taken_back_by_nothing_any_more() {
    let ringing = with_fact(retiring(OVER, false), alarm_fact(&alarm_arn(), at(OVER + 5)));
    let decision = decide(&swapping(), &ringing, &old_side(3), at(OVER + 30));
    assert_eq!(decision.next.phase.name(), "watching", "{}", decision.because);
    let ringing = with_fact(watched(), alarm_fact(&alarm_arn(), at(OVER - 5)));
    let decision = decide(&swapping(), &ringing, &old_side(3), at(OVER));
    assert!(decision.next.phase.rolling_back().is_some(), "a moment before it is");
    let abort = Ordered {
        id: "order-1".to_owned(),
        order: Order::Abort,
        release: watched().id,
        by: "ann".to_owned(),
        why: "no".to_owned(),
        at: at(OVER + 10),
        deployment: None,
        step: None,
    };
    let refused = order::judge(&swapping(), &retiring(OVER, false), &abort, None, at(OVER + 10)).unwrap_err();
    assert!(
        refused.contains("has outlived its watch, and orders is being scaled to no tasks"),
        "{refused}"
    );
    assert!(order::judge(&swapping(), &watched(), &abort, None, at(OVER - 10)).is_ok());
}

const RUNNING: Suspended = Suspended {
    scale_in: false,
    scale_out: false,
    scheduled: false,
};

/// Both sides are scaled automatically, and the old one's is suspended as far as this.
fn scaled(release: Release, given: Suspended) -> Release {
    let mut old = Scaling::found(RUNNING, at(100));
    old.give(given, at(OVER));
    Release {
        old_scaling: Some(old),
        ..release
    }
}

#[test]
fn what_has_begun_is_finished_where_somebody_gives_the_new_side_something_else() {
    let no_fewer = Suspended {
        scale_in: true,
        ..RUNNING
    };
    let third = |service: &str, tasks: u32| meaning(on(service, 9, tasks), "v9", "other");
    let canary = |tasks: u32, suspended: Suspended| Seen {
        canary: Part::Known(third("orders-canary", 3)),
        old_scaling: Part::Known(Some(suspended)),
        ..old_side(tasks)
    };
    let stable = |tasks: u32, suspended: Suspended| Seen {
        stable: Part::Known(third("orders", tasks)),
        old_scaling: Part::Known(Some(suspended)),
        ..old_side(tasks)
    };
    let (all, begun) = (Suspended::ALL, || retiring(OVER, false));
    // What had been done, what is there, seconds after the watch, what is done, the phase that follows.
    let cases = [
        (
            scaled(watched(), no_fewer),
            canary(3, no_fewer),
            30,
            "give back orders",
            "watching",
        ),
        (
            scaled(begun(), no_fewer),
            canary(3, no_fewer),
            30,
            "suspend orders",
            "watching",
        ),
        (scaled(begun(), all), canary(3, all), 30, "scale orders 0", "watching"),
        (scaled(begun(), all), canary(0, all), 30, "", "watching"),
        (scaled(begun(), all), canary(0, all), 1_000, "", "overtaken"),
        // Nobody empties what somebody has given tasks.
        (scaled(begun(), all), stable(3, all), 30, "give back orders", "watching"),
        (scaled(begun(), all), stable(0, all), 1_000, "", "overtaken"),
        (
            begun(),
            Seen {
                old_scaling: Part::Known(None),
                ..canary(0, RUNNING)
            },
            1_000,
            "",
            "overtaken",
        ),
    ];
    for (release, seen, seconds, acts, phase) in cases {
        let decision = decide(&swapping(), &release, &seen, at(OVER + seconds));
        assert_eq!(
            (lanes(&decision).as_str(), decision.next.phase.name()),
            (acts, phase),
            "{}",
            decision.because
        );
    }
}

#[test]
fn nothing_is_done_blindly() {
    let decision = decide(&swapping(), &retiring(OVER, false), &Seen::nothing(), at(OVER + 30));
    assert_eq!(decision.next, retiring(OVER, false));
    assert!(lane(&decision.next, &Seen::nothing()).is_empty());
}
