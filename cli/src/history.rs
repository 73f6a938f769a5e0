//! `serin history`: how a policy's releases ended, the newest first.

use crate::page::{self, field, span};
use crate::place::{Place, Told, Unanswered, unknown};
use crate::release;
use aws::ledger::{Ledger, LedgerError, Past};
use clap::Args;
use decide::At;
use serde_json::{Value, json};

/// Arguments of `history`.
#[derive(Args)]
pub struct Arguments {
    /// Policy.
    policy: String,
    /// At most so many releases.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    most: u16,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    /// Runs it.
    ///
    /// # Errors
    /// Where the ledger cannot be asked, or a row of it cannot be read.
    pub fn run(self) -> Result<(), String> {
        let (policy, most) = (self.policy, usize::from(self.most));
        self.place.ask(async |ledger| History::of(ledger, &policy, most).await)
    }
}

/// Closed releases.
pub struct History {
    policy: String,
    releases: Vec<Result<Past, LedgerError>>,
}

impl History {
    /// Of one policy.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the policy is not known and never was.
    pub async fn of(ledger: &Ledger, policy: &str, most: usize) -> Result<History, Unanswered> {
        let releases = ledger.closed_releases(policy, most).await?;
        if releases.is_empty() {
            let known = ledger.known_names().await?;
            // A policy whose parameter is gone keeps its history.
            if !known.iter().any(|name| name == policy) {
                return Err(unknown(policy, &known));
            }
        }
        Ok(History {
            policy: policy.to_owned(),
            releases,
        })
    }
}

fn text(past: &Past) -> String {
    let release = &past.release;
    let took = span(page::seconds_between(release.opened, past.closed));
    let mut text = page::under(
        &format!("{}  ", past.closed),
        2,
        &format!("{} after {took}", past.outcome()),
    );
    text += &field("release", &format!("{}, opened {}", release.id, release.opened));
    if let Some(why) = release::why(&release.phase) {
        text += &field("because", &why);
    }
    text += &field("revision", &release::revision(release));
    text += &release::roles(release).map_or(String::new(), |roles| field("roles", &roles));
    text + &field("execution", &release::execution(release))
}

impl Told for History {
    fn text(&self, _: At) -> String {
        if self.releases.is_empty() {
            return page::under("", 2, &format!("{}: no release has closed so far", self.policy));
        }
        let each = self.releases.iter().map(|past| match past {
            Ok(past) => text(past),
            Err(error) => page::under("", 2, &format!("cannot be read: {error}")),
        });
        each.collect::<Vec<_>>().join("\n")
    }

    fn json(&self, _: At) -> Value {
        let each = self.releases.iter().map(|past| match past {
            Ok(past) => json!({
                "release": release::json(&past.release),
                "outcome": past.outcome(),
                "why": release::why(&past.release.phase),
                "closed": past.closed,
                "seconds": page::seconds_between(past.release.opened, past.closed),
            }),
            Err(error) => json!({ "problem": error.to_string() }),
        });
        json!({ "policy": self.policy, "releases": each.collect::<Vec<_>>() })
    }

    fn problem(&self) -> Option<String> {
        let unread = self.releases.iter().filter(|past| past.is_err()).count();
        (unread > 0).then(|| format!("{unread} of {} releases could not be read", self.releases.len()))
    }
}
