//! Bytes in, bytes out: the protocols AWS services speak.

use crate::faults::Fault;
use crate::world::World;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

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

    /// First value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Service and operation a request names; `("unknown", "")` where it names none we have.
pub fn name(_request: &Request) -> (&'static str, String) {
    ("unknown", String::new())
}

/// Answers one request.
pub fn answer(_world: &mut World, _request: &Request) -> Reply {
    Reply {
        status: 501,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// The reply of a service that is in trouble.
pub fn refuse(_request: &Request, _fault: Fault) -> Reply {
    Reply {
        status: 500,
        headers: Vec::new(),
        body: Vec::new(),
    }
}
