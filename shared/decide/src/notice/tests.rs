use super::{About, Asked, Back, Kind, Letters, Notice, SUBJECT_MAX, What};
use crate::testing::{approval, armed, at, cause, gated, policy, rolling_back, wanted};
use crate::{At, DeadLetters, Phase, Release};

fn asked() -> Asked {
    let approval = crate::Approval {
        asks_minutes: Some(10_080),
        ..approval()
    };
    Asked::of(&gated(), &approval, "no check failed".to_owned()).unwrap()
}

fn notice(release: &Release, what: What) -> Notice {
    Notice {
        about: About::of(&policy(), release, at(700)),
        what,
    }
}

fn letters() -> Vec<Letters> {
    let mut release = rolling_back();
    let letters = |gained| DeadLetters {
        depth: 40,
        gained,
        since: None,
    };
    let given = release.canary.given.as_mut().unwrap();
    given.dead_letters.insert("orders-dlq".to_owned(), letters(20));
    given.dead_letters.insert("quiet-dlq".to_owned(), letters(0));
    release.stable.given = release.canary.given.clone();
    Back::of(&release).letters
}

/// One of each kind.
fn all() -> Vec<Notice> {
    let failed = Release {
        phase: Phase::RollbackFailed { cause: cause() },
        ..rolling_back()
    };
    let back = Back {
        letters: letters(),
        ..Back::of(&rolling_back())
    };
    let (by, why) = ("orders was given orders:9".to_owned(), "nothing changed".to_owned());
    vec![
        notice(&gated(), What::ApprovalNeeded(asked())),
        notice(&gated(), What::ApprovalExpires(asked())),
        notice(&armed(), What::Opened),
        notice(&gated(), What::Gated { why: why.clone() }),
        notice(
            &armed(),
            What::Step {
                number: 2,
                of: 3,
                share_permille: Some(250),
            },
        ),
        notice(&armed(), What::Promoted),
        notice(&rolling_back(), What::RolledBack(back)),
        notice(
            &failed,
            What::RollbackFailing {
                times: 0,
                since: at(600),
            },
        ),
        notice(&failed, What::RollbackFailed(letters())),
        notice(&rolling_back(), What::WouldRollBack),
        notice(&armed(), What::Overtaken { by }),
        notice(&armed(), What::Abandoned { why: why.clone() }),
        notice(&armed(), What::StartWaits { wanted: wanted(), why }),
    ]
}

#[test]
fn a_notice_says_all_that_a_person_needs_and_never_the_token() {
    for what in [What::ApprovalNeeded(asked()), What::ApprovalExpires(asked())] {
        let notice = notice(&gated(), what);
        let text = notice.to_string();
        for wanted in [
            "orders/Gate/Ok",
            "orders-1a2b3c4d",
            "orders-canary:2",
            "no check failed",
            "1a2b3c4d-0000-4000-8000-000000000000",
            "status=Approved",
            "status=Rejected",
            &asked().expires.to_string(),
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let said = format!("{text}{}{notice:?}", notice.subject());
        assert!(!said.contains(&approval().token), "{said}");
    }
}

#[test]
fn every_kind_has_a_name_and_a_text_of_its_own() {
    let kinds: Vec<Kind> = all().iter().map(Notice::kind).collect();
    assert_eq!(kinds, Kind::ALL);
    for notice in all() {
        let text = notice.to_string();
        for wanted in ["orders-1a2b3c4d of policy orders", notice.kind().name(), &notice.head()] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(
            (1..=SUBJECT_MAX).contains(&notice.subject().len()),
            "{}",
            notice.subject()
        );
        assert!(notice.subject().starts_with("orders: "), "{}", notice.subject());
        // The execution that sends it is named after release and key.
        assert!(notice.key().len() <= 19, "{}", notice.key());
    }
    let mut keys: Vec<String> = all().iter().map(Notice::key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), Kind::ALL.len());
}

#[test]
fn what_is_rolled_back_is_told_with_its_cause_what_runs_and_how_dead_letters_come_back() {
    let text = all()[6].to_string();
    for wanted in [
        "orders-canary runs its baseline orders-canary:1",
        "Cause:     alarm dlq in ALARM since",
        "the 40 messages",
        "aws sqs start-message-move-task --source-arn arn:aws:sqs:eu-central-1:111122223333:orders-dlq",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert!(!text.contains("quiet-dlq"), "{text}");
    let subject = all()[6].subject();
    assert!(
        subject.starts_with("orders: orders-canary:2 rolled back: alarm dlq"),
        "{subject}"
    );
}

#[test]
fn what_is_put_right_after_people_heard_that_it_fails_is_said_once_more_and_otherwise() {
    let late = Back {
        failed_before: true,
        ..Back::of(&rolling_back())
    };
    let (first, late) = (
        notice(&rolling_back(), What::RolledBack(Back::of(&rolling_back()))),
        notice(&rolling_back(), What::RolledBack(late)),
    );
    assert_eq!([first.key(), late.key()], ["rolled-back", "put-right"]);
    assert!(late.summary().contains("rolled back after all"), "{}", late.summary());
}

#[test]
fn hostile_text_is_one_line_of_the_notice_and_bounded() {
    let hostile = format!("x\u{202e}\r\nRelease: another\u{1b}[2J{}", "y".repeat(5_000));
    let release = Release {
        phase: Phase::RollingBack {
            cause: crate::Cause::Ordered {
                by: hostile.clone(),
                why: hostile.clone(),
            },
        },
        ..rolling_back()
    };
    for what in [
        What::RolledBack(Back::of(&release)),
        What::Overtaken { by: hostile.clone() },
        What::Abandoned { why: hostile.clone() },
        What::Gated { why: hostile },
    ] {
        let notice = notice(&release, what);
        let text = notice.to_string();
        let harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(
            !text.contains(harmful) && !notice.summary().contains(char::is_control),
            "{text}"
        );
        assert!(
            text.lines().filter(|line| line.starts_with("Release:")).count() == 1,
            "{text}"
        );
        assert!(text.chars().count() < 4_000, "{}", text.chars().count());
    }
}

#[test]
fn a_subject_is_one_short_line_of_ascii() {
    let mut long = notice(&gated(), What::ApprovalNeeded(asked()));
    long.about.policy = format!("größe\n{}", "x".repeat(200));
    let subject = long.subject();
    assert_eq!(subject.chars().count(), SUBJECT_MAX);
    assert!(subject.starts_with("gre xxx"), "{subject}");
}

#[test]
fn an_approval_that_does_not_ask_serin_has_no_end_that_is_known() {
    assert_eq!(Asked::of(&gated(), &approval(), String::new()), None);
    assert_eq!(asked().expires, At::from_millis(at(20).millis() + 7 * 24 * 3_600_000));
}

#[test]
fn each_notice_of_each_request_is_another() {
    let mut other = asked();
    other.approval.token = "deadbeef-1111-4222-8333-444455556666".to_owned();
    let keys = [
        What::ApprovalNeeded(asked()),
        What::ApprovalExpires(asked()),
        What::ApprovalNeeded(other),
    ]
    .map(|what| notice(&gated(), what).key());
    assert_eq!(keys, ["needed-c0ffee00", "expires-c0ffee00", "needed-deadbeef"]);
}

#[test]
fn who_pushed_hears_what_the_release_waits_for_and_how_the_fix_is_released_all_the_same() {
    let home = armed().home;
    let start = crate::Start::Explicit(wanted());
    let notice = Notice {
        about: About::of_start(&policy(), &start, &home, at(700)),
        what: What::StartWaits {
            wanted: wanted(),
            why: "alarm dlq is in ALARM".to_owned(),
        },
    };
    let release = start.release_id("orders");
    assert_eq!(notice.about.release, release);
    let services = About::of(&policy(), &armed(), at(700)).resources[..2].to_vec();
    assert_eq!(notice.about.resources, services);
    let (container, image) = wanted().images.into_iter().next().unwrap();
    let command = format!("serin release orders --image {container}={image} --despite-alarm --why");
    let text = notice.to_string();
    for said in [
        "alarm dlq is in ALARM",
        &release,
        &command,
        "docs/runbook.md, start-waits",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(
        notice.summary(),
        format!("orders: {}, and is not released: alarm dlq is in ALARM", wanted().why)
    );
}

#[test]
fn the_runbook_has_a_section_about_each_kind() {
    let runbook = include_str!("../../../../docs/runbook.md");
    for kind in Kind::ALL {
        let of = |line: &&str| line.strip_prefix("## ") == Some(kind.name());
        let mut sections = runbook.lines().filter(of);
        assert!(
            sections.next().is_some() && sections.next().is_none(),
            "{}",
            kind.name()
        );
        let marked = runbook
            .split(&format!("## {}\n", kind.name()))
            .nth(1)
            .unwrap_or_default();
        let alone = marked.trim_start().starts_with("*Event only.*");
        assert_eq!(alone, !kind.is_for_people(), "{}", kind.name());
    }
}
