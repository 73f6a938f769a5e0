//! Law 1: after an armed release's check fails, every service it touched runs its baseline, and no
//! pipeline action can promote the revision.
//!
//! What was released, to what and when is taken from AWS's own log, so that a release that never arms or
//! never learns its images breaks this law. Judged when the release closes and, where there was time
//! enough, in the end.

use super::Verdict;
use super::evidence::Evidence;
use super::world::{Digests, Run, short};
use simulator::At;

/// How long a rollback may be under way before it must be right, where nothing is broken any more.
const PATIENCE_SECONDS: i64 = 30 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(1, "a failed release is taken out, everywhere");
    // A stage that somebody has CodePipeline roll back is a person's order, and no release.
    for run in evidence.world.runs.iter().filter(|run| !run.rollback) {
        let Some(failed) = evidence.failed_checks(run).into_iter().min() else {
            continue;
        };
        let broken_until = evidence
            .faults
            .iter()
            .map(|fault| fault.until)
            .filter(|until| *until <= evidence.now)
            .max();
        let due = broken_until
            .map_or(failed, |until| until.max(failed))
            .plus_seconds(PATIENCE_SECONDS);
        let closed = run.release(evidence).and_then(|release| release.closed);
        let closed = closed.filter(|closed| *closed >= failed);
        // Unless a person tries it again when it is closed: that is their order.
        let retried = closed.and_then(|closed| evidence.retried(run, closed));
        let in_the_end = (evidence.now >= due && retried.is_none()).then_some(evidence.now);
        verdict.applied += u32::from(closed.or(in_the_end).is_some());
        let moments = [closed, in_the_end].into_iter().flatten();
        if let Some(broken) = moments
            .map(|at| broken(evidence, run, at))
            .find(|broken| !broken.is_empty())
        {
            verdict.broken.extend(broken);
        }
    }
    verdict
}

fn broken(evidence: &Evidence, run: &Run, at: At) -> Vec<String> {
    let bad = evidence.world.bad(run);
    let services = run.services();
    let mut broken: Vec<String> = services
        .iter()
        .filter_map(|service| still_bad(evidence, run, service, &bad, at))
        .collect();
    // One that a person has tried again since was over once: what it does then is theirs.
    let open = match evidence.retried(run, at) {
        Some(_) => evidence.over(run).is_none_or(|over| over > at),
        None => run.is_open(),
    };
    if open {
        broken.push(format!("execution {} is {} and could promote", run.id, run.status));
    }
    broken
}

fn still_bad(evidence: &Evidence, run: &Run, service: &str, bad: &[Digests], at: At) -> Option<String> {
    let world = &evidence.world;
    if world.taken_over(run, service).is_some_and(|taken| taken <= at) {
        // Whoever gave it something since answers for it.
        return None;
    }
    let name = short(service);
    let baselines: Vec<Digests> = world
        .baselines(run, service)
        .iter()
        .map(|baseline| world.digests(baseline))
        .collect();
    let deleted = |images: &Digests| images.values().any(|digest| evidence.ending.gone.contains(digest));
    if !baselines.is_empty() && baselines.iter().all(deleted) {
        // Its image was deleted: there is no way back any more.
        return None;
    }
    let running = evidence.running_at(service, at);
    if running.iter().any(|images| bad.contains(images)) {
        return Some(format!("{name} still runs what execution {} released at {at}", run.id));
    }
    let foreign = running.iter().any(|images| !baselines.contains(images));
    let touched = world.given(run, service).any(|write| write.at <= at);
    (touched && (foreign || running.is_empty())).then(|| format!("{name} does not run its baseline at {at}"))
}
