//! Law 12: ECS going to the wanted revision by itself is left alone; ECS undoing our restore is a
//! failed attempt and is repeated.

use super::Verdict;
use super::evidence::{Digests, Evidence, is_ours, text};
use serde_json::Value;
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(
        12,
        "ECS is left alone when it goes the right way, and tried again when it goes back",
    );
    for release in &evidence.releases {
        for service in release.services() {
            let arn = release.service_arn(service);
            let ecs = rollbacks(evidence, &arn);
            verdict.applied += u32::try_from(ecs.len()).unwrap_or(u32::MAX);
            let name = text(&service["name"]);
            let ours: Vec<At> = evidence
                .calls
                .iter()
                .filter(|call| {
                    is_ours(call) && ["UpdateService", "StopServiceDeployment"].contains(&call.operation.as_str())
                })
                .filter(|call| {
                    call.input["service"] == name.as_str()
                        || text(&call.input["serviceDeploymentArn"]).contains(&format!("/{name}/"))
                })
                .map(|call| call.at)
                .collect();
            for at in ecs {
                let undone = ours.iter().any(|ours| *ours < at);
                let after = ours.iter().filter(|ours| **ours >= at).count();
                if undone && after == 0 && bad_in_the_end(evidence, release, service) {
                    verdict.broken.push(format!(
                        "{name}: ECS undid our restore at {at}, and it was not tried again"
                    ));
                }
                if !undone && after > 0 {
                    verdict.broken.push(format!(
                        "{name}: ECS went to the baseline by itself at {at}, and was disturbed"
                    ));
                }
            }
        }
    }
    verdict
}

/// When ECS began to roll a service back by itself, by what it says on the bus.
fn rollbacks(evidence: &Evidence, service: &str) -> Vec<At> {
    let events = evidence
        .events
        .iter()
        .filter(|event| event["detail-type"] == "ECS Deployment State Change");
    let own = events.filter(|event| {
        event["resources"][0] == service && text(&event["detail"]["reason"]).contains("rolling back to")
    });
    own.filter(|event| event["detail"]["eventName"] == "SERVICE_DEPLOYMENT_IN_PROGRESS")
        .filter_map(|event| super::evidence::moment(&event["detail"]["updatedAt"]))
        .collect()
}

fn bad_in_the_end(evidence: &Evidence, release: &super::Release, service: &Value) -> bool {
    let baseline: Digests =
        serde_json::from_value(service["baseline"]["revision"]["images"].clone()).unwrap_or_default();
    evidence
        .running_at(&release.service_arn(service), evidence.now)
        .iter()
        .any(|images| *images != baseline)
}
