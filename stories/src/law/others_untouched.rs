//! Law 7: one release never touches another's services, pipeline or records, however similar the names.

use super::Verdict;
use super::evidence::{Evidence, is_ours, moment, text};
use simulator::world::Call;

/// Operations that change something outside the ledger.
const WRITES: [&str; 6] = [
    "UpdateService",
    "StopServiceDeployment",
    "PutApprovalResult",
    "StopPipelineExecution",
    "DisableStageTransition",
    "EnableStageTransition",
];

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(7, "a release touches only what is its own");
    let several = evidence.rows.len() > 1;
    for call in evidence
        .calls
        .iter()
        .filter(|call| is_ours(call) && call.outcome.is_ok())
    {
        if WRITES.contains(&call.operation.as_str()) {
            verdict.applied += u32::from(several);
            if !evidence
                .releases
                .iter()
                .any(|release| failing(evidence, release, call) && owns(release, call))
            {
                verdict.broken.push(format!(
                    "{}: {} {} belongs to no failed release",
                    call.caller, call.operation, call.input
                ));
            }
        }
    }
    verdict
}

/// It was rolled back, and the call came after the check had failed.
fn failing(evidence: &Evidence, release: &super::Release, call: &Call) -> bool {
    (evidence.failed_checks(release).iter().any(|failed| *failed <= call.at) || written_down(evidence, release, call))
        && moment(&release.document["opened"]).is_some_and(|opened| opened <= call.at)
}

/// Its pipeline ended, ECS undid it, or somebody took a service over: no alarm has to ring for that, but it must have
/// been written down before.
fn written_down(evidence: &Evidence, release: &super::Release, call: &Call) -> bool {
    let entries = evidence.journal.get(release.id()).into_iter().flatten();
    entries
        .filter(|entry| entry["phase"] == "rolling back")
        .filter_map(|entry| moment(&entry["at"]))
        .any(|at| at <= call.at)
}

fn owns(release: &super::Release, call: &Call) -> bool {
    let input = &call.input;
    let pipeline = &release.document["pipeline"];
    let by_name = |arn: &str| {
        release
            .services()
            .iter()
            .any(|service| arn.contains(&format!("/{}/", text(&service["name"]))))
    };
    match call.operation.as_str() {
        "UpdateService" => {
            input["cluster"] == release.document["cluster"]
                && release
                    .services()
                    .iter()
                    .any(|service| service["name"] == input["service"])
        }
        "StopServiceDeployment" => by_name(&text(&input["serviceDeploymentArn"])),
        "StopPipelineExecution" => {
            input["pipelineName"] == pipeline["name"] && input["pipelineExecutionId"] == pipeline["execution"]
        }
        _ => input["pipelineName"] == pipeline["name"],
    }
}
