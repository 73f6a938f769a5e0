//! The answer to a manual approval that asks Serin.

use crate::policy::Approver;
use crate::testing::{
    alarm_arn, alarm_fact, approval, at, at_approval, automatic, execution, gated, lanes, rolling_back, with_fact,
};
use crate::{Action, Approval, Approved, ExecutionStatus, Fact, Part, Policy, Release, Seen, SeenExecution, Told};
use crate::{decide, token_mark};

/// Its tasks run since 60 s; nothing of ours asks in the pipeline.
fn baking_since_60() -> Release {
    let mut release = gated();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

fn asks() -> Approval {
    Approval {
        asks_minutes: Some(10_080),
        ..approval()
    }
}

fn waiting_at(approval: Option<Approval>) -> Seen {
    Seen {
        pipeline: Part::Known(SeenExecution {
            approval,
            ..execution(ExecutionStatus::InProgress)
        }),
        ..at_approval()
    }
}

fn told(release: &Release) -> Option<Told> {
    release.pipeline.as_ref()?.approved.as_ref()?.told.clone()
}

#[test]
fn it_is_answered_with_the_evidence_in_the_commit_that_says_so() {
    let decision = decide(&automatic(), &baking_since_60(), &waiting_at(Some(asks())), at(700));
    let [lane] = decision.lanes.as_slice() else {
        panic!("{:?}", decision.lanes)
    };
    let [
        Action::Approve {
            pipeline,
            approval,
            summary,
        },
    ] = lane.as_slice()
    else {
        panic!("{lane:?}")
    };
    assert_eq!((pipeline.as_str(), approval), ("orders", &asks()));
    assert!(summary.contains("baked 640 s of 600 s; no check failed"), "{summary}");
    let token = token_mark(&asks().token);
    assert_eq!(told(&decision.next), Some(Told { token, at: at(700) }));
    // Whoever could not send it, or died, sends it again under a commit of its own.
    let again = decide(&automatic(), &decision.next, &waiting_at(Some(asks())), at(760));
    assert_eq!(lanes(&again), "approve Gate/Ok");
    assert_eq!(told(&again.next).map(|told| told.at), Some(at(760)));
    let answered = decide(&automatic(), &again.next, &waiting_at(None), at(820));
    assert_eq!(
        (lanes(&answered).as_str(), told(&answered.next)),
        ("", told(&again.next))
    );
}

#[test]
fn a_long_evidence_is_cut_to_what_codepipeline_takes() {
    let mut release = baking_since_60();
    release.pipeline.as_mut().unwrap().approved = Some(Approved {
        at: at(690),
        evidence: "ß".repeat(600),
        share_permille: None,
        told: None,
    });
    let decision = decide(&automatic(), &release, &waiting_at(Some(asks())), at(700));
    let Action::Approve { summary, .. } = &decision.lanes[0][0] else {
        panic!("{:?}", decision.lanes)
    };
    assert_eq!(summary.chars().count(), 512);
}

#[test]
fn what_is_not_serins_to_give_is_left_to_people_and_says_why() {
    let retried = Approval {
        retried: true,
        ..asks()
    };
    let shared = |shared_with| Seen {
        shared_with,
        ..waiting_at(Some(asks()))
    };
    let spent = with_fact(
        baking_since_60(),
        Fact::TokenSpent {
            token: token_mark(&asks().token),
        },
    );
    let cases = [
        (
            "it notifies nobody of us",
            baking_since_60(),
            waiting_at(Some(approval())),
            "has asked yet",
        ),
        ("none is open", baking_since_60(), waiting_at(None), "has asked yet"),
        (
            "tried again",
            baking_since_60(),
            waiting_at(Some(retried)),
            "its stage was tried again",
        ),
        (
            "it speaks for another policy",
            baking_since_60(),
            shared(Part::Known(Some("bills".to_owned()))),
            "it would let policy bills go on as well",
        ),
        (
            "whether it does is unknown",
            baking_since_60(),
            shared(Part::Unknown("throttled".to_owned())),
            "is unknown: throttled",
        ),
        (
            "CodePipeline does not take its token",
            spent,
            waiting_at(Some(asks())),
            "approved",
        ),
    ];
    for (case, release, seen, says) in cases {
        let decision = decide(&automatic(), &release, &seen, at(700));
        assert_eq!(lanes(&decision), "", "{case}");
        assert_eq!(told(&decision.next), None, "{case}");
        assert!(decision.because.contains(says), "{case}: {}", decision.because);
    }
}

#[test]
fn nothing_is_approved_that_has_not_baked_or_is_taken_back() {
    let early = decide(&automatic(), &baking_since_60(), &waiting_at(Some(asks())), at(650));
    assert_eq!(lanes(&early), "");
    assert!(early.because.contains("baked 590 s of 600 s"), "{}", early.because);
    let rung = with_fact(baking_since_60(), alarm_fact(&alarm_arn(), at(699)));
    let failed = decide(&automatic(), &rung, &waiting_at(Some(asks())), at(700));
    assert!(lanes(&failed).contains("reject Gate/Ok"), "{}", lanes(&failed));
    let mut approved = rolling_back();
    approved.pipeline.as_mut().unwrap().approved = Some(Approved {
        at: at(100),
        evidence: "it baked".to_owned(),
        share_permille: None,
        told: None,
    });
    let back = decide(&automatic(), &approved, &waiting_at(Some(asks())), at(700));
    assert!(!lanes(&back).contains("approve"), "{}", lanes(&back));
    assert!(lanes(&back).contains("reject Gate/Ok"), "{}", lanes(&back));
}

#[test]
fn a_person_is_never_answered_for() {
    for approver in [Approver::Human, Approver::Pipeline] {
        let policy = Policy {
            approval: approver,
            ..automatic()
        };
        let decision = decide(&policy, &baking_since_60(), &waiting_at(Some(asks())), at(700));
        assert!(
            !lanes(&decision).contains("approve"),
            "{approver:?}: {}",
            lanes(&decision)
        );
        assert_eq!(decision.next.pipeline.as_ref().unwrap().approved, None, "{approver:?}");
    }
}
