//! Laws: what must always hold. Checkers look at the simulated world and at the ledger, never at the
//! rules that were followed.
//!
//! The numbers are those of the design's list. Each law counts how often its precondition held, so
//! that a law that never applied cannot pass unnoticed.

mod actions;
mod approved_rightly;
mod at_rest;
mod by_hand;
mod calm;
mod closing;
mod counts;
mod deeds;
mod dry_run;
mod ending;
mod evidence;
mod frozen;
mod given_away;
mod health;
mod jobs_answered;
mod journaled;
mod kept;
mod late_write;
mod left_alone;
mod left_in_order;
mod letters;
mod measured;
mod metric;
mod missing_data;
mod not_both;
mod one_end;
mod one_service_down;
mod one_start;
mod ordered;
mod orders_kept;
mod others_untouched;
mod own_step;
mod promoted;
mod returned;
mod right_target;
mod served;
mod steps;
mod swapped;
mod taken_out;
mod told_once;
mod undone;
mod unscaled;
mod way_back;
mod weighed;
mod world;

use crate::Stage;
pub use evidence::{Evidence, Release, is_ours};
use std::fmt;

/// What a law found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Its number.
    pub law: u32,
    /// Its name.
    pub name: &'static str,
    /// How often its precondition held.
    pub applied: u32,
    /// Every way in which it was broken.
    pub broken: Vec<String>,
}

impl Verdict {
    pub(crate) fn new(law: u32, name: &'static str) -> Verdict {
        Verdict {
            law,
            name,
            applied: 0,
            broken: Vec::new(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.broken.is_empty() {
            write!(f, "law {:>2} holds ({} times): {}", self.law, self.applied, self.name)
        } else {
            write!(
                f,
                "LAW {:>2} BROKEN: {}: {}",
                self.law,
                self.name,
                self.broken.join("; ")
            )
        }
    }
}

/// One law.
pub type Law = fn(&Evidence) -> Verdict;

/// Laws of every release, also of one that only says what it would do.
const OF_ALL: [Law; 6] = [
    jobs_answered::check,
    one_end::check,
    others_untouched::check,
    dry_run::check,
    journaled::check,
    told_once::check,
];

/// Laws of what Serin does to services and executions: those whose policy has it do nothing are not part of them.
const OF_DEEDS: [Law; 21] = [
    taken_out::check,
    returned::check,
    not_both::check,
    right_target::check,
    orders_kept::check,
    late_write::check,
    approved_rightly::check,
    missing_data::check,
    own_step::check,
    left_alone::check,
    left_in_order::check,
    at_rest::check,
    unscaled::check,
    weighed::at_rest,
    weighed::by_steps,
    served::check,
    swapped::check,
    one_start::check,
    given_away::check,
    one_service_down::check,
    frozen::check,
];

/// Judges what happened.
pub fn judge(evidence: &Evidence) -> Vec<Verdict> {
    let deeds = evidence.without_dry_runs();
    let of_deeds = OF_DEEDS.iter().map(|law| law(deeds.as_ref().unwrap_or(evidence)));
    let mut verdicts: Vec<Verdict> = OF_ALL.iter().map(|law| law(evidence)).chain(of_deeds).collect();
    verdicts.sort_by_key(|verdict| verdict.law);
    verdicts
}

/// The numbers of the laws that were broken, each once.
pub fn broken(stage: &Stage) -> Vec<u32> {
    let verdicts = judge(&Evidence::of(stage));
    let broken = verdicts.into_iter().filter(|verdict| !verdict.broken.is_empty());
    broken.map(|verdict| verdict.law).collect()
}

/// Judges a life by all laws, and the simulator by what it noted of itself.
///
/// # Panics
/// Where a law was broken, with what broke it.
pub fn judged(stage: &Stage) -> Vec<Verdict> {
    let verdicts = judge(&Evidence::of(stage));
    let broken = verdicts.iter().filter(|verdict| !verdict.broken.is_empty());
    let mut broken: Vec<String> = broken.map(ToString::to_string).collect();
    broken.extend(stage.sim.world().defects.clone());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    verdicts
}
