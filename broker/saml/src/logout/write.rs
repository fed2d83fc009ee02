//! Our logout messages as documents, in the order of the schema.

use super::{LogoutRequest, LogoutResponse};
use crate::fault::Refusal;
use crate::response::NameId;
use crate::write::{self, Element};

impl LogoutRequest {
    /// The document, unsigned.
    ///
    /// # Errors
    /// [`crate::Fault::Malformed`] when a value cannot stand in XML or a needed one is empty.
    pub fn to_xml(&self) -> Result<String, Refusal> {
        let sessions =
            self.session_indexes.iter().map(|one| Element::with_text("samlp:SessionIndex", one));
        write::check_id(&self.id)?;
        write::require("Issuer", &self.issuer)?;
        write::require("Destination", &self.destination)?;
        write::require("NameID", &self.name_id.value)?;
        Element::new("samlp:LogoutRequest")
            .attribute("ID", &self.id)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", write::time(self.issued_at))
            .attribute("Destination", &self.destination)
            .maybe("NotOnOrAfter", self.not_on_or_after.map(write::time))
            .child(Element::with_text("saml:Issuer", &self.issuer))
            .child(name_id(&self.name_id))
            .children(sessions)
            .to_document()
    }
}

impl LogoutResponse {
    /// The document, unsigned.
    ///
    /// # Errors
    /// [`crate::Fault::Malformed`] when a value cannot stand in XML or a needed one is empty.
    pub fn to_xml(&self) -> Result<String, Refusal> {
        write::check_id(&self.id)?;
        write::require("Issuer", &self.issuer)?;
        write::require("Destination", &self.destination)?;
        write::require("InResponseTo", &self.in_response_to)?;
        write::require("Status", self.status.first().map_or("", String::as_str))?;
        Element::new("samlp:LogoutResponse")
            .attribute("ID", &self.id)
            .attribute("InResponseTo", &self.in_response_to)
            .attribute("Version", "2.0")
            .attribute("IssueInstant", write::time(self.issued_at))
            .attribute("Destination", &self.destination)
            .child(Element::with_text("saml:Issuer", &self.issuer))
            .child(Element::new("samlp:Status").children(status_code(&self.status)))
            .to_document()
    }
}

/// A NameID with exactly what makes it: an identity provider finds the session by all of it (SW-9).
fn name_id(name_id: &NameId) -> Element {
    Element::with_text("saml:NameID", &name_id.value)
        .maybe("NameQualifier", name_id.name_qualifier.as_deref())
        .maybe("SPNameQualifier", name_id.sp_name_qualifier.as_deref())
        .maybe("Format", name_id.format.as_deref())
}

/// Each further code stands inside the one before (SAML Core 3.2.2.2).
fn status_code(codes: &[String]) -> Option<Element> {
    codes.iter().rev().fold(None, |inner, code| {
        Some(Element::new("samlp:StatusCode").attribute("Value", code).children(inner))
    })
}
