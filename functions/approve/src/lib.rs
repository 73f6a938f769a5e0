//! Lets a release go on: a CodePipeline Lambda action between the canary's deployment and stable's.
//!
//! # Shape
//! Takes a CodePipeline job whose `UserParameters` are
//! `{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}`. Answers CodePipeline itself;
//! what it returns, [`Answer`], is for the log.
//!
//! # Guarantees
//! Nothing is decided here: the job is told what the ledger says. It succeeds only where the ledger has let the
//! release go on, and fails with the cause where the release is being taken back. The credentials in the job are never
//! read.

#![deny(missing_docs)]

use aws::Serin;
pub use aws::job::{Answer, TryAgain};
use decide::gate::Gate;
use serde_json::Value;

/// Handles one job. `by` names the invocation.
///
/// # Errors
/// Only where CodePipeline does not take the answer. What is wrong with the job is its answer.
pub async fn handle(serin: &Serin, payload: &Value, by: &str) -> Result<Answer, TryAgain> {
    aws::gate::handle(serin, payload, Gate::Approve, by).await
}
