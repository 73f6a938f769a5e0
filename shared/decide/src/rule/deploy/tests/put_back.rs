//! What ECS puts back of the release before.

use super::*;
use crate::{SeenOlder, SeenServiceDeployment};

/// What it was given did not start, and nobody had seen it there: ECS has put back what the release before had left. Where
/// ECS says nothing of that, a person has.
#[test]
fn what_ecs_puts_back_of_the_release_before_is_nobody_elses() {
    let put_back = || {
        let mut again = by_nobody(meaning(on("orders-canary", 5, 1), "v2", "orders-canary-settings"));
        (again.primary.id, again.primary.created) = ("ecs-svc/another".to_owned(), at(40));
        again
    };
    let failed = |deployment: &str, number: u32| {
        let mut again = put_back();
        again.older.push(SeenOlder {
            id: "ecs-svc/given".to_owned(),
            task_definition: crate::testing::arn("orders-canary", number),
            tasks: 0,
        });
        again
            .given_up
            .insert(deployment.to_owned(), "it did not start".to_owned());
        again
    };
    let goes_back = |rolling_back: bool| SeenService {
        in_flight: Some(SeenServiceDeployment {
            arn: "sd".to_owned(),
            stoppable: true,
            rolling_back,
            sources: Vec::new(),
        }),
        ..put_back()
    };
    let again = "deploy orders-canary:6 to orders-canary";
    for (case, canary, acts) in [
        ("ECS gave up what was given", failed("ecs-svc/given", 6), again),
        ("ECS is going back", goes_back(true), again),
        ("a person's is under way", goes_back(false), ""),
        ("a person's was given up itself", failed("ecs-svc/another", 6), ""),
        (
            "what somebody else had given was given up",
            failed("ecs-svc/given", 7),
            "",
        ),
        ("a person's", put_back(), ""),
    ] {
        let (release, _) = after_one_before(5, 6);
        let decision = looking(&release, Part::Known(canary), at(60));
        assert_eq!(lanes(&decision), acts, "{case}: {}", decision.because);
        let theirs = decision.because.contains("by somebody else meanwhile");
        assert_eq!(theirs, acts.is_empty(), "{case}: {}", decision.because);
    }
}
