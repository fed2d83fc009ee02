//! A certificate chain and its key, read from their files and judged.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::config::{ConfigErrors, ConfigProblem, TlsSettings, permission_bits};

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The chain's file is missing or locked.
    #[error("the file {0} cannot be read: {1}")]
    CertificateUnreadable(PathBuf, #[source] io::Error),
    /// The key's file is missing or locked.
    #[error("the file {0} cannot be read: {1}")]
    KeyUnreadable(PathBuf, #[source] io::Error),
    /// The key is no secret.
    #[error("the file {0} can be read by everybody (mode {1:o}): chmod 600, or 640 for a group")]
    KeyTooOpen(PathBuf, u32),
    /// The chain's file holds something else.
    #[error("the file {0} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    NoCertificate(PathBuf),
    /// The first certificate cannot be understood.
    #[error("the first certificate of {0} is damaged")]
    Damaged(PathBuf),
    /// The key's file holds something else.
    #[error("the file {0} holds no private key in PEM form, without a password")]
    NoKey(PathBuf),
    /// Not for today.
    #[error("the certificate of {0} begins only at {1}")]
    NotYet(PathBuf, DateTime<Utc>),
    /// Not for today any more.
    #[error("the certificate of {0} ended at {1}: renew it")]
    Ended(PathBuf, DateTime<Utc>),
    /// The two files do not belong together.
    #[error("the key of {0} does not fit the first certificate of {1}")]
    Mismatch(PathBuf, PathBuf),
    /// A kind of key that TLS does not know.
    #[error("the key cannot be used: {0}")]
    Unusable(#[source] rustls::Error),
}

impl TlsError {
    fn setting(&self) -> &'static str {
        match self {
            Self::CertificateUnreadable(..)
            | Self::NoCertificate(_)
            | Self::Damaged(_)
            | Self::NotYet(..)
            | Self::Ended(..) => "http.tls.certificate_file",
            Self::KeyUnreadable(..)
            | Self::KeyTooOpen(..)
            | Self::NoKey(_)
            | Self::Mismatch(..)
            | Self::Unusable(_) => "http.tls.key_file",
        }
    }
}

impl From<TlsError> for ConfigErrors {
    fn from(error: TlsError) -> Self {
        let problem = ConfigProblem { key: error.setting().to_owned(), message: error.to_string() };
        Self { problems: vec![problem] }
    }
}

/// The bytes of both files, and a print that tells whether they changed.
pub(super) struct Files {
    chain: Vec<u8>,
    key: SecretSlice<u8>,
    pub(super) print: [u8; 32],
}

impl Files {
    pub(super) fn read(settings: &TlsSettings) -> Result<Self, TlsError> {
        let path = &settings.certificate_file;
        let chain = std::fs::read(path)
            .map_err(|error| TlsError::CertificateUnreadable(path.clone(), error))?;
        let path = &settings.key_file;
        let mode = std::fs::metadata(path).map(|data| permission_bits(&data));
        let key = mode.and_then(|mode| Ok((mode, std::fs::read(path)?)));
        let (mode, key) = key.map_err(|error| TlsError::KeyUnreadable(path.clone(), error))?;
        if mode & 0o007 != 0 {
            return Err(TlsError::KeyTooOpen(path.clone(), mode));
        }
        let mut print = digest::Context::new(&digest::SHA256);
        print.update(digest::digest(&digest::SHA256, &chain).as_ref());
        print.update(&key);
        let print = print.finish().as_ref().try_into().unwrap_or_default();
        Ok(Self { chain, key: SecretSlice::from(key), print })
    }
}

/// A certificate that can be served today.
pub struct Certificate {
    /// When browsers stop to accept it.
    pub ends_at: DateTime<Utc>,
    pub(super) key: Arc<CertifiedKey>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads and judges both files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(settings: &TlsSettings, now: DateTime<Utc>) -> Result<Self, TlsError> {
        Self::judge(&Files::read(settings)?, settings, now)
    }

    pub(super) fn judge(
        files: &Files,
        settings: &TlsSettings,
        now: DateTime<Utc>,
    ) -> Result<Self, TlsError> {
        let TlsSettings { certificate_file, key_file } = settings;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&files.chain).collect();
        let chain = chain.unwrap_or_default();
        let leaf =
            chain.first().ok_or_else(|| TlsError::NoCertificate(certificate_file.clone()))?;
        let ends_at = end(leaf, certificate_file, now)?;
        let key = PrivateKeyDer::from_pem_slice(files.key.expose_secret())
            .map_err(|_| TlsError::NoKey(key_file.clone()))?;
        let key = CertifiedKey::from_der(chain, key, &super::provider());
        let key = key.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                TlsError::Mismatch(key_file.clone(), certificate_file.clone())
            }
            rustls::Error::InvalidCertificate(_) => TlsError::Damaged(certificate_file.clone()),
            other => TlsError::Unusable(other),
        })?;
        Ok(Self { ends_at, key: Arc::new(key) })
    }

    /// Whether browsers accept it for a host.
    #[must_use]
    pub fn names(&self, host: &str) -> bool {
        let host = ServerName::try_from(host.trim_matches(['[', ']']));
        let leaf = self.key.end_entity_cert().and_then(ParsedCertificate::try_from);
        match (leaf, host) {
            (Ok(leaf), Ok(host)) => verify_server_name(&leaf, &host).is_ok(),
            _ => false,
        }
    }
}

/// The end of a certificate that is good today.
fn end(
    leaf: &CertificateDer<'_>,
    path: &Path,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TlsError> {
    let damaged = || TlsError::Damaged(path.to_owned());
    let (_, parsed) = x509_parser::parse_x509_certificate(leaf).map_err(|_| damaged())?;
    let time = |seconds| DateTime::from_timestamp(seconds, 0).ok_or_else(damaged);
    let begin = time(parsed.validity().not_before.timestamp())?;
    let end = time(parsed.validity().not_after.timestamp())?;
    if now < begin {
        return Err(TlsError::NotYet(path.to_owned(), begin));
    }
    if now >= end {
        return Err(TlsError::Ended(path.to_owned(), end));
    }
    Ok(end)
}
