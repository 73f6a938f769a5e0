//! The one step that every trigger leads to: look, decide, write down, act, and look again.

use crate::act::Did;
use crate::ledger::{Commit, Held, LedgerError, Merge};
use crate::metrics::{self, Unit};
use crate::{Serin, notice};
use decide::opening::policy_of_successor;
use decide::{Action, At, Decision, ExecutionStatus, Fact, Outcome, Part, Phase, Release, Seen};
use futures_util::future::join3;
use serde::Serialize;
use std::time::Duration;

/// Looks within one step; what is still open then is left to the next trigger.
const ROUNDS_MAX: u32 = 4;

/// Times a decision may lose to others within one step.
const LOST_MAX: u32 = 5;

/// After a decision that lost, times how often it did: a transaction takes tens of milliseconds.
pub(crate) const LOST_PAUSE: Duration = Duration::from_millis(15);

/// What whoever brought a fact first has to write its consequence down, before a copy looks for itself.
const HEAD_START: Duration = Duration::from_millis(500);

/// For how long whoever wrote a rollback down is trusted to carry it out, before another does.
const CARRIED_OUT_MILLIS: i64 = 30_000;

/// Whose log lines these are, by Powertools' key `service`.
const SERVICE: &str = "serin";

/// Where a release stands after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stepped {
    /// Policy name.
    pub policy: String,
    /// Release id.
    pub release_id: String,
    /// Phase, by name.
    pub phase: &'static str,
    /// The reason of the last decision.
    pub because: String,
    /// What was done, line by line.
    pub did: Vec<String>,
    /// How the release ended, if it did.
    pub outcome: Option<Outcome>,
    /// When to look again; nothing where it ended.
    pub wait_seconds: Option<u32>,
}

/// What became of a fact that a trigger brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The release took a step on it.
    Stepped(Stepped),
    /// It was known, and is being acted upon.
    UnderWay(Stepped),
    /// No release is open; what closed last, if anything did.
    NothingOpen(Option<String>),
}

impl Serin {
    /// Merges a fact into a policy's open release, and takes the step.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written.
    pub async fn tell(&self, policy: &str, fact: &Fact, by: &str) -> Result<Told, LedgerError> {
        match self.ledger.merge(policy, fact, by, self.now()).await? {
            Merge::NothingOpen(last) => Ok(Told::NothingOpen(last)),
            Merge::New(held) => self.step(*held, by).await.map(Told::Stepped),
            Merge::Known(held) => self.told_again(*held, by).await,
        }
    }

    /// Somebody brought this fact before: they are acting on it, or they died.
    async fn told_again(&self, held: Held, by: &str) -> Result<Told, LedgerError> {
        if self.is_under_way(&held) {
            return Ok(Told::UnderWay(under_way(&held)));
        }
        // A thousand copies of one event must not look at AWS a thousand times.
        self.pause(HEAD_START).await;
        match self.ledger.read(&held.policy.name).await? {
            None => Ok(Told::NothingOpen(Some(format!(
                "{}, closed a moment ago",
                held.release.id
            )))),
            Some(fresh) if self.is_under_way(&fresh) => Ok(Told::UnderWay(under_way(&fresh))),
            Some(fresh) => self.step(fresh, by).await.map(Told::Stepped),
        }
    }

    /// Takes the step on a policy's open release, because of something that is no fact of its own; not, while
    /// somebody is rolling it back.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written.
    pub async fn look_again(&self, policy: &str, by: &str) -> Result<Told, LedgerError> {
        match self.ledger.read(policy).await? {
            None => Ok(Told::NothingOpen(None)),
            Some(held) if self.is_under_way(&held) => Ok(Told::UnderWay(under_way(&held))),
            Some(held) => self.step(held, by).await.map(Told::Stepped),
        }
    }

    /// Takes the step on a policy's open release, if one is open.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written.
    pub async fn tick(&self, policy: &str, by: &str) -> Result<Option<Stepped>, LedgerError> {
        match self.ledger.read(policy).await? {
            Some(held) => self.step(held, by).await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes the step.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written. What was done until then stays done.
    pub async fn step(&self, held: Held, by: &str) -> Result<Stepped, LedgerError> {
        let mut held = held;
        let mut lost = 0;
        let mut said = Vec::new();
        let mut round = 0;
        loop {
            round += 1;
            let Some(looked) = self.round(&mut held, by, &mut said).await? else {
                lost += 1;
                let conflict = [("LedgerConflicts", Unit::Count, 1)];
                self.metrics.put(&held.policy.name, self.now(), &conflict);
                self.pause(LOST_PAUSE * lost).await;
                let Some(fresh) = self.ledger.read(&held.policy.name).await? else {
                    return Ok(over(&held));
                };
                let same = fresh.release.id == held.release.id;
                held = fresh;
                if !same || self.is_under_way(&held) {
                    return Ok(under_way(&held));
                }
                if lost >= LOST_MAX {
                    return Err(LedgerError::Contended {
                        row: crate::ledger::keys::policy(&held.policy.name),
                        times: lost,
                    });
                }
                continue;
            };
            if !looked.look_again || round >= ROUNDS_MAX {
                return Ok(stepped(&held, &looked.decision, said));
            }
        }
    }

    /// One look and what follows from it. Nothing, where somebody else wrote first.
    async fn round(&self, held: &mut Held, by: &str, said: &mut Vec<String>) -> Result<Option<Looked>, LedgerError> {
        let (seen, blind) = match self.look(held, by).await? {
            Some(looked) => looked,
            None => return Ok(None),
        };
        let mut decision = self.decide(&held.policy, &held.release, &seen);
        let before = held.release.clone();
        if decision.next != held.release {
            let (closed, of) = (held.release.id.clone(), held.policy.name.clone());
            let policy = self.policy_of_successor(held, &decision).await?;
            match self.ledger.commit(held, &decision, &policy, self.now()).await? {
                Commit::Written(written) => *held = *written,
                Commit::Lost => return Ok(None),
            }
            if decision.successor.is_some() {
                self.decided(&before, held, &decision, by);
                said.push(format!("release {closed} closed, release {} opened", held.release.id));
                self.start_clock(&held.policy.name, &held.release.id, 1).await;
                let untold = notice::untold(&of, &decision, held.generation, held.updated);
                said.extend(self.tell_ends(untold).await);
                return Ok(Some(Looked {
                    decision,
                    look_again: true,
                }));
            }
        }
        self.decided(&before, held, &decision, by);
        let done: Vec<&Action> = blind.iter().filter(|did| did.done).map(|did| &did.action).collect();
        decision
            .lanes
            .iter_mut()
            .for_each(|lane| lane.retain(|action| !done.contains(&action)));
        let mut did = blind.clone();
        did.extend(self.act(&decision.lanes).await);
        let restored = metrics::of_restore(held, &did, self.now());
        self.metrics.put(&held.policy.name, self.now(), &restored);
        let mut lines: Vec<String> = did.iter().map(|did| did.text.clone()).collect();
        self.remember(held, &did, by).await?;
        if matches!(held.release.phase, Phase::Closed { .. }) {
            let untold = notice::untold(&held.policy.name, &decision, held.generation, held.updated);
            lines.extend(self.tell_ends(untold).await);
        } else {
            lines.extend(self.tell_people(held, &decision.notices, by).await);
            let served = decide::served(&held.policy, &held.release, &seen);
            let share = served.ok().and_then(|served| served.permille);
            self.ledger.note(held, &decision, &lines, share, self.now()).await?;
        }
        said.extend(lines);
        Ok(Some(Looked {
            decision,
            look_again: did.iter().any(|did| did.look_again),
        }))
    }

    /// Looks at the world. What the ledger alone already decides is written down meanwhile, so that a
    /// rollback does not wait for two round trips to DynamoDB after the slow ones to ECS.
    async fn look(&self, held: &mut Held, by: &str) -> Result<Option<(Seen, Vec<Did>)>, LedgerError> {
        let blind = self.decide(&held.policy, &held.release, &Seen::nothing());
        if blind.next == held.release {
            return Ok(Some((self.observe(&held.policy, &held.release).await, Vec::new())));
        }
        let commit = self.ledger.commit(held, &blind, &held.policy, self.now());
        let observe = self.observe(&held.policy, &blind.next);
        let before = held.release.clone();
        let (committed, seen, did) = join3(commit, observe, self.act(&blind.lanes)).await;
        match committed? {
            Commit::Written(written) => *held = *written,
            Commit::Lost => return Ok(None),
        }
        self.decided(&before, held, &blind, by);
        Ok(Some((unless_answered(seen, &did), did)))
    }

    /// A release that takes another's place is opened under the policy as it is by then.
    async fn policy_of_successor(&self, held: &Held, decision: &Decision) -> Result<decide::Policy, LedgerError> {
        let known = match &decision.successor {
            Some(_) => self.ledger.known(&held.policy.name).await?,
            None => None,
        };
        let known = known.map_or_else(|| held.policy.clone(), |known| known.policy.in_roles_of(&held.policy));
        Ok(policy_of_successor(&held.policy, &known, &held.release).clone())
    }

    /// Merges what acting has taught. It is this release's alone: what was registered for it is never given by the one
    /// that has taken its place meanwhile.
    async fn remember(&self, held: &mut Held, did: &[Did], by: &str) -> Result<(), LedgerError> {
        for fact in did.iter().filter_map(|did| did.learned.as_ref()) {
            let (policy, release) = (held.policy.name.clone(), held.release.id.clone());
            match self.ledger.learn(&policy, &release, fact, by, self.now()).await? {
                Merge::New(fresh) | Merge::Known(fresh) => *held = *fresh,
                Merge::NothingOpen(_) => {}
            }
        }
        Ok(())
    }

    /// One line for each decision, by the key names of Powertools for AWS Lambda, and one for what is measured; a rollback
    /// that could not be done is an error, and its line names that release.
    pub(crate) fn decided(&self, before: &Release, held: &Held, decision: &Decision, by: &str) {
        if let Phase::Closed {
            outcome: Outcome::RollbackFailed { cause },
        } = &decision.next.phase
        {
            tracing::error!(
                service = SERVICE,
                function_request_id = by,
                policy = held.policy.name,
                release_id = decision.next.id,
                %cause,
                because = decision.because,
                "closed without being put right; look at both services"
            );
        }
        self.log_decision(held, &decision.because, decision.lanes.iter().flatten().count(), by);
        let at = self.now();
        let measures = metrics::of_decision(before, decision, at);
        self.metrics.put(&held.policy.name, at, &measures);
    }

    /// The line of one decision, also of that to open a release.
    pub(crate) fn log_decision(&self, held: &Held, because: &str, actions: usize, by: &str) {
        tracing::info!(
            service = SERVICE,
            function_request_id = by,
            policy = held.policy.name,
            release_id = held.release.id,
            generation = held.generation,
            decision = held.release.phase.name(),
            because,
            actions,
            "decided"
        );
    }

    /// Somebody wrote the rollback down a moment ago and is carrying it out.
    fn is_under_way(&self, held: &Held) -> bool {
        let age = self.now().millis() - held.updated.millis();
        held.release.phase.rolling_back().is_some() && age < CARRIED_OUT_MILLIS
    }
}

/// The execution as it was seen while its approval was being rejected is neither before nor after: it is looked
/// at again, instead of being stopped once more.
fn unless_answered(mut seen: Seen, did: &[Did]) -> Seen {
    let answered = did
        .iter()
        .any(|did| did.done && matches!(did.action, Action::Reject { .. }));
    let between = seen
        .pipeline
        .known()
        .is_some_and(|run| run.approval.is_none() && !matches!(run.status, ExecutionStatus::Over(_)));
    if answered && between {
        seen.pipeline = Part::Unknown("its approval was answered a moment ago".to_owned());
    }
    seen
}

struct Looked {
    decision: Decision,
    look_again: bool,
}

fn stepped(held: &Held, decision: &Decision, did: Vec<String>) -> Stepped {
    let outcome = match &held.release.phase {
        Phase::Closed { outcome } => Some(outcome.clone()),
        _ => None,
    };
    Stepped {
        policy: held.policy.name.clone(),
        release_id: held.release.id.clone(),
        phase: held.release.phase.name(),
        because: decision.because.clone(),
        did,
        outcome,
        wait_seconds: decision.look_again_seconds,
    }
}

fn under_way(held: &Held) -> Stepped {
    let because = format!(
        "{} since {}, being carried out",
        held.release.phase.name(),
        held.release.phase_since
    );
    let decision = Decision {
        next: held.release.clone(),
        because,
        lanes: Vec::new(),
        notices: Vec::new(),
        successor: None,
        look_again_seconds: Some(seconds(CARRIED_OUT_MILLIS)),
    };
    stepped(held, &decision, Vec::new())
}

fn over(held: &Held) -> Stepped {
    let because = "closed by somebody else meanwhile".to_owned();
    let decision = Decision {
        next: held.release.clone(),
        because,
        lanes: Vec::new(),
        notices: Vec::new(),
        successor: None,
        look_again_seconds: None,
    };
    stepped(held, &decision, Vec::new())
}

fn seconds(millis: i64) -> u32 {
    At::from_millis(0).seconds_until(At::from_millis(millis))
}
