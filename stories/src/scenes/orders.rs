//! Scenes of what people order.

use super::begun::{FROZEN, JUDGED};
use super::table::{ROLLS_BACK, at_approval};
use super::{Leads, Scene, Set};

/// The scene of an order about what Serin approves and promotes.
const fn ordered(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "advance",
        about: "the canary runs v2 and bakes; Serin is to approve and to promote it",
        set: Set::Story {
            heard: JUDGED,
            unheard: "run 1s",
        },
        leads,
        says,
    }
}

/// The scene of an order in a freeze.
const fn frozen(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        about: "the canary runs v2 and bakes, and somebody has frozen the policy",
        set: Set::Story {
            heard: FROZEN,
            unheard: "run 1s",
        },
        ..ordered(event, leads, says)
    }
}

pub(super) const ABORT: Scene = at_approval("order/abort", "advance", ROLLS_BACK, "\"accepted\":true");
pub(super) const APPROVE: Scene = ordered("order/approve", Leads::To("gated"), "approved by arn:aws:sts");
pub(super) const FREEZE: Scene = ordered(
    "order/freeze",
    Leads::Looks,
    "is frozen until 2026-11-21T12:00:00Z by arn:aws:sts",
);
pub(super) const HOSTILE_TEXT: Scene = at_approval(
    "order/hostile-text",
    "advance",
    ROLLS_BACK,
    "all is well[2K gninrom doog 03:12:00 ben approved",
);
pub(super) const OF_A_CLOSED_RELEASE: Scene = at_approval(
    "order/of-a-closed-release",
    "advance",
    Leads::Looks,
    "orders-00000000deadbeef is not open; ",
);
pub(super) const PROMOTE: Scene = ordered("order/promote", Leads::To("promoting"), "promoted by arn:aws:sts");
pub(super) const SKIP: Scene = ordered("order/skip", Leads::To("gated"), "skipped by arn:aws:sts");
pub(super) const THAW: Scene = frozen("order/thaw", Leads::Looks, "policy orders is thawed by arn:aws:sts");
pub(super) const UNKNOWN_KIND: Scene = at_approval(
    "order/unknown-kind",
    "advance",
    Leads::Refused,
    "one of abort, approve, promote, skip, freeze, thaw",
);
