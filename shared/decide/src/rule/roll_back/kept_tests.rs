//! What a policy says that allows no way back, or none any more.

use crate::policy::Rollback;
use crate::rule::successor;
use crate::testing::{
    alarm_arn, alarm_fact, armed, arn, at, at_approval, by_deployment, gated, in_progress, lanes, meaning, on, over,
    policy, promoting, watching, with_fact,
};
use crate::{Outcome, Part, Phase, Policy, Release, Seen, Start, decide};

fn says(rollback: Rollback) -> Policy {
    Policy { rollback, ..policy() }
}

/// The alarm rings at 450 s.
fn rung(release: Release) -> Release {
    with_fact(release, alarm_fact(&alarm_arn(), at(450)))
}

fn both(canary: u32, stable: u32) -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", canary, 1)),
        stable: Part::Known(match stable {
            2 => by_deployment(meaning(on("orders", 2, 3), "v2", "orders-settings"), "stable-2", 190),
            _ => on("orders", stable, 3),
        }),
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

#[test]
fn only_what_the_policy_allows_to_go_back_is_given_what_it_ran_before() {
    let before_stable = [armed(), gated()];
    let since_stable = [promoting(), watching()];
    let cases = [
        (Rollback::Allowed, true, true),
        (Rollback::UntilPromoting, true, false),
        (Rollback::Never, false, false),
    ];
    for (rollback, before, since) in cases {
        let policy = says(rollback);
        let releases = before_stable.iter().map(|release| (release, both(2, 1), before));
        let releases = releases.chain(since_stable.iter().map(|release| (release, both(2, 2), since)));
        for (release, seen, goes_back) in releases {
            for seen in [seen, Seen::nothing()] {
                let decision = decide(&policy, &rung(release.clone()), &seen, at(460));
                let case = format!("{rollback}, {}: {}", release.phase.name(), decision.because);
                assert!(decision.next.phase.rolling_back().is_some(), "{case}");
                assert_eq!(
                    lanes(&decision).contains("restore"),
                    goes_back && !seen.is_nothing(),
                    "{case}"
                );
                let attempts = decision.next.canary.attempts.count + decision.next.stable.attempts.count;
                assert_eq!(attempts > 0, goes_back, "{case}");
            }
        }
    }
}

/// Stable is given the revision, and the alarm rings before anybody has looked: the look that learns it sends nothing back.
#[test]
fn what_stable_is_first_seen_with_in_this_look_keeps_the_canary_too() {
    for (rollback, goes_back) in [(Rollback::Allowed, true), (Rollback::UntilPromoting, false)] {
        let policy = says(rollback);
        let begun = decide(&policy, &rung(gated()), &Seen::nothing(), at(460)).next;
        assert_eq!(begun.stable.given, None);
        let decision = decide(&policy, &begun, &both(2, 2), at(461));
        assert_eq!(
            lanes(&decision).contains("restore"),
            goes_back,
            "{rollback}: {}",
            decision.because
        );
    }
}

/// The canary was sent back in the moment in which stable was given the revision: each is where the next one begins.
#[test]
fn the_next_release_is_held_against_what_each_service_was_left_with() {
    let policy = says(Rollback::UntilPromoting);
    let start = Start::Job {
        execution: "the-fix".to_owned(),
        action_execution: "its-action".to_owned(),
    };
    let sent = decide(&policy, &rung(gated()), &both(2, 1), at(460)).next;
    let kept = decide(&policy, &rung(promoting()), &both(2, 2), at(460)).next;
    let undone = decide(&policy, &rung(promoting()), &both(2, 2), at(460)).next;
    let mut never = decide(&says(Rollback::Never), &rung(promoting()), &both(2, 2), at(460)).next;
    if let Some(given) = never.stable.given.as_mut() {
        // Before a task of it had pulled its images.
        given.images = None;
    }
    let cases = [
        (&policy, sent, [1, 2]),
        (&policy, kept, [2, 2]),
        // ECS, or somebody, takes stable back, seen to run what it was given or not.
        (&policy, undone, [2, 1]),
        (&says(Rollback::Never), never, [2, 1]),
    ];
    for (policy, release, runs) in cases {
        let [canary, stable] = runs;
        let mut seen = both(canary, stable);
        if let Part::Known(stable) = &mut seen.stable {
            stable.primary.created = at(480);
        }
        let left = [490, 520].into_iter().fold(release, |release, seconds| {
            decide(policy, &release, &seen, at(seconds)).next
        });
        assert_eq!(left.phase.name(), "rollback failing");
        let fix = successor::after(policy, &left, &start, at(600));
        let baselines = [&fix.canary, &fix.stable].map(|service| service.baseline.task_definition.clone());
        assert_eq!(baselines, [arn("orders-canary", canary), arn("orders", stable)]);
        assert_eq!((&fix.canary.given, &fix.stable.given), (&None, &None));
        assert!(!fix.left_bad, "what was kept fails nobody");
        assert_eq!(fix.bad_on_stable, stable == 2, "stable runs {stable}");
    }
}

/// What failed stays on stable until a release reaches that, however many of them come in between.
#[test]
fn what_was_bad_on_stable_is_known_until_something_takes_its_place_there() {
    let start = |id: &str| Start::Job {
        execution: id.to_owned(),
        action_execution: format!("action of {id}"),
    };
    let policy = says(Rollback::UntilPromoting);
    let kept = decide(&policy, &rung(promoting()), &both(2, 2), at(460)).next;
    let left = decide(&policy, &kept, &both(2, 2), at(520)).next;
    let fix = successor::after(&policy, &left, &start("the-fix"), at(600));
    assert!(fix.shares_with_what_failed());
    let better = successor::after(&policy, &fix, &start("a-better-fix"), at(700));
    assert!(better.shares_with_what_failed(), "superseded before it reached stable");
    let mut reached = better.clone();
    reached.stable.given = promoting().stable.given;
    assert!(!reached.shares_with_what_failed());
    let next = successor::after(&policy, &reached, &start("the-next"), at(800));
    assert!(!next.bad_on_stable, "stable was given something else since");
    // The fix comes to stable, and ECS puts back there what failed before.
    let mut undone = Release {
        phase: left.phase.clone(),
        ..reached
    };
    undone.stable.attempts.count = 1;
    assert!(successor::after(&policy, &undone, &start("the-next"), at(800)).bad_on_stable);
    // Nobody has measured what a person has aborted.
    let mut aborted = left.clone();
    aborted.phase = Phase::RollbackFailed {
        cause: crate::Cause::PipelineEnded {
            execution: "e".to_owned(),
            how: "stopped".to_owned(),
        },
    };
    assert!(!successor::after(&policy, &aborted, &start("the-next"), at(800)).bad_on_stable);
}

/// What a person gives stable by hand ends that: what the queue gains from then on is the fix's.
#[test]
fn a_hot_fix_on_stable_ends_what_was_left_there() {
    let mut hot = by_deployment(meaning(on("orders", 9, 3), "v9", "orders-settings"), "stable-9", 50);
    hot.primary.started_by = Part::Known(crate::StartedBy::Nobody);
    let seen = Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        stable: Part::Known(hot),
        ..at_approval()
    };
    let mut gated = rung(gated());
    gated.bad_on_stable = true;
    let adopted = decide(&policy(), &gated, &seen, at(460)).next;
    assert_eq!(adopted.stable.baseline.task_definition, arn("orders", 9));
    assert!(!adopted.bad_on_stable);
}

/// ECS takes the canary back to what a release before had given, and nothing is sent back: the next one begins there.
#[test]
fn what_ecs_has_put_back_of_an_earlier_release_is_where_the_next_one_begins() {
    let policy = says(Rollback::Never);
    let mut release = armed();
    release.canary.earlier = vec![arn("orders-canary", 7)];
    let undone = meaning(on("orders-canary", 7, 1), "v7", "orders-canary-settings");
    let unread = on("orders-canary", 7, 1);
    for (canary, begins) in [(undone, 7), (unread, 2)] {
        let seen = Seen {
            canary: Part::Known(by_deployment(canary, "canary-7", 480)),
            ..both(2, 1)
        };
        let left = [490, 520, 550]
            .into_iter()
            .fold(rung(release.clone()), |release, seconds| {
                decide(&policy, &release, &seen, at(seconds)).next
            });
        assert_eq!(left.phase.name(), "rollback failing");
        let start = Start::Job {
            execution: "the-fix".to_owned(),
            action_execution: "its-action".to_owned(),
        };
        let fix = successor::after(&policy, &left, &start, at(600));
        assert_eq!(fix.canary.baseline.task_definition, arn("orders-canary", begins));
    }
}

/// No task of the revision had pulled its images when it was kept: nobody can hold the fix against it, and what it made
/// ring is not the fix's.
#[test]
fn what_was_kept_before_its_images_were_known_is_left_bad() {
    let start = Start::Job {
        execution: "the-fix".to_owned(),
        action_execution: "its-action".to_owned(),
    };
    let policy = says(Rollback::Never);
    for known in [true, false] {
        let mut armed = armed();
        let mut seen = both(2, 1);
        if let (false, Some(given)) = (known, armed.canary.given.as_mut()) {
            given.images = None;
        }
        if let (false, Part::Known(canary)) = (known, &mut seen.canary) {
            canary.primary.images = Part::Unknown("no task has started".to_owned());
        }
        let left = [460, 490, 520].into_iter().fold(rung(armed), |release, seconds| {
            decide(&policy, &release, &seen, at(seconds)).next
        });
        assert_eq!(left.phase.name(), "rollback failing");
        let fix = successor::after(&policy, &left, &start, at(600));
        assert_eq!((fix.canary.given.is_none(), fix.left_bad), (known, !known));
    }
}

#[test]
fn its_execution_is_kept_from_promoting_all_the_same() {
    let decision = decide(&says(Rollback::Never), &rung(gated()), &at_approval(), at(460));
    assert_eq!(lanes(&decision), "reject Gate/Ok", "{}", decision.because);
    let left = "orders-canary runs orders-canary:2, and is left so by the policy's rollback never";
    assert!(decision.because.contains(left), "{}", decision.because);
}

#[test]
fn it_stays_open_and_says_so_until_somebody_puts_it_right() {
    let policy = says(Rollback::Never);
    let first = decide(&policy, &rung(armed()), &both(2, 1), at(460)).next;
    assert_eq!(first.phase.name(), "rolling back");
    let next = decide(&policy, &first, &both(2, 1), at(490));
    assert_eq!(next.next.phase.name(), "rollback failing", "{}", next.because);
    assert!(
        next.because
            .contains("not taken back; the next release takes its place"),
        "{}",
        next.because
    );
    let days_later = decide(&policy, &next.next, &both(2, 1), at(200_000));
    assert_eq!(
        (days_later.next.phase.name(), lanes(&days_later)),
        ("rollback failing", "".to_owned())
    );
    let by_hand = decide(&policy, &days_later.next, &both(1, 1), at(200_060)).next;
    assert!(
        matches!(
            by_hand.phase,
            Phase::Closed {
                outcome: Outcome::RolledBack { .. }
            }
        ),
        "{:?}",
        by_hand.phase
    );
}

#[test]
fn what_ecs_gives_up_half_way_back_is_not_pushed() {
    let first = decide(&says(Rollback::Never), &rung(armed()), &both(2, 1), at(460)).next;
    let mut given_up = in_progress(meaning(on("orders-canary", 1, 1), "v1", "orders-canary-settings"), 0, 1);
    given_up.primary.rollout = crate::Rollout::Failed;
    let seen = Seen {
        canary: Part::Known(given_up),
        ..both(2, 1)
    };
    let decision = decide(&says(Rollback::Never), &first, &seen, at(600));
    assert_eq!(lanes(&decision), "", "{}", decision.because);
    assert!(
        decision.because.contains("ECS has given up going to its baseline"),
        "{}",
        decision.because
    );
}

/// An alarm does not tell whose fault it is: what is watched cannot be taken back, so only the next one is.
#[test]
fn what_was_promoted_stays_where_the_next_one_fails() {
    let policy = says(Rollback::UntilPromoting);
    let mut release = armed();
    let watched = crate::Watched {
        release: "orders-before".to_owned(),
        until: at(2_000),
        canary: release.canary.clone(),
        stable: promoting().stable,
        images: None,
    };
    release.watched = Some(watched);
    let decision = decide(&policy, &rung(release.clone()), &both(2, 1), at(460));
    assert!(decision.next.watched.is_some(), "{}", decision.because);
    assert!(decision.next.stable.given.is_none());
    assert!(lanes(&decision).contains("restore"), "{}", decision.because);
    let allowed = decide(&says(Rollback::Allowed), &rung(release), &both(2, 1), at(460));
    assert!(allowed.next.watched.is_none() && allowed.next.stable.given.is_some());
}

/// What was sent to the canary is under way while a look still shows both with the revision, and lands a moment later.
#[test]
fn what_lands_late_of_a_canary_that_was_sent_back_is_where_the_next_one_begins() {
    let policy = says(Rollback::UntilPromoting);
    let start = Start::Job {
        execution: "the-fix".to_owned(),
        action_execution: "its-action".to_owned(),
    };
    let begun = decide(&policy, &rung(gated()), &Seen::nothing(), at(460)).next;
    // Late: the attempt was already thought to be lost.
    for looks in [[(461, 2), (480, 1)], [(600, 2), (640, 1)]] {
        let left = looks.into_iter().fold(begun.clone(), |release, (seconds, canary)| {
            decide(&policy, &release, &both(canary, 2), at(seconds)).next
        });
        let fix = successor::after(&policy, &left, &start, at(700));
        assert_eq!(
            fix.canary.baseline.task_definition,
            arn("orders-canary", 1),
            "{looks:?}"
        );
        assert_eq!(fix.stable.baseline.task_definition, arn("orders", 2), "{looks:?}");
    }
}
