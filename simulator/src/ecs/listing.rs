//! Pages.

use super::{Moment, invalid, text};
use crate::refusal::Refusal;
use serde_json::{Value, json};

/// One page of keys in order, and where the next one begins.
///
/// The token names the last key given, so that what is added or taken away between two pages does not shift them.
pub(super) fn page<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> String,
    default_size: usize,
    input: &Value,
    moment: &Moment<'_>,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let asked = input.get("maxResults").and_then(Value::as_i64);
    if asked.is_some_and(|size| !(1..=100).contains(&size)) {
        return Err(invalid("maxResults must be between 1 and 100."));
    }
    let asked = asked.map_or(default_size, |size| usize::try_from(size).unwrap_or(1));
    let size = moment.page_size.map_or(asked, |cap| asked.min(cap).max(1));
    let start = match text(input, "nextToken") {
        None => 0,
        Some(token) => {
            let last = token.strip_prefix("after:");
            let found = last.and_then(|last| items.iter().position(|item| key(item) == last));
            found.ok_or_else(|| invalid("Invalid token."))? + 1
        }
    };
    let mut items: Vec<T> = items.into_iter().skip(start).collect();
    let more = items.len() > size;
    items.truncate(size);
    let token = items.last().filter(|_| more).map(|item| format!("after:{}", key(item)));
    Ok((items, token))
}

/// A page of ARNs as a reply.
pub(super) fn arns(
    member: &str,
    items: Vec<String>,
    default_size: usize,
    input: &Value,
    moment: &Moment<'_>,
) -> Result<Value, Refusal> {
    let (items, token) = page(items, String::clone, default_size, input, moment)?;
    Ok(reply(member, json!(items), token))
}

/// A page as a reply.
pub(super) fn reply(member: &str, items: Value, token: Option<String>) -> Value {
    let mut reply = json!({ member: items });
    if let Some(token) = token {
        reply["nextToken"] = json!(token);
    }
    reply
}
