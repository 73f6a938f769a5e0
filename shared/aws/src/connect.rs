//! The way to AWS: one lazy HTTP connector for all clients, and the settings they share.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::sync::OnceLock;
use std::time::Duration;

/// Amazon Root CA 1 to 4 and Starfield Services Root G2.
///
/// # Source
/// <https://www.amazontrust.com/repository/>, as packaged in Debian's `ca-certificates`.
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// Names a PEM file with further roots (private CAs, proxies), as the AWS CLI and boto3 know it.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_000);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(2_500);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
const ATTEMPTS_MAX: u32 = 4;
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);

/// AWS ends may close an idle connection after 20 s, and a frozen function does not notice.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Why the way to AWS could not be prepared.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}, named by {CA_BUNDLE}: {source}; put a PEM file there or unset {CA_BUNDLE}")]
pub struct NoBundle {
    path: String,
    source: std::io::Error,
}

/// Settings for all clients, from Lambda's environment.
///
/// # Errors
/// Where `AWS_CA_BUNDLE` names a file that cannot be read.
pub async fn configuration() -> Result<SdkConfig, NoBundle> {
    let connector = Lazy {
        roots: roots()?,
        client: OnceLock::new(),
    };
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(SharedHttpClient::new(connector))
        .retry_config(retries())
        .timeout_config(timeouts());
    Ok(loader.load().await)
}

/// Retries of every client: a rollback cannot wait a second before its second attempt.
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS_MAX)
        .with_initial_backoff(FIRST_BACK_OFF)
}

/// Time-outs of every client.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

fn roots() -> Result<Vec<u8>, NoBundle> {
    let mut roots = AMAZON_ROOTS.to_vec();
    if let Some(path) = std::env::var(CA_BUNDLE).ok().filter(|path| !path.is_empty()) {
        let more = std::fs::read(&path).map_err(|source| NoBundle { path, source })?;
        roots.push(b'\n');
        roots.extend(more);
    }
    Ok(roots)
}

/// Built at the first call, not at start: what an invocation does not use costs it nothing.
#[derive(Debug)]
struct Lazy {
    roots: Vec<u8>,
    client: OnceLock<SharedHttpClient>,
}

impl Lazy {
    fn build(&self) -> SharedHttpClient {
        let trust = TrustStore::empty().with_pem_certificate(self.roots.as_slice());
        let mut builder = aws_smithy_http_client::Builder::new()
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tls_provider(Provider::Rustls(CryptoMode::Ring));
        match TlsContext::builder().with_trust_store(trust).build() {
            Ok(context) => builder = builder.tls_context(context),
            // Without it the client trusts the machine's own roots.
            Err(error) => tracing::error!(%error, "the embedded roots were refused; using the machine's own"),
        }
        builder.build_https()
    }
}

impl HttpClient for Lazy {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.client
            .get_or_init(|| self.build())
            .http_connector(settings, components)
    }
}
