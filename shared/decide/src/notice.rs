//! What people are told by themselves, without asking: plain text with a subject.
//!
//! # Shape
//! ```text
//! [`Notice`] = [`About`], which stands in each, and [`What`] there is to say
//! [`Kind`]: what programs tell notices apart by, and which of them people hear
//! ```
//!
//! All text from outside was bounded and made harmless by whoever read it, or is here.

mod about;
mod asked;
mod back;
mod kind;

pub use about::About;
pub use asked::Asked;
pub(crate) use back::letters;
pub use back::{Back, Letters};
pub use kind::Kind;

use crate::{At, Wanted, bounded, token_mark};
use std::fmt;

/// Longest subject of a message, in characters; Amazon SNS API, `Publish.Subject`.
const SUBJECT_MAX: usize = 100;

/// Longest line of what is said, in characters.
const LINE_MAX: usize = 1_000;

/// Something that people are told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose it is.
    pub about: About,
    /// What there is to say.
    pub what: What,
}

/// What there is to say of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It has baked, and a person has to let it go on.
    ApprovalNeeded(Asked),
    /// Nobody has answered yet, and there is not much time left.
    ApprovalExpires(Asked),
    /// It was opened.
    Opened,
    /// It waits.
    Gated {
        /// For what.
        why: String,
    },
    /// The canary has the share of a step.
    Step {
        /// Which one, from 1 on.
        number: u32,
        /// Of how many.
        of: usize,
        /// The share, where the policy says one.
        share_permille: Option<u32>,
    },
    /// It is over, and stable runs it.
    Promoted,
    /// Every service that it touched runs what it ran before.
    RolledBack(Back),
    /// The services could not be put right in time; still being tried.
    RollbackFailing {
        /// How often that was said before.
        times: u32,
        /// Since when.
        since: At,
    },
    /// The services could not be put right, and nobody tries any more: the next release has taken its place.
    RollbackFailed(Vec<Letters>),
    /// A dry run that would have been rolled back; nothing was done about it.
    WouldRollBack,
    /// Somebody gave a service something else; that was left alone.
    Overtaken {
        /// Which service, and what it runs.
        by: String,
    },
    /// The canary never changed.
    Abandoned {
        /// Why.
        why: String,
    },
    /// A push asks for a release, and none is opened while an alarm rings.
    StartWaits {
        /// What asks for it.
        wanted: Wanted,
        /// What it waits for.
        why: String,
    },
}

impl Notice {
    /// By which it is told once, and no more: the same notice of the same release has the same key.
    pub fn key(&self) -> String {
        match &self.what {
            What::ApprovalNeeded(asked) => format!("needed-{}", token_mark(&asked.approval.token)),
            What::ApprovalExpires(asked) => format!("expires-{}", token_mark(&asked.approval.token)),
            What::Step { number, .. } => format!("step-{number}"),
            What::RollbackFailing { times, .. } => format!("{FAILING}{times}"),
            What::RolledBack(back) if back.failed_before => "put-right".to_owned(),
            What::Opened
            | What::Gated { .. }
            | What::Promoted
            | What::RolledBack(_)
            | What::RollbackFailed(_)
            | What::WouldRollBack
            | What::Overtaken { .. }
            | What::Abandoned { .. }
            | What::StartWaits { .. } => self.kind().name().to_owned(),
        }
    }

    /// One line of printable ASCII, as Amazon SNS wants it.
    pub fn subject(&self) -> String {
        let text = self.summary();
        let printable = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
        printable.take(SUBJECT_MAX).collect()
    }

    /// What it says, in one line.
    pub fn summary(&self) -> String {
        let (policy, what) = (&self.about.policy, self.about.what());
        let because = self.about.cause.iter().map(|cause| format!(": {cause}"));
        let because: String = because.collect();
        let text = match &self.what {
            What::ApprovalNeeded(_) => format!("approval needed for {what}"),
            What::ApprovalExpires(asked) => format!("approval of {what} expires at {}", asked.expires),
            What::Opened => format!("release {} opened", self.about.release),
            What::Gated { why } => format!("{what} waits for {why}"),
            What::Step {
                number,
                of,
                share_permille,
            } => {
                let share = share_permille.map(|share| format!(", {share} of 1000"));
                format!("{what} bakes with step {number} of {of}{}", share.unwrap_or_default())
            }
            What::Promoted => format!("{what} promoted"),
            What::RolledBack(back) if back.failed_before => format!("{what} rolled back after all{because}"),
            What::RolledBack(_) => format!("{what} rolled back{because}"),
            What::RollbackFailing { times: 0, .. } => format!("ROLLBACK FAILED, still trying: {what}{because}"),
            What::RollbackFailing { since, .. } => {
                format!("ROLLBACK STILL FAILING since {since}: {what}{because}")
            }
            What::RollbackFailed(_) => {
                format!("ROLLBACK FAILED, the next release takes its place: {what}{because}")
            }
            What::WouldRollBack => format!("{what} would have been rolled back{because}"),
            What::Overtaken { by } => format!("{what} overtaken: {by}"),
            What::Abandoned { why } => format!("release {} abandoned: {why}", self.about.release),
            What::StartWaits { wanted, why } => format!("{}, and is not released: {why}", wanted.why),
        };
        let dry = if self.about.dry_run { "dry run: " } else { "" };
        bounded(&format!("{policy}: {dry}{text}"), LINE_MAX)
    }

    /// What happened, in a sentence.
    pub fn head(&self) -> String {
        let text = match &self.what {
            What::ApprovalNeeded(asked) => format!("{} waits for a person.", asked.place()),
            What::ApprovalExpires(asked) => {
                format!("{} still waits for a person, and not for much longer.", asked.place())
            }
            What::Opened => "A release was opened; it is judged from here on.".to_owned(),
            What::Gated { why } => format!("It waits for {why}."),
            What::Step { number, of, .. } => format!("The canary has its share of step {number} of {of}, and bakes."),
            What::Promoted => "Stable runs it, and no check failed in its watch.".to_owned(),
            What::RolledBack(back) if back.services.is_empty() => {
                "It was taken back; no service was touched.".to_owned()
            }
            What::RolledBack(back) => format!("It was taken back: {}.", back.services.join("; ")),
            What::RollbackFailing { since, .. } => format!(
                "It has to be rolled back, and the services could not be put right in time. That has been so since {since}; \
                 Serin goes on trying. Look at both services."
            ),
            What::RollbackFailed(_) => {
                "It had to be rolled back, and the services could not be put right. The next release \
                 has taken its place; nobody tries any more."
                    .to_owned()
            }
            What::WouldRollBack => "It would have been taken back, were it no dry run; nothing was done.".to_owned(),
            What::Overtaken { by } => format!("{by}. That was left alone."),
            What::Abandoned { why } => format!("Nothing was released: {why}."),
            What::StartWaits { why, .. } => format!(
                "No release is opened for what was pushed: {why}. It is asked for again every minute, for a day at most."
            ),
        };
        bounded(&text, LINE_MAX)
    }

    /// What people may do about it, each with what they type.
    pub fn next_steps(&self) -> Vec<(String, String)> {
        let status = || {
            (
                "To see where it stands".to_owned(),
                format!("serin status {}", self.about.policy),
            )
        };
        let again = |letters: &[Letters]| -> Vec<(String, String)> {
            let again = letters.iter().map(|letters| {
                let gained = match letters.gained {
                    1 => "the message".to_owned(),
                    gained => format!("the {gained} messages"),
                };
                let why = format!("To have {gained} worked on again that {} gained", letters.queue);
                (why, letters.command())
            });
            again.collect()
        };
        match &self.what {
            What::ApprovalNeeded(asked) | What::ApprovalExpires(asked) => vec![
                ("To let it go on".to_owned(), asked.command("Approved")),
                ("To have it rolled back".to_owned(), asked.command("Rejected")),
            ],
            What::RolledBack(back) => again(&back.letters),
            What::RollbackFailed(letters) => [vec![status()], again(letters)].concat(),
            What::RollbackFailing { .. } | What::Overtaken { .. } | What::Gated { .. } => vec![status()],
            What::StartWaits { wanted, .. } => vec![
                (
                    "To have it released all the same, where it is the fix".to_owned(),
                    self.by_hand(wanted),
                ),
                status(),
            ],
            What::Opened | What::Step { .. } | What::Promoted | What::WouldRollBack | What::Abandoned { .. } => {
                Vec::new()
            }
        }
    }

    /// The command that starts the same release past an alarm that rings.
    fn by_hand(&self, wanted: &Wanted) -> String {
        let images = wanted.images.iter();
        let images: String = images
            .map(|(container, image)| format!(" --image {container}={image}"))
            .collect();
        format!(
            "serin release {}{images} --despite-alarm --why \"this is the fix\"",
            self.about.policy
        )
    }

    /// What there is to know, each by its name.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let About {
            policy,
            release,
            cause,
            revision,
            run,
            at,
            ..
        } = &self.about;
        let mut facts = vec![("Release", format!("{release} of policy {policy}"))];
        facts.extend(revision.iter().map(|revision| ("Revision", revision.clone())));
        facts.extend(
            run.iter()
                .map(|(name, execution)| ("Execution", format!("{name}, {execution}"))),
        );
        facts.extend(cause.iter().map(|cause| ("Cause", cause.clone())));
        facts.push(("Since", at.to_string()));
        if let What::ApprovalNeeded(asked) | What::ApprovalExpires(asked) = &self.what {
            let expires = format!("{}; then the release is rolled back", asked.expires);
            facts.push(("Expires", expires));
            facts.push(("Evidence", bounded(&asked.evidence, LINE_MAX)));
        }
        facts
    }
}

/// How the keys of notices about a failing rollback begin; a number follows.
pub(crate) const FAILING: &str = "failing-";

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.head())?;
        for (name, fact) in self.facts() {
            writeln!(f, "{:<11}{fact}", format!("{name}:"))?;
        }
        for (why, command) in self.next_steps() {
            writeln!(f, "\n{why}:\n{command}")?;
        }
        writeln!(f, "\nWhat this means: docs/runbook.md, {}", self.kind().name())
    }
}

#[cfg(test)]
mod tests;
