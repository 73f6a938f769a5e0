//! One write, alone or in a transaction: read from the request, checked against its table, tried on its item.

use super::condition::Condition;
use super::placeholders::Placeholders;
use super::table::{Key, Schema};
use super::update::Update;
use super::value::{Item, MAX_ITEM_BYTES, canonical_item, item_size};
use super::{invalid, table_name};
use crate::refusal::Refusal;
use serde_json::{Value, json};

/// What a write does to its item.
#[derive(Debug)]
pub enum Effect {
    /// Replaces it.
    Put,
    /// Changes it, or makes it.
    Update(Update),
    /// Takes it away.
    Delete,
    /// Looks at it.
    Check,
}

/// A write as requested.
#[derive(Debug)]
pub struct Write<'a> {
    /// Its table.
    pub table: &'a str,
    /// What it does.
    pub effect: Effect,
    /// The whole item of a put, else the key.
    pub given: Item,
    condition: Option<Condition>,
    shows_old: bool,
}

/// Why a write does not take effect.
#[derive(Debug)]
pub enum Failure {
    /// Its condition does not hold; the item, if it was asked for.
    Condition(Option<Item>),
    /// The item cannot be changed so.
    Invalid(String),
}

impl<'a> Write<'a> {
    /// From the members of PutItem, UpdateItem and DeleteItem, or of a transaction's entry of that kind.
    ///
    /// # Errors
    ///
    /// What DynamoDB refuses before it looks at any table.
    pub fn read(kind: &str, request: &'a Value) -> Result<Write<'a>, Refusal> {
        let expressions: &[&str] = match kind {
            "Update" => &["UpdateExpression", "ConditionExpression"],
            _ => &["ConditionExpression"],
        };
        let mut placeholders = Placeholders::of(request, expressions)?;
        let effect = match kind {
            "Put" => Effect::Put,
            "Update" => Effect::Update(Update::read(request, &mut placeholders)?),
            "Delete" => Effect::Delete,
            _ => Effect::Check,
        };
        let condition = Condition::read(request, "ConditionExpression", &mut placeholders)?;
        placeholders.all_used()?;
        let member = if kind == "Put" { "Item" } else { "Key" };
        let given = request[member].as_object().map_or(Ok(Item::new()), canonical_item);
        let given = given.map_err(invalid)?;
        if kind == "Put" && item_size(&given) > MAX_ITEM_BYTES {
            return Err(invalid("Item size has exceeded the maximum allowed size"));
        }
        Ok(Write {
            table: table_name(request),
            effect,
            given,
            condition,
            shows_old: request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD",
        })
    }

    /// Where it writes.
    ///
    /// # Errors
    ///
    /// The key is none of the table, or would be changed.
    pub fn key(&self, schema: &Schema) -> Result<Key, Refusal> {
        if let Effect::Put = self.effect {
            return schema.key_of(&self.given);
        }
        let key = schema.key(&self.given)?;
        if let Effect::Update(update) = &self.effect
            && let Some((path, _)) = update.actions.iter().find(|(path, _)| schema.has(path.head()))
        {
            let name = path.head();
            return Err(invalid(format!(
                "One or more parameter values were invalid: Cannot update attribute {name}. \
                 This attribute is part of the key"
            )));
        }
        Ok(key)
    }

    /// The item as it will be; nothing where it will be gone.
    ///
    /// # Errors
    ///
    /// It does not take effect.
    pub fn tried(&self, old: Option<&Item>) -> Result<Option<Item>, Failure> {
        let none = Item::new();
        if let Some(condition) = &self.condition
            && !condition.holds(old.unwrap_or(&none))
        {
            return Err(Failure::Condition(old.filter(|_| self.shows_old).cloned()));
        }
        match &self.effect {
            Effect::Put => Ok(Some(self.given.clone())),
            Effect::Delete => Ok(None),
            Effect::Check => Ok(old.cloned()),
            Effect::Update(update) => {
                let new = update.applied(old.unwrap_or(&self.given)).map_err(Failure::Invalid)?;
                if item_size(&new) > MAX_ITEM_BYTES {
                    let text = "Item size to update has exceeded the maximum allowed size";
                    return Err(Failure::Invalid(text.to_owned()));
                }
                Ok(Some(new))
            }
        }
    }
}

impl Failure {
    /// As a single request is told.
    pub fn refusal(self) -> Refusal {
        match self {
            Failure::Invalid(text) => invalid(text),
            Failure::Condition(item) => {
                let refusal = Refusal::new("ConditionalCheckFailedException", "The conditional request failed");
                match item {
                    Some(item) => refusal.with("Item", Value::Object(item)),
                    None => refusal,
                }
            }
        }
    }

    /// As a transaction lists it.
    pub fn reason(self) -> Value {
        match self {
            Failure::Invalid(text) => json!({ "Code": "ValidationError", "Message": text }),
            Failure::Condition(item) => {
                let mut reason =
                    json!({ "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" });
                if let Some(item) = item {
                    reason["Item"] = Value::Object(item);
                }
                reason
            }
        }
    }
}
