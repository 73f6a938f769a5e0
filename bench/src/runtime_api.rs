//! The Lambda Runtime API, as far as one function process needs it.
//!
//! # Source
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What the function has until its time is up; the stack's own setting.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What the function process said.
#[derive(Debug)]
pub enum Said {
    /// It asked for the next event.
    Next(Instant),
    /// It answered the event.
    Response(Instant),
    /// It reported an error, of the event or of its start.
    Error(String),
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Next(_) => f.write_str("it asked for an event"),
            Said::Response(_) => f.write_str("it answered"),
            Said::Error(body) => write!(f, "it reported {body}"),
        }
    }
}

/// One function's Runtime API, on a port of its own.
pub struct RuntimeApi {
    /// What `AWS_LAMBDA_RUNTIME_API` is set to.
    pub address: String,
    events: UnboundedSender<Bytes>,
    said: UnboundedReceiver<Said>,
}

struct Port {
    events: Mutex<UnboundedReceiver<Bytes>>,
    said: UnboundedSender<Said>,
}

impl RuntimeApi {
    /// Listens until the program ends.
    pub async fn serve() -> io::Result<RuntimeApi> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (events, waiting) = unbounded_channel();
        let (said, heard) = unbounded_channel();
        let port = Arc::new(Port {
            events: Mutex::new(waiting),
            said,
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(Arc::clone(&port), stream));
            }
        });
        Ok(RuntimeApi {
            address,
            events,
            said: heard,
        })
    }

    /// Hands the function its next event; the moment it was handed over.
    pub fn send(&self, event: &Bytes) -> Instant {
        let now = Instant::now();
        // The other end lives as long as the listener, which lives as long as the program.
        let _ = self.events.send(event.clone());
        now
    }

    /// The next thing the function says; `None` if it says nothing in time.
    pub async fn hear(&mut self, patience: Duration) -> Option<Said> {
        tokio::time::timeout(patience, self.said.recv()).await.ok().flatten()
    }
}

async fn converse(port: Arc<Port>, stream: TcpStream) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| reply(&port, request));
    // The connection breaks when the process is ended; that is how every run ends.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn reply(port: &Port, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let arrived = Instant::now();
    let path = request.uri().path().to_owned();
    let said = match (request.method(), path.rsplit('/').next()) {
        (&Method::GET, Some("next")) => {
            let _ = port.said.send(Said::Next(arrived));
            return Ok(match port.events.lock().await.recv().await {
                Some(event) => next(event),
                None => status(StatusCode::GONE),
            });
        }
        (&Method::POST, Some("response")) => {
            // Whatever it answered, the time is that of the whole answer.
            request.into_body().collect().await?;
            Said::Response(Instant::now())
        }
        (&Method::POST, Some("error")) => {
            let body = request.into_body().collect().await?.to_bytes();
            Said::Error(String::from_utf8_lossy(&body).into_owned())
        }
        _ => return Ok(status(StatusCode::NOT_FOUND)),
    };
    let _ = port.said.send(said);
    Ok(status(StatusCode::ACCEPTED))
}

fn next(event: Bytes) -> Response<Full<Bytes>> {
    let deadline = SystemTime::now() + TIMEOUT;
    let deadline_millis = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let mut response = Response::new(Full::new(event));
    let headers = response.headers_mut();
    let fixed = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:111122223333:function:rollback",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, hyper::header::HeaderValue::from_static(value));
    }
    // Digits are always a header value.
    if let Ok(value) = hyper::header::HeaderValue::from_str(&deadline_millis.to_string()) {
        headers.insert("lambda-runtime-deadline-ms", value);
    }
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
