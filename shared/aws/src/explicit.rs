//! Explicit starts: a person, or another tool, has images released, and no pipeline's action stands behind it.
//!
//! `open` judges the start and opens the release; what is registered and given is decided and done step by step, like
//! everything else.

use crate::Serin;
use crate::act::definition;
use crate::begin::{BeginError, Begun};
use crate::event::StartEvent;
use crate::ledger::LedgerError;
use crate::policies::PolicyError;
use decide::opening::{Blocked, Standing, again, in_the_way, unfit};
use decide::{Images, Policy, Start};
use serde::Serialize;

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Started {
    /// Whether its release is open.
    pub accepted: bool,
    /// What was accepted, or why it was refused.
    pub answer: String,
    /// The release that it has opened, at this moment or whenever it was taken first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_id: Option<String>,
    /// How it stands, for whoever asks again.
    #[serde(skip)]
    pub standing: Standing,
    /// The alarm that it waits for, where one rings.
    #[serde(skip)]
    pub rings: Option<String>,
}

/// A start could be neither accepted nor refused.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// AWS, or the policy, could not be asked.
    #[error("{0}")]
    Unclear(String),
}

impl Started {
    /// One that was not accepted.
    pub(crate) fn not(standing: Standing, answer: impl Into<String>) -> Started {
        Started {
            accepted: false,
            answer: answer.into(),
            release_id: None,
            standing,
            rings: None,
        }
    }
}

fn refused(answer: impl Into<String>) -> Started {
    Started::not(Standing::Refused, answer)
}

fn over(answer: impl Into<String>) -> Started {
    Started::not(Standing::Over, answer)
}

fn later(answer: impl Into<String>) -> Started {
    Started::not(Standing::Later, answer)
}

impl Serin {
    /// Takes an explicit start. The same start again is answered with what has become of the release that it opened, at
    /// whatever time it comes: nothing is judged anew.
    ///
    /// # Errors
    /// Where it could be neither accepted nor refused; sent again under its id, it is the same start.
    pub async fn start(&self, event: &StartEvent, by: &str) -> Result<Started, StartError> {
        // On the heap: what is opened is a long way, and this one comes from several sides.
        let started = Box::pin(self.judged_start(event, by)).await?;
        tracing::info!(
            policy = event.policy,
            start = event.wanted.id,
            by = event.wanted.by,
            accepted = started.accepted,
            because = started.answer,
            "started"
        );
        Ok(started)
    }

    /// What became of the same start, where it was taken before.
    async fn taken(&self, event: &StartEvent) -> Result<Option<Started>, StartError> {
        let id = Start::Explicit(event.wanted.clone()).release_id(&event.policy);
        if !self.ledger.was_opened(&id).await? {
            return Ok(None);
        }
        let found = self.ledger.reviewed(&event.policy, &id).await?;
        let (standing, answer) = match &found {
            Some(found) => again(&found.release, &event.wanted),
            None => (
                Standing::Over,
                format!("release {id} of this start was opened, and its row is gone; `serin journal` tells of it"),
            ),
        };
        Ok(Some(Started {
            accepted: standing == Standing::Open,
            answer,
            release_id: Some(id),
            standing,
            rings: None,
        }))
    }

    async fn judged_start(&self, event: &StartEvent, by: &str) -> Result<Started, StartError> {
        // First of all: an alarm that has rung since, or a policy that was changed, is none of its business.
        if let Some(taken) = self.taken(event).await? {
            return Ok(taken);
        }
        let (policy, edition) = match self.policy(&event.policy).await {
            Ok(known) => known,
            Err(error @ (PolicyError::Missing(_) | PolicyError::Wrong { .. })) => {
                return Ok(refused(error.to_string()));
            }
            Err(error) => return Err(StartError::Unclear(error.to_string())),
        };
        let unclear = |error: &dyn std::fmt::Display| StartError::Unclear(error.to_string());
        let since = self.know(&policy, edition).await.map_err(|error| unclear(&error))?;
        let policy = match self.in_roles_at_start(&policy).await? {
            Ok(policy) => policy,
            Err(why) => return Ok(refused(why)),
        };
        let names = match self.canary_names(&policy).await {
            Ok(names) => names.unwrap_or_default(),
            Err(error) if error.may_pass() => return Err(unclear(&error)),
            Err(error) => return Ok(refused(error.to_string())),
        };
        if let Some(why) = unfit(&policy, &event.wanted, &names) {
            return Ok(refused(why));
        }
        let missing = self
            .missing_image(&event.wanted.images, &digests(&event.wanted.images))
            .await;
        let missing = match missing {
            Err(error) if !error.may_pass() => {
                return Ok(refused(format!("whether the images are there cannot be told: {error}")));
            }
            missing => missing.map_err(|error| unclear(&error))?,
        };
        if let Some((container, digest, repository)) = missing {
            return Ok(refused(format!(
                "image {digest} of container {container} is not in repository {repository}; push it first"
            )));
        }
        let blocked = self.blocked(&policy).await;
        let rings = blocked.as_ref().and_then(Blocked::rings).map(str::to_owned);
        if let Some((standing, why)) = blocked.and_then(|blocked| in_the_way(blocked, event.despite_alarm)) {
            return Ok(Started {
                rings,
                ..Started::not(standing, why)
            });
        }
        let start = Start::Explicit(event.wanted.clone());
        match self.begin(&policy, since, &start, by).await {
            Ok(Begun::Opened(held)) => Ok(Started {
                accepted: true,
                answer: format!("release {} is open", held.release.id),
                release_id: Some(held.release.id),
                standing: Standing::Open,
                rings: None,
            }),
            // It came twice at the same moment, and the other was quicker.
            Ok(Begun::Same(_) | Begun::Over(_)) => {
                let over = || over("the release of this start was opened and closed meanwhile");
                Ok(self.taken(event).await?.unwrap_or_else(over))
            }
            Ok(Begun::Wait(why)) => Ok(later(format!("not now: {why}; start it again when that is over"))),
            Ok(Begun::Frozen(hold)) => Ok(later(format!("policy {} is {hold}", policy.name))),
            Ok(Begun::None(why)) => Ok(refused(why)),
            Err(BeginError::Ledger(error)) => Err(error.into()),
            Err(error) if error.may_pass() => Err(unclear(&error)),
            Err(error) => Ok(refused(error.to_string())),
        }
    }

    /// The policy in the roles that its services have; else why they cannot be told.
    pub(crate) async fn in_roles_at_start(&self, policy: &Policy) -> Result<Result<Policy, String>, StartError> {
        let open = match policy.swaps() {
            true => self.ledger.slot(&policy.name).await?.held.map(|held| held.policy),
            false => None,
        };
        match self.in_roles(policy, open.as_ref()).await {
            Ok(policy) => Ok(Ok(policy)),
            Err(error) if error.may_pass() => Err(StartError::Unclear(error.to_string())),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// Images by container, as the definition names them that the canary runs; nothing where it has no deployment.
    pub(crate) async fn canary_names(&self, policy: &Policy) -> Result<Option<Images>, BeginError> {
        let services = &policy.two_services;
        let names = [services.canary.as_str(), services.stable.as_str()];
        let [canary, _] = self.primaries(&services.cluster, names).await?;
        let Some(canary) = canary else { return Ok(None) };
        let described = definition::describe(&self.clients.ecs, &canary.task_definition).await?;
        Ok(Some(definition::images(&described)))
    }
}

/// The digests of whole references.
fn digests(images: &Images) -> Images {
    let digest = |(container, image): (&String, &String)| {
        let (_, digest) = image.split_once('@')?;
        Some((container.clone(), digest.to_owned()))
    };
    images.iter().filter_map(digest).collect()
}
