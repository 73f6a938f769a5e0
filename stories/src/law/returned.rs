//! Law 1, of a load balancer's weights: once a check has failed they are at rest again as soon as the execution is kept from
//! promoting, at the latest. What bakes must not go on being served while a service takes its time to go back.

use super::Verdict;
use super::evidence::Evidence;
use super::taken_out::{BARRED_SECONDS, mended};
use super::weighed::is_back;
use super::world::Run;
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(1, "the weights of a failed release are at rest again in time");
    for run in evidence.world.runs.iter().filter(|run| !run.rollback) {
        let failed = failed(evidence, run);
        let release = run.releases(evidence).find(|release| {
            let opened = release.opened();
            failed.is_some_and(|failed| {
                opened.is_some_and(|opened| opened <= failed) && release.closed.is_none_or(|closed| failed <= closed)
            })
        });
        let (Some(failed), Some(release)) = (failed, release) else {
            continue;
        };
        let whole = mended(evidence).map_or(failed, |until| until.max(failed));
        let due = whole.plus_seconds(BARRED_SECONDS);
        // What is left by its policy, or is somebody's by then, or its successor's, is judged by others.
        let others = evidence.keeps(run, due) || release.outcome() == Some("superseded");
        let closed = release.closed.filter(|closed| *closed <= due);
        if others || closed.is_none() && evidence.now < due {
            continue;
        }
        let by = closed.unwrap_or(due);
        let Some(back) = is_back(evidence, release, failed, by) else {
            continue;
        };
        verdict.applied += 1;
        if !back {
            verdict.broken.push(format!(
                "{}: its check failed at {failed}, and by {by} the canary still has more than at rest",
                release.id()
            ));
        }
    }
    verdict
}

fn failed(evidence: &Evidence, run: &Run) -> Option<At> {
    let failed = evidence
        .failed_checks(run)
        .into_iter()
        .chain(evidence.compared_badly(run))
        .chain(evidence.unhealthy(run))
        .chain(evidence.told_by_measure(run));
    failed.min()
}
