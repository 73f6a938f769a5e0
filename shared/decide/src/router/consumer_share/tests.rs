use super::{confirm, set, unrest};
use crate::order::tests::frozen;
use crate::policy::{Approver, Step, Traffic};
use crate::testing::{
    alarm_arn, alarm_fact, armed, at, at_approval, gated, in_progress, lanes, newcomer, on, opened, policy, promoted,
    promoting, rolling_back, unknown, watching, with_fact,
};
use crate::{Part, Phase, Policy, Release, Scaling, Seen, Size, Suspended, decide};

/// A tenth for ten minutes, then a half for twenty.
fn steps() -> Policy {
    let step = |share, bake_minutes| Step {
        share_permille: Some(share),
        bake_minutes,
    };
    Policy {
        approval: Approver::Automatic,
        steps: vec![step(100, 10), step(500, 20)],
        ..policy()
    }
}

/// So many tasks of canary and stable, all of which run.
fn tasks(canary: u32, stable: u32) -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 2, canary)),
        stable: Part::Known(on("orders", 1, stable)),
        ..at_approval()
    }
}

/// In this step, its tasks run since 60 s.
fn in_step(step: u32) -> Release {
    let mut release = armed();
    release.phase = Phase::Baking { step };
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// Given so many tasks at 100 s, after others; not seen with them yet.
fn sized(release: Release, rest: u32, earlier: &[u32], given: u32) -> Release {
    Release {
        size: Some(Size {
            rest,
            given,
            at: at(100),
            seen: false,
            earlier: earlier.to_vec(),
            theirs: None,
        }),
        ..release
    }
}

/// Rest, earlier, given, theirs.
type Written = (u32, Vec<u32>, u32, Option<u32>);

/// What is done about the canary's size, and what is written down of it.
fn does(policy: &Policy, mut release: Release, seen: &Seen) -> (Option<u32>, Option<Written>) {
    let acts = set(policy, &mut release, seen, at(1_000)).with_canary;
    assert!(acts.len() <= 1, "{acts:?}");
    let tasks = acts.into_iter().next().map(|act| match act {
        crate::Action::Scale { service, tasks, .. } if service == "orders-canary" => tasks,
        other => panic!("{other:?}"),
    });
    let size = release
        .size
        .map(|size| (size.rest, size.earlier, size.given, size.theirs));
    (tasks, size)
}

#[test]
fn each_phase_has_its_number_of_tasks() {
    let unreached = || {
        let mut release = in_step(1);
        release.canary.given.as_mut().unwrap().reached = None;
        release
    };
    let cases: [(&str, Release, Seen, Option<u32>); 20] = [
        ("a tenth beside nine", in_step(0), tasks(3, 9), Some(1)),
        ("as it is already", in_step(0), tasks(1, 9), None),
        ("a half beside nine", in_step(1), tasks(1, 9), Some(9)),
        (
            "stable has grown",
            sized(in_step(1), 1, &[1], 9),
            tasks(9, 12),
            Some(12),
        ),
        ("stable has shrunk", sized(in_step(1), 1, &[1], 9), tasks(9, 4), Some(4)),
        ("no more than there is room for", in_step(1), tasks(1, 25), Some(15)),
        ("no room at all", in_step(1), tasks(1, 40), None),
        ("more than there is room for", in_step(1), tasks(3, 41), Some(1)),
        ("stable has none", in_step(1), tasks(1, 0), None),
        ("nobody has seen its tasks run", unreached(), tasks(1, 9), None),
        (
            "its tasks are gone, or another has its place",
            sized(unreached(), 1, &[1], 9),
            tasks(9, 9),
            Some(1),
        ),
        ("gated before sizes were noted", gated_since(), tasks(1, 9), None),
        (
            "the last share while it is gated",
            sized(gated_since(), 1, &[1], 9),
            tasks(9, 12),
            Some(12),
        ),
        ("promoting leaves it", sized(promoting(), 1, &[1], 9), tasks(9, 9), None),
        (
            "watching gives it back",
            sized(watching(), 1, &[1], 9),
            tasks(9, 9),
            Some(1),
        ),
        (
            "rolling back gives it back",
            sized(rolling_back(), 1, &[1], 9),
            tasks(9, 9),
            Some(1),
        ),
        (
            "its successor gives it back",
            sized(opened(), 2, &[1], 9),
            tasks(9, 9),
            Some(2),
        ),
        ("nothing to give back", watching(), tasks(9, 9), None),
        ("given back", sized(watching(), 1, &[9], 1), tasks(1, 9), None),
        (
            "not seen yet, asked for again",
            sized(watching(), 1, &[9], 1),
            tasks(9, 9),
            Some(1),
        ),
    ];
    for (name, release, seen, expected) in cases {
        assert_eq!(does(&steps(), release, &seen).0, expected, "{name}");
    }
}

fn gated_since() -> Release {
    let mut release = gated();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

#[test]
fn what_it_had_at_rest_is_kept_and_what_somebody_else_gives_it_is_theirs() {
    let first = does(&steps(), in_step(1), &tasks(2, 9));
    assert_eq!(first, (Some(9), Some((2, vec![2], 9, None))));
    let second = does(&steps(), sized(in_step(1), 2, &[2], 9), &tasks(9, 12));
    assert_eq!(second, (Some(12), Some((2, vec![2, 9], 12, None))));
    // Not yet seen with what it was given: that is nobody else's doing, whichever of ours it shows.
    for shown in [2, 9] {
        let late = does(&steps(), sized(in_step(1), 2, &[2, 9], 12), &tasks(shown, 12));
        assert_eq!(late, (Some(12), Some((2, vec![2, 9], 12, None))), "{shown}");
    }
    let taken = does(&steps(), sized(in_step(1), 2, &[2], 9), &tasks(5, 9));
    assert_eq!(taken, (None, Some((2, vec![2], 9, Some(5)))));
    // It stays theirs, whatever they make of it, until they put back what it was given.
    let mut theirs = sized(watching(), 2, &[2], 9);
    theirs.size.as_mut().unwrap().theirs = Some(5);
    for has in [0, 2, 6] {
        assert_eq!(
            does(&steps(), theirs.clone(), &tasks(has, 9)),
            (None, Some((2, vec![2], 9, Some(has))))
        );
    }
    assert_eq!(unrest(&theirs, &tasks(6, 9), at(1_000)), None);
    assert_eq!(
        does(&steps(), theirs, &tasks(9, 9)),
        (Some(2), Some((2, vec![2, 9], 2, None)))
    );
    let unseen = Seen {
        canary: unknown(),
        ..tasks(9, 9)
    };
    assert_eq!(does(&steps(), sized(watching(), 2, &[2], 9), &unseen).0, None);
}

#[test]
fn what_was_given_earlier_is_somebody_elses_once_ecs_can_show_it_no_more() {
    let seen = |at_seconds: i64| {
        let mut release = sized(in_step(1), 2, &[2], 9);
        let size = release.size.as_mut().unwrap();
        (size.seen, size.at) = (true, at(at_seconds));
        release
    };
    // Looked at at 1000 s: authorised 121, 120 and 119 s before.
    for (authorised, theirs) in [(879, Some(2)), (880, Some(2)), (881, None)] {
        let (_, size) = does(&steps(), seen(authorised), &tasks(2, 9));
        assert_eq!(size.unwrap().3, theirs, "{authorised}");
    }
    // Until it was seen, the write may have been lost, however long ago.
    let lost = does(&steps(), sized(in_step(1), 2, &[2], 9), &tasks(2, 9));
    assert_eq!(lost.0, Some(9));
}

#[test]
fn a_share_that_cannot_be_had_is_not_baked_and_says_why() {
    let cases = [
        (
            "no room for it",
            tasks(15, 25),
            "500 of 1000 are 25 tasks beside 25 of orders, and tasks_max is 40",
        ),
        (
            "no room at all",
            tasks(1, 40),
            "500 of 1000 are 40 tasks beside 40 of orders, and tasks_max is 40",
        ),
        ("stable has none", tasks(1, 0), "orders has no task"),
        (
            "stable is unknown",
            Seen {
                stable: unknown(),
                ..tasks(1, 9)
            },
            "how many tasks orders has is unknown",
        ),
    ];
    for (name, seen, why) in cases {
        let told = confirm(&steps(), &mut in_step(1), &seen, at(500));
        assert_eq!(told, Err(format!("it cannot have the share: {why}")), "{name}");
    }
}

#[test]
fn shares_that_need_nothing_changed_and_steps_without_one_change_nothing() {
    let same = Policy {
        traffic: Traffic::ConsumerShare { tasks_max: 4 },
        ..steps()
    };
    assert_eq!(does(&same, in_step(0), &tasks(1, 3)), (None, None));
    assert_eq!(does(&policy(), in_step(0), &tasks(1, 3)), (None, None));
}

#[test]
fn a_step_bakes_from_when_it_has_its_share() {
    let cases: [(&str, Release, Seen, Option<i64>); 7] = [
        ("nothing had to change", in_step(0), tasks(1, 9), Some(60)),
        ("not the share yet", in_step(0), tasks(3, 9), None),
        (
            "the share, given by us",
            sized(in_step(0), 3, &[3], 1),
            tasks(1, 9),
            Some(500),
        ),
        ("the second step", sized(in_step(1), 1, &[1], 9), tasks(9, 9), Some(500)),
        (
            "its tasks do not run yet",
            sized(in_step(1), 1, &[1], 9),
            running(9, 5),
            None,
        ),
        (
            "nobody can tell",
            in_step(0),
            Seen {
                canary: unknown(),
                ..tasks(1, 9)
            },
            None,
        ),
        ("gated", gated_since(), tasks(1, 9), None),
    ];
    for (name, mut release, seen, expected) in cases {
        assert_eq!(
            confirm(&steps(), &mut release, &seen, at(500)).ok(),
            expected.map(at),
            "{name}"
        );
        let kept = confirm(&steps(), &mut release, &seen, at(900))
            .ok()
            .filter(|since| *since < at(900));
        assert_eq!(kept, expected.map(at), "{name}: it stays so");
    }
}

fn running(desired: u32, running: u32) -> Seen {
    let mut canary = on("orders-canary", 2, desired);
    canary.primary.running = running;
    Seen {
        canary: Part::Known(canary),
        ..tasks(1, 9)
    }
}

#[test]
fn one_step_follows_the_other_and_the_last_one_ends_the_bake() {
    let mut release = in_step(0);
    let mut said = Vec::new();
    for (seconds, canary) in [(100, 1), (659, 1), (660, 1), (690, 9), (700, 9), (1_889, 9), (1_890, 9)] {
        let decision = decide(&steps(), &release, &tasks(canary, 9), at(seconds));
        said.push(format!("{seconds} {} {}", decision.next.phase.name(), lanes(&decision)));
        release = decision.next;
    }
    let expected = [
        "100 baking ",
        "659 baking ",
        "660 baking scale orders-canary 9",
        "690 baking ",
        "700 baking ",
        "1889 baking ",
        "1890 gated ",
    ];
    assert_eq!(said, expected);
    assert_eq!(release.size.unwrap().rest, 1);
}

#[test]
fn tasks_that_are_gone_begin_the_first_step_anew() {
    let release = Release {
        step_reached: Some(at(700)),
        ..sized(in_step(1), 1, &[1], 9)
    };
    let gone = decide(&steps(), &release, &running(9, 0), at(800));
    assert_eq!(
        (&gone.next.phase, gone.next.step_reached),
        (&Phase::Baking { step: 0 }, None)
    );
    let back = decide(&steps(), &gone.next, &tasks(9, 9), at(900));
    assert_eq!(lanes(&back), "scale orders-canary 1", "{}", back.because);
}

#[test]
fn a_rollback_has_the_way_to_rest_written_down_before_anybody_looks() {
    let rung = with_fact(sized(in_step(1), 1, &[1], 9), alarm_fact(&alarm_arn(), at(150)));
    let blind = decide(&steps(), &rung, &Seen::nothing(), at(160));
    let size = blind.next.size.clone().unwrap();
    assert_eq!((size.earlier, size.given, size.at), (vec![1, 9], 1, at(160)));
    let seen = decide(&steps(), &blind.next, &tasks(9, 9), at(160));
    assert_eq!(seen.next.size, blind.next.size, "one write is enough");
    assert!(lanes(&seen).contains("scale orders-canary 1"), "{}", lanes(&seen));
    assert!(lanes(&seen).starts_with("restore orders-canary"), "{}", lanes(&seen));
}

#[test]
fn nothing_closes_before_it_is_at_rest_for_as_long_as_a_write_may_be_late() {
    let release = sized(watching(), 1, &[9], 1);
    let cases = [(9, 1_000, true), (1, 219, true), (1, 220, false), (1, 1_000, false)];
    for (canary, seconds, holds) in cases {
        let why = unrest(&release, &tasks(canary, 9), at(seconds));
        assert_eq!(why.is_some(), holds, "{canary} at {seconds}: {why:?}");
    }
    assert!(
        unrest(&sized(watching(), 1, &[1], 9), &tasks(1, 9), at(1_000)).is_some(),
        "it may still get its nine"
    );
}

#[test]
fn what_the_canary_is_scaled_to_while_it_goes_back_is_theirs_though_it_was_given_as_many_once() {
    let scaled = Suspended {
        scale_in: false,
        scale_out: false,
        scheduled: false,
    };
    let scales = |given: Suspended| Scaling {
        given,
        ..Scaling::found(scaled, at(9))
    };
    let seen = |phase: Phase, given: Suspended, at_seconds: i64| {
        let mut release = sized(in_step(1), 2, &[2], 9);
        (release.phase, release.scaling) = (phase, Some(scales(given)));
        let size = release.size.as_mut().unwrap();
        (size.seen, size.at, size.theirs) = (true, at(at_seconds), Some(5));
        release
    };
    let back = rolling_back().phase;
    // Looked at at 1000 s. In its step whoever took the nine has given them back; so in the watch, where nothing scales it.
    let (baking, watching) = (Phase::Baking { step: 1 }, Phase::Watching);
    for (phase, given, authorised, theirs) in [
        (&baking, scaled, 100, None),
        (&back, scaled, 100, Some(9)),
        (&back, Suspended::ALL, 100, Some(9)),
        (&back, scaled, 880, Some(9)),
        (&back, scaled, 881, None),
        (&watching, scaled, 100, Some(9)),
        (&watching, Suspended::ALL, 100, None),
    ] {
        let (mut release, has) = (seen(phase.clone(), given, authorised), tasks(9, 9));
        let found = super::theirs(&mut release, has.canary.known().unwrap(), at(1_000));
        assert_eq!(found, theirs, "{phase:?} {given:?} {authorised}");
    }
}

#[test]
fn in_a_freeze_the_watch_gives_back_what_it_took_and_nothing_to_the_next_release() {
    let release = || sized(promoting(), 2, &[2], 1);
    let own = on("orders-canary", 2, 1);
    let next = || in_progress(newcomer(), 0, 1);
    let cases = [
        ("the next one, frozen", frozen(release(), None), next(), 1),
        ("the next one, thawed", frozen(release(), Some(409)), next(), 2),
        ("the next one", release(), next(), 2),
        ("what was promoted, frozen", frozen(release(), None), own, 2),
    ];
    for (name, release, canary, given) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            stable: Part::Known(promoted()),
            ..at_approval()
        };
        let decision = decide(&steps(), &release, &seen, at(410));
        assert_eq!(decision.next.phase, Phase::Watching, "{name}: {}", decision.because);
        assert_eq!(decision.next.size.as_ref().unwrap().given, given, "{name}");
        assert_eq!(
            lanes(&decision).contains("scale"),
            given == 2,
            "{name}: {}",
            lanes(&decision)
        );
        let Some(successor) = decide(&steps(), &decision.next, &seen, at(420)).successor else {
            assert_eq!(name, "what was promoted, frozen");
            continue;
        };
        // It gets no more before the freeze is over either.
        let begun = decide(&steps(), &successor, &seen, at(430));
        assert_eq!(begun.next.size.unwrap().given, given, "{name}: {}", begun.because);
    }
}
