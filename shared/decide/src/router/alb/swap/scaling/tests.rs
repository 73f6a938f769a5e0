use crate::policy::Retire;
use crate::router::alb::swap::tests::{sees, swap_in, swapping, watched};
use crate::testing::{at, cause, lanes, on, unknown};
use crate::{Part, Phase, Policy, Release, Scaling, Seen, Size, Suspended, Weights, decide};

const ALL: Suspended = Suspended::ALL;
/// Scaled as ever.
const FREE: Suspended = Suspended {
    scale_in: false,
    scale_out: false,
    scheduled: false,
};
const NO_FEWER: Suspended = Suspended { scale_in: true, ..FREE };

const REST: Weights = Weights { canary: 0, stable: 1 };
const TENTH: Weights = Weights {
    canary: 100,
    stable: 900,
};
const EVERYTHING: Weights = Weights { canary: 999, stable: 0 };

/// When the watch is over.
const OVER: i64 = 400 + 30 * 60;

/// Both sides are scaled automatically, with this suspended of canary and stable.
fn scaled(seen: Seen, canary: Suspended, stable: Suspended) -> Seen {
    Seen {
        scaling: Part::Known(Some(canary)),
        old_scaling: Part::Known(Some(stable)),
        ..seen
    }
}

/// Changed long ago from this to that, and seen so.
fn changed(rest: Suspended, given: Suspended) -> Option<Scaling> {
    Some(Scaling {
        rest,
        given,
        at: at(100),
        seen: true,
        theirs: false,
    })
}

fn with(release: Release, canary: Option<Scaling>, stable: Option<Scaling>) -> Release {
    Release {
        scaling: canary,
        old_scaling: stable,
        ..release
    }
}

fn retiring() -> Release {
    let mut size = Size::found(3, at(OVER));
    size.give(0, at(OVER));
    with(
        Release {
            retired: Some(size),
            ..watched()
        },
        changed(FREE, FREE),
        changed(FREE, NO_FEWER),
    )
}

#[test]
fn it_goes_with_the_role_and_nothing_takes_the_way_back_away() {
    let baking = || swap_in(Phase::Baking { step: 0 }, TENTH);
    let back = || swap_in(Phase::RollingBack { cause: cause() }, REST);
    let keeping = || Policy {
        retire: Some(Retire::Keep),
        ..swapping()
    };
    let both = || (changed(FREE, ALL), changed(FREE, NO_FEWER));
    let emptied = |release| Release {
        size: Some(Size {
            rest: 0,
            given: 0,
            at: at(450),
            seen: true,
            earlier: vec![0, 3],
            theirs: None,
        }),
        ..release
    };
    let on_baseline = |seen: Seen| Seen {
        canary: Part::Known(on("orders-canary", 1, 0)),
        ..seen
    };
    let with_both = |release| {
        let (canary, stable) = both();
        with(release, canary, stable)
    };
    type Case = (&'static str, Policy, Release, Seen, i64, &'static str);
    let cases: Vec<Case> = vec![
        (
            "both are scaled as ever",
            swapping(),
            baking(),
            scaled(sees(3, 3, TENTH), FREE, FREE),
            500,
            "suspend orders-canary | give back orders",
        ),
        (
            "the canary was retired before",
            swapping(),
            baking(),
            scaled(sees(3, 3, TENTH), ALL, FREE),
            500,
            "give back orders",
        ),
        (
            "its tasks are not there yet",
            swapping(),
            Release {
                size: None,
                ..swap_in(Phase::Baking { step: 0 }, REST)
            },
            scaled(sees(0, 3, REST), FREE, NO_FEWER),
            500,
            "scale orders-canary 3",
        ),
        (
            "as it is to be",
            swapping(),
            with_both(baking()),
            scaled(sees(3, 3, TENTH), ALL, NO_FEWER),
            500,
            "",
        ),
        (
            "everything is at the canary",
            swapping(),
            with_both(watched()),
            scaled(sees(3, 3, EVERYTHING), ALL, NO_FEWER),
            500,
            "give back orders-canary",
        ),
        (
            "which was retired before",
            swapping(),
            with(watched(), None, changed(FREE, NO_FEWER)),
            scaled(sees(3, 3, EVERYTHING), ALL, NO_FEWER),
            500,
            "give back orders-canary",
        ),
        (
            "the watch is over: first that",
            swapping(),
            retiring(),
            scaled(sees(3, 3, EVERYTHING), FREE, NO_FEWER),
            OVER + 30,
            "suspend orders",
        ),
        (
            "then its tasks",
            swapping(),
            with(retiring(), changed(FREE, FREE), changed(FREE, ALL)),
            scaled(sees(3, 3, EVERYTHING), FREE, ALL),
            OVER + 60,
            "scale orders 0",
        ),
        (
            "it keeps its tasks",
            keeping(),
            with(watched(), changed(FREE, FREE), changed(FREE, NO_FEWER)),
            scaled(sees(3, 3, EVERYTHING), FREE, NO_FEWER),
            OVER,
            "give back orders",
        ),
        (
            "taken back, the canary has its tasks still",
            swapping(),
            with_both(back()),
            scaled(sees(3, 3, REST), ALL, NO_FEWER),
            500,
            "give back orders | restore orders-canary orders-canary:1 > stop tasks of orders-canary ecs-svc/canary-2 > scale \
             orders-canary 0",
        ),
        (
            "it has its own number, and a share may land yet",
            swapping(),
            emptied(with_both(back())),
            on_baseline(scaled(sees(0, 3, REST), ALL, FREE)),
            569,
            "",
        ),
        (
            "none can any more",
            swapping(),
            emptied(with_both(back())),
            on_baseline(scaled(sees(0, 3, REST), ALL, FREE)),
            570,
            "give back orders-canary",
        ),
    ];
    for (case, policy, release, seen, seconds, expected) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_is_retired_waits_until_nothing_scales_it_and_what_nobody_knows_is_not_emptied() {
    let unread = Seen {
        old_scaling: unknown(),
        ..scaled(sees(3, 3, EVERYTHING), FREE, NO_FEWER)
    };
    let decision = decide(&swapping(), &retiring(), &unread, at(OVER + 60));
    assert_eq!(
        (lanes(&decision).as_str(), decision.next.phase.name()),
        ("", "watching")
    );
    let decision = decide(&swapping(), &retiring(), &unread, at(OVER + 30 * 60));
    assert_eq!(decision.next.phase.name(), "promoted", "{}", decision.because);
    assert!(
        decision.because.contains("could not be retired"),
        "{}",
        decision.because
    );
}

#[test]
fn what_somebody_else_changes_is_theirs() {
    let release = with(
        swap_in(Phase::Baking { step: 0 }, TENTH),
        changed(FREE, ALL),
        changed(FREE, NO_FEWER),
    );
    let seen = scaled(sees(3, 3, TENTH), FREE, NO_FEWER);
    let decision = decide(&swapping(), &release, &seen, at(500));
    assert_eq!(lanes(&decision), "", "{}", decision.because);
    let said = "the automatic scaling of orders-canary was changed by somebody else; left so";
    assert!(decision.because.contains(said), "{}", decision.because);
    assert!(decision.next.scaling.unwrap().theirs);
}
