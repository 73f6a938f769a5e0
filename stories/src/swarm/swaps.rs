//! Policies whose two services exchange their roles: several releases one after the other, so that a release opens from
//! exchanged roles, and bad ones among them. Drawn by chance of its own, so that it moves nothing else.

use super::coverage::{Coverage, SWAP};
use super::plan::{Act, Happening, Nature, Setting, Swap};
use super::starts;
use crate::Stage;
use crate::law::{Evidence, Release, is_ours};
use crate::scene::RowA;
use fastrand::Rng;
use serde_json::{Value, json};
use simulator::elb::stage as elb;
use simulator::world::Call;

/// Of so many policies one swaps.
const SWAPS_ONE_IN: u32 = 6;

/// A person waits so long before the next release of a policy that swaps: the last one's watch is to be over.
const APART_SECONDS: std::ops::Range<i64> = 15 * 60..28 * 60;

/// For how long things break and people meddle after the last release has begun.
const AFTER_SECONDS: i64 = 20 * 60;

/// Seconds between two health checks, and until a target is let go, where neither is AWS's default.
const QUICK: (i64, i64) = (10, 60);

/// Half of all versions are bad.
const NATURES: [Nature; 11] = [
    Nature::Good,
    Nature::Good,
    Nature::Good,
    Nature::Good,
    Nature::Good,
    Nature::Errs,
    Nature::ErrsSeldom,
    Nature::Slow,
    Nature::Poisonous,
    Nature::Crashes,
    Nature::FailsToStart,
];

/// A release was opened while the side that is written as the canary carried everything.
const FROM_EXCHANGED: &str = "opened from exchanged roles";
/// The same, and taken back.
const BACK_TO_EXCHANGED: &str = "taken back to exchanged roles";
/// Everything was at the new side when a release was taken back.
const BACK_IN_WATCH: &str = "taken back in the watch";
/// It had a share, and not everything.
const BACK_IN_STEPS: &str = "taken back in a step";
/// A release that was promoted, and its old side given no tasks.
const RETIRED: &str = "promoted, and the old side retired";
/// The same, and the old side kept.
const KEPT: &str = "promoted, and the old side kept";
/// A person had it taken back.
const ABORTED: &str = "aborted";
/// Somebody else had changed the rule in the middle of it.
const MEDDLED: &str = "somebody changes the rule meanwhile";

/// What must become of swaps.
pub(super) const BECAME: [&str; 8] = [
    FROM_EXCHANGED,
    BACK_TO_EXCHANGED,
    BACK_IN_WATCH,
    BACK_IN_STEPS,
    RETIRED,
    KEPT,
    ABORTED,
    MEDDLED,
];

/// Draws them. Answers until when things break: the releases of a swap take their time.
pub(super) fn draw(seed: u64, settings: &mut [Setting], happenings: &mut Vec<Happening>, until: i64) -> i64 {
    let rng = &mut Rng::with_seed(seed.rotate_left(28) ^ 0x05_4a9);
    let mut latest = until;
    for (policy, setting) in settings.iter_mut().enumerate() {
        let swap = Swap {
            retire: ["scale_to_zero", "scale_to_zero", "keep"][rng.usize(..3)],
            is_empty: rng.bool(),
            is_in_rule: rng.u32(..4) > 0,
        };
        if rng.u32(..SWAPS_ONE_IN) > 0 || setting.first_day.is_some() {
            continue;
        }
        if setting.by_hand.is_none() {
            setting.by_hand = Some(["automatic", "automatic", "human"][rng.usize(..3)]);
            starts::by_hand(rng, policy, happenings, until);
        }
        setting.swap = Some(swap);
        setting.balanced = setting.balanced.or_else(|| Some(rng.bool()));
        (setting.shape, setting.dry_run) = (None, false);
        (setting.rollback, setting.on_new_release) = ("allowed", "hold");
        happenings.retain(|happening| happening.policy != policy || !matches!(happening.act, Act::Release { .. }));
        latest = latest.max(life(rng, policy, setting, happenings));
    }
    latest
}

/// Several releases one after the other. Answers until when this goes on.
fn life(rng: &mut Rng, policy: usize, setting: &Setting, happenings: &mut Vec<Happening>) -> i64 {
    let mut add = |at: i64, act: Act| happenings.push(Happening { at, policy, act });
    let releases = rng.u32(2..5);
    let mut at = rng.i64(10..200);
    for number in 0..releases {
        let again = number > 0 && rng.u32(..6) == 0;
        let version = if again { rng.u32(1..2 + number) } else { 2 + number };
        let nature = NATURES[rng.usize(..NATURES.len())];
        add(at, Act::Release { version, nature });
        if nature == Nature::Poisonous {
            // Or nothing goes forward for as long as the alarm rings.
            add(at + rng.i64(500..900), Act::Purge);
        }
        if setting.by_hand == Some("human") {
            add(at + rng.i64(300..900), Act::Order { kind: "approve" });
        }
        if rng.u32(..8) == 0 {
            let kind = ["abort", "promote", "skip"][rng.usize(..3)];
            add(at + rng.i64(120..1_200), Act::Order { kind });
        }
        at += rng.i64(APART_SECONDS);
    }
    at - APART_SECONDS.start + AFTER_SECONDS
}

/// What such a policy says.
pub(super) fn add(swap: Swap, policy: &mut Value) {
    policy["promotion"] = json!("swap");
    policy["retire"] = json!(swap.retire);
    if let Some(traffic) = policy["traffic"].as_object_mut() {
        traffic.remove("resting_share_permille");
    }
}

/// One side carries everything, and the other is at rest: with tasks of its own, or none.
pub(super) fn settle_in(stage: &mut Stage, seed: u64, row: &RowA, swap: Swap) {
    let balancer = stage.balancers[&row.name].clone();
    let mut world = stage.sim.world();
    if fastrand::Rng::with_seed(seed.rotate_left(36)).bool() {
        for group in [&balancer.canary, &balancer.stable] {
            elb::set(&mut world, group, |group| {
                (group.interval_seconds, group.deregistration_delay_seconds) = QUICK;
            });
        }
    }
    if swap.is_empty {
        let emptied = json!({"cluster": row.cluster, "service": row.canary, "desiredCount": 0});
        let emptied = world.call("ann", "ecs", "UpdateService", emptied);
        emptied.unwrap_or_else(|refusal| panic!("{refusal}"));
    }
}

/// What became of them.
pub(super) fn count(evidence: &Evidence, coverage: &mut Coverage) {
    for release in evidence.releases.iter().filter(|release| release.swaps()) {
        let row = evidence.rows.get(&release.policy);
        let exchanged = row.is_some_and(|row| release.document["canary"]["name"] == row.name.as_str());
        let back = evidence.rollback_committed(release.id());
        let had = back.and_then(|back| evidence.weights_before(release, back));
        let opened = release.opened();
        let within = |call: &Call| {
            let changes = ["ModifyRule", "ModifyListener"].contains(&call.operation.as_str());
            let own = call.input["RuleArn"] == release.frozen["traffic"]["rule"] && call.outcome.is_ok();
            let open = opened.is_some_and(|opened| opened <= call.at);
            changes && own && open && release.closed.is_none_or(|closed| call.at <= closed)
        };
        let meddled = evidence.calls.iter().any(|call| !is_ours(call) && within(call));
        let promoted = release.outcome() == Some("promoted");
        let retires = release.frozen["retire"] == "scale_to_zero";
        let became = [
            (FROM_EXCHANGED, exchanged),
            (
                BACK_TO_EXCHANGED,
                exchanged && had.is_some_and(|(canary, _)| canary > 0),
            ),
            (
                BACK_IN_WATCH,
                had.is_some_and(|(canary, stable)| canary > 0 && stable == 0),
            ),
            (
                BACK_IN_STEPS,
                had.is_some_and(|(canary, stable)| canary > 0 && stable > 0),
            ),
            (RETIRED, promoted && retires && is_retired(evidence, release)),
            (KEPT, promoted && !retires),
            (ABORTED, release.cause() == "ordered"),
            (MEDDLED, meddled),
        ];
        for (what, _) in became.into_iter().filter(|(_, holds)| *holds) {
            coverage.count(SWAP, what);
        }
    }
}

/// Whether one of us has scaled its old side to nothing.
fn is_retired(evidence: &Evidence, release: &Release) -> bool {
    let within = |call: &Call| release.opened().is_some_and(|opened| opened <= call.at);
    let old = &release.document["stable"]["name"];
    let mut calls = evidence.calls.iter().filter(|call| is_ours(call) && within(call));
    calls.any(|call| {
        call.operation == "UpdateService" && call.input["service"] == *old && call.input["desiredCount"] == 0
    })
}
