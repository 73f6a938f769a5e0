use super::{accepted, cause, extension, held};
use crate::policy::{Approver, Check, InsufficientData, Linear, Step, Then, WhenStale, WhenUndecided};
use crate::testing::{armed, at, at_approval, execution, gated, on, policy, seen_alarm, unknown, watching, with_fact};
use crate::{AlarmState, Cause, ExecutionStatus, Fact, Gate, Part, Phase, Policy, Release, Seen, decide};

/// Ten minutes of bake, an alarm that must have data, five minutes more for it to come, and then this.
fn rule(then: Then) -> Policy {
    Policy {
        steps: vec![Step {
            share_permille: Some(250),
            bake_minutes: 10,
        }],
        checks: vec![Check::Alarm {
            name: "dlq".to_owned(),
            when_stale: WhenStale::Block,
            insufficient_data: InsufficientData::Undecided,
        }],
        when_undecided: Some(WhenUndecided {
            extend_minutes_max: 5,
            then,
        }),
        ..policy()
    }
}

/// Its tasks run since 60 s: baked at 660 s, extended until 960 s.
fn baking() -> Release {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release.step_reached = Some(at(60));
    release
}

fn alarm_is(state: AlarmState, since: i64) -> Seen {
    Seen {
        alarms: Part::Known(vec![seen_alarm(state, at(since))]),
        ..at_approval()
    }
}

fn silent() -> Seen {
    alarm_is(AlarmState::InsufficientData, -600)
}

#[test]
fn it_is_held_until_the_extension_ends_and_then_what_the_policy_says() {
    let lacks = "alarm dlq has no data";
    let extended = |then: &str| format!("{lacks}; extended until {}, and then {then}", at(960));
    let rolled = Cause::Undecided {
        why: lacks.to_owned(),
        until: at(960),
    };
    let cases = [
        (Then::Hold, 959, Some(extended("held on")), None),
        (Then::Hold, 960, Some(lacks.to_owned()), None),
        (Then::RollBack, 959, Some(extended("rolled back")), None),
        (Then::RollBack, 960, Some(lacks.to_owned()), Some(rolled)),
        (Then::GoOn, 959, Some(extended("let go on")), None),
        (Then::GoOn, 960, None, None),
    ];
    for (then, seconds, why, because_of) in cases {
        let (policy, now) = (rule(then), at(seconds));
        assert_eq!(held(&policy, &baking(), &silent(), now), why, "{then:?} at {seconds}");
        assert_eq!(
            cause(&policy, &baking(), &silent(), now),
            because_of,
            "{then:?} at {seconds}"
        );
    }
    let unsaid = Policy {
        when_undecided: None,
        ..rule(Then::Hold)
    };
    assert_eq!(held(&unsaid, &baking(), &silent(), at(90_000)).as_deref(), Some(lacks));
}

#[test]
fn only_the_want_of_evidence_takes_a_release_back() {
    let policy = rule(Then::RollBack);
    let unread = Seen {
        alarms: unknown(),
        ..at_approval()
    };
    let no_alarm = Seen {
        alarms: Part::Known(Vec::new()),
        ..at_approval()
    };
    let no_canary = Seen {
        canary: unknown(),
        ..silent()
    };
    let no_stable = Seen {
        stable: unknown(),
        ..silent()
    };
    let mut gone = baking();
    gone.canary.given.as_mut().unwrap().reached = None;
    gone.step_reached = None;
    let mut echo = baking();
    let baseline = echo.canary.baseline.revision.clone();
    let given = echo.canary.given.as_mut().unwrap();
    given.images = Some(baseline.images);
    given.configuration = Some(baseline.configuration);
    let cases: [(&str, Release, Seen, bool); 10] = [
        ("no data", baking(), silent(), true),
        ("data", baking(), alarm_is(AlarmState::Ok, -600), false),
        (
            "an alarm that rings from before",
            baking(),
            alarm_is(AlarmState::Alarm, -600),
            false,
        ),
        ("alarms unread", baking(), unread, false),
        ("no such alarm", baking(), no_alarm, false),
        ("canary unread", baking(), no_canary, false),
        ("stable unread", baking(), no_stable, false),
        ("no task runs it", gone, silent(), false),
        ("a person is asked", gated(), silent(), false),
        ("what it ran before", echo, silent(), false),
    ];
    for (name, release, seen, taken_back) in cases {
        assert_eq!(
            cause(&policy, &release, &seen, at(100_000)).is_some(),
            taken_back,
            "{name}"
        );
    }
}

#[test]
fn a_watch_is_extended_from_its_own_end() {
    // Since 400 s, for half an hour: over at 2200 s, extended until 2500 s.
    let policy = rule(Then::RollBack);
    assert_eq!(cause(&policy, &watching(), &silent(), at(2_499)), None);
    assert!(cause(&policy, &watching(), &silent(), at(2_500)).is_some());
    assert_eq!(held(&rule(Then::GoOn), &watching(), &silent(), at(2_500)), None);
}

#[test]
fn whoever_goes_on_undecided_says_so_in_the_evidence() {
    let policy = Policy {
        approval: Approver::Automatic,
        ..rule(Then::GoOn)
    };
    let (gate, run) = (Gate::Approve, baking().pipeline.unwrap().execution);
    let release = with_fact(baking(), Fact::Asked { gate, execution: run });
    let early = decide(&policy, &release, &silent(), at(700));
    assert_eq!(early.next.phase, Phase::Baking { step: 0 }, "{}", early.because);
    let seen = Seen {
        canary: Part::Known(on("orders-canary", 2, 1)),
        pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
        ..silent()
    };
    let late = decide(&policy, &release, &seen, at(1_000));
    let approved = late.next.pipeline.as_ref().unwrap().approved.as_ref();
    let evidence = approved.map(|approved| approved.evidence.clone()).unwrap_or_default();
    assert!(
        evidence.ends_with("; undecided, and let go on by when_undecided: alarm dlq has no data"),
        "{evidence}; {}",
        late.because
    );
    assert_eq!(
        accepted(&policy, &baking(), &alarm_is(AlarmState::Ok, -600), at(1_000)),
        None
    );
}

#[test]
fn what_takes_it_back_is_the_decision_of_the_next_look() {
    let decision = decide(&rule(Then::RollBack), &baking(), &silent(), at(960));
    let cause = decision.next.phase.rolling_back().map(ToString::to_string);
    assert_eq!(
        cause,
        Some(format!("undecided until {}: alarm dlq has no data", at(960)))
    );
}

/// What gains nothing yet because it is not counted yet.
#[test]
fn what_only_needs_time_is_waited_for_and_takes_nothing_back() {
    let policy = Policy {
        checks: vec![Check::DlqGrowth {
            queue: "dlq".to_owned(),
            messages_max: 20,
        }],
        watch_minutes: 0,
        when_undecided: Some(WhenUndecided {
            extend_minutes_max: 0,
            then: Then::RollBack,
        }),
        ..policy()
    };
    for then in [Then::Hold, Then::RollBack, Then::GoOn] {
        let policy = Policy {
            when_undecided: Some(WhenUndecided {
                extend_minutes_max: 0,
                then,
            }),
            ..policy.clone()
        };
        let (release, seen) = (watching(), at_approval());
        let now = release.phase_since.plus_seconds(30);
        assert_eq!(cause(&policy, &release, &seen, now), None, "{then:?}");
        let held = super::super::check::undecided(&policy, &release, &seen, now);
        assert!(held.is_some_and(|why| why.contains("counts from")), "{then:?}");
    }
}

#[test]
fn whoever_lets_it_go_on_answers_for_missing_evidence_while_something_else_holds_it() {
    let policy = Policy {
        approval: Approver::Automatic,
        ..rule(Then::RollBack)
    };
    let approved = crate::order::tests::with(baking(), crate::Order::Approve, 900);
    let mut given_again = approved.clone();
    given_again.canary.given.as_mut().unwrap().deployment = "ecs-svc/canary-again".to_owned();
    let cases = [
        ("nobody has ordered anything", baking(), true),
        ("somebody approves", approved, false),
        ("somebody approved what it ran before", given_again, true),
    ];
    for (case, release, ends) in cases {
        assert_eq!(cause(&policy, &release, &silent(), at(960)).is_some(), ends, "{case}");
    }
}

/// Its evidence has to be found in each step: the extension that the first one used up does not end the second.
#[test]
fn no_step_wants_evidence_before_it_has_baked_and_was_extended_by_itself() {
    let mut policy = rule(Then::RollBack);
    policy.steps.push(Step {
        share_permille: Some(500),
        bake_minutes: 20,
    });
    let in_second = |since: Option<i64>| Release {
        phase: Phase::Baking { step: 1 },
        phase_since: at(1_400),
        step_reached: since.map(at),
        ..baking()
    };
    // Both bake until 1860 s, extended until 2160 s.
    let cases = [
        (
            "it began early, and the first has left it some",
            Some(600),
            2_159,
            false,
        ),
        ("which is over", Some(600), 2_160, true),
        ("it began late, and bakes", Some(1_500), 2_699, false),
        ("it has baked, and is extended", Some(1_500), 2_999, false),
        ("that is over", Some(1_500), 3_000, true),
        ("it does not have its share yet", None, 2_899, false),
        ("it never had its share", None, 2_900, true),
    ];
    for (name, since, seconds, taken_back) in cases {
        let found = cause(&policy, &in_second(since), &silent(), at(seconds));
        assert_eq!(found.is_some(), taken_back, "{name}");
        let on = Policy {
            when_undecided: Some(WhenUndecided {
                extend_minutes_max: 5,
                then: Then::GoOn,
            }),
            ..policy.clone()
        };
        let held = held(&on, &in_second(since), &silent(), at(seconds));
        assert_eq!(held.is_none(), taken_back, "{name}, and let go on");
    }
}

/// Each bakes for a minute.
fn minutes(many: usize, policy: Policy) -> Policy {
    let step = Step {
        share_permille: None,
        bake_minutes: 1,
    };
    Policy {
        steps: vec![step; many],
        ..policy
    }
}

#[test]
fn each_step_is_extended_from_its_own_end_and_none_for_less_than_all_of_them_together() {
    let one = || rule(Then::Hold);
    let compare = serde_json::json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 500, "window_minutes": 10,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    let comparing = || Policy {
        checks: vec![serde_json::from_value(compare.clone()).unwrap()],
        ..one()
    };
    let linear = Policy {
        steps: Vec::new(),
        linear: Some(Linear {
            step_permille: 250,
            every_minutes: 1,
            until_permille: 1_000,
        }),
        ..one()
    };
    let baking = |step: u32| Phase::Baking { step };
    let gate = || gated().phase;
    // Its tasks run since 60 s.
    let cases: Vec<(&str, Policy, Phase, Option<i64>, i64)> = vec![
        ("one step", one(), baking(0), Some(60), 60 + 600 + 300),
        (
            "one step, given its share later",
            one(),
            baking(0),
            Some(400),
            400 + 600 + 300,
        ),
        (
            "one step, whose data began with the canary",
            comparing(),
            baking(0),
            Some(60),
            60 + 600 + 300,
        ),
        ("the gate after it", one(), gate(), Some(60), 60 + 600 + 300),
        (
            "the first of many",
            minutes(5, one()),
            baking(0),
            Some(60),
            60 + 300 + 300,
        ),
        (
            "the last of many",
            minutes(5, one()),
            baking(4),
            Some(1_500),
            1_500 + 60 + 300,
        ),
        (
            "the last of many, each with data of its own",
            minutes(5, comparing()),
            baking(4),
            Some(1_500),
            1_500 + 240 + 300,
        ),
        (
            "without its share yet",
            minutes(5, one()),
            baking(4),
            None,
            60 + 300 + 300,
        ),
        (
            "the gate after them",
            minutes(5, one()),
            gate(),
            Some(1_500),
            1_500 + 60 + 300,
        ),
        (
            "the first of equal ones",
            linear.clone(),
            baking(0),
            Some(60),
            60 + 240 + 300,
        ),
        (
            "the last of equal ones",
            linear.clone(),
            baking(3),
            Some(1_000),
            1_000 + 60 + 300,
        ),
        (
            "a step that there is no more",
            linear,
            baking(7),
            Some(1_000),
            60 + 240 + 300,
        ),
    ];
    for (name, policy, phase, begun, expected) in cases {
        let release = Release {
            phase,
            step_reached: begun.map(at),
            ..self::baking()
        };
        let until = extension(&policy, &release).map(|(until, _)| until);
        assert_eq!(until, Some(at(expected)), "{name}");
    }
}
