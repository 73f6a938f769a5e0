//! Stable alone was given something: a person had an execution tried again after its release was rolled back.

use super::super::{Overlap, because, is_old, overlap};
use super::*;
use crate::testing::{
    OTHER, alarm_arn, alarm_fact, at_approval, by_execution, execution, gated, lanes, promoting, with_fact,
};
use crate::{Decision, ExecutionStatus, Over, Seen, StartedBy, decide};

fn retried() -> Start {
    Start::Promotion {
        execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
        action_execution: "d2".to_owned(),
        began: at(5_001),
    }
}

fn rolled_back() -> Release {
    closed(armed(), Outcome::RolledBack { cause: cause() })
}

/// The canary runs v1 again; stable was given v2 at 0 s, and reached it.
fn approved_again() -> Beginning {
    Beginning {
        start: retried(),
        canary: found("orders-canary", 1, "v1", -500),
        stable: found("orders", 2, "v2", 0),
        last: Some(rolled_back()),
        ..after()
    }
}

fn opened_for(beginning: &Beginning) -> Release {
    match open(&policy(), beginning, at(10)) {
        Opening::Release(release) => *release,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_stable_is_given_after_a_rollback_is_watched_and_has_a_way_back() {
    let under_way = |mut beginning: Beginning| {
        beginning.stable.seen = in_progress(beginning.stable.seen, 1, 3);
        beginning
    };
    let empty = |mut beginning: Beginning| {
        (beginning.stable.seen.desired, beginning.stable.seen.primary.running) = (0, 0);
        beginning
    };
    let again = |mut beginning: Beginning| {
        // The action ran twice: the second run started from what the first had given.
        beginning.stable.source = Part::Known(Some(deployed("orders", 2, "v2")));
        beginning.stable.seen = found("orders", 3, "v2", 0).seen;
        let mut last = promoting();
        last.stable.given.as_mut().unwrap().deployment = "ecs-svc/before".to_owned();
        beginning.last = Some(closed(last, Outcome::RolledBack { cause: cause() }));
        beginning
    };
    for (case, beginning, phase) in [
        ("it has reached it", approved_again(), Phase::Watching),
        ("it is on its way", under_way(approved_again()), Phase::Promoting),
        (
            "it has no task that proves anything",
            empty(approved_again()),
            Phase::Promoting,
        ),
        (
            "nobody knows what closed last",
            Beginning {
                last: None,
                ..approved_again()
            },
            Phase::Watching,
        ),
        (
            "by another execution, which had waited for the last release to open its door again",
            Beginning {
                start: Start::Promotion {
                    execution: OTHER.to_owned(),
                    action_execution: "d2".to_owned(),
                    began: at(4_999),
                },
                ..approved_again()
            },
            Phase::Watching,
        ),
        (
            "it was rolled back there already",
            again(approved_again()),
            Phase::Watching,
        ),
    ] {
        let release = opened_for(&beginning);
        assert_eq!(release.phase, phase, "{case}");
        assert_eq!(release.canary.given, None, "{case}");
        assert_eq!(
            release.canary.baseline.task_definition,
            arn("orders-canary", 1),
            "{case}"
        );
        assert_eq!(release.stable.baseline.task_definition, arn("orders", 1), "{case}");
        let given = release.stable.given.as_ref().unwrap();
        assert_eq!(given.deployment, beginning.stable.seen.primary.id, "{case}");
        assert_eq!(release.images, Some(images("v2")), "{case}");
        assert!(
            release.is_of_stable_alone() && release.is_carried_by(&images("v2")),
            "{case}"
        );
    }
}

#[test]
fn what_changes_nothing_or_cannot_be_told_is_not_opened() {
    let stable = |source: Part<Option<Deployed>>| {
        let mut beginning = approved_again();
        beginning.stable.source = source;
        beginning.last = None;
        beginning
    };
    let mut unread_stable = approved_again();
    unread_stable.stable.seen = unread(unread_stable.stable.seen);
    let earlier = Beginning {
        start: Start::Promotion {
            execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
            action_execution: "d1".to_owned(),
            began: at(4_999),
        },
        ..approved_again()
    };
    let cases = [
        (
            "by a run that had begun before the last release was closed",
            earlier,
            "none: the pipeline had begun to deploy orders while release orders-1a2b3c4d was open",
        ),
        (
            "the same images as before, as where only the canary's settings were released",
            stable(Part::Known(Some(deployed("orders", 1, "v2")))),
            "none: orders:2 has the images that orders ran before",
        ),
        (
            "the very first deployment",
            stable(Part::Known(None)),
            "none: orders:2 is the first deployment of orders: there is nothing to go back to",
        ),
        (
            "nobody knows what it ran before",
            stable(unknown()),
            "wait: what orders ran before cannot be told: AWS failed",
        ),
        (
            "no task has pulled its image yet",
            unread_stable,
            "wait: what orders runs cannot be told: AWS failed",
        ),
        (
            "the canary cannot be told",
            canary(approved_again(), unread),
            "wait: what orders-canary runs cannot be told: AWS failed",
        ),
    ];
    for (case, beginning, expected) in cases {
        let said = match open(&policy(), &beginning, at(10)) {
            Opening::Release(release) => panic!("{case}: {release:?}"),
            Opening::None(why) => format!("none: {why}"),
            Opening::Wait(why) => format!("wait: {why}"),
        };
        assert_eq!(said, expected, "{case}");
    }
}

#[test]
fn the_reason_says_who_wanted_it() {
    let release = opened_for(&approved_again());
    let cases = [
        (
            Some(rolled_back()),
            "opened as orders was given something by execution 1a2b3c4d, which a person had tried again after release \
             orders-1a2b3c4d was rolled back: their order, and watched",
        ),
        (
            None,
            "opened as orders was given something by execution 1a2b3c4d while no release was open",
        ),
    ];
    for (last, expected) in cases {
        assert_eq!(because(&retried(), &release, last.as_ref()), expected);
    }
}

#[test]
fn only_a_deployment_that_the_last_release_does_not_know_is_news() {
    let last = closed(promoting(), Outcome::RolledBack { cause: cause() });
    let mut on = last.clone();
    on.closed_on = Some("ecs-svc/restored".to_owned());
    on.stable.restore = arn("orders", 5);
    let (canary, stable) = ("orders-canary", "orders");
    let canary_9 = arn("orders-canary", 9);
    let cases = [
        (
            "what it gave the canary",
            canary,
            "ecs-svc/canary-2",
            canary_9.clone(),
            true,
        ),
        (
            "what the canary had when it closed",
            canary,
            "ecs-svc/restored",
            canary_9.clone(),
            true,
        ),
        ("something since", canary, "ecs-svc/new", canary_9, false),
        (
            "what it gave stable",
            stable,
            "ecs-svc/stable-2",
            arn("orders", 2),
            true,
        ),
        (
            "the same once more, by ECS or a person",
            stable,
            "ecs-svc/new",
            arn("orders", 2),
            true,
        ),
        ("stable's baseline", stable, "ecs-svc/new", arn("orders", 1), true),
        (
            "what stable was taken back to",
            stable,
            "ecs-svc/new",
            arn("orders", 5),
            true,
        ),
        (
            "a definition that nobody knows",
            stable,
            "ecs-svc/new",
            arn("orders", 3),
            false,
        ),
    ];
    for (case, name, deployment, definition, old) in cases {
        assert_eq!(is_old(&on, name, deployment, &definition), old, "{case}");
    }
}

#[test]
fn it_takes_nobodys_place_and_is_itself_opened_once() {
    let own = opened_for(&approved_again());
    for (case, open, expected) in [
        ("it is open", own, "same"),
        ("the same execution's release", armed(), "wait"),
        ("while another is judged", gated(), "wait"),
        ("while another is watched", watching(), "wait"),
    ] {
        let said = match overlap(&policy(), &policy(), &open, &at_approval(), &retried(), at(500)) {
            Overlap::Same => "same",
            Overlap::Wait(_) => "wait",
            Overlap::TakesOver(_) => "takes over",
            Overlap::Afresh(_) => "afresh",
            Overlap::Outrun(_) => "outrun",
        };
        assert_eq!(said, expected, "{case}");
    }
}

/// Stable runs v2 by that deployment, the canary something, the execution is over.
fn world(canary: SeenService) -> Seen {
    Seen {
        canary: Part::Known(canary),
        stable: Part::Known(approved_again().stable.seen),
        pipeline: Part::Known(execution(ExecutionStatus::Over(Over::Succeeded))),
        ..at_approval()
    }
}

fn decided(release: &Release, seen: &Seen, seconds: i64) -> Decision {
    decide(&policy(), release, seen, at(seconds))
}

#[test]
fn its_watch_ends_well_or_takes_stable_back_and_leaves_the_canary_alone() {
    let release = opened_for(&approved_again());
    let canary = || meaning(on("orders-canary", 1, 1), "v1", "orders-canary-settings");
    let good = decided(&release, &world(canary()), 10 + 1_800);
    assert_eq!(
        good.next.phase,
        Phase::Closed {
            outcome: Outcome::Promoted
        },
        "{}",
        good.because
    );
    for (case, since, expected) in [
        ("since it was given", 1, "rolling back"),
        ("before that", -1, "watching"),
    ] {
        let rang = with_fact(release.clone(), alarm_fact(&alarm_arn(), at(since)));
        let decision = decided(&rang, &world(canary()), 60);
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        let lanes_of = if since > 0 { "restore orders orders:1" } else { "" };
        assert_eq!(lanes(&decision), lanes_of, "{case}");
    }
    // A person, or the next release, gives the canary the very images meanwhile.
    let mut same = by_deployment(
        meaning(on("orders-canary", 7, 1), "v2", "orders-canary-settings"),
        "later",
        30,
    );
    same.primary.started_by = Part::Known(StartedBy::Nobody);
    let rang = with_fact(release.clone(), alarm_fact(&alarm_arn(), at(40)));
    let decision = decided(&rang, &world(same.clone()), 60);
    assert_eq!(lanes(&decision), "restore orders orders:1", "{}", decision.because);
    let mut under_way = release.clone();
    under_way.phase = Phase::Promoting;
    let mut third = same.clone();
    third.primary.images = Part::Known(images("v3"));
    for canary in [same.clone(), third] {
        let decision = decided(&under_way, &world(canary), 60);
        assert_eq!(decision.next.phase, Phase::Watching, "{}", decision.because);
    }
    let next = decided(&release, &world(by_execution(same, OTHER)), 60);
    let successor = next.successor.expect("the pipeline gave the canary something");
    assert_eq!(successor.pipeline.unwrap().execution, OTHER);
    assert_eq!(successor.stable.baseline.revision.images, images("v2"));
}

#[test]
fn an_alarm_that_rang_before_blocks_nothing_that_stable_has_already() {
    let block = policy_with(WhenStale::Block);
    let mut seen = world(meaning(on("orders-canary", 1, 1), "v1", "orders-canary-settings"));
    seen.alarms = Part::Known(vec![seen_alarm(AlarmState::Alarm, at(-100))]);
    let release = opened_for(&approved_again());
    let watched = decide(&block, &release, &seen, at(60));
    let said = "alarm dlq in ALARM since 2026-11-21T02:58:20Z, before orders's deployment of 2026-11-21T03:00:00Z: \
                counts again once it has recovered";
    assert!(watched.because.contains(said), "{}", watched.because);
    let over = decide(&block, &release, &seen, at(10 + 1_800));
    assert_eq!(over.next.phase.name(), "promoted", "{}", over.because);
    let ordinary = decide(&block, &crate::testing::watching(), &seen, at(9_000));
    assert_eq!(ordinary.next.phase.name(), "watching", "{}", ordinary.because);
}

fn policy_with(when_stale: WhenStale) -> Policy {
    let mut policy = policy();
    let Check::Alarm { when_stale: rule, .. } = &mut policy.checks[0] else {
        panic!("the first check is an alarm")
    };
    *rule = when_stale;
    policy
}
