//! Policies as they were read last, and the pointers that lead from events to them.

use super::commit::{put, write};
use super::{Ledger, LedgerError, item, keys, number, text};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use decide::{At, Policy};
use std::collections::BTreeSet;

/// A policy as it was read last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The policy.
    pub policy: Policy,
    /// Version of its parameter.
    pub version: i64,
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
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn index(
        &self,
        policy: &Policy,
        version: i64,
        pointers: &BTreeSet<String>,
        before: Option<&Known>,
        at: At,
    ) -> Result<(), LedgerError> {
        let sk = keys::policy(&policy.name);
        let row = Update::builder()
            .table_name(&self.table)
            .key("pk", text(keys::POLICIES))
            .key("sk", text(&sk))
            .update_expression(
                "SET #policy = :policy, version = :version, pointers = :pointers, since = if_not_exists(since, :at), \
                 updated = :at",
            )
            // An older reading never overwrites a newer one.
            .condition_expression("attribute_not_exists(version) OR version <= :version")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_values(":policy", text(&item::to_json(policy)))
            .expression_attribute_values(":version", number(version))
            .expression_attribute_values(":pointers", list(pointers))
            .expression_attribute_values(":at", text(&item::to_text(at)));
        let mut items = vec![write(row)?];
        for pk in pointers {
            items.push(put(self.put(pk, &sk))?);
        }
        for pk in before.iter().flat_map(|known| known.pointers.difference(pointers)) {
            items.push(self.without(pk, &sk)?);
        }
        self.transact(items, &policy.name).await?;
        Ok(())
    }

    /// Forgets a policy whose parameter is gone, and its pointers. An open release keeps its own.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn forget(&self, known: &Known) -> Result<(), LedgerError> {
        let sk = keys::policy(&known.policy.name);
        let mut items = vec![self.without(keys::POLICIES, &sk)?];
        for pk in &known.pointers {
            items.push(self.without(pk, &sk)?);
        }
        self.transact(items, &known.policy.name).await?;
        Ok(())
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

fn list(pointers: &BTreeSet<String>) -> AttributeValue {
    AttributeValue::L(pointers.iter().map(|pk| text(pk)).collect())
}

fn known(row: &item::Item) -> Result<Known, LedgerError> {
    let place = item::row(row);
    let pointers = row.get("pointers").and_then(|list| list.as_l().ok());
    let texts = pointers.into_iter().flatten().filter_map(|pk| pk.as_s().ok());
    Ok(Known {
        policy: item::json(&place, "policy", row)?,
        version: item::parse(&place, "version", item::number(row, "version"))?,
        since: item::json_text(&place, "since", row)?,
        pointers: texts.cloned().collect(),
    })
}
