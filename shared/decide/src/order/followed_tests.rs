//! What follows from orders, and what a freeze keeps.

use super::tests::{approved, asked, asking, baking, decided, frozen, ordered, ours, seen, with};
use super::{Order, Ordered, judge};
use crate::notice::Kind;
use crate::policy::{Approver, Rollback};
use crate::testing::{
    OTHER, alarm_arn, alarm_fact, armed, at, at_approval, by_execution, execution as execution_of, gated, lanes,
    newcomer, on, opened, policy, promoted, promoting, seen_alarm, tells, unknown, watching, with_fact,
};
use crate::{
    AlarmState, Approval, Cause, ExecutionStatus, Fact, Gate, Outcome, Part, Phase, Policy, Release, Seen,
    SeenExecution, gate,
};

#[test]
fn what_is_aborted_is_rolled_back_from_wherever_it_is() {
    let cause = Cause::Ordered {
        by: "ann".to_owned(),
        why: "I looked at it".to_owned(),
    };
    let both = Seen {
        stable: Part::Known(promoted()),
        ..seen()
    };
    let cases: [(&str, Release, Seen, &str); 6] = [
        // Nothing was given yet: its execution is stopped before it gives anything.
        (
            "deploying",
            opened(),
            Seen {
                canary: Part::Known(on("orders-canary", 1, 1)),
                ..seen()
            },
            "hold Deploy > stop",
        ),
        (
            "baking",
            baking(),
            seen(),
            "restore orders-canary orders-canary:1 | hold Deploy > stop",
        ),
        (
            "gated",
            gated(),
            at_approval(),
            "restore orders-canary orders-canary:1 | reject Gate/Ok",
        ),
        (
            "promoting",
            promoting(),
            both.clone(),
            "restore orders-canary orders-canary:1 | restore orders orders:1 | hold Deploy > stop",
        ),
        (
            "watching",
            watching(),
            both,
            "restore orders-canary orders-canary:1 | restore orders orders:1 | hold Deploy > stop",
        ),
        // Written down at once, and done with the look that follows.
        ("nothing is seen", baking(), Seen::nothing(), ""),
    ];
    for (case, release, seen, expected) in cases {
        let decision = decided(&ours(), &with(release, Order::Abort, 500), &seen, 501);
        assert_eq!(decision.next.phase.rolling_back(), Some(&cause), "{case}");
        assert_eq!(lanes(&decision), expected, "{case}");
        assert!(
            decision.because.contains("aborted by ann: I looked at it"),
            "{case}: {}",
            decision.because
        );
    }
}

#[test]
fn what_its_own_execution_gives_the_canary_after_the_abort_is_taken_off_it() {
    let aborted = decided(&ours(), &with(opened(), Order::Abort, 10), &seen(), 11).next;
    let own = opened().pipeline.map(|run| run.execution).unwrap_or_default();
    let given = |execution: &str| Seen {
        canary: Part::Known(by_execution(newcomer(), execution)),
        pipeline: Part::Known(execution_of(ExecutionStatus::Stopping)),
        ..at_approval()
    };
    let going = |execution: &str| {
        let mut seen = given(execution);
        if let Part::Known(canary) = &mut seen.canary {
            canary.primary.images = unknown();
        }
        seen
    };
    let cases = [
        ("its own", given(&own), "restore orders-canary orders-canary:1"),
        (
            "its own, and no task runs yet",
            going(&own),
            "restore orders-canary orders-canary:1",
        ),
        ("another execution's", given(OTHER), ""),
    ];
    for (case, seen, expected) in cases {
        let decision = decided(&ours(), &aborted, &seen, 320);
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_may_not_go_back_is_kept_from_promoting_and_left_where_somebody_aborts_it() {
    let never = Policy {
        rollback: Rollback::Never,
        ..ours()
    };
    let decision = decided(&never, &with(gated(), Order::Abort, 100), &at_approval(), 101);
    assert_eq!(lanes(&decision), "reject Gate/Ok");
    assert_eq!(decision.next.phase.name(), "rolling back");
}

#[test]
fn an_abort_beats_an_approval_of_the_same_second_and_an_approval_saves_nothing_from_a_failed_check() {
    let both = with(with(gated(), Order::Approve, 100), Order::Abort, 100);
    let decision = decided(&ours(), &both, &asked(), 100);
    assert_eq!(decision.next.phase.name(), "rolling back");
    assert!(
        decision
            .next
            .pipeline
            .as_ref()
            .is_some_and(|run| run.approved.is_none())
    );
    for order in [Order::Approve, Order::Promote, Order::Skip] {
        let failed = with_fact(with(gated(), order, 100), alarm_fact(&alarm_arn(), at(101)));
        let decision = decided(&ours(), &failed, &asked(), 102);
        assert_eq!(decision.next.phase.name(), "rolling back", "{order}");
    }
}

#[test]
fn who_approves_answers_for_the_bake_and_for_missing_evidence_and_not_for_what_is_not_seen() {
    let release = || with(baking(), Order::Approve, 60);
    let deaf = Seen {
        alarms: Part::Known(vec![seen_alarm(AlarmState::Alarm, at(-600))]),
        ..seen()
    };
    let other = Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        ..seen()
    };
    let going = crate::testing::in_progress(on("orders-canary", 2, 1), 0, 1);
    let stops = Seen {
        pipeline: Part::Known(execution_of(ExecutionStatus::Stopping)),
        ..seen()
    };
    let cases: [(&str, Release, Seen, Result<&str, &str>); 9] = [
        ("in the middle of its bake", release(), seen(), Ok("approved by ann at")),
        (
            "alarms unknown",
            release(),
            Seen {
                alarms: unknown(),
                ..seen()
            },
            Ok("I looked at it"),
        ),
        ("an alarm that rang before", release(), deaf, Ok("baked 40 s of 1200 s")),
        (
            "canary unknown",
            release(),
            Seen {
                canary: unknown(),
                ..seen()
            },
            Err("orders-canary is unknown"),
        ),
        (
            "stable unknown",
            release(),
            Seen {
                stable: unknown(),
                ..seen()
            },
            Err("orders is unknown"),
        ),
        (
            "execution unknown",
            release(),
            Seen {
                pipeline: unknown(),
                ..seen()
            },
            Err("the execution is unknown"),
        ),
        ("stopping", release(), stops, Err("the execution does not go on")),
        (
            "not on all tasks",
            release(),
            Seen {
                canary: Part::Known(going),
                ..seen()
            },
            Err("not all of its tasks run, so it does not bake yet"),
        ),
        (
            "frozen meanwhile",
            frozen(release(), None),
            seen(),
            Err("frozen until it is thawed, by bob since"),
        ),
    ];
    for (case, release, seen, expected) in cases {
        let decision = decided(&ours(), &release, &seen, 60);
        let run = decision.next.pipeline.clone().unwrap();
        match expected {
            Ok(said) => {
                let approved = run.approved.unwrap_or_else(|| panic!("{case}: {}", decision.because));
                assert!(approved.evidence.contains(said), "{case}: {}", approved.evidence);
                assert_eq!(decision.next.phase.name(), "gated", "{case}");
            }
            Err(said) => {
                assert_eq!(run.approved, None, "{case}");
                assert!(decision.because.contains(said), "{case}: {}", decision.because);
            }
        }
    }
    // Restored to what it ran before by somebody: that is no release any more.
    let undone = decided(&ours(), &release(), &other, 60);
    assert!(undone.next.pipeline.is_some_and(|run| run.approved.is_none()));
}

#[test]
fn what_was_approved_is_not_what_the_canary_is_given_afterwards() {
    let mut again = with(gated(), Order::Approve, 60);
    if let Some(given) = again.canary.given.as_mut() {
        given.created = at(70);
        given.deployment = "ecs-svc/canary-again".to_owned();
    }
    let decision = decided(&ours(), &again, &asked(), 80);
    assert!(decision.next.pipeline.is_some_and(|run| run.approved.is_none()));
    let anew = super::Ordered {
        deployment: super::deployment(&again),
        ..ordered(Order::Approve, 80)
    };
    assert_eq!(judge(&ours(), &again, &anew, None, at(80)), Ok(()));
}

#[test]
fn a_persons_word_answers_the_manual_approval_that_asks_serin_and_no_other() {
    let human = Policy {
        approval: Approver::Human,
        ..ours()
    };
    let retried = Seen {
        pipeline: Part::Known(SeenExecution {
            approval: Some(Approval {
                retried: true,
                ..asking()
            }),
            ..execution_of(ExecutionStatus::InProgress)
        }),
        ..at_approval()
    };
    let cases = [
        (
            "it asks",
            &human,
            with(gated(), Order::Approve, 60),
            asked(),
            "approve Gate/Ok",
        ),
        (
            "it does not",
            &human,
            with(gated(), Order::Approve, 60),
            at_approval(),
            "",
        ),
        ("nobody asks yet", &human, with(gated(), Order::Approve, 60), seen(), ""),
        (
            "its stage was tried again",
            &human,
            with(gated(), Order::Approve, 60),
            retried,
            // It is a person's to answer, who has to hear of it.
            "needed-c0ffee00",
        ),
        ("nobody ordered it", &human, gated(), asked(), "needed-c0ffee00"),
        (
            "frozen meanwhile",
            &human,
            frozen(with(gated(), Order::Approve, 60), None),
            asked(),
            "needed-c0ffee00",
        ),
        (
            "frozen once it was approved",
            &ours(),
            frozen(approved(gated()), None),
            asked(),
            "",
        ),
    ];
    for (case, policy, release, seen, expected) in cases {
        let decision = decided(policy, &release, &seen, 60);
        let said = format!("{}{}", lanes(&decision), tells(&decision, &[Kind::ApprovalNeeded]));
        assert_eq!(said, expected, "{case}");
    }
}

#[test]
fn an_order_to_promote_waits_for_no_job_and_whoever_waits_is_told_later() {
    let register = "register for stable orders:1";
    let asked_by_job = |release: Release| {
        let execution = release.pipeline.as_ref().map(|run| run.execution.clone());
        let gate = Gate::Promote;
        with_fact(
            release,
            Fact::Asked {
                gate,
                execution: execution.unwrap_or_default(),
            },
        )
    };
    let late = Release {
        phase: Phase::Promoting,
        phase_since: at(100),
        ..approved(with(gated(), Order::Promote, 60))
    };
    let cases: [(&str, Release, Seen, &str); 7] = [
        ("from the bake", with(baking(), Order::Promote, 60), seen(), register),
        ("from the gate", with(gated(), Order::Promote, 60), seen(), register),
        (
            "the approval is open",
            with(gated(), Order::Promote, 60),
            asked(),
            "approve Gate/Ok | register for stable orders:1",
        ),
        (
            "approved, and nobody asks to promote",
            with(gated(), Order::Approve, 60),
            seen(),
            "",
        ),
        (
            "approved, and its job asks",
            asked_by_job(with(gated(), Order::Approve, 60)),
            seen(),
            register,
        ),
        (
            "frozen meanwhile",
            frozen(with(gated(), Order::Promote, 60), None),
            seen(),
            "",
        ),
        (
            "the approval opens later",
            late,
            asked(),
            "approve Gate/Ok | register for stable orders:1",
        ),
    ];
    for (case, release, seen, expected) in cases {
        let decision = decided(&ours(), &release, &seen, 100);
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn a_skipped_bake_is_waited_for_no_longer_and_its_checks_count_all_the_same() {
    let step = |release: Release| super::step(&release);
    let next = |release: &Release, seen: &Seen, seconds| decided(&ours(), release, seen, seconds).next;
    let skipped = with(baking(), Order::Skip, 60);
    assert_eq!(step(next(&baking(), &seen(), 60)), Some(0));
    assert_eq!(step(next(&skipped, &seen(), 60)), Some(1));
    // What its checks lack is still waited for, and what is frozen stays.
    let deaf = Seen {
        alarms: unknown(),
        ..seen()
    };
    assert_eq!(step(next(&skipped, &deaf, 60)), Some(0));
    assert_eq!(step(next(&frozen(skipped.clone(), None), &seen(), 60)), Some(0));
    // The second step bakes as long as it is to, and then nothing of the first is missed.
    let second = |reached| Release {
        phase: Phase::Baking { step: 1 },
        phase_since: at(60),
        step_reached: Some(at(reached)),
        ..skipped.clone()
    };
    assert_eq!(step(next(&second(80), &seen(), 670)), Some(1));
    let gated = decided(&ours(), &second(80), &asked(), 681);
    assert_eq!(gated.next.phase.name(), "gated", "{}", gated.because);
    assert!(
        gated.because.contains("approved: orders-canary has run"),
        "{}",
        gated.because
    );
    // The same step after the canary was given something again is another bake.
    let mut again = skipped.clone();
    if let Some(given) = again.canary.given.as_mut() {
        given.created = at(70);
        given.deployment = "ecs-svc/canary-again".to_owned();
    }
    assert_eq!(step(next(&again, &seen(), 80)), Some(0));
}

#[test]
fn a_skipped_watch_ends_with_the_next_look_that_finds_nothing_wrong() {
    let seen = Seen {
        stable: Part::Known(promoted()),
        ..seen()
    };
    let skipped = with(watching(), Order::Skip, 500);
    let phase = |release: &Release, seen: &Seen| decided(&ours(), release, seen, 510).next.phase;
    assert_eq!(phase(&watching(), &seen), Phase::Watching);
    let ended = Phase::Closed {
        outcome: Outcome::Promoted,
    };
    assert_eq!(phase(&skipped, &seen), ended);
    assert_eq!(phase(&frozen(skipped.clone(), None), &seen), ended);
    let deaf = Seen {
        alarms: unknown(),
        ..seen.clone()
    };
    assert_eq!(phase(&skipped, &deaf), Phase::Watching);
    let failed = with_fact(skipped, alarm_fact(&alarm_arn(), at(505)));
    assert_eq!(phase(&failed, &seen).name(), "rolling back");
}

#[test]
fn in_a_freeze_the_canary_gets_no_larger_share_and_gives_up_none() {
    let grown = Release {
        size: Some(crate::Size::found(1, at(0))),
        ..baking()
    };
    // A quarter beside nine are three.
    let beside = |tasks| Seen {
        canary: Part::Known(on("orders-canary", 2, tasks)),
        stable: Part::Known(on("orders", 1, 9)),
        ..seen()
    };
    let scaled = |release: &Release, tasks| lanes(&decided(&ours(), release, &beside(tasks), 100));
    assert_eq!(scaled(&grown, 1), "scale orders-canary 3");
    assert_eq!(scaled(&frozen(grown.clone(), None), 1), "");
    assert_eq!(scaled(&frozen(grown.clone(), Some(99)), 1), "scale orders-canary 3");
    // What was given before is what is in flight.
    let mut given = grown;
    if let Some(size) = given.size.as_mut() {
        size.give(3, at(90));
    }
    assert_eq!(scaled(&frozen(given.clone(), None), 1), "scale orders-canary 3");
    let back = frozen(with(given, Order::Abort, 95), None);
    assert!(
        scaled(&back, 3).contains("scale orders-canary 1"),
        "{}",
        scaled(&back, 3)
    );
}

#[test]
fn in_a_freeze_our_actions_are_told_by_whom_until_when_and_why() {
    let execution = opened().pipeline.map(|run| run.execution).unwrap_or_default();
    let word = |gate, release: Release| gate::word(&ours(), gate, &execution, Some(&release), None, at(100));
    let held = gate::Word::NotYet(format!("frozen until {} by bob since {}: inventory", at(900), at(0)));
    let hold = |release| frozen(release, Some(900));
    for gate in [Gate::Approve, Gate::Promote] {
        for release in [opened(), baking(), gated(), approved(gated())] {
            assert_eq!(word(gate, hold(release)), held, "{gate}");
        }
        // What has begun is finished.
        assert!(matches!(word(gate, hold(watching())), gate::Word::Yes(_)), "{gate}");
    }
    assert!(matches!(word(Gate::Approve, hold(promoting())), gate::Word::Yes(_)));
    assert!(matches!(
        word(Gate::Approve, frozen(approved(gated()), Some(99))),
        gate::Word::Yes(_)
    ));
}

#[test]
fn what_has_begun_to_promote_is_finished_in_a_freeze() {
    let begun = Release {
        phase: Phase::Promoting,
        phase_since: at(80),
        ..approved(with(gated(), Order::Promote, 60))
    };
    let decision = decided(&ours(), &frozen(begun, None), &seen(), 100);
    assert_eq!(lanes(&decision), "register for stable orders:1");
}

#[test]
fn the_same_order_is_the_same_fact_and_no_successor_inherits_it() {
    let one = Fact::Order(ordered(Order::Abort, 100));
    let again = Fact::Order(Ordered {
        at: at(200),
        ..ordered(Order::Abort, 100)
    });
    assert_eq!(one.key(), again.key());
    let mut release = with_fact(armed(), one);
    release.keep_what_concerns(&policy());
    assert!(release.facts.is_empty());
}
