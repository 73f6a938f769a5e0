//! Law 11: each decision, also the decision to wait, has a reason a person can read, and is journaled.

use super::Verdict;
use super::evidence::{Evidence, text};
use serde_json::Value;

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
    for end in &evidence.ended {
        let Ok(answer) = &end.outcome else { continue };
        for id in stepped(answer) {
            let pk = format!("release#{id}");
            let wrote = evidence.calls.iter().any(|call| {
                call.caller == end.label
                    && call.service == "dynamodb"
                    && call.outcome.is_ok()
                    && call.input.to_string().contains(&pk)
            });
            if !wrote {
                verdict
                    .broken
                    .push(format!("{}: took a step on {id} and journaled nothing", end.label));
            }
        }
    }
    verdict
}

/// Ids of the releases that an answer says took a step.
fn stepped(answer: &Value) -> Vec<String> {
    let alarms = answer["alarms"].as_array().cloned().unwrap_or_default();
    let policies = alarms
        .iter()
        .flat_map(|alarm| alarm["policies"].as_array().cloned().unwrap_or_default());
    let acted = policies
        .filter(|policy| policy["answer"] == "stepped")
        .map(|policy| text(&policy["release_id"]));
    let swept = answer["stepped"].as_array().cloned().unwrap_or_default();
    acted
        .chain(swept.iter().map(|step| text(&step["release_id"])))
        .filter(|id| !id.is_empty())
        .collect()
}
