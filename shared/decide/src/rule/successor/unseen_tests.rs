//! ECS had put back what a release's own execution gave the canary before anybody saw it there: what the canary is given
//! next is the next release's, and no word for this one follows from it.

use crate::testing::{
    OTHER, at, at_approval, by_deployment, by_execution, meaning, newcomer, on, opened, policy, unknown,
};
use crate::{Execution, Part, Seen, decide};

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
