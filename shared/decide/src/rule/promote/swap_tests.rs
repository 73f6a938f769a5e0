//! The deadline of a promotion that is a swap.

use crate::router::alb::swap::tests::{sees, swap_in, swapping};
use crate::testing::{at, unknown};
use crate::{Phase, Seen, Weights, decide};

const TENTH: Weights = Weights {
    canary: 100,
    stable: 900,
};
const EVERYTHING: Weights = Weights { canary: 999, stable: 0 };

#[test]
fn the_deadline_of_a_swap_ends_only_what_a_look_shows_not_to_be_there() {
    let policy = swapping();
    let due = 400 + i64::from(policy.deadline_minutes) * 60;
    let lacks = |lack: fn(&mut Seen)| {
        let mut seen = sees(3, 3, EVERYTHING);
        lack(&mut seen);
        seen
    };
    let unknown_weights = || lacks(|seen| seen.forwards = unknown());
    let unknown_health = || lacks(|seen| seen.targets = unknown());
    let unknown_canary = || lacks(|seen| seen.canary = unknown());
    let unknown_stable = || lacks(|seen| seen.stable = unknown());
    let cases = [
        ("handed over meanwhile", due, sees(3, 3, EVERYTHING), "watching"),
        (
            "handed over long before",
            due + 3_600,
            sees(3, 3, EVERYTHING),
            "watching",
        ),
        ("a task is lacking", due, sees(2, 3, EVERYTHING), "rolling back"),
        ("the weights are others", due, sees(3, 3, TENTH), "rolling back"),
        ("not looked yet", due, Seen::nothing(), "promoting"),
        ("not looked yet, long after", due + 3_600, Seen::nothing(), "promoting"),
        ("no weights", due + 119, unknown_weights(), "promoting"),
        ("no weights for long", due + 120, unknown_weights(), "rolling back"),
        ("no health", due + 119, unknown_health(), "promoting"),
        ("no health for long", due + 120, unknown_health(), "rolling back"),
        ("no canary", due + 119, unknown_canary(), "promoting"),
        ("no canary for long", due + 120, unknown_canary(), "rolling back"),
        ("no stable", due + 119, unknown_stable(), "promoting"),
        ("no stable for long", due + 120, unknown_stable(), "rolling back"),
    ];
    for (case, seconds, seen, expected) in cases {
        let decision = decide(&policy, &swap_in(Phase::Promoting, EVERYTHING), &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}
