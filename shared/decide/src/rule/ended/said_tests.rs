//! What the cause says of it where ECS took a service back by itself.

use crate::testing::{at, at_approval, by_deployment, given_up, on, policy, promoted, promoting};
use crate::{Cause, Part, Phase, Seen, SeenService, decide};

/// The circuit breaker's own words, as long as ECS shows the deployment that it gave up.
#[test]
fn what_ecs_says_of_giving_up_stands_in_the_cause() {
    let breaker = "ECS deployment circuit breaker: tasks failed to start";
    let says = |mut seen: SeenService, id: &str| {
        seen.given_up.insert(format!("ecs-svc/{id}"), breaker.to_owned());
        seen
    };
    let again = || by_deployment(on("orders", 1, 3), "stable-1-again", 250);
    let undone = "orders no longer runs the revision";
    let cases = [
        (
            "ECS took it back",
            says(again(), "stable-2"),
            format!("{undone}: {breaker}"),
        ),
        ("of another deployment", says(again(), "stable-9"), undone.to_owned()),
        (
            "a person took it back, or ECS shows it no more",
            again(),
            undone.to_owned(),
        ),
        (
            "ECS gave up and cannot go back",
            says(given_up(promoted(), 0, 3), "stable-2"),
            format!("ECS gave up deploying the revision to orders: {breaker}"),
        ),
    ];
    for (case, stable, expected) in cases {
        let seen = Seen {
            stable: Part::Known(stable),
            ..at_approval()
        };
        let decision = decide(&policy(), &promoting(), &seen, at(300));
        let cause = decision.next.phase.rolling_back().map(ToString::to_string);
        assert_eq!(cause, Some(expected), "{case}: {}", decision.because);
    }
}

/// What was written before ECS was quoted is read as it was.
#[test]
fn a_cause_without_these_words_is_read_and_written_as_before() {
    for kind in ["undone", "given_up"] {
        let cause = |why: &str| {
            format!("{{\"phase\":\"rolling_back\",\"cause\":{{\"cause\":\"{kind}\",\"service\":\"orders\"{why}}}}}")
        };
        for text in [cause(""), cause(",\"why\":\"it says so\"")] {
            let phase: Phase = serde_json::from_str(&text).unwrap();
            assert!(matches!(
                phase.rolling_back(),
                Some(Cause::Undone { .. } | Cause::GivenUp { .. })
            ));
            let told = phase.rolling_back().unwrap().to_string();
            assert_eq!(told.ends_with(": it says so"), text.contains("why"), "{told}");
            assert_eq!(serde_json::to_string(&phase).unwrap(), text);
        }
    }
}
