//! Policies behind a load balancer in a history, and what became of their weights: drawn by chance of its own, so that it
//! moves nothing else.

use super::coverage::Coverage;
use crate::Stage;
use crate::balancer::Plan;
use crate::law::{Evidence, is_ours};
use serde_json::{Value, json};

/// Few, as most histories last for hours.
const VISITORS_A_SECOND: f64 = 2.0;

/// Weights gave the canary a share.
const SHIFTED: &str = "weights give the canary a share";
/// They were returned while a release was rolled back.
const RETURNED: &str = "weights are returned in a rollback";
/// Releases with steps that are all alike.
const LINEAR: &str = "a release with equal steps";
/// Releases with a share of their own at rest.
const RESTING: &str = "a release with a share of its own at rest";
/// Requests that went where a cookie had them go.
const STUCK: &str = "requests that stuck to their group";
/// Requests that weights sent to the canary.
const SERVED: &str = "requests that weights sent to the canary";

/// What must come of it.
pub(super) const FLOORS: [&str; 6] = [SHIFTED, RETURNED, LINEAR, RESTING, STUCK, SERVED];

/// The load balancer.
pub(super) fn plan(is_sticky: bool) -> Plan {
    Plan {
        sticky_seconds: is_sticky.then_some(60),
        visitors: VISITORS_A_SECOND,
        ..Plan::default()
    }
}

/// Half of the policies say what their canary has at rest; a third of those with steps have equal ones.
pub(super) fn add(seed: u64, policy: &mut Value) {
    let rng = &mut fastrand::Rng::with_seed(seed.rotate_left(12) ^ 0xe1b);
    if rng.bool() {
        policy["traffic"]["resting_share_permille"] = json!(10);
    }
    let linear = json!({"step_permille": 200, "every_minutes": 1, "until_permille": 600});
    if rng.u32(..3) == 0
        && policy["steps"].is_array()
        && let Some(members) = policy.as_object_mut()
    {
        members.remove("steps");
        members.insert("linear".to_owned(), linear);
    }
}

/// What became of it.
pub(super) fn count(stage: &Stage, evidence: &Evidence, kind: &'static str, coverage: &mut Coverage) {
    let changes = evidence.calls.iter().filter(|call| {
        let changes = ["ModifyRule", "ModifyListener"].contains(&call.operation.as_str());
        changes && is_ours(call) && call.outcome.is_ok()
    });
    let changes: Vec<_> = changes.collect();
    for release in evidence
        .releases
        .iter()
        .filter(|release| release.frozen["traffic"]["kind"] == "alb")
    {
        let traffic = &release.frozen["traffic"];
        let back = evidence.rollback_committed(release.id());
        let own = |call: &simulator::world::Call| {
            let opened = release.opened().is_some_and(|opened| opened <= call.at);
            call.input["RuleArn"] == traffic["rule"] && opened && release.closed.is_none_or(|closed| call.at <= closed)
        };
        let is_back = |call: &simulator::world::Call| back.is_some_and(|back| back <= call.at);
        let own: Vec<_> = changes.iter().filter(|call| own(call)).collect();
        let returned = own.iter().filter(|call| is_back(call)).count();
        coverage.add(kind, RETURNED, returned as u64);
        coverage.add(kind, SHIFTED, (own.len() - returned) as u64);
        coverage.add(kind, LINEAR, u64::from(release.frozen["linear"].is_object()));
        coverage.add(kind, RESTING, u64::from(traffic["resting_share_permille"].is_number()));
    }
    let world = stage.sim.world();
    for (name, balancer) in &stage.balancers {
        let stuck = balancer
            .served(&world)
            .visits
            .iter()
            .filter(|visit| !visit.drawn)
            .count();
        coverage.add(kind, STUCK, stuck as u64);
        let drawn = evidence.drawn.get(name).into_iter().flatten();
        let served = drawn.filter(|(_, is_canarys)| *is_canarys).count();
        coverage.add(kind, SERVED, served as u64);
    }
}
