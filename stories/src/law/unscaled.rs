//! Law 13: when a release closes, the canary's automatic scaling is suspended as far as it was before anybody of ours
//! changed that, but where somebody else has changed it since; and nobody of ours ever changes another service's.

use super::Verdict;
use super::evidence::{Evidence, Release, is_ours, text};
use super::weighed::begun;
use serde_json::{Value, json};
use simulator::At;
use simulator::world::Call;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(13, "a closed release leaves the canary's automatic scaling as it was");
    for release in &evidence.releases {
        let Some(closed) = release.closed.filter(|_| !is_followed(evidence, release)) else {
            continue;
        };
        // Whose roles were exchanged is scaled as the other one was.
        if evidence.has_swapped(release) {
            continue;
        }
        for target in sides(release) {
            let why = left_otherwise(evidence, release, closed, &target);
            verdict.applied += u32::from(why.is_some());
            verdict.broken.extend(why.flatten());
        }
    }
    let canaries: Vec<String> = evidence.releases.iter().flat_map(sides).collect();
    for call in changes(evidence).filter(|call| is_ours(call)) {
        let of = text(&call.input["ResourceId"]);
        if !canaries.contains(&of) {
            verdict
                .broken
                .push(format!("{}: {of} is the canary of no release", call.caller));
        }
    }
    verdict
}

/// Whether another release takes over what this one had changed.
fn is_followed(evidence: &Evidence, release: &Release) -> bool {
    let mut others = evidence.releases.iter().filter(|other| other.policy == release.policy);
    let handed = matches!(release.outcome(), Some("superseded" | "rollback_failed"));
    handed
        || others.any(|other| {
            other.id() != release.id() && other.opened().is_some_and(|opened| Some(opened) == release.closed)
        })
}

/// The services whose scaling a release may change.
fn sides(release: &Release) -> Vec<String> {
    let old = release.swaps().then(|| target(release, "stable"));
    [Some(target(release, "canary")), old].into_iter().flatten().collect()
}

/// What a release left otherwise than it was, where it had changed that at all.
fn left_otherwise(evidence: &Evidence, release: &Release, closed: At, target: &str) -> Option<Option<String>> {
    // In the release before, this may have been the other side.
    let since = begun(evidence, release).filter(|_| release.swaps());
    let mut run: Vec<&Call> = changes(evidence)
        .filter(|call| call.input["ResourceId"] == target && call.at <= closed)
        .filter(|call| since.is_none_or(|since| since <= call.at))
        .collect();
    // What was changed since somebody else last did.
    let others = run.iter().rposition(|call| !is_ours(call)).map_or(0, |place| place + 1);
    run.drain(..others);
    let (first, last) = (run.first()?, run.last()?);
    let rest = shown_before(evidence, first, target);
    let left = &last.input["SuspendedState"];
    let broken = rest.as_ref() != Some(left);
    Some(broken.then(|| {
        format!(
            "{} closed at {closed} and left {target} with {left}, which had {rest:?} before {}",
            release.id(),
            first.at
        )
    }))
}

/// A service, as automatic scaling names it.
pub(super) fn target(release: &Release, role: &str) -> String {
    let document = &release.document;
    let (cluster, name) = (text(&document["cluster"]), text(&document[role]["name"]));
    format!("service/{cluster}/{name}")
}

fn changes(evidence: &Evidence) -> impl Iterator<Item = &Call> {
    let calls = evidence.calls.iter().map(AsRef::as_ref);
    calls.filter(|call| call.operation == "RegisterScalableTarget" && call.outcome.is_ok())
}

/// What was shown last before a call: several may have been made in the same moment.
fn shown_before(evidence: &Evidence, first: &Call, target: &str) -> Option<Value> {
    let place = evidence
        .calls
        .iter()
        .position(|call| std::ptr::eq(call.as_ref(), first))?;
    let mut shown = evidence.calls[..place]
        .iter()
        .rev()
        .filter(|call| call.operation == "DescribeScalableTargets")
        .filter_map(|call| {
            let targets = call.outcome.as_ref().ok()?["ScalableTargets"].as_array()?;
            let found = targets.iter().find(|found| found["ResourceId"] == json!(target))?;
            Some(found["SuspendedState"].clone())
        });
    shown.next()
}
