use crate::testing::{armed, at, at_approval, lanes, meaning, on, opened, policy, unknown};
use crate::{Part, Seen, decide};

#[test]
fn only_a_third_revision_on_an_armed_canary_is_somebody_elses() {
    let third = || Part::Known(meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings"));
    let mut promoting = armed();
    promoting.stable.given = promoting.canary.given.clone();
    let cases = [
        ("a third revision", armed(), third(), "overtaken"),
        (
            "the release's own",
            armed(),
            Part::Known(on("orders-canary", 2, 1)),
            "baking",
        ),
        (
            "its baseline again",
            armed(),
            Part::Known(on("orders-canary", 1, 1)),
            "baking",
        ),
        (
            "cannot be told",
            armed(),
            Part::Known(on("orders-canary", 7, 1)),
            "baking",
        ),
        ("unknown", armed(), unknown(), "baking"),
        ("not armed: that is the release itself", opened(), third(), "baking"),
        (
            "stable was touched: it must be put right first",
            promoting,
            third(),
            "baking",
        ),
    ];
    for (case, release, canary, expected) in cases {
        let decision = decide(
            &policy(),
            &release,
            &Seen {
                canary,
                ..at_approval()
            },
            at(10),
        );
        assert_eq!(decision.next.phase.name(), expected, "{case}");
        assert_eq!(lanes(&decision), "", "{case}: left alone");
    }
}
