//! TLS in this process (B41): the certificate of the main listener.
//!
//! Owns: reading and judging the files of `[http.tls]`, taking changed files without a restart, what
//! rustls is told. Does not own: the settings (`config`), HSTS (`http::security_headers`), outgoing TLS
//! (`identity::outgoing`).

mod certificate;
mod reload;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use symbolon_identity::clock::Clock;

pub use self::certificate::{Certificate, TlsError};
use self::reload::WatchedCertificate;
use crate::config::{ConfigErrors, Settings, TlsSettings};

/// The one provider of cryptography, as everywhere else.
fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// TLS 1.2 and 1.3 with the certificate of the settings, which is watched from here on.
///
/// # Errors
/// [`TlsError`], which names the setting to blame.
pub fn server_config(
    settings: &TlsSettings,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let watched = WatchedCertificate::open(settings.clone(), clock)?;
    Ok(ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Unusable)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(watched)))
}

/// Reads the certificate as a start would, without keeping it. None when there is no `[http.tls]`.
///
/// # Errors
/// The one problem of its files.
pub fn check(settings: &Settings, now: DateTime<Utc>) -> Result<Option<Certificate>, ConfigErrors> {
    let read = |tls| Certificate::load(tls, now);
    Ok(settings.http.tls.as_ref().map(read).transpose()?)
}
