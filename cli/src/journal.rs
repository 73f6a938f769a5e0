//! `serin journal`: each decision on a release, in order, and what came of it.

use crate::page;
use crate::place::{Place, Told, Unanswered, unknown};
use aws::ledger::{Entry, Kind, Ledger};
use clap::Args;
use decide::At;
use serde_json::{Value, json};

/// Arguments of `journal`.
#[derive(Args)]
pub struct Arguments {
    /// Policy.
    policy: String,
    /// Id of a release, as `history` shows it; without, the open one or the one that closed last.
    release: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    /// Runs it.
    ///
    /// # Errors
    /// Where the ledger cannot be asked, or there is no such release.
    pub fn run(self) -> Result<(), String> {
        let (policy, release) = (self.policy, self.release);
        self.place
            .ask(async |ledger| Journal::of(ledger, &policy, release.as_deref()).await)
    }
}

/// The journal of one release.
pub struct Journal {
    policy: String,
    release: String,
    entries: Vec<Entry>,
}

impl Journal {
    /// Of the release named, or of the policy's latest.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or there is no such release.
    pub async fn of(ledger: &Ledger, policy: &str, release: Option<&str>) -> Result<Journal, Unanswered> {
        let release = match release {
            // The journal's rows are found by the release alone: another policy's must not pass for this one's.
            Some(release) if !release.starts_with(&format!("{policy}-")) => return Err(no_release(policy, release)),
            Some(release) => release.to_owned(),
            None => latest(ledger, policy).await?,
        };
        let entries = ledger.journal(&release).await?;
        if entries.is_empty() {
            return Err(no_release(policy, &release));
        }
        Ok(Journal {
            policy: policy.to_owned(),
            release,
            entries,
        })
    }
}

async fn latest(ledger: &Ledger, policy: &str) -> Result<String, Unanswered> {
    let slot = ledger.slot(policy).await?;
    let open = slot.held.map(|held| held.release.id);
    if let Some(release) = open.or(slot.last.map(|last| last.id)) {
        return Ok(release);
    }
    let known = ledger.known_names().await?;
    if !known.iter().any(|name| name == policy) {
        return Err(unknown(policy, &known));
    }
    Err(Unanswered::Nothing(format!(
        "policy {policy} has had no release so far; `serin status {policy}` says what is known of it"
    )))
}

fn no_release(policy: &str, release: &str) -> Unanswered {
    let text = format!("policy {policy} has no release {release}; `serin history {policy}` lists them");
    Unanswered::Nothing(aws::event::bounded(&text, 300))
}

/// Looks that differ in numbers alone, as one: how far a bake has come is no other reason to wait. Those that only
/// repeat the decision are counted with it.
pub fn folded(entries: &[Entry]) -> Vec<Entry> {
    let mut folded: Vec<Entry> = Vec::new();
    for entry in entries {
        let same = |before: &&mut Entry| {
            before.generation == entry.generation
                && before.phase == entry.phase
                && before.kind != Kind::Did
                && entry.kind == Kind::Waited
                && without_numbers(&before.because) == without_numbers(&entry.because)
        };
        match folded.last_mut().filter(same) {
            Some(before) => {
                before.times = before.times.saturating_add(entry.times);
                before.last = before.last.max(entry.last);
                before.because.clone_from(&entry.because);
            }
            None => folded.push(entry.clone()),
        }
    }
    folded
}

fn without_numbers(text: &str) -> String {
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if kept.ends_with('#') => {}
            '0'..='9' => kept.push('#'),
            c => kept.push(c),
        }
    }
    kept
}

fn text(entry: &Entry) -> String {
    let times = match entry.times {
        0 | 1 => String::new(),
        times => format!(", ×{times} until {}", entry.last),
    };
    let what = match entry.kind {
        Kind::Decided => format!("{}{times}", entry.phase),
        Kind::Waited => format!("{}, still{times}", entry.phase),
        Kind::Did => format!("{}, done{times}", entry.phase),
    };
    let mut text = page::under(&format!("{}  {:>3}  ", entry.at, entry.generation), 2, &what);
    if entry.kind != Kind::Did {
        text += &page::under("      ", 6, &entry.because);
    }
    for line in &entry.did {
        text += &page::under("      - ", 8, line);
    }
    text
}

impl Told for Journal {
    fn text(&self, _: At) -> String {
        let head = page::under("", 2, &format!("{}: journal of release {}", self.policy, self.release));
        folded(&self.entries)
            .iter()
            .fold(head, |told, entry| told + &text(entry))
    }

    fn json(&self, _: At) -> Value {
        let each = self.entries.iter().map(|entry| {
            json!({
                "generation": entry.generation,
                "kind": match entry.kind {
                    Kind::Decided => "decided",
                    Kind::Waited => "waited",
                    Kind::Did => "did",
                },
                "at": entry.at,
                "last": entry.last,
                "times": entry.times,
                "phase": entry.phase,
                "share_permille": entry.share_permille,
                "because": entry.because,
                "did": entry.did,
            })
        });
        json!({ "policy": self.policy, "release": self.release, "entries": each.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::without_numbers;

    #[test]
    fn looks_are_told_apart_by_their_words() {
        assert_eq!(
            without_numbers("baked 60 s of 600 s"),
            without_numbers("baked 120 s of 600 s")
        );
        assert_ne!(
            without_numbers("canary unknown: throttled"),
            without_numbers("stable unknown: throttled")
        );
    }
}
