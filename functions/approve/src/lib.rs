//! Lets a release go on: a CodePipeline Lambda action between the canary's deployment and stable's, and who hears of
//! manual approvals there.
//!
//! # Shape
//! Takes a CodePipeline job whose `UserParameters` are
//! `{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}`, and answers CodePipeline itself; or what a
//! manual approval action sends to Serin's topic. What it returns, [`Said`], is for the log.
//!
//! # Guarantees
//! Nothing is decided here: the job is told what the ledger says, and what a message says goes into the ledger. A job
//! succeeds only where the ledger has let the release go on, and fails with the cause where the release is being taken
//! back. The credentials in a job are never read, the token in a message is never kept.

#![deny(missing_docs)]

use aws::Serin;
use aws::approval::{Heard, NotHeard};
use aws::job::{Answer, TryAgain};
use decide::gate::Gate;
use serde::Serialize;
use serde_json::Value;

/// What became of an event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Said {
    /// A job was answered.
    Job(Answer),
    /// Manual approvals were heard of.
    Approvals(Heard),
}

/// What Lambda tries again.
#[derive(Debug, thiserror::Error)]
pub enum Unsaid {
    /// CodePipeline did not take the answer to a job.
    #[error(transparent)]
    Job(#[from] TryAgain),
    /// The ledger could not be used for a message.
    #[error(transparent)]
    Approval(#[from] NotHeard),
}

/// Handles one event. `by` names the invocation.
///
/// # Errors
/// Only where CodePipeline does not take the answer, or the ledger cannot be used. What is wrong with the event is its
/// answer.
pub async fn handle(serin: &Serin, payload: &Value, by: &str) -> Result<Said, Unsaid> {
    if aws::event::is_batch(payload) {
        return Ok(Said::Approvals(
            Box::pin(aws::approval::handle(serin, payload, by)).await?,
        ));
    }
    // On the heap: two ways of waiting for AWS, one in the other, are more than the compiler lays out.
    Ok(Said::Job(
        Box::pin(aws::gate::handle(serin, payload, Gate::Approve, by)).await?,
    ))
}
