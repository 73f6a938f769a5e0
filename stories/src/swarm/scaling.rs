//! Application Auto Scaling in a history: in half of those whose policies have steps a canary is scaled automatically, and
//! its scaling policies want something all the time. Drawn by chance of its own, so that it moves nothing else.

use super::coverage::{ACT, Coverage};
use super::plan::Plan;
use crate::Stage;
use crate::law::is_ours;
use simulator::autoscaling::stage::{scale, want};

/// Fewest and most tasks.
const LIMITS: (i64, i64) = (1, 4);

/// Services that are scaled, each with its cluster: canaries; where both exchange their roles, both.
fn scaled(stage: &Stage, plan: &Plan) -> Vec<(String, String)> {
    let mut scaled = Vec::new();
    for setting in plan.settings.iter().filter(|setting| setting.first_day.is_none()) {
        let steps = stage
            .policies
            .get(setting.name)
            .is_some_and(|policy| policy["steps"].is_array());
        let mut chance = fastrand::Rng::with_seed(plan.seed.rotate_left(40));
        if !steps || !chance.bool() {
            continue;
        }
        let row = &stage.rows[setting.name];
        let other = setting.swap.map(|_| &row.name);
        let services = [Some(&row.canary), other];
        scaled.extend(
            services
                .into_iter()
                .flatten()
                .map(|service| (row.cluster.clone(), service.clone())),
        );
    }
    scaled
}

/// Registers them.
pub(super) fn register(stage: &Stage, plan: &Plan) {
    for (cluster, service) in scaled(stage, plan) {
        scale(&mut stage.sim.world(), &cluster, &service, LIMITS);
    }
}

/// Some of them want another number of tasks at this moment.
pub(super) fn wants(stage: &Stage, plan: &Plan) {
    let mut chance = fastrand::Rng::with_seed(plan.seed.rotate_left(48) ^ stage.now().0.unsigned_abs());
    for (cluster, service) in scaled(stage, plan) {
        let tasks = chance.i64(LIMITS.0..=LIMITS.1);
        if chance.u32(..4) == 0 {
            want(&mut stage.sim.world(), &cluster, &service, tasks);
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
