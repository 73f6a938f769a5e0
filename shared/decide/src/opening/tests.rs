//! Whether something is a release, and what it goes back to.

use super::{Beginning, Blocked, Found, Opening, blocked, needs_copy, open};
use crate::policy::{Check, WhenStale};
use crate::testing::{
    armed, arn, at, by_deployment, cause, closed, given_up, images, in_progress, meaning, names, on, opened, policy,
    rolling_back, seen_alarm, unknown, watching,
};
use crate::{AlarmState, Cause, Deployed, Fact, Outcome, Part, Phase, Policy, Release, SeenService, Start};

mod echoes;
mod left;
mod overlap;
mod owed;
mod raced;
mod retried;

fn deployed(service: &str, revision: u32, digest: &str) -> Deployed {
    Deployed {
        task_definition: arn(service, revision),
        revision: crate::Revision {
            images: images(digest),
            configuration: format!("{service}-settings"),
        },
        service_revision: Some(format!("revision/{service}/{revision}")),
    }
}

/// A service at rest, by a deployment of some second, that started from the revision before.
fn found(service: &str, revision: u32, digest: &str, seconds: i64) -> Found {
    let seen = meaning(on(service, revision, 2), digest, &format!("{service}-settings"));
    let before = revision - 1;
    Found {
        seen: by_deployment(seen, &format!("{service}-{revision}"), seconds),
        source: Part::Known(Some(deployed(service, before, &format!("v{before}")))),
    }
}

fn job() -> Start {
    Start::Job {
        execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
        action_execution: "j1".to_owned(),
    }
}

fn action() -> Start {
    Start::Action {
        execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
        action_execution: "a1".to_owned(),
    }
}

fn deployment() -> Start {
    Start::Deployment {
        deployment: "ecs-svc/orders-canary-2".to_owned(),
    }
}

/// The canary was given v2 at 0 s; stable runs v1 since long before.
fn after() -> Beginning {
    Beginning {
        start: action(),
        told_from: None,
        home: opened().home,
        promoting_stage: Some("Deploy".to_owned()),
        canary: found("orders-canary", 2, "v2", 0),
        stable: found("orders", 1, "v1", -9_000),
        last: None,
        known_since: at(-90_000),
    }
}

/// Both run v1, and a job says that the canary is about to change.
fn before() -> Beginning {
    Beginning {
        start: job(),
        canary: found("orders-canary", 1, "v1", -9_000),
        ..after()
    }
}

fn canary(beginning: Beginning, change: impl FnOnce(SeenService) -> SeenService) -> Beginning {
    let Found { seen, source } = beginning.canary.clone();
    let seen = change(seen);
    Beginning {
        canary: Found { seen, source },
        ..beginning
    }
}

fn from(beginning: Beginning, source: Part<Option<Deployed>>) -> Beginning {
    let seen = beginning.canary.seen.clone();
    Beginning {
        canary: Found { seen, source },
        ..beginning
    }
}

fn stable(beginning: Beginning, revision: u32, digest: &str, seconds: i64) -> Beginning {
    Beginning {
        stable: found("orders", revision, digest, seconds),
        ..beginning
    }
}

fn last(beginning: Beginning, last: Release) -> Beginning {
    Beginning {
        last: Some(last),
        ..beginning
    }
}

fn unread(mut seen: SeenService) -> SeenService {
    seen.primary.images = unknown();
    seen
}

/// `canary:restore stable:restore`, or the reason.
fn said(opening: Opening) -> String {
    match opening {
        Opening::Release(release) => {
            for service in [&release.canary, &release.stable] {
                assert_eq!(service.restore, service.baseline.task_definition, "{}", service.name);
                assert_eq!((&service.given, service.attempts.count), (&None, 0), "{}", service.name);
            }
            assert_eq!((&release.phase, release.opened), (&Phase::Deploying, at(10)));
            format!("{} {}", release.canary.baseline, release.stable.baseline)
        }
        Opening::None(why) => format!("none: {why}"),
        Opening::Wait(why) => format!("wait: {why}"),
    }
}

fn check(cases: Vec<(&str, Beginning, &str)>) {
    for (case, beginning, expected) in cases {
        assert_eq!(said(open(&policy(), &beginning, at(10))), expected, "{case}");
    }
}

#[test]
fn before_the_canary_changes_its_baseline_is_what_it_rests_on() {
    let rest = "orders-canary:1 orders:1";
    check(vec![
        ("both at rest", before(), rest),
        (
            "the canary runs what stable runs not",
            canary(before(), |_| found("orders-canary", 4, "v9", -60).seen),
            "orders-canary:4 orders:1",
        ),
        (
            "the very first deployment has come to rest: from now on there is a way back",
            from(before(), Part::Known(None)),
            rest,
        ),
        ("nobody knows what it ran before that", from(before(), unknown()), rest),
        (
            "stable was given something yesterday, after the canary was",
            stable(before(), 2, "v2", -60),
            "orders-canary:1 orders:2",
        ),
        (
            "the canary is still on its way",
            canary(before(), |seen| in_progress(seen, 0, 1)),
            "wait: orders-canary is still being deployed to orders-canary:1",
        ),
        (
            "digests unknown",
            canary(before(), unread),
            "wait: what orders-canary runs cannot be told: AWS failed",
        ),
        (
            "configuration unknown",
            canary(before(), |mut seen| {
                seen.primary.configuration = unknown();
                seen
            }),
            "wait: what orders-canary runs cannot be told: AWS failed",
        ),
        (
            "stable's digests unknown",
            Beginning {
                stable: Found {
                    seen: unread(before().stable.seen),
                    source: before().stable.source,
                },
                ..before()
            },
            "wait: what orders runs cannot be told: AWS failed",
        ),
        (
            "it rests on what a release was taken back to: that is no echo, nothing has changed yet",
            last(before(), closed(armed(), Outcome::RolledBack { cause: cause() })),
            rest,
        ),
    ]);
}

#[test]
fn after_the_canary_changed_its_baseline_is_what_its_deployment_started_from() {
    check(vec![
        ("given v2", after(), "orders-canary:1 orders:1"),
        (
            "by nobody's pipeline",
            Beginning {
                start: deployment(),
                ..after()
            },
            "orders-canary:1 orders:1",
        ),
        (
            "by nobody's pipeline, and it was given something else since",
            Beginning {
                start: deployment(),
                told_from: Some("ecs-svc/orders-canary-1".to_owned()),
                ..after()
            },
            "wait: orders-canary was given orders-canary:2 meanwhile, which is none of ecs-svc/orders-canary-1",
        ),
        (
            "by an execution, and another has given it something else since",
            Beginning {
                told_from: Some("ecs-svc/orders-canary-1".to_owned()),
                ..after()
            },
            "wait: orders-canary was given orders-canary:2 meanwhile, which is none of ecs-svc/orders-canary-1",
        ),
        (
            "by an execution, and nobody was quicker",
            Beginning {
                told_from: Some("ecs-svc/orders-canary-2".to_owned()),
                ..after()
            },
            "orders-canary:1 orders:1",
        ),
        (
            "still on its way, and no task has pulled",
            canary(after(), |seen| unread(in_progress(seen, 0, 1))),
            "orders-canary:1 orders:1",
        ),
        (
            "only the configuration is another",
            canary(after(), |seen| meaning(seen, "v1", "more-memory")),
            "orders-canary:1 orders:1",
        ),
        (
            "first deployment",
            from(after(), Part::Known(None)),
            "none: orders-canary:2 is the first deployment of orders-canary: there is nothing to go back to, \
             so it is no release",
        ),
        (
            "nobody knows what it ran before",
            from(after(), unknown()),
            "wait: what orders-canary ran before cannot be told: AWS failed",
        ),
        (
            "several sources, which nobody can go back to",
            from(after(), Part::Unknown("its deployment has 2 sources".to_owned())),
            "wait: what orders-canary ran before cannot be told: its deployment has 2 sources",
        ),
        (
            "stable was given the same by this very execution, before we were told",
            stable(after(), 2, "v2", 60),
            "orders-canary:1 orders:1",
        ),
        (
            "both in one second",
            stable(after(), 2, "v2", 0),
            "orders-canary:1 orders:1",
        ),
        (
            "stable was given v2 a second earlier: that is what it ran before",
            stable(after(), 2, "v2", -1),
            "orders-canary:1 orders:2",
        ),
        (
            "stable is still on its way: what counts is where it comes from",
            Beginning {
                stable: Found {
                    seen: in_progress(found("orders", 2, "v2", -1).seen, 0, 3),
                    source: found("orders", 2, "v2", -1).source,
                },
                ..after()
            },
            "orders-canary:1 orders:1",
        ),
    ]);
}

fn on_the_canary(beginning: Beginning, revision: u32, digest: &str) -> Beginning {
    let seen = found("orders-canary", revision, digest, 6_000).seen;
    canary(beginning, |_| seen)
}

#[test]
fn a_revision_that_was_rolled_back_is_no_baseline() {
    let to = |outcome| closed(armed(), outcome);
    let bad = || to(Outcome::RolledBack { cause: cause() });
    // The canary is given v3, and what it started from is v2.
    let from_bad = |release| last(on_the_canary(from(after(), source()), 3, "v3"), release);
    fn source() -> Part<Option<Deployed>> {
        Part::Known(Some(deployed("orders-canary", 2, "v2")))
    }
    let rests_on = |revision, digest: &str| canary(before(), |_| found("orders-canary", revision, digest, 6_000).seen);
    let copied = || {
        let mut copied = bad();
        copied.canary.restore = arn("orders-canary", 5);
        copied
    };
    let stable_too = || {
        let mut both = bad();
        both.stable.given = crate::testing::promoting().stable.given;
        both
    };
    check(vec![
        ("rolled back", from_bad(bad()), "orders-canary:1 orders:1"),
        (
            "rolled back without success",
            from_bad(to(Outcome::RollbackFailed { cause: cause() })),
            "orders-canary:1 orders:1",
        ),
        (
            "overtaken on its way back",
            from_bad(closed(rolling_back(), Outcome::Overtaken { by: "x".to_owned() })),
            "orders-canary:1 orders:1",
        ),
        (
            "overtaken in its watch: the canary was left on it",
            from_bad(closed(watching(), Outcome::Overtaken { by: "x".to_owned() })),
            "orders-canary:2 orders:1",
        ),
        ("promoted", from_bad(to(Outcome::Promoted)), "orders-canary:2 orders:1"),
        (
            "nothing was before",
            on_the_canary(from(after(), source()), 3, "v3"),
            "orders-canary:2 orders:1",
        ),
        ("a copy was prepared", from_bad(copied()), "orders-canary:5 orders:1"),
        (
            "a job finds it at rest",
            last(rests_on(2, "v2"), bad()),
            "orders-canary:1 orders:1",
        ),
        (
            "a job finds the same under another name",
            last(rests_on(8, "v2"), bad()),
            "orders-canary:1 orders:1",
        ),
        (
            "a job finds something else",
            last(rests_on(8, "v4"), bad()),
            "orders-canary:8 orders:1",
        ),
        (
            "stable was given it too and still runs it",
            last(stable(from_bad(bad()), 2, "v2", -60), stable_too()),
            "orders-canary:1 orders:1",
        ),
        (
            "stable was never given it by that release",
            last(stable(from_bad(bad()), 2, "v2", -60), bad()),
            "orders-canary:1 orders:2",
        ),
    ]);
}

#[test]
fn a_release_knows_its_execution_only_where_policy_and_start_name_one() {
    let without = Policy {
        pipeline: None,
        ..policy()
    };
    let alone = Beginning {
        start: deployment(),
        ..after()
    };
    let cases = [
        ("an action of the pipeline", policy(), after(), true),
        ("a job of the pipeline", policy(), before(), true),
        ("nobody's deployment", policy(), alone.clone(), false),
        ("a policy without pipeline", without.clone(), after(), false),
        ("neither", without, alone, false),
    ];
    for (case, policy, beginning, named) in cases {
        let Opening::Release(release) = open(&policy, &beginning, at(10)) else {
            panic!("{case}: no release");
        };
        let run = release
            .pipeline
            .map(|run| (run.name, run.execution, run.promoting_stage));
        let expected = ("orders", "1a2b3c4d-0000-4000-8000-000000000000", "Deploy");
        let expected = (
            expected.0.to_owned(),
            expected.1.to_owned(),
            Some(expected.2.to_owned()),
        );
        assert_eq!(run, named.then_some(expected), "{case}");
        assert_eq!(release.id, beginning.start.release_id("orders"), "{case}");
        assert_eq!(release.start, beginning.start.key(), "{case}");
    }
}

#[test]
fn a_ringing_alarm_keeps_a_release_from_being_opened_only_where_the_policy_says_block() {
    let guarded = |when_stale| {
        let mut guarded = policy();
        let Check::Alarm { when_stale: rule, .. } = &mut guarded.checks[0] else {
            panic!("the first check is an alarm")
        };
        *rule = when_stale;
        guarded
    };
    let ringing = |state| Part::Known(vec![seen_alarm(state, at(-600))]);
    let said = |blocked| match blocked {
        Some(Blocked::ForNow(why) | Blocked::Rings(why)) => format!("for now: {why}"),
        Some(Blocked::Wrong(why)) => format!("wrong: {why}"),
        None => "nothing".to_owned(),
    };
    let why = "for now: alarm dlq is in ALARM since 2026-11-21T02:50:00Z and the policy says when_stale: block";
    let missing = "wrong: there is no alarm dlq; create it, or correct the policy";
    let cases = [
        ("quiet", WhenStale::Block, ringing(AlarmState::Ok), "nothing"),
        (
            "no data",
            WhenStale::Block,
            ringing(AlarmState::InsufficientData),
            "nothing",
        ),
        ("block", WhenStale::Block, ringing(AlarmState::Alarm), why),
        (
            "arm on recovery",
            WhenStale::ArmOnRecovery,
            ringing(AlarmState::Alarm),
            "nothing",
        ),
        ("ignore", WhenStale::Ignore, ringing(AlarmState::Alarm), "nothing"),
        ("no such alarm", WhenStale::Ignore, Part::Known(Vec::new()), missing),
        (
            "unknown",
            WhenStale::Ignore,
            unknown(),
            "for now: the alarms are unknown: AWS failed",
        ),
    ];
    for (case, rule, alarms, expected) in cases {
        assert_eq!(said(blocked(&guarded(rule), &alarms)), expected, "{case}");
    }
    let mut unguarded = policy();
    unguarded.checks.clear();
    assert_eq!(
        blocked(&unguarded, &ringing(AlarmState::Alarm)),
        None,
        "not the policy's"
    );
}

#[test]
fn a_definition_is_copied_where_its_images_may_move_or_it_cannot_be_used() {
    let pinned = || {
        images("v1")
            .into_values()
            .map(|digest| ("worker".to_owned(), format!("repo/orders@{digest}")))
    };
    let pinned = || crate::Images::from_iter(pinned());
    let mixed = || {
        let mut mixed = pinned();
        mixed.insert("sidecar".to_owned(), "repo/proxy:latest".to_owned());
        mixed
    };
    let cases = [
        ("all by digest", pinned(), true, false),
        ("all by digest, but INACTIVE", pinned(), false, true),
        ("by tag", names("v1"), true, true),
        ("one of two by tag", mixed(), true, true),
        ("by tag and INACTIVE", names("v1"), false, true),
    ];
    for (case, images, active, expected) in cases {
        assert_eq!(needs_copy(&images, active), expected, "{case}");
    }
}

#[test]
fn a_deployment_that_ecs_gave_up_is_judged_like_any_other_when_it_begins() {
    let given_up = canary(after(), |seen| given_up(seen, 0, 1));
    let Opening::Release(release) = open(&policy(), &given_up, at(10)) else {
        panic!("no release");
    };
    let seen = crate::Seen {
        canary: Part::Known(given_up.canary.seen),
        ..crate::testing::at_approval()
    };
    let decision = crate::decide(&policy(), &release, &seen, at(10));
    let cause = decision.next.phase.rolling_back();
    assert!(matches!(cause, Some(Cause::GivenUp { .. })), "{}", decision.because);
}
