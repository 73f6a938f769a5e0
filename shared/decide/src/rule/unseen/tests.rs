//! ECS had put back what a release's own execution gave the canary before anybody saw it there: what the canary is given
//! next is the next release's, and no word for this one follows from it.

use crate::testing::{
    OTHER, approval, armed, arn, at, at_approval, by_deployment, by_execution, execution, lanes, meaning, newcomer, on,
    opened, policy, unknown,
};
use crate::{Execution, ExecutionStatus, Part, Release, Seen, SeenExecution, SeenService, StartedBy, decide};

/// The canary as it is seen while the execution waits for approval, and when its action on the canary was through.
fn seen(canary: SeenService, deployed: Option<i64>) -> Seen {
    Seen {
        canary: Part::Known(canary),
        stable: Part::Known(on("orders", 1, 3)),
        pipeline: Part::Known(SeenExecution {
            approval: Some(approval()),
            deployed: deployed.map(at),
            ..execution(ExecutionStatus::InProgress)
        }),
        ..at_approval()
    }
}

#[test]
fn what_the_next_execution_gives_an_unseen_canary_is_none_of_this_releases() {
    let own = opened().pipeline.unwrap().execution;
    let by_other = |seen| by_execution(by_deployment(seen, "canary-9", 300), OTHER);
    let mut barring = opened();
    let other = Execution::unseen("orders".to_owned(), OTHER.to_owned(), None);
    barring.barred.push(other);
    // The release before had given the canary v3 as orders-canary:7, and one before that orders-canary:8.
    let mut carried = opened();
    carried.canary.given = armed().canary.given;
    let left_there = carried.canary.given.as_mut().unwrap();
    left_there.task_definition = newcomer().primary.task_definition;
    left_there.deployment = "ecs-svc/left".to_owned();
    carried.canary.earlier.push(arn("orders-canary", 8));
    let left = |seconds| {
        let mut left = by_deployment(newcomer(), "put-back", seconds);
        left.primary.started_by = unknown();
        left
    };
    let earlier = |seconds| {
        let mut earlier = left(seconds);
        earlier.primary.task_definition = arn("orders-canary", 8);
        earlier
    };
    let mut nobody_knows = newcomer();
    nobody_knows.primary.started_by = unknown();
    let cases = [
        ("the next execution", opened(), newcomer(), Some(60), "superseded"),
        (
            "another, while its own is at work",
            opened(),
            newcomer(),
            None,
            "deploying",
        ),
        (
            "another, where an action before it opened was through",
            opened(),
            newcomer(),
            Some(-61),
            "deploying",
        ),
        (
            "what the release before had left is on it",
            carried.clone(),
            newcomer(),
            Some(60),
            "superseded",
        ),
        (
            "what the release before had left is put back",
            carried.clone(),
            left(300),
            None,
            "deploying",
        ),
        (
            "what another before that had left is",
            carried,
            earlier(300),
            None,
            "deploying",
        ),
        (
            "its own execution",
            opened(),
            by_execution(newcomer(), &own),
            Some(60),
            "baking",
        ),
        (
            "an execution that must not promote any more",
            barring,
            newcomer(),
            Some(60),
            "baking",
        ),
        (
            "an execution before it, by a look behind the times",
            opened(),
            by_deployment(newcomer(), "canary-7", -80),
            Some(60),
            "baking",
        ),
        ("nobody knows by whom", opened(), nobody_knows, Some(60), "baking"),
        (
            "the next execution gives it what it ran before",
            opened(),
            by_other(meaning(on("orders-canary", 9, 1), "v1", "orders-canary-settings")),
            Some(60),
            "deploying",
        ),
    ];
    for (case, release, canary, deployed, expected) in cases {
        let seen = seen(canary, deployed);
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
    let mut carried = opened();
    carried.canary.given = armed().canary.given;
    let mut left = by_deployment(on("orders-canary", 2, 1), "put-back", 40);
    left.primary.started_by = unknown();
    let undone = "rolling back: orders-canary no longer runs the revision: its deploy action is through, and nobody saw there what that gave; ";
    let broken = "rolling back: orders-canary no longer runs the revision: its deploy action is through, and nobody saw there \
                  what that gave; ECS says: ECS deployment circuit breaker: tasks failed to start.; ";
    let waiting = "waiting for orders-canary to be given a revision";
    let theirs =
        "rolling back: orders-canary was given orders-canary:7, which is neither this release nor its baseline; ";
    let cases = [
        ("put back", opened(), back(), Some(60), undone),
        ("what the release before had left", carried, left, Some(60), undone),
        (
            "an action of before it was opened",
            opened(),
            back(),
            Some(-61),
            waiting,
        ),
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
        let seen = seen(canary, deployed);
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
    let on_baseline = || on("orders-canary", 1, 1);
    let nobodys = || {
        let mut nobodys = newcomer();
        nobodys.primary.started_by = Part::Known(StartedBy::Nobody);
        nobodys
    };
    let own = by_execution(newcomer(), &opened().pipeline.unwrap().execution);
    // Opened at -60.
    let cases = [
        ("just opened", opened(), on_baseline(), 119, false),
        ("it has waited", opened(), on_baseline(), 120, true),
        ("another execution's", opened(), newcomer(), 0, true),
        ("nobody's", opened(), nobodys(), 0, true),
        ("its own", opened(), own, 0, false),
        ("it bakes", armed(), nobodys(), 120, false),
        ("Serin gives it", started_by_hand, nobodys(), 120, false),
        ("no pipeline", without, nobodys(), 120, false),
    ];
    for (case, release, canary, seconds, expected) in cases {
        let asked = crate::asks_deployed(&release, &Part::Known(canary), at(seconds));
        assert_eq!(asked, expected, "{case}");
    }
}
