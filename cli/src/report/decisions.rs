//! The journal as phases and decisions.

use crate::journal::folded;
use ::report::{Mark, Tint, Tone};
use aws::ledger::{Entry, Kind, Reviewed};
use decide::{At, Outcome, Phase};

/// Phases until now, and decisions with what was done and seen after each of them.
pub fn told(of: &Reviewed, entries: &[Entry], until: At) -> (Vec<::report::Phase>, Vec<Mark>) {
    let end = of.closed.unwrap_or(until).millis();
    let is_stepped = of.policy.steps().len() > 1;
    let mut phases: Vec<::report::Phase> = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for entry in folded(entries) {
        match entry.kind {
            Kind::Decided => {
                let name = named(&entry, is_stepped);
                begins(&mut phases, &name, &entry, end);
                let tone = tone(&entry.phase, marks.last());
                marks.push(mark(&entry, name, tone));
            }
            Kind::Waited => match marks.last_mut() {
                Some(mark) => mark.waited.push(still(&entry)),
                None => marks.push(mark(&entry, entry.phase.clone(), Tone::Neutral)),
            },
            Kind::Did => match marks.last_mut() {
                Some(mark) => mark.did.extend(entry.did),
                None => marks.push(mark(&entry, entry.phase.clone(), Tone::Neutral)),
            },
        }
    }
    // The last decision of a closed release is its outcome, which is no phase.
    phases.retain(|phase| phase.from < phase.until || phase.until != end);
    (phases, marks)
}

fn named(entry: &Entry, is_stepped: bool) -> String {
    match entry.step.filter(|_| is_stepped) {
        Some(step) => format!("{}, step {}", entry.phase, step.saturating_add(1)),
        None => entry.phase.clone(),
    }
}

fn begins(phases: &mut Vec<::report::Phase>, name: &str, entry: &Entry, end: i64) {
    let at = entry.at.millis().min(end);
    if let Some(before) = phases.last_mut() {
        if before.name == name {
            return;
        }
        before.until = at;
    }
    if let Some(tint) = tint(&entry.phase) {
        phases.push(::report::Phase {
            name: name.to_owned(),
            from: at,
            until: end,
            tint,
        });
    }
}

/// By the names that the ledger has; an outcome is no phase that lasts.
fn tint(phase: &str) -> Option<Tint> {
    let is = |of: &Phase| of.name() == phase;
    Some(match phase {
        _ if is(&Phase::Deploying) => Tint::Quiet,
        _ if is(&Phase::Baking { step: 0 }) => Tint::Judged,
        _ if is(&Phase::Gated { why: String::new() }) => Tint::Held,
        _ if is(&Phase::Promoting) => Tint::Given,
        _ if is(&Phase::Watching) => Tint::Watched,
        "rolling back" | "rollback failing" => Tint::TakenBack,
        _ => return None,
    })
}

fn tone(phase: &str, before: Option<&Mark>) -> Tone {
    let is_new = before.is_none_or(|mark| mark.phase != phase);
    match phase {
        _ if phase == Outcome::Promoted.name() => Tone::Good,
        "rollback failed" | "would roll back" => Tone::Bad,
        "rolling back" | "rollback failing" if is_new => Tone::Bad,
        _ => Tone::Neutral,
    }
}

fn mark(entry: &Entry, phase: String, tone: Tone) -> Mark {
    let waited = match entry.times {
        0 | 1 => Vec::new(),
        times => vec![format!("seen so {times} times until {}", entry.last)],
    };
    Mark {
        at: entry.at.millis(),
        phase,
        because: entry.because.clone(),
        did: entry.did.clone(),
        waited,
        tone,
    }
}

fn still(entry: &Entry) -> String {
    match entry.times {
        0 | 1 => format!("then, {}: {}", entry.at, entry.because),
        times => format!("then, {times} times until {}: {}", entry.last, entry.because),
    }
}
