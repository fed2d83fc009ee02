//! Reading metadata of others.

use chrono::{DateTime, Utc};

use super::{EntitySummary, IdentityProviderMetadata};
use crate::engine::Trust;
use crate::fault::{Fault, Refusal};

/// The entities of a document, in its order.
///
/// # Errors
/// [`Fault::Metadata`] or a fault of the gate.
pub fn entities(xml: &[u8], now: DateTime<Utc>) -> Result<Vec<EntitySummary>, Refusal> {
    let _ = (xml, now);
    Err(Refusal::new(Fault::Metadata, "", ""))
}

/// Reads an identity provider: the named entity, or the only identity provider that there is.
///
/// With `trust`, the document or the entity must carry a signature of one of its certificates, and only verified bytes
/// are read (ME-8).
///
/// # Errors
/// [`Fault::Metadata`], a fault of the gate, or [`Fault::BadSignature`].
pub fn read_identity_provider(
    xml: &[u8],
    entity_id: Option<&str>,
    now: DateTime<Utc>,
    trust: Option<&Trust<'_>>,
) -> Result<IdentityProviderMetadata, Refusal> {
    let _ = (xml, entity_id, now, trust);
    Err(Refusal::new(Fault::Metadata, "", ""))
}
