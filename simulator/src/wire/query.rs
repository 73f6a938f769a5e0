//! awsQuery, in which Elastic Load Balancing speaks: forms in, XML out.
//!
//! Both ways need the model: a form is all text, and an XML element without content may be a list, a structure or a
//! text. No shape that is served has a name of its own on the wire (`simulator/models/extract.py` holds that).
//!
//! # Source
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::Reply;
use super::fault::{error_status, query_code};
use crate::model::Service;
use crate::refusal::Refusal;
use aws_smithy_xml::encode::XmlWriter;
use serde_json::Value;

pub(super) use read::read;
pub(super) use write::members;

/// What a form says of its address: `Action` and `Version`.
pub(super) fn address(body: &[u8]) -> Option<(String, String)> {
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    Some((value("Action")?, value("Version")?))
}

/// A reply or an error.
pub(super) fn write(model: &Service, operation: &str, outcome: &Result<Value, Refusal>, request_id: &str) -> Reply {
    let (status, body) = match outcome {
        Ok(reply) => (200, answer(model, operation, reply, request_id)),
        Err(refusal) => {
            let status = match refusal.code {
                // "403: User: … is not authorized to perform: elasticloadbalancing:…", where the JSON protocols say 400.
                "AccessDeniedException" => 403,
                _ => error_status(model, refusal),
            };
            (status, error(model, refusal, status, request_id))
        }
    };
    Reply {
        status,
        headers: vec![("content-type", "text/xml".to_owned())],
        body: body.into_bytes(),
    }
}

fn answer(model: &Service, operation: &str, reply: &Value, request_id: &str) -> String {
    let mut text = String::new();
    let (response, result) = (format!("{operation}Response"), format!("{operation}Result"));
    let mut xml = XmlWriter::new(&mut text);
    let mut root = xml.start_el(&response).write_ns(namespace(model), None).finish();
    let shapes = model.operations.get(operation);
    if let Some(output) = shapes.and_then(|shapes| shapes.output.as_deref()) {
        let mut wrapper = root.start_el(&result).finish();
        write::value(&mut wrapper, model, output, reply);
    }
    let mut metadata = root.start_el("ResponseMetadata").finish();
    metadata.start_el("RequestId").finish().data(request_id);
    metadata.finish();
    root.finish();
    text
}

fn error(model: &Service, refusal: &Refusal, status: u16, request_id: &str) -> String {
    let mut text = String::new();
    let mut xml = XmlWriter::new(&mut text);
    let mut root = xml.start_el("ErrorResponse").write_ns(namespace(model), None).finish();
    let mut error = root.start_el("Error").finish();
    let whose = if status >= 500 { "Receiver" } else { "Sender" };
    for (name, value) in [
        ("Type", whose),
        ("Code", code(model, refusal)),
        ("Message", &refusal.message),
    ] {
        error.start_el(name).finish().data(value);
    }
    error.finish();
    root.start_el("RequestId").finish().data(request_id);
    root.finish();
    text
}

/// "Common errors" of the Elastic Load Balancing API reference have names of their own.
fn code<'a>(model: &'a Service, refusal: &'a Refusal) -> &'a str {
    match query_code(model, refusal) {
        "ValidationException" => "ValidationError",
        "UnknownOperationException" => "InvalidAction",
        "SerializationException" => "MalformedInput",
        code => code,
    }
}

fn namespace(model: &Service) -> &str {
    model.xml_namespace.as_deref().unwrap_or_default()
}
