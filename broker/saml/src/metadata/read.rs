//! From bytes to one entity: the gate, the signature where one is demanded, and the choice among several.

use chrono::{DateTime, Utc};
use roxmltree::Node;

use super::role::{self, Validity};
use super::{EntitySummary, IdentityProviderMetadata};
use crate::engine::{SignatureEngine, SignedElement, Trust, XmlSec};
use crate::fault::{Fault, Refusal};
use crate::gate::{self, GatedDocument};
use crate::names;
use crate::xml::{self, plain_attribute};

#[cfg(test)]
mod tests;

/// The most entities that are read of one document (B13).
const MOST_ENTITIES: usize = 5_000;

/// The entities of a document, in its order.
///
/// # Errors
/// [`Fault::Metadata`] or a fault of the gate.
pub fn entities(xml: &[u8], now: DateTime<Utc>) -> Result<Vec<EntitySummary>, Refusal> {
    summaries(&gate::readable_metadata(xml)?, now)
}

/// Reads an identity provider: the named entity, or the only identity provider that there is.
///
/// With `trust`, the document or the entity must carry a signature of one of its certificates, and only verified bytes
/// are read (ME-8). Without, the caller vouches for the document, for example by TLS.
///
/// # Errors
/// [`Fault::Metadata`], a fault of the gate, or [`Fault::BadSignature`].
pub fn read_identity_provider(
    xml: &[u8],
    entity_id: Option<&str>,
    now: DateTime<Utc>,
    trust: Option<&Trust<'_>>,
) -> Result<IdentityProviderMetadata, Refusal> {
    let Some(trust) = trust else {
        return identity_provider(&gate::readable_metadata(xml)?, entity_id, now, None);
    };
    let document = gate::metadata(xml, &trust.algorithms, trust.now)?;
    let signed = verified(&document, entity_id, trust)?;
    identity_provider(&signed.xml, entity_id, now, Some(&signed))
}

/// The verified bytes of the whole document where it is signed, else of the one entity.
fn verified(
    document: &GatedDocument,
    entity_id: Option<&str>,
    trust: &Trust<'_>,
) -> Result<SignedElement, Refusal> {
    let tree = xml::parse(document.as_str())?;
    let root = tree.root_element();
    let signed = if is_signed(root) { root } else { choose(root, entity_id)? };
    let id = plain_attribute(signed, "ID").filter(|_| is_signed(signed)).ok_or_else(|| {
        Refusal::new(Fault::Unsigned, "metadata without a signature", "a signature of it")
    })?;
    let verified = XmlSec::new().verify(document, id, trust)?;
    let again = xml::parse(&verified.xml)?;
    // What was verified must be what was asked for: by namespace and id, read from the verified bytes (SI-3).
    let found = again.root_element();
    if found.tag_name() == signed.tag_name() && plain_attribute(found, "ID") == Some(id) {
        return Ok(verified);
    }
    Err(Refusal::new(Fault::SignatureShape, found.tag_name().name(), signed.tag_name().name()))
}

fn is_signed(node: Node<'_, '_>) -> bool {
    node.children().any(|child| child.has_tag_name((names::DSIG, "Signature")))
}

pub(super) fn summaries(text: &str, now: DateTime<Utc>) -> Result<Vec<EntitySummary>, Refusal> {
    let tree = xml::parse(text)?;
    Validity::of(tree.root_element())?.check(now, false)?;
    let found = all_entities(tree.root_element())?;
    let summary = |entity: &Node<'_, '_>| {
        Some(EntitySummary {
            entity_id: plain_attribute(*entity, "entityID")?.to_owned(),
            is_identity_provider: role::identity_provider(*entity).is_some(),
            display_name: role::display_name(*entity),
        })
    };
    Ok(found.iter().filter_map(summary).collect())
}

pub(super) fn identity_provider(
    text: &str,
    entity_id: Option<&str>,
    now: DateTime<Utc>,
    signed: Option<&SignedElement>,
) -> Result<IdentityProviderMetadata, Refusal> {
    let tree = xml::parse(text)?;
    let entity = choose(tree.root_element(), entity_id)?;
    let mut metadata = role::read(entity, now, signed.is_some())?;
    metadata.verified_by = signed.map(|signed| signed.verified_by.clone());
    Ok(metadata)
}

/// The named entity, which must stand there once, or the only identity provider (ME-3).
fn choose<'a, 'i>(root: Node<'a, 'i>, entity_id: Option<&str>) -> Result<Node<'a, 'i>, Refusal> {
    let entities = all_entities(root)?;
    let wanted = |entity: &&Node<'_, '_>| match entity_id {
        Some(id) => plain_attribute(**entity, "entityID") == Some(id),
        // A document of one entity is about this one, whatever its role: the refusal can then say more.
        None => entities.len() == 1 || role::identity_provider(**entity).is_some(),
    };
    let mut found = entities.iter().filter(wanted);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(*only),
        (None, _) => Err(none_found(&entities, entity_id)),
        (Some(first), Some(second)) => {
            let name =
                |node: &Node<'_, '_>| plain_attribute(*node, "entityID").unwrap_or("?").to_owned();
            let seen = format!("{} and {}", name(first), name(second));
            Err(Refusal::new(Fault::Metadata, seen, "one identity provider, or a choice"))
        }
    }
}

fn none_found(entities: &[Node<'_, '_>], entity_id: Option<&str>) -> Refusal {
    let names = entities.iter().filter_map(|entity| plain_attribute(*entity, "entityID")).take(5);
    let seen = names.collect::<Vec<_>>().join(", ");
    match entity_id {
        Some(id) => Refusal::new(Fault::Metadata, seen, id),
        None => Refusal::new(
            Fault::Metadata,
            format_args!("{} entities: {seen}", entities.len()),
            "an identity provider of SAML 2.0",
        ),
    }
}

/// Every EntityDescriptor, below any number of EntitiesDescriptors and nowhere else.
fn all_entities<'a, 'i>(root: Node<'a, 'i>) -> Result<Vec<Node<'a, 'i>>, Refusal> {
    let mut found = Vec::new();
    // The gate bounds the number of elements; the order is kept by going on at the end of the group.
    let mut groups = vec![std::iter::once(root).collect::<Vec<_>>().into_iter()];
    while let Some(group) = groups.last_mut() {
        let Some(node) = group.next() else {
            groups.pop();
            continue;
        };
        if node.has_tag_name((names::METADATA, "EntityDescriptor")) {
            found.push(node);
        } else if node.has_tag_name((names::METADATA, "EntitiesDescriptor")) {
            groups.push(node.children().collect::<Vec<_>>().into_iter());
        }
        if found.len() > MOST_ENTITIES {
            let expected = format!("at most {MOST_ENTITIES}");
            return Err(Refusal::new(Fault::Metadata, "too many entities", expected));
        }
    }
    if found.is_empty() {
        let seen = root.tag_name().name();
        return Err(Refusal::new(Fault::Metadata, seen, "EntityDescriptor or EntitiesDescriptor"));
    }
    Ok(found)
}
