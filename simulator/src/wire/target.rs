//! Where a request is going: service, operation, and the protocol it is written in.

use super::{Reply, Request, json};
use crate::model::{self, Service};
use crate::refusal::Refusal;
use serde_json::Value;

/// How requests and replies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// awsJson 1.0 and 1.1: `X-Amz-Target`, JSON bodies.
    Json,
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
            return Target::named(target);
        }
        Err(unknown(format!(
            "{} {} names no operation: there is no X-Amz-Target header",
            request.method, request.path
        )))
    }

    fn named(target: &str) -> Result<Target, Refusal> {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or((target, ""));
        let (service, model) = model::services()
            .find(|(_, model)| model.target_prefix == prefix)
            .ok_or_else(|| unknown(format!("no service is called {prefix:?} here")))?;
        Ok(Target {
            service,
            model,
            operation: operation.to_owned(),
            protocol: Protocol::Json,
        })
    }

    /// The request's members.
    ///
    /// # Errors
    ///
    /// What AWS says when it cannot read the body.
    pub fn read(&self, request: &Request) -> Result<Value, Refusal> {
        match self.protocol {
            Protocol::Json => json::read(&request.body),
        }
    }

    /// The reply as HTTP.
    pub fn write(&self, outcome: &Result<Value, Refusal>, request_id: String) -> Reply {
        let mut reply = match self.protocol {
            Protocol::Json => json::write(self.model, outcome),
        };
        reply.headers.push(("x-amzn-requestid", request_id));
        reply
    }
}

fn unknown(message: String) -> Refusal {
    Refusal::new("UnknownOperationException", message).status(404)
}
