//! Law 11: each decision, also the decision to wait, has a reason a person can read, and is journaled.
//!
//! An invocation that looked at the world took a decision. Which release it was about is taken from the
//! ledger: an answer to a tick names none.

use super::Verdict;
use super::evidence::{Evidence, text};
use serde_json::Value;
use simulator::At;
use simulator::executor::Ended;
use simulator::faults::Rule;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};

/// A reason needs more than a word.
const REASON_MIN: usize = 12;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(11, "each decision has a reason and is journaled");
    for (release, rows) in &evidence.journal {
        for row in rows {
            verdict.applied += 1;
            let because = text(&row["because"]);
            if because.chars().count() < REASON_MIN || because.contains(char::is_control) {
                verdict
                    .broken
                    .push(format!("{release}: {} says only {because:?}", text(&row["sk"])));
            }
        }
    }
    let mut by_caller: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in &evidence.calls {
        by_caller.entry(&call.caller).or_default().push(call);
    }
    for end in evidence.ended.iter().filter(|end| end.outcome.is_ok()) {
        let calls = by_caller.get(end.label.as_str()).map_or(&[][..], Vec::as_slice);
        let looked = calls.iter().any(|call| call.operation == "DescribeServices");
        if !looked || excused(evidence, end, calls) {
            continue;
        }
        verdict.applied += 1;
        let written = rows_written(calls);
        let began = calls.first().map_or(end.at, |call| call.at);
        for id in missing(evidence, (began, end), &written) {
            verdict
                .broken
                .push(format!("{}: took a step on {id} and journaled nothing", end.label));
        }
        let kept = |(pk, sk): &(String, String)| {
            let id = pk.trim_start_matches("release#");
            let rows = evidence.journal.get(id);
            rows.is_some_and(|rows| rows.iter().any(|row| row["sk"] == sk.as_str()))
        };
        let lost = written.iter().filter(|row| !kept(row));
        verdict
            .broken
            .extend(lost.map(|(pk, sk)| format!("{}: its entry {pk} {sk} is not in the journal", end.label)));
    }
    verdict
}

/// Operations that write.
const WRITES: [&str; 3] = ["PutItem", "UpdateItem", "TransactWriteItems"];

/// Somebody else wrote first, and says as much; or the ledger could not be written to, or may not be.
fn excused(evidence: &Evidence, end: &Ended, calls: &[&Call]) -> bool {
    // Whose lap it is says nothing of who took the step.
    let of_a_step = |call: &&&Call| WRITES.contains(&call.operation.as_str()) && call.input["Key"]["pk"]["S"] != "open";
    let mut writes = calls.iter().filter(of_a_step);
    let last = writes.next_back().map(|call| &call.outcome);
    let refused = ["TransactionCanceledException", "AccessDeniedException"];
    let lost = matches!(last, Some(Err(refusal)) if refused.contains(&refusal.code));
    let broken = |rule: &Rule| {
        let during = rule.from <= end.at && calls.iter().any(|call| call.at < rule.until);
        during && rule.service.as_deref() == Some("dynamodb")
    };
    lost || evidence.faults.iter().any(broken)
}

/// Releases that the invocation took a step on and wrote no entry for.
fn missing(evidence: &Evidence, (began, end): (At, &Ended), written: &BTreeSet<(String, String)>) -> Vec<String> {
    let wrote = |id: &str| written.iter().any(|(pk, _)| *pk == format!("release#{id}"));
    let answer = end.outcome.as_ref().unwrap_or(&Value::Null);
    let Some(policy) = end.payload["policy"].as_str().filter(|_| end.function == "advance") else {
        return stepped(answer).into_iter().filter(|id| !wrote(id)).collect();
    };
    // Where one release took another's place within the step, either will do.
    let open: Vec<&str> = evidence
        .releases
        .iter()
        .filter(|release| release.policy == policy)
        .filter(|release| release.opened().is_some_and(|opened| opened <= end.at))
        .filter(|release| release.closed.is_none_or(|closed| closed.plus_seconds(1) >= began))
        .map(|release| release.id())
        .collect();
    if open.iter().any(|id| wrote(id)) {
        return Vec::new();
    }
    vec![
        open.first()
            .map_or(format!("a release of {policy}"), |id| (*id).to_owned()),
    ]
}

/// Keys of the journal's rows that these calls wrote.
fn rows_written(calls: &[&Call]) -> BTreeSet<(String, String)> {
    let wrote = calls
        .iter()
        .filter(|call| call.service == "dynamodb" && call.outcome.is_ok());
    let mut keys = BTreeSet::new();
    for call in wrote {
        let items = match call.operation.as_str() {
            "PutItem" => vec![call.input["Item"].clone()],
            "UpdateItem" => vec![call.input["Key"].clone()],
            "TransactWriteItems" => call.input["TransactItems"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|item| [item["Put"]["Item"].clone(), item["Update"]["Key"].clone()])
                .collect(),
            _ => Vec::new(),
        };
        keys.extend(
            items
                .iter()
                .map(|item| (text(&item["pk"]["S"]), text(&item["sk"]["S"])))
                .filter(|(pk, _)| pk.starts_with("release#")),
        );
    }
    keys
}

/// Ids of the releases that an answer says took a step.
fn stepped(answer: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let alarms = list(&answer["alarms"]);
    let policies = alarms.iter().flat_map(|alarm| list(&alarm["policies"]));
    let acted = policies
        .filter(|policy| policy["answer"] == "stepped")
        .map(|policy| text(&policy["release_id"]));
    let swept = list(&answer["stepped"]);
    let looked = list(&answer["policies"]);
    let watched = looked.iter().map(|policy| &policy["with"]);
    acted
        .chain(swept.iter().chain(watched).map(|step| text(&step["release_id"])))
        .chain(list(&answer["opened"]).iter().map(text))
        .filter(|id| !id.is_empty())
        .collect()
}
