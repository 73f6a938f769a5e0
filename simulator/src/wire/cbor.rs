//! Smithy RPC v2 CBOR, in which the Rust SDK talks to CloudWatch.
//!
//! Reading needs no model, CBOR says itself what it holds; writing does: `5` is a whole number on the
//! wire unless the model says double, and times carry tag 1.
//!
//! # Source
//!
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::Reply;
use super::fault::{error_members, error_status, error_type, query_error};
use crate::model::Service;
use crate::refusal::Refusal;
use aws_smithy_cbor::Encoder;
use serde_json::Value;

pub(super) use read::read;

/// A reply or an error. Operations without output shape answer with no body and no content type.
pub(super) fn write(model: &Service, output: Option<&str>, outcome: &Result<Value, Refusal>) -> Reply {
    let mut headers = vec![("smithy-protocol", "rpc-v2-cbor".to_owned())];
    let mut encoder = Encoder::new(Vec::new());
    let status = match outcome {
        Ok(reply) => {
            if let Some(output) = output {
                write::value(&mut encoder, model, output, reply);
            }
            200
        }
        Err(refusal) => {
            headers.extend(query_error(model, refusal));
            error(&mut encoder, model, refusal);
            error_status(model, refusal)
        }
    };
    let body = encoder.into_writer();
    if !body.is_empty() {
        headers.push(("content-type", "application/cbor".to_owned()));
    }
    Reply { status, headers, body }
}

/// A request's body.
pub(super) fn members(model: &Service, operation: &str, input: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let shape = model
        .operations
        .get(operation)
        .and_then(|shapes| shapes.input.as_deref());
    match shape {
        Some(shape) => write::value(&mut encoder, model, shape, input),
        None => write::free(&mut encoder, input),
    }
    encoder.into_writer()
}

fn error(encoder: &mut Encoder, model: &Service, refusal: &Refusal) {
    let members = error_members(model, refusal);
    encoder.map(members.len() + 1);
    encoder.str("__type").str(&error_type(model, refusal.code));
    let shape = model.error(refusal.code);
    for (name, member) in &members {
        encoder.str(name);
        match shape.and_then(|shape| shape.members.get(name)) {
            Some(inner) => write::value(encoder, model, inner, member),
            None => write::free(encoder, member),
        }
    }
}
