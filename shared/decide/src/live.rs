//! What a policy can really do in the world that it names, judged for a person before any release.
//!
//! # Guarantees
//! Every mistake is told, not the first one alone. What could not be read is said to be so: it is neither right nor
//! wrong. Pure, as all of this crate.

mod alarms;
mod found;
mod lasting;
mod pipeline;
mod reaction;
mod services;
mod share;
mod weights;

pub use found::{Action, Alarm, Does, Found, Metric, Pipeline, Queue, Rule, Service, Source, Stage, Watches};
pub use reaction::{Chance, Dying, Reaction};
pub use share::{Share, StepShare};
pub use weights::Weighing;

use crate::{Part, Policy};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said of a policy in its world.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The canary's share as both services stand; nothing where that cannot be told.
    pub share: Option<Share>,
    /// The weights as they are, where a load balancer shares the work; nothing where that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weighing>,
    /// What each written step would have, in order.
    pub steps: Vec<StepShare>,
    /// How long each alarm takes, in the order of the checks, where that can be told.
    pub reactions: Vec<Reaction>,
    /// What is wrong, unknown or worth knowing, the worst first.
    pub findings: Vec<Finding>,
}

/// One thing to know about a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it weighs.
    pub weight: Weight,
    /// The field of the policy that it is about (`checks[0].name`).
    pub field: String,
    /// What it is, and what to do.
    pub text: String,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It cannot work.
    Refused,
    /// It could not be read, so nobody knows.
    Unread,
    /// It works, and not as somebody may think.
    Warning,
    /// It would work better otherwise.
    Advice,
}

/// What would be refused, and somebody takes it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Accepted {
    /// Bakes that are shorter than the reaction time.
    ShortBake,
}

impl Report {
    /// Findings of one weight.
    pub fn of(&self, weight: Weight) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.weight == weight)
    }
}

/// Judges a policy by what was found.
pub fn judge(policy: &Policy, found: &Found, accepted: &BTreeSet<Accepted>) -> Report {
    let mut findings = Findings::default();
    services::judge(policy, found, &mut findings);
    let dying = alarms::judge(policy, found, &mut findings);
    let reactions = reaction::all(policy, found, &dying);
    let weights = weights::judge(policy, found, &mut findings);
    let (share, steps) = share::judge(policy, found, &dying, &mut findings);
    reaction::judge(policy, &reactions, accepted, &mut findings);
    lasting::judge(policy, &mut findings);
    pipeline::judge(policy, found, &mut findings);
    let mut findings = findings.0;
    findings.sort_by_key(|finding| finding.weight);
    Report {
        share,
        weights,
        steps,
        reactions,
        findings,
    }
}

/// What was found out so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, weight: Weight, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(Finding {
            weight,
            field: field.into(),
            text: text.into(),
        });
    }

    /// What is known; that it could not be read is said once, here.
    fn read<'p, T>(&mut self, field: &str, part: &'p Part<T>) -> Option<&'p T> {
        if let Part::Unknown(why) = part {
            self.add(Weight::Unread, field, why.as_str());
        }
        part.known()
    }
}

#[cfg(test)]
mod tests;
