use crate::testing::{
    OTHER, armed, arn, at, at_approval, by_deployment, by_execution, gated, images, in_progress, meaning, names, on,
    opened, policy, promoted, promoting, rolling_back, unknown, watching,
};
use crate::{Part, Phase, Release, Seen, SeenService, StartedBy, decide};

fn looked(release: &Release, canary: Part<SeenService>) -> Release {
    decide(
        &policy(),
        release,
        &Seen {
            canary,
            ..at_approval()
        },
        at(10),
    )
    .next
}

#[test]
fn a_release_is_armed_by_whatever_the_canary_is_given_and_by_nothing_else() {
    let unread = || {
        let mut seen = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
        seen.primary.images = Part::Unknown("no task has pulled".to_owned());
        seen
    };
    let cases = [
        ("nothing new", Part::Known(on("orders-canary", 1, 1)), false),
        (
            "the same under another ARN",
            Part::Known(meaning(on("orders-canary", 5, 1), "v1", "orders-canary-settings")),
            false,
        ),
        (
            "other images",
            Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
            true,
        ),
        (
            "only other settings",
            Part::Known(meaning(on("orders-canary", 2, 1), "v1", "more-memory")),
            true,
        ),
        ("something nobody has pulled yet", Part::Known(unread()), true),
        ("unknown", unknown(), false),
    ];
    for (case, canary, armed) in cases {
        let next = looked(&opened(), canary);
        assert_eq!(next.armed().is_some(), armed, "{case}");
        assert_eq!(next.phase == Phase::Baking { step: 0 }, armed, "{case}");
    }
}

#[test]
fn digests_are_filled_in_when_they_become_known_and_never_replaced() {
    let mut seen = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
    seen.primary.images = Part::Unknown("no task has pulled".to_owned());
    let armed = looked(&opened(), Part::Known(seen));
    assert_eq!(armed.images, None);
    assert!(!armed.knows(crate::Role::Stable, &arn("orders", 2)));
    let known = looked(
        &armed,
        Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
    );
    assert_eq!(known.images, Some(crate::testing::images("v2")));
    let later = looked(
        &known,
        Part::Known(meaning(on("orders-canary", 2, 1), "v9", "orders-canary-settings")),
    );
    assert_eq!(
        later.images,
        Some(crate::testing::images("v2")),
        "a tag that moves changes nothing"
    );
}

fn own() -> String {
    armed().pipeline.unwrap().execution
}

/// The canary by another deployment of a second, read, and given by whom.
fn other(digest: &str, configuration: &str, seconds: i64, by: Part<StartedBy>) -> Part<SeenService> {
    let mut seen = by_deployment(
        meaning(on("orders-canary", 7, 1), digest, configuration),
        "canary-7",
        seconds,
    );
    seen.primary.started_by = by;
    Part::Known(seen)
}

fn by(execution: &str, rollback: bool) -> Part<StartedBy> {
    Part::Known(StartedBy::Execution {
        execution: execution.to_owned(),
        action_execution: "again".to_owned(),
        rollback,
    })
}

#[test]
fn its_own_execution_may_give_the_canary_something_else_and_is_judged_anew() {
    let settings = "orders-canary-settings";
    let unread = || {
        let Part::Known(mut seen) = other("v3", settings, 100, by(&own(), false)) else {
            panic!()
        };
        seen.primary.images = unknown();
        Part::Known(seen)
    };
    let cases = [
        (
            "a retried stage built it anew",
            other("v3", settings, 100, by(&own(), false)),
            Some("v3"),
        ),
        (
            "a retried stage, only another configuration",
            other("v2", "more", 100, by(&own(), false)),
            Some("v2"),
        ),
        (
            "a retried stage registered the same once more",
            other("v2", settings, 100, by(&own(), false)),
            None,
        ),
        (
            "its baseline, which undoes it",
            other("v1", settings, 100, by(&own(), false)),
            None,
        ),
        ("an older look", other("v3", settings, -1, by(&own(), false)), None),
        (
            "by an execution of type ROLLBACK",
            other("v3", settings, 100, by(&own(), true)),
            None,
        ),
        (
            "by another execution",
            other("v3", settings, 100, by(OTHER, false)),
            None,
        ),
        (
            "by a person",
            other("v3", settings, 100, Part::Known(StartedBy::Nobody)),
            None,
        ),
        ("nobody knows by whom", other("v3", settings, 100, unknown()), None),
        ("nobody knows what it is", unread(), None),
    ];
    for (case, canary, judged) in cases {
        for before in [armed(), gated()] {
            let next = looked(&before, canary.clone());
            let given = next.canary.given.unwrap();
            let name = before.phase.name();
            match judged {
                None => assert_eq!(given, before.canary.given.unwrap(), "{case}, {name}"),
                Some(digest) => {
                    assert_eq!(
                        (given.deployment.as_str(), given.created),
                        ("ecs-svc/canary-7", at(100)),
                        "{case}, {name}"
                    );
                    assert_eq!(given.images, Some(images(digest)), "{case}, {name}");
                    assert_eq!(
                        (next.images, next.phase),
                        (Some(images(digest)), Phase::Baking { step: 0 }),
                        "{case}, {name}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_person_who_was_quicker_than_the_pipeline_does_not_keep_it_from_its_own_revision() {
    let by_a_person = other("v9", "orders-canary-settings", 50, Part::Known(StartedBy::Nobody));
    let first = looked(&opened(), by_a_person);
    assert_eq!(
        (first.images.clone(), &first.phase),
        (Some(images("v9")), &Phase::Baking { step: 0 })
    );
    let pipelines = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
    let pipelines = by_execution(by_deployment(pipelines, "canary-2", 100), &own());
    let second = looked(&first, Part::Known(pipelines));
    assert_eq!(second.images, Some(images("v2")));
    assert_eq!(second.canary.given.unwrap().created, at(100));
    assert_eq!(
        second.canary.baseline,
        opened().canary.baseline,
        "the way back stays where it began"
    );
}

#[test]
fn nothing_is_armed_anew_once_stable_is_given_the_revision() {
    let retried = other("v3", "orders-canary-settings", 300, by(&own(), false));
    for release in [promoting(), watching()] {
        let seen = Seen {
            canary: retried.clone(),
            stable: Part::Known(in_progress(promoted(), 1, 2)),
            ..at_approval()
        };
        let next = decide(&policy(), &release, &seen, at(400)).next;
        assert_eq!((next.canary.given, next.phase), (release.canary.given, release.phase));
    }
}

#[test]
fn stable_is_being_promoted_once_it_is_given_what_the_canary_has() {
    let settings = "orders-settings";
    let with_names = |tag: &str, configuration: &str| {
        let mut seen = meaning(on("orders", 5, 3), tag, configuration);
        seen.primary.images = unknown();
        seen
    };
    let cases = [
        ("its baseline", on("orders", 1, 3), false),
        (
            "its baseline by another name",
            meaning(on("orders", 5, 3), "v1", settings),
            false,
        ),
        ("the images", meaning(on("orders", 5, 3), "v2", settings), true),
        (
            "the images with other settings",
            meaning(on("orders", 5, 3), "v2", "other"),
            true,
        ),
        (
            "the names of the images, pulled by nobody",
            with_names("v2", settings),
            true,
        ),
        ("other names, pulled by nobody", with_names("v3", settings), false),
        (
            "the names with other settings, pulled by nobody",
            with_names("v2", "other"),
            false,
        ),
        ("nothing known of it", on("orders", 5, 3), false),
    ];
    for (case, stable, given) in cases {
        for before in [armed(), gated()] {
            let seen = Seen {
                stable: Part::Known(in_progress(by_deployment(stable.clone(), "promotion", 70), 1, 2)),
                ..at_approval()
            };
            let decision = decide(&policy(), &before, &seen, at(80));
            let expected = if given { &Phase::Promoting } else { &before.phase };
            assert_eq!(&decision.next.phase, expected, "{case}: {}", decision.because);
            let deployment = decision
                .next
                .stable
                .given
                .map(|given| (given.deployment, given.created));
            assert_eq!(
                deployment,
                given.then(|| ("ecs-svc/promotion".to_owned(), at(70))),
                "{case}"
            );
        }
    }
}

#[test]
fn what_a_failed_rollback_bad_on_stable_is_no_promotion_and_does_not_hide_one() {
    let mut release = armed();
    release.stable.given = promoting().stable.given.map(|given| crate::Given {
        task_definition: arn("orders", 5),
        deployment: "ecs-svc/left".to_owned(),
        images: Some(images("bad")),
        ..given
    });
    let left = || by_deployment(on("orders", 5, 3), "left", 190);
    let cases = [
        ("still there", left(), "baking"),
        ("the same once more", by_deployment(left(), "left-again", 300), "baking"),
        (
            "the release",
            by_deployment(meaning(on("orders", 8, 3), "v2", "orders-settings"), "stable-8", 300),
            "watching",
        ),
        ("its baseline", by_deployment(on("orders", 1, 3), "back", 300), "baking"),
    ];
    for (case, stable, phase) in cases {
        let seen = Seen {
            canary: Part::Known(on("orders-canary", 2, 1)),
            stable: Part::Known(stable),
            ..at_approval()
        };
        let next = decide(&policy(), &release, &seen, at(310)).next;
        assert_eq!(next.phase.name(), phase, "{case}");
    }
}

#[test]
fn the_same_image_names_in_several_containers_promote_only_together() {
    let two = |first: &str, second: &str| {
        let mut names = names(first);
        names.insert("proxy".to_owned(), second.to_owned());
        names
    };
    let mut release = armed();
    release.canary.given.as_mut().unwrap().image_names = Some(two("v2", "proxy:2"));
    let cases = [
        ("both", two("v2", "proxy:2"), true),
        ("one of both", two("v2", "proxy:1"), false),
        ("the one that stable has", names("v2"), true),
        (
            "one more of its own",
            {
                let mut more = two("v2", "proxy:2");
                more.insert("agent".to_owned(), "agent:1".to_owned());
                more
            },
            true,
        ),
        (
            "none in common",
            crate::Images::from([("agent".to_owned(), "agent:1".to_owned())]),
            false,
        ),
    ];
    for (case, image_names, promotes) in cases {
        let mut stable = by_deployment(meaning(on("orders", 5, 3), "v2", "orders-settings"), "promotion", 70);
        stable.primary.images = unknown();
        stable.primary.image_names = Part::Known(image_names);
        let seen = Seen {
            stable: Part::Known(in_progress(stable, 0, 3)),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(80));
        assert_eq!(
            decision.next.phase == Phase::Promoting,
            promotes,
            "{case}: {}",
            decision.because
        );
    }
}

#[test]
fn everything_may_have_happened_before_the_first_look() {
    let canary = Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings"));
    let stable = by_deployment(meaning(on("orders", 2, 3), "v2", "orders-settings"), "stable-2", 190);
    for (stable, expected) in [(in_progress(stable.clone(), 1, 2), "promoting"), (stable, "watching")] {
        let seen = Seen {
            canary: canary.clone(),
            stable: Part::Known(stable),
            ..at_approval()
        };
        let decision = decide(&policy(), &opened(), &seen, at(200));
        assert_eq!(decision.next.phase.name(), expected, "{}", decision.because);
        assert!(decision.next.canary.given.is_some() && decision.next.stable.given.is_some());
    }
}

#[test]
fn what_somebody_gave_stable_before_the_release_came_to_it_is_what_it_goes_back_to() {
    let hot_fix = |seconds| {
        let fixed = meaning(on("orders", 4, 3), "v1", "orders-settings-mended");
        let mut fixed = by_deployment(fixed, "stable-4", seconds);
        fixed.primary.started_by = Part::Known(StartedBy::Nobody);
        fixed
    };
    let unasked = |seconds| {
        let mut fixed = hot_fix(seconds);
        fixed.primary.started_by = unknown();
        fixed
    };
    let unread = || {
        let mut seen = hot_fix(110);
        seen.primary.images = Part::Unknown("no task has pulled".to_owned());
        seen
    };
    let same_images = || {
        let mut release = rolling_back();
        release.images = Some(images("v1"));
        release
    };
    let touched = || {
        let mut release = rolling_back();
        release.stable.given = promoting().stable.given;
        release
    };
    let cases = [
        ("opened, and somebody was quicker", opened(), hot_fix(-70), "orders:4"),
        ("armed in this very look", opened(), hot_fix(-50), "orders:4"),
        (
            "judged, changed before the canary was",
            armed(),
            hot_fix(-30),
            "orders:4",
        ),
        ("judged, changed meanwhile", armed(), hot_fix(5), "orders:4"),
        ("being taken back", rolling_back(), hot_fix(110), "orders:4"),
        (
            "older than the release: nobody asks",
            opened(),
            unasked(-70),
            "orders:4",
        ),
        ("by whom is unknown", rolling_back(), unasked(110), "orders:1"),
        (
            "another execution has promoted it",
            rolling_back(),
            by_execution(hot_fix(110), OTHER),
            "orders:1",
        ),
        (
            "being taken back, nothing pulled yet",
            rolling_back(),
            unread(),
            "orders:1",
        ),
        (
            "being taken back, and ECS may give it up yet",
            rolling_back(),
            in_progress(hot_fix(110), 1, 2),
            "orders:1",
        ),
        (
            "being taken back, and old targets are drained yet",
            rolling_back(),
            in_progress(hot_fix(110), 3, 0),
            "orders:1",
        ),
        (
            "being taken back, with no images to give",
            same_images(),
            hot_fix(110),
            "orders:1",
        ),
        ("being taken back, from stable too", touched(), hot_fix(110), "orders:1"),
        (
            "being taken back, its baseline",
            rolling_back(),
            on("orders", 1, 3),
            "orders:1",
        ),
        ("promoted", watching(), hot_fix(400), "orders:1"),
    ];
    for (case, release, stable, expected) in cases {
        let seen = Seen {
            stable: Part::Known(stable),
            ..at_approval()
        };
        let next = decide(&policy(), &release, &seen, at(120)).next;
        assert_eq!(crate::short(&next.stable.baseline.task_definition), expected, "{case}");
        assert_eq!(
            crate::short(next.restore_target(crate::Role::Stable)),
            expected,
            "{case}"
        );
    }
}
