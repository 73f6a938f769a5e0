//! What people ordered: facts of the release they name, a word on the policy's freeze, and a record of each that is
//! never written again, whether it was accepted or refused.

use super::commit::{put, write};
use super::{Commit, Held, Ledger, LedgerError, item, keys, number, text};
use crate::event::OrderEvent;
use crate::refused::Refused;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use decide::{At, Fact, Freeze, Ordered};

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Whether it was accepted.
    pub accepted: bool,
    /// What it led to, or why it was refused.
    pub because: String,
    /// When.
    pub at: At,
}

impl Ledger {
    /// What became of an order that was given before under this id, if it was.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the row is damaged.
    pub async fn recorded(&self, policy: &str, id: &str) -> Result<Option<Recorded>, LedgerError> {
        let reply = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&keys::policy(policy)))
            .key("sk", text(&keys::order(id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("GetItem", &self.table, &error))?;
        let Some(row) = &reply.item else { return Ok(None) };
        let words = |name: &str| row.get(name).and_then(|value| value.as_s().ok()).cloned();
        Ok(Some(Recorded {
            accepted: words("answer").as_deref() == Some(ACCEPTED),
            because: words("because").unwrap_or_default(),
            at: item::json_text(&item::row(row), "at", row)?,
        }))
    }

    /// Makes an order a fact of the release that it was judged for, as that was then. Nothing is written where somebody
    /// has written to it since: then it is judged anew.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn accept(
        &self,
        held: &Held,
        event: &OrderEvent,
        ordered: &Ordered,
        by: &str,
    ) -> Result<Commit, LedgerError> {
        let fact = Fact::Order(ordered.clone());
        let (key, at, policy) = (fact.key(), ordered.at, &held.policy.name);
        let merged = item::Merged {
            by: by.to_owned(),
            at,
            fact: fact.clone(),
        };
        let slot = self
            .slot_of(policy, &held.release.id, held.generation, at)
            .update_expression("SET facts.#fact = :fact, generation = :next, updated = :at")
            .expression_attribute_names("#fact", &key)
            .expression_attribute_values(":fact", text(&item::to_json(&merged)));
        let record = self.record(event, ACCEPTED, &ordered.to_string(), at);
        let mut written = held.clone();
        written.generation += 1;
        written.updated = at;
        written.release.facts.insert(key, fact);
        Ok(match self.transact(vec![write(slot)?, put(record)?], policy).await? {
            true => Commit::Written(Box::new(written)),
            false => Commit::Lost,
        })
    }

    /// Notes a refused order. Whether it was noted; not, where one of this id was before.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn refuse(&self, event: &OrderEvent, because: &str, at: At) -> Result<bool, LedgerError> {
        let record = put(self.record(event, REFUSED, because, at))?;
        self.transact(vec![record], &event.policy).await
    }

    /// Writes down what holds for a policy's freeze from now on, over the generation that was read; whatever is being
    /// decided loses to it. Not, where somebody wrote first.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn freeze(
        &self,
        event: &OrderEvent,
        freeze: Option<&Freeze>,
        generation: u64,
        because: &str,
        at: At,
    ) -> Result<bool, LedgerError> {
        // When the release was written last says who is rolling it back; that stays as it is.
        let slot = self
            .slot_update(&event.policy)
            .condition_expression("attribute_not_exists(generation) OR generation = :before")
            .expression_attribute_names("#freeze", "freeze")
            .expression_attribute_values(":before", number(generation))
            .expression_attribute_values(":next", number(generation + 1));
        let slot = match freeze {
            Some(freeze) => slot
                .update_expression("SET generation = :next, #freeze = :freeze")
                .expression_attribute_values(":freeze", text(&item::to_json(freeze))),
            None => slot.update_expression("SET generation = :next REMOVE #freeze"),
        };
        let record = self.record(event, ACCEPTED, because, at);
        self.transact(vec![write(slot)?, put(record)?], &event.policy).await
    }

    fn record(&self, event: &OrderEvent, answer: &str, because: &str, at: At) -> PutBuilder {
        let record = self
            .put(&keys::policy(&event.policy), &keys::order(&event.id))
            .item("kind", text(event.kind.name()))
            .item("by", text(&event.by))
            .item("why", text(&event.why))
            .item("at", text(&item::to_text(at)))
            .item("answer", text(answer))
            .item("because", text(because))
            .condition_expression("attribute_not_exists(pk)");
        let record = match &event.release {
            Some(release) => record.item("release_id", text(release)),
            None => record,
        };
        match event.until {
            Some(until) => record.item("until", text(&item::to_text(until))),
            None => record,
        }
    }
}

const ACCEPTED: &str = "accepted";
const REFUSED: &str = "refused";
