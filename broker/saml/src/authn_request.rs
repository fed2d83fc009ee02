//! The request that a connector sends to its identity provider (SAML Core 3.4.1).
//!
//! Owns: what stands in our AuthnRequest, and the choices that real identity providers force (EI-01). Does not own:
//! the signature (of the redirect binding, [`crate::bindings`], or [`crate::engine`]) and the pending request.

use chrono::{DateTime, Utc};

use crate::fault::Refusal;
use crate::names;
use crate::write::{self, Element};

#[cfg(test)]
mod tests;

/// A request for an authentication, answered by POST to our ACS URL.
///
/// There is no Subject and no Scoping, which Entra refuses; who is expected goes by a query parameter (EI-01).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its id; see [`write::id`].
    pub id: String,
    /// Our entity id for this connector.
    pub issuer: String,
    /// The identity provider's sign-on address.
    pub destination: String,
    /// Where the response is to be posted to, as our metadata says it (SDP-SP06).
    pub acs_url: String,
    /// The present moment.
    pub issued_at: DateTime<Utc>,
    /// Whether the person is to authenticate anew.
    pub force_authn: bool,
    /// Whether the person must not be asked anything.
    pub is_passive: bool,
    /// What kind of name is wanted; `None` leaves it to the identity provider (SDP-SP04).
    pub name_id_policy: Option<NameIdPolicy>,
    /// The authentication contexts that are wanted, one of which exactly (SDP-SP07); empty: none is asked for.
    pub contexts: Vec<String>,
    /// How the identity provider may call us to the person.
    pub provider_name: Option<String>,
}

/// What kind of NameID is wanted (SAML Core 3.4.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameIdPolicy {
    /// Its format; `None` takes any.
    pub format: Option<String>,
    /// Whether the identity provider may make an identifier for the person.
    pub allow_create: bool,
}

impl AuthnRequest {
    /// The document, unsigned.
    ///
    /// # Errors
    /// [`crate::Fault::Malformed`] when a value cannot stand in XML or a needed one is empty.
    pub fn to_xml(&self) -> Result<String, Refusal> {
        write::check_id(&self.id)?;
        write::require("Issuer", &self.issuer)?;
        write::require("Destination", &self.destination)?;
        write::require("AssertionConsumerServiceURL", &self.acs_url)?;
        Element::new("samlp:AuthnRequest")
            .attribute("ID", &self.id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", write::time(self.issued_at))
            .attribute("Destination", &self.destination)
            .maybe("ForceAuthn", self.force_authn.then_some("true"))
            .maybe("IsPassive", self.is_passive.then_some("true"))
            .attribute("ProtocolBinding", names::BINDING_POST)
            .attribute("AssertionConsumerServiceURL", &self.acs_url)
            .maybe("ProviderName", self.provider_name.as_deref())
            .child(Element::with_text("saml:Issuer", &self.issuer))
            .children(self.name_id_policy.as_ref().map(NameIdPolicy::element))
            .children(self.requested_context())
            .to_document()
    }

    fn requested_context(&self) -> Option<Element> {
        let one = |context| Element::with_text("saml:AuthnContextClassRef", context);
        (!self.contexts.is_empty()).then(|| {
            Element::new("samlp:RequestedAuthnContext")
                .attribute("Comparison", "exact")
                .children(self.contexts.iter().map(one))
        })
    }
}

impl NameIdPolicy {
    fn element(&self) -> Element {
        // A transient identifier is always a new one: AllowCreate must not stand beside it (errata E14).
        let transient = self.format.as_deref() == Some(names::NAME_ID_TRANSIENT);
        Element::new("samlp:NameIDPolicy")
            .maybe("Format", self.format.as_deref())
            .maybe("AllowCreate", (self.allow_create && !transient).then_some("true"))
    }
}
