//! Opening a release: before its canary changes, or as soon as it is heard of.

use crate::act::definition;
use crate::ledger::{Commit, Held, Known, LedgerError, Slot};
use crate::moment;
use crate::observe::alarms;
use crate::observe::starter;
use crate::{Refused, Serin};
use decide::freeze::Hold;
use decide::opening::{
    Blocked, Opening, Overlap, because, blocked, frozen, is_another, is_looked_at, is_old, needs_copy, open, overlap,
};
use decide::{At, Part, Policy, Release, Role, Seen, Start, StartedBy};
use std::fmt;

/// Times an opening may lose to others.
const LOST_MAX: u32 = 5;

/// What became of a beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// A release was opened.
    Opened(Box<Held>),
    /// It is open already.
    Same(Box<Held>),
    /// It was, and is closed.
    Over(Over),
    /// Not yet, for the reason given.
    Wait(String),
    /// Nothing of the policy moves forward.
    Frozen(Hold),
    /// It is no release, for the reason given.
    None(String),
}

/// A release that has been closed; said as its id, its outcome and when that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over(pub Box<Release>);

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Over(last) = self;
        write!(f, "{} {} at {}", last.id, last.phase.name(), last.phase_since)
    }
}

/// Why nothing could be opened.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// AWS did not do what it was asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What would have to be gone back to is not there any more.
    #[error("there is no way back: {0}")]
    NoWayBack(String),
    /// Which service is stable cannot be told.
    #[error("{0}")]
    Unclear(String),
    /// Whether there is a release cannot be told yet.
    #[error("{0}")]
    NotYet(String),
    /// Others wrote again and again.
    #[error("others opened and closed releases of policy {0} {LOST_MAX} times meanwhile; the next trigger tries again")]
    Contended(String),
}

/// The PRIMARY deployment of a service.
pub(crate) struct Primary {
    deployment: String,
    pub(crate) task_definition: String,
    created: At,
}

impl Primary {
    fn of<'a>(&'a self, service: &'a str) -> starter::Began<'a> {
        starter::Began {
            service,
            task_definition: &self.task_definition,
            created: self.created,
        }
    }
}

/// A release about to be opened, or why there is none.
enum Fresh {
    Release { release: Box<Release>, because: String },
    Not(Begun),
}

fn unclear(primary: &Primary, why: &str) -> Begun {
    Begun::Wait(format!("who began {} is unknown: {why}", primary.deployment))
}

impl BeginError {
    /// Whether the same may well succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            BeginError::Ledger(error) => error.may_pass(),
            BeginError::Refused(refused) => refused.may_pass(),
            BeginError::NoWayBack(_) | BeginError::Unclear(_) => false,
            BeginError::NotYet(_) | BeginError::Contended(_) => true,
        }
    }
}

impl Serin {
    /// Opens the release that something starts, unless it is open, over, or none.
    ///
    /// # Errors
    /// Where AWS refuses, or there is no way back. Nothing is open then that was not before.
    pub async fn begin(&self, policy: &Policy, since: At, start: &Start, by: &str) -> Result<Begun, BeginError> {
        self.begin_with(policy, (since, None), start, by).await
    }

    /// The same, where the start was told from a deployment of the canary.
    async fn begin_with(
        &self,
        policy: &Policy,
        known: (At, Option<&str>),
        start: &Start,
        by: &str,
    ) -> Result<Begun, BeginError> {
        for _ in 0..LOST_MAX {
            let slot = self.ledger.slot(&policy.name).await?;
            if let Some(over) = self.taken_before(&slot, policy, start).await? {
                return Ok(over);
            }
            let policy = &self
                .in_roles(policy, slot.held.as_ref().map(|held| &held.policy))
                .await?;
            let begun = match &slot.held {
                Some(held) => self.take_over(held, policy, known, start, by).await?,
                None => self.open_slot(slot, policy, known, start, by).await?,
            };
            if let Some(begun) = begun {
                if let Begun::Opened(held) = &begun {
                    self.start_clock(&held.policy.name, &held.release.id, 1).await;
                }
                return Ok(begun);
            }
        }
        Err(BeginError::Contended(policy.name.clone()))
    }

    /// The release of an explicit start that was taken before: those come again whenever somebody sends them, also when
    /// others have been opened and closed since.
    ///
    /// Asked after the slot was read: what is opened in between makes whatever follows lose.
    async fn taken_before(&self, slot: &Slot, policy: &Policy, start: &Start) -> Result<Option<Begun>, LedgerError> {
        let key = start.key();
        let is_its_own = |release: &Release| release.start == key;
        let known = slot.held.as_ref().is_some_and(|held| is_its_own(&held.release))
            || slot.last.as_ref().is_some_and(is_its_own);
        if known || start.wanted().is_none() {
            return Ok(None);
        }
        let id = start.release_id(&policy.name);
        if !self.ledger.was_opened(&id).await? {
            return Ok(None);
        }
        let found = self.ledger.reviewed(&policy.name, &id).await?;
        Ok(Some(match found {
            Some(found) => Begun::Over(Over(Box::new(found.release))),
            None => Begun::None(format!(
                "release {id} of this start was opened before, and its row is gone"
            )),
        }))
    }

    /// Nothing, where somebody else wrote first.
    async fn take_over(
        &self,
        held: &Held,
        policy: &Policy,
        known: (At, Option<&str>),
        start: &Start,
        by: &str,
    ) -> Result<Option<Begun>, BeginError> {
        let now = self.now();
        let seen = match is_looked_at(&held.policy, &held.release, start, now) {
            true => self.observe(&held.policy, &held.release).await,
            false => Seen::nothing(),
        };
        let overlap = overlap(&held.policy, policy, &held.release, &seen, start, now);
        let told = known.1.zip(seen.canary.known());
        let another = told.and_then(|(told_from, canary)| {
            let on = (held.release.cluster.as_str(), held.release.canary.name.as_str());
            is_another(&policy.two_services, Some(told_from), on, canary)
        });
        let frozen = frozen(policy, held.release.freeze.as_ref(), start, self.now());
        let mut decision = match overlap {
            Overlap::Same => return Ok(Some(Begun::Same(Box::new(held.clone())))),
            Overlap::Outrun(why) => return Ok(Some(Begun::None(why))),
            _ if frozen.is_some() => return Ok(frozen.map(Begun::Frozen)),
            Overlap::TakesOver(_) if another.is_some() => return Ok(another.map(Begun::Wait)),
            Overlap::Wait(why) => return Ok(Some(Begun::Wait(why))),
            Overlap::TakesOver(decision) => *decision,
            Overlap::Afresh(mut decision) => match self.fresh(policy, None, known, start).await? {
                Fresh::Release { mut release, because } => {
                    release.freeze.clone_from(&held.release.freeze);
                    decision.because = format!("{}; {because}", decision.because);
                    decision.successor = Some(release);
                    *decision
                }
                Fresh::Not(begun) => return Ok(Some(begun)),
            },
        };
        let run = decision.successor.as_mut().and_then(|next| next.pipeline.as_mut());
        if let Some(run) = run.filter(|run| run.promoting_stage.is_none()) {
            run.promoting_stage = self.promoting_stage(policy, false).await?;
        }
        match self.ledger.commit(held, &decision, policy, self.now()).await? {
            Commit::Written(written) => {
                self.decided(&held.release, &written, &decision, by);
                Ok(Some(Begun::Opened(written)))
            }
            Commit::Lost => Ok(None),
        }
    }

    async fn open_slot(
        &self,
        slot: Slot,
        policy: &Policy,
        known: (At, Option<&str>),
        start: &Start,
        by: &str,
    ) -> Result<Option<Begun>, BeginError> {
        if let Some(last) = slot.last.as_ref().filter(|last| last.start == start.key()) {
            return Ok(Some(Begun::Over(Over(Box::new(last.clone())))));
        }
        if let Some(hold) = frozen(policy, slot.freeze.as_ref(), start, self.now()) {
            return Ok(Some(Begun::Frozen(hold)));
        }
        let (mut release, because) = match self.fresh(policy, slot.last, known, start).await? {
            Fresh::Release { release, because } => (release, because),
            Fresh::Not(begun) => return Ok(Some(begun)),
        };
        release.freeze = slot.freeze;
        let opened = self
            .ledger
            .open(policy, &release, slot.generation, &because, self.now())
            .await?;
        match opened {
            Commit::Written(held) => {
                self.log_decision(&held, &because, 0, by);
                Ok(Some(Begun::Opened(held)))
            }
            Commit::Lost => Ok(None),
        }
    }

    /// The release as it is where no other is open, with its way back prepared; nothing is written down yet.
    async fn fresh(
        &self,
        policy: &Policy,
        last: Option<Release>,
        (since, told_from): (At, Option<&str>),
        start: &Start,
    ) -> Result<Fresh, BeginError> {
        let mut beginning = self.beginning(policy, start.clone(), last, since).await?;
        beginning.told_from = told_from.map(str::to_owned);
        let mut release = match open(policy, &beginning, self.now()) {
            Opening::Release(release) => release,
            Opening::Wait(why) => return Ok(Fresh::Not(Begun::Wait(why))),
            Opening::None(why) => return Ok(Fresh::Not(Begun::None(why))),
        };
        let unprepared = match policy.dry_run {
            // Nothing will be gone back to, and nothing may be registered.
            true => Vec::new(),
            false => self.prepare(&mut release, start.comes_before()).await?,
        };
        let because = [vec![because(start, &release, beginning.last.as_ref())], unprepared].concat();
        Ok(Fresh::Release {
            release,
            because: because.join("; "),
        })
    }

    /// Prepares the way back, so that a rollback only has to call `UpdateService`; what could not be, for people.
    ///
    /// Before the canary changes a missing image is a reason not to begin. Once it has changed, a release
    /// that may not get back is better than none that watches.
    async fn prepare(&self, release: &mut Release, before: bool) -> Result<Vec<String>, BeginError> {
        let mut unprepared = Vec::new();
        let touched: &[Role] = if release.is_of_stable_alone() {
            &[Role::Stable]
        } else {
            &[Role::Canary, Role::Stable]
        };
        for role in touched.iter().copied() {
            match self.way_back(release, role, before).await {
                Ok(restore) => match role {
                    Role::Canary => release.canary.restore = restore,
                    Role::Stable => release.stable.restore = restore,
                },
                Err(error) if before => return Err(error),
                Err(error) => {
                    tracing::warn!(release_id = release.id, %error, "the way back is not prepared");
                    let service = match role {
                        Role::Canary => &mut release.canary,
                        Role::Stable => &mut release.stable,
                    };
                    service.unprepared = true;
                    unprepared.push(format!("the way back of {} is not prepared: {error}", service.name));
                }
            }
        }
        Ok(unprepared)
    }

    async fn way_back(&self, release: &Release, role: Role, before: bool) -> Result<String, BeginError> {
        let service = release.service(role);
        let arn = &service.baseline.task_definition;
        let described = definition::describe(&self.clients.ecs, arn).await?;
        let names = definition::images(&described);
        if before {
            self.images_are_there(&service.name, &names, &service.baseline.revision.images)
                .await?;
        }
        let active = described["status"] != "INACTIVE";
        if !needs_copy(&names, active) {
            return Ok(arn.clone());
        }
        let copy = definition::register_copy(&self.clients.ecs, arn, &service.baseline.revision.images).await?;
        Ok(copy)
    }

    /// Looks for what has begun while no release of a policy was open: on its canary, or else at stable alone.
    ///
    /// # Errors
    /// Where AWS refuses.
    pub async fn look_for_news(&self, known: &Known, by: &str) -> Result<Begun, BeginError> {
        match self.news_in_roles(known, by).await {
            Err(BeginError::Unclear(why)) => Ok(Begun::Wait(why)),
            begun => begun,
        }
    }

    /// The same, where that nobody can tell the roles apart is no wait: it lasts until somebody sets the weights.
    pub(crate) async fn news_in_roles(&self, known: &Known, by: &str) -> Result<Begun, BeginError> {
        let slot = self.ledger.slot(&known.policy.name).await?;
        if let Some(held) = slot.held {
            return Ok(Begun::Same(Box::new(held)));
        }
        let known = &Known {
            policy: self.in_roles(&known.policy, None).await?,
            ..known.clone()
        };
        let services = &known.policy.two_services;
        let names = [services.canary.as_str(), services.stable.as_str()];
        let [canary, stable] = self.primaries(&services.cluster, names).await?;
        let is_news = |name: &str, primary: &Primary| {
            let last = slot.last.as_ref();
            primary.created >= known.since
                && !last.is_some_and(|last| is_old(last, name, &primary.deployment, &primary.task_definition))
        };
        let begun = match canary {
            Some(canary) if is_news(&services.canary, &canary) => self.on_canary(known, canary, by).await?,
            Some(_) => Begun::None(format!("{} was given nothing new", services.canary)),
            None => Begun::None(format!("{} has no PRIMARY deployment", services.canary)),
        };
        match (begun, stable) {
            (Begun::None(why), Some(stable)) if is_news(&services.stable, &stable) => {
                self.at_stable(known, stable, why, by).await
            }
            (begun, _) => Ok(begun),
        }
    }

    async fn on_canary(&self, known: &Known, primary: Primary, by: &str) -> Result<Begun, BeginError> {
        let policy = &known.policy;
        let began = primary.of(&policy.two_services.canary);
        let told_from = primary.deployment.clone();
        let start = match starter::of(&self.clients, policy, began).await {
            Part::Unknown(why) => return Ok(unclear(&primary, &why)),
            Part::Known(StartedBy::Execution { rollback: true, .. }) => {
                let deployment = primary.deployment;
                return Ok(Begun::None(format!(
                    "{deployment} belongs to an execution of type ROLLBACK"
                )));
            }
            // What the execution released is gone again, and it must not promote that.
            Part::Known(
                StartedBy::Execution {
                    execution,
                    action_execution,
                    ..
                }
                | StartedBy::SomebodyAfter {
                    execution,
                    action_execution,
                },
            ) => Start::Action {
                execution,
                action_execution,
            },
            Part::Known(StartedBy::Nobody) => Start::Deployment {
                deployment: primary.deployment,
            },
        };
        self.begin_with(policy, (known.since, Some(&told_from)), &start, by)
            .await
    }

    /// What a person gives stable by hand is no release: only what the policy's pipeline gives it.
    async fn at_stable(
        &self,
        known: &Known,
        primary: Primary,
        otherwise: String,
        told_by: &str,
    ) -> Result<Begun, BeginError> {
        let policy = &known.policy;
        let run = starter::run_of(&self.clients, policy, primary.of(&policy.two_services.stable)).await;
        let (by, began) = match run {
            Part::Unknown(why) => return Ok(unclear(&primary, &why)),
            Part::Known(None) => return Ok(Begun::None(otherwise)),
            Part::Known(Some(run)) => (run.by, run.began),
        };
        match by {
            StartedBy::Execution {
                execution,
                action_execution,
                rollback: false,
            } => {
                let start = Start::Promotion {
                    execution,
                    action_execution,
                    began,
                };
                self.begin(policy, known.since, &start, told_by).await
            }
            StartedBy::Execution { rollback: true, .. } | StartedBy::SomebodyAfter { .. } | StartedBy::Nobody => {
                Ok(Begun::None(otherwise))
            }
        }
    }

    /// PRIMARY deployments of two services, in the order of their names.
    pub(crate) async fn primaries(&self, cluster: &str, names: [&str; 2]) -> Result<[Option<Primary>; 2], BeginError> {
        let reply = self
            .clients
            .ecs
            .describe_services()
            .cluster(cluster)
            .services(names[0])
            .services(names[1])
            .send()
            .await
            .map_err(|error| {
                let on = format!("{}, {} in cluster {cluster}", names[0], names[1]);
                Refused::from_sdk("DescribeServices", on, &error)
            })?;
        Ok(names.map(|name| {
            let found = reply
                .services()
                .iter()
                .find(|service| service.service_name() == Some(name));
            let deployments = found.map(|found| found.deployments()).unwrap_or_default();
            let primary = deployments
                .iter()
                .find(|deployment| deployment.status() == Some("PRIMARY"))?;
            Some(Primary {
                deployment: primary.id()?.to_owned(),
                task_definition: primary.task_definition()?.to_owned(),
                created: moment::at(primary.created_at()?),
            })
        }))
    }

    /// What keeps a release of this policy from being opened now, if anything does.
    pub async fn blocked(&self, policy: &Policy) -> Option<Blocked> {
        let alarms = alarms::alarms(&self.clients.cloudwatch, policy, None).await;
        blocked(policy, &alarms)
    }
}
