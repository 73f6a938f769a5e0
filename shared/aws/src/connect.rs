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
pub enum NoBundle {
    /// There is no such file, or it may not be read.
    #[error("cannot read {path}, named by {CA_BUNDLE}: {source}; put a PEM file there or unset {CA_BUNDLE}")]
    Unread {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It holds something else than certificates. Nothing is trusted in its place.
    #[error(
        "{path}, named by {CA_BUNDLE}, is no bundle of certificates: {problem}; put a PEM file there or unset {CA_BUNDLE}"
    )]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Settings for all clients, from Lambda's environment.
///
/// # Errors
/// Where `AWS_CA_BUNDLE` names a file that cannot be read, or that holds something else than certificates.
pub async fn configuration() -> Result<SdkConfig, NoBundle> {
    let connector = Lazy {
        roots: roots(std::env::var(CA_BUNDLE).ok())?,
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

fn roots(bundle: Option<String>) -> Result<Vec<u8>, NoBundle> {
    let mut roots = AMAZON_ROOTS.to_vec();
    if let Some(path) = bundle.filter(|path| !path.is_empty()) {
        let more = match std::fs::read(&path) {
            Ok(more) => more,
            Err(source) => return Err(NoBundle::Unread { path, source }),
        };
        if let Some(problem) = crate::pem::problem(&more) {
            return Err(NoBundle::Malformed { path, problem });
        }
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

#[cfg(test)]
mod tests {
    use super::{AMAZON_ROOTS, roots};

    fn told(path: &std::path::Path) -> String {
        roots(Some(path.display().to_string())).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn a_bundle_that_is_none_is_one_line_that_names_variable_and_file() {
        let folder = std::env::temp_dir().join(format!("serin-bundle-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (good, bad) = (folder.join("good.pem"), folder.join("bad.pem"));
        std::fs::write(&good, AMAZON_ROOTS).unwrap();
        std::fs::write(&bad, "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n").unwrap();
        let place = bad.display();
        assert_eq!(
            told(&bad),
            format!(
                "{place}, named by AWS_CA_BUNDLE, is no bundle of certificates: line 3: the certificate that ends here \
                 cannot be read; put a PEM file there or unset AWS_CA_BUNDLE"
            )
        );
        let missing = told(&folder.join("missing.pem"));
        assert!(
            missing.contains("named by AWS_CA_BUNDLE") && missing.contains("missing.pem"),
            "{missing}"
        );
        assert_eq!(told(&good), "");
        assert_eq!(roots(None).unwrap(), AMAZON_ROOTS);
        assert_eq!(
            roots(Some(String::new())).unwrap(),
            AMAZON_ROOTS,
            "empty is as good as not set"
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
