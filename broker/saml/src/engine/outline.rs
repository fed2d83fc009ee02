//! Which element is to be verified and what its signature names, found before the native libraries see the document.
//!
//! What the gate noted of a message is taken from there; metadata and verified bytes are read again. Does not own:
//! whether a signature's shape is allowed ([`crate::gate`]).

use openssl::pkey::Id;
use roxmltree::{Document, Node};

use crate::fault::{Fault, Refusal};
use crate::gate::algorithms::{Digest, SignatureMethod};
use crate::gate::{AssertionPlace, GatedDocument, SignatureFacts};
use crate::names::{ASSERTION, DSIG};
use crate::xml;

/// The algorithms of one signature, as far as they decide which keys are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) key: Id,
    pub(super) sha1: bool,
}

/// The element that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) key: Id,
    /// Whether this or another signature that is verified along uses SHA-1.
    pub(super) sha1: bool,
    /// Whether another signature is verified along.
    pub(super) several: bool,
}

/// The one signed element of a message, when it is the one asked for.
pub(super) fn only_target(document: &GatedDocument, id: &str) -> Option<Target> {
    let target = |namespace: &str, name: &str, facts: &SignatureFacts| {
        let signed = signed(&facts.method, &facts.digest).ok()?;
        Some(Target {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            id: id.to_owned(),
            key: signed.key,
            sha1: signed.sha1,
            several: false,
        })
    };
    match (&document.root_signature, &document.assertion) {
        (None, AssertionPlace::Plain { id: own, signature: Some(facts) }) if own == id => {
            target(ASSERTION, "Assertion", facts)
        }
        (
            Some(facts),
            AssertionPlace::Plain { signature: None, .. } | AssertionPlace::Encrypted,
        ) if document.root_id.as_deref() == Some(id) => {
            let root = first_tag(document.as_str())?;
            let root = Document::parse(&root).ok()?;
            let name = root.root_element().tag_name();
            target(name.namespace().unwrap_or_default(), name.name(), facts)
        }
        _ => None,
    }
}

/// The one element with this id, and what its own signature names.
pub(super) fn target<'a, 'i>(
    document: &'a Document<'i>,
    id: &str,
) -> Result<(Node<'a, 'i>, Target), Refusal> {
    let mut found =
        document.descendants().filter(|node| xml::plain_attribute(*node, "ID") == Some(id));
    let (Some(node), None) = (found.next(), found.next()) else {
        return Err(Refusal::new(Fault::DuplicateId, id, "exactly one element with this ID"));
    };
    let mut own = node.children().filter(is_signature);
    let (Some(signature), None) = (own.next(), own.next()) else {
        return Err(Refusal::new(Fault::Unsigned, "no signature of its own", "exactly one"));
    };
    let mut sha1 = false;
    let mut count = 0;
    for other in node.descendants().filter(is_signature) {
        sha1 |= read(other)?.sha1;
        count += 1;
    }
    let target = Target {
        namespace: node.tag_name().namespace().unwrap_or_default().to_owned(),
        name: node.tag_name().name().to_owned(),
        id: id.to_owned(),
        key: read(signature)?.key,
        sha1,
        several: count > 1,
    };
    Ok((node, target))
}

/// Whether the root element of these bytes is the target, by name, namespace and id (SI-3).
pub(super) fn is_root(text: &str, target: &Target) -> bool {
    let Some(tag) = first_tag(text) else { return false };
    let Ok(document) = xml::parse(&tag) else { return false };
    let root = document.root_element();
    root.has_tag_name((target.namespace.as_str(), target.name.as_str()))
        && xml::plain_attribute(root, "ID") == Some(target.id.as_str())
}

/// The root's start tag as an element of its own, when the text begins with it. Namespaces that the root uses are declared
/// on it, so that it can stand alone.
fn first_tag(text: &str) -> Option<String> {
    let text = text.trim_ascii_start();
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => {
                let tag = text.get(..at)?;
                return Some([tag.strip_suffix('/').unwrap_or(tag), "/>"].concat());
            }
            _ => {}
        }
    }
    None
}

pub(super) fn is_signature(node: &Node<'_, '_>) -> bool {
    node.has_tag_name((DSIG, "Signature"))
}

fn read(signature: Node<'_, '_>) -> Result<Signed, Refusal> {
    let info = only(signature, "SignedInfo")?;
    let method = algorithm(info, "SignatureMethod")?;
    let digest = algorithm(only(info, "Reference")?, "DigestMethod")?;
    signed(method, digest)
}

fn signed(method: &str, digest: &str) -> Result<Signed, Refusal> {
    let known = SignatureMethod::of(method).ok_or_else(|| weak(method))?;
    let known_digest = Digest::of(digest).ok_or_else(|| weak(digest))?;
    let sha1 = known.digest == Digest::Sha1 || known_digest == Digest::Sha1;
    Ok(Signed { key: known.key, sha1 })
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
