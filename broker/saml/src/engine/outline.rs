//! What a document says of its signatures, read by the strict parser before the native libraries see it.
//!
//! Owns: which element an id names, and which algorithms the signatures name. Does not own: whether their shape is
//! allowed ([`crate::gate`]).

use roxmltree::{Document, Node};

use crate::certificate::KeyKind;
use crate::fault::{Fault, Refusal};
use crate::names::DSIG;

const SHA1_DIGEST: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

/// Signature methods with their keys and whether they rest on SHA-1 (RFC 6931 2.3; PC-14).
const METHODS: &[(&str, KeyKind, bool)] = &[
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", KeyKind::Rsa, false),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", KeyKind::Rsa, false),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", KeyKind::Rsa, false),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", KeyKind::Ec, false),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", KeyKind::Ec, false),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", KeyKind::Ec, false),
    ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", KeyKind::Rsa, true),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", KeyKind::Ec, true),
];

const DIGESTS: &[(&str, bool)] = &[
    ("http://www.w3.org/2001/04/xmlenc#sha256", false),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", false),
    ("http://www.w3.org/2001/04/xmlenc#sha512", false),
    (SHA1_DIGEST, true),
];

/// One signature of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) keys: KeyKind,
    pub(super) sha1: bool,
}

/// The element that was asked for.
#[derive(Debug)]
pub(super) struct Target<'a, 'i> {
    pub(super) node: Node<'a, 'i>,
    pub(super) signature: Signed,
}

/// Every signature of the document, in its order.
pub(super) fn signatures(document: &Document<'_>) -> Result<Vec<Signed>, Refusal> {
    document.descendants().filter(is_signature).map(read).collect()
}

/// The one element with this id, and its own signature.
pub(super) fn target<'a, 'i>(
    document: &'a Document<'i>,
    id: &str,
) -> Result<Target<'a, 'i>, Refusal> {
    let mut found = document.descendants().filter(|node| node.attribute("ID") == Some(id));
    let (Some(node), None) = (found.next(), found.next()) else {
        return Err(Refusal::new(Fault::DuplicateId, id, "exactly one element with this ID"));
    };
    let mut own = node.children().filter(is_signature);
    let (Some(signature), None) = (own.next(), own.next()) else {
        return Err(Refusal::new(Fault::Unsigned, "no signature of its own", "exactly one"));
    };
    Ok(Target { node, signature: read(signature)? })
}

pub(super) fn is_signature(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((DSIG, "Signature"))
}

fn read(signature: Node<'_, '_>) -> Result<Signed, Refusal> {
    let info = only(signature, "SignedInfo")?;
    let method = algorithm(info, "SignatureMethod")?;
    let digest = algorithm(only(info, "Reference")?, "DigestMethod")?;
    let known = METHODS.iter().find(|(uri, ..)| *uri == method);
    let known_digest = DIGESTS.iter().find(|(uri, _)| *uri == digest);
    match (known, known_digest) {
        (Some((_, keys, weak)), Some((_, weak_digest))) => {
            Ok(Signed { keys: *keys, sha1: *weak || *weak_digest })
        }
        (None, _) => Err(weak(method)),
        (_, None) => Err(weak(digest)),
    }
}

/// The refusal of an algorithm that is not, or for now no longer, taken.
pub(super) fn weak(seen: &str) -> Refusal {
    Refusal::new(Fault::WeakAlgorithm, seen, "RSA or ECDSA with SHA-256 or stronger")
}

fn only<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, Refusal> {
    let mut found = parent.children().filter(|node| node.has_tag_name((DSIG, name)));
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node),
        _ => Err(Refusal::new(Fault::SignatureShape, "none or several", format!("one {name}"))),
    }
}

fn algorithm<'a>(parent: Node<'a, '_>, name: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::new(Fault::SignatureShape, "none", format!("{name} Algorithm"));
    only(parent, name)?.attribute("Algorithm").ok_or_else(missing)
}
