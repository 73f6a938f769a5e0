//! Pages of listings.

use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;

/// Entries of a page where nothing is said, and at most: API reference, `maxResults`.
const DEFAULT: usize = 100;
const MOST: usize = 1000;

/// One page and the token of the next.
///
/// The token names the last entry shown, so that what comes in front does not shift the rest.
///
/// # Errors
/// InvalidToken for a token that no page gave.
pub(super) fn page<T>(
    world: &World,
    input: &Value,
    entries: Vec<T>,
    key: impl Fn(&T) -> u64,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let from = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => {
            let last = token
                .strip_prefix("after-")
                .and_then(|number| number.parse::<u64>().ok());
            let found = last.and_then(|last| entries.iter().position(|entry| key(entry) == last));
            let text = "Invalid Token: 'Invalid token'";
            found.ok_or_else(|| Refusal::new("InvalidToken", text))? + 1
        }
    };
    let asked = input["maxResults"]
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    let asked = asked.filter(|asked| *asked > 0).unwrap_or(DEFAULT).min(MOST);
    let size = asked.min(world.page_size.unwrap_or(MOST)).max(1);
    let more = entries.len() > from + size;
    let shown: Vec<T> = entries.into_iter().skip(from).take(size).collect();
    let token = shown
        .last()
        .filter(|_| more)
        .map(|entry| format!("after-{}", key(entry)));
    Ok((shown, token))
}
