//! `serin lab`: a simulated AWS on a port.

use clap::Args;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use simulator::At;
use simulator::port::{self, LabClock};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Arguments of the lab.
#[derive(Args)]
pub struct Lab {
    /// Port to listen on, at 127.0.0.1 unless --host says otherwise; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Virtual seconds per second.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// PEM file of the server's certificate chain; with --tls-key the port speaks HTTPS only.
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// PEM file of the server's private key.
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

impl Lab {
    /// Serves until it is stopped.
    ///
    /// # Errors
    /// Where the port is taken, a certificate cannot be read or the scene cannot be set.
    pub fn run(self) -> Result<(), String> {
        let tls = self.tls()?;
        let world = stories::fixture::at_approval(At::START)?;
        let clock = Arc::new(LabClock::new(world.now, self.speed));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async move {
            let address = format!("{}:{}", self.host, self.port);
            let listener = TcpListener::bind(&address).await;
            let listener =
                listener.map_err(|error| format!("cannot listen on {address}: {error}; choose another with --port"))?;
            let bound = listener.local_addr().map_err(|error| error.to_string())?;
            announce(
                &format!("{}://{bound}", if tls.is_some() { "https" } else { "http" }),
                &world.now.clock(),
            );
            port::serve(listener, Arc::new(port::Lab::new(world, clock)), tls).await;
            Ok(())
        })
    }

    fn tls(&self) -> Result<Option<ServerConfig>, String> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let wrong = |file: &PathBuf, error: String| format!("{}: {error}; a PEM file is needed", file.display());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
            .map_err(|error| wrong(certificate, error.to_string()))?
            .collect();
        let chain = chain.map_err(|error| wrong(certificate, error.to_string()))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = builder.with_no_client_auth().with_single_cert(chain, private);
        config.map(Some).map_err(|error| wrong(certificate, error.to_string()))
    }
}

fn announce(endpoint: &str, clock: &str) {
    println!("# Simulated AWS, account 111122223333, region eu-central-1; it is {clock} there.");
    println!("# Release of policy orders: its canary orders-canary runs v2, stable orders runs v1, the");
    println!("# pipeline waits at ManualApproval, and 25 messages lie in the dead-letter queue.");
    println!("# Paste this to work with it, by the AWS CLI or any SDK:");
    println!("export AWS_ENDPOINT_URL={endpoint} AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1");
    println!("export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab SERIN_TABLE=serin SERIN_ACCOUNT=111122223333");
}
