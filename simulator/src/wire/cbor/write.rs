//! To CBOR.

use crate::model::{Service, Shape};
use aws_smithy_cbor::Encoder;
use aws_smithy_types::{DateTime, base64};
use serde_json::Value;

/// A value as its shape says. What does not fit was found out before, by the model; it is written as it is.
pub(super) fn value(encoder: &mut Encoder, model: &Service, name: &str, value_: &Value) {
    match (model.shape(name), value_) {
        (Some(Shape::Structure(shape)), Value::Object(found)) if !shape.document => {
            encoder.map(found.len());
            for (member, inner) in found {
                encoder.str(member);
                match shape.members.get(member) {
                    Some(shape) => value(encoder, model, shape, inner),
                    None => free(encoder, inner),
                }
            }
        }
        (Some(Shape::Map { value: shape, .. }), Value::Object(found)) => {
            encoder.map(found.len());
            for (key, inner) in found {
                encoder.str(key);
                value(encoder, model, shape, inner);
            }
        }
        (Some(Shape::List { member, .. }), Value::Array(entries)) => {
            encoder.array(entries.len());
            entries.iter().for_each(|entry| value(encoder, model, member, entry));
        }
        (Some(Shape::Double(_)), Value::Number(number)) => {
            encoder.double(number.as_f64().unwrap_or_default());
        }
        (Some(Shape::Timestamp), Value::Number(number)) => {
            encoder.timestamp(&DateTime::from_secs_f64(number.as_f64().unwrap_or_default()));
        }
        (Some(Shape::Blob(_)), Value::String(text)) => {
            encoder.blob_bytes(&base64::decode(text).unwrap_or_default());
        }
        (_, other) => free(encoder, other),
    }
}

/// A value that no shape describes.
pub(super) fn free(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::Null => {
            encoder.null();
        }
        Value::Bool(b) => {
            encoder.boolean(*b);
        }
        Value::Number(number) => {
            match number.as_i64() {
                Some(whole) => encoder.long(whole),
                None => encoder.double(number.as_f64().unwrap_or_default()),
            };
        }
        Value::String(text) => {
            encoder.str(text);
        }
        Value::Array(entries) => {
            encoder.array(entries.len());
            entries.iter().for_each(|entry| free(encoder, entry));
        }
        Value::Object(members) => {
            encoder.map(members.len());
            for (name, member) in members {
                encoder.str(name);
                free(encoder, member);
            }
        }
    }
}
