//! What a person asks of the ledger: the journal of a release, closed releases, names of policies. Reads only.

use super::{Ledger, LedgerError, item, keys, text};
use crate::refused::Refused;
use decide::{At, Phase, Policy, Release};

/// An entry of a release's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Generation of the decision that it is, or that it belongs to.
    pub generation: u64,
    /// What kind of entry it is.
    pub kind: Kind,
    /// When it was written, or for the first time.
    pub at: At,
    /// When it was counted last.
    pub last: At,
    /// How often it was counted.
    pub times: u32,
    /// Name of the release's phase.
    pub phase: String,
    /// Index into the policy's steps, of a decision in a bake; not where an earlier Serin wrote it.
    pub step: Option<u32>,
    /// What the canary was seen to have of the work in that look, in thousandths; not where nobody was served, the look did
    /// not tell, or an earlier Serin wrote it.
    pub share_permille: Option<u32>,
    /// The decision's own words.
    pub because: String,
    /// What became of the acts, a line each.
    pub did: Vec<String>,
}

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A decision that changed the release.
    Decided,
    /// A look that changed nothing; looks with the same words are counted in one entry.
    Waited,
    /// What became of acts.
    Did,
}

/// A closed release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// As it was when it closed; without its facts.
    pub release: Release,
    /// When it closed.
    pub closed: At,
}

/// A release with the policy under which it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// That policy.
    pub policy: Policy,
    /// The release, as it is or as it was when it closed.
    pub release: Release,
    /// When it closed, if it has.
    pub closed: Option<At>,
}

impl Ledger {
    /// Whether a release was opened under this id, however long ago: every opening begins a journal. What was read of its
    /// slot before this holds for whoever writes over that slot's generation.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn was_opened(&self, id: &str) -> Result<bool, LedgerError> {
        let reply = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(&keys::journal(id)))
            .limit(1)
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Refused::from_sdk("Query", &self.table, &error))?;
        Ok(reply.items.is_some_and(|rows| !rows.is_empty()))
    }

    /// One release of a policy by its id, open or closed; nothing where there is none. Of a closed one, without the
    /// facts.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or its row is not one that this build can read.
    pub async fn reviewed(&self, policy: &str, id: &str) -> Result<Option<Reviewed>, LedgerError> {
        if let Some(held) = self.slot(policy).await?.held.filter(|held| held.release.id == id) {
            return Ok(Some(Reviewed {
                policy: held.policy,
                release: held.release,
                closed: None,
            }));
        }
        // Its key begins with when it was opened, which its id does not tell.
        let own = format!("#{id}");
        let is_its = |row: &&item::Item| {
            let key = row.get("sk").and_then(|sk| sk.as_s().ok());
            key.is_some_and(|key| key.ends_with(&own))
        };
        let rows = self
            .newest(&keys::policy(policy), keys::PAST, |rows| {
                rows.iter().any(|row| is_its(&row))
            })
            .await?;
        rows.iter().find(is_its).map(reviewed).transpose()
    }

    /// Names of the policies that are known, also of those whose rows this build cannot read.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn known_names(&self) -> Result<Vec<String>, LedgerError> {
        self.policies_under(keys::POLICIES).await
    }

    /// Closed releases of a policy, the one that was opened last first, at most so many. A row that this build cannot
    /// read is in its place, as what is wrong with it.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn closed_releases(
        &self,
        policy: &str,
        most: usize,
    ) -> Result<Vec<Result<Past, LedgerError>>, LedgerError> {
        let enough = |rows: &[item::Item]| rows.len() >= most;
        let rows = self.newest(&keys::policy(policy), keys::PAST, enough).await?;
        Ok(rows.iter().take(most).map(past).collect())
    }

    /// The journal of a release in the order in which it was written.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or an entry is damaged.
    pub async fn journal(&self, release: &str) -> Result<Vec<Entry>, LedgerError> {
        entries(&self.rows_under(&keys::journal(release)).await?)
    }

    /// The end of a release's journal: its last decision and all that came of it.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or an entry is damaged.
    pub async fn journal_end(&self, release: &str) -> Result<Vec<Entry>, LedgerError> {
        // Sorted by key, a decision comes before its looks and acts: read backwards, it ends them.
        let decided = |rows: &[item::Item]| {
            rows.iter()
                .any(|row| generation(row).is_some_and(|(_, more)| more.is_empty()))
        };
        let rows = self.newest(&keys::journal(release), "", decided).await?;
        let mut entries = entries(&rows)?;
        let newest = entries.iter().rposition(|entry| entry.kind == Kind::Decided);
        entries.drain(..newest.unwrap_or(0));
        Ok(entries)
    }

    /// Rows of a partition whose sort keys begin like this, the last first, page by page until it is enough.
    pub(super) async fn newest(
        &self,
        pk: &str,
        begins: &str,
        enough: impl Fn(&[item::Item]) -> bool,
    ) -> Result<Vec<item::Item>, LedgerError> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let mut request = self
                .client
                .query()
                .table_name(&self.table)
                .expression_attribute_values(":pk", text(pk))
                .scan_index_forward(false)
                .consistent_read(true)
                .set_exclusive_start_key(start);
            // DynamoDB refuses the empty text as a value of a key.
            request = if begins.is_empty() {
                request.key_condition_expression("pk = :pk")
            } else {
                request
                    .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                    .expression_attribute_values(":sk", text(begins))
            };
            let reply = request
                .send()
                .await
                .map_err(|error| Refused::from_sdk("Query", &self.table, &error))?;
            found.extend(reply.items.unwrap_or_default());
            start = reply.last_evaluated_key;
            if start.is_none() || enough(&found) {
                return Ok(found);
            }
        }
    }
}

fn generation(row: &item::Item) -> Option<(u64, &str)> {
    keys::entry_of(row.get("sk")?.as_s().ok()?)
}

fn entries(rows: &[item::Item]) -> Result<Vec<Entry>, LedgerError> {
    let mut entries: Vec<Entry> = rows.iter().filter_map(entry).collect::<Result<_, _>>()?;
    // By key, looks stand in the order of their hashes.
    entries.sort_by_key(|entry| (entry.generation, entry.kind != Kind::Decided, entry.at, entry.last));
    Ok(entries)
}

/// An entry; nothing where a later Serin writes something else beside them.
fn entry(row: &item::Item) -> Option<Result<Entry, LedgerError>> {
    let (generation, more) = generation(row)?;
    let kind = match more.split('#').next() {
        Some("") | None => Kind::Decided,
        Some("wait") => Kind::Waited,
        Some("did") => Kind::Did,
        Some(_) => return None,
    };
    let read = || {
        let place = item::row(row);
        let words = |name| {
            row.get(name)
                .and_then(|value| value.as_s().ok())
                .cloned()
                .unwrap_or_default()
        };
        let at = item::json_text(&place, "at", row)?;
        let did = row.get("did").and_then(|list| list.as_l().ok()).into_iter().flatten();
        Ok(Entry {
            generation,
            kind,
            at,
            last: if row.contains_key("last") {
                item::json_text(&place, "last", row)?
            } else {
                at
            },
            times: if row.contains_key("times") {
                item::parse(&place, "times", item::number(row, "times"))?
            } else {
                1
            },
            phase: words("phase"),
            step: row
                .contains_key("step")
                .then(|| item::parse(&place, "step", item::number(row, "step")))
                .transpose()?,
            share_permille: row
                .contains_key("share_permille")
                .then(|| item::parse(&place, "share_permille", item::number(row, "share_permille")))
                .transpose()?,
            because: words("because"),
            did: did.filter_map(|line| line.as_s().ok()).cloned().collect(),
        })
    };
    Some(read())
}

fn past(row: &item::Item) -> Result<Past, LedgerError> {
    item::readable(&item::row(row), row, &["document"], |place| {
        let release: Release = item::json(place, "document", row)?;
        Ok(Past {
            closed: item::json_text(place, "closed", row)?,
            release,
        })
    })
}

fn reviewed(row: &item::Item) -> Result<Reviewed, LedgerError> {
    item::readable(&item::row(row), row, &["document", "policy"], |place| {
        Ok(Reviewed {
            policy: item::json(place, "policy", row)?,
            release: item::json(place, "document", row)?,
            closed: Some(item::json_text(place, "closed", row)?),
        })
    })
}

impl Past {
    /// Name of the outcome; of its phase, where the row holds one that is not closed.
    pub fn outcome(&self) -> &'static str {
        match &self.release.phase {
            Phase::Closed { outcome } => outcome.name(),
            open => open.name(),
        }
    }
}
