//! What slipped by: never seen on the canary, and yet given to stable.

use crate::order::{Order, Ordered};
use crate::testing::{
    OTHER, armed, at, at_approval, by_deployment, by_execution, by_nobody, execution, lanes, meaning, on, opened,
    policy, unknown,
};
use crate::{ExecutionStatus, Fact, Over, Part, Release, Seen, SeenExecution, StartedBy, decide};

#[test]
fn what_nobody_saw_on_the_canary_and_its_execution_gave_stable_is_taken_back() {
    // ECS had put the canary back before the first look; the action called that a success.
    let through = |over| Part::Known(execution(ExecutionStatus::Over(over)));
    let given = || by_deployment(meaning(on("orders", 2, 3), "v2", "orders-settings"), "stable-2", 50);
    let mut unread = given();
    (unread.primary.images, unread.primary.image_names) = (unknown(), unknown());
    let before = by_deployment(given(), "stable-2", -9_000);
    let waits = "deploying";
    let cases = [
        ("given by it", given(), Over::Succeeded, "rolling back"),
        ("not read yet", unread, Over::Succeeded, waits),
        ("there before it was opened", before, Over::Succeeded, "abandoned"),
        ("its baseline", on("orders", 1, 3), Over::Succeeded, "abandoned"),
        (
            "the images it ran before, over somebody's settings",
            by_deployment(meaning(on("orders", 2, 3), "v1", "more-memory"), "stable-2", 50),
            Over::Succeeded,
            "abandoned",
        ),
        (
            "of an execution that failed: not its own",
            given(),
            Over::Failed,
            "abandoned",
        ),
    ];
    for (case, stable, status, expected) in cases {
        let seen = Seen {
            canary: Part::Known(on("orders-canary", 1, 1)),
            stable: Part::Known(stable),
            pipeline: through(status),
            ..at_approval()
        };
        let first = decide(&policy(), &opened(), &seen, at(100));
        let later = decide(&policy(), &first.next, &seen, at(400));
        assert_eq!(later.next.phase.name(), expected, "{case}: {}", later.because);
        if expected == "rolling back" {
            assert!(
                lanes(&first).contains("restore orders orders:1"),
                "{case}: {}",
                lanes(&first)
            );
        }
    }
}

#[test]
fn what_somebody_gave_the_canary_over_the_release_is_theirs_and_it_is_not_promoted_unjudged() {
    let own = "1a2b3c4d-0000-4000-8000-000000000000";
    let theirs =
        "rolling back: orders-canary was given orders-canary:7, which is neither this release nor its baseline";
    let ours = "orders-canary runs the revision";
    let cases = [
        ("seen on the canary before", armed(), own, theirs, "reject Gate/Ok"),
        ("never seen on the canary", opened(), own, theirs, "reject Gate/Ok"),
        ("over what another execution had given", opened(), OTHER, ours, ""),
    ];
    for (case, release, execution, because, acts) in cases {
        let mut third = by_deployment(
            meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings"),
            "canary-7",
            20,
        );
        third.primary.started_by = Part::Known(StartedBy::SomebodyAfter {
            execution: execution.to_owned(),
            action_execution: format!("{execution} deploys"),
        });
        let seen = Seen {
            canary: Part::Known(third),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(100));
        assert!(decision.because.starts_with(because), "{case}: {}", decision.because);
        assert_eq!(lanes(&decision), acts, "{case}");
    }
}

#[test]
fn what_somebody_gave_the_canary_when_the_execution_had_ended_without_giving_it_anything_is_theirs() {
    let theirs =
        "rolling back: orders-canary was given orders-canary:7, which is neither this release nor its baseline";
    let bound = "rolling back: execution 1a2b3c4d was";
    let over = |over| execution(ExecutionStatus::Over(over));
    let under_way = execution(ExecutionStatus::InProgress);
    let nobody = || Part::Known(StartedBy::Nobody);
    let own = || {
        Part::Known(StartedBy::Execution {
            execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
            action_execution: "a1".to_owned(),
            rollback: false,
        })
    };
    let runs = "orders-canary runs the revision";
    let cases = [
        ("stopped", nobody(), over(Over::Stopped), "v3", theirs),
        ("failed", nobody(), over(Over::Failed), "v3", theirs),
        (
            "stopped, and nobody knows what it is",
            nobody(),
            over(Over::Stopped),
            "",
            theirs,
        ),
        (
            "by the execution's own action, which wrote late",
            own(),
            over(Over::Stopped),
            "v3",
            bound,
        ),
        ("nobody knows by whom", unknown(), over(Over::Stopped), "v3", bound),
        (
            "under way: its action is still to write",
            nobody(),
            under_way.clone(),
            "v3",
            runs,
        ),
        (
            "what it ran before, under another name",
            nobody(),
            over(Over::Stopped),
            "v1",
            "the execution is over and orders-canary still runs its baseline",
        ),
    ];
    for (case, started_by, pipeline, digest, because) in cases {
        let seen = meaning(on("orders-canary", 7, 1), digest, "orders-canary-settings");
        let mut canary = by_deployment(seen, "canary-7", 20);
        canary.primary.started_by = started_by;
        if digest.is_empty() {
            canary.primary.images = unknown();
        }
        let seen = Seen {
            canary: Part::Known(canary),
            pipeline: Part::Known(pipeline),
            ..at_approval()
        };
        let decision = decide(&policy(), &opened(), &seen, at(100));
        assert!(decision.because.starts_with(because), "{case}: {}", decision.because);
        let touches = lanes(&decision).contains("orders-canary");
        assert_eq!(touches, because == bound, "{case}: {}", lanes(&decision));
    }
}

#[test]
fn what_its_own_execution_gave_stable_while_the_canary_ran_something_else_is_taken_back() {
    let own = "1a2b3c4d-0000-4000-8000-000000000000";
    let given = |digest: &str| by_deployment(meaning(on("orders", 5, 3), digest, "orders-settings"), "stable-5", 60);
    let unjudged = "rolling back: orders was given orders:5, whose images the canary was never seen to run";
    let theirs = "rolling back: orders was given orders:5, which is neither this release nor its baseline";
    let promotes = "orders runs the revision; watched";
    let cases = [
        ("by its own", by_execution(given("v3"), own), unjudged, true),
        ("by another execution", by_execution(given("v3"), OTHER), theirs, false),
        ("by a person", by_nobody(given("v3")), theirs, false),
        ("nobody knows by whom", given("v3"), theirs, false),
        ("what the canary runs", by_execution(given("v2"), own), promotes, false),
    ];
    for (case, stable, because, taken_back) in cases {
        let seen = Seen {
            stable: Part::Known(stable.clone()),
            ..at_approval()
        };
        for release in [armed(), crate::testing::gated()] {
            let decision = decide(&policy(), &release, &seen, at(100));
            assert!(decision.because.starts_with(because), "{case}: {}", decision.because);
            let restored = lanes(&decision).contains("restore orders orders:1");
            assert_eq!(restored, taken_back, "{case}: {}", lanes(&decision));
        }
    }
    // What a person gave the canary before its action was seen to is theirs, and stays.
    let nobodys = by_nobody(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings"));
    let bound = decide(
        &policy(),
        &opened(),
        &Seen {
            canary: Part::Known(nobodys),
            ..at_approval()
        },
        at(10),
    );
    assert!(bound.next.canary.given.as_ref().is_some_and(|given| given.by_hand));
    let seen = Seen {
        stable: Part::Known(by_execution(given("v3"), own)),
        ..at_approval()
    };
    let decision = decide(&policy(), &bound.next, &seen, at(100));
    assert!(decision.because.starts_with(unjudged), "{}", decision.because);
    assert_eq!(lanes(&decision), "restore orders orders:1 | reject Gate/Ok");
    // The action of what is being taken back already was not kept from it.
    let late = Seen {
        stable: Part::Known(by_execution(given("v3"), own)),
        ..at_approval()
    };
    let decision = decide(&policy(), &crate::testing::rolling_back(), &late, at(110));
    assert!(
        lanes(&decision).contains("restore orders orders:1"),
        "{}",
        lanes(&decision)
    );
}

/// Somebody aborts the release, and the pipeline is at its next execution by then.
#[test]
fn what_an_action_abandoned_before_its_write_may_still_do_keeps_an_aborted_release_open() {
    let stopped = |abandoned_before| {
        Part::Known(SeenExecution {
            abandoned_before,
            ..execution(ExecutionStatus::Over(Over::Stopped))
        })
    };
    for (case, abandoned_before) in [("abandoned", true), ("stopped, and waited for", false)] {
        let (pipeline, waits) = (stopped(abandoned_before), abandoned_before);
        let looking = |release: &Release, pipeline: &Part<SeenExecution>, seconds| {
            let seen = Seen {
                canary: Part::Known(on("orders-canary", 1, 1)),
                stable: Part::Known(on("orders", 1, 3)),
                pipeline: pipeline.clone(),
                ..at_approval()
            };
            decide(&policy(), release, &seen, at(seconds)).next
        };
        let mut release = looking(&opened(), &pipeline, 100);
        assert_eq!(release.phase.name(), "deploying", "{case}");
        let fact = Fact::Order(Ordered {
            id: "order-abort".to_owned(),
            order: Order::Abort,
            release: release.id.clone(),
            by: "ann".to_owned(),
            why: "it was the wrong one".to_owned(),
            at: at(105),
            deployment: None,
            step: None,
        });
        release.facts.insert(fact.key(), fact);
        let gone = stopped(false);
        let first = looking(&release, &gone, 110);
        assert!(first.phase.rolling_back().is_some(), "{case}");
        let later = looking(&first, &gone, 600);
        assert_eq!(later.phase.rolling_back().is_some(), waits, "{case}");
        let end = looking(&later, &gone, 100 + 3_600 + 120);
        assert_eq!(end.phase.name(), "rolled back", "{case}");
    }
}

/// A release takes the place of one that began with what a person gave the canary, and its execution is stopped.
#[test]
fn what_a_person_had_given_the_canary_before_stays_where_the_execution_ends_without_giving_it_anything() {
    let theirs =
        "rolling back: orders-canary was given orders-canary:2, which is neither this release nor its baseline";
    let bad = "rolling back: execution 1a2b3c4d was stopped without promoting";
    let waits = "waiting for orders-canary to be given a revision";
    let over = || execution(ExecutionStatus::Over(Over::Stopped));
    let under_way = || execution(ExecutionStatus::InProgress);
    let cases = [
        ("stopped", true, over(), theirs),
        ("what a release before had given it", false, over(), bad),
        ("under way", true, under_way(), waits),
    ];
    for (case, by_hand, pipeline, because) in cases {
        let mut release = Release {
            phase: crate::Phase::Deploying,
            ..armed()
        };
        let given = release.canary.given.as_mut().unwrap();
        given.by_hand = by_hand;
        let left = given.task_definition.clone();
        release.canary.earlier.extend((!by_hand).then_some(left));
        let seen = |canary| Seen {
            canary: Part::Known(canary),
            pipeline: Part::Known(pipeline.clone()),
            ..at_approval()
        };
        let first = decide(&policy(), &release, &seen(on("orders-canary", 2, 1)), at(100));
        assert!(first.because.starts_with(because), "{case}: {}", first.because);
        let restores = lanes(&first).contains("orders-canary");
        assert_eq!(restores, because == bad, "{case}: {}", lanes(&first));
        if because == theirs {
            let read = by_nobody(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings"));
            let later = decide(&policy(), &first.next, &seen(read), at(400));
            let end = (later.next.phase.name(), lanes(&later));
            assert_eq!(end, ("overtaken", String::new()), "{}", later.because);
        }
    }
}

/// Nobody is named for what ECS puts back: only what no release before had given is a person's.
#[test]
fn what_ecs_put_back_before_a_release_began_is_no_persons() {
    for (earlier, by_hand) in [(true, false), (false, true)] {
        let mut release = Release {
            phase: crate::Phase::Deploying,
            ..opened()
        };
        release.canary.given = None;
        let left = by_nobody(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")).primary;
        release
            .canary
            .earlier
            .extend(earlier.then(|| left.task_definition.clone()));
        crate::rule::arm::found(&mut release, &left);
        assert_eq!(release.canary.given.unwrap().by_hand, by_hand, "{earlier}");
    }
}
