//! Scenes of releases that people start by hand.

use super::begun::BY_HAND;
use super::{Leads, Scene, Set};

/// The scene of an explicit start.
const fn started(event: &'static str, leads: Leads, says: &'static str) -> Scene {
    Scene {
        event,
        function: "open",
        about: "no release is open; the policy has no pipeline, Serin approves and promotes",
        set: Set::Story {
            heard: BY_HAND,
            unheard: "run 1s",
        },
        leads,
        says,
    }
}

pub(super) const BY_A_TAG: Scene = started("start/by-a-tag", Leads::Nothing, "names no digest");
pub(super) const OF_A_TOOL: Scene = started("start/of-a-tool", Leads::Opens, "\"accepted\":true");
pub(super) const RELEASE: Scene = started("start/release", Leads::Opens, "\"accepted\":true");
pub(super) const WITHOUT_IMAGES: Scene = started(
    "start/without-images",
    Leads::Refused,
    "an object with an image for each container that changes",
);
