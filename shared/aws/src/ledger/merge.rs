//! Facts are merged: one call that bumps the generation and returns the whole document.

use super::{Held, Ledger, LedgerError, item, keys, number, text};
use crate::refused::Refused;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use decide::{At, Fact};
use std::time::Duration;

/// Times a merge is tried while a transaction holds the row.
const ATTEMPTS_MAX: u32 = 5;

/// Facts of one release. An item holds 400 KB, and an alarm that flaps for a night brings hundreds: what there
/// are already is enough to decide on.
const FACTS_MAX: usize = 150;

/// Before the second attempt, doubled before each further one: a transaction takes tens of milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// What became of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// It is in the release now.
    New(Box<Held>),
    /// It was there already.
    Known(Box<Held>),
    /// No release is open; what closed last, if anything did.
    NothingOpen(Option<String>),
}

impl Ledger {
    /// Merges a fact into a policy's open release.
    ///
    /// `by` names the invocation: a call that is repeated because its reply was lost fails on its own
    /// work, and must recognise it.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the row is not one this build can act on.
    pub async fn merge(&self, policy: &str, fact: &Fact, by: &str, at: At) -> Result<Merge, LedgerError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS_MAX {
            match self.try_merge(policy, fact, by, at).await {
                Err(LedgerError::Contended { .. }) => self.pause(pause).await,
                other => return other,
            }
            pause *= 2;
        }
        self.try_merge(policy, fact, by, at).await
    }

    async fn try_merge(&self, policy: &str, fact: &Fact, by: &str, at: At) -> Result<Merge, LedgerError> {
        let key = fact.key();
        let merged = item::Merged {
            by: by.to_owned(),
            at,
            fact: fact.clone(),
        };
        let pk = keys::policy(policy);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(&pk))
            .key("sk", text(keys::RELEASE))
            .update_expression("SET facts.#fact = :fact, generation = generation + :one, updated = :at")
            .condition_expression(
                "attribute_exists(#document) AND attribute_not_exists(facts.#fact) AND size(facts) < :most",
            )
            .expression_attribute_values(":most", number(FACTS_MAX))
            .expression_attribute_names("#fact", &key)
            .expression_attribute_names("#document", "document")
            .expression_attribute_values(":fact", text(&item::to_json(&merged)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":at", text(&item::to_text(at)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match request.send().await {
            Ok(reply) => {
                let held = reply.attributes.as_ref().map_or(Ok(None), item::held)?;
                return Ok(held.map_or(Merge::NothingOpen(None), |held| Merge::New(Box::new(held))));
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                let Some(found) = failed.item() else {
                    return Ok(Merge::NothingOpen(None));
                };
                let Some(held) = item::held(found)? else {
                    return Ok(Merge::NothingOpen(item::last(found)));
                };
                let ours = item::merged_by(found, &key).as_deref() == Some(by);
                Ok(if ours {
                    Merge::New(Box::new(held))
                } else {
                    Merge::Known(Box::new(held))
                })
            }
            Some(UpdateItemError::TransactionConflictException(_)) => Err(LedgerError::Contended {
                row: format!("{pk} / {}", keys::RELEASE),
                times: ATTEMPTS_MAX,
            }),
            _ => {
                let refused = Refused::from_sdk("UpdateItem", self.place(&pk), &error);
                if refused.is("ValidationException") {
                    // DynamoDB neither counts nor merges in a damaged row, and does not say which; reading it does.
                    self.read(policy).await?;
                }
                Err(refused.into())
            }
        }
    }
}
