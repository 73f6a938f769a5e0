//! Constraints on single members that AWS checks before anything else.

use super::Found;
use crate::refusal::Refusal;

/// Pattern of `DisabledReason` in AWS's model.
const REASON: &str = r"[a-zA-Z0-9!@ \(\)\.\*\?\-]+";
/// Pattern of ids and tokens in AWS's model.
const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/// Pattern of `ClientRequestToken` in AWS's model.
const CLIENT_TOKEN: &str = "^[a-zA-Z0-9-]+$";

fn invalid(member: &str, value: &str, constraint: &str) -> Refusal {
    let text = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    );
    Refusal::new("ValidationException", text)
}

fn holds(member: &str, value: &str, holds: bool, constraint: &str) -> Found<()> {
    if holds {
        Ok(())
    } else {
        Err(invalid(member, value, constraint))
    }
}

fn matches(member: &str, value: &str, matches: bool, pattern: &str) -> Found<()> {
    let constraint = format!("satisfy regular expression pattern: {pattern}");
    holds(member, value, matches, &constraint)
}

/// An id or token.
pub(crate) fn uuid(member: &str, value: &str) -> Found<()> {
    let parts: Vec<usize> = value.split('-').map(str::len).collect();
    let digits = value.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'));
    matches(member, value, digits && parts == [8, 4, 4, 4, 12], UUID)
}

/// Why a transition is disabled.
pub(crate) fn reason(value: &str) -> Found<()> {
    not_empty("reason", value)?;
    length("reason", value, 300)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || "!@ ().*?-".contains(c);
    matches("reason", value, value.chars().all(fine), REASON)
}

/// What makes a start repeatable.
pub(crate) fn client_token(value: &str) -> Found<()> {
    length("clientRequestToken", value, 128)?;
    let fine = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    matches("clientRequestToken", value, fine && !value.is_empty(), CLIENT_TOKEN)
}

/// At most this many characters.
pub(crate) fn length(member: &str, value: &str, most: usize) -> Found<()> {
    let constraint = format!("have length less than or equal to {most}");
    holds(member, value, value.chars().count() <= most, &constraint)
}

/// At least one character.
pub(crate) fn not_empty(member: &str, value: &str) -> Found<()> {
    holds(
        member,
        value,
        !value.is_empty(),
        "have length greater than or equal to 1",
    )
}
