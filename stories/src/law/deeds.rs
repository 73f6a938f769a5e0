//! What single calls did to services, as AWS logged and answered them.

use super::actions::ActionRun;
use super::evidence::{ask, is_ours, text};
use super::world::{Author, Stop, Write};
use crate::Stage;
use serde_json::json;
use simulator::world::Call;
use std::collections::BTreeSet;

/// A call that gave a service a task definition, and who made it.
pub(super) fn write(call: &Call, actions: &[ActionRun]) -> Option<Write> {
    let reply = call
        .outcome
        .as_ref()
        .ok()
        .filter(|_| call.operation == "UpdateService")?;
    call.input["taskDefinition"].as_str()?;
    let service = &reply["service"];
    let deployments = service["deployments"].as_array().cloned().unwrap_or_default();
    let own = deployments.first().map(|deployment| text(&deployment["id"]));
    let replaced = deployments.get(1);
    let unfinished = replaced.filter(|replaced| replaced["rolloutState"] == "IN_PROGRESS");
    let by = if is_ours(call) {
        Author::Ours
    } else if call.caller.starts_with("codepipeline:") {
        let mut candidates: Vec<&ActionRun> = actions
            .iter()
            .filter(|action| action.caller == call.caller && action.started <= call.at)
            .collect();
        candidates.sort_by_key(|action| (action.deployment.is_some() && action.deployment == own, action.started));
        Author::Execution(candidates.last()?.execution.clone())
    } else {
        Author::Other
    };
    Some(Write {
        at: call.at,
        service: text(&service["serviceArn"]),
        definition: text(&service["taskDefinition"]),
        before: replaced.map(|deployment| text(&deployment["taskDefinition"])),
        running: BTreeSet::new(),
        deployment: own,
        unfinished: unfinished.map(|deployment| text(&deployment["id"])),
        by,
        caller: call.caller.clone(),
    })
}

/// A call of ours that had ECS roll a deployment back.
pub(super) fn stop(stage: &Stage, call: &Call) -> Option<Stop> {
    if !is_ours(call) || call.operation != "StopServiceDeployment" || call.outcome.is_err() {
        return None;
    }
    let arns = json!([call.input["serviceDeploymentArn"]]);
    let reply = ask(
        stage,
        "ecs",
        "DescribeServiceDeployments",
        json!({"serviceDeploymentArns": arns}),
    );
    let deployment = &reply["serviceDeployments"][0];
    let to = deployment["rollback"]["serviceRevisionArn"].as_str().map(|revision| {
        let input = json!({"serviceRevisionArns": [revision]});
        let reply = ask(stage, "ecs", "DescribeServiceRevisions", input);
        text(&reply["serviceRevisions"][0]["taskDefinition"])
    });
    Some(Stop {
        at: call.at,
        service: text(&deployment["serviceArn"]),
        to,
        caller: call.caller.clone(),
    })
}
