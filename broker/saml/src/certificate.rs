//! Certificates and private keys. Only the key of a certificate counts; its dates are for warnings (SI-7).

use std::fmt;

use chrono::{DateTime, Utc};
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

/// An X.509 certificate whose key may verify signatures or encrypt.
#[derive(Clone)]
pub struct Certificate {
    x509: X509,
    facts: CertificateFacts,
}

/// What an admin is shown of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// SHA-256 of the DER form, lower-case hexadecimal.
    pub fingerprint: String,
    /// The subject, as one line.
    pub subject: String,
    /// From when.
    pub not_before: DateTime<Utc>,
    /// Until when.
    pub not_after: DateTime<Utc>,
    /// Kind and size of the key, for example `RSA 2048`.
    pub key: String,
}

/// A private key. Cannot be printed.
#[derive(Clone)]
pub struct PrivateKey {
    pkey: PKey<Private>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.facts.fingerprint)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}
