//! Decisions are committed: one transaction, over the generation the decision was taken on.

use super::{Held, Ledger, LedgerError, item, keys, number, text};
use crate::refused::{Refused, Why};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{CancellationReason, Delete, Put, TransactWriteItem, Update};
use decide::{At, Decision, Outcome, Phase, Policy, Release, SCHEMA};

/// DynamoDB's words go into logs that people read, so they are bounded.
const REASON_CHARS_MAX: usize = 300;

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is written down; the release as it is now.
    Written(Box<Held>),
    /// Somebody wrote first: read and decide again.
    Lost,
}

impl Ledger {
    /// Writes a decision down, with its entry in the journal.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn commit(&self, held: &Held, decision: &Decision, at: At) -> Result<Commit, LedgerError> {
        let generation = held.generation + 1;
        let next = &decision.next;
        let entry = self.entry(next, generation, &decision.because, at)?;
        let mut items = match &next.phase {
            Phase::Closed { outcome } => self.closing(held, next, outcome, at)?,
            _ => vec![write(
                self.slot(&held.policy.name, &held.release.id, held.generation, at)
                    .update_expression("SET #document = :document, phase = :phase, generation = :next, updated = :at")
                    .expression_attribute_names("#document", "document")
                    .expression_attribute_values(":document", text(&item::to_json(next)))
                    .expression_attribute_values(":phase", text(next.phase.name())),
            )?],
        };
        items.push(entry);
        let written = Held {
            policy: held.policy.clone(),
            release: next.clone(),
            generation,
            updated: at,
        };
        Ok(if self.transact(items, &held.policy.name).await? {
            Commit::Written(Box::new(written))
        } else {
            Commit::Lost
        })
    }

    /// Puts a release into its policy's empty slot, with the pointers that lead to it.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn open(&self, policy: &Policy, release: &Release, because: &str, at: At) -> Result<Commit, LedgerError> {
        let pk = keys::policy(&policy.name);
        let before = self.generation(&policy.name).await?;
        let generation = before + 1;
        let slot = self
            .slot_update(&policy.name)
            .condition_expression(
                "attribute_not_exists(#document) AND (attribute_not_exists(generation) OR generation = :before)",
            )
            .update_expression(
                "SET #schema = :schema, #document = :document, #policy = :policy, phase = :phase, \
                 release_id = :id, facts = :none, generation = :next, updated = :at",
            )
            .expression_attribute_names("#document", "document")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_values(":before", number(before))
            .expression_attribute_values(":next", number(generation))
            .expression_attribute_values(":schema", number(SCHEMA))
            .expression_attribute_values(":document", text(&item::to_json(release)))
            .expression_attribute_values(":policy", text(&item::to_json(policy)))
            .expression_attribute_values(":phase", text(release.phase.name()))
            .expression_attribute_values(":id", text(&release.id))
            .expression_attribute_values(":none", aws_sdk_dynamodb::types::AttributeValue::M(Default::default()))
            .expression_attribute_values(":at", text(&item::to_text(at)));
        let mut items = vec![write(slot)?, self.pointer(keys::OPEN, &pk)?];
        for alarm in policy.alarms() {
            items.push(self.pointer(&keys::alarm(&release.alarm_arn(alarm)), &pk)?);
        }
        items.push(self.entry(release, generation, because, at)?);
        let written = Held {
            policy: policy.clone(),
            release: release.clone(),
            generation,
            updated: at,
        };
        Ok(if self.transact(items, &policy.name).await? {
            Commit::Written(Box::new(written))
        } else {
            Commit::Lost
        })
    }

    /// Empties the slot; the generation stays, so that late writers still lose.
    fn closing(
        &self,
        held: &Held,
        next: &Release,
        outcome: &Outcome,
        at: At,
    ) -> Result<Vec<TransactWriteItem>, LedgerError> {
        let pk = keys::policy(&held.policy.name);
        let last = format!("{} {} at {at}", next.id, outcome.name());
        let slot = self
            .slot(&held.policy.name, &held.release.id, held.generation, at)
            .update_expression(
                "SET generation = :next, updated = :at, phase = :empty, facts = :none, #last = :last REMOVE #document, #policy, release_id",
            )
            .expression_attribute_names("#document", "document")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":empty", text("empty"))
            .expression_attribute_values(":none", aws_sdk_dynamodb::types::AttributeValue::M(Default::default()))
            .expression_attribute_values(":last", text(&last));
        let facts = serde_json::to_string(&next.facts).unwrap_or_default();
        let past = self
            .put(&pk, &keys::past(next.opened, &next.id))
            .item("schema", number(SCHEMA))
            .item("document", text(&item::to_json(next)))
            .item("policy", text(&item::to_json(&held.policy)))
            .item("facts", text(&facts))
            .item("outcome", text(outcome.name()))
            .item("closed", text(&item::to_text(at)));
        let open = Delete::builder()
            .table_name(&self.table)
            .key("pk", text(keys::OPEN))
            .key("sk", text(&pk));
        let open = open.build().map_err(|error| malformed(&self.table, &error))?;
        Ok(vec![
            write(slot)?,
            put(past)?,
            TransactWriteItem::builder().delete(open).build(),
        ])
    }

    fn slot_update(&self, policy: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(keys::RELEASE))
    }

    fn slot(&self, policy: &str, release: &str, generation: u64, at: At) -> UpdateBuilder {
        self.slot_update(policy)
            .condition_expression("release_id = :id AND generation = :before")
            .expression_attribute_values(":id", text(release))
            .expression_attribute_values(":before", number(generation))
            .expression_attribute_values(":next", number(generation + 1))
            .expression_attribute_values(":at", text(&item::to_text(at)))
    }

    fn pointer(&self, pk: &str, sk: &str) -> Result<TransactWriteItem, LedgerError> {
        put(self.put(pk, sk))
    }

    fn entry(
        &self,
        release: &Release,
        generation: u64,
        because: &str,
        at: At,
    ) -> Result<TransactWriteItem, LedgerError> {
        let entry = self
            .put(&keys::journal(&release.id), &keys::entry(generation))
            .item("at", text(&item::to_text(at)))
            .item("phase", text(release.phase.name()))
            .item("because", text(because));
        put(entry)
    }

    pub(super) fn put(&self, pk: &str, sk: &str) -> PutBuilder {
        Put::builder()
            .table_name(&self.table)
            .item("pk", text(pk))
            .item("sk", text(sk))
    }

    /// The generation of a slot, which outlives its releases; 0 where there was none.
    async fn generation(&self, policy: &str) -> Result<u64, LedgerError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(keys::RELEASE))
            .projection_expression("generation")
            .consistent_read(true);
        let reply = request
            .send()
            .await
            .map_err(|error| Refused::from_sdk("GetItem", &self.table, &error))?;
        let found = reply
            .item
            .as_ref()
            .and_then(|item| item.get("generation")?.as_n().ok()?.parse().ok());
        Ok(found.unwrap_or(0))
    }

    /// Whether the transaction went through; not, where somebody wrote first.
    async fn transact(&self, items: Vec<TransactWriteItem>, policy: &str) -> Result<bool, LedgerError> {
        let Err(error) = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await
        else {
            return Ok(true);
        };
        let refused = Refused::from_sdk("TransactWriteItems", self.place(&keys::policy(policy)), &error);
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                if reasons.iter().any(is_lost_race) {
                    return Ok(false);
                }
                Err(told(refused, reasons).into())
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(false),
            _ => Err(refused.into()),
        }
    }
}

fn is_lost_race(reason: &CancellationReason) -> bool {
    matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))
}

/// The refusal in the words of the first write that was refused: those of the whole only list codes.
///
/// # Source
/// `TransactionCanceledException` in the Amazon DynamoDB API reference.
fn told(refused: Refused, reasons: &[CancellationReason]) -> Refused {
    let first = reasons
        .iter()
        .find_map(|reason| Some((reason.code().filter(|code| *code != "None")?, reason.message())));
    let Some((code, message)) = first else {
        return refused;
    };
    let why = match code {
        "ThrottlingError" | "ProvisionedThroughputExceeded" => Why::Throttled,
        _ => Why::Refused,
    };
    let message = message.unwrap_or_default().chars().filter(|c| !c.is_control());
    Refused {
        why,
        code: Some(code.to_owned()),
        message: message.take(REASON_CHARS_MAX).collect(),
        ..refused
    }
}

fn write(update: UpdateBuilder) -> Result<TransactWriteItem, LedgerError> {
    let update = update.build().map_err(|error| malformed("an update", &error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn put(put: PutBuilder) -> Result<TransactWriteItem, LedgerError> {
    let put = put.build().map_err(|error| malformed("a put", &error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn malformed(what: &str, error: &aws_sdk_dynamodb::error::BuildError) -> LedgerError {
    let message = error.to_string();
    LedgerError::Refused(Refused {
        operation: "TransactWriteItems",
        on: what.to_owned(),
        why: Why::Refused,
        code: None,
        message,
    })
}
