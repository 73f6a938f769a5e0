//! Somebody looked for news while nothing was open, and meanwhile somebody else opened a release.

use super::super::{Opening, Overlap, is_another, open, overlap};
use super::overlap::{next_action, other as next_job};
use super::{action, before, deployment, last};
use crate::testing::{
    OTHER, armed, at, at_approval, by_deployment, closed, failing, gated, on, opened, policy, promoting, rolling_back,
    wanted, watching,
};
use crate::{Outcome, Part, Release, Seen, Start, Wanted};

#[test]
fn what_the_canary_was_given_before_a_release_was_opened_takes_no_place_of_it() {
    let seen = |seconds| Seen {
        canary: Part::Known(by_deployment(on("orders-canary", 7, 1), "canary-7", seconds)),
        ..at_approval()
    };
    let other = |start| match start {
        Start::Action { action_execution, .. } => Start::Action {
            execution: OTHER.to_owned(),
            action_execution,
        },
        start => start,
    };
    let since = |release: Release| Release {
        opened: at(20),
        ..release
    };
    let cases = [
        ("before it was opened", since(opened()), 10, false),
        ("in that very second", since(opened()), 20, false),
        ("since then", since(opened()), 30, true),
        (
            "before it was opened, and that has given it something",
            since(armed()),
            10,
            false,
        ),
        (
            "since it was opened, and that has given it something",
            since(armed()),
            30,
            true,
        ),
    ];
    for (case, release, seconds, takes_over) in cases {
        for start in [deployment(), other(action())] {
            let found = overlap(&policy(), &policy(), &release, &seen(seconds), &start, at(500));
            let taken = matches!(found, Overlap::TakesOver(_));
            assert_eq!(taken, takes_over, "{case}: {start:?}: {found:?}");
        }
    }
}

#[test]
fn what_was_told_from_another_deployment_waits_where_that_was_of_the_policys_own_canary() {
    let services = policy().two_services;
    let here = (services.cluster.as_str(), services.canary.as_str());
    let runs = || by_deployment(on("orders-canary", 7, 1), "canary-7", 300);
    let cases = [
        ("told from what it runs", Some("ecs-svc/canary-7"), here, false),
        ("told from another", Some("ecs-svc/canary-2"), here, true),
        ("told from nothing", None, here, false),
        (
            "another canary",
            Some("ecs-svc/canary-2"),
            (here.0, "orders-small"),
            false,
        ),
        ("in another cluster", Some("ecs-svc/canary-2"), ("test", here.1), false),
    ];
    for (case, told_from, on, waits) in cases {
        let why = is_another(&services, told_from, on, &runs());
        assert_eq!(why.is_some(), waits, "{case}: {why:?}");
    }
    let why = is_another(&services, Some("ecs-svc/canary-2"), here, &runs());
    assert_eq!(
        why.as_deref(),
        Some("orders-canary was given orders-canary:7 meanwhile, which is none of ecs-svc/canary-2")
    );
}

/// A call that may still be under way would take off the canary what the next release gives it.
#[test]
fn what_the_open_release_may_still_be_doing_is_waited_for_before_the_canary_changes() {
    let tried = |seconds| {
        let mut release = failing();
        release.canary.attempts.last = Some(at(seconds));
        release
    };
    let told = |release: Release, seconds| Release {
        wanted: Some(Wanted {
            given: Some(at(seconds)),
            ..wanted()
        }),
        ..release
    };
    let a_call = "wait: a call of release orders-1a2b3c4d may be under way until 2026-11-21T03:09:00Z";
    let again_and_again = Release {
        phase_since: at(300),
        ..tried(490)
    };
    let cases: [(&str, Release, Start, &str); 8] = [
        ("tried again and again", again_and_again, next_job(), "rollback failed"),
        ("a moment ago", tried(420), next_job(), a_call),
        ("long ago", tried(380), next_job(), "rollback failed"),
        (
            "the canary has it already",
            tried(420),
            next_action(),
            "rollback failed",
        ),
        (
            "bakes what was given a moment ago",
            told(armed(), 420),
            next_job(),
            a_call,
        ),
        ("given long ago", told(armed(), 380), next_job(), "superseded"),
        // It is told again and again, and the fix must get through.
        ("not there yet", told(opened(), 420), next_job(), "superseded"),
        ("by a pipeline", armed(), next_job(), "superseded"),
    ];
    for (case, release, start, expected) in cases {
        let said = match overlap(&policy(), &policy(), &release, &at_approval(), &start, at(500)) {
            Overlap::Wait(why) => format!("wait: {why}"),
            Overlap::TakesOver(decision) => decision.next.phase.name().to_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(said, expected, "{case}");
    }
}

/// A start by hand that was asked for in some second.
fn asked(seconds: i64) -> Wanted {
    Wanted {
        id: format!("start-of-{seconds}"),
        asked: Some(at(seconds)),
        ..wanted()
    }
}

fn of(wanted: Wanted, release: Release) -> Release {
    Release {
        start: Start::Explicit(wanted.clone()).key(),
        wanted: Some(wanted),
        ..release
    }
}

#[test]
fn what_was_asked_for_before_what_is_open_takes_no_place_in_whatever_phase_that_is() {
    let phases: [fn() -> Release; 7] = [opened, armed, gated, promoting, watching, rolling_back, failing];
    let judged = |release: &Release, start| overlap(&policy(), &policy(), release, &at_approval(), &start, at(500));
    for phase in phases {
        let open = of(asked(200), phase());
        let case = open.phase.name();
        let older = judged(&open, Start::Explicit(asked(100)));
        assert!(matches!(older, Overlap::Outrun(_)), "{case}: {older:?}");
        let newer = judged(&open, Start::Explicit(asked(300)));
        assert!(!matches!(newer, Overlap::Outrun(_)), "{case}: {newer:?}");
        assert_eq!(judged(&open, Start::Explicit(asked(200))), Overlap::Same, "{case}");
    }
}

#[test]
fn what_was_asked_for_before_what_was_released_last_is_released_no_more() {
    for outcome in [
        Outcome::Promoted,
        Outcome::RolledBack {
            cause: crate::testing::cause(),
        },
    ] {
        let released = of(asked(200), closed(watching(), outcome));
        let judged = |seconds| {
            let mut beginning = last(before(), released.clone());
            beginning.start = Start::Explicit(asked(seconds));
            open(&policy(), &beginning, at(500))
        };
        let older = judged(100);
        assert!(
            matches!(&older, Opening::None(why) if why.contains("was asked for at")),
            "{older:?}"
        );
        let newer = judged(300);
        assert!(matches!(newer, Opening::Release(_)), "{newer:?}");
    }
}
