//! Signatures over XML: the one place that knows samael, behind a small trait (SA-1, SA-6).
//!
//! Owns: [`SignatureEngine`] and its one implementation over xmlsec. Does not own: whether a signature is needed and
//! what follows from it (`response`, `logout`, `metadata`). No document comes here that has not passed [`crate::gate`].

use chrono::{DateTime, Utc};

use crate::certificate::{Certificate, PrivateKey};
use crate::fault::Refusal;
use crate::gate::GatedDocument;
use crate::policy::AlgorithmPolicy;

pub(crate) mod native;
mod outline;
mod template;
#[cfg(test)]
mod tests;
mod xmlsec;

pub use xmlsec::XmlSec;

/// What a verifier may be asked (API-1, API-2).
pub trait SignatureEngine {
    /// Verifies the signature of the element with this id and gives back what was signed, and nothing else.
    ///
    /// Every certificate is tried on its own, in order (SI-2).
    ///
    /// # Errors
    /// [`crate::Fault::BadSignature`] when no certificate verifies it, [`crate::Fault::WeakAlgorithm`].
    fn verify(
        &self,
        document: &GatedDocument,
        element_id: &str,
        trust: &Trust<'_>,
    ) -> Result<SignedElement, Refusal>;

    /// As [`SignatureEngine::verify`], for an element inside bytes that this engine gave back already: what is around it
    /// is not verified again.
    ///
    /// # Errors
    /// As [`SignatureEngine::verify`].
    fn verify_inside(
        &self,
        outer: &SignedElement,
        element_id: &str,
        trust: &Trust<'_>,
    ) -> Result<SignedElement, Refusal>;

    /// Signs the root element of a document that Symbolon wrote: RSA-SHA256 or ECDSA-SHA256 by the key, digest
    /// SHA-256, exclusive canonicalisation, the signature right after `Issuer` or, in metadata, first (SW-3).
    ///
    /// # Errors
    /// [`crate::Fault::Malformed`] when the document is none of ours.
    fn sign(
        &self,
        xml: &str,
        key: &PrivateKey,
        certificate: &Certificate,
    ) -> Result<String, Refusal>;
}

/// The most certificates that are tried for one signature. Each costs as much as a good signature, and anybody may send
/// one that nothing verifies.
pub const MOST_TRIED: usize = 20;

/// Whose signatures count, and how strong they must be, at this time.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'a> {
    /// The configured certificates; the document's own are never looked at. Of those whose keys fit the signature's
    /// algorithm, the first [`MOST_TRIED`] are tried, in order: of more, the newest belong in front.
    pub certificates: &'a [Certificate],
    /// The connector's demands.
    pub algorithms: AlgorithmPolicy,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// Exactly the canonical bytes that a verified signature covers (`PreDigest`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedElement {
    /// The canonical form of the element, as text.
    pub xml: String,
    /// The fingerprint of the certificate that verified it.
    pub verified_by: String,
}
