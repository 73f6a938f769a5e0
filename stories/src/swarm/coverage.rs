//! How often what can happen did happen, over all histories.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<(&'static str, String), u64>);

/// Kinds of counts.
pub const LAW: &str = "law";
/// A phase and the one after it.
pub const MOVE: &str = "move";
/// How releases ended.
pub const OUTCOME: &str = "outcome";
/// What people and AWS did.
pub const ACT: &str = "act";
/// What broke.
pub const CHAOS: &str = "chaos";

impl Coverage {
    /// Counts one.
    pub fn count(&mut self, kind: &'static str, name: impl Into<String>) {
        self.add(kind, name, 1);
    }

    /// Counts several, or notes that there was none.
    pub fn add(&mut self, kind: &'static str, name: impl Into<String>, times: u64) {
        *self.0.entry((kind, name.into())).or_default() += times;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Coverage) {
        for ((kind, name), times) in &other.0 {
            self.add(kind, name.clone(), *times);
        }
    }

    /// How often it was counted.
    pub fn of(&self, kind: &'static str, name: &str) -> u64 {
        self.0.get(&(kind, name.to_owned())).copied().unwrap_or_default()
    }

    /// Everything of a kind.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        let of_kind = self.0.iter().filter(move |((found, _), _)| *found == kind);
        of_kind.map(|((_, name), times)| (name.as_str(), *times))
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((kind, name), times) in &self.0 {
            writeln!(f, "{kind:<8} {times:>9}  {name}")?;
        }
        Ok(())
    }
}
