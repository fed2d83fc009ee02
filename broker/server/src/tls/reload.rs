//! The certificate in force, replaced when its files change.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use symbolon_identity::clock::Clock;

use super::certificate::{Certificate, Files, TlsError};
use crate::config::TlsSettings;

/// Renewals are weeks apart; a minute is soon enough, and costs two small reads.
const EVERY: TimeDelta = TimeDelta::seconds(60);

/// The certificate in force. Whoever connects first after a minute has the files looked at.
pub(super) struct WatchedCertificate {
    settings: TlsSettings,
    clock: Arc<dyn Clock>,
    in_force: RwLock<Arc<CertifiedKey>>,
    watch: Mutex<Watch>,
}

struct Watch {
    last: DateTime<Utc>,
    print: [u8; 32],
    /// What was logged about the files as they are, so that it is logged once.
    complaint: Option<String>,
}

impl fmt::Debug for WatchedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedCertificate")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl WatchedCertificate {
    pub(super) fn open(settings: TlsSettings, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let now = clock.now();
        let files = Files::read(&settings)?;
        let certificate = Certificate::judge(&files, &settings, now)?;
        let watch = Watch { last: now, print: files.print, complaint: None };
        Ok(Self {
            settings,
            clock,
            in_force: RwLock::new(certificate.key),
            watch: Mutex::new(watch),
        })
    }

    /// A broken file never replaces a good certificate: it is logged, and tried again.
    fn look_again(&self) {
        // Whoever finds the lock taken need not wait: another connection is looking.
        let Ok(mut watch) = self.watch.try_lock() else {
            return;
        };
        let now = self.clock.now();
        if now - watch.last < EVERY {
            return;
        }
        watch.last = now;
        let read = Files::read(&self.settings).and_then(|files| {
            let same = files.print == watch.print;
            let certificate = match same {
                true => None,
                false => Some(Certificate::judge(&files, &self.settings, now)?),
            };
            Ok((files.print, certificate))
        });
        match read {
            Ok((print, certificate)) => {
                watch.complaint = None;
                watch.print = print;
                if let Some(Certificate { ends_at, key }) = certificate {
                    *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = key;
                    tracing::info!(%ends_at, "the new certificate is in force");
                }
            }
            Err(error) => {
                let text = error.to_string();
                if watch.complaint.as_ref() != Some(&text) {
                    tracing::warn!(%error, "the new certificate is not taken, the old one stays");
                    watch.complaint = Some(text);
                }
            }
        }
    }
}

impl ResolvesServerCert for WatchedCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.look_again();
        Some(Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner)))
    }
}
