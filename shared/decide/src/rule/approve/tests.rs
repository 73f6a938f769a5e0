use super::SUMMARY_MAX;
use crate::policy::{Approver, Check, InsufficientData, Step, WhenStale};
use crate::testing::{
    approval, armed, at, at_approval, by_deployment, by_nobody, execution, gated, in_progress, lanes, meaning, on,
    over, policy, promoted, rolling_back, seen_alarm, unknown,
};
use crate::{
    Action, AlarmState, ExecutionStatus, Fact, Part, Phase, Policy, Release, Seen, SeenExecution, decide, token_mark,
};

/// Ten minutes of bake, then it approves.
fn automatic() -> Policy {
    Policy {
        approval: Approver::Automatic,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..policy()
    }
}

fn with(when_stale: WhenStale, insufficient_data: InsufficientData) -> Policy {
    let mut policy = automatic();
    for check in &mut policy.checks {
        let Check::Alarm {
            when_stale: stale,
            insufficient_data: none,
            ..
        } = check;
        (*stale, *none) = (when_stale, insufficient_data);
    }
    policy
}

fn alarm(state: AlarmState, seconds: i64) -> Seen {
    Seen {
        alarms: Part::Known(vec![seen_alarm(state, at(seconds))]),
        ..at_approval()
    }
}

#[test]
fn what_has_baked_is_approved_once_all_that_was_judged_is_seen_to_be_so() {
    use InsufficientData::{Ok as Fine, Undecided};
    use WhenStale::{ArmOnRecovery, Block, Ignore};
    let gave = "approve Gate/Ok";
    let canary = |canary| Seen {
        canary: Part::Known(canary),
        ..at_approval()
    };
    let running = |run: Part<SeenExecution>| Seen {
        pipeline: run,
        ..at_approval()
    };
    let spent = |mut release: Release| {
        let fact = Fact::TokenSpent {
            token: token_mark(&approval().token),
        };
        release.facts.insert("spent".to_owned(), fact);
        release
    };
    let given = |seconds| {
        let mut release = gated();
        release.pipeline.as_mut().unwrap().approved = Some(at(seconds));
        release
    };
    let only_status = SeenExecution {
        only_status: true,
        ..at_approval().pipeline.known().unwrap().clone()
    };
    let mut none = on("orders-canary", 2, 0);
    none.desired = 0;
    let third = by_nobody(meaning(
        by_deployment(on("orders", 9, 3), "fix", 50),
        "v9",
        "orders-settings",
    ));
    let cases: Vec<(&str, Policy, Release, Seen, i64, &str)> = vec![
        ("baked", automatic(), gated(), at_approval(), 700, gave),
        (
            "baked in this very step",
            automatic(),
            armed(),
            at_approval(),
            600,
            gave,
        ),
        ("a second short of it", automatic(), armed(), at_approval(), 599, ""),
        (
            "the policy leaves it to people",
            policy(),
            gated(),
            at_approval(),
            700,
            "",
        ),
        (
            "canary unknown",
            automatic(),
            gated(),
            Seen {
                canary: unknown(),
                ..at_approval()
            },
            700,
            "",
        ),
        (
            "stable unknown",
            automatic(),
            gated(),
            Seen {
                stable: unknown(),
                ..at_approval()
            },
            700,
            "",
        ),
        (
            "alarms unknown",
            automatic(),
            gated(),
            Seen {
                alarms: unknown(),
                ..at_approval()
            },
            700,
            "",
        ),
        (
            "an alarm is gone",
            automatic(),
            gated(),
            Seen {
                alarms: Part::Known(vec![]),
                ..at_approval()
            },
            700,
            "",
        ),
        (
            "the pipeline is unknown",
            automatic(),
            gated(),
            running(unknown()),
            700,
            "",
        ),
        (
            "only its status was read",
            automatic(),
            gated(),
            running(Part::Known(only_status)),
            700,
            "",
        ),
        (
            "no approval is open",
            automatic(),
            gated(),
            running(Part::Known(execution(ExecutionStatus::InProgress))),
            700,
            "",
        ),
        ("its canary has no tasks", automatic(), gated(), canary(none), 700, ""),
        (
            "its canary is being replaced",
            automatic(),
            gated(),
            canary(in_progress(on("orders-canary", 2, 1), 1, 1)),
            700,
            "",
        ),
        (
            "no data, and that is fine",
            with(Block, Fine),
            gated(),
            alarm(AlarmState::InsufficientData, 0),
            700,
            gave,
        ),
        (
            "no data, and that is not",
            with(Block, Undecided),
            gated(),
            alarm(AlarmState::InsufficientData, 0),
            700,
            "",
        ),
        (
            "rang before, to be ignored",
            with(Ignore, Fine),
            gated(),
            alarm(AlarmState::Alarm, -10),
            700,
            gave,
        ),
        (
            "rang before, and is deaf",
            with(ArmOnRecovery, Fine),
            gated(),
            alarm(AlarmState::Alarm, -10),
            700,
            "",
        ),
        (
            "rang before, and blocks",
            with(Block, Fine),
            gated(),
            alarm(AlarmState::Alarm, -10),
            700,
            "",
        ),
        ("answered already", automatic(), spent(gated()), at_approval(), 700, ""),
        ("given a moment ago", automatic(), given(680), at_approval(), 709, ""),
        (
            "given a while ago, and still open",
            automatic(),
            given(680),
            at_approval(),
            710,
            gave,
        ),
        (
            "its execution has failed: taken back instead",
            automatic(),
            gated(),
            running(Part::Known(over())),
            700,
            "restore orders-canary orders-canary:1",
        ),
        (
            "rung since: taken back instead",
            automatic(),
            gated(),
            alarm(AlarmState::Alarm, 650),
            700,
            "restore orders-canary orders-canary:1 | reject Gate/Ok",
        ),
        (
            "stable was hot-fixed: taken back instead",
            automatic(),
            gated(),
            Seen {
                stable: Part::Known(third),
                ..at_approval()
            },
            700,
            "restore orders-canary orders-canary:1 | reject Gate/Ok",
        ),
        (
            "rolling back already",
            automatic(),
            rolling_back(),
            at_approval(),
            700,
            "restore orders-canary orders-canary:1 | reject Gate/Ok",
        ),
        (
            "stable has it already",
            automatic(),
            gated(),
            Seen {
                stable: Part::Known(promoted()),
                ..at_approval()
            },
            700,
            "",
        ),
    ];
    for (case, policy, release, seen, seconds, expected) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn it_is_written_down_before_it_is_given_and_says_what_was_judged() {
    let decision = decide(&automatic(), &gated(), &at_approval(), at(700));
    assert_eq!(decision.next.pipeline.as_ref().unwrap().approved, Some(at(700)));
    assert_ne!(decision.next, gated(), "so it is committed");
    assert!(matches!(decision.next.phase, Phase::Gated { .. }));
    let told = "orders-canary ran the revision since 2026-11-21T03:00:00Z and baked 10 min; no check failed (dlq)";
    assert!(
        decision
            .because
            .ends_with(&format!("approval Gate/Ok is given: {told}")),
        "{}",
        decision.because
    );
    let Some(Action::Approve { summary, .. }) = decision.lanes.first().and_then(|lane| lane.first()) else {
        panic!("{:?}", decision.lanes);
    };
    assert_eq!(summary, told);
    assert!(!decision.because.contains(&approval().token));
    let mut long = automatic();
    let name = "x".repeat(255);
    for check in &mut long.checks {
        let Check::Alarm { name: alarm, .. } = check;
        *alarm = name.repeat(3);
    }
    let mut seen = at_approval();
    seen.alarms = Part::Known(vec![crate::SeenAlarm {
        name: name.repeat(3),
        ..seen_alarm(AlarmState::Ok, at(0))
    }]);
    let decision = decide(&long, &gated(), &seen, at(700));
    let Some(Action::Approve { summary, .. }) = decision.lanes.first().and_then(|lane| lane.first()) else {
        panic!("{:?}", decision.lanes);
    };
    assert_eq!(summary.chars().count(), SUMMARY_MAX);
}
