//! Every order in every phase, and what becomes of each.

use super::{Order, Ordered, judge};
use crate::freeze::{Freeze, Word};
use crate::policy::{Approver, Promotion, Step, Window};
use crate::testing::{
    approval, armed, at, at_approval, closed, execution, failing, gated, opened, policy, promoting, rolling_back,
    watching, with_fact,
};
use crate::{
    Approval, Decision, ExecutionStatus, Fact, Outcome, Part, Phase, Policy, Release, Seen, SeenExecution, decide,
};

pub fn ordered(order: Order, seconds: i64) -> Ordered {
    Ordered {
        id: format!("order-{order}"),
        order,
        release: armed().id,
        by: "ann".to_owned(),
        why: "I looked at it".to_owned(),
        at: at(seconds),
        deployment: Some("ecs-svc/canary-2".to_owned()),
        step: (order == Order::Skip).then_some(0),
    }
}

pub fn with(release: Release, order: Order, seconds: i64) -> Release {
    let mut ordered = ordered(order, seconds);
    if !matches!(release.phase, Phase::Baking { .. }) {
        ordered.step = None;
    }
    with_fact(release, Fact::Order(ordered))
}

/// A person has skipped the rest of this step.
pub fn skipped(release: Release, step: u32, seconds: i64) -> Release {
    let ordered = Ordered {
        step: Some(step),
        ..ordered(Order::Skip, seconds)
    };
    with_fact(release, Fact::Order(ordered))
}

/// Two steps of ten minutes, all of it Serin's.
pub fn ours() -> Policy {
    let step = |share| Step {
        share_permille: Some(share),
        bake_minutes: 10,
    };
    Policy {
        steps: vec![step(250), step(500)],
        approval: Approver::Automatic,
        promotion: Promotion::RollStable,
        ..policy()
    }
}

pub fn frozen(release: Release, until: Option<i64>) -> Release {
    Release {
        freeze: Some(Freeze {
            id: "freeze-1".to_owned(),
            word: Word::Frozen,
            by: "bob".to_owned(),
            why: "inventory".to_owned(),
            at: at(0),
            until: until.map(at),
        }),
        ..release
    }
}

/// Baking since 20 s, with the share of the first step.
pub fn baking() -> Release {
    let mut release = armed();
    release.step_reached = Some(at(20));
    release.size = Some(crate::Size::found(1, at(0)));
    if let Some(given) = release.canary.given.as_mut() {
        given.reached = Some(at(20));
    }
    release
}

pub fn approved(mut release: Release) -> Release {
    if let Some(run) = release.pipeline.as_mut() {
        run.approved = Some(crate::Approved {
            at: at(60),
            evidence: "baked".to_owned(),
            share_permille: None,
            told: None,
        });
    }
    release
}

/// In the middle of its bake: nobody asks yet.
pub fn seen() -> Seen {
    Seen {
        pipeline: Part::Known(execution(ExecutionStatus::InProgress)),
        ..at_approval()
    }
}

/// The manual approval is open, and asks Serin.
pub fn asking() -> Approval {
    Approval {
        asks_minutes: Some(60),
        ..approval()
    }
}

pub fn asked() -> Seen {
    Seen {
        pipeline: Part::Known(SeenExecution {
            approval: Some(asking()),
            ..execution(ExecutionStatus::InProgress)
        }),
        ..at_approval()
    }
}

pub fn decided(policy: &Policy, release: &Release, seen: &Seen, seconds: i64) -> Decision {
    decide(policy, release, seen, at(seconds))
}

#[test]
fn every_order_makes_sense_in_the_phases_in_which_it_does_and_is_refused_with_the_reason_in_the_others() {
    use Order::{Abort, Approve, Promote, Skip};
    let over = |outcome| closed(armed(), outcome);
    let phases = [
        ("deploying", opened()),
        ("baking", baking()),
        ("gated", gated()),
        ("promoting", promoting()),
        ("watching", watching()),
        ("rolling back", rolling_back()),
        ("failing", failing()),
        ("promoted", over(Outcome::Promoted)),
    ];
    let back = "release orders-1a2b3c4d is being rolled back: alarm dlq in ALARM";
    let already = "release orders-1a2b3c4d is being rolled back already: alarm dlq in ALARM";
    let gone = "let go on already: it is ";
    // Order by order, phase by phase; nothing where it is accepted.
    let cases: [(Order, [&str; 8]); 4] = [
        (Abort, ["", "", "", "", "", already, already, "is closed: promoted"]),
        (
            Approve,
            [
                "orders-canary has not been given release",
                "",
                "",
                gone,
                gone,
                back,
                back,
                "is closed: promoted",
            ],
        ),
        (
            Promote,
            [
                "orders-canary has not been given release",
                "",
                "",
                gone,
                gone,
                back,
                back,
                "is closed: promoted",
            ],
        ),
        (
            Skip,
            [
                "does not bake yet",
                "",
                "has baked, and waits for approval Gate/Ok; approve it, or abort it",
                "is promoting, where there is nothing to skip",
                "",
                back,
                back,
                "is closed: promoted",
            ],
        ),
    ];
    for (order, expected) in cases {
        for ((name, release), expected) in phases.iter().zip(expected) {
            let judged = judge(&ours(), release, &ordered(order, 100), None, at(100));
            match (judged, expected) {
                (Ok(()), "") => {}
                (Err(why), said) if !said.is_empty() => assert!(why.contains(said), "{order}, {name}: {why}"),
                (judged, _) => panic!("{order}, {name}: {judged:?} instead of {expected}"),
            }
        }
    }
}

#[test]
fn an_order_for_another_release_than_the_open_one_is_refused_and_says_which_is_open() {
    for order in [Order::Abort, Order::Approve, Order::Promote, Order::Skip] {
        let ordered = Ordered {
            release: "orders-00000000".to_owned(),
            ..ordered(order, 100)
        };
        let why = judge(&ours(), &baking(), &ordered, None, at(100)).unwrap_err();
        assert_eq!(
            why,
            "release orders-00000000 is not open; orders-1a2b3c4d is, and is baking"
        );
    }
}

/// A policy, a release, an order, and what is said of it.
type Case<'a> = (&'a str, &'a Policy, Release, Order, Result<(), &'a str>);

#[test]
fn an_order_that_the_policy_or_another_order_rules_out_is_refused_and_says_what_to_do_instead() {
    use Order::{Abort, Approve, Promote, Skip};
    let pipeline = Policy {
        approval: Approver::Pipeline,
        ..ours()
    };
    let human = Policy {
        approval: Approver::Human,
        ..ours()
    };
    let theirs = Policy {
        promotion: Promotion::Pipeline,
        ..ours()
    };
    let waiting = |open: Approval| {
        let mut release = gated();
        release.pipeline.as_mut().unwrap().approval = Some(open);
        release
    };
    let by_hand = Release {
        pipeline: None,
        ..baking()
    };
    let cases: [Case<'_>; 18] = [
        (
            "the pipeline's",
            &pipeline,
            waiting(approval()),
            Approve,
            Err("answer Gate/Ok of pipeline orders in CodePipeline"),
        ),
        (
            "the pipeline's",
            &pipeline,
            baking(),
            Promote,
            Err("leaves the approval to the pipeline; answer pipeline orders"),
        ),
        ("a person's, asking", &human, waiting(asking()), Approve, Ok(())),
        (
            "a person's, not asking",
            &human,
            waiting(approval()),
            Approve,
            Err("does not ask Serin; answer it in CodePipeline"),
        ),
        ("a person's, not open yet", &human, baking(), Approve, Ok(())),
        (
            "the pipeline promotes",
            &theirs,
            gated(),
            Promote,
            Err("its own deploy action gives orders the revision"),
        ),
        ("the pipeline promotes", &theirs, gated(), Approve, Ok(())),
        (
            "of no execution",
            &ours(),
            by_hand.clone(),
            Approve,
            Err("belongs to no execution of a pipeline"),
        ),
        ("of no execution", &ours(), by_hand.clone(), Abort, Ok(())),
        ("of no execution", &ours(), by_hand, Skip, Ok(())),
        (
            "aborted",
            &ours(),
            with(baking(), Abort, 90),
            Approve,
            Err("was aborted by ann at"),
        ),
        (
            "aborted",
            &ours(),
            with(baking(), Abort, 90),
            Abort,
            Err("was aborted by ann at"),
        ),
        (
            "approved",
            &ours(),
            with(gated(), Approve, 90),
            Approve,
            Err("was approved by ann at"),
        ),
        ("approved", &ours(), with(gated(), Approve, 90), Promote, Ok(())),
        (
            "promoted",
            &ours(),
            with(gated(), Promote, 90),
            Promote,
            Err("was promoted by ann at"),
        ),
        (
            "skipped",
            &ours(),
            with(baking(), Skip, 90),
            Skip,
            Err("the rest of this bake was skipped by ann at"),
        ),
        (
            "skipped",
            &ours(),
            with(watching(), Skip, 500),
            Skip,
            Err("the rest of the watch was skipped by ann at"),
        ),
        ("no bake", &policy(), baking(), Skip, Err("this step has none")),
    ];
    for (case, policy, release, order, expected) in cases {
        let judged = judge(policy, &release, &ordered(order, 100), None, at(100));
        match (&judged, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(said)) => assert!(why.contains(said), "{case}, {order}: {why}"),
            _ => panic!("{case}, {order}: {judged:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn nobody_moves_a_release_forward_in_a_freeze_and_everybody_may_abort_it() {
    use Order::{Abort, Approve, Promote, Skip};
    let window = Policy {
        freeze: vec![Window {
            cron: "0 0 * * *".to_owned(),
            minutes: 1_380,
            time_zone: "UTC".to_owned(),
        }],
        ..ours()
    };
    let cases = [
        (Approve, gated(), true),
        (Promote, gated(), true),
        (Skip, baking(), true),
        (Skip, watching(), false),
        (Abort, baking(), false),
    ];
    for (order, release, refused) in cases {
        for (policy, release) in [(&ours(), frozen(release.clone(), None)), (&window, release)] {
            let judged = judge(policy, &release, &ordered(order, 100), None, at(100));
            assert_eq!(judged.is_err(), refused, "{order}: {judged:?}");
            if let Err(why) = judged {
                assert!(why.ends_with("; thaw it first"), "{why}");
            }
        }
    }
}

/// Between the first look and the writing down somebody else has written.
#[test]
fn an_order_is_about_what_was_looked_at_and_nothing_else() {
    let baking = |step| Release {
        phase: Phase::Baking { step },
        ..armed()
    };
    let other = |order| Ordered {
        deployment: Some("ecs-svc/earlier".to_owned()),
        ..ordered(order, 60)
    };
    let cases = [
        ("the step that was looked at", baking(0), ordered(Order::Skip, 60), ""),
        (
            "the next one",
            baking(1),
            ordered(Order::Skip, 60),
            "gone on to its next step",
        ),
        ("what was looked at", baking(0), ordered(Order::Approve, 60), ""),
        (
            "something else since",
            baking(0),
            other(Order::Approve),
            "given something else meanwhile",
        ),
        (
            "to promote something else",
            baking(0),
            other(Order::Promote),
            "given something else meanwhile",
        ),
        ("an abort is for whatever runs", baking(0), other(Order::Abort), ""),
    ];
    for (case, release, order, expected) in cases {
        let answer = judge(&ours(), &release, &order, None, at(60)).err().unwrap_or_default();
        assert!(
            answer.contains(expected) && answer.is_empty() == expected.is_empty(),
            "{case}: {answer}"
        );
    }
}
