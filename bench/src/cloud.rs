//! AWS at a fixed distance: each request is answered after the delay its service is given, to the millisecond.

use crate::outcome::Outcome;
use crate::scene::Scene;
use crate::tls::Tls;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use simulator::wire;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// What a call to ECS, CodePipeline or CloudWatch takes.
pub const SLOW: Duration = Duration::from_millis(50);
/// What a call to the ledger takes.
pub const LEDGER: Duration = Duration::from_millis(5);

/// One call, from the whole request having arrived to the reply leaving.
#[derive(Clone, Debug)]
pub struct Call {
    /// `dynamodb` is the ledger, anything else is slow.
    pub service: &'static str,
    /// `UpdateService`.
    pub operation: String,
    /// Request read.
    pub began: Instant,
    /// Reply handed to the socket.
    pub ended: Instant,
    /// HTTP status of the reply.
    pub status: u16,
}

impl Call {
    /// Whether it counts towards the slow calls in sequence.
    pub fn is_slow(&self) -> bool {
        self.service != "dynamodb"
    }

    /// Whether AWS did what it was asked.
    pub fn succeeded(&self) -> bool {
        self.status == 200
    }
}

struct State {
    scene: Scene,
    calls: Vec<Call>,
}

/// The simulated AWS on a port of its own, with a record of what it was asked.
#[derive(Clone)]
pub struct Cloud {
    state: Arc<Mutex<State>>,
    port: u16,
    tls: Option<Tls>,
}

impl Cloud {
    /// Listens until the program ends.
    pub async fn serve(scene: Scene, tls: Option<Tls>) -> io::Result<Cloud> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State {
            scene,
            calls: Vec::new(),
        }));
        let cloud = Cloud { state, port, tls };
        let serving = cloud.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().converse(stream));
            }
        });
        Ok(cloud)
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    pub fn endpoint(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// What clients must trust, if it is served over TLS.
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Another world, and nothing asked of it so far.
    pub fn reset(&self, scene: Scene) {
        *self.state() = State {
            scene,
            calls: Vec::new(),
        };
    }

    /// Every call since the last [`Cloud::reset`], in the order they were answered.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// Whether a function that leaves things as `outcome` says has done so.
    ///
    /// # Errors
    /// What is otherwise, in words.
    pub fn judge(&self, outcome: Outcome) -> Result<(), String> {
        let scene = &mut self.state().scene;
        let after = scene.look()?;
        outcome.judge(&scene.baseline, &scene.before, &after)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn converse(self, stream: TcpStream) {
        // Otherwise Nagle and delayed acknowledgement cost every call on a kept connection 40 ms.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        // A client that breaks its connection off is no failure of the measurement: what it asked was recorded.
        match &self.tls {
            None => self.serve_requests(stream).await,
            Some(tls) => {
                if let Ok(stream) = tls.acceptor.accept(stream).await {
                    self.serve_requests(stream).await;
                }
            }
        }
    }

    async fn serve_requests(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| self.reply(request));
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn reply(&self, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, hyper::Error> {
        let request = read(request).await?;
        let began = Instant::now();
        let (service, operation) = wire::name(&request);
        let reply = self.state().scene.answer(&request);
        let distance = if service == "dynamodb" { LEDGER } else { SLOW };
        tokio::time::sleep_until((began + distance).into()).await;
        self.state().calls.push(Call {
            service,
            operation,
            began,
            ended: Instant::now(),
            status: reply.status,
        });
        Ok(write(reply))
    }
}

async fn read(request: hyper::Request<Incoming>) -> Result<wire::Request, hyper::Error> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    Ok(wire::Request {
        caller: "bench".to_owned(),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.collect().await?.to_bytes().to_vec(),
    })
}

/// A body of known size: hyper writes head and body in one packet.
fn write(reply: wire::Reply) -> hyper::Response<Full<Bytes>> {
    let status = hyper::StatusCode::from_u16(reply.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = hyper::Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = status;
    for (name, value) in reply.headers {
        if let Ok(value) = hyper::header::HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(hyper::header::HeaderName::from_static(name), value);
        }
    }
    response
}
