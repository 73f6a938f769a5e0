//! Bytes in, bytes out: the protocols AWS services speak.
//!
//! ```text
//! Request → Target (which service, operation, protocol) → read → model → World::call → model → write → Reply
//! ```

mod cbor;
mod fault;
mod json;
mod query;
mod target;

pub use fault::refuse;
pub use target::Protocol;

use crate::refusal::Refusal;
use crate::world::{Call, World};
use crate::{iam, model};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::Value;
use std::sync::Arc;
use target::Target;

#[cfg(test)]
mod sdk_tests;
#[cfg(test)]
mod tests;

/// The longest body that is read, packed or not.
pub const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// An HTTP request, whoever sent it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Label of the invocation, or access key over a port.
    pub caller: String,
    /// `POST`, mostly.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whole body.
    pub body: Vec<u8>,
}

/// An HTTP reply.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// From what the SDK hands to its connector.
    pub fn from_sdk(caller: &str, request: &HttpRequest) -> Request {
        let path = request
            .uri()
            .splitn(4, '/')
            .nth(3)
            .map_or("/".to_owned(), |rest| format!("/{rest}"));
        Request {
            caller: caller.to_owned(),
            method: request.method().to_owned(),
            path,
            headers: request
                .headers()
                .iter()
                .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                .collect(),
            body: request.body().bytes().unwrap_or_default().to_vec(),
        }
    }

    /// A call as a client would write it, by the model's names; nothing is checked here.
    ///
    /// Returns nothing for a service that is not here, or does not speak this protocol.
    pub fn written(caller: &str, service: &str, operation: &str, protocol: Protocol, input: &Value) -> Option<Request> {
        let model = model::service(service)?;
        let prefix = &model.target_prefix;
        if !protocol.is_spoken_by(model) {
            return None;
        }
        let (path, headers, body) = match protocol {
            Protocol::Json => (
                "/".to_owned(),
                vec![
                    ("x-amz-target", format!("{prefix}.{operation}")),
                    ("content-type", format!("application/x-amz-json-{}", model.json_version)),
                ],
                input.to_string().into_bytes(),
            ),
            Protocol::Cbor => (
                format!("/service/{prefix}/operation/{operation}"),
                vec![
                    ("smithy-protocol", "rpc-v2-cbor".to_owned()),
                    ("content-type", "application/cbor".to_owned()),
                ],
                cbor::members(model, operation, input),
            ),
            Protocol::Query => (
                "/".to_owned(),
                vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
                query::members(model, operation, input),
            ),
        };
        Some(Request {
            caller: caller.to_owned(),
            method: "POST".to_owned(),
            path,
            headers: headers.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            body,
        })
    }

    /// The access key that it is signed with, by Signature Version 4:
    /// `AWS4-HMAC-SHA256 Credential=<access key>/<date>/<region>/<service>/aws4_request, …`
    pub fn access_key(&self) -> Option<&str> {
        let (_, rest) = self.header("authorization")?.split_once("Credential=")?;
        rest.split('/').next().filter(|key| !key.is_empty())
    }

    /// First value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Service and operation a request names; `("unknown", "")` where it names none we have.
pub fn name(request: &Request) -> (&'static str, String) {
    match Target::of(request) {
        Ok(target) => (target.service, target.operation),
        Err(_) => ("unknown", String::new()),
    }
}

/// Answers one request.
///
/// A reply that AWS could not have given becomes HTTP 500 `simulator defect: …`, and is noted in
/// [`World::defects`]: callers must not get used to what is not there.
pub fn answer(world: &mut World, request: &Request) -> Reply {
    let target = match Target::of(request) {
        Ok(target) => target,
        Err(refusal) => return unreadable(&refusal),
    };
    // Every request is logged by now or by the end of this function, so this grows with each.
    let id = request_id(world.calls.len() as u64 + 1);
    let call = logged(world, request, &target);
    if let Err(defect) = check(&target, &call.outcome) {
        let defect = format!("{} {}: {defect}", target.service, target.operation);
        let refusal = Refusal::new("InternalFailure", format!("simulator defect: {defect}")).status(500);
        world.defects.push(defect);
        return target.write(&Err(refusal), id);
    }
    target.write(&call.outcome, id)
}

/// The reply to a request that reached no service.
pub fn unreadable(refusal: &Refusal) -> Reply {
    json::unreadable(refusal)
}

fn logged(world: &mut World, request: &Request, target: &Target) -> Arc<Call> {
    let (input, refusal) = match target.read(request) {
        Ok(input) => match model::check_request(target.service, &target.operation, &input) {
            Ok(input) => match iam::authorise(world, request.access_key(), target.service, &target.operation, &input) {
                Ok(()) => return world.perform(&request.caller, target.service, &target.operation, input),
                Err(refusal) => (input, refusal),
            },
            Err(refusal) => (input, refusal),
        },
        Err(refusal) => (Value::Null, refusal),
    };
    world.log(Call {
        at: world.now,
        caller: request.caller.clone(),
        service: target.service,
        operation: target.operation.clone(),
        input,
        outcome: Err(refusal),
    })
}

fn check(target: &Target, outcome: &Result<Value, Refusal>) -> Result<(), String> {
    match outcome {
        Ok(reply) => model::check_reply(target.service, &target.operation, reply),
        Err(refusal) => model::check_error(target.service, &target.operation, refusal),
    }
}

/// Shaped as AWS's, but counting: two runs of one seed give the same bytes.
fn request_id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}
