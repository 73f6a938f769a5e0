//! Policies behind a load balancer in a history, and what became of their weights: drawn by chance of its own, so that it
//! moves nothing else.

use super::coverage::Coverage;
use super::plan::{Act, Happening, Nature, Setting, Swap};
use crate::Stage;
use crate::balancer::{Balancer, Plan};
use crate::law::{Evidence, is_ours};
use crate::scene::RowA;
use decide::{Release, Role, Weights};
use fastrand::Rng;
use serde_json::{Value, json};
use simulator::World;
use simulator::elb::stage as elb;
use simulator::workload::web::{Manner, stage as web};

/// Few, as most histories last for hours.
const VISITORS_A_SECOND: f64 = 2.0;

/// In so many histories people change the rule of a policy in one.
const MEDDLED_ONE_IN: u32 = 2;

/// What they do to it, each as often as it stands here.
const MEDDLING: [Act; 12] = [
    Act::Weigh { canary: 0, stable: 1 },
    Act::Weigh { canary: 1, stable: 0 },
    Act::Weigh { canary: 1, stable: 1 },
    Act::Weigh { canary: 30, stable: 70 },
    Act::Weigh { canary: 70, stable: 30 },
    Act::TakeOut { role: Role::Canary },
    Act::TakeOut { role: Role::Canary },
    Act::TakeOut { role: Role::Stable },
    Act::TakeOut { role: Role::Stable },
    Act::CloseRule,
    Act::CloseRule,
    Act::DeleteRule,
];

/// Most errors in a minute, of all that both groups answer.
const ERRORS_MAX: u32 = 5;

/// So many of a thousand answers of a version that errs are errors, and of one that does so seldom.
const ERRS_PERMILLE: (u32, u32) = (800, 100);

/// How long answers of a slow version take.
const SLOW_MILLIS: std::ops::RangeInclusive<i64> = 1_500..=2_500;

/// What becomes of versions that would fail every message.
const BAD: [Nature; 4] = [Nature::Errs, Nature::ErrsSeldom, Nature::Slow, Nature::Poisonous];

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

/// Most of those whose policies would say nothing of steps have some all the same. Of the versions that would fail every
/// message most fail visitors instead, and people change the rule.
pub(super) fn draw(seed: u64, settings: &mut [Setting], happenings: &mut Vec<Happening>, until: i64) {
    let rng = &mut Rng::with_seed(seed.rotate_left(44) ^ 0xba1);
    let balanced = |(_, setting): &(usize, &mut Setting)| setting.balanced.is_some() && setting.first_day.is_none();
    for (policy, setting) in settings.iter_mut().enumerate().filter(balanced) {
        let least = i64::from(setting.swap.is_some() || rng.u32(..4) > 0);
        setting.bake_minutes = setting.bake_minutes.max(least);
        for happening in happenings.iter_mut().filter(|happening| happening.policy == policy) {
            if let Act::Release { nature, .. } = &mut happening.act
                && *nature == Nature::Poisonous
            {
                *nature = BAD[rng.usize(..BAD.len())];
            }
        }
        if rng.u32(..MEDDLED_ONE_IN) == 0 {
            let at = rng.i64(60..until.max(120));
            let act = MEDDLING[rng.usize(..MEDDLING.len())].clone();
            happenings.push(Happening { at, policy, act });
            if rng.u32(..3) > 0 {
                let (at, act) = (at + rng.i64(30..900), Act::MendRule);
                happenings.push(Happening { at, policy, act });
            }
        }
    }
}

/// The load balancer.
pub(super) fn plan(is_sticky: bool, swap: Option<Swap>) -> Plan {
    let sticky_seconds = is_sticky.then_some(60);
    let plan = Plan {
        sticky_seconds,
        visitors: VISITORS_A_SECOND,
        ..Plan::default()
    };
    match swap {
        Some(swap) => Plan {
            weights: (swap.is_in_rule.then_some(0), 1),
            ..plan
        },
        None => plan,
    }
}

/// How tasks of a version answer visitors, where not as all others do.
pub(super) fn answers(world: &mut World, digest: &str, nature: Nature) {
    let well = Manner::fast(50..=150);
    let manner = match nature {
        Nature::Errs => Manner {
            error_permille: ERRS_PERMILLE.0,
            ..well
        },
        Nature::ErrsSeldom => Manner {
            error_permille: ERRS_PERMILLE.1,
            ..well
        },
        Nature::Slow => Manner::fast(SLOW_MILLIS),
        Nature::Good | Nature::Poisonous | Nature::FailsToStart | Nature::Crashes => return,
    };
    web::answers(world, digest, manner);
}

/// Does what a person does to a rule; why not, where AWS refuses.
pub(super) fn perform(stage: &Stage, policy: &str, act: &Act) -> Result<(), String> {
    let balancer = stage.balancers.get(policy).ok_or("there is no load balancer")?;
    let right = right(stage, policy, &stage.rows[policy], balancer);
    let world = &mut *stage.sim.world();
    match act {
        Act::Weigh { canary, stable } => balancer.weigh(world, "ann", *canary, *stable),
        Act::TakeOut { role } => {
            let group = match role {
                Role::Canary => &balancer.canary,
                Role::Stable => &balancer.stable,
            };
            balancer.takes_out(world, "ann", group)
        }
        Act::CloseRule => balancer.answers(world, "ann"),
        Act::MendRule => balancer.opens(world, "ann", right),
        Act::DeleteRule => {
            let asked = json!({"RuleArns": [balancer.rule]});
            let found = world.call("ann", "elbv2", "DescribeRules", asked);
            found.map_err(|refusal| refusal.to_string())?;
            elb::delete_rule(world, &balancer.rule);
            Ok(())
        }
        _ => Err("nothing is done to the rule".to_owned()),
    }
}

/// What a person who puts a rule right gives both groups, the canary's as the policy is written first: what the open
/// release would have, or what the last one left.
fn right(stage: &Stage, policy: &str, row: &RowA, balancer: &Balancer) -> (u32, u32) {
    let slot = stage.slot(policy);
    let (held, last) = slot.map_or((None, None), |slot| (slot.held, slot.last));
    let release: Option<Release> = held.map(|held| held.release).or(last);
    let state = release.as_ref().and_then(|release| release.weights.as_ref());
    let is_whole = |weights: &Weights| weights.canary + weights.stable > 0;
    let wanted = state.map(|state| state.given).filter(is_whole);
    let Some((release, wanted)) = release.as_ref().zip(wanted) else {
        return balancer.weights_at_first;
    };
    match release.canary.name == row.name {
        true => (wanted.stable, wanted.canary),
        false => (wanted.canary, wanted.stable),
    }
}

/// Whether the rule of a policy is there, and forwards to both of its groups and to nobody else.
pub(super) fn is_whole(stage: &Stage, policy: &str) -> bool {
    let Some(balancer) = stage.balancers.get(policy) else {
        return true;
    };
    let world = stage.sim.world();
    let groups = balancer.forward(&world).map(|forward| &forward.groups);
    groups.is_some_and(|groups| {
        let is_in = |arn: &String| groups.iter().any(|(group, _)| group == arn);
        is_in(&balancer.canary) && is_in(&balancer.stable)
    })
}

/// In the end people put right what people have done to a rule, or have the release taken back that waits for it: where it
/// was deleted, and in every other history where weights were set by hand.
pub(super) fn tend(stage: &mut Stage, policy: &str, seed: u64) {
    if stage.balancers.contains_key(policy) && !is_whole(stage, policy) {
        // Deleted is deleted.
        let _ = perform(stage, policy, &Act::MendRule);
    }
    let (whole, theirs) = (is_whole(stage, policy), is_theirs(stage, policy));
    if theirs && whole && seed % 2 == 1 {
        let _ = perform(stage, policy, &Act::MendRule);
    } else if theirs || !whole && !["rolling back", "rollback failing"].contains(&stage.phase(policy).as_str()) {
        super::people::orders(stage, policy, &Act::Order { kind: "abort" });
    }
}

/// Whether the open release of a policy waits for a person who has set other weights.
pub(super) fn is_theirs(stage: &Stage, policy: &str) -> bool {
    let held = stage.slot(policy).and_then(|slot| slot.held);
    let weights = held.and_then(|held| held.release.weights);
    weights.is_some_and(|weights| weights.theirs.is_some())
}

/// Half of the policies say what their canary has at rest; a third of those with steps have equal ones. What visitors are
/// answered is measured over both groups, as one that is sent nobody has no data.
pub(super) fn add(seed: u64, balancer: &str, policy: &mut Value) {
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
    let periods = rng.u32(1..3);
    let of = |name: &str, statistic: &str| {
        json!({
            "namespace": "AWS/ApplicationELB", "name": name, "statistic": statistic,
            "dimensions": [{"name": "LoadBalancer", "value": balancer}],
        })
    };
    let term = |id: &str, name: &str, statistic: &str| {
        let mut term = of(name, statistic);
        term["id"] = json!(id);
        term
    };
    let over = |mut metric: Value, max: f64| {
        metric["period_minutes"] = json!(1);
        metric["periods"] = json!(periods);
        metric["max"] = json!(max);
        metric
    };
    // What did not happen is not told, so that errors alone have no data most of the time.
    let errors = json!({
        "expression": "answers - good",
        "metrics": [
            term("answers", "TargetResponseTime", "SampleCount"), term("good", "HTTPCode_Target_2XX_Count", "Sum"),
        ],
    });
    let checks = [
        json!({"kind": "expression", "metric": over(errors, f64::from(ERRORS_MAX))}),
        json!({"kind": "metric", "metric": over(of("TargetResponseTime", "p90"), 1.0)}),
    ];
    if let Some(all) = policy["checks"].as_array_mut() {
        all.extend(checks);
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
