//! What our own actions in a pipeline are told: the ledger's word is what lets an execution go on.

use crate::policy::{Approver, Promotion, Rollback};
use crate::{At, Outcome, Phase, Policy, Release, freeze, order};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an action of ours in the pipeline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Whether the release may go to stable.
    Approve,
    /// That stable is given the release.
    Promote,
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Gate::Approve => "approve",
            Gate::Promote => "promote",
        })
    }
}

/// What an action is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Go on, on this evidence.
    Yes(String),
    /// Ask again.
    NotYet(String),
    /// No release of this execution is known, or not yet.
    Nobody(String),
    /// Never.
    No(String),
    /// Never, were it no dry run: go on.
    WouldBeNo(String),
}

/// What an action says that lets an execution go on in a dry run only.
pub fn would_have_failed(why: &str) -> String {
    format!("dry run, let go on though it would have failed: {why}")
}

impl Word {
    /// What is told where nothing may be changed: an execution that would have been ended goes on.
    #[must_use]
    pub fn under(self, policy: &Policy) -> Word {
        match self {
            Word::No(why) if policy.dry_run => Word::WouldBeNo(would_have_failed(&why)),
            word => word,
        }
    }
}

/// Longest bake that an action of a pipeline can wait for: CodePipeline gives it a day, and the true reason must come
/// first.
///
/// # Source
/// CodePipeline user guide, "Quotas": a Lambda invoke action may go on for 24 hours.
const BAKE_MINUTES_MAX: u32 = 22 * 60;

/// What is wrong where an action of ours would have to wait for longer than CodePipeline lets it.
pub fn outlasts_an_action(policy: &Policy) -> Option<String> {
    let minutes = policy.baked_within_minutes();
    (minutes > BAKE_MINUTES_MAX).then(|| {
        format!(
            "policy {} may take {minutes} minutes to bake, with what it is extended by, and CodePipeline gives an action \
             a day; stay within {BAKE_MINUTES_MAX}, or have a manual approval in its place notify Serin",
            policy.name
        )
    })
}

/// What is to be known where a person lets an execution go on to our `promote` action, which then waits for what has not
/// baked: whoever approves too early has it end by CodePipeline's time-out, and the release is taken back.
///
/// No mistake of the policy's: whoever approves when it has baked has it wait for nothing.
pub fn promotes_too_late(policy: &Policy) -> Option<String> {
    let minutes = policy.baked_within_minutes();
    let early = minutes.saturating_sub(BAKE_MINUTES_MAX);
    let person = policy.promotion == Promotion::RollStable && policy.approval != Approver::Automatic;
    (person && early > 0).then(|| {
        format!(
            "the steps may take {minutes} minutes to bake, and the promote action, which waits for what is left of them, \
             is given a day by CodePipeline: whoever approves in the first {early} minutes may have it fail, and the \
             release taken back; approve later, or have Serin approve"
        )
    })
}

/// What is wrong where an action of ours asks for what the policy leaves to others, or, before a release of it is open, for
/// what no action can wait for. What is open goes on, however long it was said to take then.
pub fn unanswerable(policy: &Policy, gate: Gate) -> Option<String> {
    let outlasts = || outlasts_an_action(policy).filter(|_| gate == Gate::Approve);
    left_to_us(policy, gate).or_else(outlasts)
}

/// What is wrong where an action of ours asks for what the policy leaves to others.
pub fn left_to_us(policy: &Policy, gate: Gate) -> Option<String> {
    let (ours, field, value) = match gate {
        Gate::Approve => (policy.approval == Approver::Automatic, "approval", "automatic"),
        Gate::Promote => (policy.promotion == Promotion::RollStable, "promotion", "roll_stable"),
    };
    (!ours).then(|| format!(
        "policy {} does not leave the {field} to Serin; write \"{field}\": \"{value}\" into it, or take this action out \
         of the pipeline",
        policy.name
    ))
}

/// Answers an action of an execution, from what the ledger holds: the open release and the one that closed last.
///
/// Nothing is decided here that is not written down already: whoever fails the release has written that down first,
/// and whoever let it go on as well.
pub fn word(
    policy: &Policy,
    gate: Gate,
    execution: &str,
    open: Option<&Release>,
    last: Option<&Release>,
    at: At,
) -> Word {
    let is_of = |release: &&Release| release.pipeline.as_ref().is_some_and(|run| run.execution == execution);
    if let Some(release) = open.filter(is_of) {
        // It goes on under the policy it was opened under, whatever that says by now.
        return left_to_us(policy, gate).map_or_else(|| of_open(policy, gate, release, at).under(policy), Word::No);
    }
    if let Some(ended) = ended(execution, open, last, at) {
        // What the policy says by now is nothing to what is closed.
        return if last.is_some_and(|last| is_of(&last)) {
            ended
        } else {
            ended.under(policy)
        };
    }
    match open {
        Some(open) => Word::Nobody(format!("release {} is open, which is of another execution", open.id)),
        None => Word::Nobody("no release of this execution has been opened".to_owned()),
    }
}

/// The same of an execution whose release is over, which no policy has to say anything about any more.
pub fn ended(execution: &str, open: Option<&Release>, last: Option<&Release>, at: At) -> Option<Word> {
    let is_of = |release: &&Release| release.pipeline.as_ref().is_some_and(|run| run.execution == execution);
    if let Some(last) = last.filter(is_of) {
        let watched = open.and_then(|open| Some((open, open.watched.as_ref()?)));
        return Some(match watched.filter(|(_, watched)| watched.release == last.id) {
            Some((open, _)) => Word::Yes(format!(
                "release {} was promoted, and its watch runs on in {}",
                last.id, open.id
            )),
            None => of_closed_under(last, at),
        });
    }
    let barred = open.filter(|open| open.barred.iter().any(|run| run.execution == execution))?;
    Some(Word::No(format!("superseded by release {}", barred.id)))
}

fn of_open(policy: &Policy, gate: Gate, release: &Release, at: At) -> Word {
    let approved = release.pipeline.as_ref().and_then(|run| run.approved.as_ref());
    let hold = freeze::in_force(&policy.freeze, release.freeze.as_ref(), at);
    // Accepted, and not acted upon yet.
    let acted_upon = release.phase.rolling_back().is_some() || matches!(release.phase, Phase::Closed { .. });
    if let Some(aborted) = order::aborted(release).filter(|_| !acted_upon) {
        return Word::No(format!("release {} was {aborted}", release.id));
    }
    match (&release.phase, gate) {
        (Phase::RollingBack { cause }, _) if policy.rollback != Rollback::Allowed => {
            Word::No(format!("release {} has failed: {cause}", release.id))
        }
        (Phase::RollingBack { cause }, _) => Word::No(format!("release {} is rolled back: {cause}", release.id)),
        (Phase::RollbackFailed { cause }, _) => Word::No(format!("release {} is not taken back: {cause}", release.id)),
        (Phase::Closed { .. }, _) => of_closed(release, at),
        (Phase::Watching, _) | (Phase::Promoting, Gate::Approve) => {
            Word::Yes(format!("release {} is {}", release.id, release.phase.name()))
        }
        (Phase::Promoting, Gate::Promote) => {
            Word::NotYet(format!("{} is being given the revision", release.stable.name))
        }
        (Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. }, _) if hold.is_some() => {
            Word::NotYet(hold.map(|hold| hold.to_string()).unwrap_or_default())
        }
        (Phase::Gated { .. }, Gate::Approve) if approved.is_some() => {
            Word::Yes(approved.map(|approved| approved.evidence.clone()).unwrap_or_default())
        }
        (Phase::Deploying, _) => Word::NotYet(format!("{} has not been given a revision yet", release.canary.name)),
        (Phase::Baking { .. }, Gate::Approve) => Word::NotYet(baked(policy, release, at)),
        (Phase::Baking { .. }, Gate::Promote) => Word::NotYet(let_through(policy, release, at)),
        (Phase::Gated { why }, _) => Word::NotYet(format!("waiting for {why}")),
    }
}

/// How far the bake is, for people.
fn baked(policy: &Policy, release: &Release, at: At) -> String {
    let name = &release.canary.name;
    let seconds = policy.bake_minutes_total() * 60;
    if let (Phase::Baking { step }, steps @ 2..) = (&release.phase, policy.steps().len()) {
        let (of, seconds) = (format!("step {} of {steps}", step + 1), policy.bake_seconds(*step));
        return match release.step_reached {
            Some(reached) => format!(
                "{name} has baked {} s of {seconds} s in {of}",
                reached.seconds_until(at)
            ),
            None => format!("{name} does not have the share of {of} yet"),
        };
    }
    match release.canary.given.as_ref().and_then(|given| given.reached) {
        Some(reached) => format!("{name} has baked {} s of {seconds} s", reached.seconds_until(at)),
        None => format!("{name} is being given the revision; then it bakes {seconds} s"),
    }
}

/// The same where somebody has approved before all had baked.
fn let_through(policy: &Policy, release: &Release, at: At) -> String {
    let baked = baked(policy, release, at);
    match policy.baked_within_minutes() > BAKE_MINUTES_MAX {
        true => format!(
            "{baked}; CodePipeline gives this action a day: what takes longer has to be let on by serin skip or serin \
             promote, or is taken back"
        ),
        false => baked,
    }
}

/// For how long a release that had nothing to release speaks for what its execution does: a person may have the
/// canary's stage tried again, and then it speaks of something else.
const NOTHING_TO_RELEASE_SECONDS: u32 = 900;

/// What a closed release's word becomes: what is written under the policy since changes nothing of what was done.
fn of_closed_under(release: &Release, at: At) -> Word {
    let word = of_closed(release, at);
    match word {
        Word::No(why) if is_let_go_on(release) => Word::WouldBeNo(would_have_failed(&why)),
        word => word,
    }
}

/// Whether the execution of a closed release that did not go well is let go on all the same.
///
/// What the policy says by now is nothing to it: what was taken back stays failed, and what only would have been goes on.
pub fn is_let_go_on(closed: &Release) -> bool {
    match &closed.phase {
        Phase::Closed {
            outcome: Outcome::WouldRollBack { .. },
        } => true,
        Phase::Closed {
            outcome: Outcome::RolledBack { .. } | Outcome::RollbackFailed { .. },
        } => false,
        _ => closed.dry_run,
    }
}

fn of_closed(release: &Release, at: At) -> Word {
    let id = &release.id;
    let recent = at <= release.phase_since.plus_seconds(NOTHING_TO_RELEASE_SECONDS);
    let Phase::Closed { outcome } = &release.phase else {
        return Word::Nobody(format!("release {id} is {}", release.phase.name()));
    };
    match outcome {
        Outcome::Promoted => Word::Yes(format!("release {id} was promoted")),
        // Nothing was released that did not run before.
        Outcome::Abandoned { why } if release.canary.given.is_none() || !recent => {
            Word::Nobody(format!("release {id} was abandoned: {why}"))
        }
        Outcome::Abandoned { why } => Word::Yes(format!("release {id} had nothing to release: {why}")),
        Outcome::RolledBack { cause } => Word::No(format!("release {id} was rolled back: {cause}")),
        Outcome::RollbackFailed { cause } => Word::No(format!("release {id} could not be rolled back: {cause}")),
        Outcome::WouldRollBack { cause } => Word::No(format!("release {id} would have been rolled back: {cause}")),
        Outcome::Superseded { by } => Word::No(format!("release {id} was superseded by {by}")),
        Outcome::Overtaken { by } => Word::No(format!("release {id} was overtaken: {by}")),
    }
}

#[cfg(test)]
mod tests;
