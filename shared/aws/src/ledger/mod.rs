//! The ledger: one DynamoDB table that outlives every function.
//!
//! # Shape
//!
//! | pk | sk | holds |
//! |---|---|---|
//! | `policy#<name>` | `release` | the open release or the empty slot, its facts, its generation; what a person said of the freeze |
//! | `policy#<name>` | `past#<opened>#<id>` | closed releases |
//! | `policy#<name>` | `good#<closed>#<id>` | revisions that were promoted and outlived their watch |
//! | `policy#<name>` | `order#<id>` | what people ordered, accepted or refused |
//! | `policies` | `policy#<name>` | the policy as it was read last, and its pointers |
//! | `untold` | `policy#<name>#<execution>` | what was to be said when a release ended, until it was |
//! | `open` | `policy#<name>` | the list that the sweep walks: when to look, lap of the clock |
//! | `release#<id>` | `entry#<generation>…` | the journal |
//! | `alarm#<arn>`, `pipeline#<arn>`, `service#<arn>` | `policy#<name>` | whom does this event concern? |
//!
//! # Guarantees
//! Facts are merged, decisions are committed. A fact bumps the generation, so that every decision in
//! flight loses to it and is taken again; a decision is written only over the generation it was taken
//! on. All reads are consistent.

mod commit;
mod index;
mod item;
mod journal;
pub mod keys;
mod later;
mod merge;
mod orders;
mod reading;
mod slot;
mod untold;

use crate::refused::Refused;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::rt::sleep::AsyncSleep as _;
use decide::{Policy, Release};
use std::time::Duration;

pub use commit::Commit;
pub use index::{Edition, Known};
pub use later::Later;
pub use merge::Merge;
pub use orders::Recorded;
pub use reading::{Entry, Kind, Past, Reviewed};
pub use slot::{Open, Slot};
pub use untold::Untold;

/// A release as it was read, with the generation that any decision on it must still find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The policy, frozen when the release was opened.
    pub policy: Policy,
    /// The release, with its facts.
    pub release: Release,
    /// Generation of the slot.
    pub generation: u64,
    /// When it was last written.
    pub updated: decide::At,
    /// What a later Serin wrote into it.
    pub later: Later,
}

/// A row that this build cannot act on.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// DynamoDB did not do what it was asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The row was written by a later Serin.
    #[error("{row} has schema {found}, {problem}; deploy the Serin that wrote it, or a later one")]
    LaterSchema {
        /// Keys of the row.
        row: String,
        /// Its schema number.
        found: u32,
        /// What this build cannot do with it.
        problem: String,
    },
    /// The row is damaged.
    #[error(
        "{row}: attribute {attribute} {problem}; restore the row from point-in-time recovery, or delete it to give the release up"
    )]
    Damaged {
        /// Keys of the row.
        row: String,
        /// Attribute name.
        attribute: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no room for a fact, and none that may go for it.
    #[error("{row} holds {most} facts, none of which may go for one more; close the release, and report this")]
    Full {
        /// Keys of the row.
        row: String,
        /// How many.
        most: usize,
    },
    /// Others wrote again and again while we decided.
    #[error("{row} was written by others {times} times while deciding; the next trigger tries again")]
    Contended {
        /// Keys of the row.
        row: String,
        /// How often.
        times: u32,
    },
}

impl LedgerError {
    /// Whether the same call may well succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            // Permissions and tables take time to appear after a deployment, and an event that
            // cannot be handled must end in the on-failure queue instead of nowhere.
            LedgerError::Refused(_) | LedgerError::Contended { .. } => true,
            LedgerError::LaterSchema { .. } | LedgerError::Damaged { .. } | LedgerError::Full { .. } => false,
        }
    }
}

/// The table.
#[derive(Clone, Debug)]
pub struct Ledger {
    client: Client,
    table: String,
}

impl Ledger {
    /// A ledger in this table.
    pub fn new(client: Client, table: String) -> Ledger {
        Ledger { client, table }
    }

    /// Names of the policies that an alarm concerns.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn guarded_by(&self, alarm_arn: &str) -> Result<Vec<String>, LedgerError> {
        self.policies_under(&keys::alarm(alarm_arn)).await
    }

    /// Names of the policies that have an open release.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn open_policies(&self) -> Result<Vec<String>, LedgerError> {
        self.policies_under(keys::OPEN).await
    }

    /// The open release of a policy, if one is open.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the row is not one this build can act on.
    pub async fn read(&self, policy: &str) -> Result<Option<Held>, LedgerError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(keys::RELEASE))
            .consistent_read(true);
        let reply = request
            .send()
            .await
            .map_err(|error| Refused::from_sdk("GetItem", &self.table, &error))?;
        reply.item.as_ref().map_or(Ok(None), item::held)
    }

    /// Waits, by the client's own clock.
    async fn pause(&self, duration: Duration) {
        if let Some(sleep) = self.client.config().sleep_impl() {
            sleep.sleep(duration).await;
        }
    }

    /// Table and partition, for refusals: a missing table and a full row both end there.
    fn place(&self, pk: &str) -> String {
        format!("{} / {pk}", self.table)
    }

    async fn policies_under(&self, pk: &str) -> Result<Vec<String>, LedgerError> {
        let rows = self.rows_under(pk).await?;
        let names = rows
            .iter()
            .filter_map(|row| keys::policy_of(row.get("sk")?.as_s().ok()?));
        Ok(names.map(str::to_owned).collect())
    }

    async fn rows_under(&self, pk: &str) -> Result<Vec<item::Item>, LedgerError> {
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(pk))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            let reply = request
                .send()
                .await
                .map_err(|error| Refused::from_sdk("Query", &self.table, &error))?;
            found.extend(reply.items.unwrap_or_default());
            start = reply.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
