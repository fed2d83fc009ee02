//! Metadata: reading what an identity provider says of itself, and writing what we say (SAML Metadata 2).
//!
//! Owns: [`IdentityProviderMetadata`] and the tolerance that real documents need (ME-1 to ME-6), the signature of
//! metadata (ME-8), [`ServiceProvider`]. Does not own: fetching, schedules, the last good copy and warnings
//! (`identity`).

mod duration;
#[cfg(test)]
mod fixtures;
mod own;
mod read;
mod role;

use chrono::{DateTime, TimeDelta, Utc};

use crate::certificate::Certificate;

pub use own::{RequestedAttribute, ServiceProvider};
pub use read::{entities, read_identity_provider};

/// One entity of a document, for an admin to choose from (ME-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntitySummary {
    /// Its entity id.
    pub entity_id: String,
    /// Whether it has the role of a SAML 2.0 identity provider.
    pub is_identity_provider: bool,
    /// Its name for people: untrusted text.
    pub display_name: Option<String>,
}

/// What an identity provider says of itself, as far as a connector needs it.
#[derive(Debug, Clone)]
pub struct IdentityProviderMetadata {
    /// Its entity id, exactly (ME-12).
    pub entity_id: String,
    /// Where requests may be sent to: redirect and POST, in the order of the document.
    pub sign_on: Vec<Endpoint>,
    /// Where logout messages may be sent to: redirect and POST, in the order of the document.
    pub logout: Vec<Endpoint>,
    /// Certificates that it may sign with: at least one (ME-2).
    pub certificates: Vec<Certificate>,
    /// How many certificates were left out because they cannot be read or their keys are too weak.
    pub skipped_certificates: usize,
    /// Whether it takes signed requests only.
    pub want_signed_requests: bool,
    /// The NameID formats that it offers.
    pub name_id_formats: Vec<String>,
    /// Until when the document counts: the earliest on the way to the role.
    pub valid_until: Option<DateTime<Utc>>,
    /// How long it may be kept before a look for a newer one: the shortest on the way to the role.
    pub cache_for: Option<TimeDelta>,
    /// Its name for people: untrusted text.
    pub display_name: Option<String>,
    /// Where it sends people who cannot be signed in: an absolute http(s) URL.
    pub error_url: Option<String>,
    /// The fingerprint of the certificate that verified the document, where that was demanded.
    pub verified_by: Option<String>,
}

/// An address and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The binding's name: [`crate::names::BINDING_REDIRECT`] or [`crate::names::BINDING_POST`].
    pub binding: String,
    /// Its absolute http(s) URL, exactly as written.
    pub location: String,
    /// Where responses go, if elsewhere.
    pub response_location: Option<String>,
}
