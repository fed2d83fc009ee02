//! Received logout messages: the gate, then the signature, and only then what they say.

use roxmltree::Node;

use super::rules::{self, Lifetime};
use super::{LogoutExpected, ReceivedLogoutRequest};
use crate::bindings::{post, redirect};
use crate::certificate::PrivateKey;
use crate::decrypt;
use crate::engine::{SignatureEngine, Trust, XmlSec};
use crate::fault::{Fault, Refusal};
use crate::gate::{self, GatedDocument, MessageKind};
use crate::names;
use crate::response::{NameId, Status, reader};
use crate::xml::{self, children};

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
    let message = from_redirect(raw_query, MessageKind::LogoutRequest, trust)?;
    read_request(message, expected, decryption)
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
    let message = from_post(field, MessageKind::LogoutRequest, trust)?;
    read_request(message, expected, decryption)
}

/// Reads a LogoutResponse that came by redirect. Any status is an answer, a refusal and a partial logout too: see
/// [`Status::codes`].
///
/// # Errors
/// The first rule that it breaks.
pub fn response_from_redirect(
    raw_query: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    in_response_to: &str,
) -> Result<Status, Refusal> {
    let message = from_redirect(raw_query, MessageKind::LogoutResponse, trust)?;
    read_response(&message, expected, in_response_to)
}

/// Reads a LogoutResponse that was posted: the field `SAMLResponse`. Any status is an answer.
///
/// # Errors
/// The first rule that it breaks.
pub fn response_from_post(
    field: &str,
    trust: &Trust<'_>,
    expected: &LogoutExpected<'_>,
    in_response_to: &str,
) -> Result<Status, Refusal> {
    let message = from_post(field, MessageKind::LogoutResponse, trust)?;
    read_response(&message, expected, in_response_to)
}

/// A message of which every byte is verified.
pub(super) struct VerifiedMessage {
    pub(super) document: GatedDocument,
    pub(super) relay_state: Option<String>,
    pub(super) verified_by: String,
}

/// The signature stands beside the message, over the octets as they came (RB-1): all of the document is covered.
fn from_redirect(
    raw_query: &str,
    kind: MessageKind,
    trust: &Trust<'_>,
) -> Result<VerifiedMessage, Refusal> {
    let message = redirect::read(raw_query, kind)?;
    let document = gate::message(&message.xml, kind, &trust.algorithms, trust.now)?;
    if !message.is_signed() {
        return Err(unsigned(kind));
    }
    let verified_by = message.verify(trust)?;
    Ok(VerifiedMessage { document, relay_state: message.relay_state, verified_by })
}

/// The signature stands in the message: what it covers passes the gate once more, and nothing else is read.
fn from_post(
    field: &str,
    kind: MessageKind,
    trust: &Trust<'_>,
) -> Result<VerifiedMessage, Refusal> {
    let document = gate::message(&post::decode(field)?, kind, &trust.algorithms, trust.now)?;
    let signed_root = document.root_id.as_deref().filter(|_| document.root_signature.is_some());
    let id = signed_root.ok_or_else(|| unsigned(kind))?;
    let signed = XmlSec::new().verify(&document, id, trust)?;
    let covered = gate::message(signed.xml.as_bytes(), kind, &trust.algorithms, trust.now)?;
    if covered.root_id.as_deref() != Some(id) {
        let seen = covered.root_id.as_deref().unwrap_or("no id");
        return Err(Refusal::new(Fault::SignatureShape, seen, id));
    }
    Ok(VerifiedMessage { document: covered, relay_state: None, verified_by: signed.verified_by })
}

fn unsigned(kind: MessageKind) -> Refusal {
    let seen = format!("a {} without a signature", kind.local_name());
    Refusal::new(Fault::Unsigned, seen, "a signature")
}

pub(super) fn read_request(
    message: VerifiedMessage,
    expected: &LogoutExpected<'_>,
    decryption: &[PrivateKey],
) -> Result<ReceivedLogoutRequest, Refusal> {
    let tree = xml::parse(message.document.as_str())?;
    let root = tree.root_element();
    let id = rules::id(root)?;
    rules::version(root)?;
    let issuer = rules::request_issuer(root, expected)?;
    rules::request_destination(root, expected)?;
    let Lifetime { not_on_or_after, remember_until } = rules::lifetime(root, expected)?;
    let name_id = subject(root, &message.document, decryption)?;
    let sessions = children(root, names::PROTOCOL, "SessionIndex").map(trimmed_text);
    Ok(ReceivedLogoutRequest {
        id,
        issuer,
        name_id,
        session_indexes: sessions.filter(|index| !index.is_empty()).collect(),
        not_on_or_after,
        remember_until,
        relay_state: message.relay_state,
        verified_by: message.verified_by,
    })
}

pub(super) fn read_response(
    message: &VerifiedMessage,
    expected: &LogoutExpected<'_>,
    in_response_to: &str,
) -> Result<Status, Refusal> {
    let tree = xml::parse(message.document.as_str())?;
    let root = tree.root_element();
    rules::id(root)?;
    rules::version(root)?;
    rules::response_issuer(root, expected)?;
    rules::response_destination(root, expected)?;
    rules::lifetime(root, expected)?;
    rules::in_response_to(root, in_response_to)?;
    Ok(reader::status(root))
}

/// The one subject: a NameID, plain or encrypted (SAML Core 3.7.1). A BaseID names nobody whom we know.
fn subject(
    root: Node<'_, '_>,
    document: &GatedDocument,
    keys: &[PrivateKey],
) -> Result<NameId, Refusal> {
    let plain = children(root, names::ASSERTION, "NameID").collect::<Vec<_>>();
    let encrypted = children(root, names::ASSERTION, "EncryptedID").count();
    match (plain.as_slice(), encrypted) {
        ([only], 0) => name_id(*only),
        ([], 1) => {
            let decrypted = decrypt::encrypted_id(document, keys)?;
            let tree = xml::parse(&decrypted)?;
            name_id(tree.root_element())
        }
        (several, _) => {
            let seen = format!("{} NameIDs and {encrypted} EncryptedIDs", several.len());
            Err(Refusal::new(Fault::Subject, seen, "one of either"))
        }
    }
}

fn name_id(node: Node<'_, '_>) -> Result<NameId, Refusal> {
    let name_id = reader::name_id(node);
    if !node.has_tag_name((names::ASSERTION, "NameID")) || xml::trimmed(&name_id.value).is_empty() {
        return Err(Refusal::new(Fault::Subject, node.tag_name().name(), "a NameID with a value"));
    }
    Ok(name_id)
}

fn trimmed_text(node: Node<'_, '_>) -> String {
    xml::trimmed(&xml::text(node)).to_owned()
}
