//! The signature over the query (RB-1 to RB-3, RB-6; SAML Bindings 3.4.4.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKeyRef, Public};
use openssl::sign::{Signer, Verifier};

use super::query::{Query, decoded};
use crate::certificate::{Certificate, PrivateKey};
use crate::engine::{MOST_TRIED, Trust};
use crate::fault::{Fault, Refusal};
use crate::gate::MessageKind;
use crate::gate::algorithms::{Digest, ECDSA_SHA256, RSA_SHA256, SignatureMethod};

/// What was received: nothing is decoded or judged before somebody asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    octets: String,
    algorithm: Option<String>,
    value: Option<String>,
}

impl Received {
    /// The octets that a signature covers: message, relay state and algorithm, in this order, as they came.
    pub(super) fn of(query: &Query<'_>, kind: MessageKind, message: &str) -> Self {
        let mut octets = format!("{}={message}", kind.parameter());
        for (name, value) in [("RelayState", query.relay_state), ("SigAlg", query.algorithm)] {
            if let Some(value) = value {
                octets = format!("{octets}&{name}={value}");
            }
        }
        let algorithm = query.algorithm.map(str::to_owned);
        Self { octets, algorithm, value: query.signature.map(str::to_owned) }
    }

    pub(super) fn is_there(&self) -> bool {
        self.algorithm.is_some() || self.value.is_some()
    }

    pub(super) fn verify(&self, trust: &Trust<'_>) -> Result<String, Refusal> {
        let (Some(algorithm), Some(value)) = (&self.algorithm, &self.value) else {
            let seen = if self.is_there() { "half a signature" } else { "no signature" };
            return Err(Refusal::new(Fault::Unsigned, seen, "SigAlg and Signature"));
        };
        let algorithm = decoded(algorithm)?;
        let method = SignatureMethod::of(&algorithm)
            .filter(|one| one.digest != Digest::Sha1 || trust.algorithms.takes_sha1(trust.now));
        let Some(method) = method else {
            let expected = "SHA-256 with RSA or ECDSA";
            return Err(Refusal::new(Fault::WeakAlgorithm, algorithm, expected));
        };
        let value: String = decoded(value)?.split_ascii_whitespace().collect();
        let value = STANDARD
            .decode(value)
            .map_err(|error| Refusal::new(Fault::Encoding, error, "base64"))?;
        let verifying = trust
            .certificates
            .iter()
            .filter(|certificate| certificate.key_id() == method.key)
            .take(MOST_TRIED)
            .find(|certificate| verifies(certificate, method, self.octets.as_bytes(), &value));
        let Some(certificate) = verifying else {
            let expected = "a signature by a configured certificate";
            return Err(Refusal::new(Fault::BadSignature, "none that verifies", expected));
        };
        let facts = certificate.facts();
        if !certificate.is_strong() {
            let expected = "RSA from 2048 bits or EC from 256";
            return Err(Refusal::new(Fault::WeakAlgorithm, &facts.key, expected));
        }
        Ok(facts.fingerprint.clone())
    }
}

fn verifies(
    certificate: &Certificate,
    method: SignatureMethod,
    octets: &[u8],
    value: &[u8],
) -> bool {
    let key = certificate.public_key();
    let check = |value: &[u8]| -> Result<bool, ErrorStack> {
        let mut verifier = Verifier::new(method.digest.message_digest(), key)?;
        verifier.verify_oneshot(value, octets)
    };
    let verified = check(value).unwrap_or_default()
        || plain_ecdsa(key, value).is_some_and(|value| check(&value).unwrap_or_default());
    // What failed leaves notes in openssl's queue, which the next caller would take for its own.
    let _ = ErrorStack::get();
    verified
}

/// An ECDSA value as XML Signature writes it, r and s side by side (section 6.4.3), in the form that openssl reads.
fn plain_ecdsa(key: &PKeyRef<Public>, value: &[u8]) -> Option<Vec<u8>> {
    let bits = key.ec_key().ok()?.group().order_bits();
    let half = usize::try_from(bits.div_ceil(8)).ok()?;
    if value.len() != half * 2 {
        return None;
    }
    let (r, s) = value.split_at_checked(half)?;
    let (r, s) = (BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?);
    EcdsaSig::from_private_components(r, s).ok()?.to_der().ok()
}

/// The algorithm that we sign with: the key decides (RB-6).
pub(super) fn method_of(key: &PrivateKey) -> Result<&'static str, Refusal> {
    match key.pkey().id() {
        Id::RSA => Ok(RSA_SHA256),
        Id::EC => Ok(ECDSA_SHA256),
        _ => Err(Refusal::new(Fault::Encoding, "another kind of key", "RSA or EC")),
    }
}

/// Signs with SHA-256; ECDSA in DER, as OpenSAML, mod_auth_mellon and samael write it.
pub(super) fn sign(key: &PrivateKey, octets: &[u8]) -> Result<Vec<u8>, Refusal> {
    let signed = || -> Result<Vec<u8>, ErrorStack> {
        Signer::new(Digest::Sha256.message_digest(), key.pkey())?.sign_oneshot_to_vec(octets)
    };
    signed().map_err(|_| Refusal::new(Fault::Encoding, "a key that does not sign", "one that does"))
}
