//! Takes what people order: judged, written down, and acted upon at once.

use crate::Serin;
use crate::event::{OrderEvent, OrderKind};
use crate::ledger::{Commit, Held, LedgerError, Slot, keys};
use crate::metrics::Unit;
use crate::step::{LOST_PAUSE, Stepped};
use decide::freeze::{self, Word};
use decide::{Freeze, Ordered, Policy, order};
use serde::Serialize;

/// Times an order may lose to others.
const LOST_MAX: u32 = 8;

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Taken {
    /// Id of the order.
    pub order: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// What was accepted, or why it was refused.
    pub answer: String,
    /// Where the open release stands after the step that was taken, where one is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stepped: Option<Stepped>,
}

impl Serin {
    /// Takes an order. `by` names the invocation. The same order again is answered as it was.
    ///
    /// # Errors
    /// Where the ledger cannot be read or written. The order may have been accepted all the same; asked again under its
    /// id, it says so.
    pub async fn take(&self, event: &OrderEvent, by: &str) -> Result<Taken, LedgerError> {
        let mut meant = None;
        for lost in 1..=LOST_MAX {
            if let Some(before) = self.ledger.recorded(&event.policy, &event.id).await? {
                let stepped = if before.accepted {
                    self.tick(&event.policy, by).await?
                } else {
                    None
                };
                return Ok(taken(event, before.accepted, before.because, stepped));
            }
            let slot = self.ledger.slot(&event.policy).await?;
            let answered = match event.kind {
                OrderKind::Of(order) => {
                    let found = slot.held.as_ref().map(|held| &held.release);
                    // What is looked at first is what was meant, whatever others write meanwhile.
                    let meant = meant.get_or_insert_with(|| {
                        let deployment = found.and_then(order::deployment);
                        (deployment, found.and_then(order::step))
                    });
                    self.of_release(event, order, meant.clone(), slot, by).await?
                }
                OrderKind::Freeze | OrderKind::Thaw => self.of_policy(event, slot, by).await?,
            };
            if let Some(taken) = answered {
                let measure = if taken.accepted { "Orders" } else { "OrdersRefused" };
                self.metrics
                    .put(&event.policy, self.now(), &[(measure, Unit::Count, 1)]);
                tracing::info!(
                    policy = event.policy,
                    order = event.kind.name(),
                    by = event.by,
                    accepted = taken.accepted,
                    because = taken.answer,
                    "ordered"
                );
                return Ok(taken);
            }
            self.pause(LOST_PAUSE * lost).await;
        }
        Err(LedgerError::Contended {
            row: keys::policy(&event.policy),
            times: LOST_MAX,
        })
    }

    /// Nothing, where somebody else wrote first.
    async fn of_release(
        &self,
        event: &OrderEvent,
        order: decide::Order,
        (deployment, step): (Option<String>, Option<u32>),
        slot: Slot,
        by: &str,
    ) -> Result<Option<Taken>, LedgerError> {
        let Some(held) = slot.held else {
            let last = slot
                .last
                .map(|last| format!("; {} was {} at {}", last.id, last.phase.name(), last.phase_since));
            let why = format!(
                "no release of policy {} is open{}",
                event.policy,
                last.unwrap_or_default()
            );
            return self.refused(event, why).await;
        };
        let ordered = Ordered {
            id: event.id.clone(),
            order,
            release: event.release.clone().unwrap_or_default(),
            by: event.by.clone(),
            why: event.why.clone(),
            at: self.now(),
            deployment,
            step,
        };
        // Asked only where it matters: an approval that would be answered.
        let shared_with = match (&held.release.pipeline, order::answers(&held.release, &ordered)) {
            (Some(run), Some(_)) => self.shared_with(&held.policy, &held.release, run).await?,
            _ => None,
        };
        let judged = order::judge(
            &held.policy,
            &held.release,
            &ordered,
            shared_with.as_deref(),
            ordered.at,
        );
        if let Err(why) = judged {
            return self.refused(event, why).await;
        }
        match self.ledger.accept(&held, event, &ordered, by).await? {
            Commit::Lost => Ok(None),
            Commit::Written(held) => {
                let stepped = self.step(*held, by).await?;
                Ok(Some(taken(event, true, ordered.to_string(), Some(stepped))))
            }
        }
    }

    /// The same for what is ordered of a policy, whether a release of it is open or not.
    async fn of_policy(&self, event: &OrderEvent, slot: Slot, by: &str) -> Result<Option<Taken>, LedgerError> {
        let Some(policy) = self.policy_of(event, slot.held.as_ref()).await? else {
            let answer = format!("no policy {} is known", event.policy);
            return Ok(Some(taken(event, false, answer, None)));
        };
        let said = Freeze {
            id: event.id.clone(),
            word: Word::Frozen,
            by: event.by.clone(),
            why: event.why.clone(),
            at: self.now(),
            until: event.until,
        };
        let at = said.at;
        let judged = match event.kind {
            OrderKind::Thaw => {
                let thaw = Freeze {
                    word: Word::Thawed,
                    ..said
                };
                freeze::thawed(&policy.name, &policy.freeze, slot.freeze.as_ref(), thaw)
            }
            _ => freeze::frozen(&policy.name, slot.freeze.as_ref(), &said).map(|()| Some(said)),
        };
        let next = match judged {
            Ok(next) => next,
            Err(why) => return self.refused(event, why).await,
        };
        let because = match freeze::in_force(&policy.freeze, next.as_ref(), at) {
            Some(hold) => {
                let ends = freeze::ends_a_thaw(&policy.freeze, slot.freeze.as_ref(), next.as_ref(), at);
                format!("policy {} is {hold}{}", policy.name, ends.unwrap_or_default())
            }
            None => format!("policy {} is thawed by {}: {}", policy.name, event.by, event.why),
        };
        if !self
            .ledger
            .freeze(event, next.as_ref(), slot.generation, &because, at)
            .await?
        {
            return Ok(None);
        }
        let stepped = self.tick(&event.policy, by).await?;
        Ok(Some(taken(event, true, because, stepped)))
    }

    /// A release goes on under the policy it was opened under.
    async fn policy_of(&self, event: &OrderEvent, held: Option<&Held>) -> Result<Option<Policy>, LedgerError> {
        match held {
            Some(held) => Ok(Some(held.policy.clone())),
            None => Ok(self.ledger.known(&event.policy).await?.map(|known| known.policy)),
        }
    }

    async fn refused(&self, event: &OrderEvent, why: String) -> Result<Option<Taken>, LedgerError> {
        let noted = self.ledger.refuse(event, &why, self.now()).await?;
        Ok(noted.then(|| taken(event, false, why, None)))
    }
}

fn taken(event: &OrderEvent, accepted: bool, answer: String, stepped: Option<Stepped>) -> Taken {
    Taken {
        order: event.id.clone(),
        accepted,
        answer,
        stepped,
    }
}
