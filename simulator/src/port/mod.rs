//! The world served on a port, for `sam local invoke`, the AWS CLI and any SDK.
//!
//! Who answers is either a [`Lab`], which owns a world in which nothing of its users' runs, or whoever sits behind a
//! [`Desk`] and plays that world on between two requests.

mod desk;
mod lab;
#[cfg(test)]
mod tests;

pub use desk::{Desk, Visit, call};
pub use lab::{Lab, LabClock, Routes};

use crate::refusal::Refusal;
use crate::wire::{self, MAX_BODY_BYTES, Reply, Request};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Where lab routes begin; no AWS call has such a path.
const ROUTES: &str = "/_lab/";

/// Who answers what comes in at the port.
pub trait Answers: Send + Sync + 'static {
    /// Answers a request, of AWS or below `/_lab/`, with the query of its address; `None` is a reply that never comes.
    fn answer(&self, request: Request, query: String) -> impl Future<Output = Option<Reply>> + Send;
}

/// Serves until the future is dropped, which ends all connections as well.
///
/// With `tls`, the port speaks HTTPS only.
pub async fn serve(listener: TcpListener, lab: Arc<impl Answers>, tls: Option<rustls::ServerConfig>) {
    let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, Arc::clone(&lab), tls.clone()));
            }
            // Out of file descriptors, or a peer gone before it was met: neither ends the lab.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, lab: Arc<impl Answers>, tls: Option<TlsAcceptor>) {
    // A reply is one packet (see `exchanges`); nothing is to be gained by holding it back.
    let _ = stream.set_nodelay(true);
    match tls {
        None => exchanges(stream, lab).await,
        Some(tls) => {
            // Whoever fails the handshake has been told so in it.
            if let Ok(stream) = tls.accept(stream).await {
                exchanges(stream, lab).await;
            }
        }
    }
}

async fn exchanges<S: AsyncRead + AsyncWrite + Unpin>(stream: S, lab: Arc<impl Answers>) {
    let service = service_fn(|request| exchange(&*lab, request));
    // Without writev, hyper copies head and body into one buffer: one write, one packet, and no
    // waiting for the peer's delayed acknowledgement between the two.
    let served = http1::Builder::new()
        .writev(false)
        .serve_connection(TokioIo::new(stream), service);
    // Ends with an error when the peer goes away or does not speak HTTP, which hyper answers itself.
    let _ = served.await;
}

async fn exchange(
    lab: &impl Answers,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let reply = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => {
            let query = head.uri.query().unwrap_or_default().to_owned();
            answer(lab, of_parts(&head, body.to_bytes().to_vec()), query).await
        }
        Err(error) if error.is::<LengthLimitError>() => wire::unreadable(
            &Refusal::new(
                "RequestEntityTooLargeException",
                format!("the body is longer than {MAX_BODY_BYTES} bytes"),
            )
            .status(413),
        ),
        Err(error) => wire::unreadable(&Refusal::new(
            "SerializationException",
            format!("the body ends early: {error}"),
        )),
    };
    Ok(into_http(reply))
}

fn of_parts(head: &http::request::Parts, body: Vec<u8>) -> Request {
    let headers = head.headers.iter();
    let headers: Vec<(String, String)> = headers
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let mut request = Request {
        caller: String::new(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers,
        body,
    };
    request.caller = request.access_key().unwrap_or_default().to_owned();
    request
}

async fn answer(lab: &impl Answers, request: Request, query: String) -> Reply {
    if !request.path.starts_with(ROUTES) && request.caller.is_empty() {
        return wire::unreadable(&Refusal::new(
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        ));
    }
    match lab.answer(request, query).await {
        Some(reply) => reply,
        None => std::future::pending().await,
    }
}

fn into_http(reply: Reply) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
