//! Somebody looked for news while nothing was open, and meanwhile somebody else opened a release.

use super::super::{Overlap, is_another, overlap};
use super::{action, deployment};
use crate::testing::{OTHER, armed, at, at_approval, by_deployment, on, opened, policy};
use crate::{Part, Release, Seen, Start};

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
