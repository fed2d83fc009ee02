//! Which elements stand where (PC-08, PC-09, PC-16, PC-17): one allow-list for each root.

use roxmltree::Node;

use super::tree::{elements, has_own_text, inside, is, is_in, misplaced};
use super::{AssertionPlace, Facts, MessageKind, encrypted, ids, signature, status};
use crate::fault::{Fault, Refusal};
use crate::names::{ASSERTION, DSIG, METADATA, PROTOCOL};
use crate::xml::plain_attribute;

/// What an assertion may hold (SAML Core 2.3.3).
const IN_ASSERTION: [&str; 9] = [
    "Issuer",
    "Signature",
    "Subject",
    "Conditions",
    "Advice",
    "Statement",
    "AuthnStatement",
    "AuthzDecisionStatement",
    "AttributeStatement",
];

/// Messages and assertions, which never stand inside one another here.
const DOCUMENTS: [&str; 14] = [
    "Assertion",
    "EncryptedAssertion",
    "Response",
    "AuthnRequest",
    "LogoutRequest",
    "LogoutResponse",
    "ArtifactResolve",
    "ArtifactResponse",
    "AssertionIDRequest",
    "AttributeQuery",
    "AuthnQuery",
    "AuthzDecisionQuery",
    "ManageNameIDRequest",
    "NameIDMappingRequest",
];

/// The rules of a `Response`.
pub(super) fn response(root: Node<'_, '_>, takes_sha1: bool) -> Result<Facts, Refusal> {
    is_root(root, PROTOCOL, "Response")?;
    has_version(root)?;
    let known = ["Issuer", "Signature", "Status", "Assertion", "EncryptedAssertion"];
    holds_only(root, &known)?;
    let assertion = assertion_of(root)?;
    ids::are_unique(root)?;
    signature::stand_only_in(root, |parent| parent == root || Some(parent) == assertion)?;
    encrypted::are_plain(root)?;
    let success = status::is_success(root)?;
    let root_signature = signature::of(root, takes_sha1)?;
    let place = match assertion {
        Some(_) if !success => {
            let seen = "an assertion beside an error";
            return Err(Refusal::new(Fault::Status, seen, "success, or no assertion"));
        }
        None if success => {
            return Err(Refusal::new(Fault::AssertionCount, "none", "one assertion"));
        }
        Some(node) => place_of(node, takes_sha1)?,
        None => AssertionPlace::None,
    };
    let unsigned = matches!(place, AssertionPlace::Plain { signature: None, .. });
    if unsigned && root_signature.is_none() {
        return Err(Refusal::new(Fault::Unsigned, "no signature", "one at least"));
    }
    Ok(Facts { root_id: id_of(root), root_signature, assertion: place })
}

/// The rules of a decrypted assertion (GT-15). Whether it must be signed is decided by who decrypted it (DC-1).
pub(super) fn assertion(root: Node<'_, '_>, takes_sha1: bool) -> Result<Facts, Refusal> {
    is_root(root, ASSERTION, "Assertion")?;
    if let Some(node) = inside(root).find(|node| is_document(*node)) {
        return Err(extra_assertion(node));
    }
    ids::are_unique(root)?;
    signature::stand_only_in(root, |parent| parent == root)?;
    encrypted::are_plain(root)?;
    let assertion = place_of(root, takes_sha1)?;
    let root_signature = match &assertion {
        AssertionPlace::Plain { signature, .. } => signature.clone(),
        _ => None,
    };
    Ok(Facts { root_id: id_of(root), root_signature, assertion })
}

/// The rules of requests and of `LogoutResponse` (PC-17). They may be unsigned; who reads them decides.
pub(super) fn message(
    root: Node<'_, '_>,
    kind: MessageKind,
    takes_sha1: bool,
) -> Result<Facts, Refusal> {
    let known: &[&str] = match kind {
        MessageKind::Response => return response(root, takes_sha1),
        MessageKind::AuthnRequest => &[
            "Issuer",
            "Signature",
            "Extensions",
            "Subject",
            "NameIDPolicy",
            "Conditions",
            "RequestedAuthnContext",
            "Scoping",
        ],
        MessageKind::LogoutRequest => &[
            "Issuer",
            "Signature",
            "Extensions",
            "BaseID",
            "NameID",
            "EncryptedID",
            "SessionIndex",
        ],
        MessageKind::LogoutResponse => &["Issuer", "Signature", "Status"],
    };
    is_root(root, PROTOCOL, kind.local_name())?;
    has_version(root)?;
    holds_only(root, known)?;
    if let Some(node) = inside(root).find(|node| is_document(*node)) {
        return Err(misplaced(Fault::Structure, node, "one message and nothing inside it"));
    }
    extensions_are_foreign(root)?;
    ids::are_unique(root)?;
    signature::stand_only_in(root, |parent| parent == root)?;
    encrypted::are_plain(root)?;
    if kind == MessageKind::LogoutResponse {
        status::is_success(root)?;
    }
    let root_signature = signature::of(root, takes_sha1)?;
    Ok(Facts { root_id: id_of(root), root_signature, assertion: AssertionPlace::None })
}

/// The rules of metadata: a signature on the root or on an entity, and entities only in their aggregates.
pub(super) fn metadata(root: Node<'_, '_>, takes_sha1: bool) -> Result<Facts, Refusal> {
    readable_metadata(root)?;
    ids::are_unique(root)?;
    signature::stand_only_in(root, |parent| parent == root || is_entity(parent))?;
    for node in inside(root).filter(|node| is_entity(*node) || is_aggregate(*node)) {
        signature::of(node, takes_sha1)?;
    }
    let root_signature = signature::of(root, takes_sha1)?;
    Ok(Facts { root_id: id_of(root), root_signature, assertion: AssertionPlace::None })
}

/// The rules of metadata but for those of signatures, which nobody is going to verify.
pub(super) fn readable_metadata(root: Node<'_, '_>) -> Result<Facts, Refusal> {
    if !is_entity(root) && !is_aggregate(root) {
        return Err(misplaced(Fault::Structure, root, "EntityDescriptor or EntitiesDescriptor"));
    }
    let mut nested = inside(root).filter(|node| is_entity(*node) || is_aggregate(*node));
    if let Some(node) = nested.find(|node| !node.parent().is_some_and(is_aggregate)) {
        return Err(misplaced(Fault::Structure, node, "entities in EntitiesDescriptor only"));
    }
    Ok(Facts { root_id: None, root_signature: None, assertion: AssertionPlace::None })
}

fn is_entity(node: Node<'_, '_>) -> bool {
    is(node, METADATA, "EntityDescriptor")
}

fn is_aggregate(node: Node<'_, '_>) -> bool {
    is(node, METADATA, "EntitiesDescriptor")
}

fn is_root(root: Node<'_, '_>, namespace: &str, name: &str) -> Result<(), Refusal> {
    if is(root, namespace, name) {
        return Ok(());
    }
    let seen = root.tag_name();
    let seen = format!("{{{}}}{}", seen.namespace().unwrap_or_default(), seen.name());
    Err(Refusal::new(Fault::Structure, seen, format!("{{{namespace}}}{name}")))
}

fn has_version(root: Node<'_, '_>) -> Result<(), Refusal> {
    match plain_attribute(root, "Version") {
        Some("2.0") => Ok(()),
        other => Err(Refusal::new(Fault::Structure, other.unwrap_or("no version"), "Version 2.0")),
    }
}

/// Only known children, each by its own namespace, and no text between them (PC-08).
fn holds_only(node: Node<'_, '_>, known: &[&str]) -> Result<(), Refusal> {
    let own = ["Issuer", "Signature", "Subject", "Conditions", "Status", "Extensions"];
    let expected = known.join(", ");
    let mut seen = Vec::new();
    for child in elements(node) {
        let name = child.tag_name().name();
        let fits = match name {
            "Signature" => is_in(child, DSIG),
            "Status"
            | "Extensions"
            | "NameIDPolicy"
            | "RequestedAuthnContext"
            | "Scoping"
            | "SessionIndex" => is_in(child, PROTOCOL),
            _ => is_in(child, ASSERTION),
        };
        let again = own.contains(&name) && seen.contains(&name) && name != "Signature";
        if !known.contains(&name) || !fits || again {
            return Err(misplaced(Fault::Structure, child, &expected));
        }
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    if has_own_text(node) {
        return Err(Refusal::new(Fault::Structure, "text", expected));
    }
    Ok(())
}

/// The one assertion of a response, if any (PC-09). Names count in every namespace: a reader that ignores
/// namespaces must not find another one.
fn assertion_of<'a, 'i>(root: Node<'a, 'i>) -> Result<Option<Node<'a, 'i>>, Refusal> {
    let mut found = None;
    for node in inside(root).filter(|node| is_document(*node)) {
        if node.parent() != Some(root) || found.is_some() {
            return Err(extra_assertion(node));
        }
        found = Some(node);
    }
    Ok(found)
}

fn is_document(node: Node<'_, '_>) -> bool {
    DOCUMENTS.contains(&node.tag_name().name())
}

fn extra_assertion(node: Node<'_, '_>) -> Refusal {
    if node.ancestors().any(|up| is(up, ASSERTION, "Advice")) {
        return misplaced(Fault::AdviceAssertion, node, "no assertion inside Advice");
    }
    misplaced(Fault::AssertionCount, node, "one assertion, as child of the response")
}

/// Children, id and signature of the assertion.
fn place_of(assertion: Node<'_, '_>, takes_sha1: bool) -> Result<AssertionPlace, Refusal> {
    if assertion.tag_name().name() == "EncryptedAssertion" {
        return Ok(AssertionPlace::Encrypted);
    }
    holds_only(assertion, &IN_ASSERTION)?;
    let id = id_of(assertion).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| misplaced(Fault::Structure, assertion, "an assertion with an ID"))?;
    Ok(AssertionPlace::Plain { id, signature: signature::of(assertion, takes_sha1)? })
}

fn id_of(node: Node<'_, '_>) -> Option<String> {
    plain_attribute(node, "ID").map(str::to_owned)
}

/// What others put into `Extensions` is theirs, as long as it could not be taken for ours.
fn extensions_are_foreign(root: Node<'_, '_>) -> Result<(), Refusal> {
    let ours = |node: Node<'_, '_>| [PROTOCOL, ASSERTION, DSIG].iter().any(|ns| is_in(node, ns));
    let extensions = elements(root).filter(|node| is(*node, PROTOCOL, "Extensions"));
    match extensions.flat_map(inside).find(|node| ours(*node)) {
        Some(node) => Err(misplaced(Fault::Structure, node, "foreign elements only")),
        None => Ok(()),
    }
}
