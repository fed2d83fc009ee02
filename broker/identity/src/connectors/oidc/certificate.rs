//! A private key whose certificate the provider knows: no secret crosses the line (E-51).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::connectors::ConnectorError;
use crate::entropy::{Entropy, secret_text};

/// A private key and the print of its certificate (E-51). Cannot be printed.
pub struct CertificateKey {
    key: EncodingKey,
    thumbprint: String,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for CertificateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateKey({})", self.thumbprint)
    }
}

/// What is sealed: the key with the print of its certificate.
#[derive(Serialize, Deserialize)]
struct Stored {
    private_key_pem: String,
    thumbprint: String,
}

impl CertificateKey {
    /// Reads what [`new_certificate`] made.
    ///
    /// # Errors
    /// When it is nothing of that kind.
    pub(crate) fn read(
        stored: &SecretString,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ConnectorError> {
        let unusable =
            || ConnectorError::Misconfigured("the stored certificate key cannot be used".into());
        let stored: Stored =
            serde_json::from_str(stored.expose_secret()).map_err(|_| unusable())?;
        let key =
            EncodingKey::from_rsa_pem(stored.private_key_pem.as_bytes()).map_err(|_| unusable())?;
        Ok(Self { key, thumbprint: stored.thumbprint, entropy })
    }

    /// A fresh `jti`.
    pub(crate) fn fresh_token_id(&self) -> String {
        secret_text(self.entropy.as_ref(), 16)
    }

    /// A JWT as Microsoft wants it: PS256 and `x5t#S256`.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, ConnectorError> {
        let header =
            Header { x5t_s256: Some(self.thumbprint.clone()), ..Header::new(Algorithm::PS256) };
        jsonwebtoken::encode(&header, claims, &self.key)
            .map_err(|error| ConnectorError::Misconfigured(format!("client assertion: {error}")))
    }
}

/// A certificate that was just made. The private half leaves in sealed form only.
pub struct NewCertificate {
    /// What the admin uploads to the app registration.
    pub certificate_pem: String,
    /// The print that Microsoft shows beside it, in base64url of SHA-256.
    pub thumbprint: String,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// What is to be sealed.
    pub(crate) to_seal: SecretString,
}

impl fmt::Debug for NewCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCertificate({}, until {})", self.thumbprint, self.ends_at)
    }
}

/// Makes an RSA key of 2048 bits and a self-signed certificate for it, valid for `days`.
///
/// # Errors
/// When the library refuses.
pub fn new_certificate(
    name: &str,
    now: DateTime<Utc>,
    days: u32,
) -> Result<NewCertificate, ConnectorError> {
    let failed =
        |error: rcgen::Error| ConnectorError::Misconfigured(format!("certificate: {error}"));
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
    let mut parameters = CertificateParams::new(Vec::new()).map_err(failed)?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    // Begins a day early, for directories whose clock is behind.
    let (from, until) = (now - TimeDelta::days(1), now + TimeDelta::days(i64::from(days)));
    parameters.not_before = date_time_ymd(from.year(), from.month() as u8, from.day() as u8);
    parameters.not_after = date_time_ymd(until.year(), until.month() as u8, until.day() as u8);
    let certificate = parameters.self_signed(&key).map_err(failed)?;
    let print = digest::digest(&digest::SHA256, certificate.der());
    let thumbprint = URL_SAFE_NO_PAD.encode(print);
    let stored = Stored { private_key_pem: key.serialize_pem(), thumbprint: thumbprint.clone() };
    let to_seal = serde_json::to_string(&stored)
        .map_err(|error| ConnectorError::Misconfigured(format!("certificate: {error}")))?;
    let ends_at = until.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    Ok(NewCertificate {
        certificate_pem: certificate.pem(),
        thumbprint,
        ends_at,
        to_seal: to_seal.into(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn entra_e51_a_certificate_signs_by_ps256_and_names_itself_by_sha256() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let made = new_certificate("Symbolon", now, 365).unwrap();
        assert!(made.certificate_pem.starts_with("-----BEGIN CERTIFICATE-----"));
        assert_eq!((made.ends_at - now).num_days(), 364, "ends at midnight");
        let key = CertificateKey::read(&made.to_seal, Arc::new(SystemEntropy)).unwrap();
        let token = key.sign(&json!({ "iss": "x" })).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.alg, Algorithm::PS256);
        assert_eq!(header.x5t_s256.as_deref(), Some(made.thumbprint.as_str()));
        assert!(!format!("{key:?}{made:?}").contains("PRIVATE"));
        assert!(CertificateKey::read(&"x".into(), Arc::new(SystemEntropy)).is_err());
    }
}
