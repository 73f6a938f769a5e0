//! Tables: their keys, their items, and what these were a moment ago.

use super::number::Number;
use super::value::{Item, bytes, item_size, kind, typed};
use super::{invalid, key_mismatch};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

/// Bytes of a partition key and of a sort key; see "Service quotas" in the developer guide.
const MAX_HASH_BYTES: usize = 2048;
const MAX_RANGE_BYTES: usize = 1024;

/// One part of a key, in DynamoDB's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The table has no sort key.
    None,
    /// Text, in the order of its UTF-8 bytes.
    Text(String),
    /// A number.
    Number(Number),
    /// Bytes.
    Binary(Vec<u8>),
    /// After all others, for ranges.
    End,
}

impl Part {
    /// From a value that has been found to be of the key's type.
    pub fn of(value: &Value) -> Part {
        match typed(value) {
            ("N", Value::String(text)) => Number::parse(text).map_or(Part::None, Part::Number),
            ("B", Value::String(text)) => Part::Binary(bytes(text)),
            (_, Value::String(text)) => Part::Text(text.clone()),
            _ => Part::None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Part::None | Part::End => 0,
            Part::Text(text) => text.len(),
            Part::Number(number) => number.size(),
            Part::Binary(bytes) => bytes.len(),
        }
    }

    /// As staging shows it.
    pub fn text(&self) -> String {
        match self {
            Part::None | Part::End => String::new(),
            Part::Text(text) => text.clone(),
            Part::Number(number) => number.to_string(),
            Part::Binary(bytes) => aws_smithy_types::base64::encode(bytes),
        }
    }
}

/// Where an item is: partitions lie in the order of a hash, as a scan shows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Hash of the partition key.
    pub bucket: u32,
    /// Partition key.
    pub hash: Part,
    /// Sort key.
    pub range: Part,
}

impl Key {
    /// Of these parts.
    pub fn new(hash: Part, range: Part) -> Key {
        let text = hash.text();
        // FNV-1a: stable, and unlike the order of the keys.
        let bucket = text.bytes().fold(0x811c_9dc5, |sum: u32, byte| {
            (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Key { bucket, hash, range }
    }
}

/// A key attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `S`, `N` or `B`.
    pub kind: String,
}

impl Attribute {
    /// A key must not be empty, neither an item's nor a query's.
    ///
    /// # Errors
    ///
    /// It is.
    pub fn not_empty(&self, value: &Value) -> Result<(), Refusal> {
        let what = match typed(value) {
            ("S", inner) if inner == "" => "string",
            ("B", inner) if inner == "" => "binary",
            _ => return Ok(()),
        };
        let name = &self.name;
        Err(invalid(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty {what} value. Key: {name}"
        )))
    }
}

/// Names and types of a table's keys.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Partition key.
    pub hash: Attribute,
    /// Sort key, if there is one.
    pub range: Option<Attribute>,
}

impl Schema {
    /// Both attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    /// Whether an attribute is part of the key.
    pub fn has(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    /// Reads the `Key` of a request.
    ///
    /// # Errors
    ///
    /// It is no key of this table.
    pub fn key(&self, key: &Item) -> Result<Key, Refusal> {
        let fits = |attribute: &Attribute| key.get(&attribute.name).is_some_and(|v| kind(v) == attribute.kind);
        if key.len() != self.attributes().count() || !self.attributes().all(fits) {
            return Err(key_mismatch());
        }
        self.sized(key)
    }

    /// Reads the key of a whole item.
    ///
    /// # Errors
    ///
    /// It has none of this table.
    pub fn key_of(&self, item: &Item) -> Result<Key, Refusal> {
        for Attribute { name, kind: wanted } in self.attributes() {
            let what = match item.get(name).map(kind) {
                None => format!("Missing the key {name} in the item"),
                Some(actual) if actual != wanted => {
                    format!("Type mismatch for key {name} expected: {wanted} actual: {actual}")
                }
                Some(_) => continue,
            };
            return Err(invalid(format!("One or more parameter values were invalid: {what}")));
        }
        self.sized(item)
    }

    /// What is refused of a key even before its other faults are looked for.
    ///
    /// # Errors
    ///
    /// A key attribute is empty.
    pub fn no_empty(&self, item: &Item) -> Result<(), Refusal> {
        self.attributes()
            .filter_map(|attribute| Some((attribute, item.get(&attribute.name)?)))
            .try_for_each(|(attribute, value)| attribute.not_empty(value))
    }

    fn sized(&self, item: &Item) -> Result<Key, Refusal> {
        let part = |attribute: &Attribute| item.get(&attribute.name).map_or(Part::None, Part::of);
        self.no_empty(item)?;
        let key = Key::new(part(&self.hash), self.range.as_ref().map_or(Part::None, part));
        if key.hash.len() > MAX_HASH_BYTES {
            return Err(invalid(format!(
                "One or more parameter values were invalid: \
                 Size of hashkey has exceeded the maximum size limit of{MAX_HASH_BYTES} bytes"
            )));
        }
        if key.range.len() > MAX_RANGE_BYTES {
            return Err(invalid(format!(
                "One or more parameter values were invalid: \
                 Aggregated size of all range keys has exceeded the size limit of {MAX_RANGE_BYTES} bytes"
            )));
        }
        Ok(key)
    }

    /// The key attributes of an item.
    pub fn key_attributes(&self, item: &Item) -> Item {
        let names = self.attributes().map(|attribute| &attribute.name);
        names
            .filter_map(|name| Some((name.clone(), item.get(name)?.clone())))
            .collect()
    }
}

/// A value an item had, and until when.
#[derive(Clone, Debug)]
struct Past {
    until: At,
    item: Option<Item>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What `DescribeTable` says of it that never changes.
    pub description: Value,
    /// Its keys.
    pub schema: Schema,
    /// When it can be used.
    pub active_from: At,
    /// When items were counted last, how many there were, and their bytes.
    pub counted: (At, usize, usize),
    items: BTreeMap<Key, Item>,
    past: BTreeMap<Key, Vec<Past>>,
}

impl Table {
    /// An empty one.
    pub fn new(description: Value, schema: Schema, created: At, active_from: At) -> Table {
        Table {
            description,
            schema,
            active_from,
            counted: (created, 0, 0),
            items: BTreeMap::new(),
            past: BTreeMap::new(),
        }
    }

    /// All items as they are now.
    pub fn items(&self) -> &BTreeMap<Key, Item> {
        &self.items
    }

    /// An item as it was at a moment, or as it is.
    pub fn get(&self, key: &Key, moment: Option<At>) -> Option<&Item> {
        if let Some(moment) = moment
            && let Some(versions) = self.past.get(key)
            && let Some(then) = versions.iter().find(|version| version.until > moment)
        {
            return then.item.as_ref();
        }
        self.items.get(key)
    }

    /// Items between two keys as they were at a moment, or as they are; in order.
    pub fn between<'a>(
        &'a self,
        from: Bound<&Key>,
        to: Bound<&Key>,
        moment: Option<At>,
    ) -> Box<dyn DoubleEndedIterator<Item = (&'a Key, &'a Item)> + 'a> {
        // Bounds that cross are an empty range to DynamoDB, and a panic to the map.
        let empty = match (from, to) {
            (Bound::Included(a), Bound::Included(b)) => a > b,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
            _ => false,
        };
        if empty {
            return Box::new(std::iter::empty());
        }
        if moment.is_none() {
            return Box::new(self.items.range((from, to)));
        }
        // What is gone by now may have been there.
        let past = self.past.range((from, to)).map(|(key, _)| key);
        let present = self.items.range((from, to)).map(|(key, _)| key);
        let keys: BTreeSet<&Key> = past.chain(present).collect();
        Box::new(
            keys.into_iter()
                .filter_map(move |key| Some((key, self.get(key, moment)?))),
        )
    }

    /// Replaces an item, or takes it away. What it was is kept for `keep_seconds`, as stale reads see it.
    pub fn write(&mut self, key: Key, item: Option<Item>, now: At, keep_seconds: i64) {
        let old = match item {
            Some(item) => self.items.insert(key.clone(), item),
            None => self.items.remove(&key),
        };
        if keep_seconds <= 0 {
            self.past.clear();
            return;
        }
        let oldest = now.plus_seconds(-keep_seconds);
        self.past.retain(|_, versions| {
            versions.retain(|version| version.until > oldest);
            !versions.is_empty()
        });
        self.past.entry(key).or_default().push(Past { until: now, item: old });
    }

    /// Items and bytes; DynamoDB counts about every six hours.
    pub fn count(&mut self, now: At) -> (usize, usize) {
        const EVERY_SECONDS: i64 = 6 * 3600;
        if now >= self.counted.0.plus_seconds(EVERY_SECONDS) {
            self.counted = (now, self.items.len(), self.items.values().map(item_size).sum());
        }
        (self.counted.1, self.counted.2)
    }
}
