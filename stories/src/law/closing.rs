//! Releases as they were closed, by DynamoDB's own log: a row can be overwritten, what was written cannot.

use super::evidence::{Evidence, Release, documents, is_ours, moment, text};
use serde_json::Value;
use simulator::At;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Phases of the journal in which a release is being rolled back.
const ROLLING_BACK: [&str; 2] = ["rolling back", "rollback failing"];

/// What the journal says once the end of a release was told.
const TOLD: &str = "what was to be said of its end was said";

/// A release was closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// When.
    pub at: At,
    /// Release id.
    pub release: String,
    /// How, by the name in the ledger.
    pub outcome: String,
}

/// All that were, in order.
pub(super) fn closings(calls: &[Arc<Call>]) -> Vec<Closing> {
    let committed = calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems" && is_ours(call) && call.outcome.is_ok());
    // The reply was lost and the same transaction sent again: that is not a second one.
    let mut sent = BTreeSet::new();
    let mut again = move |call: &&Arc<Call>| match call.input["ClientRequestToken"].as_str() {
        Some(token) => !sent.insert(token.to_owned()),
        None => false,
    };
    committed
        .filter(|call| !again(call))
        .flat_map(|call| {
            let items = call.input["TransactItems"].as_array().into_iter().flatten();
            items.filter_map(move |item| closing(call.at, &item["Put"]["Item"]))
        })
        .collect()
}

fn closing(at: At, row: &Value) -> Option<Closing> {
    row["sk"]["S"].as_str()?.strip_prefix("past#")?;
    let document: Value = serde_json::from_str(row["document"]["S"].as_str()?).ok()?;
    Some(Closing {
        at,
        release: text(&document["id"]),
        outcome: text(&row["outcome"]["S"]),
    })
}

impl Evidence {
    /// How often each release was closed, and how.
    pub fn closed(&self) -> BTreeMap<&str, Vec<&Closing>> {
        let mut closed: BTreeMap<&str, Vec<&Closing>> = BTreeMap::new();
        for closing in &self.closings {
            closed.entry(&closing.release).or_default().push(closing);
        }
        closed
    }

    /// Decisions on a release, in order: when, and the phase it was in from then on.
    pub fn decisions(&self, release: &str) -> Vec<(At, String)> {
        let rows = self.journal.get(release).into_iter().flatten();
        // That its end was told is none: it is written down once that was done, and by whoever did it.
        let told = |row: &&Value| text(&row["because"]) == TOLD && text(&row["sk"]).contains("#did#");
        rows.filter(|row| text(&row["sk"]).starts_with("entry#") && !told(row))
            .filter_map(|row| Some((moment(&row["at"])?, text(&row["phase"]))))
            .collect()
    }

    /// When it was first written down that a release is rolled back.
    pub fn rollback_committed(&self, release: &str) -> Option<At> {
        let decisions = self.decisions(release);
        decisions
            .into_iter()
            .find(|(_, phase)| ROLLING_BACK.contains(&phase.as_str()))
            .map(|(at, _)| at)
    }

    /// Why a release was taken back, as the ledger has it; nothing, where it was not. What somebody took over meanwhile closes
    /// without its cause: then it is what was written down first.
    pub fn cause_of(&self, release: &Release) -> Value {
        let document = &release.document;
        let mut kept = [&document["cause"], &document["outcome"]["cause"]].into_iter();
        if let Some(cause) = kept.find(|cause| cause["cause"].is_string()) {
            return cause.clone();
        }
        if self.rollback_committed(release.id()).is_none() {
            return Value::Null;
        }
        let committed = self
            .calls
            .iter()
            .filter(|call| call.operation == "TransactWriteItems" && is_ours(call) && call.outcome.is_ok());
        let written = committed.flat_map(|call| documents(&call.input["TransactItems"]));
        let mut own = written.filter(|document| document["id"] == release.id());
        let first = own.find(|document| document["cause"]["cause"].is_string());
        first.map(|document| document["cause"].clone()).unwrap_or_default()
    }
}
