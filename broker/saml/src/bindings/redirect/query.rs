//! The raw query, cut into its parameters (RB-1, RB-2). Values stay as they were received.

use crate::fault::{Fault, Refusal};
use crate::gate::MessageKind;

/// DEFLATE, the only encoding there is and what a missing `SAMLEncoding` means (SAML Bindings 3.4.4.1).
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

/// The parameters of SAML, raw. All others are none of ours.
#[derive(Debug, Default)]
pub(super) struct Query<'a> {
    request: Option<&'a str>,
    response: Option<&'a str>,
    encoding: Option<&'a str>,
    /// `RelayState`.
    pub(super) relay_state: Option<&'a str>,
    /// `SigAlg`.
    pub(super) algorithm: Option<&'a str>,
    /// `Signature`.
    pub(super) signature: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// Cuts the query. A parameter of SAML that stands twice is refused, and one whose name is written in escapes,
    /// because the signature covers the plain name.
    pub(super) fn read(raw: &'a str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for pair in raw.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that cannot be read is none of ours.
            let Ok(plain) = decoded(name) else {
                continue;
            };
            let Some(place) = query.place(&plain) else {
                continue;
            };
            if plain != name || place.replace(value).is_some() {
                return Err(Refusal::new(Fault::Structure, name, "each parameter once"));
            }
        }
        Ok(query)
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<&'a str>> {
        Some(match name {
            "SAMLRequest" => &mut self.request,
            "SAMLResponse" => &mut self.response,
            "SAMLEncoding" => &mut self.encoding,
            "RelayState" => &mut self.relay_state,
            "SigAlg" => &mut self.algorithm,
            "Signature" => &mut self.signature,
            _ => return None,
        })
    }

    /// The message, raw, and nothing else beside it.
    pub(super) fn message(&self, kind: MessageKind) -> Result<&'a str, Refusal> {
        let (wanted, other) = match kind.parameter() {
            "SAMLRequest" => (self.request, self.response),
            _ => (self.response, self.request),
        };
        match (wanted, other) {
            (Some(message), None) => Ok(message),
            (_, Some(_)) => Err(Refusal::new(Fault::Structure, "another", kind.parameter())),
            (None, None) => Err(Refusal::new(Fault::Structure, "none", kind.parameter())),
        }
    }

    /// Refuses another encoding than DEFLATE.
    pub(super) fn check_encoding(&self) -> Result<(), Refusal> {
        match self.encoding.map(decoded).transpose()? {
            Some(other) if other != DEFLATE => Err(Refusal::new(Fault::Encoding, other, DEFLATE)),
            _ => Ok(()),
        }
    }
}

/// A value of `application/x-www-form-urlencoded`: `+` is a blank, escapes are UTF-8, half an escape is refused.
pub(super) fn decoded(raw: &str) -> Result<String, Refusal> {
    let broken = || Refusal::new(Fault::Encoding, "a broken escape", "percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(digit).ok_or_else(broken)?;
                let low = rest.next().and_then(digit).ok_or_else(broken)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
