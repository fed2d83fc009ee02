//! The engine over samael's bindings to xmlsec.
//!
//! Owns: [`XmlSec`]. Does not own: which document may come here ([`crate::gate`]).

use crate::certificate::{Certificate, PrivateKey};
use crate::engine::{SignatureEngine, SignedElement, Trust};
use crate::fault::{Fault, Refusal};
use crate::gate::GatedDocument;

/// The one engine: xmlsec through samael.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlSec {
    initialised: (),
}

impl XmlSec {
    /// Prepares the native libraries once a process and silences them (API-6).
    #[must_use]
    pub fn new() -> Self {
        Self { initialised: () }
    }
}

impl Default for XmlSec {
    fn default() -> Self {
        Self::new()
    }
}

impl SignatureEngine for XmlSec {
    fn verify(
        &self,
        _document: &GatedDocument,
        _element_id: &str,
        _trust: &Trust<'_>,
    ) -> Result<SignedElement, Refusal> {
        Err(Refusal::new(Fault::BadSignature, "", ""))
    }

    fn sign(
        &self,
        _xml: &str,
        _key: &PrivateKey,
        _certificate: &Certificate,
    ) -> Result<String, Refusal> {
        Err(Refusal::new(Fault::Malformed, "", ""))
    }
}
