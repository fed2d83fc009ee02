//! Signatures: where one may stand and what may be in it (PC-11 to PC-15, SAML Core 5.4).
//!
//! The grammar is closed: an engine that gets such a signature has nothing to fetch, to compute or to choose. Does not
//! own: whether a signature is true; KeyInfo is never looked into.

use roxmltree::Node;

use super::SignatureFacts;
use super::algorithms::{Digest, SignatureMethod};
use super::encrypted::is_encrypted;
use super::ids;
use super::tree::{elements, has_own_text, inside, is, is_in, misplaced};
use crate::fault::{Fault, Refusal};
use crate::names::DSIG;
use crate::xml::plain_attribute;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Exclusive, 1.0 and 1.1, each without comments (PC-13).
const CANONICAL: [&str; 3] = [
    EXCLUSIVE,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
];
const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";
/// What has a meaning only inside a signature.
const PARTS: [&str; 9] = [
    "SignedInfo",
    "CanonicalizationMethod",
    "SignatureMethod",
    "SignatureValue",
    "Reference",
    "Transforms",
    "Transform",
    "Object",
    "Manifest",
];

/// Refuses signatures whose parent may have none, and parts of signatures outside of one (PC-11).
pub(super) fn stand_only_in(
    root: Node<'_, '_>,
    may_be_signed: impl Fn(Node<'_, '_>) -> bool,
) -> Result<(), Refusal> {
    for node in inside(root).filter(|node| is_in(*node, DSIG)) {
        let name = node.tag_name().name();
        let fine = match name {
            "Signature" => node.parent().is_some_and(&may_be_signed),
            // A pointer to a key that lies beside the ciphertext; nowhere else (PC-15, DC-4).
            "RetrievalMethod" => node.ancestors().any(is_encrypted),
            _ => !PARTS.contains(&name) || node.ancestors().any(|up| is(up, DSIG, "Signature")),
        };
        if !fine {
            return Err(misplaced(Fault::SignatureShape, node, "signatures of the message only"));
        }
    }
    Ok(())
}

/// The signature of this element, if it has one, after all rules of shape.
pub(super) fn of(
    parent: Node<'_, '_>,
    takes_sha1: bool,
) -> Result<Option<SignatureFacts>, Refusal> {
    let mut signatures = elements(parent).filter(|node| is(*node, DSIG, "Signature"));
    let Some(signature) = signatures.next() else {
        return Ok(None);
    };
    if let Some(second) = signatures.next() {
        return Err(misplaced(Fault::SignatureShape, second, "one signature of an element"));
    }
    let id = plain_attribute(parent, "ID").filter(|id| ids::is_plain(id));
    let Some(id) = id else {
        return Err(misplaced(Fault::SignatureShape, parent, "a plain ID of what is signed"));
    };
    shape(signature, id, takes_sha1).map(Some)
}

fn shape(signature: Node<'_, '_>, id: &str, takes_sha1: bool) -> Result<SignatureFacts, Refusal> {
    if signature.descendants().any(|node| node.is_comment()) {
        return Err(Refusal::new(Fault::Markup, "a comment in a signature", "none there"));
    }
    attributes_are_plain(signature)?;
    let (info, value) = match children(signature)?.as_slice() {
        [info, value] => (*info, *value),
        [info, value, key_info] => {
            key_info_is_inert(*key_info)?;
            (*info, *value)
        }
        _ => return Err(misplaced(Fault::SignatureShape, signature, "SignedInfo and its value")),
    };
    named(info, "SignedInfo")?;
    named(value, "SignatureValue")?;
    is_leaf(value)?;
    let parts = children(info)?;
    let [canonicalization, method, reference] = parts.as_slice() else {
        return Err(misplaced(Fault::SignatureShape, info, "one method and one Reference"));
    };
    named(*canonicalization, "CanonicalizationMethod")?;
    canonical(*canonicalization)?;
    named(*method, "SignatureMethod")?;
    is_leaf(*method)?;
    let digest = referred(*reference, id)?;
    facts(algorithm(*method), digest, takes_sha1)
}

/// libxml2 finds an attribute by its local name whatever its namespace: of `x:URI` and `URI` the first would count.
fn attributes_are_plain(signature: Node<'_, '_>) -> Result<(), Refusal> {
    let all = signature.descendants().flat_map(|node| node.attributes());
    match all.into_iter().find(|attribute| attribute.namespace().is_some()) {
        Some(attribute) => {
            let expected = "no attribute with a prefix";
            Err(Refusal::new(Fault::SignatureShape, attribute.name(), expected))
        }
        None => Ok(()),
    }
}

/// The child elements; text beside them is refused, because nobody should have to decide what it means.
fn children<'a, 'i>(node: Node<'a, 'i>) -> Result<Vec<Node<'a, 'i>>, Refusal> {
    if has_own_text(node) {
        return Err(misplaced(Fault::SignatureShape, node, "elements only"));
    }
    // More than anything here may have: the rest need not be counted.
    Ok(elements(node).take(8).collect())
}

fn named(node: Node<'_, '_>, name: &str) -> Result<(), Refusal> {
    if is(node, DSIG, name) { Ok(()) } else { Err(misplaced(Fault::SignatureShape, node, name)) }
}

fn is_leaf(node: Node<'_, '_>) -> Result<(), Refusal> {
    match elements(node).next() {
        Some(child) => Err(misplaced(Fault::SignatureShape, child, "no element there")),
        None => Ok(()),
    }
}

fn algorithm<'a>(node: Node<'a, '_>) -> &'a str {
    plain_attribute(node, "Algorithm").unwrap_or_default()
}

/// PC-12: the reference means the parent, by its id; then its transforms and digest.
fn referred<'a>(reference: Node<'a, '_>, id: &str) -> Result<&'a str, Refusal> {
    named(reference, "Reference")?;
    let uri = plain_attribute(reference, "URI").unwrap_or_default();
    if uri.strip_prefix('#') != Some(id) {
        return Err(Refusal::new(Fault::SignatureShape, uri, format!("#{id}")));
    }
    let parts = children(reference)?;
    let [transforms, digest, value] = parts.as_slice() else {
        return Err(misplaced(Fault::SignatureShape, reference, "Transforms and digest"));
    };
    named(*transforms, "Transforms")?;
    named(*digest, "DigestMethod")?;
    named(*value, "DigestValue")?;
    is_leaf(*digest)?;
    is_leaf(*value)?;
    transforms_are_plain(*transforms)?;
    Ok(algorithm(*digest))
}

/// PC-13: the enveloped signature is left out, then at most one canonicalisation.
fn transforms_are_plain(transforms: Node<'_, '_>) -> Result<(), Refusal> {
    let all = children(transforms)?;
    let (Some((first, others)), true) = (all.split_first(), all.len() <= 2) else {
        return Err(misplaced(Fault::SignatureShape, transforms, "one or two Transforms"));
    };
    named(*first, "Transform")?;
    is_leaf(*first)?;
    if algorithm(*first) != ENVELOPED {
        return Err(Refusal::new(Fault::SignatureShape, algorithm(*first), ENVELOPED));
    }
    others.iter().try_for_each(|other| {
        named(*other, "Transform")?;
        canonical(*other)
    })
}

/// A canonicalisation of the three; only the exclusive one may have a list of prefixes (PC-13).
fn canonical(node: Node<'_, '_>) -> Result<(), Refusal> {
    if !CANONICAL.contains(&algorithm(node)) {
        return Err(Refusal::new(Fault::SignatureShape, algorithm(node), EXCLUSIVE));
    }
    match children(node)?.as_slice() {
        [] => Ok(()),
        [list]
            if algorithm(node) == EXCLUSIVE
                && is(*list, EXCLUSIVE, "InclusiveNamespaces")
                && list.first_child().is_none() =>
        {
            Ok(())
        }
        _ => Err(misplaced(Fault::SignatureShape, node, "no parameters")),
    }
}

/// PC-15: names and copies of keys, which nobody looks at; no pointers.
fn key_info_is_inert(key_info: Node<'_, '_>) -> Result<(), Refusal> {
    named(key_info, "KeyInfo")?;
    let known = |node: Node<'_, '_>| {
        ["X509Data", "KeyName", "KeyValue"].iter().any(|name| is(node, DSIG, name))
    };
    if let Some(other) = elements(key_info).find(|node| !known(*node)) {
        return Err(misplaced(Fault::SignatureShape, other, "X509Data, KeyName or KeyValue"));
    }
    let inert = |node: Node<'_, '_>| {
        let name = node.tag_name().name();
        let refused = PARTS.contains(&name) || ["Signature", "RetrievalMethod"].contains(&name);
        (is_in(node, DSIG) && !refused) || is_in(node, DSIG11)
    };
    match inside(key_info).find(|node| !inert(*node)) {
        Some(node) => Err(misplaced(Fault::SignatureShape, node, "nothing but keys")),
        None => Ok(()),
    }
}

/// PC-14.
fn facts(method: &str, digest: &str, takes_sha1: bool) -> Result<SignatureFacts, Refusal> {
    let weak = |seen: &str| Refusal::new(Fault::WeakAlgorithm, seen, "SHA-256 with RSA or ECDSA");
    let method_digest = SignatureMethod::of(method).ok_or_else(|| weak(method))?.digest;
    let own_digest = Digest::of(digest).ok_or_else(|| weak(digest))?;
    for (uri, used) in [(method, method_digest), (digest, own_digest)] {
        if used == Digest::Sha1 && !takes_sha1 {
            return Err(weak(uri));
        }
    }
    Ok(SignatureFacts {
        method: method.to_owned(),
        digest: digest.to_owned(),
        uses_sha1: [method_digest, own_digest].contains(&Digest::Sha1),
    })
}
