//! Law 9: missing data neither passes nor fails a check; nor do data of another step pass this one. Judged of `compare`:
//! whoever leaves a step of several has met, since it came to it, as many messages on both sides as the policy asks for.
//!
//! It came to a step when that was written down, which is before it had its share: more may have been counted since than
//! is the step's, never less.

use super::Verdict;
use super::counts::{Sum, comparison};
use super::evidence::{Evidence, Release, documents, is_ours};
use super::missing_data::extended_until;
use serde_json::Value;
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(9, "a step is passed on what was counted in it");
    for release in &evidence.releases {
        let policy = &release.frozen;
        let Some(check) = comparison(policy).filter(|_| steps(policy) > 1) else {
            continue;
        };
        for passed in passed(evidence, release) {
            if goes_on_without(policy, release, passed.at) || is_answered_for(evidence, release, passed.at) {
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

fn steps(policy: &Value) -> usize {
    let linear = &policy["linear"];
    match (linear["until_permille"].as_u64(), linear["step_permille"].as_u64()) {
        (Some(until), Some(step)) => until.div_ceil(step.max(1)) as usize,
        _ => policy["steps"].as_array().map_or(0, Vec::len),
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
        let bakes = (document["phase"] == "baking")
            .then(|| document["step"].as_u64())
            .flatten();
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

/// A release's document, each time that it was written down.
fn written(evidence: &Evidence, release: &Release) -> Vec<(At, Value)> {
    let commits = evidence
        .calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems" && is_ours(call) && call.outcome.is_ok());
    let own = commits.flat_map(|call| {
        let documents = documents(&call.input["TransactItems"]);
        documents.into_iter().map(|document| (call.at, document))
    });
    own.filter(|(_, document)| document["id"] == release.id()).collect()
}

/// The policy says by name that it goes on without evidence, and has waited for it.
fn goes_on_without(policy: &Value, release: &Release, at: At) -> bool {
    let waited = extended_until(policy, release).is_some_and(|until| at >= until);
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
