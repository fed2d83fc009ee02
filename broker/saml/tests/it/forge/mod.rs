//! An identity provider that signs and encrypts whatever it is told to, and the scene that judges it.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use symbolon_saml::certificate::{Certificate, PrivateKey};
use symbolon_saml::policy::{AlgorithmPolicy, SignedParts};
use symbolon_saml::response::{self, Expected, ExpectedRequest, Keys, Reading};

mod encrypt;
mod sign;
pub(crate) mod template;

pub(crate) const IDP: &str = "https://idp.example.com/metadata";
pub(crate) const SP: &str = "https://symbolon.example.com/saml/c1";
pub(crate) const ACS: &str = "https://symbolon.example.com/saml/c1/acs";

/// A key pair made for this run.
pub(crate) struct Pair {
    pub(crate) key: PKey<Private>,
    pub(crate) x509: X509,
}

/// The pairs that templates name.
pub(crate) struct Pairs {
    idp: Pair,
    other: Pair,
    weak: Pair,
    ec: Pair,
    ours: Pair,
    ours_next: Pair,
}

static PAIRS: LazyLock<Pairs> = LazyLock::new(|| {
    let rsa = |bits| pair(PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap());
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    Pairs {
        idp: rsa(2048),
        other: rsa(2048),
        weak: rsa(1024),
        ec: pair(PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()),
        ours: rsa(2048),
        ours_next: rsa(2048),
    }
});

/// A pair by its name in templates.
pub(crate) fn named(name: &str) -> &'static Pair {
    match name {
        "idp" => &PAIRS.idp,
        "other" => &PAIRS.other,
        "weak" => &PAIRS.weak,
        "ec" => &PAIRS.ec,
        "ours" => &PAIRS.ours,
        "ours-next" => &PAIRS.ours_next,
        unknown => panic!("no key {unknown}"),
    }
}

fn pair(key: PKey<Private>) -> Pair {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "forge").unwrap();
    let name = name.build();
    let mut serial = BigNum::new().unwrap();
    serial.rand(64, MsbOption::MAYBE_ZERO, false).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::from_str("20200101000000Z").unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str("20210101000000Z").unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let x509 = builder.build();
    Pair { key, x509 }
}

impl Pair {
    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::from_der(&self.x509.to_der().unwrap()).unwrap()
    }

    fn private(&self) -> PrivateKey {
        let pem = String::from_utf8(self.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        PrivateKey::from_pem(&pem).unwrap()
    }
}

/// Who judges: the connector's settings and the pending request.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) trust: Vec<String>,
    pub(crate) sha1: bool,
    pub(crate) signed: SignedParts,
    pub(crate) solicited: bool,
    pub(crate) force_authn: bool,
    pub(crate) contexts: Vec<String>,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            trust: vec!["idp".to_owned()],
            sha1: false,
            signed: SignedParts::Either,
            solicited: true,
            force_authn: false,
            contexts: Vec::new(),
        }
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_534_400, 0).unwrap() // 2026-11-01T12:00:00Z
}

impl Scene {
    /// Reads a document as if it had been posted.
    pub(crate) fn read(&self, document: &[u8]) -> Reading {
        self.read_field(&STANDARD.encode(document))
    }

    /// Reads a field.
    pub(crate) fn read_field(&self, field: &str) -> Reading {
        let certificates: Vec<_> =
            self.trust.iter().map(|name| named(name).certificate()).collect();
        let decryption = [named("ours").private(), named("ours-next").private()];
        let keys = Keys {
            certificates: &certificates,
            decryption: &decryption,
            algorithms: AlgorithmPolicy {
                sha1_until: self.sha1.then(|| now() + TimeDelta::days(1)),
            },
            signed: self.signed,
        };
        response::read(field, &keys, &self.expected())
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            identity_provider: IDP,
            service_provider: SP,
            acs_url: ACS,
            request: self.solicited.then(|| ExpectedRequest {
                id: "_request",
                sent_at: now() - TimeDelta::minutes(1),
                force_authn: self.force_authn,
                contexts: &self.contexts,
            }),
            skew: TimeDelta::seconds(180),
            now: now() + TimeDelta::seconds(2),
        }
    }

    /// The reason code of a refusal, or `accepted`.
    pub(crate) fn verdict(&self, document: &[u8]) -> &'static str {
        verdict(&self.read(document))
    }
}

/// The reason code of a refusal, or `accepted`.
pub(crate) fn verdict(reading: &Reading) -> &'static str {
    match &reading.outcome {
        Ok(_) => "accepted",
        Err(problem) => problem.refusal.fault.code(),
    }
}
