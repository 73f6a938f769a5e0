//! Law 7: one release never touches another's services, pipeline or records, however similar the names.

use super::Verdict;
use super::evidence::{Evidence, is_ours, moment, text};
use super::world::Run;
use simulator::At;
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
    let failed: Vec<(&Run, At)> = evidence
        .world
        .runs
        .iter()
        .filter_map(|run| Some((run, failed(evidence, run)?)))
        .collect();
    for call in evidence
        .calls
        .iter()
        .filter(|call| is_ours(call) && call.outcome.is_ok() && WRITES.contains(&call.operation.as_str()))
    {
        verdict.applied += u32::from(several);
        if !failed.iter().any(|(run, at)| *at <= call.at && owns(run, call)) {
            verdict.broken.push(format!(
                "{}: {} {} belongs to no failed release",
                call.caller, call.operation, call.input
            ));
        }
    }
    verdict
}

/// When there was first something to take back: a check failed, the execution ended without promoting, ECS
/// gave a deployment up, or somebody else gave one of its services something.
fn failed(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    world.armed(run)?;
    let services = run.services();
    let ended = evidence.events.iter().filter_map(|event| {
        let detail = &event["detail"];
        let state = detail["state"].as_str().unwrap_or_default();
        let execution = event["detail-type"] == "CodePipeline Pipeline Execution State Change"
            && detail["execution-id"] == run.id.as_str()
            && ["FAILED", "STOPPED", "SUPERSEDED", "CANCELED"].contains(&state);
        let given_up = detail["eventName"] == "SERVICE_DEPLOYMENT_FAILED"
            && services.iter().any(|service| event["resources"][0] == service.as_str());
        moment(&event["time"]).filter(|_| execution || given_up)
    });
    let taken_over = services.iter().filter_map(|service| world.taken_over(run, service));
    evidence
        .failed_checks(run)
        .into_iter()
        .chain(ended)
        .chain(taken_over)
        .min()
}

fn owns(run: &Run, call: &Call) -> bool {
    let (input, row) = (&call.input, &run.row);
    let names = [row.canary.as_str(), row.name.as_str()];
    match call.operation.as_str() {
        "UpdateService" => {
            input["cluster"] == row.cluster.as_str() && names.iter().any(|name| input["service"] == *name)
        }
        "StopServiceDeployment" => {
            let arn = text(&input["serviceDeploymentArn"]);
            names
                .iter()
                .any(|name| arn.contains(&format!(":service-deployment/{}/{name}/", row.cluster)))
        }
        "StopPipelineExecution" => {
            input["pipelineName"] == row.name.as_str() && input["pipelineExecutionId"] == run.id.as_str()
        }
        _ => input["pipelineName"] == row.name.as_str(),
    }
}
