//! What a person orders of a release: whether it makes sense, and what follows from it.
//!
//! An order that makes sense is a fact of its release, so that every decision in flight loses to it. It names the very
//! release that it is about, and is nothing to the next one. What it does not do: a failed check takes a release back
//! whatever was ordered, nobody goes on against an order to abort, and nothing moves forward in a freeze.

use crate::policy::{Approver, Promotion};
use crate::rule::approve;
use crate::{Approval, At, Fact, Gate, Phase, Policy, Release, freeze};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest reason, in characters.
pub const WHY_MAX: usize = 500;

/// What may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The release is rolled back.
    Abort,
    /// The release is let go on as soon as the services are seen to be right: the person answers for what is left of
    /// the bake and for missing evidence.
    Approve,
    /// The same, and stable is given the revision without waiting for the pipeline.
    Promote,
    /// What is left of this step's bake, or of the watch, is not waited for.
    Skip,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Order::Abort => "abort",
            Order::Approve => "approve",
            Order::Promote => "promote",
            Order::Skip => "skip",
        })
    }
}

/// An order as somebody gave it.
///
/// In the ledger a fact stands beside who merged it and when, which have the plain names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// Its own id: the same order sent twice is one.
    pub id: String,
    /// What is ordered.
    pub order: Order,
    /// The release that it is about.
    pub release: String,
    /// Who ordered it, as AWS STS names them; bounded and escaped.
    #[serde(rename = "ordered_by")]
    pub by: String,
    /// Their reason; bounded and escaped.
    pub why: String,
    /// When it was accepted.
    #[serde(rename = "ordered_at")]
    pub at: At,
    /// What the canary had been given then, where it had: its ECS deployment. What it is given later was not judged by
    /// whoever ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// The step that baked then, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
}

impl fmt::Display for Ordered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ordered { order, by, why, at, .. } = self;
        let done = match order {
            Order::Abort => "aborted",
            Order::Approve => "approved",
            Order::Promote => "promoted",
            Order::Skip => "skipped",
        };
        write!(f, "{done} by {by} at {at}: {why}")
    }
}

/// The step that bakes, which an order to skip is about.
pub fn step(release: &Release) -> Option<u32> {
    match release.phase {
        Phase::Baking { step } => Some(step),
        _ => None,
    }
}

/// What the canary has been given, which an order to let go on is about.
pub fn deployment(release: &Release) -> Option<String> {
    let given = release.canary.given.as_ref();
    given.map(|given| given.deployment.clone())
}

/// The open approval that an order to approve would have Serin answer; none where nothing asks Serin, or where an action
/// of ours passes the word on.
pub fn answers<'a>(release: &'a Release, ordered: &Ordered) -> Option<&'a Approval> {
    let open = release.pipeline.as_ref()?.approval.as_ref();
    let asks = |open: &&Approval| open.asks_minutes.is_some();
    let passed_on = ordered.order != Order::Approve || release.is_asked(Gate::Approve);
    open.filter(asks).filter(|_| !passed_on)
}

/// Whether an order makes sense for a release that is open; else why not, and what to do instead. Where there is an
/// approval to answer ([`answers`]), `shared_with` is another policy that it would let go on as well.
///
/// # Errors
/// The reason, for whoever ordered it.
pub fn judge(
    policy: &Policy,
    release: &Release,
    ordered: &Ordered,
    shared_with: Option<&str>,
    at: At,
) -> Result<(), String> {
    if ordered.release != release.id {
        let (asked, id, phase) = (&ordered.release, &release.id, release.phase.name());
        return Err(format!("release {asked} is not open; {id} is, and is {phase}"));
    }
    if let Some(cause) = release.phase.rolling_back() {
        let already = if ordered.order == Order::Abort { " already" } else { "" };
        return Err(format!("release {} is being rolled back{already}: {cause}", release.id));
    }
    if let Phase::Closed { outcome } = &release.phase {
        return Err(format!("release {} is closed: {}", release.id, outcome.name()));
    }
    if let Some(aborted) = aborted(release) {
        return Err(format!("release {} was {aborted}", release.id));
    }
    if policy.dry_run {
        let name = &policy.name;
        return Err(format!(
            "policy {name} is a dry run: Serin changes nothing; approve, reject or stop in CodePipeline, or take dry_run \
             out of the policy before the next release"
        ));
    }
    match ordered.order {
        Order::Abort if release.retired.is_some() => Err(format!(
            "release {} has outlived its watch, and {} is being scaled to no tasks; release what ran before anew",
            release.id, release.stable.name
        )),
        Order::Abort => Ok(()),
        Order::Approve => lets_go_on(policy, release, at)
            .and_then(|()| is_given(release, lets_go(release)))
            .and_then(|()| is_serins(release, ordered, shared_with)),
        Order::Promote => may_promote(policy, release)
            .and_then(|()| lets_go_on(policy, release, at))
            .and_then(|()| is_given(release, promotes(release))),
        Order::Skip => may_skip(policy, release, at),
    }
    .and_then(|()| is_meant(release, ordered))
}

/// Between the first look at the release and the moment in which the order is written down others may have written.
fn is_meant(release: &Release, ordered: &Ordered) -> Result<(), String> {
    let id = &release.id;
    match ordered.order {
        Order::Skip if ordered.step.is_some() && step(release).is_some_and(|now| ordered.step != Some(now)) => {
            Err(format!(
                "release {id} has gone on to its next step meanwhile, whose bake was not meant; order it again if it is"
            ))
        }
        Order::Approve | Order::Promote if ordered.deployment != deployment(release) => Err(format!(
            "{} was given something else meanwhile, which was not meant; order it again if it is",
            release.canary.name
        )),
        _ => Ok(()),
    }
}

fn lets_go_on(policy: &Policy, release: &Release, at: At) -> Result<(), String> {
    let id = &release.id;
    match release.phase {
        Phase::Baking { .. } | Phase::Gated { .. } => {}
        Phase::Deploying => {
            let name = &release.canary.name;
            return Err(format!(
                "{name} has not been given release {id} yet; there is nothing to judge"
            ));
        }
        _ => {
            return Err(format!(
                "release {id} has been let go on already: it is {}",
                release.phase.name()
            ));
        }
    }
    if release.goes_alone(policy) {
        return thawed(policy, release, at);
    }
    let Some(run) = &release.pipeline else {
        return Err(format!(
            "release {id} belongs to no execution of a pipeline, so nothing waits for an approval; give {} the revision \
             by whatever gave it to {}",
            release.stable.name, release.canary.name
        ));
    };
    let open = run.approval.as_ref();
    let place = open.map_or_else(
        || format!("pipeline {}", run.name),
        |open| format!("{}/{} of pipeline {}", open.stage, open.action, run.name),
    );
    if policy.approval == Approver::Pipeline {
        return Err(format!(
            "policy {} leaves the approval to the pipeline; answer {place} in CodePipeline, or write \"approval\": \
             \"human\" into the policy",
            policy.name
        ));
    }
    if policy.approval == Approver::Human && open.is_some_and(|open| open.asks_minutes.is_none()) {
        return Err(format!(
            "approval {place} does not ask Serin; answer it in CodePipeline, or have it notify the stack's output \
             ApprovalTopicArn"
        ));
    }
    thawed(policy, release, at)
}

/// The same order is not given twice; what was approved may still be promoted.
fn is_given(release: &Release, before: Option<&Ordered>) -> Result<(), String> {
    match before {
        Some(before) => Err(format!("release {} was {before}", release.id)),
        None => Ok(()),
    }
}

/// What Serin answers for nobody is not taken down as if it did.
fn is_serins(release: &Release, ordered: &Ordered, shared_with: Option<&str>) -> Result<(), String> {
    let why = answers(release, ordered).and_then(|approval| approve::nobodys_but_a_persons(approval, shared_with));
    match why {
        Some(why) => Err(format!("{why}; approve it in CodePipeline")),
        None => Ok(()),
    }
}

fn may_promote(policy: &Policy, release: &Release) -> Result<(), String> {
    if policy.promotion != Promotion::Pipeline {
        return Ok(());
    }
    Err(format!(
        "policy {} leaves the promotion to the pipeline: its own deploy action gives {} the revision once it is let go \
         on; approve it, or write \"promotion\": \"roll_stable\" into the policy",
        policy.name, release.stable.name
    ))
}

fn may_skip(policy: &Policy, release: &Release, at: At) -> Result<(), String> {
    let id = &release.id;
    match &release.phase {
        Phase::Baking { step } => {
            if policy.bake_seconds(*step) == 0 {
                return Err(format!("release {id} waits for no bake: this step has none"));
            }
            if let Some(skipped) = skipped(release, *step) {
                return Err(format!("the rest of this bake was {skipped}"));
            }
            thawed(policy, release, at)
        }
        Phase::Watching => match watch_skipped(release) {
            Some(skipped) => Err(format!("the rest of the watch was {skipped}")),
            None => Ok(()),
        },
        Phase::Gated { why } => Err(format!(
            "release {id} has baked, and waits for {why}; approve it, or abort it"
        )),
        Phase::Deploying => Err(format!(
            "release {id} does not bake yet: its canary is to be given it first"
        )),
        phase => Err(format!(
            "release {id} is {}, where there is nothing to skip",
            phase.name()
        )),
    }
}

fn thawed(policy: &Policy, release: &Release, at: At) -> Result<(), String> {
    match freeze::in_force(&policy.freeze, release.freeze.as_ref(), at) {
        Some(hold) => Err(format!("policy {} is {hold}; thaw it first", policy.name)),
        None => Ok(()),
    }
}

/// The orders that were accepted for a release, the first one first.
pub(crate) fn orders(release: &Release) -> Vec<&Ordered> {
    let own = release.facts.values().filter_map(|fact| match fact {
        Fact::Order(ordered) if ordered.release == release.id => Some(ordered),
        _ => None,
    });
    let mut orders: Vec<&Ordered> = own.collect();
    orders.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    orders
}

/// The first order to abort.
pub(crate) fn aborted(release: &Release) -> Option<&Ordered> {
    orders(release)
        .into_iter()
        .find(|ordered| ordered.order == Order::Abort)
}

/// The first order to let go on what the canary runs; what it ran before was another thing.
pub(crate) fn lets_go(release: &Release) -> Option<&Ordered> {
    of_what_runs(release).find(|ordered| matches!(ordered.order, Order::Approve | Order::Promote))
}

/// Whether a person lets go on what the canary runs.
pub fn is_let_go(release: &Release) -> bool {
    lets_go(release).is_some()
}

/// The first order to give stable what the canary runs.
pub(crate) fn promotes(release: &Release) -> Option<&Ordered> {
    of_what_runs(release).find(|ordered| ordered.order == Order::Promote)
}

/// The order to skip the rest of a step's bake.
pub(crate) fn skipped(release: &Release, step: u32) -> Option<&Ordered> {
    of_what_runs(release).find(|ordered| ordered.order == Order::Skip && ordered.step == Some(step))
}

/// The order to skip the rest of the watch.
pub(crate) fn watch_skipped(release: &Release) -> Option<&Ordered> {
    let mut orders = orders(release).into_iter();
    orders.find(|ordered| ordered.order == Order::Skip && ordered.step.is_none())
}

/// Seconds that the canary is to bake in all steps together: none in one whose rest somebody skipped.
pub(crate) fn bake_seconds(policy: &Policy, release: &Release) -> u32 {
    let steps = 0..u32::try_from(policy.steps().len()).unwrap_or(u32::MAX);
    steps
        .filter(|step| skipped(release, *step).is_none())
        .map(|step| policy.bake_seconds(step))
        .sum()
}

fn of_what_runs(release: &Release) -> impl Iterator<Item = &Ordered> {
    let given = release.canary.given.as_ref().map(|given| given.deployment.as_str());
    orders(release)
        .into_iter()
        .filter(move |ordered| given.is_some() && ordered.deployment.as_deref() == given)
}

#[cfg(test)]
mod answered_tests;
#[cfg(test)]
mod followed_tests;
#[cfg(test)]
pub(crate) mod tests;
