//! The steps of a release, as they were written down: which one it was in, and since when.

use super::evidence::{Evidence, Release, documents, is_ours};
use serde_json::Value;
use simulator::At;

/// A step that a release has come to: its place from 0, and when that was written down, which is before it had its share.
pub(super) type Begun = (u64, At);

/// How many a policy has.
pub(super) fn count(policy: &Value) -> usize {
    let linear = &policy["linear"];
    match (linear["until_permille"].as_u64(), linear["step_permille"].as_u64()) {
        (Some(until), Some(step)) => until.div_ceil(step.max(1)) as usize,
        _ => policy["steps"].as_array().map_or(0, Vec::len),
    }
}

/// Minutes that a step bakes.
pub(super) fn bake_minutes(policy: &Value, step: u64) -> i64 {
    let written = &policy["steps"][usize::try_from(step).unwrap_or(usize::MAX)]["bake_minutes"];
    let every = policy["linear"]["every_minutes"].as_i64();
    every.or_else(|| written.as_i64()).unwrap_or_default()
}

/// Minutes that all of them bake together.
pub(super) fn bake_minutes_total(policy: &Value) -> i64 {
    (0..count(policy)).map(|step| bake_minutes(policy, step as u64)).sum()
}

/// A release's document, each time that it was written down.
pub(super) fn written(evidence: &Evidence, release: &Release) -> Vec<(At, Value)> {
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

/// The step that a document says its release bakes in.
pub(super) fn baking(document: &Value) -> Option<u64> {
    (document["phase"] == "baking")
        .then(|| document["step"].as_u64())
        .flatten()
}

/// The step that a release was in last before a moment.
pub(super) fn last_before(evidence: &Evidence, release: &Release, at: At) -> Option<Begun> {
    let mut last: Option<Begun> = None;
    for (written, document) in written(evidence, release) {
        match baking(&document).filter(|_| written < at) {
            Some(step) if last.is_none_or(|(same, _)| same != step) => last = Some((step, written)),
            _ => {}
        }
    }
    last
}
