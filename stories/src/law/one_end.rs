//! Law 5: every release ends in exactly one outcome; every open one has a next look within ten minutes, and none
//! is left open once nothing is awaited any more.

use super::Verdict;
use super::evidence::{Evidence, Release, is_ours};
use super::world::{Run, World};
use serde_json::Value;
use simulator::At;
use simulator::world::Call;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest time between two looks at an open release, while nothing is broken.
const LOOK_SECONDS: i64 = 10 * 60;

/// How long after it was opened a release has its clock.
const BEGINS_SECONDS: i64 = 60;

/// How long after the last thing that happened a release may stay open, its watch not counted.
const PATIENCE_SECONDS: i64 = 60 * 60;

/// Phases of the journal that are outcomes.
const OUTCOMES: [&str; 7] = [
    "promoted",
    "rolled back",
    "superseded",
    "overtaken",
    "abandoned",
    "rollback failed",
    "would roll back",
];

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(5, "every release is looked at in time, and ends once");
    let closed = evidence.closed();
    let mut rows: BTreeMap<&str, u32> = BTreeMap::new();
    for release in &evidence.releases {
        *rows.entry(release.id()).or_default() += 1;
    }
    let looks = looks(evidence);
    for release in &evidence.releases {
        verdict.applied += 1;
        let id = release.id();
        let closings = closed.get(id).map_or(0, Vec::len);
        if closings > 1 || rows.get(id) != Some(&1) {
            verdict
                .broken
                .push(format!("{id} has {closings} endings and {:?} rows", rows.get(id)));
        }
        verdict.broken.extend(after_the_end(evidence, id));
        verdict
            .broken
            .extend(neglected(evidence, release, &looks_at(&looks, release)));
        verdict.broken.extend(forgotten(evidence, release));
    }
    verdict
}

/// A decision that was taken on a release that had ended, or an end that is none of the outcomes.
fn after_the_end(evidence: &Evidence, id: &str) -> Option<String> {
    let decisions = evidence.decisions(id);
    let end = decisions
        .iter()
        .position(|(_, phase)| OUTCOMES.contains(&phase.as_str()))?;
    let (at, phase) = decisions.get(end + 1)?;
    Some(format!("{id} was {} and at {at} {phase}", decisions[end].1))
}

/// When one of our functions looked at each service, by cluster and name.
fn looks(evidence: &Evidence) -> BTreeMap<(&str, &str), Vec<At>> {
    let mut looks: BTreeMap<(&str, &str), Vec<At>> = BTreeMap::new();
    let described = evidence
        .calls
        .iter()
        .filter(|call| call.operation == "DescribeServices" && is_ours(call) && call.outcome.is_ok());
    for call in described {
        let cluster = call.input["cluster"].as_str().unwrap_or_default();
        for service in call.input["services"].as_array().into_iter().flatten() {
            let service = service.as_str().unwrap_or_default();
            looks.entry((cluster, service)).or_default().push(call.at);
        }
    }
    looks
}

/// The same of the services of one release; its policy may name others by now.
fn looks_at(looks: &BTreeMap<(&str, &str), Vec<At>>, release: &Release) -> Vec<At> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cluster = text(&release.document["cluster"]);
    let services = ["canary", "stable"].map(|role| text(&release.document[role]["name"]));
    let of = |service: &String| looks.get(&(cluster.as_str(), service.as_str())).cloned();
    let mut all: Vec<At> = services.iter().filter_map(of).flatten().collect();
    all.sort();
    all
}

/// Nobody looked at it for too long. Only where Serin's own clock is there to do it.
fn neglected(evidence: &Evidence, release: &Release, looks: &[At]) -> Option<String> {
    let opened = release.opened().filter(|_| evidence.ending.deployed)?;
    // Then only the sweep is left, whose events may be late as well.
    let stopped =
        |call: &&Arc<Call>| call.operation == "StopExecution" && !is_ours(call) && call.service == "stepfunctions";
    let named = format!("\"release\":\"{}\"", release.id());
    let clock = |call: &&Arc<Call>| {
        let given = call.input["input"].as_str().unwrap_or_default();
        let clock = call.operation == "StartExecution" && given.contains("\"lap\":") && given.contains(&named);
        clock && is_ours(call) && call.outcome.is_ok()
    };
    // The same until a sweep finds it overdue, where its clock could not be started.
    let started = evidence.calls.iter().find(clock).map_or(evidence.now, |call| call.at);
    let troubled = evidence.was_troubled(opened, opened.plus_seconds(BEGINS_SECONDS));
    let alone = evidence.calls.iter().any(|call| stopped(&call));
    let most = |from: At| LOOK_SECONDS * if alone || troubled && from < started { 2 } else { 1 };
    let until = release.closed.unwrap_or(evidence.now);
    let within = looks.partition_point(|at| *at <= opened)..looks.partition_point(|at| *at < until);
    let within = looks.get(within).unwrap_or_default();
    let froms = [opened].into_iter().chain(within.iter().copied());
    let tos = within.iter().copied().chain([until]);
    froms.zip(tos).find_map(|(from, to)| {
        let gap = (to.0 - from.0) / 1000;
        let most = most(from);
        let excused = gap <= most || gap <= most + evidence.broken_seconds(from, to);
        (!excused).then(|| format!("nobody looked at {} from {from} to {to}", release.id()))
    })
}

/// Its execution is over, everything has come to rest, no check is undecided, and still it is open.
fn forgotten(evidence: &Evidence, release: &Release) -> Option<String> {
    // What cannot go back waits for the fix, or for a person.
    if release.closed.is_some() || !evidence.ending.deployed || evidence.is_left(release) {
        return None;
    }
    let world = &evidence.world;
    let run = world.runs.iter().find(|run| run.is_of(release))?;
    if run.is_open() {
        return None;
    }
    let at_rest = run
        .services()
        .iter()
        .all(|service| evidence.ending.at_rest.contains(service));
    let quiet = evidence.ending.quiet.contains(&run.row.alarm);
    let last = last_event(world, run)
        .max(Some(run.updated))
        .max(evidence.calm_since())?;
    let due = last.plus_seconds(run.watch_seconds() + PATIENCE_SECONDS);
    (evidence.calm_since().is_some() && at_rest && quiet && evidence.now >= due).then(|| {
        format!(
            "{} is still open, though nothing has happened since {last}",
            release.id()
        )
    })
}

/// When anybody last gave one of its services something.
fn last_event(world: &World, run: &Run) -> Option<At> {
    let services = run.services();
    let written = world.writes.iter().filter(|write| services.contains(&write.service));
    written.map(|write| write.at).max()
}
