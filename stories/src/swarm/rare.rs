//! What is dear to play, and drawn seldom, by chance of its own, so that it moves nothing else: forty policies whose names
//! begin like one another's, and an approval that nobody answers for more than a lap of the clock.

use super::coverage::{ACT, Coverage};
use super::draw::{life, setting};
use super::plan::{Happening, Plan, Setting};
use crate::Stage;
use fastrand::Rng;
use serde_json::Value;
use simulator::world::Call;

/// Of so many histories one has forty policies.
const MANY_ONE_IN: u32 = 70;

/// Of so many histories one has nobody answer what waits, where something does.
const WAITS_ONE_IN: u32 = 12;

/// For so many hours: a lap of the clock is a thousand looks, and most are a minute apart.
const WAITS_HOURS: std::ops::Range<i64> = 18..30;

/// So many of the further policies release something.
const RELEASING: usize = 8;

/// The most policies of any other history.
pub(super) const USUAL: usize = 3;

/// Forty policies, of which several release at once.
pub(super) const MANY: &str = "forty policies";

/// An approval waited for longer than a lap.
pub(super) const WAITED: &str = "nobody answers an approval for most of a day";

/// The laps that the clock went on with meanwhile.
pub(super) const LAPS: &str = "the clock goes on with its next lap";

/// The names of the further ones: each begins like one of the usual, and many like one another.
const NAMES: [&str; 37] = [
    "orders-1",
    "orders-2",
    "orders-3",
    "orders-4",
    "orders-5",
    "orders-6",
    "orders-7",
    "orders-8",
    "orders-9",
    "orders-10",
    "orders-11",
    "orders-12",
    "orders-13",
    "orders-14",
    "orders-15",
    "orders-16",
    "orders-17",
    "orders-18",
    "orders-19",
    "orders-100",
    "orders-101",
    "orders-102",
    "orders-103",
    "orders-104",
    "orders-105",
    "orders-106",
    "orders-107",
    "orders-108",
    "orders-109",
    "orders-eu-1",
    "orders-eu-10",
    "orders-eu-2",
    "orders-eu-20",
    "ord",
    "orde",
    "order-1",
    "order-10",
];

/// Adds what makes a history of forty policies of one.
pub(super) fn draw(seed: u64, settings: &mut Vec<Setting>, happenings: &mut Vec<Happening>, until: i64) {
    let rng = &mut Rng::with_seed(seed.rotate_left(40) ^ 0xf0f);
    if rng.u32(..MANY_ONE_IN) > 0 {
        return;
    }
    let traffic = &mut Rng::with_seed(rng.u64(..));
    for name in NAMES {
        let quiet = Setting {
            messages: 30,
            ..setting(rng, traffic, name)
        };
        settings.push(quiet);
    }
    let first = settings.len() - NAMES.len();
    let mut further: Vec<usize> = (first..settings.len()).collect();
    rng.shuffle(&mut further);
    for policy in further.into_iter().take(RELEASING) {
        happenings.extend(life(rng, policy, until));
    }
}

/// Nobody answers what waits, where something does and that is drawn.
pub(super) fn wait(stage: &mut Stage, plan: &Plan, coverage: &mut Coverage) {
    let rng = &mut Rng::with_seed(plan.seed.rotate_left(52) ^ 0xa17);
    let waits = |setting: &Setting| stage.awaits_approval(&stage.rows[setting.name].clone());
    if rng.u32(..WAITS_ONE_IN) > 0 || !plan.settings.iter().any(waits) {
        return;
    }
    let from = stage.now();
    stage.run_for(rng.i64(WAITS_HOURS) * 3_600);
    coverage.count(ACT, WAITED);
    let world = stage.sim.world();
    let laps = world.calls.iter().filter(|call| call.at > from && is_next_lap(call));
    coverage.add(ACT, LAPS, laps.count() as u64);
}

/// Whether the clock of a release goes on as another execution of its state machine.
fn is_next_lap(call: &Call) -> bool {
    let input = call.input["input"].as_str().unwrap_or_default();
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    call.operation == "StartExecution" && call.outcome.is_ok() && input["lap"].as_u64().is_some_and(|lap| lap > 1)
}
