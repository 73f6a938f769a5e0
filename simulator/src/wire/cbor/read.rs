//! From CBOR.

use crate::refusal::Refusal;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::{Decoder, DeserializeError};
use aws_smithy_types::base64;
use serde_json::{Map, Number, Value};

/// Deeper than any shape AWS has, far from the end of the stack.
const MAX_DEPTH: u32 = 64;

/// The members in a request body; an empty body has none.
pub(in crate::wire) fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut decoder = Decoder::new(body);
    let read = value(&mut decoder, 0).and_then(|value| match decoder.position() {
        end if end == body.len() => Ok(value),
        end => Err(DeserializeError::expected_end_of_stream(end)),
    });
    read.map_err(|error| Refusal::new("SerializationException", format!("the body is not CBOR: {error}")))
}

fn value(decoder: &mut Decoder, depth: u32) -> Result<Value, DeserializeError> {
    let at = decoder.position();
    if depth > MAX_DEPTH {
        return Err(DeserializeError::custom("nested too deeply", at));
    }
    Ok(match decoder.datatype()? {
        Type::Bool => Value::Bool(decoder.boolean()?),
        Type::Null => {
            decoder.null()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            Value::from(decoder.long()?)
        }
        Type::F32 => number(f64::from(decoder.float()?), at)?,
        Type::F64 => number(decoder.double()?, at)?,
        Type::Bytes | Type::BytesIndef => Value::String(base64::encode(decoder.blob()?)),
        Type::String | Type::StringIndef => Value::String(decoder.str()?.into_owned()),
        Type::Array | Type::ArrayIndef => list(decoder, depth)?,
        Type::Map | Type::MapIndef => map(decoder, depth)?,
        Type::Tag => number(decoder.timestamp()?.as_secs_f64(), at)?,
        other => return Err(DeserializeError::custom(format!("{other:?} is not used here"), at)),
    })
}

/// JSON, in which services are asked, has no infinities; CloudWatch refuses them as values, too.
fn number(float: f64, at: usize) -> Result<Value, DeserializeError> {
    Number::from_f64(float)
        .map(Value::Number)
        .ok_or_else(|| DeserializeError::custom(format!("{float} is not a finite number"), at))
}

fn list(decoder: &mut Decoder, depth: u32) -> Result<Value, DeserializeError> {
    let mut left = decoder.list()?;
    let mut entries = Vec::new();
    while more(decoder, &mut left)? {
        entries.push(value(decoder, depth + 1)?);
    }
    Ok(Value::Array(entries))
}

fn map(decoder: &mut Decoder, depth: u32) -> Result<Value, DeserializeError> {
    let mut left = decoder.map()?;
    let mut members = Map::new();
    while more(decoder, &mut left)? {
        let at = decoder.position();
        let name = decoder.str()?.into_owned();
        let member = value(decoder, depth + 1)?;
        if members.insert(name.clone(), member).is_some() {
            return Err(DeserializeError::custom(format!("{name:?} is there twice"), at));
        }
    }
    Ok(Value::Object(members))
}

/// Whether a list or map goes on: by its length, or, where it has none, until the break.
fn more(decoder: &mut Decoder, left: &mut Option<u64>) -> Result<bool, DeserializeError> {
    match left {
        Some(0) => Ok(false),
        Some(n) => {
            *n -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}
