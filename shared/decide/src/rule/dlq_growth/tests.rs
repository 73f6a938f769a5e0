use super::SETTLE_SECONDS;
use crate::policy::{Check, InsufficientData, Step, WhenStale};
use crate::testing::{
    armed, at, at_approval, by_deployment, meaning, on, opened, policy, promoted, promoting, seen_alarm, unknown,
    watching,
};
use crate::{AlarmState, Cause, DeadLetters, Decision, Part, Phase, Policy, Release, Seen, SeenAlarm, Watched, decide};
use std::collections::BTreeMap;

const QUEUE: &str = "orders-dlq";
const REACHED: i64 = 80;

fn growing() -> Policy {
    let growth = Check::DlqGrowth {
        queue: QUEUE.to_owned(),
        messages_max: 20,
    };
    Policy {
        checks: [policy().checks, vec![growth]].concat(),
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..policy()
    }
}

fn reached() -> Release {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(REACHED));
    release
}

fn holds(depth: Part<u64>, seen: Seen) -> Seen {
    Seen {
        dead_letters: BTreeMap::from([(QUEUE.to_owned(), depth)]),
        ..seen
    }
}

/// Looks at these seconds, at which the queue holds so many, as far as it is known.
fn looks(mut release: Release, seen: &Seen, looks: &[(i64, Option<u64>)]) -> Decision {
    let mut last = None;
    for (seconds, depth) in looks {
        let seen = holds(depth.map_or_else(unknown, Part::Known), seen.clone());
        let decision = decide(&growing(), &release, &seen, at(*seconds));
        let again = decide(&growing(), &decision.next, &seen, at(*seconds));
        assert_eq!(again.next, decision.next, "a look that is taken twice counts once");
        release = decision.next.clone();
        last = Some(decision);
    }
    last.expect("a look")
}

fn letters(release: &Release) -> DeadLetters {
    release.armed().unwrap().dead_letters[QUEUE].clone()
}

#[test]
fn what_a_queue_gains_adds_up_whatever_leaves_it() {
    // The first look that counts, a minute after the tasks run, is at 140 s.
    let cases: [(&str, &[u64], u64); 8] = [
        ("nothing", &[0, 0, 0], 0),
        ("full from the start", &[5_000, 5_000, 5_000], 0),
        ("one by one", &[0, 1, 2, 3], 3),
        ("purged in between", &[10, 0, 10, 0, 5], 15),
        ("redriven, and dead again", &[15, 0, 15], 15),
        ("emptied alone", &[50, 20, 0], 0),
        ("as many as may be", &[7, 27], 20),
        ("one more", &[7, 28], 21),
    ];
    for (case, depths, expected) in cases {
        let all: Vec<(i64, Option<u64>)> = (140..).step_by(60).zip(depths.iter().copied().map(Some)).collect();
        let decision = looks(reached(), &at_approval(), &all);
        assert_eq!(letters(&decision.next).gained, expected, "{case}");
        let failed = decision.next.phase.rolling_back().is_some();
        assert_eq!(failed, expected > 20, "{case}: {}", decision.because);
    }
}

#[test]
fn what_dies_while_tasks_are_replaced_does_not_count() {
    let settled = REACHED + i64::from(SETTLE_SECONDS);
    // At rest, settling, the first look that counts: what is gained until then is noise.
    let noise = [(REACHED, Some(40)), (settled - 1, Some(80)), (settled, Some(120))];
    let decision = looks(reached(), &at_approval(), &noise);
    let expected = DeadLetters {
        depth: 120,
        gained: 0,
        since: Some(at(settled)),
    };
    assert_eq!(letters(&decision.next), expected);
    let decision = looks(decision.next, &at_approval(), &[(settled + 60, Some(121))]);
    assert_eq!(letters(&decision.next).gained, 1);
}

#[test]
fn what_stable_gets_is_counted_from_when_it_has_come_to_rest() {
    let stable = || Seen {
        stable: Part::Known(promoted()),
        ..at_approval()
    };
    let mut release = promoting();
    let given = release.canary.given.as_mut().unwrap();
    let before = DeadLetters {
        depth: 3,
        gained: 3,
        since: Some(at(140)),
    };
    given.dead_letters.insert(QUEUE.to_owned(), before);
    // Stable's old tasks drop what they hold; it comes to rest at 400 s.
    let mut under_way = stable();
    if let Part::Known(seen) = &mut under_way.stable {
        seen.older_running = 2;
    }
    let decision = looks(release, &under_way, &[(300, Some(90))]);
    assert_eq!(
        (decision.next.phase.name(), letters(&decision.next).gained),
        ("promoting", 3)
    );
    let decision = looks(
        decision.next,
        &stable(),
        &[(400, Some(95)), (430, Some(97)), (460, Some(99))],
    );
    assert_eq!(
        (decision.next.phase.name(), letters(&decision.next).gained),
        ("watching", 3)
    );
    let decision = looks(decision.next, &stable(), &[(520, Some(116))]);
    assert_eq!(
        (decision.next.phase.name(), letters(&decision.next).gained),
        ("watching", 20)
    );
    let decision = looks(decision.next, &stable(), &[(580, Some(117))]);
    assert_eq!(decision.next.phase.name(), "rolling back", "{}", decision.because);
}

/// Stable goes on failing messages with what was left on it. Once it runs the fix, the queue is its own.
#[test]
fn what_stable_adds_with_what_failed_before_is_not_held_against_the_fix() {
    for left in [false, true] {
        let mut release = reached();
        release.bad_on_stable = left;
        let decision = looks(release, &at_approval(), &[(140, Some(500)), (200, Some(900))]);
        let failed = decision.next.phase.rolling_back().is_some();
        assert_eq!(failed, !left, "{}", decision.because);
        assert_eq!(letters(&decision.next).gained, if left { 0 } else { 400 });
        let says = "what orders-dlq gains is not held against it: orders runs what failed before";
        assert_eq!(decision.because.contains(says), left, "{}", decision.because);
    }
    let stable = Seen {
        stable: Part::Known(promoted()),
        ..at_approval()
    };
    let mut fix = promoting();
    fix.bad_on_stable = true;
    let decision = looks(fix, &stable, &[(400, Some(900)), (460, Some(900)), (520, Some(950))]);
    assert_eq!(decision.next.phase.name(), "rolling back", "{}", decision.because);
}

#[test]
fn a_queue_that_gains_too_much_is_told_with_its_numbers() {
    let decision = looks(reached(), &at_approval(), &[(140, Some(500)), (200, Some(521))]);
    let Phase::RollingBack {
        cause: cause @ Cause::DlqGrowth { .. },
    } = &decision.next.phase
    else {
        panic!("{}", decision.because)
    };
    assert_eq!(
        cause.to_string(),
        "orders-dlq gained 21 messages since 2026-11-21T03:00:00Z, more than 20"
    );
    let text = serde_json::to_string(cause).unwrap();
    assert_eq!(&serde_json::from_str::<Cause>(&text).unwrap(), cause, "{text}");
}

#[test]
fn what_is_not_known_holds_and_never_rolls_back() {
    type Looks = [(i64, Option<u64>)];
    let cases: [(&str, &Looks, &str, &str); 5] = [
        (
            "never seen",
            &[(700, None)],
            "baking",
            "what orders-dlq holds is unknown: AWS failed",
        ),
        (
            "seen once",
            &[(700, Some(9))],
            "baking",
            "what orders-dlq gains shows at the next look",
        ),
        (
            "seen twice",
            &[(700, Some(9)), (760, Some(9))],
            "gated",
            "orders-dlq gained 0 messages, up to 20 would do",
        ),
        (
            "not seen now",
            &[(700, Some(9)), (760, Some(9)), (820, None)],
            "gated",
            "what orders-dlq holds is unknown: AWS failed",
        ),
        (
            "not seen meanwhile, and grown",
            &[(200, Some(0)), (260, None), (320, Some(21))],
            "rolling back",
            "orders-dlq gained 21 messages",
        ),
    ];
    for (case, all, phase, text) in cases {
        let decision = looks(reached(), &at_approval(), all);
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
        assert!(decision.because.contains(text), "{case}: {}", decision.because);
    }
    // What was counted is not forgotten where nobody can be asked.
    let counted = looks(reached(), &at_approval(), &[(140, Some(0)), (200, Some(20))]);
    let mut counted = counted.next;
    let given = counted.canary.given.as_mut().unwrap();
    given.dead_letters.get_mut(QUEUE).unwrap().gained = 21;
    let blind = decide(&growing(), &counted, &Seen::nothing(), at(260));
    assert_eq!(blind.next.phase.name(), "rolling back", "{}", blind.because);
}

#[test]
fn it_begins_anew_with_what_the_canary_is_given_and_runs_on_in_a_watch() {
    let counted = looks(reached(), &at_approval(), &[(140, Some(0)), (200, Some(20))]).next;
    // A stage was retried: the canary has something else of the same execution.
    let execution = counted.pipeline.as_ref().unwrap().execution.clone();
    let other = by_deployment(
        meaning(on("orders-canary", 3, 1), "v3", "orders-canary-settings"),
        "canary-3",
        210,
    );
    let retried = Seen {
        canary: Part::Known(crate::testing::by_execution(other, &execution)),
        ..at_approval()
    };
    let next = looks(counted, &retried, &[(260, Some(20))]).next;
    let anew = DeadLetters {
        depth: 20,
        gained: 0,
        since: None,
    };
    assert_eq!(letters(&next), anew);

    // What is watched goes on being judged while the next release waits for its canary.
    let mut watched = watching();
    let before = DeadLetters {
        depth: 0,
        gained: 20,
        since: Some(at(480)),
    };
    let given = watched.canary.given.as_mut().unwrap();
    given.dead_letters.insert(QUEUE.to_owned(), before);
    let next = Release {
        watched: Some(Watched {
            release: watched.id.clone(),
            until: at(5_000),
            canary: watched.canary,
            stable: watched.stable,
            images: watched.images,
        }),
        phase_since: at(600),
        ..opened()
    };
    let at_rest = Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        ..at_approval()
    };
    let decision = looks(next, &at_rest, &[(700, Some(1))]);
    assert_eq!(decision.next.phase.name(), "rolling back", "{}", decision.because);
    let back = &decision.next;
    assert!(
        back.watched.is_none() && back.stable.given.is_some(),
        "what is watched is taken back"
    );
}

/// The alarm is on the depth of a queue, which is full since long before the fix was released.
#[test]
fn a_stale_alarm_on_a_queues_depth_lets_the_fix_through_where_its_growth_is_judged() {
    let cases = [
        ("growth of that queue is judged", QUEUE, true, "gated"),
        ("it is not", QUEUE, false, "baking"),
        ("that of another is", "mails-dlq", true, "baking"),
    ];
    for (case, depth_of, judged, expected) in cases {
        let mut policy = growing();
        policy.checks[0] = Check::Alarm {
            name: "dlq".to_owned(),
            when_stale: WhenStale::Block,
            insufficient_data: InsufficientData::Ok,
        };
        policy.checks.truncate(1 + usize::from(judged));
        let rings = SeenAlarm {
            depth_of: Some(depth_of.to_owned()),
            ..seen_alarm(AlarmState::Alarm, at(-600))
        };
        let full = holds(
            Part::Known(5_000),
            Seen {
                alarms: Part::Known(vec![rings]),
                ..at_approval()
            },
        );
        let mut release = reached();
        for seconds in [200, 700] {
            release = decide(&policy, &release, &full, at(seconds)).next;
        }
        assert_eq!(release.phase.name(), expected, "{case}");
        let blocked = crate::opening::blocked(&policy, &full.alarms);
        assert_eq!(blocked.is_some(), expected == "baking", "{case}: {blocked:?}");
    }
}
