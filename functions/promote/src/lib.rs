//! Promotes a release: a CodePipeline Lambda action in the place of the ECS deploy action to stable.
//!
//! # Shape
//! Takes a CodePipeline job whose `UserParameters` are
//! `{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}`. Answers CodePipeline itself;
//! what it returns, [`Answer`], is for the log.
//!
//! # Guarantees
//! Nothing is decided or given here: the job asks, the clock's steps give stable the revision, and the job is told what
//! the ledger says of it. It succeeds only once stable was seen to run the images on all its tasks. The credentials in
//! the job are never read.

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
    aws::gate::handle(serin, payload, Gate::Promote, by).await
}
