//! The HTTP-Redirect binding (SAML Bindings 3.4): DEFLATE, base64 and a signature over the octets of the query.

use crate::certificate::PrivateKey;
use crate::engine::Trust;
use crate::fault::{Fault, Refusal};
use crate::gate::MessageKind;

/// A message that came in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectMessage {
    /// The message, inflated. It still has to pass the gate (RB-7).
    pub xml: Vec<u8>,
    /// The relay state, decoded.
    pub relay_state: Option<String>,
}

impl RedirectMessage {
    /// Whether it carries a signature, verified or not.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        false
    }

    /// Verifies the signature over the octets as they were received (RB-1); gives back the fingerprint of the
    /// certificate that verified it.
    ///
    /// # Errors
    /// [`Fault::Unsigned`], [`Fault::WeakAlgorithm`], [`Fault::BadSignature`].
    pub fn verify(&self, trust: &Trust<'_>) -> Result<String, Refusal> {
        let _ = trust;
        Err(Refusal::new(Fault::Unsigned, "", ""))
    }
}

/// The address that carries a message to `location`, which may have a query already (RB-6).
///
/// # Errors
/// [`Fault::Encoding`] when `location` is no address or the key cannot sign.
pub fn url(
    location: &str,
    kind: MessageKind,
    xml: &str,
    relay_state: Option<&str>,
    signer: Option<&PrivateKey>,
) -> Result<String, Refusal> {
    let _ = (location, kind, xml, relay_state, signer);
    Err(Refusal::new(Fault::Encoding, "", ""))
}

/// Reads the message of this kind from a raw query, without the question mark (RB-1, RB-2, PC-02).
///
/// # Errors
/// [`Fault::Encoding`], [`Fault::TooLarge`], [`Fault::Structure`] when a parameter stands twice.
pub fn read(raw_query: &str, kind: MessageKind) -> Result<RedirectMessage, Refusal> {
    let _ = (raw_query, kind);
    Err(Refusal::new(Fault::Encoding, "", ""))
}
