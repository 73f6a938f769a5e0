//! What is said of sessions that stay at the canary once the weights send nobody new there.

use super::*;
use crate::router::alb::swap::tests::{swap_in, swapping};

/// Who says so, what is seen when, what is said of the weights, and until when sessions are said to stick.
type Case = (&'static str, Policy, Release, Seen, i64, &'static str, Option<i64>);

/// The same, where sessions stick for so long.
fn sticking(weights: Weights, seconds: Option<u32>) -> Seen {
    let mut seen = sees(weights);
    if let Part::Known(Some(there)) = &mut seen.forwards {
        there.sticky_seconds = seconds;
    }
    seen
}

#[test]
fn until_when_sessions_stick_is_said_while_they_do_and_no_longer() {
    const NOBODY: Weights = weights(0, 1);
    const EVERYBODY: Weights = weights(999, 0);
    let swap = |given: Weights| swap_in(rolling_back().phase, given);
    let returned = || {
        let mut release = swap(EVERYBODY);
        let state = release.weights.as_mut().unwrap();
        state.give(NOBODY, at(450));
        state.seen = true;
        release
    };
    let ten = Some(600);
    let returns = "the weights are returned to";
    let again = "as at rest";
    let cases: Vec<Case> = vec![
        (
            "returned now",
            steps(),
            weighed(rolling_back(), HALF),
            sticking(HALF, ten),
            500,
            returns,
            Some(1_100),
        ),
        (
            "nothing sticks",
            steps(),
            weighed(rolling_back(), HALF),
            sticking(HALF, None),
            500,
            returns,
            None,
        ),
        // They were at 100 s.
        (
            "at rest",
            steps(),
            weighed(rolling_back(), REST),
            sticking(REST, ten),
            699,
            again,
            Some(700),
        ),
        (
            "at rest, and the last has ended",
            steps(),
            weighed(rolling_back(), REST),
            sticking(REST, ten),
            700,
            again,
            None,
        ),
        (
            "its watch is over",
            steps(),
            weighed(watching(), HALF),
            sticking(HALF, ten),
            500,
            "instead of",
            Some(1_100),
        ),
        (
            "a swap in its first step",
            swapping(),
            swap(TENTH),
            sticking(TENTH, ten),
            500,
            returns,
            Some(1_100),
        ),
        (
            "a swap that was through",
            swapping(),
            swap(EVERYBODY),
            sticking(EVERYBODY, ten),
            500,
            returns,
            Some(1_100),
        ),
        (
            "a swap that is back",
            swapping(),
            returned(),
            sticking(NOBODY, ten),
            1_049,
            again,
            Some(1_050),
        ),
        (
            "a swap that is back, and the last has ended",
            swapping(),
            returned(),
            sticking(NOBODY, ten),
            1_050,
            again,
            None,
        ),
    ];
    for (name, policy, mut release, seen, now, says, until) in cases {
        let alb = policy.alb().unwrap();
        note(&policy, alb, &mut release, &seen, at(now));
        let text = set(&policy, alb, &mut release, &seen, at(now)).text.unwrap_or_default();
        assert!(text.contains(says), "{name}: {text}");
        match until {
            Some(until) => {
                let said = format!("sessions stick to orders-canary until {}", at(until));
                assert!(text.ends_with(&said), "{name}: {text}");
            }
            None => assert!(!text.contains("stick"), "{name}: {text}"),
        }
    }
}

#[test]
fn a_rule_that_was_never_changed_says_nothing_of_sessions() {
    for release in [found(rolling_back()), found(watching())] {
        let mut release = release;
        let way = set(&steps(), &alb(), &mut release, &sticking(REST, Some(600)), at(500));
        assert_eq!(way.text, None);
    }
}
