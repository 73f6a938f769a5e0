//! What was to be said when releases ended: written down with the end, gone once it was said.

use super::{Ledger, LedgerError, commit, item, keys, number, text};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use decide::At;

/// A notice that was written down with the end of its release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Policy name.
    pub policy: String,
    /// Id of the closed release.
    pub release: String,
    /// Name of its outcome.
    pub phase: String,
    /// Generation of the decision that closed it.
    pub generation: u64,
    /// When that was.
    pub since: At,
    /// Name of the execution that sends it.
    pub name: String,
    /// What the journal says of it.
    pub line: String,
    /// Input of that execution.
    pub input: String,
}

impl Ledger {
    /// What nobody has said, of one policy or of all of them, the oldest first.
    ///
    /// # Errors
    /// Where DynamoDB refuses. A row that cannot be read is passed over, and stays.
    pub async fn untold(&self, policy: Option<&str>) -> Result<Vec<Untold>, LedgerError> {
        let begins = policy.map(keys::untold_of).unwrap_or_default();
        let rows = self.newest(keys::UNTOLD, &begins, |_| false).await?;
        let mut untold: Vec<Untold> = rows.iter().filter_map(untold).collect();
        untold.sort_by(|a, b| (a.since, &a.name).cmp(&(b.since, &b.name)));
        Ok(untold)
    }

    /// The row of one, for the transaction that closes its release.
    pub(super) fn to_tell(&self, untold: &Untold) -> Result<TransactWriteItem, LedgerError> {
        commit::put(
            self.put(keys::UNTOLD, &keys::untold(&untold.policy, &untold.name))
                .item("policy_name", text(&untold.policy))
                .item("release_id", text(&untold.release))
                .item("phase", text(&untold.phase))
                .item("generation", number(untold.generation))
                .item("since", text(&item::to_text(untold.since)))
                .item("execution", text(&untold.name))
                .item("line", text(&untold.line))
                .item("input", text(&untold.input)),
        )
    }

    /// It was said: the journal has it, and nobody says it again.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn told(&self, untold: &Untold, at: At) -> Result<(), LedgerError> {
        let sk = format!(
            "{}#did#{}#{}",
            keys::entry(untold.generation),
            item::to_text(at),
            untold.name
        );
        let entry = Update::builder()
            .table_name(&self.table)
            .key("pk", text(&keys::journal(&untold.release)))
            .key("sk", text(&sk))
            .update_expression(
                "SET phase = :phase, because = :because, did = :did, #at = :at, #last = :at, times = :one",
            )
            .expression_attribute_names("#at", "at")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":phase", text(&untold.phase))
            .expression_attribute_values(":because", text("what was to be said of its end was said"))
            .expression_attribute_values(":did", AttributeValue::L(vec![text(&untold.line)]))
            .expression_attribute_values(":at", text(&item::to_text(at)))
            .expression_attribute_values(":one", number(1));
        let gone = Delete::builder()
            .table_name(&self.table)
            .key("pk", text(keys::UNTOLD))
            .key("sk", text(&keys::untold(&untold.policy, &untold.name)))
            .build()
            .map_err(|error| commit::malformed(&self.table, &error))?;
        let gone = TransactWriteItem::builder().delete(gone).build();
        self.transact(vec![commit::write(entry)?, gone], &untold.policy).await?;
        Ok(())
    }
}

fn untold(row: &item::Item) -> Option<Untold> {
    let words = |name: &str| Some(row.get(name)?.as_s().ok()?.to_owned());
    Some(Untold {
        policy: words("policy_name")?,
        release: words("release_id")?,
        phase: words("phase")?,
        generation: row.get("generation")?.as_n().ok()?.parse().ok()?,
        since: item::json_text("untold", "since", row).ok()?,
        name: words("execution")?,
        line: words("line")?,
        input: words("input")?,
    })
}
