//! When nothing was broken: what must happen in time must happen in calm time.

use super::evidence::Evidence;
use simulator::At;
use simulator::faults::Rule;

/// From this chance on a call may fail as often as it is tried; below it, trying again helps.
const HEAVY_PERMILLE: u32 = 500;

/// What one death of a function may cost: until the next sweep.
const DEATH_SECONDS: i64 = 5 * 60;

impl Evidence {
    /// Since when nothing was broken and no function died, up to the end; nothing, where something still is.
    pub fn calm_since(&self) -> Option<At> {
        let heavy = self
            .faults
            .iter()
            .filter(|rule| is_heavy(rule) && rule.from <= self.now);
        let mended = heavy.map(|rule| rule.until).max();
        if mended.is_some_and(|until| until > self.now) {
            return None;
        }
        let last = mended.max(self.deaths().max());
        Some(last.unwrap_or(At(i64::MIN)))
    }

    /// How long something was broken between two moments, generously: functions that died then count too.
    pub fn broken_seconds(&self, from: At, until: At) -> i64 {
        let outages = self.faults.iter().filter(|rule| is_heavy(rule));
        let outages: i64 = outages
            .map(|rule| rule.until.0.min(until.0).saturating_sub(rule.from.0.max(from.0)))
            .filter(|millis| *millis > 0)
            .map(|millis| millis / 1000 + 1)
            .sum();
        let deaths = self.deaths().filter(|at| (from..=until).contains(at)).count();
        outages.saturating_add(i64::try_from(deaths).unwrap_or(i64::MAX).saturating_mul(DEATH_SECONDS))
    }

    /// Whether any fault, however rare, could meet a call between two moments.
    pub fn was_troubled(&self, from: At, until: At) -> bool {
        let faulty = |rule: &Rule| rule.from <= until && rule.until > from;
        self.faults.iter().any(faulty) || self.deaths().any(|at| (from..=until).contains(&at))
    }

    /// When one of our functions died or was cut off.
    fn deaths(&self) -> impl Iterator<Item = At> {
        let cut = simulator::executor::timed_out();
        let died = move |outcome: &str| outcome == "died" || outcome == cut;
        self.ended
            .iter()
            .filter(move |end| end.outcome.as_ref().err().is_some_and(|error| died(error)))
            .map(|end| end.at)
    }
}

fn is_heavy(rule: &Rule) -> bool {
    rule.permille >= HEAVY_PERMILLE
}
