//! A document's text as a value, without losing what is written twice.

use super::Mistake;
use super::document::{bounded, inside};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads the text. A field that stands twice in one object is a mistake: JSON readers keep the last one without a
/// word, and half of the checks would be gone.
///
/// # Errors
/// Where the text is not JSON.
pub(super) fn value(text: &str, mistakes: &mut Vec<Mistake>) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let place = Place {
        name: String::new(),
        mistakes,
    };
    let value = place.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Where the reader stands.
struct Place<'m> {
    name: String,
    mistakes: &'m mut Vec<Mistake>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    /// `30.0` is the whole number 30, as JSON Schema has it.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
        Ok(match whole {
            true => (value as u32).into(),
            false => Number::from_f64(value).map_or(Value::Null, Value::Number),
        })
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Place {
            name: format!("{}[{}]", self.name, values.len()),
            mistakes: self.mistakes,
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = inside(&self.name, &bounded(&name));
            let value = members.next_value_seed(Place {
                name: place.clone(),
                mistakes: self.mistakes,
            })?;
            if values.contains_key(&name) {
                self.mistakes
                    .push(Mistake::new(place, "is written a second time; keep one"));
            } else {
                values.insert(name, value);
            }
        }
        Ok(Value::Object(values))
    }
}
