use super::{failed, remarks};
use crate::testing::{
    alarm_arn, alarm_fact, armed, at, at_approval, opened, policy, seen_alarm, unknown, watching, with_fact,
};
use crate::{AlarmState, Fact, Part, Release, Seen, SeenRing, Watched};

/// Takes the place of a release that could not be rolled back; its canary has not changed yet.
fn left_bad() -> Release {
    Release {
        phase: opened().phase,
        left_bad: true,
        ..armed()
    }
}

/// The canary was given what it ran before, under another name.
fn echo() -> Release {
    let mut release = armed();
    let before = release.canary.baseline.revision.clone();
    let given = release.canary.given.as_mut().unwrap();
    given.images = Some(before.images);
    given.configuration = Some(before.configuration);
    release
}

/// The watch of what was promoted runs on in here until 2 200 s; this one's canary is changed at 500 s, or not yet.
fn in_the_watch(changed: bool) -> Release {
    let promoted = watching();
    let mut release = if changed { armed() } else { opened() };
    if let Some(given) = release.canary.given.as_mut() {
        given.created = at(500);
    }
    release.watched = Some(Watched {
        release: "orders-0".to_owned(),
        until: at(2_200),
        canary: promoted.canary,
        stable: promoted.stable,
        images: promoted.images,
    });
    release
}

#[test]
fn an_alarm_fails_a_release_only_for_what_happened_since_its_canary_changed() {
    let fact = |seconds| with_fact(armed(), alarm_fact(&alarm_arn(), at(seconds)));
    let rang = |seconds| Seen {
        alarms: Part::Known(vec![seen_alarm(AlarmState::Alarm, at(seconds))]),
        ..at_approval()
    };
    let quiet = at_approval;
    let other = |arn: &str| with_fact(armed(), alarm_fact(arn, at(90)));
    let mut suppressed = seen_alarm(AlarmState::Alarm, at(90));
    suppressed.suppressed = true;
    let mut foreign = seen_alarm(AlarmState::Alarm, at(90));
    foreign.name = "dlq-2".to_owned();
    let recovered = |rang: &[i64]| {
        let ring = |seconds: &i64| SeenRing {
            at: at(*seconds),
            reason: "too deep".to_owned(),
        };
        let mut alarm = seen_alarm(AlarmState::Ok, at(300));
        alarm.rang = Part::Known(rang.iter().map(ring).collect());
        alarm
    };
    let past = |rang: &[i64]| Seen {
        alarms: Part::Known(vec![recovered(rang)]),
        ..at_approval()
    };
    let muted = || {
        let fact = Fact::Muted {
            arn: alarm_arn(),
            name: "dlq".to_owned(),
            since: at(90),
        };
        with_fact(armed(), fact)
    };
    let mut foreign_past = recovered(&[90]);
    foreign_past.name = "dlq-2".to_owned();
    let cases: Vec<(&str, Release, Seen, Option<i64>)> = vec![
        ("told after the deployment", fact(90), quiet(), Some(90)),
        ("told, and nothing was looked at", fact(90), Seen::nothing(), Some(90)),
        (
            "told in the very millisecond of the deployment",
            fact(0),
            quiet(),
            Some(0),
        ),
        ("told a second before: stale", fact(-1), quiet(), None),
        ("told long before: stale", fact(-86_400), quiet(), None),
        ("not told, but seen", armed(), rang(90), Some(90)),
        ("seen, but from before", armed(), rang(-1), None),
        ("it rang and recovered, by its history", armed(), past(&[90]), Some(90)),
        ("the first of two", armed(), past(&[90, 200]), Some(90)),
        ("the first was from before", armed(), past(&[-1, 200]), Some(200)),
        ("it rang and recovered while it was muted", muted(), past(&[90]), None),
        ("muted the first time only", muted(), past(&[90, 200]), Some(200)),
        ("before anything was given", opened(), past(&[90]), None),
        (
            "another's history",
            armed(),
            Seen {
                alarms: Part::Known(vec![foreign_past]),
                ..at_approval()
            },
            None,
        ),
        ("told and seen: the earlier counts", fact(95), rang(90), Some(90)),
        (
            "told stale, seen fresh: it has recovered meanwhile",
            fact(-1),
            rang(90),
            Some(90),
        ),
        ("seen OK", armed(), quiet(), None),
        (
            "seen without data",
            armed(),
            Seen {
                alarms: Part::Known(vec![seen_alarm(AlarmState::InsufficientData, at(90))]),
                ..quiet()
            },
            None,
        ),
        (
            "seen suppressed",
            armed(),
            Seen {
                alarms: Part::Known(vec![suppressed]),
                ..quiet()
            },
            None,
        ),
        (
            "another policy's alarm",
            armed(),
            Seen {
                alarms: Part::Known(vec![foreign]),
                ..quiet()
            },
            None,
        ),
        (
            "alarms unknown",
            armed(),
            Seen {
                alarms: unknown(),
                ..quiet()
            },
            None,
        ),
        (
            "alarms unknown, but told",
            fact(90),
            Seen {
                alarms: unknown(),
                ..quiet()
            },
            Some(90),
        ),
        (
            "no alarm of that name exists",
            armed(),
            Seen {
                alarms: Part::Known(Vec::new()),
                ..quiet()
            },
            None,
        ),
        (
            "an alarm of another region",
            other("arn:aws:cloudwatch:us-east-1:111122223333:alarm:dlq"),
            quiet(),
            None,
        ),
        (
            "an alarm of another account",
            other("arn:aws:cloudwatch:eu-central-1:999988887777:alarm:dlq"),
            quiet(),
            None,
        ),
        (
            "an alarm whose name goes on",
            other("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:dlq-2"),
            quiet(),
            None,
        ),
        (
            "not armed",
            with_fact(opened(), alarm_fact(&alarm_arn(), at(90))),
            quiet(),
            None,
        ),
        ("not armed, seen", opened(), rang(90), None),
        ("what the release before left there", left_bad(), rang(90), None),
        (
            "what the release before left there, told",
            with_fact(left_bad(), alarm_fact(&alarm_arn(), at(90))),
            Seen::nothing(),
            None,
        ),
        (
            "in the watch of the release before, nothing given yet",
            in_the_watch(false),
            rang(450),
            Some(450),
        ),
        (
            "in the watch of the release before, rung before that one's canary",
            in_the_watch(false),
            rang(-1),
            None,
        ),
        (
            "in the watch of the release before, rung before this one's canary",
            in_the_watch(true),
            rang(450),
            Some(450),
        ),
        (
            "the canary was given what it ran before, under another name",
            echo(),
            rang(90),
            None,
        ),
        (
            "the canary was given the fix, and that fails too",
            Release {
                phase: armed().phase,
                ..left_bad()
            },
            rang(90),
            Some(90),
        ),
    ];
    for (case, release, seen, expected) in cases {
        let found = failed(&policy(), &release, &seen);
        let since = found.map(|cause| match cause {
            crate::Cause::Alarm { since, .. } => since,
            other => panic!("{other:?}"),
        });
        assert_eq!(since, expected.map(at), "{case}");
    }
}

#[test]
fn an_alarm_that_fails_nothing_is_explained() {
    let stale = with_fact(armed(), alarm_fact(&alarm_arn(), at(-1)));
    let early = with_fact(opened(), alarm_fact(&alarm_arn(), at(-10)));
    let cases = [
        (
            stale,
            "alarm dlq in ALARM since 2026-11-21T02:59:59Z, before the canary's deployment of 2026-11-21T03:00:00Z: \
             counts again once it has recovered",
        ),
        (
            early,
            "alarm dlq in ALARM since 2026-11-21T02:59:50Z touches nothing: orders-canary still runs its baseline orders-canary:1",
        ),
        (
            with_fact(left_bad(), alarm_fact(&alarm_arn(), at(90))),
            "alarm dlq in ALARM since 2026-11-21T03:01:30Z stops nothing: orders-canary still runs what the release \
             before could not take off it",
        ),
        (
            with_fact(echo(), alarm_fact(&alarm_arn(), at(90))),
            "alarm dlq in ALARM since 2026-11-21T03:01:30Z stops nothing: orders-canary runs what it ran before",
        ),
    ];
    for (release, expected) in cases {
        assert_eq!(remarks(&policy(), &release, &at_approval()), [expected]);
    }
}

#[test]
fn an_alarm_that_rang_before_is_spoken_of_only_while_it_rings() {
    let stale = with_fact(armed(), alarm_fact(&alarm_arn(), at(-60)));
    let seen = |state, seconds| Seen {
        alarms: Part::Known(vec![seen_alarm(state, at(seconds))]),
        ..at_approval()
    };
    let cases = [
        ("it rings still", seen(AlarmState::Alarm, -60), 1),
        ("CloudWatch rounds its time", seen(AlarmState::Alarm, -59), 1),
        ("or the other way", seen(AlarmState::Alarm, -61), 1),
        ("it has recovered and rung again", seen(AlarmState::Alarm, -20), 1),
        ("it has recovered", seen(AlarmState::Ok, 30), 0),
        ("it has no data any more", seen(AlarmState::InsufficientData, 30), 0),
        ("an older answer", seen(AlarmState::Ok, -90), 1),
        (
            "nobody knows",
            Seen {
                alarms: unknown(),
                ..at_approval()
            },
            1,
        ),
    ];
    for (case, seen, times) in cases {
        let remarks = remarks(&policy(), &stale, &seen);
        let spoken = remarks.iter().filter(|remark| remark.contains("counts again")).count();
        assert_eq!(spoken, times, "{case}: {remarks:?}");
    }
}
