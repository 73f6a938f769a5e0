//! Binds releases to what really happens: ECS deployments, pipeline events, changes of policies.
//!
//! # Shape
//! Takes EventBridge events of ECS, CodePipeline and Parameter Store; answers [`Answer`], one line per policy
//! that the event concerns.
//!
//! # Guarantees
//! An event only says *where* to look: what is done is decided by what is seen there. Lost, doubled, late or
//! reordered events change when a step happens, never what ends up true.

#![deny(missing_docs)]

use aws::Serin;
use aws::begin::BeginError;
use aws::event::{ActionState, Happening, PipelineState, happened};
use aws::ledger::{LedgerError, keys};
use aws::policies::{PATH, PolicyError, Synced};
use aws::sweep::Looked;
use futures_util::future::join_all;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

/// What became of an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Why nothing was done, where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<String>,
    /// What became of each policy that it concerns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyAnswer>,
    /// What became of the policy that changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synced: Option<Synced>,
}

/// What became of one policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyAnswer {
    /// Policy name.
    pub policy: String,
    /// What the look came to.
    #[serde(flatten)]
    pub looked: Looked,
}

/// AWS could not be used at the moment; Lambda tries the event again.
#[derive(Debug, thiserror::Error)]
pub enum TryAgain {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Opening or stepping a release.
    #[error("policy {0}: {1}")]
    Begin(String, BeginError),
    /// A policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl From<TryAgain> for Diagnostic {
    fn from(error: TryAgain) -> Diagnostic {
        Diagnostic {
            error_type: "Serin.NotWatched".to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// Handles one event.
///
/// # Errors
/// Where AWS refuses at the moment. What can never be handled is answered instead.
pub async fn handle(serin: &Serin, event: &Value, invocation: &str) -> Result<Answer, TryAgain> {
    let happening = match happened(event) {
        Ok(happening) => happening,
        Err(undecodable) => {
            tracing::error!(refused = %undecodable, "nothing was done");
            return Ok(left_alone(undecodable.to_string()));
        }
    };
    let (account, place) = match &happening {
        Happening::Parameter(parameter) => {
            if parameter.account != serin.account {
                return Ok(left_alone(foreign(serin, &parameter.account)));
            }
            let Some(name) = parameter.name.strip_prefix(PATH) else {
                return Ok(left_alone(format!("{} is not under {PATH}", parameter.name)));
            };
            return Ok(Answer {
                synced: Some(serin.sync(name).await?),
                ..Answer::default()
            });
        }
        Happening::Pipeline(event) if is_news(&event.state) => (
            &event.account,
            pipeline(serin, &event.region, &event.account, &event.pipeline),
        ),
        Happening::Action(event) if concerns(&event.category, &event.state) => (
            &event.account,
            pipeline(serin, &event.region, &event.account, &event.pipeline),
        ),
        Happening::Pipeline(_) | Happening::Stage(_) | Happening::Action(_) => {
            return Ok(left_alone(
                "nothing follows from it that another event does not say".to_owned(),
            ));
        }
        Happening::Deployment(event) => (
            &event.account,
            service(serin, &event.region, &event.account, &event.cluster, &event.service),
        ),
        Happening::ServiceAction(event) => (
            &event.account,
            service(serin, &event.region, &event.account, &event.cluster, &event.service),
        ),
    };
    if *account != serin.account {
        return Ok(left_alone(foreign(serin, account)));
    }
    let policies = serin.ledger.concerned(&place).await?;
    if policies.is_empty() {
        return Ok(left_alone("no policy is concerned".to_owned()));
    }
    let looks = policies.into_iter().map(|policy| async move {
        let looked = serin.attend(&policy, invocation).await;
        match looked {
            Ok(looked) => Ok(PolicyAnswer { policy, looked }),
            Err(error) if error.may_pass() => Err(TryAgain::Begin(policy, error)),
            Err(error) => {
                tracing::error!(policy, %error, "nothing was done");
                let looked = Looked::Nothing(error.to_string());
                Ok(PolicyAnswer { policy, looked })
            }
        }
    });
    let policies = join_all(looks).await.into_iter().collect::<Result<_, _>>()?;
    Ok(Answer {
        policies,
        ..Answer::default()
    })
}

fn left_alone(because: String) -> Answer {
    Answer {
        left_alone: Some(because),
        ..Answer::default()
    }
}

fn foreign(serin: &Serin, account: &str) -> String {
    format!(
        "the event is of account {account}, this stack is in {}; remove the rule that forwards it",
        serin.account
    )
}

fn pipeline(serin: &Serin, region: &str, account: &str, name: &str) -> String {
    keys::pipeline(&format!(
        "arn:{}:codepipeline:{region}:{account}:{name}",
        serin.partition
    ))
}

fn service(serin: &Serin, region: &str, account: &str, cluster: &str, name: &str) -> String {
    let partition = &serin.partition;
    keys::service(&format!(
        "arn:{partition}:ecs:{region}:{account}:service/{cluster}/{name}"
    ))
}

/// Only the end of an execution says something; its beginning is not yet a release.
fn is_news(state: &PipelineState) -> bool {
    !matches!(state, PipelineState::Started | PipelineState::Other(_))
}

/// Deploy actions change services, approvals open and are answered; of a build nothing follows.
fn concerns(category: &str, state: &ActionState) -> bool {
    matches!(category, "Deploy" | "Approval") && !matches!(state, ActionState::Other(_))
}
