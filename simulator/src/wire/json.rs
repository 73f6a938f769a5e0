//! awsJson 1.0 and 1.1.

use super::Reply;
use super::fault::{error_members, error_status, error_type, query_error};
use crate::model::Service;
use crate::refusal::Refusal;
use serde_json::{Map, Value};

/// The members in a request body; an empty body has none.
pub(super) fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(body)
        .map_err(|error| Refusal::new("SerializationException", format!("the body is not JSON: {error}")))
}

/// A reply or an error.
pub(super) fn write(model: &Service, outcome: &Result<Value, Refusal>) -> Reply {
    let mut headers = vec![("content-type", format!("application/x-amz-json-{}", model.json_version))];
    let (status, body) = match outcome {
        Ok(reply) => (200, reply.clone()),
        Err(refusal) => {
            headers.extend(query_error(model, refusal));
            (error_status(model, refusal), error_body(model, refusal))
        }
    };
    Reply {
        status,
        headers,
        body: body.to_string().into_bytes(),
    }
}

/// The reply to a request that no service took.
pub(super) fn unreadable(refusal: &Refusal) -> Reply {
    let body = serde_json::json!({ "__type": refusal.code, "message": refusal.message });
    Reply {
        status: refusal.status,
        headers: vec![("content-type", "application/x-amz-json-1.1".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn error_body(model: &Service, refusal: &Refusal) -> Value {
    let mut body = error_members(model, refusal);
    body.insert("__type".to_owned(), Value::String(error_type(model, refusal.code)));
    Value::Object(body)
}
