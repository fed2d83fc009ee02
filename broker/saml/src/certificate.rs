//! Certificates and private keys: reading them, what an admin is shown of them, and whether they are strong enough.
//!
//! Only the key of a certificate counts; its dates and its issuer are for warnings (SI-7). Does not own: which
//! certificates are configured, when one is about to expire (`identity`), and signatures ([`crate::engine`]).

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::x509::{X509, X509NameRef};

use crate::fault::{Fault, Refusal, shorten};

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

/// The longest text that is read as a certificate or key; real ones have about 2 KB.
const LONGEST: usize = 64 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// Padding is often lost when certificates are copied by hand.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// An X.509 certificate whose key may verify signatures or encrypt.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    key: PKey<Public>,
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

impl Certificate {
    /// Reads the first certificate of a PEM text (RFC 7468), however its lines are broken.
    ///
    /// # Errors
    /// [`Fault::Metadata`] when it is none.
    pub fn from_pem(text: &str) -> Result<Self, Refusal> {
        Self::from_base64(text)
    }

    /// Reads the content of `ds:X509Certificate`: base64 of the DER form with or without blanks, line breaks and
    /// padding; PEM markers around it are ignored (XML Signature 4.5.4). Some metadata holds the base64 of a PEM text.
    ///
    /// # Errors
    /// [`Fault::Metadata`] when it is no certificate.
    pub fn from_base64(text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST {
            return Err(no_certificate(format!("{} characters", text.len())));
        }
        let der = octets(text)?;
        match std::str::from_utf8(&der) {
            Ok(pem) if pem.starts_with(BEGIN) => Self::from_der(&octets(pem)?),
            _ => Self::from_der(&der),
        }
    }

    /// Reads the DER form (X.690).
    ///
    /// # Errors
    /// [`Fault::Metadata`] when it is no certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, Refusal> {
        let unreadable = || no_certificate("bytes that are none");
        if der.len() > LONGEST {
            return Err(no_certificate(format!("{} bytes", der.len())));
        }
        let x509 = clean(X509::from_der(der)).ok_or_else(unreadable)?;
        let key = clean(x509.public_key()).ok_or_else(|| no_certificate("an unknown key"))?;
        let digest = clean(x509.digest(MessageDigest::sha256())).ok_or_else(unreadable)?;
        let facts = CertificateFacts {
            fingerprint: hexadecimal(&digest),
            subject: one_line(x509.subject_name()),
            not_before: time(x509.not_before()).ok_or_else(unreadable)?,
            not_after: time(x509.not_after()).ok_or_else(unreadable)?,
            key: kind(&key),
        };
        // Written anew, so that nothing that followed the certificate travels on.
        let der = clean(x509.to_der()).ok_or_else(unreadable)?;
        Ok(Self { der, key, facts })
    }

    /// What an admin is shown of it.
    #[must_use]
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// As PEM, lines of 64 characters (RFC 7468).
    #[must_use]
    pub fn to_pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (at, character) in self.to_base64().chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem + "\n-----END CERTIFICATE-----\n"
    }

    /// As base64 of the DER form in one line, as metadata and signatures carry it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.der)
    }

    /// Whether its key may verify signatures: RSA from 2048 bits with a usable exponent, or an elliptic curve from
    /// 256 bits (PC-14).
    #[must_use]
    pub fn is_strong(&self) -> bool {
        match self.key.id() {
            Id::RSA => {
                self.key.bits() >= 2048
                    // With the exponent 1 every text is its own signature.
                    && self.key.rsa().is_ok_and(|rsa| rsa.e().num_bits() > 1 && rsa.e().is_bit_set(0))
            }
            Id::EC => self.key.bits() >= 256,
            _ => false,
        }
    }

    /// Which kind of signature its key verifies.
    pub(crate) fn key_id(&self) -> Id {
        self.key.id()
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn public_key(&self) -> &PKeyRef<Public> {
        &self.key
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.facts.fingerprint)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// A private key, RSA or of an elliptic curve. Cannot be printed.
#[derive(Clone)]
pub struct PrivateKey {
    pkey: PKey<Private>,
}

impl PrivateKey {
    /// Reads an unencrypted key in PEM: PKCS #8, or the older forms of RSA and EC.
    ///
    /// # Errors
    /// [`Fault::Metadata`] when it is none; the text is never shown.
    pub fn from_pem(pem: &str) -> Result<Self, Refusal> {
        let refused = |seen: &str| Refusal::new(Fault::Metadata, seen, "a private key in PEM");
        if pem.len() > LONGEST {
            return Err(refused("a text that is too long"));
        }
        // The callback keeps OpenSSL from asking for a passphrase at the terminal.
        let read = PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0));
        let pkey = clean(read).ok_or_else(|| refused("a text that is none"))?;
        match pkey.id() {
            Id::RSA | Id::EC => Ok(Self { pkey }),
            _ => Err(refused("a key that is neither RSA nor of an elliptic curve")),
        }
    }

    /// Whether the certificate holds this key's public half.
    #[must_use]
    pub fn belongs_to(&self, certificate: &Certificate) -> bool {
        self.pkey.public_eq(certificate.public_key())
    }

    pub(crate) fn pkey(&self) -> &PKeyRef<Private> {
        &self.pkey
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// What base64 stands for, with or without PEM markers around it.
fn octets(text: &str) -> Result<Vec<u8>, Refusal> {
    let body = text
        .split_once("-----BEGIN")
        .and_then(|(_, rest)| rest.split_once("CERTIFICATE-----"))
        .map_or(text, |(_, rest)| rest);
    let body = body.split_once("-----END").map_or(body, |(body, _)| body);
    let compact: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).map_err(|_| no_certificate("text that is not base64"))
}

fn no_certificate(seen: impl fmt::Display) -> Refusal {
    Refusal::new(Fault::Metadata, seen, "an X.509 certificate")
}

/// OpenSSL keeps errors per thread; what is left there confuses the next TLS connection of this thread.
fn clean<T>(result: Result<T, openssl::error::ErrorStack>) -> Option<T> {
    let value = result.ok();
    if value.is_none() {
        let _ = openssl::error::ErrorStack::get();
    }
    value
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| DIGITS.get(usize::from(half))).collect()
}

/// `CN=Name, O=Organisation`, in the certificate's order.
fn one_line(name: &X509NameRef) -> String {
    let mut parts = Vec::new();
    for entry in name.entries() {
        let nid = entry.object().nid();
        let label = if nid == Nid::UNDEF { "?" } else { nid.short_name().unwrap_or("?") };
        let value = entry.data().to_string().unwrap_or_default();
        parts.push(format!("{label}={value}"));
    }
    shorten(&parts.join(", "))
}

fn kind<T: HasPublic>(key: &PKeyRef<T>) -> String {
    let name = match key.id() {
        Id::RSA => "RSA",
        Id::EC => "EC",
        Id::DSA => "DSA",
        Id::ED25519 => "Ed25519",
        Id::ED448 => "Ed448",
        _ => "unknown",
    };
    format!("{name} {}", key.bits())
}

fn time(moment: &Asn1TimeRef) -> Option<DateTime<Utc>> {
    let epoch = clean(Asn1Time::from_unix(0))?;
    let distance = clean(epoch.diff(moment))?;
    DateTime::from_timestamp(i64::from(distance.days) * 86_400 + i64::from(distance.secs), 0)
}
