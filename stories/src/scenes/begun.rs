//! How scenes begin, as lines of stories.

use super::{Leads, Scene, Set};

/// Lines, each with its end.
macro_rules! lines {
    ($($line:expr),+) => { concat!($($line, "\n"),+) };
}

/// Serin is deployed, and its policy's services share a queue.
macro_rules! known {
    () => {
        lines!(
            "serin deployed",
            "policy orders",
            "orders has a queue of 2 messages a second, received 2 times at most"
        )
    };
}

/// Both of Serin's actions stand behind the canary.
macro_rules! gated {
    () => {
        lines!(
            "serin deployed",
            concat!(
                "policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody ",
                r#"{"approval": "automatic", "promotion": "roll_stable", "#,
                r#""steps": [{"share_permille": 250, "bake_minutes": 5}]}"#
            ),
            "push orders v2",
            "release orders v2"
        )
    };
}

/// Nothing is open.
pub(super) const KNOWN: &str = concat!(known!(), "push orders v2");
/// Nothing is open, and there is no pipeline: Serin releases what it is told to.
pub(super) const BY_HAND: &str = lines!(
    "serin deployed",
    concat!(
        "policy orders ",
        r#"{"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "#,
        r#""steps": [{"share_permille": 250, "bake_minutes": 5}]}"#
    ),
    "push orders v2"
);
/// The same, where pushes to its repository start releases.
pub(super) const ON_PUSH: &str = lines!(
    "serin deployed",
    concat!(
        "policy orders ",
        r#"{"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "#,
        r#""steps": [{"share_permille": 250, "bake_minutes": 5}], "#,
        r#""starts_on_push": {"repository": "orders", "tag_pattern": "v*"}}"#
    ),
    "push orders v2"
);
/// The canary has just been given v2.
pub(super) const BAKING: &str = concat!(
    known!(),
    lines!(
        "push orders v2",
        "release orders v2",
        "until release of orders is baking"
    )
);
/// The canary runs v2, and its approval waits.
pub(super) const WAITING: &str = concat!(
    known!(),
    lines!(
        "push orders v2",
        "release orders v2",
        "until approval orders",
        "run 90s"
    )
);
/// The canary runs v2, which fails every message, and its approval waits.
pub(super) const POISONED: &str = concat!(
    known!(),
    lines!(
        "push orders v2",
        "v2 of orders fails every message",
        "release orders v2",
        "until approval orders"
    )
);
/// More messages are dead than the alarm bears; the queue's metric has not said so yet.
pub(super) const ABOUT_TO_RING: &str = "until 11 dead letters of orders";
/// Stable has just been given v2.
pub(super) const PROMOTING: &str = concat!(
    known!(),
    lines!(
        "push orders v2",
        "release orders v2",
        "until approval orders",
        "run 90s",
        "ann approves orders",
        "until release of orders is promoting"
    )
);
/// The canary has just been given what cannot start.
pub(super) const BROKEN: &str = concat!(
    known!(),
    lines!(
        "push orders v2 which cannot start",
        "release orders v2",
        "until release of orders is baking"
    )
);
/// The same, where somebody gave it that by hand.
pub(super) const BROKEN_BY_HAND: &str = concat!(
    known!(),
    lines!(
        "push orders v2 which cannot start",
        "bob deploys v2 to orders-canary of orders",
        "until release of orders is baking"
    )
);
/// The canary has just been given v2, and a test that fails comes after it.
pub(super) const TESTED: &str = lines!(
    "serin deployed",
    "policy orders through source Fetch, build Bake, canary Small, test Smoke, approval Ask, stable All",
    "orders has a queue of 2 messages a second, received 2 times at most",
    "push orders v2",
    "action Smoke of orders fails",
    "release orders v2",
    "until release of orders is baking"
);
/// Serin approves and promotes: the canary has baked, and the ledger says that it may go on.
pub(super) const APPROVED: &str = concat!(gated!(), "until release of orders is gated");
/// The canary runs v2 and bakes; what follows is Serin's.
pub(super) const JUDGED: &str = concat!(gated!(), lines!("until orders-canary of orders runs v2", "run 30s"));
/// The same, and somebody has frozen the policy.
pub(super) const FROZEN: &str = concat!(
    gated!(),
    lines!(
        "until orders-canary of orders runs v2",
        "run 30s",
        "ben freezes orders because the warehouse counts its stock",
        "run 1s"
    )
);
/// Stable runs v2, by Serin's doing.
pub(super) const PROMOTED: &str = concat!(gated!(), "until release of orders is watching");
/// The canary bakes, and a manual approval has asked Serin, which leaves it to a person.
const ASKED: &str = lines!(
    "serin deployed",
    concat!(
        "policy orders through source Code, build Pack, canary Tasting, asks Boss, stable Everybody ",
        r#"{"approval": "human", "steps": [{"share_permille": 250, "bake_minutes": 10}]}"#
    ),
    "push orders v2",
    "release orders v2",
    "until approval orders",
    "run 90s"
);
/// The policy watches for longer than before.
pub(super) const POLICY_CHANGED: &str = concat!(
    "the policy of orders becomes ",
    r#"{"name":"orders","two_services":{"cluster":"prod","stable":"orders","canary":"orders-canary"},"#,
    r#""traffic":{"kind":"consumer_share","tasks_max":40},"checks":[{"kind":"alarm","name":"orders-dlq-depth","#,
    r#""when_stale":"arm_on_recovery","insufficient_data":"ok"}],"pipeline":{"name":"orders"},"approval":"pipeline","#,
    r#""promotion":"pipeline","watch_minutes":45,"on_new_release":"hold","rollback":"allowed","deadline_minutes":30}"#,
);

/// The scene of a message that a manual approval sent.
pub(super) const fn asked(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "approve",
        about: "the canary bakes, and a manual approval behind it waits for a person and has notified Serin",
        set: Set::Story {
            heard: ASKED,
            unheard: "run 1s",
        },
        leads,
        says,
    }
}
