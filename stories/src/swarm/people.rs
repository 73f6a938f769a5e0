//! What people order of Serin: drawn by chance of its own, so that it moves nothing else.

use super::coverage::{Coverage, ORDER};
use super::plan::{Act, Happening};
use super::{LAST, act};
use crate::Stage;
use decide::Role;
use fastrand::Rng;
use serde_json::{Value, json};

/// In so many histories somebody orders something in one.
const ORDERED_ONE_IN: u32 = 3;

/// In so many histories Serin is upgraded in one.
const UPGRADED_ONE_IN: u32 = 8;

/// Orders, each as often as it stands here.
const ORDERS: [Act; 9] = [
    Act::Order { kind: "abort" },
    Act::Order { kind: "approve" },
    Act::Order { kind: "approve" },
    Act::Order { kind: "promote" },
    Act::Order { kind: "skip" },
    Act::Order { kind: "skip" },
    Act::Freeze { minutes: 5 },
    Act::Freeze { minutes: 25 },
    Act::Thaw,
];

/// Where a release must have been when somebody ordered something.
pub(super) const PHASES: [&str; 6] = ["none", "deploying", "baking", "gated", "watching", "rolling back"];

/// Draws them.
pub(super) fn draw(seed: u64, policies: usize, happenings: &mut Vec<Happening>, until: i64) {
    let rng = &mut Rng::with_seed(seed.rotate_left(40) ^ 0x0de2);
    for policy in (0..policies).filter(|_| seed.is_multiple_of(u64::from(ORDERED_ONE_IN))) {
        for _ in 0..rng.u32(1..6) {
            let act = ORDERS[rng.usize(..ORDERS.len())].clone();
            let at = rng.i64(120..until.max(240));
            happenings.push(Happening { at, policy, act });
        }
    }
    let rng = &mut Rng::with_seed(seed.rotate_left(36) ^ 0x5c4e);
    if rng.u32(..UPGRADED_ONE_IN) == 0 {
        let (at, policy) = (rng.i64(200..until.max(240)), rng.usize(..policies));
        let act = Act::Upgrade;
        happenings.push(Happening { at, policy, act });
    }
}

/// Sends an order as the command line does; whether it was one.
pub(super) fn orders(stage: &mut Stage, policy: &str, act: &Act) -> bool {
    let now = stage.now();
    let mut order = match act {
        Act::Order { kind } => {
            let releases = crate::told::ask::releases(stage, policy);
            let release = releases.last().map_or(Value::Null, |release| release["id"].clone());
            json!({"kind": kind, "release": release})
        }
        Act::Freeze { minutes } => {
            let until = decide::At::from_millis(now.plus_seconds(minutes * 60).0);
            json!({"kind": "freeze", "until": until})
        }
        Act::Thaw => json!({"kind": "thaw"}),
        _ => return false,
    };
    order["id"] = json!(format!("order-{}-{}", policy, now.0));
    order["by"] = json!("arn:aws:sts::111122223333:assumed-role/team/ann");
    order["why"] = json!("as the swarm has it");
    stage.sim.start("advance", json!({"policy": policy, "order": order}));
    true
}

/// Where the release was when it was ordered.
pub(super) fn count(stage: &Stage, policy: &str, act: &Act, coverage: &mut Coverage) {
    if matches!(act, Act::Order { .. } | Act::Freeze { .. } | Act::Thaw) {
        let held = stage.slot(policy).and_then(|slot| slot.held);
        let phase = held.map_or("none", |held| held.release.phase.name());
        coverage.count(ORDER, phase);
    }
}

/// Whether fixes may fail for what stable has run since before any release, which Serin cannot tell from what they do
/// themselves: from the third one on, people give stable the one before by hand (README, "Not built yet").
pub fn mend_stable(stage: &mut Stage, policy: &str, fixes: u32) {
    let held = stage.slot(policy).and_then(|slot| slot.held);
    let Some(held) = held.filter(|held| held.release.phase.name() == "rollback failing") else {
        return;
    };
    if fixes >= 2 && !held.release.bad_on_stable {
        let fix = Act::Deploy {
            role: Role::Stable,
            version: LAST + fixes - 1,
        };
        let _ = act::perform(stage, policy, &fix);
    }
}
