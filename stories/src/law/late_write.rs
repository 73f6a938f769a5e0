//! Law 8: a late write of an ended pipeline action is seen and repaired before the release closes.
//!
//! Late is what comes after the execution was over, or after the service was sent back.

use super::Verdict;
use super::evidence::{Evidence, Release};
use super::world::{Digests, Run, short};
use simulator::At;

/// How long a repair may take.
const REPAIR_SECONDS: i64 = 15 * 60;

/// A successor is opened in the same transaction; the clocks of rows and log need not agree to the second.
const SAME_MOMENT_SECONDS: i64 = 5;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(8, "a late write is repaired before the release closes");
    for run in &evidence.world.runs {
        let committed = |release: &Release| evidence.rollback_committed(release.id());
        let committed = run.releases(evidence).filter_map(committed);
        let failed = evidence.failed_checks(run).into_iter();
        let Some(failed) = failed.chain(committed).min() else {
            continue;
        };
        for service in run.services() {
            let sent_back = evidence.world.sent_back(&service).into_iter().find(|at| *at >= failed);
            let Some(taken_back) = [sent_back, evidence.over(run)].into_iter().flatten().min() else {
                continue;
            };
            // What comes of a person's order to try it again, when it was closed, is not late.
            let closed = run.release(evidence).and_then(|release| release.closed);
            let retried = closed.and_then(|closed| evidence.retried(run, closed.max(taken_back)));
            let writes = evidence.world.given(run, &service).map(|write| write.at);
            let late = writes.filter(|at| *at > taken_back && retried.is_none_or(|retried| *at < retried));
            let Some(last) = late.last() else {
                continue;
            };
            verdict.applied += 1;
            verdict.broken.extend(broken(evidence, run, &service, last));
        }
    }
    verdict
}

/// Whether the next release was opened in the moment in which the run's was closed: it repairs what comes late.
fn handed_over(evidence: &Evidence, run: &Run, closed: At) -> bool {
    evidence.releases.iter().any(|next| {
        let opened = next.opened().map(|opened| (opened.0 - closed.0).abs());
        next.policy == run.policy && opened.is_some_and(|apart| apart <= SAME_MOMENT_SECONDS * 1000)
    })
}

fn broken(evidence: &Evidence, run: &Run, service: &str, last: At) -> Option<String> {
    let world = &evidence.world;
    let name = short(service);
    let closed = run.release(evidence).and_then(|release| match release.outcome() {
        // What comes late behind what somebody had overtaken is released, and taken back, anew.
        Some("overtaken") => {
            let ends: Option<Vec<At>> = run.releases(evidence).map(|release| release.closed).collect();
            ends?.into_iter().max()
        }
        _ => release.closed,
    });
    if closed.is_some_and(|closed| closed < last && !handed_over(evidence, run, closed)) {
        return Some(format!("closed before {name} was written to at {last}"));
    }
    let judged = evidence.now.min(last.plus_seconds(REPAIR_SECONDS)).max(last);
    if world.taken_over(run, service).is_some_and(|taken| taken <= judged) || evidence.keeps(run, judged) {
        return None;
    }
    let baselines: Vec<Digests> = world
        .baselines(run, service)
        .iter()
        .map(|baseline| world.digests(baseline))
        .collect();
    let running = evidence.running_at(service, judged);
    running
        .iter()
        .any(|images| !baselines.contains(images))
        .then(|| format!("{name} was written to at {last} and not repaired"))
}
