//! The outside of encrypted parts (SAML Core 2.2.4, 2.3.4): nothing but ciphertext and keys. What their references
//! may point to is `decrypt`'s (DC-4).

use roxmltree::Node;

use super::tree::{elements, inside, is, is_in, misplaced};
use crate::fault::{Fault, Refusal};
use crate::names::{ASSERTION, DSIG, PROTOCOL, XENC, XENC11};

const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";

/// Checks every encrypted part of the document.
pub(super) fn are_plain(root: Node<'_, '_>) -> Result<(), Refusal> {
    root.descendants().filter(|node| is_encrypted(*node)).try_for_each(is_plain)
}

/// Whether this is an element of SAML that holds ciphertext.
pub(super) fn is_encrypted(node: Node<'_, '_>) -> bool {
    let names = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute", "NewEncryptedID"];
    (is_in(node, ASSERTION) || is_in(node, PROTOCOL)) && names.contains(&node.tag_name().name())
}

fn is_plain(encrypted: Node<'_, '_>) -> Result<(), Refusal> {
    let data = elements(encrypted).filter(|node| is(*node, XENC, "EncryptedData")).count();
    let keys = elements(encrypted).filter(|node| is(*node, XENC, "EncryptedKey")).count();
    if data != 1 || elements(encrypted).count() != data + keys {
        return Err(misplaced(Fault::Structure, encrypted, "one EncryptedData and its keys"));
    }
    let known = |node: Node<'_, '_>| [XENC, XENC11, DSIG, DSIG11].iter().any(|ns| is_in(node, ns));
    match inside(encrypted).find(|node| !known(*node)) {
        Some(node) => Err(misplaced(Fault::Structure, node, "ciphertext and keys only")),
        None => Ok(()),
    }
}
