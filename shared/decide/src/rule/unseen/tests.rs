//! ECS had put back what a release's own execution gave the canary before anybody saw it there: what the canary is given
//! next is the next release's, and no word for this one follows from it.

use crate::testing::{
    OTHER, approval, armed, at, at_approval, by_deployment, by_execution, execution, lanes, meaning, newcomer, on,
    opened, policy, unknown,
};
use crate::{Execution, ExecutionStatus, Part, Release, Seen, SeenExecution, StartedBy, decide};

#[test]
fn what_the_next_execution_gives_an_unseen_canary_is_none_of_this_releases() {
    let own = opened().pipeline.unwrap().execution;
    let by_other = |seen| by_execution(by_deployment(seen, "canary-9", 300), OTHER);
    let mut barring = opened();
    let other = Execution::unseen("orders".to_owned(), OTHER.to_owned(), None);
    barring.barred.push(other);
    let mut nobody_knows = newcomer();
    nobody_knows.primary.started_by = unknown();
    let cases = [
        ("the next execution", opened(), newcomer(), "superseded"),
        ("its own execution", opened(), by_execution(newcomer(), &own), "baking"),
        (
            "an execution that must not promote any more",
            barring,
            newcomer(),
            "baking",
        ),
        (
            "an execution before it, by a look behind the times",
            opened(),
            by_deployment(newcomer(), "canary-7", -80),
            "baking",
        ),
        ("nobody knows by whom", opened(), nobody_knows, "baking"),
        (
            "the next execution gives it what it ran before",
            opened(),
            by_other(meaning(on("orders-canary", 9, 1), "v1", "orders-canary-settings")),
            "deploying",
        ),
    ];
    for (case, release, canary, expected) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            stable: Part::Known(on("orders", 1, 3)),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(500));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        assert_eq!(decision.successor.is_some(), expected == "superseded", "{case}");
        // Its execution must not promote either: nobody has judged what it would give stable.
        let barred = decision.successor.iter().flat_map(|next| &next.barred);
        let barred: Vec<_> = barred.map(|run| &run.execution).collect();
        assert_eq!(barred.contains(&&own), expected == "superseded", "{case}");
    }
}

/// The canary runs its baseline by what it ran before, or was given something by hand.
#[test]
fn a_release_whose_action_is_through_waits_for_no_canary_that_runs_its_baseline() {
    let back = || by_deployment(on("orders-canary", 1, 1), "canary-put-back", 40);
    let mut words = back();
    words.given_up.insert(
        "ecs-svc/canary-2".to_owned(),
        "ECS deployment circuit breaker: tasks failed to start.".to_owned(),
    );
    let mut same = by_execution(back(), &opened().pipeline.unwrap().execution);
    same.primary.task_definition = format!("{}9", same.primary.task_definition);
    let by_hand = |seconds| {
        let mut given = by_deployment(newcomer(), "canary-7", seconds);
        given.primary.started_by = Part::Known(StartedBy::Nobody);
        given
    };
    let mut started_by_hand = opened();
    started_by_hand.wanted = Some(crate::testing::wanted());
    let undone = "rolling back: orders-canary no longer runs the revision; ";
    let broken = "rolling back: orders-canary no longer runs the revision: ECS deployment circuit breaker: tasks failed to \
                  start.; ";
    let waiting = "waiting for orders-canary to be given a revision";
    let theirs =
        "rolling back: orders-canary was given orders-canary:7, which is neither this release nor its baseline; ";
    let cases = [
        ("put back", opened(), back(), Some(60), undone),
        ("by ECS, which says why", opened(), words, Some(60), broken),
        (
            "a moment ago: the answer may be behind",
            opened(),
            back(),
            Some(141),
            waiting,
        ),
        (
            "the action is not through, or nobody knows",
            opened(),
            back(),
            None,
            waiting,
        ),
        (
            "its own, once more",
            opened(),
            same,
            Some(60),
            "orders-canary runs the revision",
        ),
        (
            "somebody gave it another since",
            opened(),
            by_hand(100),
            Some(60),
            theirs,
        ),
        (
            "nobody's action gave it that before",
            opened(),
            by_hand(50),
            Some(60),
            "orders-canary runs the revision",
        ),
        (
            "it is Serin that gives it",
            started_by_hand,
            back(),
            Some(60),
            "orders-canary's definition is registered",
        ),
    ];
    for (case, release, canary, deployed, expected) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            stable: Part::Known(on("orders", 1, 3)),
            pipeline: Part::Known(SeenExecution {
                approval: Some(approval()),
                deployed: deployed.map(at),
                ..execution(ExecutionStatus::InProgress)
            }),
            ..at_approval()
        };
        let decision = decide(&policy(), &release, &seen, at(200));
        assert!(decision.because.starts_with(expected), "{case}: {}", decision.because);
        // Whoever asks for the approval asks in vain.
        let rejected = lanes(&decision).contains("reject Gate/Ok");
        assert_eq!(
            rejected,
            expected.starts_with("rolling back"),
            "{case}: {}",
            lanes(&decision)
        );
    }
}

#[test]
fn whether_the_action_is_through_is_asked_only_of_who_has_waited() {
    let started_by_hand = Release {
        wanted: Some(crate::testing::wanted()),
        ..opened()
    };
    let without = Release {
        pipeline: None,
        ..opened()
    };
    // Opened at -60.
    let cases = [
        ("just opened", opened(), 119, false),
        ("it has waited", opened(), 120, true),
        ("it bakes", armed(), 120, false),
        ("Serin gives it", started_by_hand, 120, false),
        ("no pipeline", without, 120, false),
    ];
    for (case, release, seconds, expected) in cases {
        assert_eq!(crate::asks_deployed(&release, at(seconds)), expected, "{case}");
    }
}
