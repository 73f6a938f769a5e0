//! The SDK's own HTTP connector, ending in the [`World`](crate::World) instead of a network.

use crate::executor::VirtualTime;
use crate::faults::Fault;
use crate::wire;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Longer than any time-out: a request or reply that never arrives.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

/// How many more calls an invocation lives for.
#[derive(Clone, Debug, Default)]
pub struct Life(Option<Arc<AtomicU32>>);

impl Life {
    /// Dies right after the n-th call took effect; `None` lives.
    pub fn new(calls: Option<u32>) -> Life {
        Life(calls.map(|n| Arc::new(AtomicU32::new(n))))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.0.as_ref().is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    fn spend(&self) {
        if let Some(left) = &self.0 {
            let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        }
    }
}

/// One caller's way into the world.
#[derive(Clone, Debug)]
pub struct Connector {
    time: VirtualTime,
    label: Arc<str>,
    life: Life,
}

impl Connector {
    pub(crate) fn new(time: VirtualTime, label: &str, life: Life) -> Connector {
        Connector {
            time,
            label: label.into(),
            life,
        }
    }

    async fn exchange(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = wire::Request::from_sdk(&self.label, &request);
        let (latency, fault) = {
            let mut world = self.time.0.world();
            let latency = Duration::from_millis(world.rng.u64(10..40));
            let (service, operation) = wire::name(&request);
            let world = &mut *world;
            (
                latency,
                world
                    .faults
                    .meet(&mut world.rng, world.now, &self.label, service, &operation),
            )
        };
        self.time.nap(latency).await;
        if self.life.is_over() || fault == Some(Fault::HangBefore) {
            self.time.nap(NEVER).await;
        }
        let reply = match fault {
            Some(fault) if fault != Fault::HangAfter => wire::refuse(&request, fault),
            _ => self.time.0.world().answer(&request),
        };
        self.life.spend();
        if self.life.is_over() || fault == Some(Fault::HangAfter) {
            self.time.nap(NEVER).await;
        }
        self.time.nap(latency).await;
        into_sdk(reply)
    }
}

fn into_sdk(reply: wire::Reply) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(reply.status).map_err(|e| ConnectorError::other(e.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().exchange(request))
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
