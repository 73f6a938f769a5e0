//! A policy's slot: what is open, what was open last.

use super::{Held, Ledger, LedgerError, item, keys, text};
use crate::refused::Refused;
use decide::{At, Freeze, Release};

/// What a policy's slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The open release, if one is open.
    pub held: Option<Held>,
    /// The release that was closed last, if one was.
    pub last: Option<Release>,
    /// Generation, which no release resets.
    pub generation: u64,
    /// What a person said of the policy's freeze.
    pub freeze: Option<Freeze>,
}

/// A line of the list of open releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Policy name.
    pub policy: String,
    /// Release id.
    pub release_id: String,
    /// When it is to be looked at, at the latest.
    pub look_at: At,
    /// Lap of its clock.
    pub lap: u32,
}

impl Ledger {
    /// A policy's slot.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the row is not one this build can act on.
    pub async fn slot(&self, policy: &str) -> Result<Slot, LedgerError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(keys::RELEASE))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("GetItem", &self.table, &error))?;
        let Some(found) = &reply.item else {
            return Ok(Slot {
                held: None,
                last: None,
                generation: 0,
                freeze: None,
            });
        };
        Ok(Slot {
            held: item::held(found)?,
            last: item::closed(found)?,
            generation: item::generation(found)?,
            freeze: item::freeze(found)?,
        })
    }

    /// All open releases, with when they are to be looked at.
    ///
    /// # Errors
    /// Where DynamoDB refuses. A line that cannot be read counts as overdue: it is looked at.
    pub async fn open_releases(&self) -> Result<Vec<Open>, LedgerError> {
        let rows = self.rows_under(keys::OPEN).await?;
        Ok(rows.iter().filter_map(open).collect())
    }

    /// A policy's line in the list of open releases.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn open_release(&self, policy: &str) -> Result<Option<Open>, LedgerError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(keys::OPEN))
            .key("sk", text(&keys::policy(policy)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("GetItem", &self.table, &error))?;
        Ok(reply.item.as_ref().and_then(open))
    }

    /// Begins the next lap of a release's clock; not, where it is at another lap or another release.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn lap(&self, policy: &str, release: &str, lap: u32) -> Result<bool, LedgerError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(keys::OPEN))
            .key("sk", text(&keys::policy(policy)))
            .update_expression("SET lap = :lap")
            .condition_expression("release_id = :id AND (attribute_not_exists(lap) OR lap < :lap)")
            .expression_attribute_values(":id", text(release))
            .expression_attribute_values(":lap", super::number(lap));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) => {
                let refused = Refused::from_sdk("UpdateItem", self.place(keys::OPEN), &error);
                if refused.is("ConditionalCheckFailedException") {
                    Ok(false)
                } else {
                    Err(refused.into())
                }
            }
        }
    }
}

fn open(row: &item::Item) -> Option<Open> {
    Some(Open {
        policy: keys::policy_of(row.get("sk")?.as_s().ok()?)?.to_owned(),
        release_id: item::json_text("open", "release_id", row).unwrap_or_default(),
        look_at: item::json_text("open", "look_at", row).unwrap_or(At::from_millis(0)),
        lap: item::parse("open", "lap", item::number(row, "lap")).unwrap_or(0),
    })
}
