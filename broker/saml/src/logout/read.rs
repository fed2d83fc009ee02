//! Received logout messages: gate, signature, and only then what they say.

use super::{LogoutExpected, ReceivedLogoutRequest};
use crate::certificate::PrivateKey;
use crate::engine::Trust;
use crate::fault::{Fault, Refusal};
use crate::response::Status;

/// Which of the two messages came, by its parameter; `None` when neither or both are there.
///
/// Takes the raw query of the redirect binding, or the body of a posted form.
#[must_use]
pub fn kind_of(raw: &str) -> Option<LogoutKind> {
    let has = |name: &str| url::form_urlencoded::parse(raw.as_bytes()).any(|(key, _)| key == name);
    match (has("SAMLRequest"), has("SAMLResponse")) {
        (true, false) => Some(LogoutKind::Request),
        (false, true) => Some(LogoutKind::Response),
        _ => None,
    }
}

/// Which of the two messages it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutKind {
    /// A LogoutRequest.
    Request,
    /// A LogoutResponse.
    Response,
}

/// Reads a LogoutRequest that came by redirect.
///
/// # Errors
/// The first rule that it breaks.
pub fn request_from_redirect(
    raw_query: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    decryption: &[PrivateKey],
) -> Result<ReceivedLogoutRequest, Refusal> {
    let _ = (raw_query, trust, expected, decryption);
    Err(Refusal::new(Fault::Structure, "", ""))
}

/// Reads a LogoutRequest that was posted: the field `SAMLRequest`.
///
/// # Errors
/// The first rule that it breaks.
pub fn request_from_post(
    field: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    decryption: &[PrivateKey],
) -> Result<ReceivedLogoutRequest, Refusal> {
    let _ = (field, trust, expected, decryption);
    Err(Refusal::new(Fault::Structure, "", ""))
}

/// Reads a LogoutResponse that came by redirect. Any status is an answer: see [`Status::codes`].
///
/// # Errors
/// The first rule that it breaks.
pub fn response_from_redirect(
    raw_query: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    in_response_to: &str,
) -> Result<Status, Refusal> {
    let _ = (raw_query, trust, expected, in_response_to);
    Err(Refusal::new(Fault::Structure, "", ""))
}

/// Reads a LogoutResponse that was posted: the field `SAMLResponse`.
///
/// # Errors
/// The first rule that it breaks.
pub fn response_from_post(
    field: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    in_response_to: &str,
) -> Result<Status, Refusal> {
    let _ = (field, trust, expected, in_response_to);
    Err(Refusal::new(Fault::Structure, "", ""))
}
