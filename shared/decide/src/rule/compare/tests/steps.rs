//! A step is passed on what was counted in it.

use super::*;
use crate::order::tests::skipped;

/// Half an hour, then a minute.
fn stepped() -> Policy {
    let step = |bake_minutes| Step {
        share_permille: None,
        bake_minutes,
    };
    Policy {
        steps: vec![step(30), step(1)],
        ..compared()
    }
}

fn in_step(step: u32, since: Option<i64>) -> Release {
    Release {
        phase: Phase::Baking { step },
        step_reached: since.map(at),
        ..reached()
    }
}

fn at_gate(since: Option<i64>) -> Release {
    Release {
        canary: reached().canary,
        step_reached: since.map(at),
        ..gated()
    }
}

fn told(from: i64, until: i64, canary: SeenCount) -> SeenComparison {
    SeenComparison {
        asked: Comparison {
            from: at(from),
            until: at(until),
            ..asked()
        },
        canary,
        stable: both(0, 1_900),
    }
}

#[test]
fn a_step_is_compared_besides_where_the_minutes_reach_further_back() {
    let cases = [
        (
            "the first began with the tasks",
            in_step(0, Some(REACHED)),
            900,
            vec![(240, 840)],
        ),
        (
            "a little later",
            in_step(0, Some(400)),
            900,
            vec![(240, 840), (420, 840)],
        ),
        (
            "the second has no share yet",
            in_step(1, None),
            2_400,
            vec![(1_740, 2_340)],
        ),
        (
            "no minute of it has ended",
            in_step(1, Some(2_300)),
            2_400,
            vec![(1_740, 2_340)],
        ),
        (
            "one has",
            in_step(1, Some(2_280)),
            2_400,
            vec![(1_740, 2_340), (2_280, 2_340)],
        ),
        (
            "it has all of them",
            in_step(1, Some(1_700)),
            2_400,
            vec![(1_740, 2_340)],
        ),
        (
            "at its gate",
            at_gate(Some(2_280)),
            2_400,
            vec![(1_740, 2_340), (2_280, 2_340)],
        ),
        (
            "let go on ahead of its steps",
            at_gate(None),
            2_400,
            vec![(1_740, 2_340)],
        ),
    ];
    for (name, release, seconds, expected) in cases {
        let asked = comparisons(&stepped(), &release, at(seconds));
        let found: Vec<_> = asked.iter().map(|one| (one.from, one.until)).collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(from, until)| (at(from), at(until)))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_step_passes_on_its_own_messages_and_fails_on_those_before_it_too() {
    let all = |canary| told(1_740, 2_340, canary);
    let own = |canary| told(2_280, 2_340, canary);
    let second = || in_step(1, Some(2_270));
    let good = || all(both(0, 640));
    let cases = [
        ("both are good", second(), vec![good(), own(both(0, 200))], "passes"),
        ("only what was before", second(), vec![good()], "unknown"),
        (
            "it has no share yet",
            in_step(1, None),
            vec![good(), own(both(0, 200))],
            "unknown",
        ),
        (
            "too little in it",
            second(),
            vec![good(), own(both(0, 99))],
            "undecided",
        ),
        (
            "nothing in it",
            second(),
            vec![good(), own(count(None, None))],
            "undecided",
        ),
        (
            "it fails in the step alone",
            second(),
            vec![good(), own(both(100, 200))],
            "fails",
        ),
        (
            "it failed before",
            second(),
            vec![all(both(640, 640)), own(both(0, 200))],
            "fails",
        ),
        (
            "the minutes are all of the step",
            in_step(1, Some(1_700)),
            vec![good()],
            "passes",
        ),
        ("at its gate", at_gate(Some(2_270)), vec![good()], "unknown"),
        ("let go on ahead of its steps", at_gate(None), vec![good()], "passes"),
        (
            "a person skipped the rest of it",
            skipped(second(), 1, 2_010),
            vec![good()],
            "passes",
        ),
    ];
    for (name, release, answers, expected) in cases {
        let seen = Seen {
            compared: Part::Known(answers),
            ..at_approval()
        };
        let bounds = Bounds {
            ratio_max: ratio(),
            total_min: 100,
        };
        let found = verdict(&stepped(), 1, &metric(), bounds, &release, &seen);
        assert_eq!(word(&found), expected, "{name}: {found:?}");
    }
}

#[test]
fn the_next_step_begins_on_this_ones_messages() {
    let good = || told(1_260, 1_860, both(0, 640));
    let sees = |answers| Seen {
        compared: Part::Known(answers),
        ..at_approval()
    };
    let since = |seconds| in_step(0, Some(seconds));
    let held = decide(&stepped(), &since(1_300), &sees(vec![good()]), at(3_200));
    assert_eq!(held.next.phase, Phase::Baking { step: 0 }, "{}", held.because);
    assert!(
        held.because
            .contains("step 1 is compared once a minute of it has ended"),
        "{}",
        held.because
    );
    let goes = decide(&stepped(), &since(1_200), &sees(vec![good()]), at(3_200));
    assert_eq!(goes.next.phase, Phase::Baking { step: 1 }, "{}", goes.because);
}
