//! What was done and what was waited for, beside the decisions themselves.

use super::{Held, Ledger, LedgerError, commit, item, keys, number, text};
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use decide::{At, Decision};
use std::hash::{DefaultHasher, Hash, Hasher};

impl Ledger {
    /// Notes a look that changed nothing, or what became of a decision's acts.
    ///
    /// Identical waits update one row; each round of acts has its own. `share` is what the canary was seen to have of the
    /// work, in thousandths; another share is another wait. Where the release was closed meanwhile, its acts are still told,
    /// and nothing is put on the list of open releases.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn note(
        &self,
        held: &Held,
        decision: &Decision,
        did: &[String],
        share: Option<u32>,
        at: At,
    ) -> Result<(), LedgerError> {
        let kind = if did.is_empty() {
            format!("wait#{:016x}", hash((&decision.because, share)))
        } else {
            // Several may act in one millisecond, and each says something else.
            format!("did#{}#{:016x}", item::to_text(at), hash(did))
        };
        let sk = format!("{}#{kind}", keys::entry(held.generation));
        let pk = keys::journal(&held.release.id);
        let seen = share.map_or("", |_| ", share_permille = :share");
        let mut entry = Update::builder()
            .table_name(&self.table)
            .key("pk", text(&pk))
            .key("sk", text(&sk))
            .update_expression(format!(
                "SET phase = :phase, because = :because, did = :did, #at = if_not_exists(#at, :at), #last = :at, \
                 times = if_not_exists(times, :none) + :one{seen}"
            ))
            .expression_attribute_names("#at", "at")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":phase", text(held.release.phase.name()))
            .expression_attribute_values(":because", text(&decision.because))
            .expression_attribute_values(":did", AttributeValue::L(did.iter().map(|line| text(line)).collect()))
            .expression_attribute_values(":at", text(&item::to_text(at)))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":one", number(1));
        if let Some(share) = share {
            entry = entry.expression_attribute_values(":share", number(share));
        }
        let entry = commit::write(entry)?;
        let looked = self
            .looked(held, decision, at)
            // A late note must neither bring back a line that is gone nor take its successor's.
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(release_id) OR release_id = :id)");
        let items = vec![entry.clone(), commit::write(looked)?];
        if !self.transact(items, &held.policy.name).await? && !did.is_empty() {
            // Whoever wrote at the same moment says when to look again, but not what was done here.
            self.transact(vec![entry], &held.policy.name).await?;
        }
        Ok(())
    }
}

/// Tells texts apart; the same in every process of one build.
fn hash(text: impl Hash) -> u64 {
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    hash.finish()
}
