//! Laws: what must always hold. Checkers look at the simulated world and at the ledger, never at the
//! rules that were followed.
//!
//! The numbers are those of the design's list. Each law counts how often its precondition held, so
//! that a law that never applied cannot pass unnoticed.

mod evidence;
mod journaled;
mod late_write;
mod left_alone;
mod one_service_down;
mod others_untouched;
mod right_target;
mod taken_out;
mod world;

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

/// All laws that the code can break by now.
pub const LAWS: [Law; 7] = [
    taken_out::check,
    right_target::check,
    others_untouched::check,
    late_write::check,
    journaled::check,
    left_alone::check,
    one_service_down::check,
];

/// Judges what happened.
pub fn judge(evidence: &Evidence) -> Vec<Verdict> {
    LAWS.iter().map(|law| law(evidence)).collect()
}
