//! What people ordered of Serin, by the ledger's records, and whether it was kept: what was aborted is neither let go on
//! nor promoted by us. Part of law 6; what a freeze holds is law 21's.
//!
//! Whoever was at work already when the order came may still finish what it had written down before.

use super::Verdict;
use super::approved_rightly::is_approval;
use super::evidence::{Evidence, Release, documents, is_ours, moment, text};
use super::world::Run;
use serde_json::Value;
use simulator::At;
use simulator::world::Call;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An order as its record tells it.
#[derive(Clone, Debug)]
pub struct Order {
    /// Policy name.
    pub policy: String,
    /// What was ordered.
    pub kind: String,
    /// The release that it names.
    pub release: Option<String>,
    /// When it was answered.
    pub at: At,
    /// Until when it holds, where it says so.
    pub until: Option<At>,
    /// Whether it was accepted.
    pub accepted: bool,
}

impl Order {
    /// An order's row, if it is one.
    pub fn of(row: &Value) -> Option<Order> {
        let (pk, sk) = (text(&row["pk"]), text(&row["sk"]));
        let policy = pk.strip_prefix("policy#").filter(|_| sk.starts_with("order#"))?;
        Some(Order {
            policy: policy.to_owned(),
            kind: text(&row["kind"]),
            release: row["release_id"].as_str().map(str::to_owned),
            at: moment(&row["at"])?,
            until: moment(&row["until"]),
            accepted: row["answer"] == "accepted",
        })
    }
}

/// Whether a person answers for what this execution lacked when it was let go on: by approving or promoting the very
/// release that was open then. Whoever skips a bake answers for no evidence.
pub fn answered_for(evidence: &Evidence, run: &Run, at: At) -> bool {
    let taken = ["approve", "promote"];
    let mut orders = taken_of(evidence, run, at);
    orders.any(|order| taken.contains(&order.kind.as_str()))
}

/// Minutes of bake that a person had not waited for.
pub fn skipped_minutes(evidence: &Evidence, run: &Run, at: At) -> i64 {
    let steps = skipped_steps(evidence, taken_of(evidence, run, at));
    let minutes = |step: usize| run.document["steps"][step]["bake_minutes"].as_i64();
    steps.into_iter().filter_map(minutes).sum()
}

/// The steps, from nought, whose bake these orders cut short: each that of the step which baked when it was taken.
pub(super) fn skipped_steps<'a>(evidence: &Evidence, orders: impl Iterator<Item = &'a Order>) -> BTreeSet<usize> {
    let skips = orders.filter(|order| order.kind == "skip");
    let steps = skips.filter_map(|order| {
        let rows = evidence.journal.get(order.release.as_deref()?)?;
        let begun = rows
            .iter()
            .filter(|row| moment(&row["at"]).is_some_and(|begun| begun <= order.at));
        let step = begun.filter_map(|row| row["step"].as_str()).next_back()?;
        step.parse::<usize>().ok()
    });
    steps.collect()
}

/// What was ordered by then of the release of this execution that is open at this moment.
fn taken_of<'a>(evidence: &'a Evidence, run: &Run, at: At) -> impl Iterator<Item = &'a Order> + use<'a> {
    let is_open = |release: &&Release| {
        release.opened().is_some_and(|opened| opened <= at) && release.closed.is_none_or(|closed| at <= closed)
    };
    let open: Vec<String> = run
        .releases(evidence)
        .filter(is_open)
        .map(|release| release.id().to_owned())
        .collect();
    let accepted = evidence
        .orders
        .iter()
        .filter(move |order| order.accepted && order.at <= at);
    accepted.filter(move |order| order.release.as_ref().is_some_and(|release| open.contains(release)))
}

/// When a person had a release of this execution aborted: that takes it back like a failed check.
pub fn aborted(evidence: &Evidence, run: &Run) -> Option<At> {
    let aborts = evidence
        .orders
        .iter()
        .filter(|order| order.accepted && order.kind == "abort");
    let own = |order: &&Order| {
        let mut releases = run.releases(evidence);
        releases.any(|release| order.release.as_deref() == Some(release.id()))
    };
    aborts.filter(own).map(|order| order.at).min()
}

/// Somebody ordered that Serin promotes a release.
#[derive(Clone, Debug)]
pub(super) struct Promotion {
    /// Policy name.
    pub policy: String,
    /// The execution of the release that was named.
    pub execution: String,
    /// When it was accepted.
    pub from: At,
    /// When that release was closed, if it was.
    pub until: Option<At>,
}

/// Every order to promote that was accepted, read off what we wrote down.
pub(super) fn promotions(calls: &[Arc<Call>]) -> Vec<Promotion> {
    let written = || {
        calls
            .iter()
            .filter(|call| call.operation == "TransactWriteItems" && is_ours(call) && call.outcome.is_ok())
    };
    let items = written().flat_map(|call| call.input["TransactItems"].as_array().into_iter().flatten());
    let rows = items.filter(|item| item["Put"]["Item"]["kind"]["S"] == "promote");
    let ordered = rows.filter_map(|item| {
        let row = |name: &str| Value::from(item["Put"]["Item"][name]["S"].as_str().unwrap_or_default());
        let (pk, release, from) = (text(&row("pk")), text(&row("release_id")), moment(&row("at"))?);
        let accepted = row("answer") == "accepted";
        let policy = pk.strip_prefix("policy#").filter(|_| accepted)?.to_owned();
        Some((policy, release, from))
    });
    let ordered: Vec<(String, String, At)> = ordered.collect();
    if ordered.is_empty() {
        return Vec::new();
    }
    let said = |call: &Arc<Call>| {
        let at = call.at;
        let own = documents(&call.input["TransactItems"]).into_iter();
        own.map(move |document| (at, document)).collect::<Vec<_>>()
    };
    let documents: Vec<(At, Value)> = written().flat_map(said).collect();
    let of = |(policy, release, from): (String, String, At)| {
        let own = || {
            documents
                .iter()
                .filter(|(_, document)| document["id"] == release.as_str())
        };
        let execution = own().find_map(|(_, document)| document["pipeline"]["execution"].as_str())?;
        let closed = own().find(|(_, document)| document["outcome"].is_object());
        Some(Promotion {
            policy,
            execution: execution.to_owned(),
            from,
            until: closed.map(|(at, _)| *at),
        })
    };
    ordered.into_iter().filter_map(of).collect()
}

/// Adds what was ordered and not kept.
pub fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for order in evidence.orders.iter().filter(|order| order.accepted) {
        let broken = match order.kind.as_str() {
            "abort" => let_go_on(evidence, order),
            _ => continue,
        };
        verdict.applied += 1;
        verdict.broken.extend(broken);
    }
}

/// Whether a call was made by somebody who began after a moment.
fn began_after(evidence: &Evidence, call: &Call, at: At) -> bool {
    let mut own = evidence.calls.iter().filter(|other| other.caller == call.caller);
    own.next().is_some_and(|first| first.at > at)
}

/// A release that a person had aborted, and we let it go on or promoted it.
fn let_go_on(evidence: &Evidence, order: &Order) -> Vec<String> {
    let mut releases = evidence.releases.iter();
    let Some(release) = releases.find(|release| order.release.as_deref() == Some(release.id())) else {
        return Vec::new();
    };
    let id = release.id();
    let ended =
        (release.outcome() == Some("promoted")).then(|| format!("{id} was aborted at {}, and promoted", order.at));
    let later = |call: &&Call| is_ours(call) && call.at > order.at && began_after(evidence, call, order.at);
    let calls = || evidence.calls.iter().map(AsRef::as_ref).filter(later);
    let run = evidence
        .world
        .runs
        .iter()
        .find(|run| run.policy == order.policy && release.execution() == Some(&run.id));
    let approved = run.into_iter().flat_map(|run| {
        calls().filter(|call| is_approval(call)).filter(|call| {
            super::approved_rightly::approved(evidence, call)
                .iter()
                .any(|(_, of)| of.id == run.id)
        })
    });
    let approved =
        approved.map(|call| format!("{} approved {id} at {}, aborted at {}", call.caller, call.at, order.at));
    let written = calls().flat_map(|call| {
        let own = documents(&call.input["TransactItems"]).into_iter();
        own.filter(|document| document["id"] == id && call.outcome.is_ok())
            .filter(|document| ["gated", "promoting", "watching"].contains(&text(&document["phase"]).as_str()))
            .map(|document| {
                format!(
                    "{} wrote at {} that {id} is {}, aborted at {}",
                    call.caller,
                    call.at,
                    text(&document["phase"]),
                    order.at
                )
            })
            .collect::<Vec<_>>()
    });
    ended.into_iter().chain(approved).chain(written).collect()
}
