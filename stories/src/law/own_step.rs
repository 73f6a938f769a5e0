//! Law 9: missing data neither passes nor fails a check; nor do data of another step pass this one. Judged of `compare`:
//! whoever leaves a step of several has met, since it came to it, as many messages on both sides as the policy asks for.
//!
//! It came to a step when that was written down, which is before it had its share: more may have been counted since than
//! is the step's, never less.

use super::Verdict;
use super::counts::{Sum, comparison};
use super::evidence::{Evidence, Release};
use super::missing_data::extended_until;
use super::steps::{self, written};
use serde_json::Value;
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(9, "a step is passed on what was counted in it");
    for release in &evidence.releases {
        let policy = &release.frozen;
        let Some(check) = comparison(policy).filter(|_| steps::count(policy) > 1) else {
            continue;
        };
        for passed in passed(evidence, release) {
            if goes_on_without(policy, release, &passed) || is_answered_for(evidence, release, passed.at) {
                continue;
            }
            verdict.applied += 1;
            let sides = evidence.counts.since(&release.policy, release, passed.since, passed.at);
            let least = check["total_min"].as_u64().unwrap_or_default();
            for (side, sum) in ["canary", "stable"].iter().zip(sides) {
                if let Some(lacks) = lacks(sum, least) {
                    verdict.broken.push(format!(
                        "{} left step {} at {}, and since {} {side} {lacks}",
                        release.id(),
                        passed.step + 1,
                        passed.at,
                        passed.since
                    ));
                }
            }
        }
    }
    verdict
}

fn lacks(sum: Sum, least: u64) -> Option<String> {
    match (sum.failed, sum.total.unwrap_or_default()) {
        (None, _) => Some("had not counted a failure, not even none".to_owned()),
        (_, total) if total < least => Some(format!("had handled {total} of {least} messages")),
        _ => None,
    }
}

/// A step that a release has left for the next one, or for what comes after the last.
struct Passed {
    step: u64,
    since: At,
    at: At,
}

fn passed(evidence: &Evidence, release: &Release) -> Vec<Passed> {
    let (mut passed, mut current): (Vec<Passed>, Option<(u64, At)>) = (Vec::new(), None);
    for (at, document) in written(evidence, release) {
        let bakes = steps::baking(&document);
        if let Some((step, since)) = current {
            let forward = bakes == Some(step + 1) || document["phase"] == "gated";
            passed.extend(forward.then_some(Passed { step, since, at }));
        }
        current = match (bakes, current) {
            (Some(step), Some((same, since))) if step == same => Some((step, since)),
            (Some(step), _) => Some((step, at)),
            (None, _) => None,
        };
    }
    passed
}

/// The policy says by name that it goes on without evidence, and has waited for it.
fn goes_on_without(policy: &Value, release: &Release, passed: &Passed) -> bool {
    let until = extended_until(policy, release, Some((passed.step, passed.since)));
    let waited = until.is_some_and(|until| passed.at >= until);
    waited && policy["when_undecided"]["then"] == "go_on"
}

/// Somebody had ordered before that it goes on: they answer for what is not known.
fn is_answered_for(evidence: &Evidence, release: &Release, at: At) -> bool {
    let taken = ["approve", "promote", "skip"];
    evidence.orders.iter().any(|order| {
        let own = order.release.as_deref() == Some(release.id()) && order.policy == release.policy;
        own && order.accepted && order.at <= at && taken.contains(&order.kind.as_str())
    })
}
