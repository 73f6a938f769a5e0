//! Between DynamoDB items and the documents they hold.

use super::{Held, LedgerError};
use aws_sdk_dynamodb::types::AttributeValue;
use decide::{At, Fact, Release, SCHEMA};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the SDK hands out; looked up by name only, so its order shows nowhere.
#[expect(clippy::disallowed_types)]
pub(super) type Item = std::collections::HashMap<String, AttributeValue>;

/// A fact as it is merged: with who merged it, so that a repeated call recognises its own work.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Merged {
    /// Id of the invocation.
    pub by: String,
    /// When it was merged.
    pub at: At,
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
}

/// Reads a slot; nothing where it is empty.
pub(super) fn held(item: &Item) -> Result<Option<Held>, LedgerError> {
    if !item.contains_key("document") {
        return Ok(None);
    }
    let row = row(item);
    readable(&row, item)?;
    let mut release: Release = json(&row, "document", item)?;
    release.facts = facts(&row, item)?;
    Ok(Some(Held {
        policy: json(&row, "policy", item)?,
        release,
        generation: parse(&row, "generation", number(item, "generation"))?,
        updated: json_text(&row, "updated", item)?,
    }))
}

/// Whether this build may read what is written here.
fn readable(row: &str, item: &Item) -> Result<(), LedgerError> {
    let found: u32 = parse(row, "schema", number(item, "schema"))?;
    if found > SCHEMA + 1 {
        let row = row.to_owned();
        return Err(LedgerError::LaterSchema { row, found });
    }
    Ok(())
}

/// Who merged this fact, if anybody did.
pub(super) fn merged_by(item: &Item, key: &str) -> Option<String> {
    let text = item.get("facts")?.as_m().ok()?.get(key)?.as_s().ok()?;
    serde_json::from_str::<Merged>(text).ok().map(|merged| merged.by)
}

/// Id and outcome of the release that was closed last, for people.
pub(super) fn last(item: &Item) -> Option<String> {
    let last = closed(item).ok()??;
    Some(format!("{} {} at {}", last.id, last.phase.name(), last.phase_since))
}

/// The release that was closed last in this slot.
pub(super) fn closed(item: &Item) -> Result<Option<Release>, LedgerError> {
    if !item.contains_key("last") {
        return Ok(None);
    }
    let row = row(item);
    readable(&row, item)?;
    json(&row, "last", item).map(Some)
}

/// The slot's generation; 0 where there never was one.
pub(super) fn generation(item: &Item) -> Result<u64, LedgerError> {
    match number(item, "generation") {
        None if !item.contains_key("generation") => Ok(0),
        found => parse(&row(item), "generation", found),
    }
}

/// What was learned before a release took another's place, as its slot holds it.
pub(super) fn carried(release: &Release) -> AttributeValue {
    let merged = release.facts.iter().map(|(key, fact)| {
        let merged = Merged {
            by: "carried over".to_owned(),
            at: release.opened,
            fact: fact.clone(),
        };
        (key.clone(), AttributeValue::S(to_json(&merged)))
    });
    AttributeValue::M(merged.collect())
}

/// The facts of a slot. None is passed over: it may be the one for which everything is rolled back.
fn facts(row: &str, item: &Item) -> Result<BTreeMap<String, Fact>, LedgerError> {
    let no_texts = || damaged(row, "facts", "is not a map of texts".to_owned());
    let members = item.get("facts").and_then(|facts| facts.as_m().ok());
    let members = members.ok_or_else(no_texts)?;
    members
        .iter()
        .map(|(key, value)| {
            let text = value.as_s().map_err(|_| no_texts())?;
            let merged: Merged = serde_json::from_str(text)
                .map_err(|error| damaged(row, "facts", format!("cannot be read: {error}")))?;
            Ok((key.clone(), merged.fact))
        })
        .collect()
}

pub(super) fn row(item: &Item) -> String {
    let part = |name| {
        item.get(name)
            .and_then(|value| value.as_s().ok())
            .map_or("?", String::as_str)
    };
    format!("{} / {}", part("pk"), part("sk"))
}

pub(super) fn number<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_n().ok().map(String::as_str)
}

pub(super) fn parse<T: std::str::FromStr>(
    row: &str,
    attribute: &'static str,
    found: Option<&str>,
) -> Result<T, LedgerError> {
    found
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| damaged(row, attribute, "is not a whole number".to_owned()))
}

pub(super) fn json<T: for<'de> Deserialize<'de>>(
    row: &str,
    attribute: &'static str,
    item: &Item,
) -> Result<T, LedgerError> {
    let text = item.get(attribute).and_then(|value| value.as_s().ok());
    let text = text.ok_or_else(|| damaged(row, attribute, "is not a text".to_owned()))?;
    serde_json::from_str(text).map_err(|error| damaged(row, attribute, format!("cannot be read: {error}")))
}

pub(super) fn json_text<T: for<'de> Deserialize<'de>>(
    row: &str,
    attribute: &'static str,
    item: &Item,
) -> Result<T, LedgerError> {
    let text = item
        .get(attribute)
        .and_then(|value| value.as_s().ok())
        .cloned()
        .unwrap_or_default();
    serde_json::from_value(serde_json::Value::String(text))
        .map_err(|error| damaged(row, attribute, format!("cannot be read: {error}")))
}

fn damaged(row: &str, attribute: &'static str, problem: String) -> LedgerError {
    LedgerError::Damaged {
        row: row.to_owned(),
        attribute,
        problem,
    }
}

/// A document as text. Our own types always have a JSON form; should one not, the row says so when it is read.
pub(super) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A moment as text.
pub(super) fn to_text(at: At) -> String {
    to_json(&at).trim_matches('"').to_owned()
}
