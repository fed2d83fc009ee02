//! The authentication request (SAML Core 3.4.1, SAML Profiles 4.1.4.1), by redirect or by posted form.

use symbolon_saml::authn_request::{AuthnRequest, NameIdPolicy};
use symbolon_saml::gate::MessageKind;
use symbolon_saml::names;
use url::Url;

use super::machinery::SamlConnector;
use super::send::Outgoing;
use crate::connectors::{ConnectorError, UpstreamLeg, UpstreamRedirect};
use crate::secrets::sha256_hex;

/// The id of the request of a trip: derived from what only this browser and we know, so that it is stored nowhere
/// and an answer to it is an answer to this browser (VA-09). Never begins with a digit (SW-8).
pub(super) fn request_id(leg: &UpstreamLeg) -> String {
    let digest = sha256_hex(format!("symbolon saml request\n{}", leg.nonce).as_bytes());
    format!("id{digest}")
}

impl SamlConnector<'_> {
    pub(super) async fn send_request(
        &self,
        leg: &UpstreamLeg,
    ) -> Result<UpstreamRedirect, ConnectorError> {
        let endpoint = self.sign_on()?.clone();
        let xml = self.request(leg, &endpoint.location).to_xml()?;
        let location = self.with_hint(endpoint.location, leg);
        let message = Outgoing {
            kind: MessageKind::AuthnRequest,
            xml,
            relay_state: Some(leg.state.clone()),
            sign: self.signs_requests(),
        };
        self.send((endpoint.binding, location), message).await
    }

    fn request(&self, leg: &UpstreamLeg, destination: &str) -> AuthnRequest {
        let settings = &self.settings.request;
        AuthnRequest {
            id: request_id(leg),
            issuer: self.addresses.entity_id.clone(),
            destination: destination.to_owned(),
            acs_url: self.addresses.acs_url.clone(),
            issued_at: leg.started_at,
            force_authn: self.is_forced(leg),
            is_passive: false,
            name_id_policy: name_id_policy(
                settings.name_id_format.as_deref(),
                settings.allow_create,
            ),
            contexts: self.contexts(leg),
            provider_name: None,
        }
    }

    /// Whether the person must prove themselves anew: by the settings or the application's `prompt=login`.
    pub(super) fn is_forced(&self, leg: &UpstreamLeg) -> bool {
        self.settings.request.force_authn || leg.wishes.fresh_sign_in
    }

    /// The contexts to ask for, one of which must come back. An application's `acr_values` that are no URIs mean
    /// nothing to an identity provider (SAML Core 2.7.2.2).
    pub(super) fn contexts(&self, leg: &UpstreamLeg) -> Vec<String> {
        let wished = leg.wishes.acr_values.iter().filter(|acr| Url::parse(acr).is_ok());
        let wished: Vec<String> = wished.cloned().collect();
        if wished.is_empty() { self.settings.request.contexts.clone() } else { wished }
    }

    /// Entra and others read the hint beside the request; SAML's own `Subject` in a request is refused by Entra (EI-01).
    /// `Destination` stays the address as it is published.
    fn with_hint(&self, location: String, leg: &UpstreamLeg) -> String {
        let hint = leg.wishes.login_hint.as_ref().filter(|_| self.settings.request.forward_hints);
        match (hint, Url::parse(&location)) {
            (Some(hint), Ok(mut url)) => {
                url.query_pairs_mut().append_pair("login_hint", hint);
                url.into()
            }
            _ => location,
        }
    }
}

/// Without a format, and asked to create: what every identity provider takes (SDP-SP04, IIP-SP03).
fn name_id_policy(format: Option<&str>, allow_create: bool) -> Option<NameIdPolicy> {
    let allow_create = allow_create && format != Some(names::NAME_ID_TRANSIENT);
    (format.is_some() || allow_create)
        .then(|| NameIdPolicy { format: format.map(str::to_owned), allow_create })
}
