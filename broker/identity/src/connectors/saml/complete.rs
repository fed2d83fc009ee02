//! The response (SAML Profiles 4.1.4.3): read on another thread, and turned into an assertion.

use chrono::TimeDelta;
use symbolon_saml::response::{self, Expected, ExpectedRequest, Keys};
use symbolon_saml::{Fault, Refusal};

use super::begin::request_id;
use super::machinery::SamlConnector;
use super::problem::outcome;
use crate::connectors::{Assertion, ConnectorError, UpstreamCallback, UpstreamLeg};

/// The field that carries a response.
const FIELD: &str = "SAMLResponse";

impl SamlConnector<'_> {
    /// Turns what was posted into a verified statement. Without a trip nobody asked for it: then the connector must
    /// allow what an identity provider begins.
    pub(crate) async fn receive(
        &self,
        leg: Option<&UpstreamLeg>,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        if leg.is_none() && self.settings.idp_initiated.is_none() {
            let refusal =
                Refusal::new(Fault::Unsolicited, "no request of ours", "an answer to one");
            return Err(refusal.into());
        }
        let UpstreamCallback::Form(_) = callback else {
            let seen = "a response in the URL";
            let refusal =
                Refusal::new(Fault::Encoding, seen, "a posted form (SAML Profiles 4.1.2)");
            return Err(refusal.into());
        };
        let Some(field) = callback.single(FIELD) else {
            let refusal =
                Refusal::new(Fault::Encoding, "none, or more than one", "one SAMLResponse");
            return Err(refusal.into());
        };
        let (verified, checks) = outcome(self.read(leg, field.to_owned()).await?)?;
        self.assertion(leg, (*verified, checks)).await
    }

    async fn read(
        &self,
        leg: Option<&UpstreamLeg>,
        field: String,
    ) -> Result<response::Reading, Refusal> {
        let own = Owned {
            request: leg.map(|leg| (request_id(leg), leg.started_at, self.is_forced(leg))),
            contexts: leg.map(|leg| self.contexts(leg)).unwrap_or_default(),
            identity_provider: self.identity_provider.entity_id.clone(),
            service_provider: self.addresses.entity_id.clone(),
            acs_url: self.addresses.acs_url.clone(),
        };
        let certificates = std::sync::Arc::clone(&self.certificates);
        let decryption = self.keys.decryption();
        let (algorithms, signed) = (self.algorithms(), self.signed());
        let skew = TimeDelta::seconds(self.settings.clock_skew_seconds.into());
        let now = self.broker.clock.now();
        self.broker
            .saml
            .run(move || {
                let keys = Keys {
                    certificates: &certificates,
                    decryption: &decryption,
                    algorithms,
                    signed,
                };
                let request = own.request.as_ref().map(|(id, sent_at, force_authn)| {
                    let (sent_at, force_authn) = (*sent_at, *force_authn);
                    ExpectedRequest { id, sent_at, force_authn, contexts: &own.contexts }
                });
                let expected = Expected {
                    identity_provider: &own.identity_provider,
                    service_provider: &own.service_provider,
                    acs_url: &own.acs_url,
                    request,
                    skew,
                    now,
                };
                response::read(&field, &keys, &expected)
            })
            .await
    }
}

/// What goes to the other thread.
struct Owned {
    request: Option<(String, chrono::DateTime<chrono::Utc>, bool)>,
    contexts: Vec<String>,
    identity_provider: String,
    service_provider: String,
    acs_url: String,
}
