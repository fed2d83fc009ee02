//! The HTTP-Redirect binding (SAML Bindings 3.4): DEFLATE, base64 and a signature over the octets of the query.
//!
//! Owns: reading and writing the query, and the signature over it. What is verified are the octets as they came
//! (RB-1); nothing is encoded again, because senders differ in how they encode. Does not own: whether a message has
//! to be signed, and what it says.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;

use self::query::Query;
use crate::certificate::PrivateKey;
use crate::engine::Trust;
use crate::fault::{Fault, Refusal};
use crate::gate::MessageKind;

mod inflate;
mod query;
mod signature;
#[cfg(test)]
mod tests;

/// The longest query that is read, in bytes: the longest message, percent-encoded, and the rest (PC-01).
pub const LONGEST_QUERY: usize = 512 * 1024;

/// A message that came in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectMessage {
    /// The message, inflated. It still has to pass the gate (RB-7).
    pub xml: Vec<u8>,
    /// The relay state, decoded.
    pub relay_state: Option<String>,
    signature: signature::Received,
}

impl RedirectMessage {
    /// Whether it carries a signature, or a part of one: verified or not.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signature.is_there()
    }

    /// Verifies the signature over the octets as they were received (RB-1) and gives back the fingerprint of the
    /// certificate that verified it.
    ///
    /// # Errors
    /// [`Fault::Unsigned`] when there is none, or a half, [`Fault::WeakAlgorithm`], [`Fault::BadSignature`].
    pub fn verify(&self, trust: &Trust<'_>) -> Result<String, Refusal> {
        self.signature.verify(trust)
    }
}

/// The address that carries a message to `location`, which may have a query already (RB-6).
///
/// # Errors
/// [`Fault::Encoding`] when `location` is no address of the web or the key cannot sign.
pub fn url(
    location: &str,
    kind: MessageKind,
    xml: &str,
    relay_state: Option<&str>,
    signer: Option<&PrivateKey>,
) -> Result<String, Refusal> {
    // The location is used as it is written, because the other side compares; parsing it only judges it.
    let parsed = Url::parse(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if parsed.is_none() || location.contains('#') || location.contains(char::is_whitespace) {
        return Err(Refusal::new(Fault::Encoding, location, "an http address without fragment"));
    }
    let message = STANDARD.encode(deflate(xml)?);
    let mut signed = format!("{}={}", kind.parameter(), percent_encoded(&message));
    if let Some(state) = relay_state {
        let _ = write!(signed, "&RelayState={}", percent_encoded(state));
    }
    if let Some(key) = signer {
        let method = signature::method_of(key)?;
        let _ = write!(signed, "&SigAlg={}", percent_encoded(method));
        let value = STANDARD.encode(signature::sign(key, signed.as_bytes())?);
        let _ = write!(signed, "&Signature={}", percent_encoded(&value));
    }
    let joint = match location.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    Ok(format!("{location}{joint}{signed}"))
}

/// Reads the message of this kind from a raw query, without the question mark (RB-1, RB-2, PC-02).
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::Encoding`], [`Fault::Structure`] when it is missing or a parameter stands twice.
pub fn read(raw_query: &str, kind: MessageKind) -> Result<RedirectMessage, Refusal> {
    if raw_query.len() > LONGEST_QUERY {
        let expected = format!("at most {LONGEST_QUERY} bytes");
        return Err(Refusal::new(Fault::TooLarge, raw_query.len(), expected));
    }
    let query = Query::read(raw_query)?;
    let message = query.message(kind)?;
    query.check_encoding()?;
    let deflated = super::post::bytes(&query::decoded(message)?)?;
    Ok(RedirectMessage {
        xml: inflate::bounded(&deflated)?,
        relay_state: query.relay_state.map(query::decoded).transpose()?,
        signature: signature::Received::of(&query, kind, message),
    })
}

fn deflate(xml: &str) -> Result<Vec<u8>, Refusal> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(xml.as_bytes()).and_then(|()| encoder.finish());
    written.map_err(|error| Refusal::new(Fault::Encoding, error, "DEFLATE"))
}

/// Everything but the unreserved characters of RFC 3986 section 2.3, in upper-case hexadecimal.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 4);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
