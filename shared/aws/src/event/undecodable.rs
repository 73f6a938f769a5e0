//! Why an event was refused.

use thiserror::Error;

/// An event, or one record of it, that is no alarm transition this crate can vouch for.
///
/// Each text says what was expected and where, what was found (bounded, harmless), and what the reader should do. Paths are
/// written from the top of the event; inside `Sns.Message`, which is JSON in a string, they simply go on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Undecodable {
    /// Larger than any alarm event; nothing in it was read.
    #[error(
        "expected a CloudWatch alarm event of at most {limit_bytes} bytes, found a larger document and read nothing of it; \
         find out who invokes this function (its resource policy and its triggers name them)"
    )]
    Oversize {
        /// The limit, in bytes of compact JSON.
        limit_bytes: usize,
    },

    /// No sender of alarms writes such a document.
    #[error(
        "expected a CloudWatch alarm event, with `alarmData` (alarm action), `detail-type` (EventBridge) or `Records` (SNS) at \
         the top, found {found}; send one of the documents in events/alarm, or find out who invokes this function"
    )]
    UnknownSender {
        /// What stands at the top instead.
        found: String,
    },

    /// A document that is in order, but not about an alarm's state.
    #[error("expected a CloudWatch alarm's change of state in {at}, found {found}; {next}")]
    NotAnAlarm {
        /// Where.
        at: String,
        /// What it is.
        found: String,
        /// What the reader should do.
        next: &'static str,
    },

    /// The outer document, which AWS always sends whole, cannot be read.
    #[error("expected {expected} in {at}, found one that cannot be read: {because}; {STRIPPED}")]
    Envelope {
        /// Where.
        at: String,
        /// What the document should be.
        expected: &'static str,
        /// What the reader of the envelope says, bounded.
        because: String,
    },

    /// A field without which nothing can be decided is not there, or null.
    #[error("expected {expected} in `{at}`, found nothing; {STRIPPED}")]
    Missing {
        /// Path of the field.
        at: String,
        /// What it should hold.
        expected: &'static str,
    },

    /// A field holds something else than AWS puts there.
    #[error("expected {expected} in `{at}`, found {found}; compare the event with those in events/alarm")]
    Malformed {
        /// Path of the field.
        at: String,
        /// What it should hold.
        expected: &'static str,
        /// What it holds, bounded.
        found: String,
    },

    /// Something else than the pipeline's job, or the change that `watch` takes, that was expected.
    #[error("expected {expected} in {at}, found {found}; {next}")]
    Unfit {
        /// Where: the path of a field in backticks, or `the payload` as a whole.
        at: String,
        /// What it should hold.
        expected: String,
        /// What it holds, bounded.
        found: String,
        /// What the reader should do.
        next: &'static str,
    },

    /// The sender's account or region is not that of the alarm he speaks of.
    #[error(
        "expected the same {what} in `{outside}` and in the ARN in `{inside}`, found {outside_value} and {inside_value}; \
         CloudWatch never sends this: take the event for forged and find out who invokes this function"
    )]
    Contradiction {
        /// `account` or `region`.
        what: &'static str,
        /// Path of the field outside the ARN.
        outside: String,
        /// What it claims, bounded.
        outside_value: String,
        /// Path of the field that holds the ARN.
        inside: String,
        /// What the ARN says.
        inside_value: String,
    },
}

/// What makes fields vanish on the way here.
const STRIPPED: &str = "AWS sends it whole: remove the rule's input path or transformer, or complete the test event \
                        (events/alarm has one of each shape)";
