//! Scenes of what is written into Parameter Store.

use super::begun::{KNOWN, POLICY_CHANGED};
use super::table::watched;
use super::{Leads, Scene};

pub(super) const CREATED: Scene = watched(
    "ssm/parameter-create",
    "somebody has written a policy that nobody knows yet",
    ["serin deployed", "policy orders"],
    Leads::Learns,
    "\"policy\":\"known\"",
);
pub(super) const DELETED: Scene = watched(
    "ssm/parameter-delete",
    "somebody has deleted the policy",
    [KNOWN, "the policy of orders is deleted"],
    Leads::Learns,
    "\"policy\":\"forgotten\"",
);
pub(super) const UPDATED: Scene = watched(
    "ssm/parameter-update",
    "somebody has changed the policy",
    [KNOWN, POLICY_CHANGED],
    Leads::Learns,
    "\"version\":2",
);
