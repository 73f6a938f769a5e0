//! Somebody looked for news while nothing was open, and meanwhile somebody else opened a release.

use super::super::{Overlap, overlap};
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
