//! Something begins while a release is open that would have closed long ago, but for its canary's scaling.

use super::super::{Overlap, is_looked_at, overlap};
use super::overlap::{other, with};
use crate::policy::OnNewRelease;
use crate::testing::{
    at, at_approval, by_deployment, meaning, on, opened, policy, promoted, promoting, seen_alarm, unknown, watching,
};
use crate::{AlarmState, Part, Phase, Release, Scaling, Seen, Suspended};

#[test]
fn a_watch_that_is_over_but_for_the_canarys_scaling_holds_nobody() {
    let scaled = Suspended {
        scheduled: true,
        scale_in: false,
        scale_out: false,
    };
    let owes = |release: Release| Release {
        scaling: Some(Scaling::found(scaled, at(100))),
        ..release
    };
    let sees = |scaling| Seen {
        stable: Part::Known(promoted()),
        scaling,
        ..at_approval()
    };
    let unclear = |release: Release| {
        let mut release = owes(release);
        release.barred.push(opened().pipeline.unwrap());
        release
    };
    let due = 400 + i64::from(policy().watch_minutes + policy().deadline_minutes) * 60;
    let cases = [
        ("cannot be asked", owes(watching()), sees(unknown()), due, true),
        (
            "is not given back",
            owes(watching()),
            sees(Part::Known(Some(Suspended::ALL))),
            due,
            true,
        ),
        ("a second earlier", owes(watching()), sees(unknown()), due - 1, false),
        ("nothing is owed", watching(), sees(Part::Known(None)), due, false),
        (
            "stable cannot be asked",
            owes(watching()),
            Seen {
                stable: unknown(),
                ..sees(unknown())
            },
            due,
            false,
        ),
        (
            "an alarm rings, and nobody has looked since",
            owes(watching()),
            Seen {
                alarms: Part::Known(vec![seen_alarm(AlarmState::Alarm, at(due - 30))]),
                ..sees(unknown())
            },
            due,
            false,
        ),
        (
            "stable was scaled to nothing",
            owes(watching()),
            Seen {
                stable: Part::Known(meaning(on("orders", 2, 0), "v2", "orders-settings")),
                ..sees(unknown())
            },
            due,
            false,
        ),
        (
            "stable was given something else",
            owes(watching()),
            Seen {
                stable: Part::Known(by_deployment(
                    meaning(on("orders", 8, 3), "v8", "orders-settings"),
                    "stable-8",
                    600,
                )),
                ..sees(unknown())
            },
            due,
            false,
        ),
        (
            "another may still promote",
            unclear(watching()),
            sees(unknown()),
            due,
            false,
        ),
        ("it is promoting", owes(promoting()), sees(unknown()), due, false),
    ];
    for (case, open, seen, seconds, taken) in cases {
        let policy = with(OnNewRelease::Hold);
        let looked = is_looked_at(&policy, &open, &other(), at(seconds));
        assert_eq!(looked, open.phase == Phase::Watching && seconds >= due, "{case}");
        match overlap(&policy, &policy, &open, &seen, &other(), at(seconds)) {
            Overlap::TakesOver(decision) if taken => {
                assert_eq!(
                    decision.successor.unwrap().scaling,
                    open.scaling,
                    "{case}: whoever comes next sees to it"
                );
            }
            Overlap::Wait(_) if !taken => {}
            found => panic!("{case}: {found:?}"),
        }
    }
}
