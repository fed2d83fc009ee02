//! Certificates as client credentials: made by hand in a few lines of DER (RFC 5280), so that no
//! library is needed for tests alone.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::keys::KeyError;

const SEQUENCE: u8 = 0x30;
/// sha256WithRSAEncryption and its NULL.
const SHA256_WITH_RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
/// rsaEncryption and its NULL.
const RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];

/// A certificate as the admin uploads it: the public half only.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// PKCS #1 form of the RSA key.
    pub(super) public_key: Vec<u8>,
    /// `x5t`
    pub(super) sha1: String,
    /// `x5t#S256`
    pub(super) sha256: String,
    pub(super) not_after: Option<i64>,
    hex: String,
}

/// A self-signed certificate with its private key, for tests.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    der: Vec<u8>,
    private_key: Vec<u8>,
}

impl Certificate {
    /// Reads the DER form; `None` if it is no certificate with an RSA key.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let (_, certificate, _) = read(der)?;
        let (_, mut body, _) = read(certificate)?;
        if body.first() == Some(&0xa0) {
            body = read(body)?.2;
        }
        let mut fields = Vec::new();
        while fields.len() < 6 {
            let (_, content, rest) = read(body)?;
            fields.push(content);
            body = rest;
        }
        let (_, _, after_start) = read(fields.get(3)?)?;
        let (_, end, _) = read(after_start)?;
        let (_, _, key_bits) = read(fields.get(5)?)?;
        let (_, bits, _) = read(key_bits)?;
        let sha1 = &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY;
        let sha1 = aws_lc_rs::digest::digest(sha1, der);
        let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
        Some(Self {
            public_key: bits.get(1..)?.to_vec(),
            sha1: URL_SAFE_NO_PAD.encode(sha1.as_ref()),
            sha256: URL_SAFE_NO_PAD.encode(sha256.as_ref()),
            not_after: utc_time(end),
            hex: sha1.as_ref().iter().map(|byte| format!("{byte:02X}")).collect(),
        })
    }

    /// Reads the first block of a PEM text.
    #[must_use]
    pub fn from_pem(pem: &str) -> Option<Self> {
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
        let (base64, _) = rest.split_once("-----END CERTIFICATE-----")?;
        let packed: String = base64.split_whitespace().collect();
        Self::from_der(&STANDARD.decode(packed).ok()?)
    }

    /// `x5t`: BASE64URL(SHA-1(DER)) (RFC 7515 section 4.1.7).
    #[must_use]
    pub fn thumbprint_sha1(&self) -> &str {
        &self.sha1
    }

    /// `x5t#S256`: BASE64URL(SHA-256(DER)) (RFC 7515 section 4.1.8).
    #[must_use]
    pub fn thumbprint_sha256(&self) -> &str {
        &self.sha256
    }

    /// The thumbprint that Microsoft's pages show.
    #[must_use]
    pub fn sha1_hex(&self) -> &str {
        &self.hex
    }
}

impl OwnCertificate {
    /// A new key and a certificate for `CN=name`, valid between these seconds since 1970.
    ///
    /// # Errors
    /// When aws-lc-rs refuses to make or use the key.
    pub fn generate(name: &str, not_before: i64, not_after: i64) -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
        let name = der(
            SEQUENCE,
            &der(0x31, &der(SEQUENCE, &joined(&[COMMON_NAME, &der(0x0c, name.as_bytes())]))),
        );
        let validity = der(SEQUENCE, &joined(&[&time(not_before), &time(not_after)]));
        let key = der(SEQUENCE, &joined(&[RSA, &bits(pair.public_key().as_ref())]));
        let version = [0xa0, 0x03, 0x02, 0x01, 0x02];
        let serial = [0x02, 0x01, 0x01];
        let body = der(
            SEQUENCE,
            &joined(&[&version, &serial, SHA256_WITH_RSA, &name, &validity, &name, &key]),
        );
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &body, &mut signature)
            .map_err(|_| KeyError::Sign)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Generate)?;
        Ok(Self {
            der: der(SEQUENCE, &joined(&[&body, SHA256_WITH_RSA, &bits(&signature)])),
            private_key: private.as_ref().to_vec(),
        })
    }

    /// What is uploaded at Microsoft.
    #[must_use]
    pub fn certificate(&self) -> Option<Certificate> {
        Certificate::from_der(&self.der)
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// The private key as PEM (PKCS #8).
    #[must_use]
    pub fn private_key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.private_key)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (at, letter) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Tag, length, content (X.690).
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let mut out = match (high, low) {
        (0, low) if low < 0x80 => vec![tag, low],
        (0, low) => vec![tag, 0x81, low],
        (high, low) => vec![tag, 0x82, high, low],
    };
    out.extend_from_slice(content);
    out
}

fn bits(content: &[u8]) -> Vec<u8> {
    der(0x03, &joined(&[&[0], content]))
}

fn time(seconds: i64) -> Vec<u8> {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    der(0x17, moment.format("%y%m%d%H%M%SZ").to_string().as_bytes())
}

fn utc_time(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let full = if text.len() == 13 { format!("20{text}") } else { text.to_owned() };
    let moment = chrono::NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%SZ").ok()?;
    Some(moment.and_utc().timestamp())
}

/// One element: its tag, its content, what follows it.
fn read(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = input.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0x81 => {
            let (&length, rest) = rest.split_first()?;
            (usize::from(length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        short => (usize::from(short), rest),
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}
