//! Law 20: where two services exchange their roles, the old side keeps its tasks until the watch is over, the new side has
//! as many before it is sent everybody, and what is promoted in the end carries everything.
//!
//! Which side is which is what the release was opened with; when its watch began is the journal's word.

use super::Verdict;
use super::at_rest::{shown_before, sizes};
use super::evidence::{Evidence, Release, is_ours, text};
use super::weighed::{changes, sent, weights};
use super::world::Run;
use simulator::At;
use simulator::world::Call;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(20, "the old side of a swap is the way back until the watch is over");
    for release in evidence.releases.iter().filter(|release| release.swaps()) {
        let ended = release.closed.unwrap_or(evidence.now);
        let opened = release.opened().unwrap_or(ended);
        let within = |call: &&Call| is_ours(call) && (opened..=ended).contains(&call.at);
        let calls = || evidence.calls.iter().map(AsRef::as_ref);
        for call in calls().filter(|call| is_of(release, "stable", call)).filter(within) {
            verdict.applied += 1;
            let why = not_yet_over(evidence, release, call);
            verdict
                .broken
                .extend(why.map(|why| format!("{} at {}: {why}", call.caller, call.at)));
        }
        for call in changes(evidence, release).filter(within) {
            if weights(release, sent(call)).is_none_or(|(_, stable)| stable > 0) {
                continue;
            }
            verdict.applied += 1;
            let has = |role: &str| shown_before(evidence, call.at, &name(release, role));
            let (new, old) = (has("canary"), has("stable"));
            if new < old || new.unwrap_or_default() == 0 {
                let text = format!("everybody is sent to {new:?} tasks instead of {old:?}");
                verdict.broken.push(format!("{} at {}: {text}", call.caller, call.at));
            }
        }
        if release.outcome() == Some("promoted") {
            verdict.applied += 1;
            verdict.broken.extend(carries_less(evidence, release, ended));
        }
    }
    verdict
}

impl Release {
    /// Whether its promotion exchanges the roles of both services.
    pub fn swaps(&self) -> bool {
        self.frozen["promotion"] == "swap"
    }
}

impl Run {
    /// Whether its promotion exchanges the roles of both services.
    pub fn swaps(&self) -> bool {
        self.document["promotion"] == "swap"
    }

    /// The service that carries everything once it is promoted.
    pub fn carries(&self) -> &str {
        match self.swaps() {
            true => &self.row.canary,
            false => &self.row.name,
        }
    }
}

impl Evidence {
    /// Whether a call scales the old side of a swap to nothing, by the word of the policy.
    pub fn is_retirement(&self, call: &Call) -> bool {
        let mut open = self.releases.iter().filter(|release| {
            let opened = release.opened().is_some_and(|opened| opened <= call.at);
            opened && release.swaps() && release.closed.is_none_or(|closed| call.at <= closed)
        });
        open.any(|release| retires(release) && is_of(release, "stable", call) && call.input["desiredCount"] == 0)
    }

    /// Whether a release has exchanged the roles of its services, and was not taken back: what is left is where they are.
    pub fn has_swapped(&self, release: &Release) -> bool {
        let watched = |(_, phase): &(At, String)| phase == "watching";
        release.swaps()
            && self.rollback_committed(release.id()).is_none()
            && self.decisions(release.id()).iter().any(watched)
    }
}

fn retires(release: &Release) -> bool {
    release.frozen["retire"] == "scale_to_zero"
}

fn name(release: &Release, role: &str) -> String {
    text(&release.document[role]["name"])
}

/// Whether a call gives the service of this role a number of tasks, and nothing else.
fn is_of(release: &Release, role: &str, call: &Call) -> bool {
    let cluster = text(&release.document["cluster"]);
    call.input["taskDefinition"].is_null() && sizes(call, &cluster, &name(release, role))
}

/// Why the old side may not be scaled like this, if it may not.
fn not_yet_over(evidence: &Evidence, release: &Release, call: &Call) -> Option<String> {
    let old = name(release, "stable");
    if !retires(release) || call.input["desiredCount"] != 0 {
        return Some(format!("{old} is given {} tasks", call.input["desiredCount"]));
    }
    let decisions = evidence.decisions(release.id());
    let began = decisions
        .iter()
        .find(|(_, phase)| phase == "watching")
        .map(|(at, _)| *at);
    let minutes = release.frozen["watch_minutes"].as_i64().unwrap_or_default();
    let skipped = evidence.orders.iter().any(|order| {
        let own = order.release.as_deref() == Some(release.id());
        own && order.accepted && order.kind == "skip" && order.at <= call.at && began.is_some_and(|at| at <= order.at)
    });
    match began.map(|began| began.plus_seconds(minutes * 60)) {
        None => Some(format!(
            "{old} is retired before {} carried everything",
            name(release, "canary")
        )),
        Some(due) if call.at < due && !skipped => Some(format!("{old} is retired before its watch was over, at {due}")),
        Some(_) => None,
    }
}

/// What was left of the weights when it closed as promoted, where that is not everything and ours.
fn carries_less(evidence: &Evidence, release: &Release, closed: At) -> Option<String> {
    let last = changes(evidence, release).filter(|call| call.at <= closed).last();
    let left = last
        .filter(|last| is_ours(last))
        .map(|last| weights(release, sent(last)));
    match left {
        Some(Some((canary, 0))) if canary > 0 => None,
        // Whoever changed them last has them.
        None if last.is_some() => None,
        left => Some(format!(
            "{} is promoted, and the weights were left {left:?}",
            release.id()
        )),
    }
}
