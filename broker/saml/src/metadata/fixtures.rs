//! Metadata of identity providers, put together by hand for tests.

use chrono::{DateTime, Utc};

use super::{EntitySummary, IdentityProviderMetadata, entities, read_identity_provider};
use crate::certificate::Certificate;
use crate::fault::Refusal;
use crate::names;

pub(super) const ENTITY: &str = "https://idp.example/metadata";

pub(super) fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(super) fn now() -> DateTime<Utc> {
    utc("2026-11-22T10:00:00Z")
}

pub(super) fn read(xml: &str) -> Result<IdentityProviderMetadata, Refusal> {
    read_identity_provider(xml.as_bytes(), None, now(), None)
}

pub(super) fn read_named(xml: &str, name: &str) -> Result<IdentityProviderMetadata, Refusal> {
    read_identity_provider(xml.as_bytes(), Some(name), now(), None)
}

pub(super) fn list(xml: &str) -> Result<Vec<EntitySummary>, Refusal> {
    entities(xml.as_bytes(), now())
}

/// An identity provider. The fields are pieces of the document.
pub(super) struct Idp {
    pub(super) entity_id: String,
    pub(super) entity_attributes: String,
    pub(super) before_role: String,
    pub(super) role_attributes: String,
    pub(super) extensions: String,
    pub(super) keys: String,
    pub(super) endpoints: String,
    pub(super) after_role: String,
}

impl Idp {
    pub(super) fn new(certificates: &[&Certificate]) -> Self {
        Self {
            entity_id: ENTITY.to_owned(),
            entity_attributes: String::new(),
            before_role: String::new(),
            role_attributes: format!("protocolSupportEnumeration=\"{}\"", names::PROTOCOL),
            extensions: String::new(),
            keys: certificates.iter().map(|one| key(Some("signing"), &one.to_base64())).collect(),
            endpoints: endpoint(
                "SingleSignOnService",
                names::BINDING_REDIRECT,
                "https://idp.example/sso",
            ),
            after_role: String::new(),
        }
    }

    /// The element, with all its namespaces declared on itself.
    pub(super) fn xml(&self) -> String {
        format!(
            "<EntityDescriptor xmlns=\"{md}\" xmlns:ds=\"{ds}\" xmlns:mdui=\"{mdui}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" entityID=\"{}\" {}>{}\
             <IDPSSODescriptor {}>{}{}{}</IDPSSODescriptor>{}</EntityDescriptor>",
            self.entity_id,
            self.entity_attributes,
            self.before_role,
            self.role_attributes,
            self.extensions,
            self.keys,
            self.endpoints,
            self.after_role,
            md = names::METADATA,
            ds = names::DSIG,
            mdui = names::MDUI,
        )
    }
}

pub(super) fn key(key_use: Option<&str>, base64: &str) -> String {
    let key_use = key_use.map(|key_use| format!(" use=\"{key_use}\"")).unwrap_or_default();
    format!(
        "<KeyDescriptor{key_use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
    )
}

pub(super) fn endpoint(name: &str, binding: &str, location: &str) -> String {
    format!("<{name} Binding=\"{binding}\" Location=\"{location}\"/>")
}

pub(super) fn group(attributes: &str, inner: &str) -> String {
    format!(
        "<EntitiesDescriptor xmlns=\"{}\" {attributes}>{inner}</EntitiesDescriptor>",
        names::METADATA
    )
}
