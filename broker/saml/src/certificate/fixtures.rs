//! Keys and certificates for tests, made at run time; RSA ones once a process, because they take long.

use std::sync::LazyLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};

use super::{Certificate, PrivateKey};

/// A private key and its self-signed certificate.
pub(crate) struct Pair {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: Certificate,
}

/// RSA 2048: the identity provider's.
pub(crate) static RSA: LazyLock<Pair> = LazyLock::new(|| pair(&rsa_key(2048), "idp"));
/// Another RSA 2048: an attacker's, or the next one in a rollover.
pub(crate) static OTHER_RSA: LazyLock<Pair> = LazyLock::new(|| pair(&rsa_key(2048), "other"));
/// RSA 3072, so of another length of signature.
pub(crate) static LONG_RSA: LazyLock<Pair> = LazyLock::new(|| pair(&rsa_key(3072), "long"));
/// RSA 1024, too weak.
pub(crate) static WEAK_RSA: LazyLock<Pair> = LazyLock::new(|| pair(&rsa_key(1024), "weak"));
/// P-256.
pub(crate) static EC: LazyLock<Pair> = LazyLock::new(|| pair(&ec_key(Nid::X9_62_PRIME256V1), "ec"));

pub(crate) fn rsa_key(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

pub(crate) fn ec_key(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// A pair whose certificate expired in 1971: dates never matter (SI-7).
pub(crate) fn pair(key: &PKey<Private>, name: &str) -> Pair {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_nid(Nid::COMMONNAME, name).unwrap();
    subject.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Zoë & Söhne").unwrap();
    let subject = subject.build();
    let mut x509 = X509::builder().unwrap();
    x509.set_version(2).unwrap();
    x509.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    x509.set_subject_name(&subject).unwrap();
    x509.set_issuer_name(&subject).unwrap();
    x509.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    x509.set_not_after(&Asn1Time::from_unix(365 * 86_400).unwrap()).unwrap();
    x509.set_pubkey(key).unwrap();
    let digest = match key.id() {
        openssl::pkey::Id::ED25519 => MessageDigest::null(),
        _ => MessageDigest::sha256(),
    };
    x509.sign(key, digest).unwrap();
    Pair {
        key: PrivateKey { pkey: key.clone() },
        certificate: Certificate::from_der(&x509.build().to_der().unwrap()).unwrap(),
    }
}
