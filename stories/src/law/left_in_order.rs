//! Law 13: when a release closes, each service it touched runs the promoted revision or its baseline, or belongs to
//! a named successor or to somebody else.

use super::Verdict;
use super::closing::Closing;
use super::evidence::{Evidence, Release, is_ours};
use super::world::{Digests, Run, short};
use serde_json::Value;
use simulator::At;
use simulator::world::Call;
use std::sync::Arc;

/// A successor is opened in the same transaction; the clocks of rows and log need not agree to the second.
const SAME_MOMENT_SECONDS: i64 = 5;

/// One that is named is dated when that was decided, and DynamoDB may let it wait for as long as the function lives.
const NAMED_SECONDS: i64 = 60;

/// How old the answers of ECS may be on which a release was closed.
const LOOK_SECONDS: i64 = 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(13, "a closed release leaves its services in order");
    for closing in &evidence.closings {
        let Some(release) = evidence.releases.iter().find(|release| release.id() == closing.release) else {
            continue;
        };
        if let Some(broken) = no_successor(evidence, release, closing) {
            verdict.applied += 1;
            verdict.broken.extend(broken);
            continue;
        }
        let Some(run) = evidence.world.runs.iter().find(|run| run.is_of(release)) else {
            continue;
        };
        for service in evidence.world.touched(run, closing.at) {
            verdict.applied += 1;
            verdict.broken.extend(out_of_order(evidence, run, &service, closing));
        }
    }
    verdict
}

/// For outcomes that leave everything to a successor: whether there is none.
fn no_successor(evidence: &Evidence, release: &Release, closing: &Closing) -> Option<Option<String>> {
    let named = match closing.outcome.as_str() {
        "superseded" => Some(release.document["outcome"]["by"].as_str().unwrap_or_default()),
        "rollback failed" => None,
        _ => return None,
    };
    let apart = named.as_ref().map_or(SAME_MOMENT_SECONDS, |_| NAMED_SECONDS);
    let takes_over = |other: &Release| {
        let at_once = other
            .opened()
            .is_some_and(|opened| opened <= closing.at.plus_seconds(apart) && closing.at <= opened.plus_seconds(apart));
        other.policy == release.policy
            && other.id() != release.id()
            && at_once
            && named.is_none_or(|named| other.id() == named)
    };
    let found = evidence.releases.iter().any(takes_over);
    Some((!found).then(|| format!("{} left its services to {named:?}, which is no release", release.id())))
}

fn out_of_order(evidence: &Evidence, run: &Run, service: &str, closing: &Closing) -> Option<String> {
    let world = &evidence.world;
    if world.taken_over(run, service).is_some_and(|taken| taken <= closing.at) {
        return None;
    }
    let mut allowed: Vec<Digests> = world
        .baselines(run, service)
        .iter()
        .map(|baseline| world.digests(baseline))
        .collect();
    allowed.retain(|images| !images.is_empty());
    if allowed.is_empty() || evidence.has_no_way_back(&allowed) {
        // There was nothing before, or nothing that a task could run, or it was deleted: no way back, and none was
        // promised.
        return None;
    }
    let kept = match closing.outcome.as_str() {
        "promoted" => true,
        // After its promotion: stable is somebody else's, the canary stays.
        "overtaken" => evidence.rollback_committed(&closing.release).is_none(),
        _ => false,
    };
    if kept {
        allowed.extend(world.given(run, service).map(|write| world.digests(&write.definition)));
    }
    let in_order = |at: At| {
        let running = evidence.running_at(service, at);
        running.iter().all(|images| allowed.contains(images))
    };
    let looked = At(closing.at.0 - LOOK_SECONDS * 1000);
    // What is being stopped ends what a load balancer has sent it, for minutes; ECS counts it no more.
    let are_stopping = || {
        let shown = shown_running(evidence, service, closing.at);
        shown.is_some_and(|shown| shown.iter().all(|images| allowed.contains(images)))
    };
    (!in_order(closing.at) && !in_order(looked) && !are_stopping()).then(|| {
        let (name, id, how) = (short(service), &closing.release, &closing.outcome);
        format!(
            "{id} is {how}, and {name} runs neither what was promoted nor its baseline at {}",
            closing.at
        )
    })
}

/// What ECS counted as running on a service when one of us last asked.
fn shown_running(evidence: &Evidence, service: &str, by: At) -> Option<Vec<Digests>> {
    let looked = At(by.0 - LOOK_SECONDS * 1000);
    let asked = |call: &&Arc<Call>| {
        let soon = (looked..=by).contains(&call.at);
        call.operation == "DescribeServices" && soon && is_ours(call)
    };
    let shown = |call: &Arc<Call>| {
        let services = call.outcome.as_ref().ok()?["services"].as_array()?;
        let shown = services.iter().find(|found| found["serviceArn"] == service)?;
        let running = |found: &&Value| found["runningCount"].as_i64() > Some(0);
        let running = shown["deployments"].as_array()?.iter().filter(running);
        let runs = running.filter_map(|found| found["taskDefinition"].as_str());
        Some(runs.map(|definition| evidence.world.digests(definition)).collect())
    };
    evidence.calls.iter().rev().filter(asked).find_map(shown)
}
