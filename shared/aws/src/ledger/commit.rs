//! Decisions are committed: one transaction, over the generation the decision was taken on.

use super::later::{Later, Unknown};
use super::{Held, Ledger, LedgerError, item, keys, number, text};
use crate::notice;
use crate::refused::{Refused, Why};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Delete, Put, TransactWriteItem, Update};
use decide::{At, Decision, Images, Outcome, Phase, Policy, Release, SCHEMA, Service, Watched, bounded};

/// DynamoDB's words go into logs that people read, so they are bounded.
const REASON_CHARS_MAX: usize = 300;

/// Until a release that was just opened is looked at, where its clock does not.
const FIRST_LOOK_SECONDS: u32 = 60;

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is written down; the release as it is now.
    Written(Box<Held>),
    /// Somebody wrote first: read and decide again.
    Lost,
}

impl Ledger {
    /// Writes a decision down, with its entry in the journal; and with it the release that takes the place
    /// of this one, if one does. A successor is opened under `policy`.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn commit(
        &self,
        held: &Held,
        decision: &Decision,
        policy: &Policy,
        at: At,
    ) -> Result<Commit, LedgerError> {
        let generation = held.generation + 1;
        let next = &decision.next;
        let mut written = Held {
            policy: held.policy.clone(),
            release: next.clone(),
            generation,
            updated: at,
            later: Later {
                document: held.later.document.kept_in(next),
                ..held.later.clone()
            },
        };
        let mut items = vec![self.entry(next, generation, &decision.because, at)?];
        match (&next.phase, &decision.successor) {
            (Phase::Closed { outcome }, Some(successor)) => {
                items.push(self.replaced(held, next, successor, policy, at)?);
                items.push(self.past(held, next, outcome, at)?);
                items.push(self.opened(policy, successor, at)?);
                items.push(self.entry(successor, generation, &decision.because, at)?);
                items.extend(self.pointers(policy, successor)?);
                written.policy = policy.clone();
                written.release = (**successor).clone();
                written.later = handed_on(held, policy, successor);
            }
            (Phase::Closed { outcome }, None) => {
                items.push(self.emptied(held, next, at)?);
                items.push(self.past(held, next, outcome, at)?);
                items.push(self.delete(keys::OPEN, &keys::policy(&held.policy.name))?);
                if *outcome == Outcome::Promoted {
                    items.push(self.good(&held.policy.name, next, at)?);
                }
            }
            _ => {
                items.push(write(
                    self.slot_of(&held.policy.name, &held.release.id, held.generation, at)
                        .update_expression(
                            "SET #document = :document, phase = :phase, generation = :next, updated = :at",
                        )
                        .expression_attribute_names("#document", "document")
                        .expression_attribute_values(":document", text(&held.later.document.over(next)))
                        .expression_attribute_values(":phase", text(next.phase.name())),
                )?);
                items.push(write(self.looked(held, decision, at))?);
            }
        }
        for untold in notice::untold(&held.policy.name, decision, generation, at) {
            items.push(self.to_tell(&untold)?);
        }
        if let Some(watched) = outlived(held, next) {
            items.push(self.good_watched(&held.policy.name, watched, at)?);
        }
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
    pub async fn open(
        &self,
        policy: &Policy,
        release: &Release,
        before: u64,
        because: &str,
        at: At,
    ) -> Result<Commit, LedgerError> {
        let generation = before + 1;
        let slot = self
            .slot_update(&policy.name)
            .condition_expression(
                "attribute_not_exists(#document) AND (attribute_not_exists(generation) OR generation = :before)",
            )
            .update_expression(
                "SET #schema = :schema, #document = :document, #policy = :policy, phase = :phase, \
                 release_id = :id, facts = :facts, generation = :next, updated = :at",
            );
        let slot = self
            .filled(slot, policy, release, &Later::default())
            .expression_attribute_values(":before", number(before))
            .expression_attribute_values(":next", number(generation))
            .expression_attribute_values(":at", text(&item::to_text(at)));
        let mut items = vec![write(slot)?, self.opened(policy, release, at)?];
        items.extend(self.pointers(policy, release)?);
        items.push(self.entry(release, generation, because, at)?);
        let written = Held {
            policy: policy.clone(),
            release: release.clone(),
            generation,
            updated: at,
            later: Later::default(),
        };
        Ok(if self.transact(items, &policy.name).await? {
            Commit::Written(Box::new(written))
        } else {
            Commit::Lost
        })
    }

    /// Document and all that goes with it.
    fn filled(&self, slot: UpdateBuilder, policy: &Policy, release: &Release, later: &Later) -> UpdateBuilder {
        slot.expression_attribute_names("#document", "document")
            .expression_attribute_names("#schema", "schema")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_values(":schema", number(SCHEMA))
            .expression_attribute_values(":document", text(&later.document.over(release)))
            .expression_attribute_values(":policy", text(&later.policy.over(policy)))
            .expression_attribute_values(":phase", text(release.phase.name()))
            .expression_attribute_values(":id", text(&release.id))
            .expression_attribute_values(":facts", item::carried(release, later))
    }

    /// One release in the place of another, in the same slot.
    fn replaced(
        &self,
        held: &Held,
        closed: &Release,
        successor: &Release,
        policy: &Policy,
        at: At,
    ) -> Result<TransactWriteItem, LedgerError> {
        let slot = self
            .slot_update(&held.policy.name)
            .condition_expression("release_id = :before_id AND generation = :before")
            .update_expression(
                "SET #schema = :schema, #document = :document, #policy = :policy, phase = :phase, \
                 release_id = :id, facts = :facts, generation = :next, updated = :at, #last = :last",
            )
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":last", text(&held.later.document.over(closed)))
            .expression_attribute_values(":before_id", text(&held.release.id))
            .expression_attribute_values(":before", number(held.generation))
            .expression_attribute_values(":next", number(held.generation + 1))
            .expression_attribute_values(":at", text(&item::to_text(at)));
        write(self.filled(slot, policy, successor, &handed_on(held, policy, successor)))
    }

    /// Empties the slot; the generation stays, so that late writers still lose.
    fn emptied(&self, held: &Held, next: &Release, at: At) -> Result<TransactWriteItem, LedgerError> {
        let slot = self
            .slot_of(&held.policy.name, &held.release.id, held.generation, at)
            .update_expression(
                "SET generation = :next, updated = :at, phase = :empty, facts = :none, #last = :last \
                 REMOVE #document, #policy, release_id",
            )
            .expression_attribute_names("#document", "document")
            .expression_attribute_names("#policy", "policy")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":empty", text("empty"))
            .expression_attribute_values(":none", AttributeValue::M(Default::default()))
            .expression_attribute_values(":last", text(&held.later.document.over(next)));
        write(slot)
    }

    fn past(&self, held: &Held, next: &Release, outcome: &Outcome, at: At) -> Result<TransactWriteItem, LedgerError> {
        put(self
            .put(&keys::policy(&held.policy.name), &keys::past(next.opened, &next.id))
            .item("schema", number(SCHEMA.max(next.schema)))
            .item("document", text(&held.later.document.over(next)))
            .item("policy", text(&held.later.policy.over(&held.policy)))
            .item("facts", text(&item::learned(next, &held.later)))
            .item("outcome", text(outcome.name()))
            .item("closed", text(&item::to_text(at))))
    }

    fn good(&self, policy: &str, release: &Release, at: At) -> Result<TransactWriteItem, LedgerError> {
        self.good_row(
            policy,
            &release.id,
            &release.images,
            [&release.canary, &release.stable],
            at,
        )
    }

    fn good_watched(&self, policy: &str, watched: &Watched, at: At) -> Result<TransactWriteItem, LedgerError> {
        self.good_row(
            policy,
            &watched.release,
            &watched.images,
            [&watched.canary, &watched.stable],
            at,
        )
    }

    fn good_row(
        &self,
        policy: &str,
        release: &str,
        images: &Option<Images>,
        services: [&Service; 2],
        at: At,
    ) -> Result<TransactWriteItem, LedgerError> {
        put(self
            .put(&keys::policy(policy), &keys::good(at, release))
            .item("schema", number(SCHEMA))
            .item("release_id", text(release))
            .item("images", text(&item::to_json(images)))
            .item("canary", text(&item::to_json(&services[0].promoted())))
            .item("stable", text(&item::to_json(&services[1].promoted()))))
    }

    /// The row by which the sweep finds the release.
    fn opened(&self, policy: &Policy, release: &Release, at: At) -> Result<TransactWriteItem, LedgerError> {
        put(self
            .put(keys::OPEN, &keys::policy(&policy.name))
            .item("release_id", text(&release.id))
            .item("look_at", text(&item::to_text(at.plus_seconds(FIRST_LOOK_SECONDS))))
            .item("lap", number(1)))
    }

    /// When the release is to be looked at again.
    pub(super) fn looked(&self, held: &Held, decision: &Decision, at: At) -> UpdateBuilder {
        let seconds = decision.look_again_seconds.unwrap_or(FIRST_LOOK_SECONDS);
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(keys::OPEN))
            .key("sk", text(&keys::policy(&held.policy.name)))
            .update_expression("SET look_at = :look_at, release_id = :id, lap = if_not_exists(lap, :one)")
            .expression_attribute_values(":look_at", text(&item::to_text(at.plus_seconds(seconds))))
            .expression_attribute_values(":id", text(&held.release.id))
            .expression_attribute_values(":one", number(1))
    }

    fn pointers(&self, policy: &Policy, release: &Release) -> Result<Vec<TransactWriteItem>, LedgerError> {
        let sk = keys::policy(&policy.name);
        policy
            .alarms()
            .map(|alarm| put(self.put(&keys::alarm(&release.alarm_arn(alarm)), &sk)))
            .collect()
    }

    fn delete(&self, pk: &str, sk: &str) -> Result<TransactWriteItem, LedgerError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .build()
            .map_err(|error| malformed(&self.table, &error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    pub(super) fn slot_update(&self, policy: &str) -> UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(keys::RELEASE))
    }

    pub(super) fn slot_of(&self, policy: &str, release: &str, generation: u64, at: At) -> UpdateBuilder {
        self.slot_update(policy)
            .condition_expression("release_id = :id AND generation = :before")
            .expression_attribute_values(":id", text(release))
            .expression_attribute_values(":before", number(generation))
            .expression_attribute_values(":next", number(generation + 1))
            .expression_attribute_values(":at", text(&item::to_text(at)))
    }

    fn entry(
        &self,
        release: &Release,
        generation: u64,
        because: &str,
        at: At,
    ) -> Result<TransactWriteItem, LedgerError> {
        let mut entry = self
            .put(&keys::journal(&release.id), &keys::entry(generation))
            .item("at", text(&item::to_text(at)))
            .item("phase", text(release.phase.name()))
            .item("because", text(because));
        // Which share the canary was to have is told by its step alone.
        if let Phase::Baking { step } = release.phase {
            entry = entry.item("step", number(step));
        }
        put(entry)
    }

    pub(super) fn put(&self, pk: &str, sk: &str) -> PutBuilder {
        Put::builder()
            .table_name(&self.table)
            .item("pk", text(pk))
            .item("sk", text(sk))
    }

    /// Whether the transaction went through; not, where somebody wrote first.
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>, policy: &str) -> Result<bool, LedgerError> {
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

/// What a release that takes another's place keeps of what a later Serin wrote: what belongs to facts, and to the
/// policy if it is the same. Its own document is new.
fn handed_on(held: &Held, policy: &Policy, successor: &Release) -> Later {
    let mut facts = held.later.facts.clone();
    facts.retain(|key, _| successor.facts.contains_key(key));
    Later {
        document: Unknown::default(),
        policy: if *policy == held.policy {
            held.later.policy.clone()
        } else {
            Unknown::default()
        },
        facts,
    }
}

/// The release before it, where its watch ran on in this one and has ended well.
fn outlived<'a>(held: &'a Held, next: &Release) -> Option<&'a Watched> {
    let watched = held.release.watched.as_ref()?;
    (next.watched.is_none() && next.phase.rolling_back().is_none()).then_some(watched)
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
    Refused {
        why,
        code: Some(code.to_owned()),
        message: bounded(message.unwrap_or_default(), REASON_CHARS_MAX),
        ..refused
    }
}

pub(super) fn write(update: UpdateBuilder) -> Result<TransactWriteItem, LedgerError> {
    let update = update.build().map_err(|error| malformed("an update", &error))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

pub(super) fn put(put: PutBuilder) -> Result<TransactWriteItem, LedgerError> {
    let put = put.build().map_err(|error| malformed("a put", &error))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(super) fn malformed(what: &str, error: &aws_sdk_dynamodb::error::BuildError) -> LedgerError {
    let message = error.to_string();
    LedgerError::Refused(Refused {
        operation: "TransactWriteItems",
        on: what.to_owned(),
        why: Why::Refused,
        code: None,
        message,
    })
}
