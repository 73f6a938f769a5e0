//! Law 20: where two services exchange their roles, the old side keeps its tasks until the watch is over and nobody is sent
//! to it, and has one before everybody is sent back; the new side has as many before it is sent more; and what is promoted
//! in the end carries everything.
//!
//! Which side is which is what the release was opened with; when its watch began is the journal's word.

use super::Verdict;
use super::at_rest::{shown_before, sizes};
use super::evidence::{Evidence, Release, is_ours, text};
use super::weighed::{Weights, changes, sent, weights};
use super::world::Run;
use simulator::At;
use simulator::world::Call;

/// Within how many seconds each of us acts on what it has seen: the time-out of a function.
const ACTS_WITHIN_SECONDS: i64 = 60;

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
            if refills(evidence, release, call) {
                continue;
            }
            let why = not_yet_over(evidence, release, call).or_else(|| still_sent(evidence, release, call));
            verdict
                .broken
                .extend(why.map(|why| format!("{} at {}: {why}", call.caller, call.at)));
        }
        for call in changes(evidence, release).filter(within) {
            let is_back = is_back(evidence, release, call);
            if !is_back && !gives_more(evidence, release, call) {
                continue;
            }
            verdict.applied += 1;
            let why = match is_back {
                true => sent_to_none(evidence, release, call),
                false => sent_to_too_few(evidence, release, call),
            };
            verdict
                .broken
                .extend(why.map(|why| format!("{} at {}: {why}", call.caller, call.at)));
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

    /// Whether somebody else sends people to the canary of a swap when it closes: whoever does keeps its tasks.
    pub fn sends_to_canary(&self, release: &Release, closed: At) -> bool {
        let last = changes(self, release).filter(|call| call.at <= closed).last();
        let theirs = last.filter(|last| release.swaps() && !is_ours(last));
        theirs.is_some_and(|last| weights(release, sent(last)).is_some_and(|(canary, _)| canary > 0))
    }

    /// The weights of canary and stable in the roles of a release, as somebody had set them before a moment.
    pub fn weights_before(&self, release: &Release, at: At) -> Option<(u64, u64)> {
        in_force(self, release, at)
    }

    /// When the canary of a swap carried everything, by the journal.
    pub fn carried_everything(&self, release: &Release) -> Option<std::ops::Range<At>> {
        let decisions = self.decisions(release.id());
        let mut watched = decisions.iter().filter(|(_, phase)| phase == "watching");
        let (began, _) = watched.next().filter(|_| release.swaps())?;
        let back = self.rollback_committed(release.id());
        Some(*began..back.or(release.closed).unwrap_or(self.now))
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

/// Whether a release was being taken back when this was called.
fn is_back(evidence: &Evidence, release: &Release, call: &Call) -> bool {
    let back = evidence.rollback_committed(release.id());
    back.is_some_and(|back| back <= call.at)
}

/// Whether a rollback gives an old side tasks that was shown with none.
fn refills(evidence: &Evidence, release: &Release, call: &Call) -> bool {
    let none = shown_before(evidence, call.at, &name(release, "stable")) == Some(0);
    none && is_back(evidence, release, call) && call.input["desiredCount"].as_i64() > Some(0)
}

/// The weights that were in force before a moment, as somebody had set them.
fn in_force(evidence: &Evidence, release: &Release, before: At) -> Option<Weights> {
    let last = changes(evidence, release).filter(|call| call.at < before).last()?;
    weights(release, sent(last))
}

/// Whether a change of the weights gives the canary more than it had.
fn gives_more(evidence: &Evidence, release: &Release, call: &Call) -> bool {
    let Some((canary, stable)) = weights(release, sent(call)) else {
        return false;
    };
    let (had, beside) = in_force(evidence, release, call.at).unwrap_or((0, 1));
    canary * (had + beside).max(1) > had * (canary + stable)
}

/// Why the canary may not be given more, if it may not.
fn sent_to_too_few(evidence: &Evidence, release: &Release, call: &Call) -> Option<String> {
    let has = |role: &str| shown_before(evidence, call.at, &name(release, role));
    let (new, old) = (has("canary"), has("stable"));
    let few = new < old || new.unwrap_or_default() == 0;
    few.then(|| format!("more are sent to {new:?} tasks instead of {old:?}"))
}

/// Why the old side may not be scaled to nothing, if the rule has sent it somebody for longer than any of us acts on what
/// it has seen.
fn still_sent(evidence: &Evidence, release: &Release, call: &Call) -> Option<String> {
    let since = At(call.at.0 - ACTS_WITHIN_SECONDS * 1_000);
    let (then, now) = (in_force(evidence, release, since), in_force(evidence, release, call.at));
    let unchanged = !changes(evidence, release).any(|change| since <= change.at && change.at < call.at);
    let (_, stable) = then.filter(|_| unchanged && then == now)?;
    let old = name(release, "stable");
    (stable > 0).then(|| format!("{old} is retired while the weights are {then:?}"))
}

/// Why the weights may not be returned, if the old side was shown with no task for longer than any of us acts on what it
/// has seen, and the canary with some.
fn sent_to_none(evidence: &Evidence, release: &Release, call: &Call) -> Option<String> {
    let (_, stable) = weights(release, sent(call))?;
    let since = At(call.at.0 - ACTS_WITHIN_SECONDS * 1_000);
    let asked = evidence
        .calls
        .iter()
        .filter(|asked| asked.operation == "DescribeServices");
    let asked: Vec<_> = asked.filter(|asked| since <= asked.at && asked.at <= call.at).collect();
    let runs = |role: &str| -> Option<Vec<i64>> {
        let service = name(release, role);
        let mut all = Vec::new();
        for asked in &asked {
            // Who could not look returns the weights all the same.
            let services = asked.outcome.as_ref().ok()?["services"].as_array()?;
            let found = services.iter().find(|found| found["serviceName"] == service);
            all.extend(found.and_then(|found| found["runningCount"].as_i64()));
        }
        Some(all)
    };
    let (new, old) = (runs("canary")?, runs("stable")?);
    let none = !old.is_empty() && old.iter().all(|tasks| *tasks == 0);
    let serves = !new.is_empty() && new.iter().all(|tasks| *tasks > 0);
    let to_none = stable > 0 && none && serves;
    to_none.then(|| {
        format!(
            "everybody is sent back to {}, which has no task",
            name(release, "stable")
        )
    })
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
