//! Law 9: missing data neither passes nor fails a check. Judged of `compare`: whoever goes forward and whoever is taken
//! back by it has met as many messages on both sides as the policy asks for, and failures were counted at all.
//!
//! What was counted is taken from CloudWatch in the end: more than anybody could know at that moment, never less.

use super::Verdict;
use super::counts::{Sum, comparison};
use super::evidence::{Evidence, Release};
use serde_json::Value;
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(9, "missing data neither passes nor fails a check");
    for release in &evidence.releases {
        let policy = evidence.policies.get(&release.policy);
        let Some(check) = policy.and_then(comparison) else {
            continue;
        };
        for (at, what) in moments(evidence, release) {
            verdict.applied += 1;
            let sides = evidence.counts.before(&release.policy, check, release, at);
            let missing = ["canary", "stable"]
                .iter()
                .zip(sides)
                .filter_map(|(side, sum)| missing(check, side, sum));
            let found = missing.map(|missing| format!("{} {what} at {at}, and {missing}", release.id()));
            verdict.broken.extend(found);
        }
    }
    verdict
}

/// When a release went forward by its own judgement, and when it was taken back by a comparison.
fn moments(evidence: &Evidence, release: &Release) -> Vec<(At, &'static str)> {
    let decisions = evidence.decisions(release.id());
    let gated = decisions.into_iter().find(|(_, phase)| phase == "gated");
    let mut moments: Vec<(At, &'static str)> = gated.map(|(at, _)| (at, "was let go forward")).into_iter().collect();
    if release.cause() == "compare" {
        let began = evidence.rollback_committed(release.id());
        moments.extend(began.map(|at| (at, "was taken back by a comparison")));
    }
    moments
}

fn missing(check: &Value, side: &str, sum: Sum) -> Option<String> {
    let least = check["total_min"].as_u64().unwrap_or_default();
    match sum {
        Sum { failed: None, .. } => Some(format!("nobody had counted a failure of {side}, not even none")),
        Sum { total, .. } if total.unwrap_or_default() < least => {
            Some(format!("{side} had handled {total:?} of {least} messages"))
        }
        _ => None,
    }
}
