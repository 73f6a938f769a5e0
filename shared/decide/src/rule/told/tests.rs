use super::times;
use crate::notice::Kind;
use crate::policy::Step;
use crate::testing::{
    approval, armed, at, at_approval, automatic, cause, gated, on, opened, over, policy, promoting, right,
    rolling_back, tells, watching, with_fact,
};
use crate::{At, DeadLetters, Fact, Part, Phase, Policy, Release, Seen, decide};

fn told(release: Release, notices: &[&str]) -> Release {
    notices.iter().fold(release, |release, notice| {
        let notice = (*notice).to_owned();
        with_fact(release, Fact::Noticed { notice, since: at(0) })
    })
}

fn failing(since: i64) -> Release {
    Release {
        phase: Phase::RollbackFailed { cause: cause() },
        phase_since: at(since),
        ..rolling_back()
    }
}

/// The canary still runs the revision.
fn wrong() -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 2, 1)),
        ..right()
    }
}

fn somebodys() -> Seen {
    let third = crate::testing::by_nobody(crate::testing::meaning(on("orders-canary", 7, 1), "v3", "x"));
    Seen {
        canary: Part::Known(third),
        ..right()
    }
}

fn baked() -> Policy {
    Policy {
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..automatic()
    }
}

fn stepped() -> Release {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release.step_reached = Some(at(60));
    release
}

fn promoted() -> Seen {
    Seen {
        stable: Part::Known(crate::testing::promoted()),
        canary: Part::Known(on("orders-canary", 2, 1)),
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

#[test]
fn each_is_said_once_of_what_stands_in_the_release() {
    let long = 100_000;
    let cases: [(&str, Policy, Release, Seen, i64, &str); 20] = [
        ("opened", policy(), opened(), at_approval(), 0, "opened"),
        (
            "opened, and said",
            policy(),
            told(opened(), &["opened"]),
            at_approval(),
            0,
            "",
        ),
        (
            "nobody said it in time: still",
            policy(),
            watching(),
            promoted(),
            200,
            "opened",
        ),
        (
            "the canary has its share",
            baked(),
            stepped(),
            at_approval(),
            90,
            "opened step-1",
        ),
        (
            "said",
            baked(),
            told(stepped(), &["opened", "step-1"]),
            at_approval(),
            90,
            "",
        ),
        (
            "nothing of ours bakes",
            policy(),
            stepped(),
            at_approval(),
            90,
            "opened",
        ),
        (
            "not yet its share",
            baked(),
            told(armed(), &["opened"]),
            wrong(),
            90,
            "",
        ),
        (
            "gated",
            policy(),
            told(gated(), &["opened"]),
            at_approval(),
            90,
            "gated",
        ),
        (
            "promoting",
            policy(),
            told(promoting(), &["opened"]),
            at_approval(),
            90,
            "",
        ),
        (
            "promoted",
            policy(),
            told(watching(), &["opened"]),
            promoted(),
            long,
            "promoted",
        ),
        (
            "promoted, never said to be opened",
            policy(),
            watching(),
            promoted(),
            long,
            "promoted",
        ),
        ("being rolled back", policy(), rolling_back(), wrong(), 110, ""),
        (
            "put right, long before it closes",
            policy(),
            rolling_back(),
            right(),
            110,
            "rolled-back",
        ),
        (
            "said",
            policy(),
            told(rolling_back(), &["rolled-back"]),
            right(),
            110,
            "",
        ),
        (
            "closing, and said before",
            policy(),
            told(rolling_back(), &["rolled-back"]),
            right(),
            long,
            "",
        ),
        (
            "closing, and never said",
            policy(),
            rolling_back(),
            right(),
            long,
            "rolled-back",
        ),
        (
            "left to somebody: not before it closes",
            policy(),
            rolling_back(),
            somebodys(),
            110,
            "",
        ),
        (
            "left to somebody, and closing",
            policy(),
            rolling_back(),
            somebodys(),
            long,
            "overtaken",
        ),
        (
            "put right after people heard that it fails",
            policy(),
            told(failing(2_000), &["rolled-back", "failing-0"]),
            right(),
            2_300,
            "put-right",
        ),
        (
            "put right before anybody heard that",
            policy(),
            failing(2_000),
            right(),
            long,
            "rolled-back",
        ),
    ];
    for (case, policy, release, seen, seconds, expected) in cases {
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(tells(&decision, &Kind::ALL), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn a_rollback_that_fails_is_said_at_once_after_15_minutes_after_an_hour_and_every_four_from_then_on() {
    let cases = [
        (0, 0),
        (14, 0),
        (15, 1),
        (59, 1),
        (60, 2),
        (299, 2),
        (300, 3),
        (539, 3),
        (540, 4),
        (60 + 240 * 100, 102),
    ];
    for (minutes, expected) in cases {
        assert_eq!(times(minutes), expected, "{minutes} minutes");
        let decision = decide(
            &policy(),
            &failing(2_000),
            &wrong(),
            at(2_000 + i64::from(minutes) * 60),
        );
        assert_eq!(
            tells(&decision, &Kind::ALL),
            format!("failing-{expected}"),
            "what was due before is not made up for"
        );
    }
    let heard = told(failing(2_000), &["failing-1"]);
    let quiet = decide(&policy(), &heard, &wrong(), at(2_000 + 30 * 60));
    assert_eq!(tells(&quiet, &Kind::ALL), "");
}

#[test]
fn who_decides_before_looking_says_nothing() {
    for release in [opened(), armed(), gated(), rolling_back(), failing(0), watching()] {
        let decision = decide(&policy(), &release, &Seen::nothing(), at(90));
        assert_eq!(decision.notices, [], "{}", decision.because);
    }
}

#[test]
fn the_next_release_says_that_it_took_the_place_and_the_one_before_says_nothing() {
    let seen = Seen {
        canary: Part::Known(crate::testing::newcomer()),
        ..at_approval()
    };
    let decision = decide(&policy(), &armed(), &seen, at(200));
    if let Some(successor) = &decision.successor {
        assert_eq!(decision.notices, []);
        let first = decide(&policy(), successor, &at_approval(), at(210));
        assert!(tells(&first, &Kind::ALL).contains("opened"), "{}", first.because);
    } else {
        panic!("it took nobody's place: {}", decision.because);
    }
}

#[test]
fn what_was_said_of_a_failing_rollback_goes_first_where_there_is_no_room() {
    let said = |times: i64| Fact::Noticed {
        notice: format!("failing-{times}"),
        since: at(times * 60),
    };
    let facts = (0..5).map(said).fold(told(failing(0), &["opened"]), with_fact);
    let coming = said(5);
    let gone = facts.least_missed(&coming);
    assert_eq!(gone, Some(said(0).key()));
    let one = with_fact(told(failing(0), &["opened"]), said(4));
    assert_eq!(one.least_missed(&coming), None, "the last one counts");
}

#[test]
fn a_notice_names_what_the_queues_gained_from_when_the_canary_had_the_revision() {
    let mut release = rolling_back();
    let letters = DeadLetters {
        depth: 30,
        gained: 21,
        since: Some(At::from_millis(0)),
    };
    let given = release.canary.given.as_mut().unwrap();
    given.dead_letters.insert("orders-dlq".to_owned(), letters);
    let decision = decide(&policy(), &release, &right(), at(110));
    let text = decision.notices[0].to_string();
    assert!(
        text.contains("the 21 messages worked on again that orders-dlq gained"),
        "{text}"
    );
    assert!(!text.contains(&approval().token), "{text}");
}
