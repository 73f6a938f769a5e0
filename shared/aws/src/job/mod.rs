//! Jobs of CodePipeline for actions of ours: what they ask, and what they are answered.

mod handle;

use crate::event::{JobEvent, bounded_function};
use crate::{Refused, Serin};
use aws_sdk_codepipeline::types::{
    ActionExecutionFilter, ActionExecutionStatus, ExecutionDetails, FailureDetails, FailureType,
};
pub use handle::{Answer, Asked, TryAgain, Verdict, asked, handle};
pub(crate) use handle::{parameters, running, running_in, standing};
use std::collections::BTreeMap;

/// Longest summary of an answer, in characters; CodePipeline API, `ExecutionDetails.summary`.
const SUMMARY_MAX: usize = 2_048;

/// Longest message of a failure, in characters; CodePipeline API, `FailureDetails.message`.
const MESSAGE_MAX: usize = 5_000;

/// What a job is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobAnswer {
    /// It succeeded.
    Success {
        /// What people read at the action.
        summary: String,
        /// Output variables, for later actions.
        variables: BTreeMap<String, String>,
    },
    /// Not yet: CodePipeline asks again in about half a minute.
    Later {
        /// Comes back with the next job.
        token: String,
        /// What people read at the action meanwhile.
        summary: String,
    },
    /// What stands in the pipeline or in the policy is wrong.
    Misconfigured(String),
    /// It failed.
    Failure(String),
}

/// What became of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// CodePipeline took it.
    Taken,
    /// CodePipeline no longer waits for one: this job was answered before, or has ended.
    TooLate(String),
}

impl Serin {
    /// Answers a job.
    ///
    /// # Errors
    /// Where CodePipeline refuses for another reason than that the job has been answered.
    ///
    /// # Source
    /// CodePipeline API, `PutJobSuccessResult`, `PutJobFailureResult`: an identical repeat is taken again,
    /// another answer to the same job is an InvalidJobStateException.
    pub async fn answer_job(&self, job: &str, answer: &JobAnswer) -> Result<Answered, Refused> {
        let client = &self.clients.codepipeline;
        let (kind, message) = match answer {
            JobAnswer::Success { summary, variables } => {
                let variables = Some(variables.clone().into_iter().collect()).filter(|_| !variables.is_empty());
                let request = client.put_job_success_result().job_id(job);
                let request = request
                    .execution_details(details(summary))
                    .set_output_variables(variables);
                let sent = request.send().await;
                return taken(
                    sent.err()
                        .map(|error| Refused::from_sdk("PutJobSuccessResult", job, &error)),
                );
            }
            JobAnswer::Later { token, summary } => {
                let request = client.put_job_success_result().job_id(job).continuation_token(token);
                let sent = request.execution_details(details(summary)).send().await;
                return taken(
                    sent.err()
                        .map(|error| Refused::from_sdk("PutJobSuccessResult", job, &error)),
                );
            }
            JobAnswer::Misconfigured(message) => (FailureType::ConfigurationError, message),
            JobAnswer::Failure(message) => (FailureType::JobFailed, message),
        };
        let details = FailureDetails::builder()
            .r#type(kind)
            .message(message.chars().take(MESSAGE_MAX).collect::<String>())
            .build();
        let details = details.map_err(|error| Refused {
            operation: "PutJobFailureResult",
            on: job.to_owned(),
            why: crate::Why::Refused,
            code: None,
            message: error.to_string(),
        })?;
        let sent = client
            .put_job_failure_result()
            .job_id(job)
            .failure_details(details)
            .send()
            .await;
        taken(
            sent.err()
                .map(|error| Refused::from_sdk("PutJobFailureResult", job, &error)),
        )
    }

    /// The run of our action that this job belongs to, while CodePipeline waits for it; nothing where the
    /// execution has no such action running.
    ///
    /// # Errors
    /// Where CodePipeline refuses; `PipelineExecutionNotFoundException` where the execution is another pipeline's.
    pub async fn job_action(&self, pipeline: &str, execution: &str, job: &JobEvent) -> Result<Option<String>, Refused> {
        let parameters = job.parameters.as_deref().unwrap_or_default();
        let filter = ActionExecutionFilter::builder()
            .pipeline_execution_id(execution)
            .build();
        let mut token = None;
        loop {
            let page = self
                .clients
                .codepipeline
                .list_action_executions()
                .pipeline_name(pipeline)
                .filter(filter.clone())
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| Refused::from_sdk("ListActionExecutions", execution, &error))?;
            for action in page.action_execution_details() {
                let input = action.input();
                let provider = input.and_then(|input| input.action_type_id()).map(|id| id.provider());
                let resolved = input.and_then(|input| input.resolved_configuration());
                let resolved = |key: &str| resolved.and_then(|map| map.get(key)).map(String::as_str);
                // Our actions of one execution have the same parameters, and another one may run by the time a job comes.
                let function = resolved("FunctionName").map(bounded_function);
                let same = function.is_none() || job.function.is_none() || function == job.function;
                let ours = same && resolved("UserParameters") == Some(parameters);
                let running = action.status() == Some(&ActionExecutionStatus::InProgress);
                if provider == Some("Lambda") && running && ours {
                    return Ok(action.action_execution_id().map(str::to_owned));
                }
            }
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok(None);
            }
        }
    }
}

fn details(summary: &str) -> ExecutionDetails {
    let summary: String = summary.chars().take(SUMMARY_MAX).collect();
    ExecutionDetails::builder().summary(summary).build()
}

fn taken(refused: Option<Refused>) -> Result<Answered, Refused> {
    match refused {
        None => Ok(Answered::Taken),
        Some(refused) if refused.is("InvalidJobStateException") || refused.is("JobNotFoundException") => {
            Ok(Answered::TooLate(refused.to_string()))
        }
        Some(refused) => Err(refused),
    }
}
