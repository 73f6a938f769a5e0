//! `Approval/AWS/Manual/1`: a run that waits for a person.

use super::stage::TopicTrouble;
use super::state::{Failure, Pipeline, RunStatus, Work};
use super::{Found, check, find, flow, run};
use crate::refusal::Refusal;
use crate::sns;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Default of `timeoutInMinutes`: seven days.
const TIMEOUT_MINUTES: i64 = 7 * 24 * 60;

/// Asks: makes a token, sends the notification where a topic is configured.
pub(crate) fn begin(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let token = world.uuid();
    let run = &mut pipeline.runs[index];
    let minutes = run.action.timeout_minutes.unwrap_or(TIMEOUT_MINUTES);
    let expires = world.now.plus_seconds(minutes * 60);
    run.due = Some(expires);
    run.work = Work::Approval { token: token.clone() };
    if let Some(topic) = run.resolved.get("NotificationArn").cloned() {
        if let Some(failure) = unreachable(world, &topic) {
            return run::finish(world, pipeline, index, Err(failure));
        }
        let message = message(world, pipeline, index, &token, expires);
        let head: String = pipeline.name.chars().take(24).collect();
        let subject = format!(
            "APPROVAL NEEDED: AWS CodePipeline {head}… for action {}",
            pipeline.runs[index].action.name
        );
        sns::publish(world, &topic, Some(&subject), &message.to_string());
    }
}

/// Why a topic cannot be notified, where it cannot. The codes are captured, the texts are not.
fn unreachable(world: &World, topic: &str) -> Option<Failure> {
    Some(match world.codepipeline.topics.get(topic)? {
        TopicTrouble::Missing => Failure::new("ConfigurationError", format!("The topic {topic} does not exist")),
        TopicTrouble::Denied => {
            let text = format!("The provided role does not have sufficient permissions to publish to {topic}");
            Failure::new("PermissionError", text)
        }
    })
}

/// Body of the notification, as captured; `expires` has no seconds.
fn message(world: &World, pipeline: &Pipeline, index: usize, token: &str, expires: At) -> Value {
    let run = &pipeline.runs[index];
    let region = &world.home.region;
    let link = format!(
        "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{}/view?region={region}",
        pipeline.name
    );
    let (stage, action) = (&run.stage, &run.action.name);
    let minute: String = expires.iso_seconds().chars().take("2022-08-30T11:09".len()).collect();
    json!({
        "region": region, "consoleLink": link,
        "approval": {
            "pipelineName": pipeline.name, "stageName": stage, "actionName": action, "token": token,
            "expires": format!("{minute}Z"), "externalEntityLink": run.resolved.get("ExternalEntityLink"),
            "approvalReviewLink": format!("{link}#/{stage}/{action}/approve/{token}"),
            "customData": run.resolved.get("CustomData"),
        },
    })
}

/// Nobody answered in time.
pub(crate) fn expire(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let text = "The approval action has timed out: no response was received before it expired";
    run::finish(world, pipeline, index, Err(Failure::new("JobFailed", text)));
}

/// PutApprovalResult.
pub(crate) fn put_result(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Result<Value, Refusal> {
    let [stage, action, token] =
        ["stageName", "actionName", "token"].map(|name| input[name].as_str().unwrap_or_default());
    let summary = input["result"]["summary"].as_str().unwrap_or_default();
    check::uuid("token", token)?;
    check::length("result.summary", summary, 512)?;
    let declared = find::stage(pipeline, stage)?;
    let declared = declared.actions.iter().find(|declared| declared.name == action);
    let declared = declared.ok_or_else(|| {
        let text = format!(
            "Stage '{stage}' of pipeline '{}' does not have an action with name '{action}'",
            pipeline.name
        );
        Refusal::new("ActionNotFoundException", text)
    })?;
    let needs_summary = declared
        .configuration
        .get("IsSummaryRequired")
        .is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let index = answerable(pipeline, stage, action, token)?;
    if needs_summary && summary.trim().is_empty() {
        let text = format!("Action '{action}' in stage '{stage}' requires a summary for the approval result.");
        return Err(Refusal::new("InvalidApprovalTokenException", text));
    }
    let by = find::caller(world);
    let run = &mut pipeline.runs[index];
    run.summary = Some(summary.to_owned()).filter(|summary| !summary.is_empty());
    run.updated_by = Some(by.clone());
    let outcome = match input["result"]["status"].as_str() {
        Some("Approved") => Ok(()),
        _ => Err(Failure::new("JobFailed", format!("Rejected by {by}"))),
    };
    run::finish(world, pipeline, index, outcome);
    flow::progress(world, pipeline);
    Ok(json!({ "approvedAt": world.now.seconds() }))
}

/// The run a token belongs to, if it can still be answered.
fn answerable(pipeline: &Pipeline, stage: &str, action: &str, token: &str) -> Found<usize> {
    let invalid = |text: &str| Err(Refusal::new("InvalidApprovalTokenException", text));
    let gone = "The approval request already received a response or has expired.";
    let asked = pipeline.runs.iter().rposition(|run| {
        let same = matches!(&run.work, Work::Approval { token: own } if own == token);
        same && run.stage == stage && run.action.name == action
    });
    let Some(index) = asked else {
        return invalid(gone);
    };
    let run = &pipeline.runs[index];
    if pipeline.executions[run.execution].version != pipeline.versions.len() {
        return invalid(&format!(
            "The pipeline {} has been updated, and the approval request you responded to is now out of date.",
            pipeline.name
        ));
    }
    // Decided, and the stage still waits for others: the token is current. Anything later is a stale token.
    let visit = &pipeline.executions[run.execution].visits[stage];
    let is_current = visit.runs.get(action) == Some(&index) && visit.status.is_open();
    match run.status {
        RunStatus::InProgress => Ok(index),
        RunStatus::Succeeded | RunStatus::Failed if is_current => Err(Refusal::new(
            "ApprovalAlreadyCompletedException",
            "The approval action has already been approved or rejected.",
        )),
        _ => invalid(gone),
    }
}
