//! What an encrypted element says of itself, read and judged before any key is touched (DC-2 to DC-5).
//!
//! Owns: where ciphertexts and wrapped keys may stand. Does not own: cryptography (`open`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::decrypt::algorithms::{ContentCipher, KeyTransport, OaepHash};
use crate::decrypt::undecipherable;
use crate::fault::{Fault, Refusal};
use crate::names::{DSIG, XENC, XENC11};
use crate::xml;

/// Wrapped keys for more recipients than any honest document has; each costs private key operations.
const MOST_WRAPPED_KEYS: usize = 8;

/// Everything that decryption needs.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) cipher: ContentCipher,
    pub(super) content: Vec<u8>,
    pub(super) keys: Vec<WrappedKey>,
}

/// A content key, encrypted for one recipient.
#[derive(Debug)]
pub(super) struct WrappedKey {
    pub(super) transport: KeyTransport,
    pub(super) label: Vec<u8>,
    pub(super) value: Vec<u8>,
}

/// Reads an `EncryptedAssertion` or `EncryptedID` (SAML Core 2.2.4, 2.3.4).
pub(super) fn read(encrypted: Node<'_, '_>) -> Result<Plan, Refusal> {
    let data = only(encrypted, XENC, "EncryptedData")?;
    let method = xml::plain_attribute(only(data, XENC, "EncryptionMethod")?, "Algorithm");
    let method = method.unwrap_or_default();
    let cipher = ContentCipher::from_uri(method).ok_or_else(|| refused(method))?;
    let content = cipher_value(data)?;
    let nodes = wrapped_keys(encrypted, data)?;
    if nodes.is_empty() || nodes.len() > MOST_WRAPPED_KEYS {
        return Err(undecipherable());
    }
    let mut keys = Vec::new();
    let mut first_refusal = None;
    for node in nodes {
        match wrapped_key(node) {
            Ok(key) => keys.push(key),
            // A key for somebody else may be wrapped in a way that we refuse.
            Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
        }
    }
    match first_refusal {
        Some(refusal) if keys.is_empty() => Err(refusal),
        _ => Ok(Plan { cipher, content, keys }),
    }
}

/// Inside `KeyInfo` of the data, or beside the data; a pointer may lead to a neighbour only (DC-4).
fn wrapped_keys<'a, 'i>(
    encrypted: Node<'a, 'i>,
    data: Node<'a, 'i>,
) -> Result<Vec<Node<'a, 'i>>, Refusal> {
    let mut found = Vec::new();
    let mut pointed = false;
    for info in xml::children(data, DSIG, "KeyInfo") {
        found.extend(xml::children(info, XENC, "EncryptedKey"));
        for pointer in xml::children(info, DSIG, "RetrievalMethod") {
            pointed = true;
            found.push(neighbour(encrypted, pointer)?);
        }
    }
    if !pointed {
        found.extend(xml::children(encrypted, XENC, "EncryptedKey"));
    }
    Ok(found)
}

fn neighbour<'a, 'i>(
    encrypted: Node<'a, 'i>,
    pointer: Node<'a, 'i>,
) -> Result<Node<'a, 'i>, Refusal> {
    let id = xml::plain_attribute(pointer, "URI").and_then(|uri| uri.strip_prefix('#'));
    let id = id.filter(|id| !id.is_empty()).ok_or_else(undecipherable)?;
    if pointer.has_children() {
        // Transforms.
        return Err(undecipherable());
    }
    xml::children(encrypted, XENC, "EncryptedKey")
        .find(|key| xml::plain_attribute(*key, "Id") == Some(id))
        .ok_or_else(undecipherable)
}

fn wrapped_key(node: Node<'_, '_>) -> Result<WrappedKey, Refusal> {
    let method = only(node, XENC, "EncryptionMethod")?;
    let algorithm = xml::plain_attribute(method, "Algorithm").unwrap_or_default();
    let mask = match algorithm {
        KeyTransport::URI_MGF1P => OaepHash::Sha1,
        KeyTransport::URI_11 => match stated(method, XENC11, "MGF") {
            None => OaepHash::Sha1,
            Some(uri) => OaepHash::from_mask_uri(uri).ok_or_else(|| refused(uri))?,
        },
        other => return Err(refused(other)),
    };
    // PingFederate and OneLogin leave the digest out, which means SHA-1 (DC-3).
    let digest = match stated(method, DSIG, "DigestMethod") {
        None => OaepHash::Sha1,
        Some(uri) => OaepHash::from_digest_uri(uri).ok_or_else(|| refused(uri))?,
    };
    let label = match xml::children(method, XENC, "OAEPparams").next() {
        None => Vec::new(),
        Some(node) => base64(&xml::text(node))?,
    };
    let value = cipher_value(node)?;
    Ok(WrappedKey { transport: KeyTransport { digest, mask }, label, value })
}

/// An optional algorithm; one that is there without a name is none that we know.
fn stated<'a>(
    method: Node<'a, '_>,
    namespace: &'static str,
    name: &'static str,
) -> Option<&'a str> {
    let node = xml::children(method, namespace, name).next()?;
    Some(xml::plain_attribute(node, "Algorithm").unwrap_or_default())
}

fn refused(seen: &str) -> Refusal {
    Refusal::new(Fault::EncryptionAlgorithm, seen, "AES in CBC or GCM with RSA-OAEP")
}

/// The ciphertext itself: a `CipherReference` is never followed.
fn cipher_value(parent: Node<'_, '_>) -> Result<Vec<u8>, Refusal> {
    let data = only(parent, XENC, "CipherData")?;
    base64(&xml::text(only(data, XENC, "CipherValue")?))
}

fn base64(text: &str) -> Result<Vec<u8>, Refusal> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).map_err(|_| undecipherable())
}

fn only<'a, 'i>(
    parent: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> Result<Node<'a, 'i>, Refusal> {
    let mut found = xml::children(parent, namespace, name);
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node),
        _ => Err(undecipherable()),
    }
}
