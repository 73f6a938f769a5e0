//! Manual approvals that notify Serin: what their messages say goes into the release that waits there.
//!
//! A message is no authority. It says until when CodePipeline waits, for the request that it names; whether that request
//! is one of the release's own execution is for those who look at CodePipeline, and only they answer it.

use crate::Serin;
use crate::event::{ApprovalEvent, Undecodable, approvals};
use crate::ledger::{LedgerError, Merge, keys};
use decide::{At, Fact, Phase, Release};
use serde::Serialize;
use serde_json::Value;

/// What became of a batch of messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// One for each message.
    pub approvals: Vec<ApprovalAnswer>,
}

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovalAnswer {
    /// `pipeline/stage/action`, where it could be read.
    pub approval: Option<String>,
    /// Why nothing was done, where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<String>,
    /// Releases that know of it now.
    pub releases: Vec<String>,
}

/// The message could not be handled; Lambda tries it again, and then keeps it in the on-failure queue.
#[derive(Debug, thiserror::Error)]
#[error("approval {approval}: {source}")]
pub struct NotHeard {
    approval: String,
    source: LedgerError,
}

/// Handles a batch of messages. `by` names the invocation.
///
/// # Errors
/// Where the ledger cannot be used at the moment. What can never be handled is answered instead.
pub async fn handle(serin: &Serin, payload: &Value, by: &str) -> Result<Heard, NotHeard> {
    let mut heard = Vec::new();
    for decoded in approvals(payload) {
        heard.push(one(serin, decoded, by).await?);
    }
    Ok(Heard { approvals: heard })
}

async fn one(serin: &Serin, decoded: Result<ApprovalEvent, Undecodable>, by: &str) -> Result<ApprovalAnswer, NotHeard> {
    let event = match decoded {
        Ok(event) => event,
        Err(refused) => {
            tracing::error!(%refused, "nothing was done");
            return Ok(ApprovalAnswer {
                approval: None,
                left_alone: Some(refused.to_string()),
                releases: Vec::new(),
            });
        }
    };
    let approval = format!("{}/{}/{}", event.pipeline, event.stage, event.action);
    let (left_alone, releases) = match foreign(serin, &event) {
        Some(because) => (Some(because), Vec::new()),
        None => serin.hear(&event, by).await.map_err(|source| NotHeard {
            approval: approval.clone(),
            source,
        })?,
    };
    if let Some(because) = &left_alone {
        tracing::info!(approval, because, "left alone");
    }
    Ok(ApprovalAnswer {
        approval: Some(approval),
        left_alone,
        releases,
    })
}

/// Why the message is nothing to us, if so.
fn foreign(serin: &Serin, event: &ApprovalEvent) -> Option<String> {
    let own = event.account == serin.account && event.region == serin.region;
    if !own || serin.approvals.as_ref() != Some(&event.topic) {
        return Some(format!(
            "it came through {}, which is not this stack's topic for approvals; take that subscription away",
            event.topic
        ));
    }
    let expires = At::from_millis(event.expires.0);
    (expires <= serin.now()).then(|| format!("it expired at {expires}"))
}

impl Serin {
    async fn hear(&self, event: &ApprovalEvent, by: &str) -> Result<(Option<String>, Vec<String>), LedgerError> {
        let policies = self
            .ledger
            .concerned(&keys::pipeline(&self.home().pipeline_arn(&event.pipeline)))
            .await?;
        if policies.is_empty() {
            let why = "no policy names this pipeline; name it in the policy's pipeline if one should";
            return Ok((Some(why.to_owned()), Vec::new()));
        }
        let fact = Fact::ApprovalAsked {
            stage: event.stage.clone(),
            action: event.action.clone(),
            token: event.token_mark.clone(),
            expires: At::from_millis(event.expires.0),
        };
        let mut releases = Vec::new();
        for policy in &policies {
            let Some(held) = self.ledger.read(policy).await? else {
                continue;
            };
            if !may_wait(&held.release, &event.pipeline) {
                continue;
            }
            if held.release.facts.contains_key(&fact.key()) {
                releases.push(held.release.id);
                continue;
            }
            if let Merge::New(held) | Merge::Known(held) = self.ledger.merge(policy, &fact, by, self.now()).await? {
                releases.push(held.release.id);
            }
        }
        let nobody = "no release is open that could wait there; whoever looks at CodePipeline next finds the approval";
        Ok((releases.is_empty().then(|| nobody.to_owned()), releases))
    }
}

/// Whether its execution may wait at an approval of this pipeline.
fn may_wait(release: &Release, pipeline: &str) -> bool {
    let before_stable = matches!(
        release.phase,
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. }
    );
    before_stable && release.pipeline.as_ref().is_some_and(|run| run.name == pipeline)
}
