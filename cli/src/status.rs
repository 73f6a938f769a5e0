//! `serin status`: where each policy's release is, and why it waits. Nothing is decided here: it is read.

use crate::page::{self, field, span};
use crate::place::{Place, Told, Unanswered, unknown};
use crate::release;
use aws::ledger::{Entry, Held, Kind, Ledger, LedgerError, Open};
use clap::Args;
use decide::freeze::{self, Hold};
use decide::policy::Window;
use decide::{At, Freeze, Release};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Policies read side by side.
const SIDE_BY_SIDE: usize = 8;
/// Transitions of alarms that are shown; the JSON has all.
const TRANSITIONS_MAX: usize = 3;

/// Arguments of `status`.
#[derive(Args)]
pub struct Arguments {
    /// Policy; all, where none is named.
    policy: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    /// Runs it.
    ///
    /// # Errors
    /// Where the ledger cannot be asked, or a row of it cannot be read.
    pub fn run(self) -> Result<(), String> {
        let policy = self.policy;
        self.place
            .ask(async |ledger| Status::of(ledger, policy.as_deref()).await)
    }
}

/// Where policies are.
pub struct Status(Vec<(String, State)>);

enum State {
    Open(Box<OpenRelease>),
    Idle(Option<Box<Release>>, Frozen),
    Unreadable(LedgerError),
}

/// What may keep a policy from moving forward, without a release as well.
struct Frozen {
    windows: Vec<Window>,
    freeze: Option<Freeze>,
}

impl Frozen {
    fn hold(&self, at: At) -> Option<Hold> {
        freeze::in_force(&self.windows, self.freeze.as_ref(), at)
    }
}

struct OpenRelease {
    held: Held,
    look: Option<Open>,
    /// Of its last decision and what came of it.
    entries: Vec<Entry>,
}

impl Status {
    /// Of one policy, or of all.
    ///
    /// # Errors
    /// Where DynamoDB refuses, or the policy is not known.
    pub async fn of(ledger: &Ledger, policy: Option<&str>) -> Result<Status, Unanswered> {
        let looks = ledger.open_releases().await?;
        let looks: BTreeMap<String, Open> = looks.into_iter().map(|open| (open.policy.clone(), open)).collect();
        // One that is deleted while a release is open is known by its release alone.
        let known: BTreeSet<String> = ledger
            .known_names()
            .await?
            .into_iter()
            .chain(looks.keys().cloned())
            .collect();
        let known: Vec<String> = known.into_iter().collect();
        let asked = match policy {
            Some(policy) if !known.iter().any(|name| name == policy) => return Err(unknown(policy, &known)),
            Some(policy) => vec![policy.to_owned()],
            None => known,
        };
        let read = asked.into_iter().map(|policy| {
            let look = looks.get(&policy).cloned();
            async move {
                let state = state(ledger, &policy, look).await?;
                Ok::<_, LedgerError>((policy, state))
            }
        });
        let read = futures_util::stream::iter(read).buffered(SIDE_BY_SIDE);
        Ok(Status(read.try_collect().await?))
    }
}

async fn state(ledger: &Ledger, policy: &str, look: Option<Open>) -> Result<State, LedgerError> {
    let slot = match ledger.slot(policy).await {
        Ok(slot) => slot,
        // No word on the others.
        Err(refused @ LedgerError::Refused(_)) => return Err(refused),
        Err(unreadable) => return Ok(State::Unreadable(unreadable)),
    };
    let Some(held) = slot.held else {
        // What stands in its way is asked of the policy as it is known; one that cannot be read is `unreadable` elsewhere.
        let known = ledger.known(policy).await.ok().flatten();
        let frozen = Frozen {
            windows: known.map(|known| known.policy.freeze).unwrap_or_default(),
            freeze: slot.freeze,
        };
        return Ok(State::Idle(slot.last.map(Box::new), frozen));
    };
    let entries = ledger.journal_end(&held.release.id).await?;
    Ok(State::Open(Box::new(OpenRelease { held, look, entries })))
}

impl OpenRelease {
    /// The words of whoever looked last.
    fn because(&self) -> Option<&Entry> {
        self.entries.iter().max_by_key(|entry| (entry.last, entry.generation))
    }

    /// What was done last.
    fn did(&self) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.kind == Kind::Did)
    }

    fn hold(&self, at: At) -> Option<Hold> {
        freeze::in_force(&self.held.policy.freeze, self.held.release.freeze.as_ref(), at)
    }

    fn overdue_seconds(&self, at: At) -> Option<i64> {
        let look = self.look.as_ref()?;
        Some(page::seconds_between(look.look_at, at)).filter(|late| *late > 0)
    }

    fn look_text(&self, at: At) -> String {
        let Some(look) = &self.look else {
            return "not on the list of open releases; the next step puts it there again".to_owned();
        };
        let when = match self.overdue_seconds(at) {
            Some(late) => format!("overdue by {} (the sweep takes it after 2 min)", span(late)),
            None => format!("in {}", span(page::seconds_between(at, look.look_at))),
        };
        format!("{}, {when}; lap {} of its clock", look.look_at, look.lap)
    }

    fn text(&self, policy: &str, at: At) -> String {
        let release = &self.held.release;
        let since = release.phase_since;
        let head = format!("{policy}: {} since {since}", release.phase.name());
        let mut text = page::under("", 2, &format!("{head} ({})", span(page::seconds_between(since, at))));
        text += &self
            .hold(at)
            .map_or(String::new(), |hold| field("hold", &hold.to_string()));
        text += &field("release", &format!("{}, opened {}", release.id, release.opened));
        text += &field("execution", &release::execution(release));
        text += &field("revision", &release::revision(release));
        text += &release::roles(release).map_or(String::new(), |roles| field("roles", &roles));
        text += &release::approval(release).map_or(String::new(), |open| field("approval", &open));
        text += &field("goes back", &format!("to {}", release::baseline(release)));
        if let Some(entry) = self.because() {
            let counted = if entry.times > 1 {
                format!(" (seen so ×{})", entry.times)
            } else {
                String::new()
            };
            text += &field("because", &format!("{}{counted}", entry.because));
            text += &field(
                "looked",
                &format!("{}, {} ago", entry.last, span(page::seconds_between(entry.last, at))),
            );
        }
        let transitions = release::transitions(release);
        for (_, told) in transitions.iter().rev().take(TRANSITIONS_MAX).rev() {
            text += &field("heard", told);
        }
        for line in self.did().into_iter().flat_map(|entry| &entry.did) {
            text += &field("did", line);
        }
        if let Some(watched) = &release.watched {
            text += &field(
                "watches",
                &format!("release {} until {}", watched.release, watched.until),
            );
        }
        text + &field("next look", &self.look_text(at))
    }

    fn json(&self, at: At) -> Value {
        let heard = release::transitions(&self.held.release);
        json!({
            "release": release::json(&self.held.release),
            "generation": self.held.generation,
            "updated": self.held.updated,
            "because": self.because().map(|entry| &entry.because),
            "looked": self.because().map(|entry| entry.last),
            "same_looks": self.because().map(|entry| entry.times),
            "heard": heard.iter().map(|(_, told)| told).collect::<Vec<_>>(),
            "frozen": self.hold(at).map(|hold| hold.to_string()),
            "did": self.did().map_or(&[] as &[String], |entry| &entry.did),
            "next_look": self.look.as_ref().map(|look| look.look_at),
            "overdue_seconds": self.overdue_seconds(at),
            "lap": self.look.as_ref().map(|look| look.lap),
        })
    }
}

impl Told for Status {
    fn text(&self, at: At) -> String {
        if self.0.is_empty() {
            let none = "No policy is known yet: put one into Parameter Store under /serin/policies/, and Serin knows it \
                        within five minutes.";
            return page::under("", 0, none);
        }
        let each = self.0.iter().map(|(policy, state)| match state {
            State::Open(open) => open.text(policy, at),
            State::Idle(last, frozen) => idle(policy, last.as_deref(), frozen.hold(at)),
            State::Unreadable(error) => page::under("", 2, &format!("{policy}: cannot be read: {error}")),
        });
        each.collect::<Vec<_>>().join("\n")
    }

    fn json(&self, at: At) -> Value {
        let each = self.0.iter().map(|(policy, state)| {
            let mut told = match state {
                State::Open(open) => open.json(at),
                State::Idle(last, frozen) => json!({
                    "last": last.as_deref().map(release::json),
                    "frozen": frozen.hold(at).map(|hold| hold.to_string()),
                }),
                State::Unreadable(error) => json!({ "problem": error.to_string() }),
            };
            told["policy"] = json!(policy);
            told["state"] = json!(match state {
                State::Open(_) => "open",
                State::Idle(..) => "idle",
                State::Unreadable(_) => "unreadable",
            });
            told
        });
        json!({ "policies": each.collect::<Vec<_>>() })
    }

    fn problem(&self) -> Option<String> {
        let unread = self.0.iter().filter(|(_, state)| matches!(state, State::Unreadable(_)));
        let unread: Vec<&str> = unread.map(|(policy, _)| policy.as_str()).collect();
        (!unread.is_empty()).then(|| format!("not all could be read: {}", unread.join(", ")))
    }
}

fn idle(policy: &str, last: Option<&Release>, hold: Option<Hold>) -> String {
    let last = last.map_or_else(|| "no release so far".to_owned(), ended);
    let text = page::under("", 2, &format!("{policy}: nothing is being released; {last}"));
    text + &hold.map_or(String::new(), |hold| field("hold", &hold.to_string()))
}

fn ended(last: &Release) -> String {
    let why = release::why(&last.phase)
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    format!("{} was {} at {}{why}", last.id, last.phase.name(), last.phase_since)
}
