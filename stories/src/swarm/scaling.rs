//! Application Auto Scaling in a history: in half of those whose policies have steps a canary is scaled automatically, and
//! its scaling policies want something all the time. Drawn by chance of its own, so that it moves nothing else.

use super::coverage::{ACT, Coverage};
use super::plan::Plan;
use crate::Stage;
use crate::law::is_ours;
use simulator::autoscaling::stage::{scale, want};

/// Fewest and most tasks.
const LIMITS: (i64, i64) = (1, 4);

/// Canaries that are scaled, by policy name.
fn scaled<'p>(stage: &'p Stage, plan: &'p Plan) -> impl Iterator<Item = &'p str> {
    let names = plan.settings.iter().filter(|setting| setting.first_day.is_none());
    let names = names.map(|setting| setting.name);
    names.filter(|name| {
        let steps = stage
            .policies
            .get(*name)
            .is_some_and(|policy| policy["steps"].is_array());
        let mut chance = fastrand::Rng::with_seed(plan.seed.rotate_left(40));
        steps && chance.bool()
    })
}

/// Registers them.
pub(super) fn register(stage: &Stage, plan: &Plan) {
    for name in scaled(stage, plan) {
        let row = &stage.rows[name];
        scale(&mut stage.sim.world(), &row.cluster, &row.canary, LIMITS);
    }
}

/// Some of them want another number of tasks at this moment.
pub(super) fn wants(stage: &Stage, plan: &Plan) {
    let mut chance = fastrand::Rng::with_seed(plan.seed.rotate_left(48) ^ stage.now().0.unsigned_abs());
    for name in scaled(stage, plan) {
        let (row, tasks) = (&stage.rows[name], chance.i64(LIMITS.0..=LIMITS.1));
        if chance.u32(..4) == 0 {
            want(&mut stage.sim.world(), &row.cluster, &row.canary, tasks);
        }
    }
}

/// What became of it.
pub(super) fn count(stage: &Stage, coverage: &mut Coverage) {
    let world = stage.sim.world();
    let changes = || {
        let calls = world
            .calls
            .iter()
            .filter(|call| call.operation == "RegisterScalableTarget");
        calls.filter(|call| call.outcome.is_ok() && is_ours(call))
    };
    let suspends = |call: &simulator::world::Call| call.input["SuspendedState"]["DynamicScalingOutSuspended"] == true;
    let suspended = changes().filter(|call| suspends(call)).count();
    coverage.add(ACT, SUSPENDED, suspended as u64);
    coverage.add(ACT, GIVEN_BACK, (changes().count() - suspended) as u64);
    let scaled = world
        .calls
        .iter()
        .filter(|call| call.caller == "application-autoscaling");
    let scaled = scaled.filter(|call| call.operation == "UpdateService" && call.outcome.is_ok());
    coverage.add(ACT, SCALED, scaled.count() as u64);
}

/// The canary's automatic scaling was suspended by us.
pub(super) const SUSPENDED: &str = "automatic scaling is suspended";
/// It was given back.
pub(super) const GIVEN_BACK: &str = "automatic scaling is given back";
/// It did something.
pub(super) const SCALED: &str = "automatic scaling gives the canary tasks";
