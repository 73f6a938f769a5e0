//! Opens a release before its canary changes: a CodePipeline Lambda action at the head of the canary's stage.
//!
//! # Shape
//! Takes a CodePipeline job whose `UserParameters` are
//! `{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}`. Answers CodePipeline itself;
//! what it returns, [`Answer`], is for the log. Takes an explicit start as well, of which events/start has examples, and
//! answers that with [`Started`]; and an EventBridge event of a push to ECR. The state machine `start.asl.json` passes both on,
//! and is answered with [`Progress`].
//!
//! # Guarantees
//! The job succeeds only if the release is open. While another release is in the way it is asked to come
//! again. What can never work fails with one sentence that says what to write where. The credentials in the
//! job are never read.

#![deny(missing_docs)]

use aws::Serin;
use aws::begin::{BeginError, Begun};
use aws::event::{Asked as MachineAsks, ImageEvent, JobEvent, Undecodable};
use aws::event::{asked_by_machine, image, is_of_a_rule, is_start, start};
use aws::explicit::{StartError, Started};
pub use aws::job::{Answer, TryAgain};
use aws::job::{Asked, Verdict, asked};
use aws::pushed::Progress;
use decide::Start;
use decide::gate::is_let_go_on;
use decide::opening::{Blocked, Standing};
use serde::Serialize;
use serde_json::Value;

/// What is answered.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Answered {
    /// What CodePipeline was told of its job.
    Job(Answer),
    /// What became of an explicit start.
    Start(Started),
    /// How far a push, or a start that a state machine asks for, has come.
    Progress(Progress),
}

/// Why an event was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// CodePipeline did not take the answer; Lambda tries the job again.
    #[error(transparent)]
    Job(#[from] TryAgain),
    /// What should be an explicit start is none. Nothing was done, and trying again does not help.
    #[error(transparent)]
    NotAStart(#[from] Undecodable),
    /// A start could be neither accepted nor refused.
    #[error("{0}; start it again: under the same id it is the same start")]
    Start(#[from] StartError),
}

/// Handles one job, or one explicit start. `invocation` names whoever was invoked.
///
/// # Errors
/// Only where a job or a start could not be answered. What is wrong with a job is its answer.
pub async fn handle(serin: &Serin, payload: &Value, invocation: &str) -> Result<Answered, Unanswered> {
    if let Some(asked) = asked_by_machine(payload) {
        return Ok(Answered::Progress(Box::pin(progress(serin, &asked, invocation)).await?));
    }
    if is_of_a_rule(payload) {
        return Ok(Answered::Progress(Box::pin(pushed(serin, payload, invocation)).await?));
    }
    if is_start(payload) {
        let event = start(payload, invocation, Some(serin.now()))?;
        return Ok(Answered::Start(Box::pin(serin.start(&event, invocation)).await?));
    }
    let judged = async |serin: &Serin, job: &JobEvent| judge(serin, job, invocation).await;
    Ok(Answered::Job(Box::pin(aws::job::handle(serin, payload, judged)).await?))
}

/// What cannot be read is an answer here: asked again, it would be no better.
async fn progress(serin: &Serin, asked: &MachineAsks<'_>, invocation: &str) -> Result<Progress, StartError> {
    if is_of_a_rule(asked.event) {
        return Box::pin(pushed(serin, asked.event, invocation)).await;
    }
    match start(asked.event, &asked.execution, asked.since) {
        Ok(event) => Ok(Progress::of(&[serin.start(&event, invocation).await?])),
        Err(undecodable) => Ok(refused(&undecodable)),
    }
}

async fn pushed(serin: &Serin, event: &Value, invocation: &str) -> Result<Progress, StartError> {
    match image(event) {
        Ok(ImageEvent::Pushed(push)) => Ok(Progress::of(&serin.pushed(&push, invocation).await?)),
        Ok(ImageEvent::Other(what)) => {
            let why = format!("nothing follows from {what}");
            Ok(Progress::without_a_start(Standing::Over, why))
        }
        Err(undecodable) => Ok(refused(&undecodable)),
    }
}

fn refused(undecodable: &Undecodable) -> Progress {
    tracing::error!(refused = %undecodable, "nothing was done");
    Progress::without_a_start(Standing::Refused, undecodable.to_string())
}

async fn judge(serin: &Serin, job: &JobEvent, invocation: &str) -> Verdict {
    match asked(serin, job).await {
        Ok(asked) => open(serin, job, &asked, invocation).await,
        Err(verdict) => verdict,
    }
}

async fn open(serin: &Serin, job: &JobEvent, asked: &Asked, invocation: &str) -> Verdict {
    let later = |because: String| Verdict::later(serin, job, because).in_a_dry_run(asked.policy.dry_run);
    let start = Start::Job {
        execution: asked.execution.clone(),
        action_execution: asked.action_execution.clone(),
    };
    // Events must find the policy from now on, whether its own event came or not.
    let since = match serin.know(&asked.policy, asked.edition).await {
        Ok(since) => since,
        Err(error) => return later(error.to_string()),
    };
    match serin.blocked(&asked.policy).await {
        Some(Blocked::ForNow(why) | Blocked::Rings(why)) => return later(why),
        Some(Blocked::Wrong(why)) => return Verdict::misconfigured(why),
        None => {}
    }
    match serin.begin(&asked.policy, since, &start, invocation).await {
        Ok(Begun::Opened(held) | Begun::Same(held)) => {
            let id = held.release.id;
            if let Some(cause) = held.release.phase.rolling_back() {
                // It was aborted before anybody heard that it was open: the canary must not be given it any more.
                let failed = Verdict::failed(format!("release {id} is rolled back: {cause}"));
                return failed.in_a_dry_run(held.policy.dry_run);
            }
            let variables = [("release_id", id.clone())];
            Verdict::success(format!("release {id} is open"), Some(id), &variables)
        }
        Ok(Begun::Wait(why)) => later(why),
        Ok(Begun::Frozen(hold)) => {
            Verdict::until(serin, job, hold.to_string(), hold.until).in_a_dry_run(asked.policy.dry_run)
        }
        Ok(Begun::Over(over)) => {
            let why = format!("the release of this action was {over}");
            Verdict::failed(why).in_a_dry_run(is_let_go_on(&over.0))
        }
        Ok(Begun::None(why)) => Verdict::failed(why).in_a_dry_run(asked.policy.dry_run),
        Err(BeginError::Refused(refused)) => {
            Verdict::of_refusal(serin, job, &refused).in_a_dry_run(asked.policy.dry_run)
        }
        Err(error) if error.may_pass() => later(error.to_string()),
        Err(error) => Verdict::failed(error.to_string()).in_a_dry_run(asked.policy.dry_run),
    }
}
