use crate::notice::{Kind, What};
use crate::policy::{Approver, Step};
use crate::testing::{
    alarm_arn, alarm_fact, approval, armed, at, at_approval, execution, gated, lanes, policy, promoting, tells,
    with_fact,
};
use crate::{Approval, At, Decision, ExecutionStatus, Fact, Part, Policy, Release, Seen, SeenExecution, decide};

/// A person decides, after ten minutes of bake.
fn human() -> Policy {
    Policy {
        approval: Approver::Human,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..policy()
    }
}

fn reached(mut release: Release) -> Release {
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// The approval was opened at 20 s and waits for 70 minutes: ten are left from 3 620 s on.
fn waiting() -> Seen {
    asked_for(Some(70))
}

fn asked_for(asks_minutes: Option<u32>) -> Seen {
    let approval = Approval {
        asks_minutes,
        ..approval()
    };
    Seen {
        pipeline: Part::Known(SeenExecution {
            approval: Some(approval),
            ..execution(ExecutionStatus::InProgress)
        }),
        ..at_approval()
    }
}

fn noticed(release: Release, notice: &str, when: At) -> Release {
    let notice = notice.to_owned();
    with_fact(release, Fact::Noticed { notice, since: when })
}

const NEEDED: &str = "needed-c0ffee00";
const EXPIRES: &str = "expires-c0ffee00";

/// Keys of what people are asked.
fn asked(decision: &Decision) -> String {
    tells(decision, &[Kind::ApprovalNeeded, Kind::ApprovalExpires])
}

#[test]
fn people_are_told_once_it_has_baked_and_once_more_when_time_runs_out() {
    let told = || noticed(reached(gated()), NEEDED, at(700));
    let late = || noticed(reached(gated()), NEEDED, at(3_700));
    let cases: [(&str, Policy, Release, Seen, i64, String); 11] = [
        ("baked", human(), reached(gated()), waiting(), 700, NEEDED.to_owned()),
        ("told", human(), told(), waiting(), 760, String::new()),
        (
            "a moment before there is little time left",
            human(),
            told(),
            waiting(),
            3_619,
            String::new(),
        ),
        (
            "little time left",
            human(),
            told(),
            waiting(),
            3_620,
            EXPIRES.to_owned(),
        ),
        (
            "both told",
            human(),
            noticed(told(), EXPIRES, at(3_620)),
            waiting(),
            3_700,
            String::new(),
        ),
        (
            "told when little time was left",
            human(),
            late(),
            waiting(),
            3_760,
            String::new(),
        ),
        ("still baking", human(), reached(armed()), waiting(), 300, String::new()),
        (
            "still baking, and little time left",
            human(),
            armed(),
            waiting(),
            3_700,
            EXPIRES.to_owned(),
        ),
        (
            "it does not ask Serin",
            human(),
            reached(gated()),
            asked_for(None),
            700,
            String::new(),
        ),
        (
            "the pipeline's own",
            Policy {
                approval: Approver::Pipeline,
                ..human()
            },
            reached(gated()),
            waiting(),
            700,
            String::new(),
        ),
        ("approved already", human(), promoting(), waiting(), 700, String::new()),
    ];
    for (case, policy, release, seen, seconds, expected) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(asked(&decision), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_speaks_against_it_is_told_as_well() {
    let mut seen = waiting();
    if let Part::Known(stable) = &mut seen.stable {
        stable.primary.task_definition = "arn:aws:ecs:eu-central-1:111122223333:task-definition/orders:9".to_owned();
        stable.primary.images = Part::Unknown("not read".to_owned());
    }
    let decision = decide(&human(), &reached(gated()), &seen, at(700));
    let notice = decision.notices.iter().find(|notice| notice.key() == NEEDED);
    let notice = notice.expect("a notice").to_string();
    assert!(
        notice.contains("no check failed") && notice.contains("; but orders does not run its baseline"),
        "{notice}"
    );
}

#[test]
fn the_messages_own_word_says_when_it_expires() {
    let heard = Fact::ApprovalAsked {
        stage: "Gate".to_owned(),
        action: "Ok".to_owned(),
        token: "c0ffee00".to_owned(),
        expires: at(7_200),
    };
    let release = with_fact(reached(gated()), heard);
    let decision = decide(&human(), &release, &waiting(), at(700));
    let Some(What::ApprovalNeeded(asked)) = decision.notices.first().map(|notice| &notice.what) else {
        panic!("{:?}", decision.notices)
    };
    assert_eq!(asked.expires, at(7_200));
}

#[test]
fn a_failed_check_rejects_and_nobody_is_asked_any_more() {
    let rung = with_fact(reached(gated()), alarm_fact(&alarm_arn(), at(699)));
    let decision = decide(&human(), &rung, &waiting(), at(700));
    assert!(lanes(&decision).contains("reject Gate/Ok"), "{}", lanes(&decision));
    assert_eq!(asked(&decision), "");
}

#[test]
fn who_has_ordered_it_is_asked_no_more_but_for_what_is_left_to_a_person() {
    let ordered = || {
        let mut release = crate::order::tests::with(reached(gated()), crate::Order::Approve, 650);
        release.pipeline.as_mut().unwrap().approved = Some(crate::Approved {
            at: at(660),
            evidence: "approved by ann".to_owned(),
            share_permille: None,
            told: None,
        });
        release
    };
    let retried = |retried| {
        let mut seen = waiting();
        if let Part::Known(SeenExecution {
            approval: Some(open), ..
        }) = &mut seen.pipeline
        {
            open.retried = retried;
        }
        seen
    };
    for (again, told) in [(false, false), (true, true)] {
        let decision = decide(&human(), &ordered(), &retried(again), at(700));
        let said = asked(&decision) == NEEDED;
        assert_eq!(
            said, told,
            "retried {again}: {}: {:?}",
            decision.because, decision.notices
        );
    }
}
