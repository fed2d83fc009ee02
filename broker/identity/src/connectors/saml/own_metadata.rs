//! Our metadata for one connector (SAML Metadata 2.4.4), signed.

use symbolon_saml::engine::{SignatureEngine, XmlSec};
use symbolon_saml::metadata::{RequestedAttribute, ServiceProvider};

use super::machinery::SamlConnector;
use super::settings::SignedDemand;
use crate::connectors::ConnectorError;

impl SamlConnector<'_> {
    /// Whether requests are signed: by our settings, or because the identity provider wants it.
    pub(crate) fn signs_requests(&self) -> bool {
        self.settings.request.sign || self.identity_provider.wants_signed_requests
    }

    /// The document, with every generation of keys that counts.
    pub(crate) async fn own_metadata(&self, organisation: &str) -> Result<String, ConnectorError> {
        let keys = || self.keys.generations();
        let document = ServiceProvider {
            id: self.fresh_id(),
            entity_id: self.addresses.entity_id.clone(),
            acs_url: self.addresses.acs_url.clone(),
            logout_url: Some(self.addresses.logout_url.clone()),
            signing: keys().map(|one| one.signing.certificate.clone()).collect(),
            encryption: keys().map(|one| one.encryption.certificate.clone()).collect(),
            name_id_formats: self.settings.request.name_id_format.iter().cloned().collect(),
            signs_requests: self.signs_requests(),
            want_assertions_signed: matches!(
                self.settings.signed,
                SignedDemand::Assertion | SignedDemand::Both
            ),
            display_name: Some(organisation.to_owned()),
            attributes: Vec::<RequestedAttribute>::new(),
            valid_until: None,
        };
        let own = &self.keys.present.signing;
        let (key, certificate) = (own.key.clone(), own.certificate.clone());
        let made = self.broker.saml.run(move || {
            let xml = document.to_xml()?;
            XmlSec::new().sign(&xml, &key, &certificate)
        });
        Ok(made.await.and_then(|made| made)?)
    }
}
