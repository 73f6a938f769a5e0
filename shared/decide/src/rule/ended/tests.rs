use crate::testing::{armed, at, at_approval, given_up, lanes, meaning, on, opened, policy, unknown};
use crate::{Part, Phase, Release, Seen, SeenService, StartedBy, decide};

fn third(by: Part<StartedBy>) -> Part<SeenService> {
    let mut third = meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings");
    third.primary.started_by = by;
    Part::Known(third)
}

fn later(mut seen: SeenService) -> Part<SeenService> {
    seen.primary.created = at(8);
    seen.primary.id = "ecs-svc/later".to_owned();
    Part::Known(seen)
}

#[test]
fn what_becomes_of_the_canary_ends_the_release_only_where_it_was_seen() {
    let cases: Vec<(&str, Release, Part<SeenService>, &str, &str)> = vec![
        (
            "a third revision that nobody's pipeline gave",
            armed(),
            third(Part::Known(StartedBy::Nobody)),
            "rolling back: orders-canary was given orders-canary:7, which is neither this release nor its baseline",
            "reject Gate/Ok",
        ),
        (
            "a third revision, and nobody knows by whom",
            armed(),
            third(unknown()),
            "orders-canary runs the revision",
            "",
        ),
        (
            "the release's own",
            armed(),
            Part::Known(on("orders-canary", 2, 1)),
            "orders-canary runs the revision",
            "",
        ),
        (
            "ECS has given its deployment up",
            armed(),
            Part::Known(given_up(on("orders-canary", 2, 1), 0, 1)),
            "rolling back: ECS gave up deploying the revision to orders-canary",
            "restore orders-canary orders-canary:1 | reject Gate/Ok",
        ),
        (
            "its baseline again, by a later deployment",
            armed(),
            later(on("orders-canary", 1, 1)),
            "rolling back: orders-canary no longer runs the revision",
            "reject Gate/Ok",
        ),
        (
            "its baseline, by an older look at ECS",
            armed(),
            Part::Known(on("orders-canary", 1, 1)),
            "orders-canary runs the revision",
            "",
        ),
        (
            "cannot be told",
            armed(),
            Part::Known(on("orders-canary", 7, 1)),
            "orders-canary runs the revision",
            "",
        ),
        ("unknown", armed(), unknown(), "orders-canary runs the revision", ""),
        (
            "not armed: that is the release itself",
            opened(),
            third(Part::Known(StartedBy::Nobody)),
            "orders-canary runs the revision",
            "",
        ),
    ];
    for (case, release, canary, because, expected) in cases {
        let decision = decide(
            &policy(),
            &release,
            &Seen {
                canary,
                ..at_approval()
            },
            at(10),
        );
        assert!(decision.because.starts_with(because), "{case}: {}", decision.because);
        assert_eq!(lanes(&decision), expected, "{case}");
    }
}

#[test]
fn a_hot_fix_of_stable_ends_the_release_and_is_left_alone() {
    let hot_fix = || Part::Known(meaning(on("orders", 9, 3), "v9", "orders-settings"));
    let mut promoting = armed();
    promoting.phase = Phase::Promoting;
    for release in [armed(), promoting] {
        let seen = Seen {
            stable: hot_fix(),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(10));
        assert_eq!(decision.next.phase.name(), "rolling back");
        assert_eq!(
            lanes(&decision),
            "restore orders-canary orders-canary:1 | reject Gate/Ok"
        );
    }
}
