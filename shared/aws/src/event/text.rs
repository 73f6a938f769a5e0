//! Text from events, made fit for people.

pub use decide::bounded;

/// Longest value quoted from an event in a refusal, in characters.
pub(super) const QUOTE_CHARS_MAX: usize = 80;

/// Longest remark of a parser, in characters.
pub(super) const REMARK_CHARS_MAX: usize = 160;

/// Longest identifier, in characters; EventBridge and SNS send 36.
const ID_CHARS_MAX: usize = 255;

/// A short quotation for a refusal.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", bounded(text, QUOTE_CHARS_MAX))
}

/// An identifier of the sender's.
pub(super) fn id(text: &str) -> String {
    bounded(text, ID_CHARS_MAX)
}
