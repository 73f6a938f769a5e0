//! Law 16: with any one AWS service refusing, what depends only on the others is still restored.

use super::Verdict;
use super::evidence::{Evidence, is_ours, text};
use simulator::At;
use simulator::faults::{Fault, Rule};

/// How long the others may take.
const PATIENCE_SECONDS: i64 = 5 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(16, "what does not depend on a broken service is restored meanwhile");
    for outage in evidence
        .faults
        .iter()
        .filter(|rule| rule.fault == Fault::ServerError && rule.operation.is_none())
    {
        for release in &evidence.releases {
            let failed = evidence
                .failed_checks(release)
                .into_iter()
                .find(|at| *at >= outage.from && at.plus_seconds(PATIENCE_SECONDS) <= outage.until);
            let Some(failed) = failed else { continue };
            let by = failed.plus_seconds(PATIENCE_SECONDS);
            match outage.service.as_deref() {
                // Without the ledger nothing is known of any release; without alarms there is still the event.
                Some("dynamodb") | None => {}
                Some("ecs") => {
                    verdict.applied += 1;
                    if !barred(evidence, release, failed, by) {
                        verdict.broken.push(format!(
                            "{}: ECS was down, and its pipeline was not stopped by {by}",
                            release.id()
                        ));
                    }
                }
                Some(other) => {
                    verdict.applied += 1;
                    if !given_back(evidence, release, outage, by) {
                        verdict.broken.push(format!(
                            "{}: {other} was down, and its canary was not given its baseline by {by}",
                            release.id()
                        ));
                    }
                    if other != "codepipeline" && !barred(evidence, release, failed, by) {
                        verdict.broken.push(format!(
                            "{}: {other} was down, and its pipeline was not stopped by {by}",
                            release.id()
                        ));
                    }
                }
            }
        }
    }
    verdict
}

fn given_back(evidence: &Evidence, release: &super::Release, outage: &Rule, by: At) -> bool {
    let canary = text(&release.document["canary"]["name"]);
    let updates = evidence
        .our_updates()
        .any(|call| call.input["service"] == canary.as_str() && call.at >= outage.from && call.at <= by);
    let stopped = evidence.calls.iter().any(|call| {
        is_ours(call)
            && call.operation == "StopServiceDeployment"
            && call.outcome.is_ok()
            && call.at >= outage.from
            && call.at <= by
    });
    updates || stopped
}

fn barred(evidence: &Evidence, release: &super::Release, from: At, by: At) -> bool {
    let pipeline = &release.document["pipeline"]["name"];
    evidence.calls.iter().any(|call| {
        is_ours(call)
            && ["PutApprovalResult", "StopPipelineExecution"].contains(&call.operation.as_str())
            && call.outcome.is_ok()
            && call.input["pipelineName"] == *pipeline
            && call.at >= from
            && call.at <= by
    })
}
