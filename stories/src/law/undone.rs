//! What ECS took back or gave up, by its own list of deployments: events can be lost.

use super::evidence::{ask, text};
use super::world::service_arn;
use crate::Stage;
use serde_json::{Value, json};
use simulator::At;

/// When ECS began to take back, or gave up, what a service was given.
pub(super) fn of(stage: &Stage, cluster: &str, service: &str) -> Vec<(String, At)> {
    let mut input = json!({"cluster": cluster, "service": service});
    let mut moments = Vec::new();
    loop {
        let reply = ask(stage, "ecs", "ListServiceDeployments", input.clone());
        for listed in reply["serviceDeployments"].as_array().into_iter().flatten() {
            let arns = json!({"serviceDeploymentArns": [listed["serviceDeploymentArn"]]});
            let found = ask(stage, "ecs", "DescribeServiceDeployments", arns);
            moments.extend(moment(&found["serviceDeployments"][0]));
        }
        if !reply["nextToken"].is_string() {
            let arn = service_arn(cluster, service);
            return moments.into_iter().map(|at| (arn.clone(), at)).collect();
        }
        input["nextToken"] = reply["nextToken"].clone();
    }
}

fn moment(deployment: &Value) -> Option<At> {
    let taken_back = deployment["rollback"]["startedAt"].as_f64();
    let status = text(&deployment["status"]);
    let given_up = deployment["finishedAt"].as_f64().filter(|_| status.contains("FAILED"));
    taken_back.or(given_up).map(At::from_seconds)
}
