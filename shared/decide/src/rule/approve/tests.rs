use crate::policy::{Check, InsufficientData, WhenStale};
use crate::testing::{
    at, at_approval, automatic, by_deployment, by_nobody, execution, gated, in_progress, lanes, meaning, on, over,
    policy, promoted, rolling_back, seen_alarm, unknown, with_fact,
};
use crate::{
    AlarmState, Approved, ExecutionStatus, Fact, Gate, Part, Phase, Policy, Release, Seen, SeenExecution, StartedBy,
    decide,
};

fn with(when_stale: WhenStale, insufficient_data: InsufficientData) -> Policy {
    let mut policy = automatic();
    for check in &mut policy.checks {
        let Check::Alarm {
            when_stale: stale,
            insufficient_data: none,
            ..
        } = check
        else {
            panic!("an alarm")
        };
        (*stale, *none) = (when_stale, insufficient_data);
    }
    policy
}

fn asked(release: Release) -> Release {
    let execution = release.pipeline.clone().unwrap().execution;
    let gate = Gate::Approve;
    with_fact(release, Fact::Asked { gate, execution })
}

/// Its tasks run since 60 s.
fn reached(mut release: Release) -> Release {
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// Baked, and our action asks; no manual approval is open.
fn baked() -> Release {
    asked(reached(gated()))
}

/// Everything as it should be while our action waits.
fn waiting() -> Seen {
    Seen {
        pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
        ..at_approval()
    }
}

fn alarm(state: AlarmState, seconds: i64) -> Seen {
    Seen {
        alarms: Part::Known(vec![seen_alarm(state, at(seconds))]),
        ..waiting()
    }
}

fn approved(release: &Release) -> bool {
    release.pipeline.as_ref().unwrap().approved.is_some()
}

#[test]
fn what_has_baked_is_let_go_on_once_all_that_was_judged_is_seen_to_be_so() {
    use InsufficientData::{Ok as Fine, Undecided};
    use WhenStale::{ArmOnRecovery, Block, Ignore};
    let canary = |canary| Seen {
        canary: Part::Known(canary),
        ..waiting()
    };
    let running = |pipeline: Part<SeenExecution>| Seen { pipeline, ..waiting() };
    let only_status = SeenExecution {
        only_status: true,
        ..execution(ExecutionStatus::InProgress)
    };
    let mut none = on("orders-canary", 2, 0);
    none.desired = 0;
    let baking = |release: Release| Release {
        phase: Phase::Baking { step: 0 },
        ..release
    };
    let foreign = with_fact(
        reached(gated()),
        Fact::Asked {
            gate: Gate::Approve,
            execution: "somebody-elses".to_owned(),
        },
    );
    let third = by_nobody(meaning(
        by_deployment(on("orders", 9, 3), "fix", 50),
        "v9",
        "orders-settings",
    ));
    let cases: Vec<(&str, Policy, Release, Seen, i64, bool)> = vec![
        ("baked", automatic(), baked(), waiting(), 700, true),
        (
            "baked in this very step",
            automatic(),
            baking(baked()),
            waiting(),
            660,
            true,
        ),
        (
            "a second short of it",
            automatic(),
            baking(baked()),
            waiting(),
            659,
            false,
        ),
        (
            "its tasks are seen to run only now",
            automatic(),
            baking(asked(gated())),
            waiting(),
            9_000,
            false,
        ),
        (
            "the policy leaves it to people",
            policy(),
            baked(),
            waiting(),
            700,
            false,
        ),
        ("nobody asks", automatic(), reached(gated()), waiting(), 700, false),
        ("another execution asks", automatic(), foreign, waiting(), 700, false),
        (
            "canary unknown",
            automatic(),
            baked(),
            Seen {
                canary: unknown(),
                ..waiting()
            },
            700,
            false,
        ),
        (
            "stable unknown",
            automatic(),
            baked(),
            Seen {
                stable: unknown(),
                ..waiting()
            },
            700,
            false,
        ),
        (
            "alarms unknown",
            automatic(),
            baked(),
            Seen {
                alarms: unknown(),
                ..waiting()
            },
            700,
            false,
        ),
        (
            "an alarm is gone",
            automatic(),
            baked(),
            Seen {
                alarms: Part::Known(vec![]),
                ..waiting()
            },
            700,
            false,
        ),
        (
            "the pipeline is unknown",
            automatic(),
            baked(),
            running(unknown()),
            700,
            false,
        ),
        (
            "only its status was read",
            automatic(),
            baked(),
            running(Part::Known(only_status)),
            700,
            false,
        ),
        (
            "it is being stopped",
            automatic(),
            baked(),
            running(Part::Known(execution(ExecutionStatus::Stopping))),
            700,
            false,
        ),
        (
            "its canary has no tasks",
            automatic(),
            baked(),
            canary(none),
            700,
            false,
        ),
        (
            "its canary is being replaced",
            automatic(),
            baked(),
            canary(in_progress(on("orders-canary", 2, 1), 1, 1)),
            700,
            false,
        ),
        (
            "no data, and that is fine",
            with(Block, Fine),
            baked(),
            alarm(AlarmState::InsufficientData, 0),
            700,
            true,
        ),
        (
            "no data, and that is not",
            with(Block, Undecided),
            baked(),
            alarm(AlarmState::InsufficientData, 0),
            700,
            false,
        ),
        (
            "rang before, to be ignored",
            with(Ignore, Fine),
            baked(),
            alarm(AlarmState::Alarm, -10),
            700,
            true,
        ),
        (
            "rang before, and is deaf",
            with(ArmOnRecovery, Fine),
            baked(),
            alarm(AlarmState::Alarm, -10),
            700,
            false,
        ),
        (
            "rang before, and blocks",
            with(Block, Fine),
            baked(),
            alarm(AlarmState::Alarm, -10),
            700,
            false,
        ),
        (
            "its execution has failed",
            automatic(),
            baked(),
            running(Part::Known(over())),
            700,
            false,
        ),
        (
            "it may have rung unheard, and bakes anew",
            automatic(),
            baked(),
            alarm(AlarmState::Ok, 200),
            799,
            false,
        ),
        (
            "and has baked anew",
            automatic(),
            baked(),
            alarm(AlarmState::Ok, 200),
            800,
            true,
        ),
        (
            "its tasks were gone meanwhile",
            automatic(),
            Release {
                canary: asked(gated()).canary,
                ..baked()
            },
            waiting(),
            700,
            false,
        ),
        (
            "rung since",
            automatic(),
            baked(),
            alarm(AlarmState::Alarm, 650),
            700,
            false,
        ),
        (
            "stable was hot-fixed",
            automatic(),
            baked(),
            Seen {
                stable: Part::Known(third),
                ..waiting()
            },
            700,
            false,
        ),
        (
            "rolling back already",
            automatic(),
            asked(rolling_back()),
            waiting(),
            700,
            false,
        ),
        (
            "stable has it already",
            automatic(),
            baked(),
            Seen {
                stable: Part::Known(promoted()),
                ..waiting()
            },
            700,
            false,
        ),
    ];
    for (case, policy, release, seen, seconds, expected) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(approved(&decision.next), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn the_word_is_written_down_with_what_was_judged_and_nothing_else_is_done() {
    let decision = decide(&automatic(), &baked(), &waiting(), at(700));
    let evidence = "orders-canary has run the revision since 2026-11-21T03:01:00Z and baked 640 s of 600 s; no check \
                    failed (alarms dlq)";
    let expected = Approved {
        at: at(700),
        evidence: evidence.to_owned(),
        share_permille: Some(250),
        told: None,
    };
    assert_eq!(decision.next.pipeline.as_ref().unwrap().approved, Some(expected));
    assert!(
        decision.because.ends_with(&format!("approved: {evidence}")),
        "{}",
        decision.because
    );
    assert_eq!(lanes(&decision), "");
    let again = decide(&automatic(), &decision.next, &waiting(), at(760));
    assert_eq!(again.next, decision.next, "once");
    assert!(
        again.because.contains("approved at 2026-11-21T03:11:40Z"),
        "{}",
        again.because
    );
}

#[test]
fn what_keeps_it_from_being_let_go_on_is_said() {
    let cases = [
        (
            reached(gated()),
            waiting(),
            "not approved: neither the pipeline's approve action nor an approval that notifies Serin has asked yet",
        ),
        (
            baked(),
            Seen {
                alarms: unknown(),
                ..waiting()
            },
            "not approved: the alarms are unknown: AWS failed",
        ),
        (
            baked(),
            Seen {
                pipeline: unknown(),
                ..waiting()
            },
            "not approved: the execution is unknown: AWS failed",
        ),
        (
            baked(),
            alarm(AlarmState::Alarm, -10),
            "not approved: alarm dlq is in ALARM since 2026-11-21T02:59:50Z",
        ),
    ];
    for (release, seen, expected) in cases {
        let decision = decide(&automatic(), &release, &seen, at(700));
        assert!(decision.because.contains(expected), "{expected}: {}", decision.because);
    }
}

#[test]
fn what_was_let_go_on_and_is_given_something_else_bakes_anew() {
    let mut approved = decide(&automatic(), &baked(), &waiting(), at(700)).next;
    let execution = approved.pipeline.clone().unwrap().execution;
    let mut again = meaning(
        by_deployment(on("orders-canary", 3, 1), "again", 720),
        "v3",
        "orders-canary-settings",
    );
    again.primary.started_by = Part::Known(StartedBy::Execution {
        execution: execution.clone(),
        action_execution: "a2".to_owned(),
        rollback: false,
    });
    let seen = Seen {
        canary: Part::Known(again),
        ..waiting()
    };
    approved = decide(&automatic(), &approved, &seen, at(730)).next;
    assert_eq!(approved.phase.name(), "baking");
    assert!(!self::approved(&approved), "the word was for what it ran before");
    let word = crate::gate::word(&automatic(), Gate::Approve, &execution, Some(&approved), None, at(730));
    assert!(matches!(word, crate::gate::Word::NotYet(_)), "{word:?}");
}
