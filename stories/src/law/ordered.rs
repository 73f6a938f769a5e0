//! What people ordered of Serin, by the ledger's records, and whether it was kept: what was aborted is neither let go on
//! nor promoted by us, and in a freeze we move nothing forward. Part of law 6.
//!
//! Whoever was at work already when the order came may still finish what it had written down before.

use super::Verdict;
use super::approved_rightly::is_approval;
use super::evidence::{Evidence, Release, documents, is_ours, moment, text};
use super::world::Run;
use serde_json::Value;
use simulator::At;
use simulator::world::Call;
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
    until: Option<At>,
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

/// Whether a person answers for what this execution lacked when it was let go on.
pub fn answered_for(evidence: &Evidence, run: &Run, at: At) -> bool {
    let own = |release: &Release, order: &Order| order.release.as_deref() == Some(release.id());
    let taken = ["approve", "promote", "skip"];
    let mut orders = evidence.orders.iter();
    orders.any(|order| {
        order.accepted
            && order.at <= at
            && taken.contains(&order.kind.as_str())
            && run.releases(evidence).any(|release| own(release, order))
    })
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

/// When somebody ordered that Serin promotes, by policy: read off what we wrote down.
pub(super) fn promotions(calls: &[Arc<Call>]) -> Vec<(String, At)> {
    let written = calls.iter().filter(|call| is_ours(call) && call.outcome.is_ok());
    let items = written
        .filter(|call| call.operation == "TransactWriteItems")
        .flat_map(|call| call.input["TransactItems"].as_array().into_iter().flatten());
    let rows = items.filter(|item| item["Put"]["Item"]["kind"]["S"] == "promote");
    let rows = rows.filter_map(|item| {
        let row = |name: &str| Value::from(item["Put"]["Item"][name]["S"].as_str().unwrap_or_default());
        let (pk, at) = (text(&row("pk")), moment(&row("at"))?);
        let accepted = row("answer") == "accepted";
        let policy = pk.strip_prefix("policy#").filter(|_| accepted)?;
        Some((policy.to_owned(), at))
    });
    rows.collect()
}

/// Adds what was ordered and not kept.
pub fn check(evidence: &Evidence, verdict: &mut Verdict) {
    for order in evidence.orders.iter().filter(|order| order.accepted) {
        let broken = match order.kind.as_str() {
            "abort" => let_go_on(evidence, order),
            "freeze" => moved(evidence, order),
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

/// Until when a freeze held: until it says, somebody thaws it, or somebody freezes it anew.
fn over(evidence: &Evidence, order: &Order) -> At {
    let next = evidence.orders.iter().filter(|next| {
        let about = next.policy == order.policy && ["freeze", "thaw"].contains(&next.kind.as_str());
        about && next.accepted && next.at > order.at
    });
    let next = next.map(|next| next.at).min();
    [order.until, next, Some(evidence.now)]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(order.at)
}

/// What we moved forward in a freeze.
fn moved(evidence: &Evidence, order: &Order) -> Vec<String> {
    let until = over(evidence, order);
    let within = |at: Option<At>| at.is_some_and(|at| order.at < at && at < until);
    let rolls = evidence
        .policies
        .get(&order.policy)
        .is_some_and(|policy| policy["promotion"] == "roll_stable");
    let written = evidence
        .calls
        .iter()
        .filter(|call| is_ours(call) && call.outcome.is_ok());
    let written = written.filter(|call| within(Some(call.at)) && call.operation == "TransactWriteItems");
    let mut broken = Vec::new();
    for call in written {
        let own = documents(&call.input["TransactItems"]).into_iter();
        for document in own.filter(|document| is_of(&order.policy, &text(&document["id"]))) {
            let phase = text(&document["phase"]);
            let approved = within(moment(&document["pipeline"]["approved"]["at"]));
            let ours = rolls && phase == "promoting" && !document["stable"]["given"].is_object();
            let promoted = ours && within(moment(&document["phase_since"]));
            let grown = ["baking", "gated"].contains(&phase.as_str()) && grown(&document, within);
            let what = [
                (approved, "approved it"),
                (promoted, "began to promote it"),
                (grown, "gave its canary more tasks"),
            ];
            let what = what.into_iter().filter(|(did, _)| *did).map(|(_, what)| {
                let id = text(&document["id"]);
                format!("{} {what} at {}: {id}, frozen at {}", call.caller, call.at, order.at)
            });
            broken.extend(what);
        }
    }
    broken
}

/// Whether a release is of this policy: another's name may begin with the name of this one.
fn is_of(policy: &str, release: &str) -> bool {
    let rest = release.strip_prefix(policy).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|hash| !hash.contains('-'))
}

/// Whether the canary was given more tasks than before.
fn grown(document: &Value, within: impl Fn(Option<At>) -> bool) -> bool {
    let size = &document["size"];
    let before = size["earlier"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .next_back();
    let more = size["given"].as_u64() > before;
    before.is_some() && more && within(moment(&size["at"]))
}
