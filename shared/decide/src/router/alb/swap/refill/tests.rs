use crate::router::alb::set;
use crate::router::alb::swap::tests::{sees, swapping, watched};
use crate::testing::{alarm_arn, alarm_fact, at, in_progress, lanes, on, unknown, with_fact};
use crate::{Part, Release, Seen, Size, Weights, decide};

const EVERYTHING: Weights = Weights { canary: 999, stable: 0 };

/// Everything is at the canary, and the alarm rings.
fn ringing() -> Release {
    with_fact(watched(), alarm_fact(&alarm_arn(), at(700)))
}

fn starting() -> Seen {
    Seen {
        stable: Part::Known(in_progress(on("orders", 1, 3), 0, 0)),
        ..sees(3, 0, EVERYTHING)
    }
}

#[test]
fn the_old_side_has_a_task_that_runs_before_everybody_is_sent_to_it() {
    let ending = || {
        let mut stable = on("orders", 1, 0);
        stable.older_running = 1;
        Seen {
            stable: Part::Known(stable),
            ..sees(3, 0, EVERYTHING)
        }
    };
    let unread = || Seen {
        stable: unknown(),
        ..sees(3, 0, EVERYTHING)
    };
    let canary_unread = || Seen {
        canary: unknown(),
        ..sees(3, 0, EVERYTHING)
    };
    let weights_unread = || Seen {
        forwards: unknown(),
        ..sees(3, 0, EVERYTHING)
    };
    let (back, fill) = ("shift 0 to 1", "scale orders 3");
    let cases: [(&str, Seen, &str, &str); 8] = [
        (
            "it has its tasks",
            sees(3, 3, EVERYTHING),
            back,
            "the weights are returned",
        ),
        (
            "it has one of them",
            sees(3, 1, EVERYTHING),
            back,
            "the weights are returned",
        ),
        (
            "it has none",
            sees(3, 0, EVERYTHING),
            fill,
            "somebody has left orders without tasks; it is given 3 tasks",
        ),
        (
            "its last is ending",
            ending(),
            fill,
            "somebody has left orders without tasks; it is given 3 tasks",
        ),
        (
            "none runs yet",
            starting(),
            "",
            "none of the 3 tasks of orders runs yet",
        ),
        ("nobody knows it", unread(), back, "the weights are returned"),
        ("nobody knows the canary", canary_unread(), fill, "it is given 3 tasks"),
        (
            "nobody knows the weights",
            weights_unread(),
            fill,
            "it is given 3 tasks",
        ),
    ];
    for (name, seen, acts, says) in cases {
        let decision = decide(&swapping(), &ringing(), &seen, at(701));
        let done = lanes(&decision);
        let first = done
            .split(" | ")
            .find(|act| !act.starts_with("restore"))
            .unwrap_or_default();
        assert_eq!(first, acts, "{name}: {}", decision.because);
        assert!(decision.because.contains(says), "{name}: {}", decision.because);
        assert!(decision.next.phase.rolling_back().is_some(), "{name}");
    }
}

#[test]
fn nobody_waits_for_the_old_side_where_the_canary_runs_nothing_either() {
    let decision = decide(&swapping(), &ringing(), &sees(0, 0, EVERYTHING), at(701));
    assert!(lanes(&decision).contains("shift 0 to 1"), "{}", decision.because);
}

#[test]
fn it_is_written_down_how_many_tasks_it_was_given_and_when_last() {
    let policy = swapping();
    let first = decide(&policy, &ringing(), &sees(3, 0, EVERYTHING), at(701)).next;
    let size = |release: &Release| release.refilled.clone().map(|size: Size| (size.given, size.at));
    assert_eq!(size(&first), Some((3, at(701))));
    let soon = decide(&policy, &first, &sees(3, 0, EVERYTHING), at(710)).next;
    assert_eq!(size(&soon), Some((3, at(701))));
    let again = decide(&policy, &soon, &sees(3, 0, EVERYTHING), at(740));
    assert_eq!(size(&again.next), Some((3, at(740))));
    let mut started = again.next;
    let way = set(
        &policy,
        policy.alb().unwrap(),
        &mut started,
        &sees(3, 3, EVERYTHING),
        at(760),
    );
    assert!(
        way.text
            .unwrap_or_default()
            .contains("the weights are returned to 0 to 1")
    );
}
