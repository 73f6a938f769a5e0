use crate::policy::{Approver, Promotion, Step};
use crate::testing::{
    arn, at, at_approval, by_deployment, execution, gated, images, in_progress, lanes, meaning, on, policy, promoting,
    rolling_back, seen_alarm, unknown, with_fact,
};
use crate::{
    Action, AlarmState, Approved, Cause, ExecutionStatus, Fact, Gate, Given, Images, Part, Phase, Policy, Release,
    Seen, decide,
};

/// A person approves, Serin gives stable the release.
fn rolls() -> Policy {
    Policy {
        promotion: Promotion::RollStable,
        ..policy()
    }
}

fn rolls_what_it_approved() -> Policy {
    Policy {
        approval: Approver::Automatic,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..rolls()
    }
}

fn asked(release: Release) -> Release {
    let execution = release.pipeline.clone().unwrap().execution;
    let gate = Gate::Promote;
    with_fact(release, Fact::Asked { gate, execution })
}

fn approved(mut release: Release) -> Release {
    release.pipeline.as_mut().unwrap().approved = Some(Approved {
        at: at(690),
        evidence: "it baked".to_owned(),
        share_permille: None,
        told: None,
    });
    release
}

/// Baked, and our action asks.
fn baked() -> Release {
    let mut release = asked(gated());
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// Serin has begun to promote at 700 s.
fn begun() -> Release {
    Release {
        phase: Phase::Promoting,
        phase_since: at(700),
        ..baked()
    }
}

fn registered(release: Release) -> Release {
    let task_definition = arn("orders", 7);
    with_fact(release, Fact::Promotes { task_definition })
}

fn waiting() -> Seen {
    Seen {
        pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
        ..at_approval()
    }
}

fn stable(stable: crate::SeenService) -> Seen {
    Seen {
        stable: Part::Known(stable),
        ..waiting()
    }
}

#[test]
fn stable_is_given_what_the_canary_has_proven_step_by_step() {
    let alarm = |seconds| Seen {
        alarms: Part::Known(vec![seen_alarm(AlarmState::Alarm, at(seconds))]),
        ..waiting()
    };
    let unnamed = |mut release: Release| {
        release.canary.given.as_mut().unwrap().image_names = None;
        release
    };
    let seven = |running, older| in_progress(on("orders", 7, 3), running, older);
    let register = "register for stable orders:1";
    let cases: Vec<(&str, Policy, Release, Seen, &str, &str)> = vec![
        ("it asks", rolls(), baked(), waiting(), "promoting", register),
        ("nobody asks", rolls(), gated(), waiting(), "gated", ""),
        ("the pipeline gives it", policy(), baked(), waiting(), "gated", ""),
        (
            "not approved",
            rolls_what_it_approved(),
            baked(),
            waiting(),
            "gated",
            "",
        ),
        (
            "approved",
            rolls_what_it_approved(),
            approved(baked()),
            waiting(),
            "promoting",
            register,
        ),
        (
            "the alarms are unknown",
            rolls(),
            baked(),
            Seen {
                alarms: unknown(),
                ..waiting()
            },
            "gated",
            "",
        ),
        ("it rang before", rolls(), baked(), alarm(-10), "gated", ""),
        (
            "stable is unknown",
            rolls(),
            begun(),
            Seen {
                stable: unknown(),
                ..waiting()
            },
            "promoting",
            "",
        ),
        (
            "the names are not read yet",
            rolls(),
            unnamed(begun()),
            waiting(),
            "promoting",
            "",
        ),
        (
            "registered",
            rolls(),
            registered(begun()),
            waiting(),
            "promoting",
            "promote orders orders:7",
        ),
        (
            "under way",
            rolls(),
            registered(begun()),
            stable(seven(1, 2)),
            "promoting",
            "",
        ),
        (
            "there",
            rolls(),
            registered(begun()),
            stable(on("orders", 7, 3)),
            "watching",
            "",
        ),
        (
            "rung meanwhile",
            rolls(),
            registered(begun()),
            alarm(705),
            "rolling back",
            "restore orders-canary orders-canary:1",
        ),
    ];
    for (case, policy, release, seen, phase, does) in cases {
        let decision = decide(&policy, &release, &seen, at(710));
        let found = (decision.next.phase.name(), lanes(&decision));
        assert_eq!(found, (phase, does.to_owned()), "{case}: {}", decision.because);
    }
}

/// Stable runs what a release before this one gave it, and could not be put right.
fn left(mut release: Release) -> Release {
    release.stable.earlier.push(arn("orders", 9));
    release.stable.given = promoting().stable.given.map(|given| Given {
        task_definition: arn("orders", 9),
        deployment: "ecs-svc/left".to_owned(),
        created: at(-900),
        images: Some(images("v0")),
        ..given
    });
    release
}

/// And one before that another.
fn twice(mut release: Release) -> Release {
    release.stable.earlier.insert(0, arn("orders", 8));
    release
}

#[test]
fn over_what_was_bad_on_stable_all_is_given_that_the_canary_runs() {
    let both = |app: &str, side: &str| {
        let digest = |tag: &str| format!("sha256:{tag}");
        Images::from([("app".to_owned(), digest(app)), ("side".to_owned(), digest(side))])
    };
    // The sidecar is the baseline's; what was left there has another.
    for (left_there, expected) in [
        (true, both("v3", "v1")),
        (false, {
            let mut changed = both("v3", "v1");
            changed.remove("side");
            changed
        }),
    ] {
        let mut release = if left_there { left(begun()) } else { begun() };
        release.images = Some(both("v3", "v1"));
        release.stable.baseline.revision.images = both("v1", "v1");
        release.canary.given.as_mut().unwrap().image_names = Some(both("v3", "v1"));
        let there = if left_there { 9 } else { 1 };
        let decision = decide(&rolls(), &release, &stable(on("orders", there, 3)), at(710));
        let Some(Action::RegisterPromotion { images, .. }) = decision.lanes.first().and_then(|lane| lane.first())
        else {
            panic!("{}: {:?}", decision.because, decision.lanes);
        };
        assert_eq!(*images, expected);
    }
}

#[test]
fn what_a_release_before_has_bad_on_stable_does_not_hold_the_fix() {
    let nine = || meaning(on("orders", 9, 3), "v0", "orders-settings");
    let given_up = |mut seen: crate::SeenService| {
        seen.primary.rollout = crate::Rollout::Failed;
        seen
    };
    let seven = |running, older| meaning(in_progress(on("orders", 7, 3), running, older), "v2", "orders-settings");
    let register = "register for stable orders:9";
    let cases = [
        ("it is there still", left(baked()), nine(), "promoting", register),
        ("ECS gave it up", left(baked()), given_up(nine()), "promoting", register),
        (
            "the baseline is there by now",
            left(baked()),
            on("orders", 1, 3),
            "promoting",
            "register for stable orders:1",
        ),
        (
            "ECS went back to what one before that had left",
            twice(left(baked())),
            meaning(on("orders", 8, 3), "v9", "orders-settings"),
            "promoting",
            "register for stable orders:8",
        ),
        (
            "something third is there",
            left(begun()),
            by_deployment(meaning(on("orders", 8, 3), "v8", "orders-settings"), "stable-8", 600),
            "rolling back",
            "orders-canary",
        ),
        (
            "registered, not given yet",
            registered(left(begun())),
            nine(),
            "promoting",
            "promote orders orders:7",
        ),
        ("being given", registered(left(begun())), seven(1, 2), "promoting", ""),
        (
            "given",
            registered(left(begun())),
            meaning(on("orders", 7, 3), "v2", "orders-settings"),
            "watching",
            "",
        ),
    ];
    for (case, release, seen, phase, does) in cases {
        let decision = decide(&rolls(), &release, &stable(seen), at(710));
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
        let lanes = lanes(&decision);
        assert!(
            lanes.contains(does) && lanes.is_empty() == does.is_empty(),
            "{case}: {lanes}"
        );
    }
}

#[test]
fn what_is_registered_has_the_released_images_by_digest_and_the_canarys_names() {
    let decision = decide(&rolls(), &begun(), &waiting(), at(710));
    let Some(Action::RegisterPromotion {
        images: given, names, ..
    }) = decision.lanes.first().and_then(|lane| lane.first())
    else {
        panic!("{:?}", decision.lanes);
    };
    let canary = begun().canary.given.unwrap();
    assert_eq!((given, Some(names)), (&images("v2"), canary.image_names.as_ref()));
}

#[test]
fn where_stable_has_the_images_already_nothing_is_given() {
    let mut release = baked();
    release.stable.baseline.revision.images = images("v2");
    let decision = decide(&rolls(), &release, &waiting(), at(710));
    assert_eq!(
        (decision.next.phase.name(), lanes(&decision)),
        ("watching", String::new())
    );
}

#[test]
fn what_stable_lacks_is_given_though_the_canary_had_it_before() {
    let mut release = baked();
    release.canary.baseline.revision.images = images("v2");
    let decision = decide(&rolls(), &release, &waiting(), at(710));
    assert_eq!(
        (decision.next.phase.name(), lanes(&decision).as_str()),
        ("promoting", "register for stable orders:1"),
        "{}",
        decision.because
    );
    let given = stable(meaning(on("orders", 7, 3), "v2", "orders-settings"));
    let decision = decide(&rolls(), &registered(decision.next), &given, at(720));
    assert_eq!(decision.next.phase.name(), "watching", "{}", decision.because);
    let other = stable(meaning(on("orders", 7, 3), "v1", "orders-settings"));
    let mut promoted = registered(decision.next);
    promoted.stable.given.as_mut().unwrap().images = None;
    let decision = decide(&rolls(), &promoted, &other, at(730));
    let phase = decision.next.phase.name();
    assert_eq!(phase, "rolling back", "what it runs is not that: {}", decision.because);
}

#[test]
fn where_no_container_has_the_same_name_nothing_is_promoted() {
    let mut release = baked();
    let digests = images("v1").into_values();
    release.stable.baseline.revision.images = digests.map(|digest| ("web".to_owned(), digest)).collect();
    let decision = decide(&rolls(), &release, &waiting(), at(710));
    assert_eq!((decision.next.phase.name(), lanes(&decision)), ("gated", String::new()));
    let says = "not promoted: orders has no container of the names that orders-canary has";
    assert!(decision.because.contains(says), "{}", decision.because);
}

#[test]
fn what_does_not_come_to_run_in_time_is_taken_back_and_says_so() {
    let deadline = 700 + i64::from(policy().deadline_minutes) * 60;
    let mut none = on("orders", 7, 0);
    none.desired = 0;
    let given = |mut release: Release| {
        release.stable.given = Some(crate::rule::arm::given(
            &meaning(on("orders", 7, 3), "v2", "orders-settings").primary,
        ));
        registered(release)
    };
    let cases = [
        ("in time", rolls(), deadline - 1, "promoting"),
        ("late", rolls(), deadline, "rolling back"),
        ("late, by the pipeline's own action", policy(), deadline, "promoting"),
    ];
    for (case, policy, seconds, expected) in cases {
        for (seen, no_tasks, why) in [
            (stable(in_progress(on("orders", 7, 3), 1, 2)), false, ""),
            (stable(none.clone()), true, ": it is scaled to no tasks"),
        ] {
            let decision = decide(&policy, &given(begun()), &seen, at(seconds));
            assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
            if let Some(cause) = decision.next.phase.rolling_back() {
                let late = Cause::NotReached {
                    service: "orders".to_owned(),
                    minutes: 30,
                    no_tasks,
                };
                assert_eq!(*cause, late);
                assert_eq!(
                    cause.to_string(),
                    format!("orders did not come to run the revision within 30 minutes{why}")
                );
            }
        }
    }
}

#[test]
fn the_deadline_ends_only_what_a_look_shows_not_to_be_there() {
    let deadline = 700 + i64::from(policy().deadline_minutes) * 60;
    let mut release = registered(begun());
    let given = meaning(
        by_deployment(on("orders", 7, 3), "stable-7", 710),
        "v2",
        "orders-settings",
    );
    release.stable.given = Some(crate::rule::arm::given(&given.primary));
    let reached = || stable(given.clone());
    let without_tasks = || {
        let mut none = given.clone();
        (none.desired, none.primary.running) = (0, 0);
        stable(none)
    };
    let blind = || Seen {
        stable: unknown(),
        ..waiting()
    };
    let all_blind = || Seen {
        canary: unknown(),
        pipeline: unknown(),
        ..blind()
    };
    let steady_but = |running, older| {
        let mut seen = given.clone();
        (seen.primary.running, seen.older_running) = (running, older);
        stable(seen)
    };
    let cases = [
        ("reached in the last second", deadline, reached(), "watching"),
        ("reached before a late look", deadline + 3_600, reached(), "watching"),
        ("a task is lacking", deadline, steady_but(2, 0), "rolling back"),
        ("an old task is left", deadline, steady_but(3, 1), "rolling back"),
        ("no tasks", deadline, without_tasks(), "rolling back"),
        ("not looked yet", deadline, Seen::nothing(), "promoting"),
        (
            "not looked yet, long after",
            deadline + 3_600,
            Seen::nothing(),
            "promoting",
        ),
        ("ECS is down", deadline, blind(), "promoting"),
        ("ECS is down within the grace", deadline + 119, blind(), "promoting"),
        ("ECS stays down", deadline + 120, blind(), "rolling back"),
        ("everything stays down", deadline + 120, all_blind(), "rolling back"),
    ];
    for (case, seconds, seen, expected) in cases {
        let decision = decide(&rolls(), &release, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        let no_tasks = case == "no tasks";
        if let Some(cause) = decision.next.phase.rolling_back() {
            let expected = Cause::NotReached {
                service: "orders".to_owned(),
                minutes: 30,
                no_tasks,
            };
            assert_eq!(*cause, expected, "{case}");
        }
    }
}

/// What a release before had left there, and nothing that this one gave, is reached by no release.
#[test]
fn what_stable_was_never_given_is_late_however_steady_it_is() {
    let deadline = 700 + i64::from(policy().deadline_minutes) * 60;
    let decision = decide(&rolls(), &registered(begun()), &waiting(), at(deadline));
    assert_eq!(decision.next.phase.name(), "rolling back", "{}", decision.because);
}

#[test]
fn a_rollback_takes_back_what_comes_late_of_a_promotion() {
    let mut release = registered(asked(rolling_back()));
    release.stable.given = None;
    let decision = decide(
        &rolls(),
        &release,
        &stable(in_progress(on("orders", 7, 3), 1, 2)),
        at(710),
    );
    assert!(
        lanes(&decision).contains("restore orders orders:1"),
        "{}",
        lanes(&decision)
    );
}
