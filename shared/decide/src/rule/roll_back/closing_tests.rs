//! When it begins, goes on and closes.

use super::{ABANDONED_ACTION_SECONDS, LATE_WRITE_SECONDS};
use crate::rule::successor;
use crate::testing::{
    OTHER, alarm_arn, alarm_fact, approval, armed, arn, at, at_approval, by_deployment, by_nobody, execution,
    in_progress, lanes, meaning, on, over, policy, promoted, right, rolling_back, seen_alarm, unknown, watching,
    with_fact,
};
use crate::{AlarmState, ExecutionStatus, Part, Phase, Release, Rollout, Seen, SeenExecution, SeenService, decide};

fn canary(seen: crate::SeenService) -> Seen {
    Seen {
        canary: Part::Known(seen),
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

#[test]
fn it_begins_before_anything_was_looked_at_and_needs_no_second_writing() {
    let told = with_fact(armed(), alarm_fact(&alarm_arn(), at(90)));
    let blind = decide(&policy(), &told, &Seen::nothing(), at(100));
    assert_eq!(blind.next.phase, rolling_back().phase);
    assert_eq!(blind.next.canary.attempts, rolling_back().canary.attempts);
    let looked = decide(&policy(), &blind.next, &at_approval(), at(101));
    assert_eq!(looked.next, blind.next, "the first attempt is authorised already");
    assert_eq!(lanes(&looked), "restore orders-canary orders-canary:1 | reject Gate/Ok");
}

#[test]
fn it_closes_only_when_all_is_seen_right_and_nothing_can_land_late() {
    let late = i64::from(LATE_WRITE_SECONDS);
    let abandoned = |seconds| {
        let mut release = rolling_back();
        release.pipeline.as_mut().unwrap().abandoned = Some(at(seconds));
        release
    };
    let action = i64::from(ABANDONED_ACTION_SECONDS);
    let mut scaled = on("orders-canary", 1, 1);
    scaled.desired = 2;
    let cases = [
        (
            "right, too early",
            rolling_back(),
            right(),
            100 + late - 1,
            "rolling back",
        ),
        ("right, and settled", rolling_back(), right(), 100 + late, "rolled back"),
        (
            "abandoned: its action may still write",
            abandoned(110),
            right(),
            110 + late + action - 1,
            "rolling back",
        ),
        (
            "abandoned, long ago",
            abandoned(110),
            right(),
            110 + late + action,
            "rolled back",
        ),
        (
            "canary not back",
            rolling_back(),
            canary(on("orders-canary", 2, 1)),
            1_000,
            "rolling back",
        ),
        (
            "canary short of tasks",
            rolling_back(),
            canary(scaled),
            1_000,
            "rolling back",
        ),
        (
            "canary scaled to nothing",
            rolling_back(),
            canary(on("orders-canary", 1, 0)),
            1_000,
            "rolled back",
        ),
        (
            "old tasks still run",
            rolling_back(),
            canary(in_progress(on("orders-canary", 1, 1), 1, 1)),
            1_000,
            "rolling back",
        ),
        (
            "stable unknown",
            rolling_back(),
            Seen {
                stable: unknown(),
                ..right()
            },
            1_000,
            "rolling back",
        ),
        (
            "pipeline unknown",
            rolling_back(),
            Seen {
                pipeline: unknown(),
                ..right()
            },
            1_000,
            "rolling back",
        ),
        (
            "alarms unknown",
            rolling_back(),
            Seen {
                alarms: unknown(),
                ..right()
            },
            1_000,
            "rolled back",
        ),
        (
            "canary somebody else's by now",
            rolling_back(),
            canary(by_nobody(meaning(on("orders-canary", 7, 1), "v3", "x"))),
            1_000,
            "overtaken",
        ),
        (
            "canary given something else, by whom cannot be told",
            rolling_back(),
            canary(meaning(on("orders-canary", 7, 1), "v3", "x")),
            1_000,
            "rolling back",
        ),
        (
            "not right by the deadline",
            rolling_back(),
            canary(on("orders-canary", 2, 1)),
            100 + 1_800,
            "rollback failing",
        ),
        (
            "everything unknown at the deadline",
            rolling_back(),
            Seen {
                canary: unknown(),
                ..right()
            },
            100 + 1_800,
            "rollback failing",
        ),
        (
            "nothing looked at, at the deadline",
            rolling_back(),
            Seen::nothing(),
            100 + 1_800,
            "rolling back",
        ),
        (
            "services back, the execution stopping for an hour",
            rolling_back(),
            Seen {
                pipeline: Part::Known(execution(ExecutionStatus::Stopping)),
                ..right()
            },
            100 + 1_800,
            "rolling back",
        ),
        (
            "abandoned and right at the deadline",
            abandoned(110),
            right(),
            100 + 1_800,
            "rolling back",
        ),
    ];
    for (case, release, seen, seconds, expected) in cases {
        let decision = decide(&policy(), &release, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        let closed = matches!(decision.next.phase, Phase::Closed { .. });
        assert_eq!(decision.look_again_seconds.is_none(), closed, "{case}");
        assert!(
            decision.look_again_seconds.unwrap_or(1) <= 300 && decision.look_again_seconds != Some(0),
            "{case}"
        );
    }
}

#[test]
fn what_is_right_is_looked_at_often_while_an_abandoned_action_may_still_write() {
    let abandoned = |since: Option<i64>| {
        let mut release = rolling_back();
        release.pipeline.as_mut().unwrap().abandoned = since.map(at);
        release
    };
    let action = i64::from(ABANDONED_ACTION_SECONDS);
    let cases = [
        ("nothing abandoned: until the last write has landed", None, 110, 110),
        ("abandoned a moment ago", Some(110), 120, 30),
        ("abandoned half an hour ago", Some(110), 110 + action / 2, 30),
        ("the action can write no more", Some(110), 110 + action, 120),
    ];
    for (case, since, seconds, expected) in cases {
        let decision = decide(&policy(), &abandoned(since), &right(), at(seconds));
        assert_eq!(
            decision.look_again_seconds,
            Some(expected),
            "{case}: {}",
            decision.because
        );
    }
}

#[test]
fn since_when_no_task_of_it_runs_is_noted_and_anew_where_it_comes_back() {
    let stable_too = || {
        let mut release = rolling_back();
        release.stable.given = crate::testing::promoting().stable.given;
        release
    };
    let on_stable = |tasks: SeenService| Seen {
        stable: Part::Known(tasks),
        ..canary(on("orders-canary", 1, 1))
    };
    let noted = |release: Release| Release {
        gone_since: Some(at(150)),
        ..release
    };
    let cases = [
        ("it runs", rolling_back(), canary(on("orders-canary", 2, 1)), None),
        (
            "old tasks run",
            rolling_back(),
            canary(in_progress(on("orders-canary", 1, 1), 0, 1)),
            None,
        ),
        (
            "not all new ones run",
            rolling_back(),
            canary(in_progress(on("orders-canary", 1, 1), 0, 0)),
            None,
        ),
        (
            "none runs",
            rolling_back(),
            canary(on("orders-canary", 1, 1)),
            Some(300),
        ),
        (
            "known before",
            noted(rolling_back()),
            canary(on("orders-canary", 1, 1)),
            Some(150),
        ),
        ("not seen now", noted(rolling_back()), Seen::nothing(), Some(150)),
        (
            "an older state",
            rolling_back(),
            canary(by_deployment(on("orders-canary", 1, 1), "canary-0", -10)),
            None,
        ),
        (
            "it is back",
            noted(rolling_back()),
            canary(on("orders-canary", 2, 1)),
            None,
        ),
        ("stable runs it", stable_too(), on_stable(on("orders", 2, 3)), None),
        (
            "nor stable",
            stable_too(),
            on_stable(by_deployment(on("orders", 1, 3), "stable-1", 295)),
            Some(300),
        ),
    ];
    for (name, release, seen, expected) in cases {
        let decision = decide(&policy(), &release, &seen, at(300));
        let next = &decision.next;
        assert_eq!(next.gone_since, expected.map(at), "{name}: {}", decision.because);
    }
}

#[test]
fn a_failing_rollback_goes_on_and_may_still_end_well() {
    let mut failing = rolling_back();
    failing.phase = Phase::RollbackFailed {
        cause: crate::testing::cause(),
    };
    failing.phase_since = at(2_000);
    let trying = decide(&policy(), &failing, &canary(on("orders-canary", 2, 1)), at(9_000));
    assert_eq!(lanes(&trying), "restore orders-canary orders-canary:1");
    assert_eq!(trying.next.phase.name(), "rollback failing");
    let well = decide(&policy(), &failing, &right(), at(9_000));
    assert_eq!(well.next.phase.name(), "rolled back");
}

#[test]
fn what_people_read_fits_where_it_is_written_and_holds_no_token() {
    let mut release = rolling_back();
    release.id = "x".repeat(60);
    let long = Phase::RollingBack {
        cause: crate::Cause::Alarm {
            name: "a".repeat(255),
            since: at(90),
            reason: "r".repeat(500),
        },
    };
    release.phase = long;
    let mut seen = right();
    for execution in [
        SeenExecution {
            approval: Some(approval()),
            ..execution(ExecutionStatus::InProgress)
        },
        SeenExecution {
            promoting: true,
            ..execution(ExecutionStatus::InProgress)
        },
    ] {
        seen.pipeline = Part::Known(execution);
        let decision = decide(&policy(), &release, &seen, at(101));
        assert!(!decision.because.contains(&approval().token) && !decision.because.contains(char::is_control));
        for action in decision.lanes.iter().flatten() {
            match action {
                crate::Action::Reject { summary, .. } => assert!((1..=512).contains(&summary.chars().count())),
                crate::Action::Stop { reason, .. } => assert!((1..=200).contains(&reason.chars().count())),
                crate::Action::Hold { reason, .. } => {
                    assert!((1..=300).contains(&reason.len()), "{reason}");
                    assert!(
                        reason
                            .chars()
                            .all(|c| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c)),
                        "{reason}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_deployment_behind_a_classic_load_balancer_has_no_state_and_counts_by_its_tasks() {
    let mut seen = on("orders-canary", 1, 1);
    seen.primary.rollout = Rollout::Completed;
    seen.primary.running = 0;
    let decision = decide(&policy(), &rolling_back(), &canary(seen), at(1_000));
    assert_eq!(
        decision.next.phase.name(),
        "rolling back",
        "no task runs the baseline yet"
    );
}

#[test]
fn a_way_that_is_shut_once_more_is_written_down_and_it_closes_only_when_that_call_has_landed() {
    let late = i64::from(LATE_WRITE_SECONDS);
    let under_way = || Seen {
        pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
        ..right()
    };
    let unanswered = || Seen {
        pipeline: unknown(),
        ..right()
    };
    let since = |held: Option<i64>| {
        let mut release = rolling_back();
        release.pipeline.as_mut().unwrap().held = held.map(at);
        release
    };
    let cases = [
        ("with the rollback itself", None, under_way(), 124, None),
        ("once more", None, under_way(), 125, Some(125)),
        ("a moment after that", Some(125), under_way(), 149, Some(125)),
        ("and once more", Some(125), under_way(), 150, Some(150)),
        ("while CodePipeline does not answer", None, unanswered(), 200, Some(200)),
        ("nothing left to keep out", Some(125), right(), 200, Some(125)),
    ];
    for (case, held, seen, seconds, expected) in cases {
        let decision = decide(&policy(), &since(held), &seen, at(seconds));
        assert_eq!(
            decision.next.pipeline.as_ref().unwrap().held,
            expected.map(at),
            "{case}: {}",
            decision.because
        );
        let shuts = lanes(&decision).contains("hold Deploy");
        assert_eq!(shuts, case != "nothing left to keep out", "{case}");
    }
    for (held, closes) in [(None, 100 + late), (Some(150), 150 + late)] {
        for (seconds, expected) in [(closes - 1, "rolling back"), (closes, "rolled back")] {
            let decision = decide(&policy(), &since(held), &right(), at(seconds));
            assert_eq!(decision.next.phase.name(), expected, "{held:?}: {}", decision.because);
        }
    }
}

#[test]
fn what_had_been_the_way_back_goes_as_well_once_the_watched_release_is_taken_back() {
    let start = crate::Start::Action {
        execution: OTHER.to_owned(),
        action_execution: "a1".to_owned(),
    };
    let copy = crate::Fact::Prepared {
        instead_of: arn("orders-canary", 2),
        task_definition: arn("orders-canary", 8),
    };
    let mut next = with_fact(successor::after(&policy(), &watching(), &start, at(500)), copy);
    next.phase = rolling_back().phase;
    let back = |revision| by_deployment(on("orders-canary", revision, 1), "canary-back", 560);
    for (case, revision) in [("by its own name", 2), ("by our copy", 8)] {
        let seen = |state| Seen {
            canary: Part::Known(back(revision)),
            stable: Part::Known(promoted()),
            pipeline: Part::Known(over()),
            alarms: Part::Known(vec![seen_alarm(state, at(600))]),
            ..at_approval()
        };
        let quiet = decide(&policy(), &next, &seen(AlarmState::Ok), at(610));
        assert_eq!(lanes(&quiet), "", "{case}: {}", quiet.because);
        let rings = decide(&policy(), &next, &seen(AlarmState::Alarm), at(610));
        assert_eq!(
            lanes(&rings),
            "restore orders-canary orders-canary:1 | restore orders orders:1",
            "{case}: {}",
            rings.because
        );
    }
}
