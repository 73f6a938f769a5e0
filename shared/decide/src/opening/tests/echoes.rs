//! What looks like a release and is none.

use super::*;
use crate::testing::{OTHER, at_approval, by_execution};
use crate::{Seen, decide};

#[test]
fn an_echo_opens_nothing() {
    let rolled_back = || closed(armed(), Outcome::RolledBack { cause: cause() });
    let copied = || {
        let mut copied = rolled_back();
        copied.canary.restore = arn("orders-canary", 5);
        copied
    };
    let registered = || {
        let mut registered = rolled_back();
        let fact = Fact::Prepared {
            instead_of: arn("orders-canary", 1),
            task_definition: arn("orders-canary", 6),
        };
        registered.facts.insert(fact.key(), fact);
        registered
    };
    let source = |revision, digest: &str| Part::Known(Some(deployed("orders-canary", revision, digest)));
    let overtaken = || {
        let by = "x".to_owned();
        closed(copied(), Outcome::Overtaken { by })
    };
    let ours = |revision: u32| {
        format!("none: orders-canary:{revision} is what release orders-1a2b3c4d was taken back to: an echo")
    };
    let (ours_1, ours_5, ours_9) = (ours(1), ours(5), ours(9));
    check(vec![
        (
            "the same definition once more, as forceNewDeployment and scaling by CloudFormation do",
            from(after(), source(2, "v2")),
            "none: orders-canary:2 is what the service ran before: an echo",
        ),
        (
            "another definition of the same images and configuration",
            from(after(), source(1, "v2")),
            "none: orders-canary:2 has the images and the configuration that ran before: an echo",
        ),
        (
            "the same images, but another configuration",
            canary(from(after(), source(1, "v2")), |seen| {
                meaning(seen, "v2", "more-memory")
            }),
            "orders-canary:1 orders:1",
        ),
        (
            "what ran before by other digests, unread as yet",
            canary(from(after(), source(1, "v2")), unread),
            "orders-canary:1 orders:1",
        ),
        (
            "our own restore of a release that is over",
            last(on_the_canary(from(after(), source(2, "v2")), 1, "v1"), rolled_back()),
            "none: orders-canary:1 is what the service ran before: an echo",
        ),
        (
            "to a copy that was prepared when it was opened",
            last(on_the_canary(from(after(), source(2, "v2")), 5, "v0"), copied()),
            "none: orders-canary:5 is what the service ran before: an echo",
        ),
        (
            "to a copy that was registered on the way back",
            last(on_the_canary(from(after(), source(2, "v2")), 6, "v0"), registered()),
            "none: orders-canary:6 is what the service ran before: an echo",
        ),
        (
            "to its images and configuration under another name",
            last(on_the_canary(from(after(), source(2, "v2")), 9, "v1"), rolled_back()),
            "none: orders-canary:9 has the images and the configuration that ran before: an echo",
        ),
        (
            "of a release that was overtaken: its baseline, after what took it over",
            last(on_the_canary(from(after(), source(7, "v3")), 1, "v1"), overtaken()),
            &ours_1,
        ),
        (
            "of a release that was overtaken: the copy, after what took it over",
            last(on_the_canary(from(after(), source(7, "v3")), 5, "v0"), overtaken()),
            &ours_5,
        ),
        (
            "of a release that was overtaken: the same images and configuration, after what took it over",
            last(on_the_canary(from(after(), source(7, "v3")), 9, "v1"), overtaken()),
            &ours_9,
        ),
        (
            "of a release that was overtaken: yet another one",
            last(on_the_canary(from(after(), source(7, "v3")), 9, "v9"), overtaken()),
            "orders-canary:7 orders:1",
        ),
        (
            "the same after a promotion is a new release, which goes back on purpose",
            last(
                on_the_canary(from(after(), source(2, "v2")), 1, "v1"),
                closed(armed(), Outcome::Promoted),
            ),
            "orders-canary:2 orders:1",
        ),
    ]);
}

#[test]
fn what_belongs_to_a_closed_release_opens_no_other() {
    let belongs = "none: orders-canary:2 belongs to release orders-1a2b3c4d, which is closed";
    let given = |deployment: &str| {
        let mut last = closed(armed(), Outcome::RolledBack { cause: cause() });
        last.canary.given.as_mut().unwrap().deployment = deployment.to_owned();
        last.closed_on = Some("ecs-svc/canary-restored".to_owned());
        last
    };
    let closed_on = |deployment: &str| Release {
        closed_on: Some(deployment.to_owned()),
        ..closed(opened(), Outcome::Abandoned { why: "x".to_owned() })
    };
    let never_seen = || closed(opened(), Outcome::Abandoned { why: "x".to_owned() });
    let at_second = |seconds| canary(after(), |seen| by_deployment(seen, "x", seconds));
    check(vec![
        (
            "the very deployment that it gave",
            last(after(), given("ecs-svc/orders-canary-2")),
            belongs,
        ),
        (
            "another deployment, later than the one it was closed on",
            last(after(), given("ecs-svc/canary-2")),
            "orders-canary:1 orders:1",
        ),
        (
            "the deployment that it was closed on",
            last(after(), closed_on("ecs-svc/orders-canary-2")),
            belongs,
        ),
        (
            "closed without having seen the canary: older than the end",
            last(at_second(4_999), never_seen()),
            belongs,
        ),
        (
            "closed without having seen the canary: of the same millisecond",
            last(at_second(5_000), never_seen()),
            belongs,
        ),
        (
            "closed without having seen the canary: younger",
            last(at_second(5_001), never_seen()),
            "orders-canary:1 orders:1",
        ),
    ]);
}

#[test]
fn what_ecs_puts_back_of_a_release_that_had_failed_is_that_no_second_time() {
    let policy = policy();
    let source = Part::Known(Some(deployed("orders-canary", 2, "v2")));
    let dry = || closed(armed(), Outcome::WouldRollBack { cause: cause() });
    let beginning = Beginning {
        start: Start::Action {
            execution: OTHER.to_owned(),
            action_execution: "a2".to_owned(),
        },
        ..last(on_the_canary(from(after(), source), 3, "v3"), dry())
    };
    let Opening::Release(release) = open(&policy, &beginning, at(6_010)) else {
        panic!("no release");
    };
    assert_eq!(release.canary.earlier, [arn("orders-canary", 2)]);
    let on_canary = |canary| Seen {
        canary: Part::Known(canary),
        ..at_approval()
    };
    let baking = decide(&policy, &release, &on_canary(beginning.canary.seen), at(6_010));
    assert_eq!(baking.next.phase.name(), "baking", "{}", baking.because);
    // Its own execution had been abandoned, and is taken for whoever gave the canary that.
    let before = by_deployment(
        meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings"),
        "put-back",
        6_100,
    );
    let back = by_execution(before, "1a2b3c4d-0000-4000-8000-000000000000");
    let decision = decide(&policy, &baking.next, &on_canary(back), at(6_110));
    assert_eq!((decision.next.phase.name(), decision.successor), ("rolling back", None));
    assert!(matches!(decision.next.phase.rolling_back(), Some(Cause::Undone { .. })));
}
