//! The HTTP-POST binding (SAML Bindings 3.5): a form field in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fault::{Fault, Refusal};
use crate::gate::{LONGEST_MESSAGE, MessageKind};

#[cfg(test)]
mod tests;

/// The longest field that is read, in characters (PC-01).
pub const LONGEST_FIELD: usize = 400 * 1024;

/// The XML of a posted field; line breaks and blanks in the base64 do not matter (PC-01).
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::Encoding`].
pub fn decode(field: &str) -> Result<Vec<u8>, Refusal> {
    let xml = bytes(field)?;
    if xml.len() > LONGEST_MESSAGE {
        let expected = format!("at most {LONGEST_MESSAGE} bytes");
        return Err(Refusal::new(Fault::TooLarge, xml.len(), expected));
    }
    Ok(xml)
}

/// Base64 of bounded length, as both bindings carry it.
pub(super) fn bytes(field: &str) -> Result<Vec<u8>, Refusal> {
    if field.len() > LONGEST_FIELD {
        let expected = format!("at most {LONGEST_FIELD} characters");
        return Err(Refusal::new(Fault::TooLarge, field.len(), expected));
    }
    let refused = |error| Refusal::new(Fault::Encoding, error, "base64");
    if !field.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return STANDARD.decode(field).map_err(refused);
    }
    let bare: Vec<u8> = field.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(bare).map_err(refused)
}

/// The fields of the form that carries a message, names and values. Whoever renders them escapes them (SW-11).
#[must_use]
pub fn fields(kind: MessageKind, xml: &str, relay_state: Option<&str>) -> Vec<(String, String)> {
    let message = (kind.parameter().to_owned(), STANDARD.encode(xml));
    let state = relay_state.map(|state| ("RelayState".to_owned(), state.to_owned()));
    std::iter::once(message).chain(state).collect()
}
