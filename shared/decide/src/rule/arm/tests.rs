use crate::testing::{arn, at, at_approval, meaning, on, opened, policy, unknown};
use crate::{Part, Phase, Release, Seen, SeenService, decide};

fn looked(release: &Release, canary: Part<SeenService>) -> Release {
    decide(
        &policy(),
        release,
        &Seen {
            canary,
            ..at_approval()
        },
        at(10),
    )
    .next
}

#[test]
fn a_release_is_armed_by_whatever_the_canary_is_given_and_by_nothing_else() {
    let unread = || {
        let mut seen = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
        seen.primary.images = Part::Unknown("no task has pulled".to_owned());
        seen
    };
    let cases = [
        ("nothing new", Part::Known(on("orders-canary", 1, 1)), false),
        (
            "the same under another ARN",
            Part::Known(meaning(on("orders-canary", 5, 1), "v1", "orders-canary-settings")),
            false,
        ),
        (
            "other images",
            Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
            true,
        ),
        (
            "only other settings",
            Part::Known(meaning(on("orders-canary", 2, 1), "v1", "more-memory")),
            true,
        ),
        ("something nobody has pulled yet", Part::Known(unread()), true),
        ("unknown", unknown(), false),
    ];
    for (case, canary, armed) in cases {
        let next = looked(&opened(), canary);
        assert_eq!(next.armed().is_some(), armed, "{case}");
        assert_eq!(next.phase == Phase::Baking { step: 0 }, armed, "{case}");
    }
}

#[test]
fn digests_are_filled_in_when_they_become_known_and_never_replaced() {
    let mut seen = meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings");
    seen.primary.images = Part::Unknown("no task has pulled".to_owned());
    let armed = looked(&opened(), Part::Known(seen));
    assert_eq!(armed.images, None);
    assert!(!armed.knows(crate::Role::Stable, &arn("orders", 2)));
    let known = looked(
        &armed,
        Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
    );
    assert_eq!(known.images, Some(crate::testing::images("v2")));
    let later = looked(
        &known,
        Part::Known(meaning(on("orders-canary", 2, 1), "v9", "orders-canary-settings")),
    );
    assert_eq!(
        later.images,
        Some(crate::testing::images("v2")),
        "a tag that moves changes nothing"
    );
}
