use crate::rule::roll_back::{ABANDONED_ACTION_SECONDS, LATE_WRITE_SECONDS};
use crate::testing::{
    alarm_arn, alarm_fact, armed, at, at_approval, by_deployment, execution, images, in_progress, meaning, newcomer,
    on, opened, policy, promoted, right, rolling_back, unknown, watching, with_fact,
};
use crate::{ExecutionStatus, Outcome, Over, Part, Phase, Release, Seen, SeenExecution, StartedBy, decide};

#[test]
fn waiting_says_what_for() {
    let mut gated = armed();
    gated.phase = Phase::Gated {
        why: "a person".to_owned(),
    };
    let mut promoting = armed();
    promoting.phase = Phase::Promoting;
    let baseline = || Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        ..at_approval()
    };
    let cases: Vec<(Release, Seen, &str)> = vec![
        (opened(), baseline(), "waiting for orders-canary to be given a revision"),
        (
            armed(),
            at_approval(),
            "orders-canary runs the revision since 2026-11-21T03:00:00Z; no check has failed",
        ),
        (gated, at_approval(), "waiting for a person"),
        (
            promoting,
            at_approval(),
            "orders is being given the revision: 3 of 3 tasks run it, 0 others still run",
        ),
        (
            opened(),
            Seen {
                canary: unknown(),
                alarms: unknown(),
                ..at_approval()
            },
            "waiting for orders-canary to be given a revision; canary unknown: AWS failed; alarms unknown: AWS failed",
        ),
        (
            with_fact(opened(), alarm_fact(&alarm_arn(), at(-10))),
            baseline(),
            "waiting for orders-canary to be given a revision; alarm dlq in ALARM since 2026-11-21T02:59:50Z touches nothing: \
             orders-canary still runs its baseline orders-canary:1",
        ),
    ];
    for (release, seen, expected) in cases {
        let decision = decide(&policy(), &release, &seen, at(20));
        assert_eq!(decision.because, expected);
        assert_eq!(
            (decision.lanes.len(), decision.look_again_seconds),
            (0, Some(60)),
            "{expected}"
        );
    }
}

#[test]
fn a_service_with_no_tasks_proves_nothing_and_keeps_nobody_waiting_for_ever() {
    let mut promoting = armed();
    promoting.phase = Phase::Promoting;
    promoting.phase_since = at(200);
    let through = || Part::Known(execution(ExecutionStatus::Over(Over::Succeeded)));
    let waits = || Part::Known(execution(ExecutionStatus::InProgress));
    let deadline = 200 + i64::from(policy().deadline_minutes) * 60;
    let cases = [
        ("within the deadline", through(), deadline - 1, "promoting"),
        ("after it", through(), deadline, "watching"),
        ("after it, but the pipeline still waits", waits(), deadline, "promoting"),
        (
            "after it, but the pipeline is unknown",
            unknown(),
            deadline,
            "promoting",
        ),
    ];
    for (case, pipeline, seconds, expected) in cases {
        let mut stable = promoted();
        (stable.desired, stable.primary.running) = (0, 0);
        let seen = Seen {
            stable: Part::Known(stable),
            pipeline,
            ..at_approval()
        };
        let decision = decide(&policy(), &promoting, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_was_never_proven_does_not_count_as_promoted() {
    for (desired, expected) in [(0, "overtaken"), (3, "promoted")] {
        let mut stable = promoted();
        (stable.desired, stable.primary.running) = (desired, desired);
        let seen = Seen {
            stable: Part::Known(stable),
            ..at_approval()
        };
        let decision = decide(&policy(), &watching(), &seen, at(9_000));
        assert_eq!(decision.next.phase.name(), expected, "{}", decision.because);
    }
}

#[test]
fn what_an_abandoned_action_may_still_write_to_the_canary_is_waited_for() {
    let mut release = opened();
    release.pipeline.as_mut().unwrap().over_since = Some(at(10));
    let late = 10 + i64::from(ABANDONED_ACTION_SECONDS + LATE_WRITE_SECONDS);
    let cases = [
        ("not abandoned", false, 10 + 59, "deploying"),
        ("not abandoned, believed", false, 10 + 60, "abandoned"),
        ("abandoned", true, late - 1, "deploying"),
        ("abandoned, long ago", true, late, "abandoned"),
    ];
    for (case, abandoned_before, seconds, expected) in cases {
        let seen = Seen {
            pipeline: Part::Known(SeenExecution {
                abandoned_before,
                ..execution(ExecutionStatus::Over(Over::Stopped))
            }),
            ..right()
        };
        let decision = decide(&policy(), &release, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn nothing_happens_to_what_is_over() {
    let mut closed = rolling_back();
    closed.phase = Phase::Closed {
        outcome: Outcome::RolledBack {
            cause: crate::testing::cause(),
        },
    };
    let told = with_fact(closed, alarm_fact(&alarm_arn(), at(200)));
    for seen in [at_approval(), right(), Seen::nothing()] {
        let decision = decide(&policy(), &told, &seen, at(9_000));
        assert_eq!(decision.next, told);
        assert_eq!(decision.lanes.len(), 0);
        assert_eq!(decision.look_again_seconds, None);
        assert_eq!(decision.because, "closed as rolled back at 2026-11-21T03:01:40Z");
    }
}

#[test]
fn what_turns_out_to_be_the_baseline_is_abandoned_unless_it_answers_for_others() {
    let given = |images: Option<&str>, configuration: &str| {
        let mut release = armed();
        let given = release.canary.given.as_mut().unwrap();
        given.images = images.map(crate::testing::images);
        given.configuration = Some(configuration.to_owned());
        release
    };
    let own = "orders-canary-settings";
    let barring = Release {
        barred: armed().pipeline.into_iter().collect(),
        ..given(Some("v1"), own)
    };
    let watching = Release {
        watched: Some(crate::Watched {
            release: "orders-before".to_owned(),
            until: at(5_000),
            canary: opened().canary,
            stable: opened().stable,
            images: None,
        }),
        ..given(Some("v1"), own)
    };
    // Somebody had given the canary by hand what is released now.
    let mut elsewhere = given(Some("v1"), own);
    elsewhere.stable.baseline.revision.images = images("v0");
    let cases = [
        (
            "images and configuration as before",
            given(Some("v1"), own),
            "abandoned",
        ),
        ("other images", given(Some("v2"), own), "baking"),
        ("images not read yet", given(None, own), "baking"),
        ("only the configuration changed", given(Some("v1"), "changed"), "baking"),
        ("stable runs something else", elsewhere, "baking"),
        ("an execution before it may still promote", barring, "baking"),
        ("the watch of the release before runs on in it", watching, "baking"),
    ];
    // Nothing more is learned in this look.
    let mut unread = on("orders-canary", 2, 1);
    (unread.primary.images, unread.primary.configuration) = (unknown(), unknown());
    let canary = |canary| Seen {
        canary,
        ..at_approval()
    };
    for (case, release, expected) in cases {
        let decision = decide(&policy(), &release, &canary(Part::Known(unread.clone())), at(20));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
    // Before it closes, nothing else may run there: what a release before it had given, for one.
    let others_run = in_progress(unread.clone(), 1, 1);
    let nothing_runs = in_progress(unread, 0, 0);
    for (case, seen) in [
        ("the canary is unknown", unknown()),
        ("other tasks still run", Part::Known(others_run)),
        ("no task runs it yet", Part::Known(nothing_runs)),
    ] {
        let decision = decide(&policy(), &given(Some("v1"), own), &canary(seen), at(20));
        assert_eq!(decision.next.phase.name(), "baking", "{case}: {}", decision.because);
    }
}

#[test]
fn what_the_pipeline_gave_the_canary_in_the_watch_is_the_next_release() {
    let over = at(400 + 1_800);
    let seen = |canary| Seen {
        canary: Part::Known(canary),
        stable: Part::Known(promoted()),
        ..at_approval()
    };
    let mut unread = newcomer();
    (unread.primary.images, unread.primary.image_names) = (unknown(), unknown());
    let own = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
    let cases = [
        ("another execution's revision", newcomer(), "superseded", true),
        ("another execution's, not read yet", unread, "watching", false),
        ("its own revision", own, "promoted", false),
    ];
    for (case, canary, phase, follows) in cases {
        let decision = decide(&policy(), &watching(), &seen(canary), over);
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
        let next = decision.successor.map(|next| *next);
        assert_eq!(next.is_some(), follows, "{case}");
        if let Some(next) = next {
            assert_eq!(next.phase, Phase::Baking { step: 0 }, "{case}");
            assert_eq!(next.canary.baseline.revision.images, images("v2"), "{case}");
            assert_eq!(next.stable.baseline.revision.images, images("v2"), "{case}");
        }
    }
}

#[test]
fn what_the_pipeline_may_have_given_the_canary_is_looked_at_again_once_the_watch_was_overtaken() {
    let stable = by_deployment(meaning(on("orders", 9, 3), "v9", "orders-settings"), "fix", 600);
    let mut unasked = newcomer();
    unasked.primary.started_by = unknown();
    let mut nobodys = newcomer();
    nobodys.primary.started_by = Part::Known(StartedBy::Nobody);
    let own = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
    let cases = [
        ("nobody could be asked", unasked, "ecs-svc/canary-2"),
        ("somebody's by hand", nobodys, "ecs-svc/canary-7"),
        ("what was promoted", own.clone(), own.primary.id.as_str()),
    ];
    for (case, canary, expected) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            stable: Part::Known(stable.clone()),
            ..at_approval()
        };
        let decision = decide(&policy(), &watching(), &seen, at(700));
        assert_eq!(decision.next.phase.name(), "overtaken", "{case}: {}", decision.because);
        assert_eq!(decision.next.closed_on.as_deref(), Some(expected), "{case}");
    }
}

#[test]
fn a_way_that_a_closed_release_of_this_policy_has_left_shut_is_opened_again() {
    let barred = |mut release: Release| {
        let run = release.pipeline.clone().unwrap();
        release.barred.push(crate::Execution {
            execution: crate::testing::OTHER.to_owned(),
            ..run
        });
        release
    };
    let before = "Serin release orders-0f0f0f0f rolls back";
    let cases = [
        ("left shut", armed(), Some(before), true),
        ("gated", crate::testing::gated(), Some(before), true),
        ("opened", opened(), Some(before), true),
        (
            "being taken back, its execution over",
            rolling_back(),
            Some(before),
            true,
        ),
        ("open", armed(), None, false),
        ("by a person", armed(), Some("freeze"), false),
        (
            "by a sibling",
            armed(),
            Some("Serin release orders-eu-0f0f0f0f rolls back"),
            false,
        ),
        ("what may promote is not over", barred(armed()), Some(before), false),
    ];
    for (case, release, held, opens) in cases {
        let taken_back = release.phase.rolling_back().is_some();
        let status = match taken_back {
            true => ExecutionStatus::Over(Over::Failed),
            false => ExecutionStatus::InProgress,
        };
        let seen = Seen {
            canary: Part::Known(on("orders-canary", if taken_back { 1 } else { 2 }, 1)),
            pipeline: Part::Known(SeenExecution {
                held: held.map(str::to_owned),
                ..execution(status)
            }),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(150));
        let lanes = crate::testing::lanes(&decision);
        assert_eq!(lanes.contains("release Deploy"), opens, "{case}: {lanes}");
        let said = decision.because.contains("the way into stage Deploy is opened again");
        assert_eq!(said, opens, "{case}: {}", decision.because);
    }
}
