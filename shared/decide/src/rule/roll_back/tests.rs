use crate::testing::{
    OTHER, approval, at, at_approval, by_deployment, by_execution, by_nobody, execution, given_up, in_progress, lanes,
    meaning, on, over, policy, right, rolling_back, unknown, with_fact,
};
use crate::{
    ExecutionStatus, Fact, Over, Part, Release, Seen, SeenExecution, SeenServiceDeployment, decide, token_mark,
};

type Case = (&'static str, Release, Seen, &'static str);

fn check(cases: Vec<Case>, seconds: i64) {
    for (case, release, seen, expected) in cases {
        let decision = decide(&policy(), &release, &seen, at(seconds));
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
    }
}

fn third() -> crate::SeenService {
    by_deployment(
        meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings"),
        "canary-7",
        90,
    )
}

fn own() -> String {
    rolling_back().pipeline.map(|run| run.execution).unwrap_or_default()
}

fn canary(seen: crate::SeenService) -> Seen {
    Seen {
        canary: Part::Known(seen),
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

fn stable(seen: crate::SeenService) -> Seen {
    Seen {
        stable: Part::Known(seen),
        ..right()
    }
}

#[test]
fn a_service_is_sent_back_by_what_it_runs_and_where_ecs_is_going() {
    let flying = |sources: &[&str], stoppable| {
        let mut seen = in_progress(on("orders-canary", 2, 1), 0, 1);
        let sources = sources.iter().map(|source| (*source).to_owned()).collect();
        seen.in_flight = Some(SeenServiceDeployment {
            arn: "deployment/1".to_owned(),
            stoppable,
            rolling_back: false,
            sources,
        });
        canary(seen)
    };
    let undone = |id: &str| {
        let mut seen = on("orders-canary", 2, 1);
        seen.primary.id = id.to_owned();
        seen.primary.created = at(101);
        canary(seen)
    };
    let inactive = || {
        with_fact(
            rolling_back(),
            Fact::Inactive {
                task_definition: crate::testing::arn("orders-canary", 1),
            },
        )
    };
    let prepared = || {
        let copy = crate::testing::arn("orders-canary", 3);
        with_fact(
            inactive(),
            Fact::Prepared {
                instead_of: crate::testing::arn("orders-canary", 1),
                task_definition: copy,
            },
        )
    };
    let cases: Vec<Case> = vec![
        (
            "on the bad revision",
            rolling_back(),
            canary(on("orders-canary", 2, 1)),
            "restore orders-canary orders-canary:1",
        ),
        ("back already", rolling_back(), canary(on("orders-canary", 1, 1)), ""),
        (
            "ECS is going there by itself",
            rolling_back(),
            canary(in_progress(on("orders-canary", 1, 1), 0, 1)),
            "",
        ),
        (
            "all replaced, old tasks still stopping",
            rolling_back(),
            canary(in_progress(on("orders-canary", 1, 1), 1, 1)),
            "",
        ),
        (
            "given up after all were replaced",
            rolling_back(),
            canary(given_up(on("orders-canary", 1, 1), 1, 0)),
            "",
        ),
        (
            "in flight from the baseline",
            rolling_back(),
            flying(&["revision/orders-canary/1"], true),
            "roll back canary",
        ),
        (
            "in flight, no longer stoppable",
            rolling_back(),
            flying(&["revision/orders-canary/1"], false),
            "restore orders-canary orders-canary:1",
        ),
        (
            "in flight from something else",
            rolling_back(),
            flying(&["revision/orders-canary/0"], true),
            "restore orders-canary orders-canary:1",
        ),
        (
            "in flight from several",
            rolling_back(),
            flying(&["revision/orders-canary/1", "revision/orders-canary/0"], true),
            "restore orders-canary orders-canary:1",
        ),
        ("undone a moment ago", rolling_back(), undone("ecs-svc/canary-9"), ""),
        (
            "the same deployed once more, before it was taken back at all",
            rolling_back(),
            canary(by_deployment(on("orders-canary", 2, 1), "canary-9", 95)),
            "restore orders-canary orders-canary:1",
        ),
        (
            "the definition is INACTIVE",
            inactive(),
            canary(on("orders-canary", 2, 1)),
            "register orders-canary:1",
        ),
        (
            "its copy is registered",
            prepared(),
            canary(on("orders-canary", 2, 1)),
            "restore orders-canary orders-canary:3",
        ),
        ("on the copy already", prepared(), canary(on("orders-canary", 3, 1)), ""),
        (
            "an echo of the baseline under another ARN",
            rolling_back(),
            canary(meaning(on("orders-canary", 7, 1), "v1", "orders-canary-settings")),
            "",
        ),
        (
            "the bad revision under another ARN, as a retried action registers it",
            rolling_back(),
            canary(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
            "restore orders-canary orders-canary:1",
        ),
        (
            "a third revision",
            rolling_back(),
            canary(meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings")),
            "",
        ),
        (
            "a third revision, by somebody",
            rolling_back(),
            canary(by_nobody(third())),
            "",
        ),
        (
            "a third revision, by another execution",
            rolling_back(),
            canary(by_execution(third(), OTHER)),
            "",
        ),
        (
            "a third revision, by its own execution, before anybody had looked",
            rolling_back(),
            canary(by_execution(third(), &own())),
            "restore orders-canary orders-canary:1",
        ),
        (
            "the same, and nothing pulled yet",
            rolling_back(),
            canary(by_execution(
                by_deployment(on("orders-canary", 7, 1), "canary-7", 90),
                &own(),
            )),
            "restore orders-canary orders-canary:1",
        ),
        (
            "the same images, other settings",
            rolling_back(),
            canary(meaning(on("orders-canary", 7, 1), "v2", "more-memory")),
            "",
        ),
        (
            "something that cannot be told",
            rolling_back(),
            canary(on("orders-canary", 7, 1)),
            "",
        ),
        (
            "unknown",
            rolling_back(),
            Seen {
                canary: unknown(),
                ..canary(on("orders-canary", 2, 1))
            },
            "",
        ),
    ];
    check(cases, 101);
}

#[test]
fn a_failed_attempt_is_repeated_with_growing_pauses() {
    // It has been given the bad revision again since it was sent back.
    let again = by_deployment(on("orders-canary", 2, 1), "canary-9", 101);
    // Attempt authorised at 100 s; seconds at which the next one comes.
    for (count, pause) in [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (9, 300), (40, 300)] {
        let mut release = rolling_back();
        release.canary.attempts.count = count;
        let early = decide(&policy(), &release, &canary(again.clone()), at(100 + pause - 1));
        assert_eq!(lanes(&early), "", "attempt {count}");
        assert_eq!(early.next, release, "waiting writes nothing");
        let due = decide(&policy(), &release, &canary(again.clone()), at(100 + pause));
        assert_eq!(lanes(&due), "restore orders-canary orders-canary:1", "attempt {count}");
        assert_eq!(due.next.canary.attempts.count, count + 1);
        assert_eq!(due.next.canary.attempts.against.as_deref(), Some("ecs-svc/canary-9"));
    }
    let stuck = canary(given_up(on("orders-canary", 1, 1), 0, 1));
    assert_eq!(lanes(&decide(&policy(), &rolling_back(), &stuck, at(129))), "");
    assert_eq!(
        lanes(&decide(&policy(), &rolling_back(), &stuck, at(130))),
        "redeploy orders-canary orders-canary:1"
    );
}

#[test]
fn a_forced_deployment_is_not_forced_again_by_an_old_answer() {
    let stuck = canary(given_up(on("orders-canary", 1, 1), 0, 1));
    let forced = decide(&policy(), &rolling_back(), &stuck, at(130));
    assert_eq!(lanes(&forced), "redeploy orders-canary orders-canary:1");
    // ECS still shows the deployment that was replaced; or whoever was to replace it died.
    for (seconds, expected) in [
        (131, ""),
        (154, ""),
        (155, "redeploy orders-canary orders-canary:1"),
        (400, "redeploy orders-canary orders-canary:1"),
    ] {
        let later = decide(&policy(), &forced.next, &stuck, at(seconds));
        assert_eq!(lanes(&later), expected, "at {seconds} s");
        assert_eq!(
            later.next.canary.attempts.count, 2,
            "at {seconds} s: no further attempt"
        );
    }
}

#[test]
fn stable_is_sent_back_only_where_the_release_touched_it() {
    let mut pulling = in_progress(meaning(on("orders", 2, 3), "v2", "orders-settings"), 0, 3);
    pulling.primary.images = Part::Unknown("no task has pulled".to_owned());
    let renamed = {
        let mut seen = pulling.clone();
        seen.primary.image_names = Part::Known(crate::testing::names("v3"));
        seen
    };
    let cases: Vec<Case> = vec![
        ("untouched", rolling_back(), stable(on("orders", 1, 3)), ""),
        (
            "given the images, own settings",
            rolling_back(),
            stable(meaning(on("orders", 2, 3), "v2", "orders-settings")),
            "restore orders orders:1",
        ),
        (
            "given the images, other settings",
            rolling_back(),
            stable(meaning(on("orders", 2, 3), "v2", "more-memory")),
            "restore orders orders:1",
        ),
        (
            "being given them, nothing pulled yet",
            rolling_back(),
            stable(pulling),
            "restore orders orders:1",
        ),
        (
            "being given other names, nothing pulled yet",
            rolling_back(),
            stable(renamed),
            "",
        ),
        (
            "a hot fix by somebody",
            rolling_back(),
            stable(meaning(on("orders", 2, 3), "v9", "orders-settings")),
            "",
        ),
        (
            "registered again, same images and settings",
            rolling_back(),
            stable(meaning(on("orders", 2, 3), "v1", "orders-settings")),
            "",
        ),
        (
            "unknown",
            rolling_back(),
            Seen {
                stable: unknown(),
                ..right()
            },
            "",
        ),
    ];
    check(cases, 101);
}

#[test]
fn the_execution_is_barred_by_the_gentlest_means_that_works() {
    let seen = |execution: SeenExecution| Seen {
        pipeline: Part::Known(execution),
        ..right()
    };
    let waiting = || execution(ExecutionStatus::InProgress);
    let held = |reason: &str| Some(reason.to_owned());
    let ours = "Serin release orders-1a2b3c4d rolls back";
    let stopping = || execution(ExecutionStatus::Stopping);
    let cases: Vec<Case> = vec![
        (
            "an approval waits",
            rolling_back(),
            seen(SeenExecution {
                approval: Some(approval()),
                ..waiting()
            }),
            "reject Gate/Ok",
        ),
        (
            "an approval opens while it stops",
            rolling_back(),
            seen(SeenExecution {
                approval: Some(approval()),
                ..stopping()
            }),
            "reject Gate/Ok",
        ),
        (
            "between canary and gate",
            rolling_back(),
            seen(waiting()),
            "hold Deploy > stop",
        ),
        (
            "promoting",
            rolling_back(),
            seen(SeenExecution {
                promoting: true,
                ..waiting()
            }),
            "hold Deploy > abandon",
        ),
        ("stopping", rolling_back(), seen(stopping()), ""),
        (
            "stopping in the middle of promoting",
            rolling_back(),
            seen(SeenExecution {
                promoting: true,
                ..stopping()
            }),
            "hold Deploy > abandon",
        ),
        (
            "the door is closed already, by us",
            rolling_back(),
            seen(SeenExecution {
                held: held(ours),
                ..waiting()
            }),
            "stop",
        ),
        (
            "the door is closed already, by a person",
            rolling_back(),
            seen(SeenExecution {
                held: held("freeze"),
                ..waiting()
            }),
            "stop",
        ),
        (
            "over, our door still closed",
            rolling_back(),
            seen(SeenExecution {
                held: held(ours),
                ..over()
            }),
            "release Deploy",
        ),
        (
            "over, a person's door closed",
            rolling_back(),
            seen(SeenExecution {
                held: held("freeze"),
                ..over()
            }),
            "",
        ),
        ("over", rolling_back(), seen(over()), ""),
        (
            "succeeded before the alarm",
            rolling_back(),
            seen(execution(ExecutionStatus::Over(Over::Succeeded))),
            "",
        ),
        (
            "replaced",
            rolling_back(),
            seen(execution(ExecutionStatus::Over(Over::Replaced))),
            "",
        ),
        (
            "unknown",
            rolling_back(),
            Seen {
                pipeline: unknown(),
                ..right()
            },
            "hold Deploy > stop",
        ),
        (
            "unknown, but its token was told",
            {
                let mut release = rolling_back();
                release.pipeline.as_mut().unwrap().approval = Some(approval());
                release
            },
            Seen {
                pipeline: unknown(),
                ..right()
            },
            "reject Gate/Ok",
        ),
        (
            "unknown, and the token told is spent",
            {
                let mut release = rolling_back();
                release.pipeline.as_mut().unwrap().approval = Some(approval());
                with_fact(
                    release,
                    Fact::TokenSpent {
                        token: token_mark(&approval().token),
                    },
                )
            },
            Seen {
                pipeline: unknown(),
                ..right()
            },
            "hold Deploy > stop",
        ),
        (
            "a pipeline without a stage that promotes",
            {
                let mut release = rolling_back();
                release.pipeline.as_mut().unwrap().promoting_stage = None;
                release
            },
            seen(waiting()),
            "stop",
        ),
        (
            "no pipeline",
            {
                let mut release = rolling_back();
                release.pipeline = None;
                release
            },
            Seen {
                pipeline: unknown(),
                ..right()
            },
            "",
        ),
    ];
    check(cases, 101);
}
