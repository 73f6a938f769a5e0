//! Policies as they were read last, and the pointers that lead from events to them.

use super::commit::{put, write};
use super::{Ledger, LedgerError, item, keys, number, text};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use decide::{At, Policy, SCHEMA};
use std::collections::BTreeSet;

/// Most writes in one transaction.
///
/// # Source
/// `TransactWriteItems` in the Amazon DynamoDB API reference.
const ITEMS_MAX: usize = 100;

/// Which writing of a parameter something was read from.
///
/// One that was deleted and put again begins at version 1 anew: which is the later one, its time tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its version.
    pub version: i64,
    /// When it was written.
    pub modified: At,
}

/// A policy as it was read last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The policy.
    pub policy: Policy,
    /// Which writing of its parameter that was.
    pub edition: Edition,
    /// Since when it is known under this name.
    pub since: At,
    /// Partitions of its pointers.
    pub pointers: BTreeSet<String>,
}

impl Ledger {
    /// A policy as it was read last, if it ever was.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the row cannot be read.
    pub async fn known(&self, policy: &str) -> Result<Option<Known>, LedgerError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(keys::POLICIES))
            .key("sk", text(&keys::policy(policy)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| crate::Refused::from_sdk("GetItem", &self.table, &error))?;
        reply.item.as_ref().map(known).transpose()
    }

    /// All policies as they were read last. One that cannot be read is left out: the sweep writes it anew.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn known_policies(&self) -> Result<Vec<Known>, LedgerError> {
        let rows = self.rows_under(keys::POLICIES).await?;
        Ok(rows.iter().filter_map(|row| known(row).ok()).collect())
    }

    /// Names of the policies that a pipeline, a service or an alarm concerns, by the partition of its pointers.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn concerned(&self, partition: &str) -> Result<Vec<String>, LedgerError> {
        self.policies_under(partition).await
    }

    /// Writes a policy down with its pointers, and takes away those it no longer has.
    ///
    /// While a release is open, none is taken away: it is guarded by the policy it was opened under. What is kept
    /// stays in [`Known::pointers`], so that the next writing takes it away.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn index(
        &self,
        policy: &Policy,
        edition: Edition,
        pointers: &BTreeSet<String>,
        before: Option<&Known>,
        at: At,
    ) -> Result<(), LedgerError> {
        let sk = keys::policy(&policy.name);
        let dropped: Vec<&String> = before
            .iter()
            .flat_map(|known| known.pointers.difference(pointers))
            .collect();
        let room = if self.may_be_open(&policy.name).await {
            0
        } else {
            ITEMS_MAX.saturating_sub(1 + pointers.len())
        };
        let (gone, kept) = dropped.split_at(room.min(dropped.len()));
        let row = Update::builder()
            .table_name(&self.table)
            .key("pk", text(keys::POLICIES))
            .key("sk", text(&sk))
            .update_expression(
                "SET #schema = :schema, #policy = :policy, version = :version, modified = :modified, pointers = :pointers, \
                 since = if_not_exists(since, :at), updated = :at",
            )
            // An older reading never overwrites a newer one.
            .condition_expression("attribute_not_exists(modified) OR modified <= :modified")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_values(":schema", number(SCHEMA))
            .expression_attribute_values(":policy", text(&item::to_json(policy)))
            .expression_attribute_values(":version", number(edition.version))
            .expression_attribute_values(":modified", number(edition.modified.millis()))
            .expression_attribute_values(":pointers", list(pointers.iter().chain(kept.iter().copied())))
            .expression_attribute_values(":at", text(&item::to_text(at)));
        let mut items = vec![write(row)?];
        for pk in pointers {
            items.push(put(self.put(pk, &sk))?);
        }
        for pk in gone {
            items.push(self.without(pk, &sk)?);
        }
        self.transact(items, &policy.name).await?;
        Ok(())
    }

    /// Forgets a policy whose parameter is gone, and its pointers; not while a release of it is open, which is
    /// found by them.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn forget(&self, known: &Known) -> Result<(), LedgerError> {
        let name = &known.policy.name;
        if self.may_be_open(name).await {
            return Ok(());
        }
        let sk = keys::policy(name);
        // The row that lists the pointers goes last, so that what is left halfway is found again.
        let rows = known.pointers.iter().map(String::as_str).chain([keys::POLICIES]);
        let items: Vec<TransactWriteItem> = rows.map(|pk| self.without(pk, &sk)).collect::<Result<_, _>>()?;
        for part in items.chunks(ITEMS_MAX) {
            if !self.transact(part.to_vec(), name).await? {
                break;
            }
        }
        Ok(())
    }

    /// Whether a release is open. A slot that cannot be read may well hold one.
    async fn may_be_open(&self, policy: &str) -> bool {
        !matches!(self.read(policy).await, Ok(None))
    }

    fn without(&self, pk: &str, sk: &str) -> Result<TransactWriteItem, LedgerError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .build()
            .map_err(|error| super::commit::malformed(&self.table, &error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

fn list<'a>(pointers: impl Iterator<Item = &'a String>) -> AttributeValue {
    AttributeValue::L(pointers.map(|pk| text(pk)).collect())
}

fn known(row: &item::Item) -> Result<Known, LedgerError> {
    let place = item::row(row);
    let pointers = row.get("pointers").and_then(|list| list.as_l().ok());
    let texts = pointers.into_iter().flatten().filter_map(|pk| pk.as_s().ok());
    let read = |place: &str| {
        Ok(Known {
            policy: item::json(place, "policy", row)?,
            edition: Edition {
                version: item::parse(place, "version", item::number(row, "version"))?,
                // The first Serin wrote no time: any reading is newer than that.
                modified: match item::number(row, "modified") {
                    None => At::from_millis(0),
                    millis => At::from_millis(item::parse(place, "modified", millis)?),
                },
            },
            since: item::json_text(place, "since", row)?,
            pointers: texts.cloned().collect(),
        })
    };
    // The first Serin gave these rows no number.
    if row.contains_key("schema") {
        item::readable(&place, row, &[], read)
    } else {
        read(&place)
    }
}
