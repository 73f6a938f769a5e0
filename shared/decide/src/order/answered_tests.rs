//! An order to approve what Serin does not answer, and what whoever orders answers for.

use super::tests::{asking, baking, decided, ordered, ours, seen, skipped, with};
use super::{Order, judge};
use crate::policy::Approver;
use crate::rule::compare::tests::compare;
use crate::testing::{approval, at, gated, with_fact};
use crate::{Approval, Fact, Gate, Policy, Release};

/// A case, a release, an order, another policy on its pipeline, and what is said of it.
type Row<'a> = (&'a str, Release, Order, Option<&'a str>, &'a str);

#[test]
fn an_approval_that_serin_answers_for_nobody_is_refused_and_says_where_to_answer_it() {
    use Order::{Abort, Approve, Promote};
    let human = Policy {
        approval: Approver::Human,
        ..ours()
    };
    let retried = || Approval {
        retried: true,
        ..asking()
    };
    let theirs = || Approval {
        retried: true,
        ..approval()
    };
    let waiting = |mut release: Release, open: Option<Approval>| {
        release.pipeline.as_mut().unwrap().approval = open;
        release
    };
    let passed_on = |release: Release| {
        let execution = release.pipeline.as_ref().unwrap().execution.clone();
        let gate = Gate::Approve;
        with_fact(release, Fact::Asked { gate, execution })
    };
    let again = "approval Gate/Ok is left to a person: its stage was tried again, and somebody may have refused before; \
                 approve it in CodePipeline";
    let both =
        "approval Gate/Ok is left to a person: it would let policy bills go on as well; approve it in CodePipeline";
    let bills = Some("bills");
    let cases: [Row<'_>; 12] = [
        ("asked for once", waiting(gated(), Some(asking())), Approve, None, ""),
        ("tried again", waiting(gated(), Some(retried())), Approve, None, again),
        (
            "tried again, it bakes",
            waiting(baking(), Some(retried())),
            Approve,
            None,
            again,
        ),
        (
            "tried again, and shared",
            waiting(gated(), Some(retried())),
            Approve,
            bills,
            again,
        ),
        ("shared", waiting(gated(), Some(asking())), Approve, bills, both),
        (
            "shared, it bakes",
            waiting(baking(), Some(asking())),
            Approve,
            bills,
            both,
        ),
        (
            "ours passes the word on",
            passed_on(waiting(gated(), Some(retried()))),
            Approve,
            bills,
            "",
        ),
        (
            "stable is given it at once",
            waiting(gated(), Some(retried())),
            Promote,
            bills,
            "",
        ),
        ("it goes back", waiting(gated(), Some(retried())), Abort, bills, ""),
        ("none is open", waiting(gated(), None), Approve, bills, ""),
        (
            "it does not ask",
            waiting(gated(), Some(theirs())),
            Approve,
            bills,
            "approval Gate/Ok of pipeline orders does not ask Serin; answer it in CodePipeline, or have it notify the \
             stack's output ApprovalTopicArn",
        ),
        (
            "given before",
            waiting(with(gated(), Approve, 90), Some(retried())),
            Approve,
            None,
            "release orders-1a2b3c4d was approved by ann at 2026-11-21T03:01:30Z: I looked at it",
        ),
    ];
    for (case, release, order, shared_with, expected) in cases {
        let answer = judge(&human, &release, &ordered(order, 100), shared_with, at(100));
        assert_eq!(answer.err().unwrap_or_default(), expected, "{case}");
    }
    // Nothing asks Serin there, and the word is for an action of ours that is still to come.
    let ours = judge(
        &ours(),
        &waiting(gated(), Some(theirs())),
        &ordered(Approve, 100),
        bills,
        at(100),
    );
    assert_eq!(ours, Ok(()));
}

#[test]
fn who_approves_answers_for_what_nobody_has_compared_yet_and_who_skips_does_not() {
    let compares = Policy {
        checks: vec![compare()],
        ..ours()
    };
    let cases = [
        ("nobody has said anything", baking(), "baking"),
        ("skipped", skipped(baking(), 0, 60), "baking"),
        ("approved", with(baking(), Order::Approve, 60), "gated"),
    ];
    for (case, release, phase) in cases {
        let decision = decided(&compares, &release, &seen(), 60);
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
        let approved = decision.next.pipeline.unwrap().approved;
        assert_eq!(approved.is_some(), phase == "gated", "{case}");
    }
}
