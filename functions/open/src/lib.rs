//! Opens a release before its canary changes: a CodePipeline Lambda action at the head of the canary's stage.
//!
//! # Shape
//! Takes a CodePipeline job whose `UserParameters` are
//! `{"policy": "orders", "execution": "#{codepipeline.PipelineExecutionId}"}`. Answers CodePipeline itself;
//! what it returns, [`Answer`], is for the log.
//!
//! # Guarantees
//! The job succeeds only if the release is open. While another release is in the way it is asked to come
//! again. What can never work fails with one sentence that says what to write where. The credentials in the
//! job are never read.

#![deny(missing_docs)]

use aws::begin::{BeginError, Begun};
use aws::event::{self, JobEvent, Parameters};
use aws::job::{Answered, JobAnswer};
use aws::ledger::Edition;
use aws::policies::PolicyError;
use aws::{Refused, Serin};
use decide::opening::Blocked;
use decide::{At, Policy, Start};
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

/// For how long a job may be held: CodePipeline gives an action a day, and the true reason must come first.
const HELD_MINUTES_MAX: i64 = 23 * 60;

/// What begins a continuation token of ours; the rest is when the job was first held.
const HELD_SINCE: &str = "serin-held-since-";

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Job id.
    pub job: Option<String>,
    /// What CodePipeline was answered.
    pub answer: &'static str,
    /// Why.
    pub because: String,
    /// The release, where one is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_id: Option<String>,
}

/// CodePipeline or the ledger could not be used; Lambda tries the job again.
#[derive(Debug, thiserror::Error)]
pub enum TryAgain {
    /// CodePipeline did not take the answer.
    #[error("the job could not be answered: {0}")]
    Answer(#[from] Refused),
}

impl From<TryAgain> for Diagnostic {
    fn from(error: TryAgain) -> Diagnostic {
        Diagnostic {
            error_type: "Serin.JobNotAnswered".to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// What is to be answered, and why.
struct Verdict {
    answer: JobAnswer,
    because: String,
    release_id: Option<String>,
}

/// Handles one job.
///
/// # Errors
/// Only where CodePipeline does not take the answer. What is wrong with the job is its answer.
pub async fn handle(serin: &Serin, payload: &Value) -> Result<Answer, TryAgain> {
    let (job, verdict) = match event::job(payload) {
        Ok(job) => {
            let verdict = judge(serin, &job).await;
            (job.id, verdict)
        }
        Err(undecodable) => match event::job_id(payload) {
            Some(id) => (id, misconfigured(undecodable.to_string())),
            None => {
                tracing::error!(refused = %undecodable, "nothing was done");
                return Ok(Answer {
                    job: None,
                    answer: "refused",
                    because: undecodable.to_string(),
                    release_id: None,
                });
            }
        },
    };
    let answered = serin.answer_job(&job, &verdict.answer).await?;
    let answer = match (&verdict.answer, &answered) {
        (_, Answered::TooLate(_)) => "too late",
        (JobAnswer::Success, _) => "success",
        (JobAnswer::Later(_), _) => "later",
        (JobAnswer::Misconfigured(_) | JobAnswer::Failure(_), _) => "failure",
    };
    tracing::info!(
        job,
        answer,
        because = verdict.because,
        release_id = verdict.release_id,
        "job answered"
    );
    Ok(Answer {
        job: Some(job),
        answer,
        because: verdict.because,
        release_id: verdict.release_id,
    })
}

async fn judge(serin: &Serin, job: &JobEvent) -> Verdict {
    let parameters = match event::parameters(job) {
        Ok(parameters) => parameters,
        Err(bad) => return misconfigured(bad.to_string()),
    };
    let (policy, edition) = match serin.policy(&parameters.policy).await {
        Ok(found) => found,
        Err(PolicyError::Refused(refused)) if refused.may_pass() => return later(serin, job, refused.to_string()),
        Err(error) => return misconfigured(error.to_string()),
    };
    let Some(pipeline) = policy.pipeline.as_ref().map(|pipeline| pipeline.name.clone()) else {
        return misconfigured(format!(
            "policy {} names no pipeline; write \"pipeline\": {{\"name\": …}} into it",
            policy.name
        ));
    };
    let raw = job.parameters.as_deref().unwrap_or_default();
    let action = match serin.job_action(&pipeline, &parameters.execution, raw).await {
        Ok(Some(action)) => action,
        Ok(None) => {
            return later(
                serin,
                job,
                "the pipeline does not show this action running yet".to_owned(),
            );
        }
        Err(refused) if refused.is("PipelineExecutionNotFoundException") => {
            return misconfigured(foreign(&parameters, &pipeline));
        }
        Err(refused) => return trouble(serin, job, &refused),
    };
    let start = Start::Job {
        execution: parameters.execution.clone(),
        action_execution: action,
    };
    open(serin, job, &policy, edition, &start).await
}

fn foreign(parameters: &Parameters, pipeline: &str) -> String {
    format!(
        "execution {} is not one of pipeline {pipeline}, which policy {} names; write \"execution\": \
         \"#{{codepipeline.PipelineExecutionId}}\" into UserParameters, or correct the policy",
        parameters.execution, parameters.policy
    )
}

async fn open(serin: &Serin, job: &JobEvent, policy: &Policy, edition: Edition, start: &Start) -> Verdict {
    // Events must find the policy from now on, whether its own event came or not.
    let since = match serin.know(policy, edition).await {
        Ok(since) => since,
        Err(error) => return later(serin, job, error.to_string()),
    };
    match serin.blocked(policy).await {
        Some(Blocked::ForNow(why)) => return later(serin, job, why),
        Some(Blocked::Wrong(why)) => return misconfigured(why),
        None => {}
    }
    match serin.begin(policy, since, start).await {
        Ok(Begun::Opened(held) | Begun::Same(held)) => Verdict {
            because: format!("release {} is open", held.release.id),
            release_id: Some(held.release.id),
            answer: JobAnswer::Success,
        },
        Ok(Begun::Wait(why)) => later(serin, job, why),
        Ok(Begun::Over(over)) => failed(format!("the release of this action was {over}")),
        Ok(Begun::None(why)) => failed(why),
        Err(BeginError::Refused(refused)) => trouble(serin, job, &refused),
        Err(error) if error.may_pass() => later(serin, job, error.to_string()),
        Err(error) => failed(error.to_string()),
    }
}

/// Time heals some refusals; the others are for people.
fn trouble(serin: &Serin, job: &JobEvent, refused: &Refused) -> Verdict {
    if refused.may_pass() {
        later(serin, job, refused.to_string())
    } else {
        failed(refused.to_string())
    }
}

fn failed(because: String) -> Verdict {
    Verdict {
        answer: JobAnswer::Failure(because.clone()),
        because,
        release_id: None,
    }
}

fn misconfigured(because: String) -> Verdict {
    Verdict {
        answer: JobAnswer::Misconfigured(because.clone()),
        because,
        release_id: None,
    }
}

/// Held, since when the token says; until CodePipeline would end the action without a reason.
fn later(serin: &Serin, job: &JobEvent, because: String) -> Verdict {
    let now = serin.now();
    let since = held_since(job).unwrap_or(now);
    if now.millis() - since.millis() >= HELD_MINUTES_MAX * 60_000 {
        return failed(format!("held since {since}, and in vain: {because}"));
    }
    Verdict {
        answer: JobAnswer::Later(format!("{HELD_SINCE}{}", since.millis())),
        because,
        release_id: None,
    }
}

fn held_since(job: &JobEvent) -> Option<At> {
    let millis = job.continuation.as_deref()?.strip_prefix(HELD_SINCE)?;
    millis.parse().ok().map(At::from_millis)
}
