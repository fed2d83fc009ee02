//! What we say of ourselves to an identity provider (SAML Metadata 2.4.4; SW-10).

use chrono::{DateTime, Utc};

use crate::certificate::Certificate;
use crate::fault::Refusal;
use crate::names;
use crate::write::{self, Element};

#[cfg(test)]
mod tests;

/// What can be decrypted, the best first (DC-2). Nothing else may be offered: identity providers take us at our word.
const ENCRYPTION_METHODS: [&str; 6] = [
    names::AES256_GCM,
    names::AES128_GCM,
    names::AES256_CBC,
    names::AES128_CBC,
    names::RSA_OAEP_MGF1P,
    names::RSA_OAEP,
];

/// A connector in its role as a service provider.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// The document's id; see [`write::id`].
    pub id: String,
    /// Our entity id for this connector.
    pub entity_id: String,
    /// Where responses are posted to.
    pub acs_url: String,
    /// Where logout messages go, if any are taken.
    pub logout_url: Option<String>,
    /// Certificates that we sign with: the present one first, the next one beside it during a rollover (ME-10).
    pub signing: Vec<Certificate>,
    /// Certificates that may encrypt for us, in the same order.
    pub encryption: Vec<Certificate>,
    /// The NameID formats that we can use, the preferred one first.
    pub name_id_formats: Vec<String>,
    /// Whether our requests are always signed. An identity provider then refuses others (SDP-IDP05).
    pub signs_requests: bool,
    /// Whether assertions must be signed themselves.
    pub want_assertions_signed: bool,
    /// Our name for people.
    pub display_name: Option<String>,
    /// Attributes that we would like to have.
    pub attributes: Vec<RequestedAttribute>,
    /// Until when the document counts.
    pub valid_until: Option<DateTime<Utc>>,
}

/// An attribute that we ask for (SAML Metadata 2.4.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedAttribute {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub friendly_name: Option<String>,
}

impl ServiceProvider {
    /// The document, unsigned.
    ///
    /// # Errors
    /// [`crate::Fault::Malformed`] when a value cannot stand in XML or a needed one is empty.
    pub fn to_xml(&self) -> Result<String, Refusal> {
        write::check_id(&self.id)?;
        write::require("entityID", &self.entity_id)?;
        write::require("AssertionConsumerService", &self.acs_url)?;
        Element::new("md:EntityDescriptor")
            .attribute("ID", &self.id)
            .attribute("entityID", &self.entity_id)
            .maybe("validUntil", self.valid_until.map(write::time))
            .child(self.role())
            .to_document()
    }

    /// The children stand in the order of the schema (SW-13).
    fn role(&self) -> Element {
        let signing = self.signing.iter().map(|one| key_descriptor("signing", one));
        let encryption = self.encryption.iter().map(|one| {
            let methods = ENCRYPTION_METHODS
                .map(|method| Element::new("md:EncryptionMethod").attribute("Algorithm", method));
            key_descriptor("encryption", one).children(methods)
        });
        let formats = self.name_id_formats.iter();
        Element::new("md:SPSSODescriptor")
            .attribute("AuthnRequestsSigned", self.signs_requests.to_string())
            .attribute("WantAssertionsSigned", self.want_assertions_signed.to_string())
            .attribute("protocolSupportEnumeration", names::PROTOCOL)
            .children(self.display_name.as_deref().map(user_interface))
            .children(signing)
            .children(encryption)
            .children(self.logout_endpoints())
            .children(formats.map(|format| Element::with_text("md:NameIDFormat", format)))
            .child(
                Element::new("md:AssertionConsumerService")
                    .attribute("Binding", names::BINDING_POST)
                    .attribute("Location", &self.acs_url)
                    .attribute("index", "0")
                    .attribute("isDefault", "true"),
            )
            .children(self.requested_attributes())
    }

    fn logout_endpoints(&self) -> impl Iterator<Item = Element> {
        self.logout_url.iter().flat_map(|location| {
            [names::BINDING_REDIRECT, names::BINDING_POST].map(|binding| {
                Element::new("md:SingleLogoutService")
                    .attribute("Binding", binding)
                    .attribute("Location", location)
            })
        })
    }

    fn requested_attributes(&self) -> Option<Element> {
        let one = |attribute: &RequestedAttribute| {
            Element::new("md:RequestedAttribute")
                .attribute("Name", &attribute.name)
                .maybe("NameFormat", attribute.name.contains(':').then_some(names::NAME_FORMAT_URI))
                .maybe("FriendlyName", attribute.friendly_name.as_deref())
        };
        // A service must have a name (SAML Metadata 2.4.4.1).
        let name = self.display_name.as_deref().unwrap_or(&self.entity_id);
        (!self.attributes.is_empty()).then(|| {
            Element::new("md:AttributeConsumingService")
                .attribute("index", "0")
                .child(Element::with_text("md:ServiceName", name).attribute("xml:lang", "en"))
                .children(self.attributes.iter().map(one))
        })
    }
}

/// The name for people (SAML V2.0 Metadata Extensions for Login and Discovery User Interface, 2.1).
fn user_interface(name: &str) -> Element {
    let name = Element::with_text("mdui:DisplayName", name).attribute("xml:lang", "en");
    Element::new("md:Extensions").child(Element::new("mdui:UIInfo").child(name))
}

fn key_descriptor(key_use: &'static str, certificate: &Certificate) -> Element {
    let data = Element::new("ds:X509Data")
        .child(Element::with_text("ds:X509Certificate", certificate.to_base64()));
    Element::new("md:KeyDescriptor")
        .attribute("use", key_use)
        .child(Element::new("ds:KeyInfo").child(data))
}
