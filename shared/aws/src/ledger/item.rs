//! Between DynamoDB items and the documents they hold.

use super::later::{Later, Unknown};
use super::{Held, LedgerError};
use aws_sdk_dynamodb::types::AttributeValue;
use decide::{At, Fact, Freeze, Release, SCHEMA};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    readable(&row, item, &["document", "policy"], |row| {
        let mut later = Later::default();
        let mut release: Release = document(row, "document", item, &mut later.document)?;
        (release.facts, later.facts) = facts(row, item)?;
        release.freeze = freeze(item)?;
        Ok(Some(Held {
            policy: document(row, "policy", item, &mut later.policy)?,
            release,
            generation: parse(row, "generation", number(item, "generation"))?,
            updated: json_text(row, "updated", item)?,
            later,
        }))
    })
}

/// What a person said of the policy's freeze.
pub(super) fn freeze(item: &Item) -> Result<Option<Freeze>, LedgerError> {
    match item.contains_key("freeze") {
        true => json(&row(item), "freeze", item).map(Some),
        false => Ok(None),
    }
}

/// Reads a row that this build may read. What it cannot make out in a row of the next schema is no damage.
pub(super) fn readable<T>(
    row: &str,
    item: &Item,
    documents: &[&str],
    read: impl FnOnce(&str) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let of_row: u32 = parse(row, "schema", number(item, "schema"))?;
    let found = documents
        .iter()
        .filter_map(|name| own_schema(item, name))
        .fold(of_row, u32::max);
    let later = |problem| LedgerError::LaterSchema {
        row: row.to_owned(),
        found,
        problem,
    };
    if found > SCHEMA + 1 {
        return Err(later(format!("this build reads up to {}", SCHEMA + 1)));
    }
    read(row).map_err(|error| match error {
        LedgerError::Damaged { attribute, problem, .. } if found > SCHEMA => later(format!(
            "and to this build, of schema {SCHEMA}, attribute {attribute} {problem}"
        )),
        error => error,
    })
}

/// The schema that a document says it has: a slot may hold one of another schema than its own.
fn own_schema(item: &Item, name: &str) -> Option<u32> {
    let value: Value = serde_json::from_str(item.get(name)?.as_s().ok()?).ok()?;
    u32::try_from(value.get("schema")?.as_u64()?).ok()
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
    readable(&row, item, &["last"], |row| json(row, "last", item).map(Some))
}

/// The slot's generation; 0 where there never was one.
pub(super) fn generation(item: &Item) -> Result<u64, LedgerError> {
    match number(item, "generation") {
        None if !item.contains_key("generation") => Ok(0),
        found => parse(&row(item), "generation", found),
    }
}

/// What was learned before a release took another's place, as its slot holds it.
pub(super) fn carried(release: &Release, later: &Later) -> AttributeValue {
    let merged = release.facts.iter().map(|(key, fact)| {
        let merged = Merged {
            by: "carried over".to_owned(),
            at: release.opened,
            fact: fact.clone(),
        };
        let text = later
            .facts
            .get(key)
            .map_or_else(|| to_json(&merged), |unknown| unknown.over(&merged));
        (key.clone(), AttributeValue::S(text))
    });
    AttributeValue::M(merged.collect())
}

/// All that was learned, as one document.
pub(super) fn learned(release: &Release, later: &Later) -> String {
    let fact = |(key, fact): (&String, &Fact)| {
        let text = later
            .facts
            .get(key)
            .map_or_else(|| to_json(fact), |unknown| unknown.over(fact));
        (key.clone(), serde_json::from_str(&text).unwrap_or_default())
    };
    Value::Object(release.facts.iter().map(fact).collect()).to_string()
}

type Facts = (BTreeMap<String, Fact>, BTreeMap<String, Unknown>);

/// The facts of a slot. None is passed over: it may be the one for which everything is rolled back.
fn facts(row: &str, item: &Item) -> Result<Facts, LedgerError> {
    let no_texts = || damaged(row, "facts", "is not a map of texts".to_owned());
    let members = item.get("facts").and_then(|facts| facts.as_m().ok());
    let members = members.ok_or_else(no_texts)?;
    let mut facts = Facts::default();
    for (key, value) in members {
        let text = value.as_s().map_err(|_| no_texts())?;
        let unread = |error| damaged(row, "facts", format!("cannot be read: {error}"));
        let merged: Merged = serde_json::from_str(text).map_err(unread)?;
        let unknown = Unknown::of(&serde_json::from_str(text).map_err(unread)?, &merged);
        if !unknown.is_empty() {
            facts.1.insert(key.clone(), unknown);
        }
        facts.0.insert(key.clone(), merged.fact);
    }
    Ok(facts)
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

/// A document, and what this build does not know of it.
fn document<T: for<'de> Deserialize<'de> + Serialize>(
    row: &str,
    attribute: &'static str,
    item: &Item,
    unknown: &mut Unknown,
) -> Result<T, LedgerError> {
    let written: Value = json(row, attribute, item)?;
    let read: T = json(row, attribute, item)?;
    *unknown = Unknown::of(&written, &read);
    Ok(read)
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
