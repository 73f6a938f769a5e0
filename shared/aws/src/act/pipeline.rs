//! What is done to CodePipeline.

use super::Did;
use crate::refused::Refused;
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus, StageTransitionType};
use decide::{Action, Approval, Fact, token_mark};

/// Does what there is to be done to a pipeline.
pub(super) async fn act(client: &Client, action: &Action, pipeline: &str) -> Did {
    match action {
        Action::Approve { approval, summary, .. } => {
            let answer = (ApprovalStatus::Approved, summary.as_str());
            self::answer(client, action, pipeline, approval, answer).await
        }
        Action::Reject { approval, summary, .. } => {
            let answer = (ApprovalStatus::Rejected, summary.as_str());
            self::answer(client, action, pipeline, approval, answer).await
        }
        Action::Hold { stage, reason, .. } => hold(client, action, pipeline, stage, reason).await,
        Action::Release { stage, .. } => release(client, action, pipeline, stage).await,
        Action::Stop {
            execution,
            abandon,
            reason,
            ..
        } => stop(client, action, pipeline, execution, *abandon, reason).await,
        other => Did {
            action: other.clone(),
            text: "nothing that is done to a pipeline".to_owned(),
            learned: None,
            look_again: false,
            done: false,
        },
    }
}

/// Answers an approval, by the token of this very request.
///
/// # Source
/// CodePipeline API, `PutApprovalResult`: a token that was answered, replaced or expired.
async fn answer(
    client: &Client,
    action: &Action,
    pipeline: &str,
    approval: &Approval,
    (status, summary): (ApprovalStatus, &str),
) -> Did {
    let on = format!("{pipeline}/{}/{}", approval.stage, approval.action);
    let how = match status {
        ApprovalStatus::Approved => "approved",
        _ => "rejected",
    };
    let result = match ApprovalResult::builder().summary(summary).status(status).build() {
        Ok(result) => result,
        Err(error) => {
            return Did {
                action: action.clone(),
                text: error.to_string(),
                learned: None,
                look_again: false,
                done: false,
            };
        }
    };
    let request = client
        .put_approval_result()
        .pipeline_name(pipeline)
        .stage_name(&approval.stage)
        .action_name(&approval.action)
        .token(&approval.token)
        .result(result);
    let Err(error) = request.send().await else {
        return Did::done(action, format!("approval {on} was {how}"));
    };
    let refused = Refused::from_sdk("PutApprovalResult", on, &error);
    if refused.is("InvalidApprovalTokenException") || refused.is("ApprovalAlreadyCompletedException") {
        let fact = Fact::TokenSpent {
            token: token_mark(&approval.token),
        };
        return Did::outdated(action, &refused).learning(fact);
    }
    Did::refused(action, &refused)
}

/// Disables the way into a stage.
async fn hold(client: &Client, action: &Action, pipeline: &str, stage: &str, reason: &str) -> Did {
    let request = client
        .disable_stage_transition()
        .pipeline_name(pipeline)
        .stage_name(stage)
        .transition_type(StageTransitionType::Inbound)
        .reason(reason);
    match request.send().await {
        Ok(_) => Did::done(action, format!("the way into {pipeline}/{stage} is closed")),
        Err(error) => Did::refused(
            action,
            &Refused::from_sdk("DisableStageTransition", format!("{pipeline}/{stage}"), &error),
        ),
    }
}

/// Enables it again.
async fn release(client: &Client, action: &Action, pipeline: &str, stage: &str) -> Did {
    let request = client
        .enable_stage_transition()
        .pipeline_name(pipeline)
        .stage_name(stage)
        .transition_type(StageTransitionType::Inbound);
    match request.send().await {
        Ok(_) => {
            let mut did = Did::done(action, format!("the way into {pipeline}/{stage} is open again"));
            did.look_again = true;
            did
        }
        Err(error) => Did::refused(
            action,
            &Refused::from_sdk("EnableStageTransition", format!("{pipeline}/{stage}"), &error),
        ),
    }
}

/// Stops an execution.
///
/// # Source
/// CodePipeline API, `StopPipelineExecution`: already stopping, or already over, is what was wanted.
async fn stop(client: &Client, action: &Action, pipeline: &str, execution: &str, abandon: bool, reason: &str) -> Did {
    let request = client
        .stop_pipeline_execution()
        .pipeline_name(pipeline)
        .pipeline_execution_id(execution)
        .abandon(abandon)
        .reason(reason);
    let Err(error) = request.send().await else {
        let how = if abandon { "abandoned" } else { "told to stop" };
        return Did::done(action, format!("execution {execution} of {pipeline} was {how}"));
    };
    let refused = Refused::from_sdk("StopPipelineExecution", format!("{execution} of {pipeline}"), &error);
    match refused.code.as_deref() {
        Some("DuplicatedStopRequestException") => {
            Did::done(action, format!("execution {execution} was stopping already"))
        }
        Some("PipelineExecutionNotStoppableException") => {
            let mut did = Did::done(action, format!("execution {execution} was over already"));
            did.look_again = true;
            did
        }
        // Another change to the pipeline at this moment.
        Some("ConflictException") => Did::outdated(action, &refused),
        _ => Did::refused(action, &refused),
    }
}
