//! Law 1: after an armed release's check fails, every service it touched runs its baseline, and no
//! pipeline action can promote the revision.
//!
//! Judged when the release closes, or, where it never does, in the end.

use super::Verdict;
use super::evidence::{Digests, Evidence, Release, text};
use serde_json::Value;
use simulator::At;

/// How long a rollback may be under way before it must be right, where nothing is broken any more.
const PATIENCE_SECONDS: i64 = 30 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(1, "a failed release is taken out, everywhere");
    for release in &evidence.releases {
        let Some(failed) = evidence.failed_checks(release).into_iter().min() else {
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
        let Some(judged) = release.closed.or((evidence.now >= due).then_some(evidence.now)) else {
            continue;
        };
        verdict.applied += 1;
        for service in release.services() {
            verdict.broken.extend(still_bad(evidence, release, service, judged));
        }
        if let Some(execution) = release.execution() {
            let status = evidence.executions.get(execution).map_or("unknown", String::as_str);
            if ["InProgress", "Stopping", "unknown"].contains(&status) {
                verdict.broken.push(format!(
                    "{}: execution {execution} is {status} and could promote",
                    release.id()
                ));
            }
        }
    }
    verdict
}

fn still_bad(evidence: &Evidence, release: &Release, service: &Value, at: At) -> Option<String> {
    let baseline: Digests =
        serde_json::from_value(service["baseline"]["revision"]["images"].clone()).unwrap_or_default();
    let bad: Digests = serde_json::from_value(release.document["images"].clone()).unwrap_or_default();
    let running = evidence.running_at(&release.service_arn(service), at);
    let name = text(&service["name"]);
    if running.iter().any(|images| *images == bad && bad != baseline) {
        return Some(format!("{}: {name} still runs the bad revision at {at}", release.id()));
    }
    let foreign = running.iter().any(|images| *images != baseline);
    let touched = service["given"].is_object();
    let left = release.outcome() == Some("overtaken");
    (touched && !left && (foreign || running.is_empty()))
        .then(|| format!("{}: {name} does not run its baseline at {at}", release.id()))
}
