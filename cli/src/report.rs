//! `serin report`: one release on one page of HTML, for the review next morning.

mod decisions;
mod latest;
mod measured;
mod panels;
mod played;
mod standing;

pub use latest::of_latest;
pub use played::Played;

use crate::page::short;
use crate::place::Table;
use ::report::Page;
use aws::ledger::{Entry, Ledger, LedgerError, Reviewed};
use aws::review::Review;
use aws::terminal::Terminal;
use clap::Args;
use decide::At;
use std::path::{Path, PathBuf};

/// Before the release and after it, so much is shown as well; or this part of it, where that is more.
const BEFORE_SECONDS: i64 = 60;
const AFTER_SECONDS: i64 = 240;
const MORE: i64 = 20;

/// Arguments of `report`.
#[derive(Args)]
pub struct Arguments {
    /// Id of the release, as `status` and `history` show it.
    release: String,
    /// Its policy; without, what its id begins with.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// File that is written; without, the id with `.html` after it, here.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    table: Table,
}

impl Arguments {
    /// Writes the page.
    ///
    /// # Errors
    /// Where the ledger cannot be asked, has no such release, or the file cannot be written: one line that ends with
    /// the next step.
    pub fn run(self) -> Result<(), String> {
        let table = self.table.name()?;
        let policy = match &self.policy {
            Some(policy) => policy.clone(),
            None => policy_of(&self.release)?,
        };
        let file = self
            .output
            .unwrap_or_else(|| PathBuf::from(format!("{}.html", self.release)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let page = runtime.block_on(async {
            let terminal = Terminal::connect(&table).await.map_err(|error| error.to_string())?;
            let explained = |error: LedgerError| terminal.explain(&error);
            let found = Found::of(&terminal.ledger, &policy, &self.release).await;
            let found = found.map_err(explained)?.ok_or_else(|| none(&policy, &self.release))?;
            let review = terminal.review(&found.of, found.time(terminal.now())).await;
            let made = format!(
                "Made by serin {} at {} of table {table} and CloudWatch in {}.",
                env!("CARGO_PKG_VERSION"),
                terminal.now(),
                terminal.region
            );
            Ok::<_, String>(found.page(&review, None, terminal.now(), made))
        })?;
        write(&file, &page)?;
        println!("{}", file.display());
        Ok(())
    }
}

/// An id ends with a dash and a hash.
fn policy_of(release: &str) -> Result<String, String> {
    let named = release.rsplit_once('-').map(|(policy, _)| policy.to_owned());
    named.filter(|policy| !policy.is_empty()).ok_or_else(|| {
        aws::event::bounded(
            &format!("{release} is no id of a release; `serin status` and `serin history POLICY` show them"),
            300,
        )
    })
}

fn none(policy: &str, release: &str) -> String {
    let text = format!(
        "policy {policy} has no release {release}; `serin history {policy}` lists them, --policy names another policy"
    );
    aws::event::bounded(&text, 400)
}

/// Writes a page as a whole or not at all.
///
/// # Errors
/// What could not be written, and why.
pub fn write(file: &Path, page: &Page) -> Result<(), String> {
    let beside = file.with_extension("html.part");
    let failed = |error: std::io::Error| {
        format!(
            "{}: {error}; name a file in a folder that is there with --output",
            file.display()
        )
    };
    std::fs::write(&beside, page.html()).map_err(failed)?;
    std::fs::rename(&beside, file).map_err(|error| {
        // Whatever is there under the name that was asked for stays; ours goes.
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

/// A release, and its journal.
pub struct Found {
    /// The release.
    pub of: Reviewed,
    entries: Vec<Entry>,
}

impl Found {
    /// Of a release of a policy; nothing where there is none.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or a row cannot be read.
    pub async fn of(ledger: &Ledger, policy: &str, release: &str) -> Result<Option<Found>, LedgerError> {
        let Some(of) = ledger.reviewed(policy, release).await? else {
            return Ok(None);
        };
        let entries = ledger.journal(release).await?;
        Ok(Some(Found { of, entries }))
    }

    /// From when to when it is shown.
    pub fn time(&self, now: At) -> (At, At) {
        let opened = self.of.release.opened.millis();
        let over = self.of.closed.unwrap_or(now).millis().max(opened);
        let part = (over - opened) / MORE;
        let from = opened - part.max(BEFORE_SECONDS * 1_000);
        let until = over + part.max(AFTER_SECONDS * 1_000);
        // Whole minutes, in which CloudWatch counts; what has not come yet is not missing.
        let minute = |millis: i64| millis.div_euclid(60_000) * 60_000;
        let until = minute(until + 59_999).min(now.millis().max(over));
        (At::from_millis(minute(from)), At::from_millis(until))
    }

    /// The page.
    pub fn page(&self, review: &Review, played: Option<&Played>, now: At, made: String) -> Page {
        let (from, until) = self.time(now);
        let release = &self.of.release;
        let (phases, marks) = decisions::told(&self.of, &self.entries, until);
        let (mut panels, without) = panels::all(&self.of, review, &self.entries, until);
        if let Some(played) = played {
            played.add(&mut panels);
        }
        let mut unread: Vec<String> = review.unread.clone();
        unread.extend(measured::unknown(review));
        unread.dedup();
        let mut facts = standing::facts(&self.of);
        if !without.is_empty() {
            facts.push(("no chart".to_owned(), without.join("; ")));
        }
        Page {
            title: format!("Release {}", release.id),
            verdict: standing::verdict(&self.of, self.entries.last()),
            runs: standing::runs(release),
            facts,
            from: from.millis(),
            until: until.millis(),
            phases,
            panels,
            marks,
            unread,
            policy: serde_json::to_string_pretty(&self.of.policy).unwrap_or_default(),
            made,
        }
    }
}

/// `family:revision` of what a service was given or goes back to.
fn definition(arn: &str) -> String {
    short(arn).to_owned()
}

#[cfg(test)]
mod tests;
