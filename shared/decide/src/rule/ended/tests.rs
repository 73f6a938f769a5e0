use crate::testing::{
    alarm_arn, alarm_fact, approval, armed, at, at_approval, by_deployment, execution, gated, given_up, images,
    in_progress, lanes, meaning, on, opened, over, policy, promoted, promoting, rolling_back, unknown, watching,
    with_fact,
};
use crate::{ExecutionStatus, Over, Part, Phase, Release, Seen, SeenExecution, SeenService, StartedBy, decide};

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

#[test]
fn a_tag_that_was_moved_between_canary_and_stable_promotes_nothing() {
    // Stable's own settings, and the very names that the canary was given.
    let given = |digest: Option<&str>| {
        let mut seen = in_progress(by_deployment(on("orders", 2, 3), "stable-2", 190), 1, 2);
        seen = meaning(seen, "v2", "orders-settings");
        seen.primary.images = digest.map_or_else(unknown, |digest| Part::Known(images(digest)));
        seen
    };
    let learned = |mut release: Release| {
        release.stable.given.as_mut().unwrap().images = None;
        release
    };
    let moved = "rolling back: orders was given orders:2, whose images the canary was never seen to run";
    let (back, goes_on) = (
        "restore orders-canary orders-canary:1 | restore orders orders:1 | reject Gate/Ok",
        "",
    );
    let cases = [
        ("seen at once", armed(), given(Some("moved")), moved, back),
        ("seen at once, at the gate", gated(), given(Some("moved")), moved, back),
        (
            "learned in the middle",
            learned(promoting()),
            given(Some("moved")),
            moved,
            back,
        ),
        (
            "learned in the watch",
            learned(watching()),
            given(Some("moved")),
            moved,
            back,
        ),
        (
            "not known yet",
            armed(),
            given(None),
            "orders is being given the revision",
            goes_on,
        ),
        (
            "not moved",
            armed(),
            given(Some("v2")),
            "orders is being given the revision",
            goes_on,
        ),
        (
            "back to the baseline",
            gated(),
            given(Some("v1")),
            "waiting for approval Gate/Ok",
            goes_on,
        ),
    ];
    for (case, release, stable, because, expected) in cases {
        let seen = Seen {
            canary: Part::Known(on("orders-canary", 2, 1)),
            stable: Part::Known(stable),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(500));
        assert!(decision.because.starts_with(because), "{case}: {}", decision.because);
        assert_eq!(lanes(&decision), expected, "{case}");
    }
}

fn ended(over: Over) -> Part<SeenExecution> {
    Part::Known(execution(ExecutionStatus::Over(over)))
}

/// Only the canary's configuration is released.
fn keeps_images() -> Release {
    let mut release = armed();
    release.images = Some(images("v1"));
    let given = release.canary.given.as_mut().unwrap();
    given.images = Some(images("v1"));
    given.configuration = Some("more-memory".to_owned());
    release
}

#[test]
fn an_execution_that_ends_without_promoting_ends_the_release() {
    let on_its_way = || Part::Known(in_progress(promoted(), 1, 2));
    let v1 = || Part::Known(on("orders", 1, 3));
    type Phase3 = (Release, fn() -> Part<SeenService>);
    let phases: [Phase3; 3] = [
        (armed(), || Part::Known(on("orders", 1, 3))),
        (gated(), || Part::Known(on("orders", 1, 3))),
        (promoting(), || Part::Known(in_progress(promoted(), 1, 2))),
    ];
    let hows = [
        (Over::Failed, "failed"),
        (Over::Stopped, "was stopped"),
        (Over::Replaced, "was replaced"),
    ];
    for (over, how) in hows {
        for (release, stable) in &phases {
            let seen = Seen {
                stable: stable(),
                pipeline: ended(over),
                ..at_approval()
            };
            let decision = decide(&policy(), release, &seen, at(210));
            let expected = format!("rolling back: execution 1a2b3c4d {how} without promoting; ");
            let case = format!("{over:?} while {}", release.phase.name());
            assert!(decision.because.starts_with(&expected), "{case}: {}", decision.because);
        }
        for (release, canary, stable) in [
            (opened(), on("orders-canary", 1, 1), v1()),
            (watching(), on("orders-canary", 2, 1), Part::Known(promoted())),
        ] {
            let seen = Seen {
                canary: Part::Known(canary),
                stable,
                pipeline: ended(over),
                ..at_approval()
            };
            let decision = decide(&policy(), &release, &seen, at(410));
            assert_eq!(decision.next.phase, release.phase, "{over:?}: {}", decision.because);
        }
        let seen = Seen {
            stable: on_its_way(),
            pipeline: ended(over),
            ..at_approval()
        };
        let decision = decide(&policy(), &rolling_back(), &seen, at(210));
        assert_eq!(
            decision.next.phase,
            rolling_back().phase,
            "{over:?}: the cause stays the first one"
        );
    }
}

#[test]
fn success_without_a_promotion_is_believed_after_a_minute_of_looking_at_stable() {
    let v1 = || Part::Known(on("orders", 1, 3));
    let carried = || Part::Known(meaning(on("orders", 5, 3), "v2", "orders-settings"));
    // First seen to be over, looked at now, stable, what becomes of it.
    let cases = [
        ("just now", armed(), None, 500, v1(), "baking"),
        ("59 s ago", armed(), Some(441), 500, v1(), "baking"),
        ("60 s ago", armed(), Some(440), 500, v1(), "rolling back"),
        ("60 s ago, gated", gated(), Some(440), 500, v1(), "rolling back"),
        ("long ago, stable unknown", armed(), Some(0), 500, unknown(), "baking"),
        (
            "long ago, stable has been given it since",
            armed(),
            Some(0),
            500,
            carried(),
            "watching",
        ),
        (
            "long ago, stable is on its way",
            promoting(),
            Some(0),
            500,
            Part::Known(in_progress(promoted(), 1, 2)),
            "promoting",
        ),
        (
            "long ago, stable has nothing to be given",
            keeps_images(),
            Some(0),
            500,
            v1(),
            "watching",
        ),
    ];
    for (case, mut release, since, now, stable, expected) in cases {
        release.pipeline.as_mut().unwrap().over_since = since.map(at);
        let seen = Seen {
            stable,
            pipeline: ended(Over::Succeeded),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(now));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn the_approval_and_the_end_of_the_execution_are_noted_as_they_come_and_go() {
    let mut told = gated();
    told.pipeline.as_mut().unwrap().approval = Some(approval());
    told.pipeline.as_mut().unwrap().over_since = Some(at(10));
    let waiting = Part::Known(execution(ExecutionStatus::InProgress));
    let asks = at_approval().pipeline;
    let cases = [
        ("asked", gated(), asks.clone(), true, None),
        ("asked again, retried", told.clone(), asks, true, None),
        ("answered", told.clone(), waiting.clone(), false, None),
        ("unknown", told.clone(), unknown(), true, Some(10)),
        ("over", gated(), ended(Over::Succeeded), false, Some(20)),
        ("over since", told, ended(Over::Succeeded), false, Some(10)),
    ];
    for (case, release, pipeline, open, since) in cases {
        let seen = Seen {
            pipeline,
            ..at_approval()
        };
        let run = decide(&policy(), &release, &seen, at(20)).next.pipeline.unwrap();
        assert_eq!(
            (run.approval.is_some(), run.over_since),
            (open, since.map(at)),
            "{case}"
        );
    }
    let seen = Seen {
        pipeline: waiting,
        ..at_approval()
    };
    let kept = |release: Release| {
        decide(&policy(), &release, &seen, at(110))
            .next
            .pipeline
            .unwrap()
            .approval
    };
    let mut rolling = rolling_back();
    rolling.pipeline.as_mut().unwrap().approval = Some(approval());
    assert!(kept(rolling).is_some(), "nothing is noted on the way back");
}

#[test]
fn what_becomes_of_stable_ends_the_release_only_while_it_is_promoted_or_watched() {
    let cases = |promoting: &'static str, watching: &'static str| (promoting, watching);
    let undone = "rolling back: orders no longer runs the revision";
    let given_up_by_ecs = "rolling back: ECS gave up deploying the revision to orders";
    let watched = "orders runs the revision; watched until";
    let table = [
        (
            "on its way",
            in_progress(promoted(), 1, 2),
            cases("orders is being given the revision: 1 of 3", watched),
        ),
        (
            "steady",
            promoted(),
            cases("orders runs the revision; watched for 30 minutes", watched),
        ),
        (
            "steady but for an old task",
            SeenService {
                older_running: 1,
                ..promoted()
            },
            cases(
                "orders is being given the revision: 3 of 3 tasks run it, 1 others",
                watched,
            ),
        ),
        (
            "scaled to nothing",
            by_deployment(on("orders", 2, 0), "stable-2", 190),
            cases(
                "orders is being given the revision: 0 of 0 tasks run it, 0 others still run; a service with no tasks",
                watched,
            ),
        ),
        (
            "given up by ECS",
            given_up(promoted(), 0, 3),
            cases(given_up_by_ecs, given_up_by_ecs),
        ),
        (
            "undone by the breaker",
            by_deployment(on("orders", 1, 3), "breaker", 300),
            cases(undone, undone),
        ),
        (
            "undone by a copy of its baseline under another name",
            by_deployment(meaning(on("orders", 8, 3), "v1", "orders-settings"), "breaker", 300),
            cases(undone, undone),
        ),
        (
            "v1, by an older look at ECS",
            by_deployment(on("orders", 1, 3), "stable-1", -9_000),
            cases("orders is being given the revision: 3 of 3", watched),
        ),
        (
            "hot-fixed",
            by_deployment(meaning(on("orders", 9, 3), "v9", "orders-settings"), "hot", 300),
            cases(
                "rolling back: orders was given orders:9, which is neither this release nor its baseline",
                "orders was given orders:9, which is neither this release nor its baseline; left alone",
            ),
        ),
        (
            "the revision once more, by another deployment",
            by_deployment(meaning(on("orders", 8, 3), "v2", "orders-settings"), "again", 300),
            cases("orders runs the revision; watched for 30 minutes", watched),
        ),
    ];
    for (case, stable, (while_promoting, while_watching)) in table {
        for (release, expected) in [(promoting(), while_promoting), (watching(), while_watching)] {
            let seen = Seen {
                stable: Part::Known(stable.clone()),
                pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
                ..at_approval()
            };
            let decision = decide(&policy(), &release, &seen, at(500));
            let name = release.phase.name();
            assert!(
                decision.because.starts_with(expected),
                "{case}, {name}: {}",
                decision.because
            );
        }
    }
}

#[test]
fn what_becomes_of_the_canary_counts_until_stable_has_the_revision() {
    let later = |seen| by_deployment(seen, "later", 300);
    let undone = later(on("orders-canary", 1, 1));
    let third = {
        let mut third = later(meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings"));
        third.primary.started_by = Part::Known(StartedBy::Nobody);
        third
    };
    let table = [
        ("put back", undone, "rolling back", "watching"),
        (
            "given up by ECS",
            given_up(on("orders-canary", 2, 1), 0, 1),
            "rolling back",
            "watching",
        ),
        ("given something by a person", third, "rolling back", "watching"),
        ("an older look", on("orders-canary", 1, 1), "promoting", "watching"),
    ];
    for (case, canary, while_promoting, while_watching) in table {
        for (release, expected) in [(promoting(), while_promoting), (watching(), while_watching)] {
            let on_its_way = in_progress(promoted(), 1, 2);
            let seen = Seen {
                canary: Part::Known(canary.clone()),
                stable: Part::Known(on_its_way),
                pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
                ..at_approval()
            };
            let decision = decide(&policy(), &release, &seen, at(500));
            assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        }
    }
}

#[test]
fn where_several_things_end_a_release_the_alarm_is_the_cause() {
    let told = with_fact(promoting(), alarm_fact(&alarm_arn(), at(90)));
    let seen = Seen {
        canary: Part::Known(given_up(on("orders-canary", 2, 1), 0, 1)),
        stable: Part::Known(given_up(promoted(), 0, 3)),
        pipeline: Part::Known(over()),
        ..at_approval()
    };
    let because = |release: &Release, seen: &Seen| decide(&policy(), release, seen, at(500)).because;
    let starts = |text: &str, expected: &str| assert!(text.starts_with(expected), "{text}");
    starts(&because(&told, &seen), "rolling back: alarm dlq in ALARM");
    starts(
        &because(&promoting(), &seen),
        "rolling back: ECS gave up deploying the revision to orders-canary;",
    );
    let canary_runs = Seen {
        canary: Part::Known(on("orders-canary", 2, 1)),
        ..seen
    };
    starts(
        &because(&promoting(), &canary_runs),
        "rolling back: ECS gave up deploying the revision to orders;",
    );
}
