//! What all our actions in a pipeline have in common: who asks, for which policy and execution, and the answer.

use super::{Answered, JobAnswer};
use crate::event::{self, JobEvent, Parameters};
use crate::ledger::Edition;
use crate::policies::PolicyError;
use crate::{Refused, Serin};
use decide::{At, Policy};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

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

/// What is to be answered, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What CodePipeline is told.
    pub answer: JobAnswer,
    /// Why, for people.
    pub because: String,
    /// The release, where one is open.
    pub release_id: Option<String>,
}

/// Who asks: the policy, and the run of our action in an execution of its pipeline.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The policy as it is now.
    pub policy: Policy,
    /// Which edition of its parameter that is.
    pub edition: Edition,
    /// Execution id.
    pub execution: String,
    /// Id of this run of the action.
    pub action_execution: String,
}

impl Verdict {
    /// It succeeded, with output variables.
    pub fn success(because: String, release_id: Option<String>, variables: &[(&str, String)]) -> Verdict {
        let owned = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        Verdict {
            answer: JobAnswer::Success {
                summary: because.clone(),
                variables: variables.iter().map(owned).collect::<BTreeMap<_, _>>(),
            },
            because,
            release_id,
        }
    }

    /// It failed.
    pub fn failed(because: String) -> Verdict {
        Verdict {
            answer: JobAnswer::Failure(because.clone()),
            because,
            release_id: None,
        }
    }

    /// What is told where it is a dry run: an execution that would have been ended goes on. What is wrong with
    /// the pipeline or the policy still fails.
    #[must_use]
    pub fn in_a_dry_run(self, dry_run: bool) -> Verdict {
        let why = match &self.answer {
            JobAnswer::Failure(why) if dry_run => why,
            _ => return self,
        };
        let told = decide::gate::would_have_failed(why);
        Verdict::success(told, self.release_id.clone(), &[("verdict", "would_fail".to_owned())])
    }

    /// What stands in the pipeline or in the policy is wrong.
    pub fn misconfigured(because: String) -> Verdict {
        Verdict {
            answer: JobAnswer::Misconfigured(because.clone()),
            because,
            release_id: None,
        }
    }

    /// Held, since when the token says; until CodePipeline would end the action without a reason.
    pub fn later(serin: &Serin, job: &JobEvent, because: String) -> Verdict {
        Verdict::within(serin, job, because, HELD_MINUTES_MAX)
    }

    /// Held for at most so many minutes.
    pub fn within(serin: &Serin, job: &JobEvent, because: String, minutes: i64) -> Verdict {
        let now = serin.now();
        let since = held_since(job).unwrap_or(now);
        if now.millis() - since.millis() >= minutes.min(HELD_MINUTES_MAX) * 60_000 {
            return Verdict::failed(format!("held since {since}, and in vain: {because}"));
        }
        Verdict {
            answer: JobAnswer::Later {
                token: format!("{HELD_SINCE}{}", since.millis()),
                summary: because.clone(),
            },
            because,
            release_id: None,
        }
    }

    /// Held until a moment, where that is known; at once in vain, where CodePipeline would end the action before.
    pub fn until(serin: &Serin, job: &JobEvent, because: String, until: Option<At>) -> Verdict {
        let since = held_since(job).unwrap_or(serin.now());
        let most = At::from_millis(since.millis() + HELD_MINUTES_MAX * 60_000);
        match until.filter(|until| *until > most) {
            Some(until) => Verdict::failed(format!(
                "{because}; CodePipeline does not wait that long: retry this stage after {until}, or thaw the policy"
            )),
            None => Verdict::later(serin, job, because),
        }
    }

    /// Time heals some refusals; the others are for people.
    pub fn of_refusal(serin: &Serin, job: &JobEvent, refused: &Refused) -> Verdict {
        if refused.may_pass() {
            Verdict::later(serin, job, refused.to_string())
        } else {
            Verdict::failed(refused.to_string())
        }
    }
}

fn held_since(job: &JobEvent) -> Option<At> {
    let millis = job.continuation.as_deref()?.strip_prefix(HELD_SINCE)?;
    millis.parse().ok().map(At::from_millis)
}

/// Handles one job: what is wrong with it is its answer.
///
/// # Errors
/// Only where CodePipeline does not take the answer.
pub async fn handle<F>(serin: &Serin, payload: &Value, judge: F) -> Result<Answer, TryAgain>
where
    F: AsyncFnOnce(&Serin, &JobEvent) -> Verdict,
{
    let (job, verdict) = match event::job(payload) {
        Ok(job) => {
            let verdict = Box::pin(judge(serin, &job)).await;
            (job.id, verdict)
        }
        Err(undecodable) => match event::job_id(payload) {
            Some(id) => (id, Verdict::misconfigured(undecodable.to_string())),
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
        (JobAnswer::Success { .. }, _) => "success",
        (JobAnswer::Later { .. }, _) => "later",
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

/// Who asks, under the policy as it stands; or what the job is answered, where that cannot be told.
///
/// # Errors
/// The verdict on such a job.
pub async fn asked(serin: &Serin, job: &JobEvent) -> Result<Asked, Verdict> {
    let parameters = parameters(job)?;
    let (policy, edition) = standing(serin, job, &parameters).await?;
    let action_execution = running(serin, job, &parameters, &policy).await?;
    Ok(Asked {
        policy,
        edition,
        execution: parameters.execution,
        action_execution,
    })
}

/// What stands in the action's UserParameters.
///
/// # Errors
/// The verdict on a job without them.
pub(crate) fn parameters(job: &JobEvent) -> Result<Parameters, Verdict> {
    event::parameters(job).map_err(|bad| Verdict::misconfigured(bad.to_string()))
}

/// The policy as it stands in SSM.
///
/// # Errors
/// The verdict on a job that names none, or one that is wrong.
pub(crate) async fn standing(
    serin: &Serin,
    job: &JobEvent,
    parameters: &Parameters,
) -> Result<(Policy, Edition), Verdict> {
    match serin.policy(&parameters.policy).await {
        Ok(found) => Ok(found),
        Err(PolicyError::Refused(refused)) if refused.may_pass() => {
            Err(Verdict::later(serin, job, refused.to_string()))
        }
        Err(error) => Err(Verdict::misconfigured(error.to_string())),
    }
}

/// Id of the run of our action that the job belongs to.
///
/// # Errors
/// The verdict on a job that is none of the policy's pipeline.
pub(crate) async fn running(
    serin: &Serin,
    job: &JobEvent,
    parameters: &Parameters,
    policy: &Policy,
) -> Result<String, Verdict> {
    let Some(pipeline) = &policy.pipeline else {
        return Err(Verdict::misconfigured(format!(
            "policy {} names no pipeline; write \"pipeline\": {{\"name\": …}} into it",
            policy.name
        )));
    };
    running_in(serin, job, parameters, &pipeline.name).await
}

/// The same, of a pipeline that is known without the policy.
///
/// # Errors
/// The verdict on a job that is none of the pipeline.
pub(crate) async fn running_in(
    serin: &Serin,
    job: &JobEvent,
    parameters: &Parameters,
    pipeline: &str,
) -> Result<String, Verdict> {
    match serin.job_action(pipeline, &parameters.execution, job).await {
        Ok(Some(action_execution)) => Ok(action_execution),
        Ok(None) => {
            let why = "the pipeline does not show this action running yet".to_owned();
            Err(Verdict::later(serin, job, why))
        }
        Err(refused) if refused.is("PipelineExecutionNotFoundException") => {
            Err(Verdict::misconfigured(foreign(parameters, pipeline)))
        }
        Err(refused) => Err(Verdict::of_refusal(serin, job, &refused)),
    }
}

fn foreign(parameters: &Parameters, pipeline: &str) -> String {
    format!(
        "execution {} is not one of pipeline {pipeline}, which policy {} names; write \"execution\": \
         \"#{{codepipeline.PipelineExecutionId}}\" into UserParameters, or correct the policy",
        parameters.execution, parameters.policy
    )
}
