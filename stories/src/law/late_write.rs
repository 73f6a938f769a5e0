//! Law 8: a late write of an ended pipeline action is seen and repaired before the release closes.

use super::Verdict;
use super::evidence::{Digests, Evidence, text};

/// How long a repair may take.
const REPAIR_SECONDS: i64 = 15 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(8, "a late write is repaired before the release closes");
    for release in &evidence.releases {
        let Some(failed) = evidence.failed_checks(release).into_iter().min() else {
            continue;
        };
        for service in release.services() {
            let name = text(&service["name"]);
            let given_back = evidence
                .our_updates()
                .filter(|call| call.input["service"] == name.as_str())
                .map(|call| call.at)
                .min();
            let late = evidence.calls.iter().filter(|call| {
                call.caller.starts_with("codepipeline:")
                    && call.operation == "UpdateService"
                    && call.outcome.is_ok()
                    && call.input["service"] == name.as_str()
                    && call.at > given_back.unwrap_or(failed)
            });
            let Some(last) = late.map(|call| call.at).max() else {
                continue;
            };
            verdict.applied += 1;
            let baseline: Digests =
                serde_json::from_value(service["baseline"]["revision"]["images"].clone()).unwrap_or_default();
            let judged = evidence.now.min(last.plus_seconds(REPAIR_SECONDS)).max(last);
            let running = evidence.running_at(&release.service_arn(service), judged);
            if release.closed.is_some_and(|closed| closed < last) {
                verdict.broken.push(format!(
                    "{}: closed before {name} was written to at {last}",
                    release.id()
                ));
            } else if running.iter().any(|images| *images != baseline) {
                verdict.broken.push(format!(
                    "{}: {name} was written to at {last} and not repaired",
                    release.id()
                ));
            }
        }
    }
    verdict
}
