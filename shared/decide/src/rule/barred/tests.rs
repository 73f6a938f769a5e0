use super::bar;
use crate::testing::{
    approval, armed, at, at_approval, by_deployment, by_execution, execution, meaning, on, opened, over, policy, right,
    rolling_back, unknown, watching,
};
use crate::{Execution, ExecutionStatus, Over, Part, Release, Seen, SeenExecution, decide};

const BEFORE: &str = "77777777-0000-4000-8000-000000000000";

fn run() -> Execution {
    Execution {
        execution: BEFORE.to_owned(),
        ..armed().pipeline.unwrap()
    }
}

fn barring(release: Release) -> Release {
    Release {
        barred: vec![run()],
        ..release
    }
}

fn seen(part: Part<SeenExecution>) -> Seen {
    let mut seen = at_approval();
    seen.barred.insert(BEFORE.to_owned(), part);
    seen
}

fn running(status: ExecutionStatus, open: bool, promoting: bool) -> Part<SeenExecution> {
    Part::Known(SeenExecution {
        approval: open.then(approval),
        promoting,
        ..execution(status)
    })
}

#[test]
fn an_execution_before_is_kept_from_promoting_by_the_gentlest_means_that_works() {
    use ExecutionStatus::{InProgress, Stopping};
    let ended = |over| running(ExecutionStatus::Over(over), false, false);
    let kept = "execution 77777777 of the release before is kept from promoting";
    let why = "execution 77777777 of the release before is unknown: AWS failed";
    let cases = [
        (
            "an approval is open",
            running(InProgress, true, false),
            "reject Gate/Ok",
            kept,
            true,
        ),
        (
            "an approval is open while it promotes elsewhere",
            running(InProgress, true, true),
            "reject Gate/Ok",
            kept,
            true,
        ),
        (
            "an approval is open while it stops",
            running(Stopping, true, false),
            "reject Gate/Ok",
            kept,
            true,
        ),
        ("it tests", running(InProgress, false, false), "stop", kept, true),
        ("it promotes", running(InProgress, false, true), "abandon", kept, true),
        ("it is stopping", running(Stopping, false, false), "", kept, true),
        (
            "it is stopping, and promotes",
            running(Stopping, false, true),
            "abandon",
            kept,
            true,
        ),
        ("it failed", ended(Over::Failed), "", "", false),
        ("it was stopped", ended(Over::Stopped), "", "", false),
        ("it was replaced", ended(Over::Replaced), "", "", false),
        ("it succeeded", ended(Over::Succeeded), "", "", false),
        ("unknown", unknown(), "", why, true),
    ];
    for (case, part, lanes, text, kept) in cases {
        let mut release = barring(armed());
        let barred = bar(&mut release, &seen(part.clone()), at(10));
        assert_eq!(barred.texts.join("; "), text, "{case}");
        assert_eq!(!release.barred.is_empty(), kept, "{case}");
        let decision = decide(&policy(), &barring(armed()), &seen(part), at(10));
        assert_eq!(crate::testing::lanes(&decision), lanes, "{case}: {}", decision.because);
        assert_eq!(decision.next.barred, release.barred, "{case}");
        assert_eq!(
            decision.next.phase.name(),
            "baking",
            "{case}: it is not this release's end"
        );
        assert!(decision.because.ends_with(text), "{case}: {}", decision.because);
    }
}

#[test]
fn what_was_not_looked_at_is_neither_touched_nor_forgotten() {
    let mut release = barring(armed());
    for nothing in [Seen::nothing(), at_approval()] {
        assert_eq!(bar(&mut release, &nothing, at(10)), super::Barred::default());
        assert_eq!(release.barred, [run()]);
    }
}

#[test]
fn abandoning_it_is_written_down_once() {
    let promoting = seen(running(ExecutionStatus::InProgress, false, true));
    let first = decide(&policy(), &barring(armed()), &promoting, at(10)).next;
    assert_eq!(first.barred[0].abandoned, Some(at(10)));
    let later = decide(&policy(), &first, &promoting, at(70)).next;
    assert_eq!(later.barred[0].abandoned, Some(at(10)));
}

#[test]
fn each_has_its_own_lane_and_the_release_its_own() {
    let mut release = rolling_back();
    let second = Execution {
        execution: "88888888-0000-4000-8000-000000000000".to_owned(),
        ..run()
    };
    release.barred = vec![run(), second.clone()];
    let mut seen = seen(running(ExecutionStatus::InProgress, false, false));
    seen.barred
        .insert(second.execution, running(ExecutionStatus::InProgress, true, false));
    let decision = decide(&policy(), &release, &seen, at(110));
    assert_eq!(
        crate::testing::lanes(&decision),
        "restore orders-canary orders-canary:1 | reject Gate/Ok | stop | reject Gate/Ok"
    );
}

#[test]
fn nothing_ends_while_one_of_them_may_still_promote() {
    let stable_back = || Part::Known(on("orders", 1, 3));
    let right = || Seen {
        stable: stable_back(),
        ..right()
    };
    let mut abandoned = opened();
    abandoned.pipeline.as_mut().unwrap().over_since = Some(at(0));
    let watched = Seen {
        stable: Part::Known(crate::testing::promoted()),
        ..at_approval()
    };
    let cases = [
        ("rolling back", rolling_back(), right(), "rolled back"),
        ("watching", watching(), watched, "promoted"),
        ("deploying", abandoned, right(), "abandoned"),
    ];
    for (phase, release, world, expected) in cases {
        for (part, closes) in [
            (running(ExecutionStatus::InProgress, false, false), false),
            (running(ExecutionStatus::Stopping, false, false), false),
            (unknown(), false),
            (Part::Known(over()), true),
        ] {
            let mut world = world.clone();
            world.barred.insert(BEFORE.to_owned(), part.clone());
            let decision = decide(&policy(), &barring(release.clone()), &world, at(2_300));
            let name = decision.next.phase.name();
            // A rollback that is overdue says so; it is not over.
            let open = [phase, "rollback failing"].contains(&name);
            assert!(
                if closes { name == expected } else { open },
                "{phase} {part:?}: {}",
                decision.because
            );
        }
    }
}

#[test]
fn what_was_abandoned_while_it_promoted_is_remembered_as_long_as_its_action_may_write() {
    let abandoned = |release: Release| {
        let mut release = barring(release);
        release.barred[0].abandoned = Some(at(0));
        release
    };
    let waits = "execution 77777777 of the release before was abandoned; its deploy action may write \
                 until 2026-11-21T04:02:00Z";
    for (seconds, kept) in [(60, true), (3_719, true), (3_720, false)] {
        let mut release = abandoned(armed());
        let barred = bar(&mut release, &seen(Part::Known(over())), at(seconds));
        assert_eq!(!release.barred.is_empty(), kept, "after {seconds} s");
        let texts: &[&str] = if kept { &[waits] } else { &[] };
        assert_eq!(barred.texts, texts, "after {seconds} s");
        assert_eq!(barred.lanes, [] as [Vec<crate::Action>; 0], "after {seconds} s");
    }
    let mut world = Seen {
        stable: Part::Known(on("orders", 1, 3)),
        ..right()
    };
    world.barred.insert(BEFORE.to_owned(), Part::Known(over()));
    for (seconds, expected) in [(3_000, "rolling back"), (3_720, "rolled back")] {
        let mut release = abandoned(rolling_back());
        release.phase_since = at(2_500);
        let decision = decide(&policy(), &release, &world, at(seconds));
        assert_eq!(
            decision.next.phase.name(),
            expected,
            "after {seconds} s: {}",
            decision.because
        );
    }
}

#[test]
fn what_an_execution_before_writes_late_is_taken_back_and_nobodys_hot_fix() {
    let late = |execution: &str| {
        let given = meaning(on("orders", 5, 3), "v0", "orders-settings");
        by_execution(by_deployment(given, "late", 100), execution)
    };
    let mut release = barring(armed());
    release.barred[0].abandoned = Some(at(0));
    for (case, stable, lane, phase) in [
        (
            "by one that is kept from promoting",
            late(BEFORE),
            "restore orders orders:1",
            "rolled back",
        ),
        ("by somebody else", late("99999999"), "", "overtaken"),
    ] {
        let mut world = Seen {
            stable: Part::Known(stable),
            ..at_approval()
        };
        world.barred.insert(BEFORE.to_owned(), Part::Known(over()));
        let first = decide(&policy(), &release, &world, at(110));
        assert_eq!(first.next.phase.name(), "rolling back", "{case}: {}", first.because);
        let of_stable = crate::testing::lanes(&first);
        let has = of_stable.split(" | ").any(|part| part == "restore orders orders:1");
        assert_eq!(has, !lane.is_empty(), "{case}: {of_stable}");
        world.canary = Part::Known(on("orders-canary", 1, 1));
        if has {
            world.stable = Part::Known(by_deployment(on("orders", 1, 3), "back", 200));
        }
        world.pipeline = Part::Known(over());
        let last = decide(&policy(), &first.next, &world, at(4_000));
        assert_eq!(last.next.phase.name(), phase, "{case}: {}", last.because);
    }
}

#[test]
fn it_is_remembered_whoever_abandoned_it() {
    let by_another = SeenExecution {
        abandoned: true,
        ..over()
    };
    let mut release = barring(armed());
    bar(&mut release, &seen(Part::Known(by_another.clone())), at(10));
    assert_eq!(release.barred[0].abandoned, Some(at(10)));
    let world = Seen {
        stable: Part::Known(on("orders", 1, 3)),
        pipeline: Part::Known(by_another),
        ..right()
    };
    for (seconds, expected) in [(1_000, "rolling back"), (1_000 + 3_720, "rolled back")] {
        let first = decide(&policy(), &rolling_back(), &world, at(1_000));
        let next = decide(&policy(), &first.next, &world, at(seconds)).next;
        assert_eq!(next.phase.name(), expected, "after {seconds} s");
    }
}
