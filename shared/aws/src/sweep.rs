//! The sweep: what the clocks, the events and the parameters' changes have missed.

use crate::Serin;
use crate::begin::{BeginError, Begun};
use crate::ledger::{Known, LedgerError, Merge, Open};
use crate::policies::Synced;
use crate::step::Stepped;
use decide::{At, Fact};
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use serde::Serialize;
use std::collections::BTreeSet;

/// How late a look may be before the sweep takes it.
const OVERDUE_SECONDS: u32 = 120;

/// Releases and policies looked at side by side: one that hangs must not keep the others waiting.
const SIDE_BY_SIDE: usize = 8;

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Swept {
    /// Open releases that were overdue and were stepped.
    pub stepped: Vec<Stepped>,
    /// Releases that nobody had opened.
    pub opened: Vec<String>,
    /// Policies that had changed.
    pub policies: Vec<Synced>,
    /// What was told of releases that have ended, and had not been.
    pub told: Vec<String>,
    /// What failed, with the reason; the next sweep tries again.
    pub failed: Vec<String>,
}

impl Serin {
    /// Looks at everything that is overdue, the longest overdue first.
    pub async fn sweep(&self, by: &str) -> Swept {
        let mut swept = Swept::default();
        match self.sync_all().await {
            Ok(changed) => swept.policies = changed,
            Err(error) => swept.fail("policies", &error.to_string()),
        }
        let open = match self.ledger.open_releases().await {
            Ok(open) => open,
            Err(error) => {
                swept.fail("the list of open releases", &error.to_string());
                return swept;
            }
        };
        let taken: BTreeSet<String> = open.iter().map(|open| open.policy.clone()).collect();
        let now = self.now();
        let mut overdue: Vec<Open> = open.into_iter().filter(|open| is_overdue(open, now)).collect();
        overdue.sort_by(|a, b| (a.look_at, &a.policy).cmp(&(b.look_at, &b.policy)));
        let mut steps = iter(overdue)
            .map(|open| async move { (open.policy.clone(), self.overdue(&open, by).await) })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some((policy, stepped)) = steps.next().await {
            match stepped {
                Ok(stepped) => swept.stepped.extend(stepped),
                Err(error) => swept.fail(&policy, &error.to_string()),
            }
        }
        drop(steps);
        self.open_missing(&taken, by, &mut swept).await;
        swept.told = self.tell_untold(None).await;
        swept
    }

    /// Steps a release, and begins a new lap of its clock: the old one is late or dead.
    async fn overdue(&self, open: &Open, by: &str) -> Result<Option<Stepped>, LedgerError> {
        let stepped = self.tick(&open.policy, by).await?;
        let goes_on = stepped.as_ref().is_some_and(|stepped| stepped.wait_seconds.is_some());
        let lap = open.lap.saturating_add(1);
        if goes_on && self.clock.is_some() && self.ledger.lap(&open.policy, &open.release_id, lap).await? {
            self.start_clock(&open.policy, &open.release_id, lap).await;
        }
        Ok(stepped)
    }

    async fn open_missing(&self, taken: &BTreeSet<String>, by: &str, swept: &mut Swept) {
        let known = match self.ledger.known_policies().await {
            Ok(known) => known,
            Err(error) => return swept.fail("the list of policies", &error.to_string()),
        };
        let idle = known.into_iter().filter(|known| !taken.contains(&known.policy.name));
        let mut looks = iter(idle)
            .map(|known| async move { (known.policy.name.clone(), self.news(&known, by).await) })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some((policy, begun)) = looks.next().await {
            match begun {
                Ok(Some(stepped)) => swept.opened.push(stepped.release_id),
                Ok(None) => {}
                Err(error) => swept.fail(&policy, &error.to_string()),
            }
        }
    }

    /// Opens what has begun on a policy's canary, and takes its first step.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub async fn news(&self, known: &Known, by: &str) -> Result<Option<Stepped>, BeginError> {
        // On the heap: what is opened, and what is stepped on, are two long ways one in the other.
        match Box::pin(self.look_for_news(known, by)).await? {
            Begun::Opened(held) => Ok(Some(self.step(*held, by).await?)),
            Begun::Same(_) | Begun::Over(_) | Begun::Wait(_) | Begun::Frozen(_) | Begun::None(_) => Ok(None),
        }
    }

    /// The same where something was heard while no release was open: the first step is taken with it, as it may be the last
    /// that is ever heard of it.
    ///
    /// # Errors
    /// Where AWS refuses, or nobody can tell yet whether there is a release: what was heard has to come again.
    pub async fn first_heard(&self, known: &Known, fact: &Fact, by: &str) -> Result<Option<Stepped>, BeginError> {
        let held = match Box::pin(self.news_in_roles(known, by)).await? {
            Begun::Opened(held) | Begun::Same(held) => held,
            Begun::Wait(why) => return Err(BeginError::NotYet(why)),
            Begun::Over(_) | Begun::Frozen(_) | Begun::None(_) => return Ok(None),
        };
        let merged = self.ledger.merge(&known.policy.name, fact, by, self.now()).await?;
        match merged {
            Merge::New(fresh) | Merge::Known(fresh) => Ok(Some(self.step(*fresh, by).await?)),
            Merge::NothingOpen(_) => Err(BeginError::NotYet(format!("{} was closed meanwhile", held.release.id))),
        }
    }

    /// Takes the step on a policy's release, or opens what nobody has opened. What came of it, for people.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub async fn attend(&self, policy: &str, by: &str) -> Result<Looked, BeginError> {
        if let Some(stepped) = self.tick(policy, by).await? {
            return Ok(Looked::Stepped(stepped));
        }
        let Some(known) = self.ledger.known(policy).await? else {
            return Ok(Looked::Nothing(format!("policy {policy} is not known")));
        };
        match Box::pin(self.look_for_news(&known, by)).await? {
            Begun::Opened(held) => Ok(Looked::Opened(self.step(*held, by).await?)),
            Begun::Same(held) => Ok(Looked::Stepped(self.step(*held, by).await?)),
            Begun::Frozen(hold) => Ok(Looked::Nothing(hold.to_string())),
            Begun::Over(over) => Ok(Looked::Nothing(over.to_string())),
            Begun::Wait(why) | Begun::None(why) => Ok(Looked::Nothing(why)),
        }
    }
}

/// What a look at a policy came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "look", content = "with", rename_all = "snake_case")]
pub enum Looked {
    /// Its release took a step.
    Stepped(Stepped),
    /// A release was opened that nobody had opened, and took its first step.
    Opened(Stepped),
    /// There was nothing to do, for the reason given.
    Nothing(String),
}

impl Swept {
    fn fail(&mut self, what: &str, error: &str) {
        tracing::error!(what, error, "the next sweep tries again");
        self.failed.push(format!("{what}: {error}"));
    }
}

fn is_overdue(open: &Open, now: At) -> bool {
    now >= open.look_at.plus_seconds(OVERDUE_SECONDS)
}
