//! TLS for a listener: a certificate and its key from files, taken anew when the files change, so that a renewal needs no restart.

use rustls::{
    ServerConfig,
    crypto::ring::sign::any_supported_type,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why TLS cannot begin.
#[derive(Debug)]
pub struct TlsError {
    file: PathBuf,
    reason: String,
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.reason)
    }
}

impl std::error::Error for TlsError {}

/// A certificate with its key, as the files say.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    files: Arc<Files>,
}

impl Tls {
    /// Reads a certificate (PEM, with those of the authorities between) and its key (PEM).
    ///
    /// # Errors
    /// A file that cannot be read or holds something else; a key of another certificate.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        let stamp = stamp(&certificate, &key);
        let present = RwLock::new((stamp, Arc::new(read(&certificate, &key)?)));
        let files = Arc::new(Files { certificate, key, present });
        let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError { file: files.certificate.clone(), reason: error.to_string() })?
            .with_no_client_auth()
            .with_cert_resolver(files.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), files })
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Takes the files anew whenever they change, for ever. Files that cannot be used change nothing: what was read before goes on.
    pub(crate) async fn keep_up(&self) {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.files.look();
        }
    }
}

/// When the two files were changed last.
type Stamp = [Option<SystemTime>; 2];

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    present: RwLock<(Stamp, Arc<CertifiedKey>)>,
}

impl Files {
    /// Reads the files if they changed since.
    fn look(&self) {
        let stamp = stamp(&self.certificate, &self.key);
        if self.present.read().unwrap_or_else(PoisonError::into_inner).0 == stamp {
            return;
        }
        match read(&self.certificate, &self.key) {
            Ok(read) => {
                tracing::info!(certificate = %self.certificate.display(), "the certificate was taken anew");
                *self.present.write().unwrap_or_else(PoisonError::into_inner) = (stamp, Arc::new(read));
            }
            // Perhaps only one of the two is in place: the next look may find both.
            Err(error) => tracing::error!(%error, "the changed certificate cannot be used; the one from before goes on"),
        }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.present.read().unwrap_or_else(PoisonError::into_inner).1.clone())
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|file| fs::metadata(file).and_then(|found| found.modified()).ok())
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let wrong = |file: &Path, reason: String| TlsError { file: file.to_owned(), reason };
    let bytes = |file: &Path| fs::read(file).map_err(|error: io::Error| wrong(file, error.to_string()));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes(certificate)?).collect();
    let chain = chain.map_err(|error| wrong(certificate, format!("this is no certificate in PEM: {error}")))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "the file holds no certificate in PEM".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?);
    let private = private.map_err(|error| wrong(key, format!("this is no private key in PEM: {error}")))?;
    let private = any_supported_type(&private).map_err(|error| wrong(key, format!("the key cannot be used: {error}")))?;
    let certified = CertifiedKey::new(chain, private);
    match certified.keys_match() {
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(certified),
        Err(_) => Err(wrong(key, format!("the key does not belong to the certificate in {}", certificate.display()))),
    }
}
