//! Where a request is going: service, operation, and the protocol it is written in.

use super::{MAX_BODY_BYTES, Reply, Request, cbor, json, query};
use crate::model::{self, Service};
use crate::refusal::Refusal;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::borrow::Cow;
use std::io::Read;

/// How requests and replies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson 1.0 and 1.1: `X-Amz-Target`, JSON bodies.
    Json,
    /// Smithy RPC v2: service and operation in the path, CBOR bodies.
    Cbor,
    /// awsQuery: forms in, XML out.
    Query,
}

impl Protocol {
    /// All there are.
    pub const ALL: [Protocol; 3] = [Protocol::Json, Protocol::Cbor, Protocol::Query];

    /// As AWS's models call it.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Json => "json",
            Protocol::Cbor => "smithy-rpc-v2-cbor",
            Protocol::Query => "query",
        }
    }

    /// Whether a service is served in it: the query protocol only where there is no newer one.
    pub fn is_spoken_by(self, model: &Service) -> bool {
        let spoken = model.protocols.iter().any(|name| name == self.name());
        spoken && (self != Protocol::Query || model.protocols.len() == 1)
    }
}

/// A request's address.
#[derive(Debug)]
pub struct Target {
    /// Service, lower case.
    pub service: &'static str,
    /// Its model.
    pub model: &'static Service,
    /// Operation as the request has it, served or not.
    pub operation: String,
    /// Protocol for both ways.
    pub protocol: Protocol,
}

impl Target {
    /// Reads the address.
    ///
    /// # Errors
    ///
    /// What AWS says when a request names no service or none that is here.
    pub fn of(request: &Request) -> Result<Target, Refusal> {
        if let Some(target) = request.header("x-amz-target") {
            let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
            return Target::named(prefix, operation, Protocol::Json);
        }
        let path: Vec<&str> = request.path.split('/').collect();
        if let ["", "service", prefix, "operation", operation] = path[..] {
            return match request.header("smithy-protocol") {
                Some("rpc-v2-cbor") => Target::named(prefix, operation, Protocol::Cbor),
                other => Err(unknown(format!(
                    "smithy-protocol is {other:?}, \"rpc-v2-cbor\" is served here"
                ))),
            };
        }
        if let Some((operation, version)) = query::address(&request.body) {
            return Target::versioned(operation, &version);
        }
        Err(unknown(format!(
            "{} {} names no operation: there is no X-Amz-Target header",
            request.method, request.path
        )))
    }

    fn named(prefix: &str, operation: &str, protocol: Protocol) -> Result<Target, Refusal> {
        let (service, model) = model::services()
            .find(|(_, model)| model.target_prefix == prefix && protocol.is_spoken_by(model))
            .ok_or_else(|| unknown(format!("no service is called {prefix:?} in {} here", protocol.name())))?;
        Ok(Target {
            service,
            model,
            operation: operation.to_owned(),
            protocol,
        })
    }

    /// A form names no service: its host does, which over a port is ours. The version of the API does as well.
    fn versioned(operation: String, version: &str) -> Result<Target, Refusal> {
        let (service, model) = model::services()
            .find(|(_, model)| model.api_version == version && Protocol::Query.is_spoken_by(model))
            .ok_or_else(|| unknown(format!("no service of version {version:?} is served in query here")))?;
        Ok(Target {
            service,
            model,
            operation,
            protocol: Protocol::Query,
        })
    }

    /// The request's members.
    ///
    /// # Errors
    ///
    /// What AWS says when it cannot read the body.
    pub fn read(&self, request: &Request) -> Result<Value, Refusal> {
        let body = unpacked(request)?;
        match self.protocol {
            Protocol::Json => json::read(&body),
            Protocol::Cbor => cbor::read(&body),
            Protocol::Query => query::read(self.model, &self.operation, &body),
        }
    }

    /// The reply as HTTP.
    pub fn write(&self, outcome: &Result<Value, Refusal>, request_id: String) -> Reply {
        let mut reply = match self.protocol {
            Protocol::Json => json::write(self.model, outcome),
            Protocol::Cbor => {
                let shapes = self.model.operations.get(&self.operation);
                cbor::write(self.model, shapes.and_then(|shapes| shapes.output.as_deref()), outcome)
            }
            Protocol::Query => query::write(self.model, &self.operation, outcome, &request_id),
        };
        reply.headers.push(("x-amzn-requestid", request_id));
        reply
    }
}

/// The body as it was before `Content-Encoding`: SDKs pack `PutMetricData` from 10 KiB on.
fn unpacked(request: &Request) -> Result<Cow<'_, [u8]>, Refusal> {
    let broken = |what: String| Refusal::new("SerializationException", what);
    match request.header("content-encoding") {
        // A chunk-signed body (`aws-chunked`) is S3's business only.
        None | Some("identity") => Ok(Cow::Borrowed(&request.body)),
        Some("gzip") => {
            let mut body = Vec::new();
            GzDecoder::new(request.body.as_slice())
                .take(MAX_BODY_BYTES as u64 + 1)
                .read_to_end(&mut body)
                .map_err(|error| broken(format!("the body is not gzip: {error}")))?;
            if body.len() > MAX_BODY_BYTES {
                return Err(broken(format!(
                    "the unpacked body is longer than {MAX_BODY_BYTES} bytes"
                )));
            }
            Ok(Cow::Owned(body))
        }
        Some(other) => Err(broken(format!("no such content-encoding here: {other}"))),
    }
}

fn unknown(message: String) -> Refusal {
    Refusal::new("UnknownOperationException", message).status(404)
}
