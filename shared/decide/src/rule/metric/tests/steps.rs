//! A step is passed on what was measured in it.

use super::*;
use crate::order::tests::skipped;
use crate::policy::Step;
use crate::{At, Phase};

/// A quarter of an hour, then three minutes: less than one of its periods.
fn stepped() -> Policy {
    let step = |bake_minutes| Step {
        share_permille: None,
        bake_minutes,
    };
    Policy {
        steps: vec![step(15), step(3)],
        ..measured()
    }
}

/// In this step, with its share since then; its tasks run since 60 s.
fn in_step(step: u32, since: Option<i64>) -> Release {
    Release {
        phase: Phase::Baking { step },
        step_reached: since.map(at),
        ..reached(armed())
    }
}

/// At its approval, after a last step that began then.
fn at_gate(since: Option<i64>) -> Release {
    Release {
        step_reached: since.map(at),
        ..reached(gated())
    }
}

/// One minute is the most of three that its periods are made of.
fn minute() -> Bounded {
    Bounded {
        period_minutes: 1,
        periods: 1,
        ..latency()
    }
}

fn told(check: &Bounded, from: i64, until: i64, values: &[Option<f64>]) -> SeenMeasure {
    SeenMeasure {
        asked: Measure {
            check: 1,
            metric: check.of_revision("orders-canary:2"),
            from: at(from),
            until: at(until),
        },
        values: Part::Known(values.to_vec()),
    }
}

fn sees(answers: Vec<SeenMeasure>) -> Seen {
    Seen {
        measured: Part::Known(answers),
        ..at_approval()
    }
}

fn word(release: &Release, seen: &Seen) -> &'static str {
    match verdict(&stepped(), 1, &latency(), release, seen) {
        Verdict::Silent => "silent",
        Verdict::Passes(_) => "passes",
        Verdict::Undecided(_) => "undecided",
        Verdict::Unknown(_) => "unknown",
        Verdict::Fails(_) => "fails",
    }
}

/// What it is about, the release, the moment, and the windows that are asked for: from, until, period.
type Asked<'a> = (&'a str, Release, i64, Vec<(At, At, u32)>);

#[test]
fn a_step_is_asked_for_besides_where_its_own_is_another_time() {
    let both = (at(1_200), at(1_800), 5);
    let cases: Vec<Asked<'_>> = vec![
        ("before any has ended", in_step(0, Some(60)), 959, vec![]),
        (
            "all of it is the step's",
            in_step(0, Some(60)),
            960,
            vec![(at(300), at(900), 5)],
        ),
        (
            "the step began later, and has no window yet",
            in_step(0, Some(400)),
            1_259,
            vec![(at(300), at(900), 5)],
        ),
        (
            "the step has one of its own, which is the last",
            in_step(0, Some(400)),
            1_260,
            vec![(at(600), at(1_200), 5)],
        ),
        ("it has no share yet", in_step(1, None), 2_000, vec![both]),
        ("no minute of it has ended", in_step(1, Some(2_000)), 2_099, vec![both]),
        ("one may not have arrived", in_step(1, Some(2_000)), 2_159, vec![both]),
        (
            "a minute of it",
            in_step(1, Some(2_000)),
            2_160,
            vec![(at(1_500), at(2_100), 5), (at(2_040), at(2_100), 1)],
        ),
        (
            "at its gate",
            at_gate(Some(2_000)),
            2_160,
            vec![(at(1_500), at(2_100), 5), (at(2_040), at(2_100), 1)],
        ),
        (
            "let go on ahead of its steps",
            at_gate(None),
            2_160,
            vec![(at(1_500), at(2_100), 5)],
        ),
    ];
    for (name, release, seconds, expected) in cases {
        let asked = measures(&stepped(), &release, at(seconds));
        let found = asked
            .iter()
            .map(|one| (one.from, one.until, one.metric.period_minutes))
            .collect::<Vec<_>>();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_step_passes_on_its_own_data_and_fails_on_all_since_the_tasks_ran() {
    let (good, bad) = ([Some(1.0), Some(1.0)], [Some(1.6), Some(1.6)]);
    let whole = |values: &[Option<f64>]| told(&latency(), 1_500, 2_100, values);
    let own = |values: &[Option<f64>]| told(&minute(), 2_040, 2_100, values);
    let second = || in_step(1, Some(2_000));
    let cases = [
        (
            "both are good",
            second(),
            vec![whole(&good), own(&[Some(1.0)])],
            "passes",
        ),
        ("only what was before", second(), vec![whole(&good)], "unknown"),
        (
            "a minute before the step",
            second(),
            vec![whole(&good), told(&minute(), 1_980, 2_040, &[Some(1.0)])],
            "unknown",
        ),
        (
            "it has no share yet",
            in_step(1, None),
            vec![whole(&good), own(&[Some(1.0)])],
            "unknown",
        ),
        (
            "nothing came in it",
            second(),
            vec![whole(&good), own(&[None])],
            "undecided",
        ),
        (
            "it is above, and not for long enough",
            second(),
            vec![whole(&good), own(&[Some(9.0)])],
            "unknown",
        ),
        (
            "all since they ran is above",
            second(),
            vec![whole(&bad), own(&[Some(1.0)])],
            "fails",
        ),
        (
            "above before, and nothing of the step",
            second(),
            vec![whole(&bad)],
            "fails",
        ),
        (
            "not all since they ran is there",
            second(),
            vec![whole(&[None, Some(1.0)]), own(&[Some(1.0)])],
            "undecided",
        ),
        ("the step alone", second(), vec![own(&[Some(1.0)])], "unknown"),
        (
            "the first, long enough for all of it",
            in_step(0, Some(1_400)),
            vec![whole(&good)],
            "passes",
        ),
        (
            "the first, which began in the midst of it",
            in_step(0, Some(1_501)),
            vec![whole(&good)],
            "unknown",
        ),
        ("at its gate", at_gate(Some(2_000)), vec![whole(&good)], "unknown"),
        (
            "let go on ahead of its steps",
            at_gate(None),
            vec![whole(&good)],
            "passes",
        ),
        (
            "a person skipped the rest of it",
            skipped(second(), 1, 2_010),
            vec![whole(&good)],
            "passes",
        ),
    ];
    for (name, release, answers, expected) in cases {
        assert_eq!(word(&release, &sees(answers)), expected, "{name}");
    }
}

#[test]
fn tasks_that_were_gone_and_came_back_begin_the_last_steps_data_anew() {
    let mut release = at_gate(Some(2_000));
    release.canary.given.as_mut().unwrap().reached = Some(at(2_050));
    let answers = |from| {
        let whole = told(&latency(), 2_100, 2_700, &[Some(1.0), Some(1.0)]);
        sees(vec![whole, told(&minute(), from, from + 60, &[Some(1.0)])])
    };
    assert_eq!(word(&release, &answers(2_040)), "unknown");
    assert_eq!(word(&release, &answers(2_100)), "passes");
}

#[test]
fn the_next_step_begins_once_a_whole_window_lies_in_this_one() {
    let whole = |from| sees(vec![told(&latency(), from, from + 600, &[Some(1.0), Some(1.0)])]);
    let step = |release: &Release, seen: &Seen, seconds| {
        let decision = decide(&stepped(), release, seen, at(seconds));
        (decision.next.phase.clone(), decision.because)
    };
    let began = in_step(0, Some(400));
    let (phase, because) = step(&began, &whole(300), 1_300);
    assert_eq!(phase, Phase::Baking { step: 0 }, "{because}");
    let awaited = "and step 1 is judged once 2 times 5 min of it have ended";
    assert!(because.contains(awaited), "{because}");
    let (phase, because) = step(&began, &whole(600), 1_300);
    assert_eq!(phase, Phase::Baking { step: 1 }, "{because}");
    // And there it is nothing that was measured before.
    let (phase, because) = step(&in_step(1, Some(1_310)), &whole(600), 1_600);
    assert_eq!(phase, Phase::Baking { step: 1 }, "{because}");
    let own = told(&minute(), 1_320, 1_380, &[Some(1.0)]);
    let mut seen = whole(600);
    if let Part::Known(answers) = &mut seen.measured {
        answers.push(own);
    }
    let (phase, because) = step(&in_step(1, Some(1_310)), &seen, 1_600);
    assert_eq!(phase.name(), "gated", "{because}");
}
