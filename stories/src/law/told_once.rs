//! Law 17: the end of each release is told once, whoever closed it and whoever died then. That another release took its
//! place is told by that one.
//!
//! What counts is what was meant for the account's bus: people hear the same from the same execution.

use super::Verdict;
use super::evidence::{Evidence, Release, moment, text};
use serde_json::Value;
use simulator::At;
use simulator::executor::Ended;

/// How long a notice may take from the sweep that sends it to the bus.
const SENT_SECONDS: i64 = 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(17, "the end of each release is told once");
    if !evidence.ending.deployed {
        return verdict;
    }
    for release in &evidence.releases {
        let (Some(closed), Some(outcome)) = (release.closed, release.outcome().map(spelled)) else {
            continue;
        };
        if outcome == "superseded" {
            continue;
        }
        let told = told(evidence, release, &outcome);
        verdict.applied += u32::from(!told.is_empty());
        if told.is_empty() && is_due(evidence, closed) {
            verdict.applied += 1;
            verdict.broken.push(format!(
                "{} was {outcome} at {closed}, and nobody was told",
                release.id()
            ));
        }
        // What was taken back and then was not is said again once it is.
        let failed = evidence
            .events
            .iter()
            .any(|event| is_of(event, release) && event["detail"]["kind"] == "rollback-failing");
        if told.len() > 1 + usize::from(failed) {
            verdict
                .broken
                .push(format!("{} was told to be {outcome} at {told:?}", release.id()));
        }
    }
    verdict
}

/// As notices spell outcomes.
fn spelled(outcome: &str) -> String {
    outcome.replace('_', " ")
}

fn is_of(event: &Value, release: &Release) -> bool {
    event["source"] == "serin" && event["detail"]["release"] == release.id()
}

fn told(evidence: &Evidence, release: &Release, outcome: &str) -> Vec<At> {
    let events = evidence.events.iter().filter(|event| is_of(event, release));
    let told = events.filter(|event| text(&event["detail"]["outcome"]) == outcome);
    told.filter_map(|event| moment(&event["time"])).collect()
}

/// Whether a sweep in calm time should have made up for whatever was lost.
fn is_due(evidence: &Evidence, closed: At) -> bool {
    let Some(calm) = evidence.calm_since() else {
        return false;
    };
    let from = closed.max(calm);
    let swept = |end: &&Ended| {
        end.function == "advance" && end.payload["sweep"] == true && end.outcome.is_ok() && end.at > from
    };
    let sweeps = evidence.ended.iter().filter(swept);
    sweeps
        .map(|end| end.at)
        .any(|at| evidence.now >= at.plus_seconds(SENT_SECONDS))
}
