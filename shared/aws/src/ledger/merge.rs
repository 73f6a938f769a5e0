//! Facts are merged: one call that bumps the generation and returns the whole document.

use super::{Held, Ledger, LedgerError, item, keys, number, text};
use crate::refused::Refused;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use decide::{At, Fact};
use std::time::Duration;

/// Times a merge is tried while a transaction holds the row.
const ATTEMPTS_MAX: u32 = 5;

/// Facts of alarms in one release. An item holds 400 KB, and an alarm that flaps for a night brings hundreds: from
/// there on each new one goes into the place of an old one.
const FLAPS_MAX: usize = 150;

/// Facts of all kinds in one release: what is no alarm's always finds room, and there is little of it.
const FACTS_MAX: usize = 200;

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
        self.bring(policy, None, fact, by, at).await
    }

    /// The same of a fact that is only this release's: where another one is open by now, it is nothing to that.
    ///
    /// # Errors
    /// As [`Ledger::merge`].
    pub async fn learn(
        &self,
        policy: &str,
        release: &str,
        fact: &Fact,
        by: &str,
        at: At,
    ) -> Result<Merge, LedgerError> {
        self.bring(policy, Some(release), fact, by, at).await
    }

    async fn bring(
        &self,
        policy: &str,
        release: Option<&str>,
        fact: &Fact,
        by: &str,
        at: At,
    ) -> Result<Merge, LedgerError> {
        let put = Put {
            policy,
            release,
            fact,
            key: fact.key(),
            by,
            at,
        };
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS_MAX {
            match self.try_merge(&put).await {
                Err(LedgerError::Contended { .. }) => self.pause(pause).await,
                other => return other,
            }
            pause *= 2;
        }
        self.try_merge(&put).await
    }

    async fn try_merge(&self, put: &Put<'_>) -> Result<Merge, LedgerError> {
        let Put { policy, fact, by, .. } = *put;
        let found = match self.put_fact(put, None).await? {
            Ok(merge) => return Ok(merge),
            Err(found) => found,
        };
        let Some(held) = item::held(&found)? else {
            return Ok(Merge::NothingOpen(item::last(&found)));
        };
        if put.release.is_some_and(|release| release != held.release.id) {
            return Ok(Merge::NothingOpen(None));
        }
        if let Some(merged_by) = item::merged_by(&found, &put.key) {
            return Ok(if merged_by == by {
                Merge::New(Box::new(held))
            } else {
                Merge::Known(Box::new(held))
            });
        }
        let row = format!("{} / {}", keys::policy(policy), keys::RELEASE);
        let most = held.release.facts.len();
        let Some(old) = held.release.least_missed(fact) else {
            return Err(LedgerError::Full { row, most });
        };
        tracing::warn!(
            policy,
            came = put.key,
            went = old,
            "the oldest fact of an alarm goes for a new one"
        );
        match self.put_fact(put, Some(&old)).await? {
            Ok(merge) => Ok(merge),
            // Somebody wrote meanwhile; looked at anew.
            Err(_) => Err(LedgerError::Contended {
                row,
                times: ATTEMPTS_MAX,
            }),
        }
    }

    /// Puts a fact into the slot, where there is room or in the place of an old one. Where the slot is not as it has
    /// to be for that, answers with what is there, which is nothing where there never was anything.
    async fn put_fact(&self, put: &Put<'_>, old: Option<&str>) -> Result<Result<Merge, item::Item>, LedgerError> {
        let merged = item::Merged {
            by: put.by.to_owned(),
            at: put.at,
            fact: put.fact.clone(),
        };
        let pk = keys::policy(put.policy);
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(&pk))
            .key("sk", text(keys::RELEASE))
            .expression_attribute_names("#fact", &put.key)
            .expression_attribute_names("#document", "document")
            .expression_attribute_values(":fact", text(&item::to_json(&merged)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":at", text(&item::to_text(put.at)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (request, of) = match put.release {
            None => (request, ""),
            Some(release) => (
                request.expression_attribute_values(":release", text(release)),
                " AND release_id = :release",
            ),
        };
        let request = match old {
            None => request
                .update_expression(SET)
                .condition_expression(format!("{ABSENT}{of} AND size(facts) < :most"))
                .expression_attribute_values(":most", number(room(put.fact))),
            Some(old) => request
                .update_expression(format!("{SET} REMOVE facts.#old"))
                .condition_expression(format!("{ABSENT}{of} AND attribute_exists(facts.#old)"))
                .expression_attribute_names("#old", old),
        };
        let error = match request.send().await {
            Ok(reply) => {
                let held = reply.attributes.as_ref().map_or(Ok(None), item::held)?;
                return Ok(Ok(
                    held.map_or(Merge::NothingOpen(None), |held| Merge::New(Box::new(held)))
                ));
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Err(failed.item().cloned().unwrap_or_default()))
            }
            Some(UpdateItemError::TransactionConflictException(_)) => Err(LedgerError::Contended {
                row: format!("{pk} / {}", keys::RELEASE),
                times: ATTEMPTS_MAX,
            }),
            _ => {
                let refused = Refused::from_sdk("UpdateItem", self.place(&pk), &error);
                if refused.is("ValidationException") {
                    // DynamoDB neither counts nor merges in a damaged row, and does not say which; reading it does.
                    self.read(put.policy).await?;
                }
                Err(refused.into())
            }
        }
    }
}

const SET: &str = "SET facts.#fact = :fact, generation = generation + :one, updated = :at";

const ABSENT: &str = "attribute_exists(#document) AND attribute_not_exists(facts.#fact)";

/// A fact that somebody brings.
struct Put<'a> {
    policy: &'a str,
    /// The one release whose it is, if it is nothing to any other.
    release: Option<&'a str>,
    fact: &'a Fact,
    key: String,
    by: &'a str,
    at: At,
}

fn room(fact: &Fact) -> usize {
    if fact.may_flood() { FLAPS_MAX } else { FACTS_MAX }
}
