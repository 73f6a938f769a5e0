//! The simulated AWS behind TLS, as the real one is: a private certificate authority, made anew for each run.

use crate::measure::Error;
use crate::subject::Places;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// What the server shows and what the clients must trust.
#[derive(Clone)]
pub struct Tls {
    /// Opens a connection on the server's side.
    pub acceptor: TlsAcceptor,
    /// What the clients are told to trust.
    pub roots: Roots,
}

/// Files of roots, one of which a function is told of.
#[derive(Clone, Debug)]
pub struct Roots {
    /// Ours alone: for functions that add it to the public ones they bring.
    pub own: PathBuf,
    /// Ours behind the public ones botocore brings: for Python, which reads such a file at its start instead of its own.
    pub own_and_public: PathBuf,
}

impl Tls {
    /// Makes authority and certificate.
    ///
    /// # Errors
    /// If `make setup` has not been run.
    pub fn make(places: &Places) -> Result<Tls, Error> {
        let folder = places.target.join("bench");
        let python = places.root.join(".venv-aws/bin/python");
        if !python.exists() {
            return Err(Error::Missing {
                path: python,
                made_by: "make setup",
            });
        }
        const BUNDLE: &str = "import pathlib,sys,botocore.httpsession as h\n\
            root,out=map(pathlib.Path,sys.argv[1:])\n\
            out.write_bytes(pathlib.Path(h.get_cert_path(True)).read_bytes()+root.read_bytes())";
        let (root, root_and_public) = (folder.join("root.pem"), folder.join("root-and-public.pem"));
        let authority = Command::new(&python)
            .arg(places.root.join("tools/private-ca"))
            .arg(&folder)
            .output();
        succeed("tools/private-ca", authority)?;
        let bundle = Command::new(&python)
            .args(["-c", BUNDLE])
            .arg(&root)
            .arg(&root_and_public)
            .output();
        succeed("botocore's certificates", bundle)?;
        let unusable = |error: &dyn std::fmt::Display| Error::Certificate(error.to_string());
        let chain = CertificateDer::from_pem_file(folder.join("cert.pem")).map_err(|error| unusable(&error))?;
        let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).map_err(|error| unusable(&error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![chain], key))
            .map_err(|error| unusable(&error))?;
        Ok(Tls {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            roots: Roots {
                own: root,
                own_and_public: root_and_public,
            },
        })
    }
}

fn succeed(what: &str, ran: std::io::Result<std::process::Output>) -> Result<(), Error> {
    match ran {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Error::Certificate(format!(
            "{what}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))),
        Err(error) => Err(Error::Certificate(format!("{what}: {error}"))),
    }
}
