//! Law 19: behind a load balancer the canary serves the share that Serin says was set.
//!
//! What Serin says is what it wrote down: weights that it has read back. What was served is counted, request by request, by
//! who answered. Between two changes of the rule, whoever made them, both must agree as far as chance allows. Requests that
//! a cookie sent where they went are left out: no weight decides over them. So are those to a group that is neither's.

use super::Verdict;
use super::evidence::{Evidence, is_ours, moment};
use super::world::service_arn;
use crate::Stage;
use serde_json::Value;
use simulator::At;
use std::collections::BTreeMap;

/// An interval of true claims is called false once in e to the power of this, at most twice.
const UNLIKELY: f64 = 18.0;

/// With a share of nothing one request is one too many; so few are no proof that there is none.
const REQUESTS_MIN: usize = 50;

/// A change may be answered a moment after it counts.
const MOMENT_SECONDS: i64 = 2;

/// Operations after which other weights may count.
const CHANGES: [&str; 7] = [
    "ModifyRule",
    "ModifyListener",
    "CreateRule",
    "CreateListener",
    "DeleteRule",
    "DeleteListener",
    "SetRulePriorities",
];

/// Requests that the weights of a rule sent to one of two groups: when, and whether the canary had them.
pub type Drawn = Vec<(At, bool)>;

/// Of each policy behind a load balancer.
pub(super) fn drawn(stage: &Stage) -> BTreeMap<String, Drawn> {
    let world = stage.sim.world();
    let of = |(name, balancer): (&String, &crate::balancer::Balancer)| {
        let row = stage.rows.get(name)?;
        let served = balancer.served(&world);
        let canary = service_arn(&row.cluster, &row.canary);
        let own = |group: usize| [&balancer.canary, &balancer.stable].contains(&&served.groups[group]);
        let drawn = served.visits.iter().filter(|visit| visit.drawn && own(visit.group));
        let drawn = drawn.map(|visit| {
            let is_canarys = match visit.server {
                Some(server) => served.servers[server].service == canary,
                None => served.groups[visit.group] == balancer.canary,
            };
            (visit.at, is_canarys)
        });
        Some((name.clone(), drawn.collect()))
    };
    stage.balancers.iter().filter_map(of).collect()
}

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(19, "a load balancer serves the canary with the share that was set");
    for (policy, drawn) in &evidence.drawn {
        for claim in claims(evidence, policy) {
            let from = claim.from.plus_seconds(MOMENT_SECONDS);
            let until = claim.until.plus_seconds(-MOMENT_SECONDS);
            let within = drawn.iter().filter(|(at, _)| (from..until).contains(at));
            let (mut all, mut canarys) = (0_usize, 0_usize);
            for (_, is_canarys) in within {
                all += 1;
                canarys += usize::from(*is_canarys);
            }
            let share = claim.canary as f64 / (claim.canary + claim.stable) as f64;
            if !says_something(all, share) {
                continue;
            }
            verdict.applied += 1;
            if surprise(canarys, all, share) > UNLIKELY {
                verdict.broken.push(format!(
                    "{policy}: from {from} to {until} the weights were {} to {}, and the canary served {canarys} of {all}",
                    claim.canary, claim.stable
                ));
            }
        }
    }
    verdict
}

/// Weights that were written down as read back, until somebody changed the rule or other ones were written down.
struct Claim {
    canary: u64,
    stable: u64,
    from: At,
    until: At,
}

fn claims(evidence: &Evidence, policy: &str) -> Vec<Claim> {
    let changed: Vec<At> = evidence
        .calls
        .iter()
        .filter(|call| CHANGES.contains(&call.operation.as_str()))
        .map(|call| call.at)
        .collect();
    let written = written(evidence, policy);
    let mut claims: Vec<Claim> = Vec::new();
    for (place, (at, said)) in written.iter().enumerate() {
        let Some((canary, stable)) = said.filter(|(canary, stable)| canary + stable > 0) else {
            continue;
        };
        let next = written[place + 1..].iter().find(|(_, next)| next != said);
        let next = next.map_or(evidence.now, |(at, _)| *at);
        let change = changed.iter().find(|change| *change > at);
        let until = change.map_or(next, |change| next.min(*change));
        // What was said again says nothing new.
        if claims.last().is_some_and(|last| last.until >= until) {
            continue;
        }
        claims.push(Claim {
            canary,
            stable,
            from: *at,
            until,
        });
    }
    claims
}

/// What was written down of a policy's weights, in order; nothing where they were not seen as they were to be.
fn written(evidence: &Evidence, policy: &str) -> Vec<(At, Option<(u64, u64)>)> {
    let commits = evidence
        .calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems" && is_ours(call) && call.outcome.is_ok());
    let slot = format!("policy#{policy}");
    commits
        .flat_map(|call| {
            let items = call.input["TransactItems"].as_array().into_iter().flatten();
            let slot = &slot;
            items.filter_map(move |item| {
                let own = item["Update"]["Key"]["pk"]["S"] == slot.as_str();
                let values = own.then(|| &item["Update"]["ExpressionAttributeValues"])?;
                let text = [":document", ":last"]
                    .iter()
                    .find_map(|name| values[*name]["S"].as_str())?;
                let document: Value = serde_json::from_str(text).ok()?;
                // Where both have exchanged their roles, whose weight is whose as well.
                let exchanged = evidence
                    .rows
                    .get(policy)
                    .is_some_and(|row| document["canary"]["name"] == row.name.as_str());
                let said =
                    seen(&document).map(|(canary, stable)| if exchanged { (stable, canary) } else { (canary, stable) });
                Some((call.at, said))
            })
        })
        .collect()
}

fn seen(document: &Value) -> Option<(u64, u64)> {
    let weights = &document["weights"];
    let holds = weights["seen"] == true && weights["theirs"].is_null() && moment(&weights["at"]).is_some();
    let weight = |group: &str| weights["given"][group].as_u64();
    Some((weight("canary")?, weight("stable")?)).filter(|_| holds)
}

/// Whether it would be noticed if the canary had served nobody, or everybody.
fn says_something(all: usize, share: f64) -> bool {
    let chances = [share, 1.0 - share].into_iter().filter(|chance| *chance > 0.0);
    let noticed = |chance: f64| chance >= 1.0 || -(1.0 - chance).ln() * all as f64 > UNLIKELY;
    all >= REQUESTS_MIN && chances.into_iter().all(noticed)
}

/// How unlikely so many of all are at this share: the exponent of Chernoff's bound.
fn surprise(part: usize, all: usize, share: f64) -> f64 {
    let found = part as f64 / all as f64;
    let term = |found: f64, share: f64| match (found, share) {
        (found, _) if found <= 0.0 => 0.0,
        (_, share) if share <= 0.0 => f64::INFINITY,
        (found, share) => found * (found / share).ln(),
    };
    all as f64 * (term(found, share) + term(1.0 - found, 1.0 - share))
}

#[cfg(test)]
mod tests {
    use super::{UNLIKELY, says_something, surprise};

    #[test]
    fn a_share_within_chance_does_not_surprise_and_another_one_does() {
        let cases = [
            ((10, 1_000, 0.01), false),
            ((25, 1_000, 0.01), false),
            ((60, 1_000, 0.01), true),
            ((0, 1_000, 0.01), false),
            ((0, 2_000, 0.01), true),
            ((100, 1_000, 0.1), false),
            ((10, 1_000, 0.1), true),
            ((500, 1_000, 0.5), false),
            ((400, 1_000, 0.5), true),
            ((0, 100, 0.0), false),
            ((1, 100, 0.0), true),
            ((100, 100, 1.0), false),
            ((99, 100, 1.0), true),
        ];
        for ((part, all, share), expected) in cases {
            assert_eq!(
                surprise(part, all, share) > UNLIKELY,
                expected,
                "{part} of {all} at {share}"
            );
        }
    }

    #[test]
    fn few_requests_say_nothing_of_a_small_share() {
        let cases = [
            ((49, 0.5), false),
            ((50, 0.5), true),
            ((1_000, 0.01), false),
            ((2_000, 0.01), true),
            ((50, 0.0), true),
            ((50, 1.0), true),
        ];
        for ((all, share), expected) in cases {
            assert_eq!(says_something(all, share), expected, "{all} at {share}");
        }
    }
}
