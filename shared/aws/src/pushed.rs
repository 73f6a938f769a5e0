//! Pushes to ECR that start releases, and the state machine that asks until a start was accepted or refused.
//!
//! A push is an explicit start that a policy asked for: nothing is opened, registered or given here that [`Serin::start`]
//! would not.

use crate::Serin;
use crate::event::StartEvent;
use crate::explicit::{StartError, Started};
use crate::ledger::keys;
use crate::policies::PolicyError;
use decide::opening::{Push, Pushed, Standing, foreign, progress, pushed};
use serde::Serialize;

/// How far a start has come; every member is always there, since the state machine picks each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Whether there is nothing to wait for any more.
    pub done: bool,
    /// Whether that is because it was refused.
    pub failed: bool,
    /// What was accepted, or why not.
    pub because: String,
    /// When to ask again, where it is not done.
    pub wait_seconds: u32,
    /// The release, where one is open.
    pub release_id: Option<String>,
}

impl Progress {
    /// Of all starts together.
    pub fn of(starts: &[Started]) -> Progress {
        let standings: Vec<Standing> = starts.iter().map(|started| started.standing).collect();
        let because: Vec<&str> = starts.iter().map(|started| started.answer.as_str()).collect();
        let progress = progress(&standings);
        Progress {
            done: progress.done,
            failed: progress.failed,
            because: because.join("; "),
            wait_seconds: progress.wait_seconds,
            release_id: starts.iter().find_map(|started| started.release_id.clone()),
        }
    }

    /// Of what is no start, or none that can be read.
    pub fn without_a_start(standing: Standing, because: String) -> Progress {
        Progress::of(&[Started::not(standing, because)])
    }
}

impl Serin {
    /// Takes a push: for each policy that it concerns, an explicit start, or why it is none.
    ///
    /// # Errors
    /// Where it can be neither accepted nor refused at the moment; told again, it is the same start.
    pub async fn pushed(&self, push: &Push, by: &str) -> Result<Vec<Started>, StartError> {
        let nothing = |why: String| Ok(vec![Started::not(Standing::Over, why)]);
        let home = self.home();
        if let Some(why) = foreign(push, &home) {
            return nothing(why);
        }
        let arn = home.repository_arn(&push.repository);
        let concerned = self.ledger.concerned(&keys::repository(&arn)).await?;
        if concerned.is_empty() {
            return nothing(format!("no policy starts anything on a push to {}", push.repository));
        }
        let mut starts = Vec::new();
        for name in concerned {
            let started = self.start_of(push, &name, by).await?;
            tracing::info!(policy = name, because = started.answer, "an image was pushed");
            starts.push(started);
        }
        Ok(starts)
    }

    async fn start_of(&self, push: &Push, name: &str, by: &str) -> Result<Started, StartError> {
        let policy = match self.policy(name).await {
            Ok((policy, _)) => policy,
            Err(error @ (PolicyError::Missing(_) | PolicyError::Wrong { .. })) => {
                return Ok(Started::not(Standing::Refused, error.to_string()));
            }
            Err(error) => return Err(StartError::Unclear(error.to_string())),
        };
        let policy = match self.in_roles_at_start(&policy).await? {
            Ok(policy) => policy,
            Err(why) => return Ok(Started::not(Standing::Refused, why)),
        };
        let canary = match self.canary_names(&policy).await {
            Ok(canary) => canary,
            Err(error) if error.may_pass() => return Err(StartError::Unclear(error.to_string())),
            Err(error) => return Ok(Started::not(Standing::Refused, error.to_string())),
        };
        let slot = self.ledger.slot(name).await?;
        let latest = slot.held.as_ref().map(|held| &held.release).or(slot.last.as_ref());
        match pushed(&policy, push, canary.as_ref(), latest) {
            Pushed::Nothing(why) => Ok(Started::not(Standing::Over, why)),
            Pushed::Refused(why) => Ok(Started::not(Standing::Refused, why)),
            Pushed::Starts(wanted) => {
                let event = StartEvent {
                    policy: policy.name.clone(),
                    wanted,
                    despite_alarm: false,
                };
                let started = self.start(&event, by).await?;
                if let Some(why) = started.rings.as_ref().filter(|_| slot.held.is_none()) {
                    // Nobody waits at a terminal for the answer. What is open has its own notices, and may end the alarm.
                    self.tell_waiting(&policy, &event.wanted, why).await;
                }
                Ok(started)
            }
        }
    }
}
