//! What the fuzz targets share: keys made at the start, one moment, and the outlines of three parsers.

pub mod outline;

use chrono::{DateTime, Utc};
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use symbolon_saml::certificate::{Certificate, PrivateKey};

/// A private key and its certificate.
pub struct Pair {
    /// The key.
    pub key: PrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
}

impl Pair {
    /// P-256, which signs fast.
    #[must_use]
    pub fn ec() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        Self::of(&PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap())
    }

    /// RSA 2048, which decrypts.
    #[must_use]
    pub fn rsa() -> Self {
        Self::of(&PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap())
    }

    fn of(key: &PKey<Private>) -> Self {
        let mut x509 = X509::builder().unwrap();
        x509.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
        x509.set_not_after(&Asn1Time::from_unix(4_000_000_000).unwrap()).unwrap();
        x509.set_pubkey(key).unwrap();
        x509.sign(key, MessageDigest::sha256()).unwrap();
        let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        Self {
            key: PrivateKey::from_pem(&pem).unwrap(),
            certificate: Certificate::from_der(&x509.build().to_der().unwrap()).unwrap(),
        }
    }
}

/// The moment at which the seeds are valid.
#[must_use]
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_798_000_000, 0).unwrap()
}
