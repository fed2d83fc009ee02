//! A SAML connector made ready for one trip.

use std::sync::Arc;

use secrecy::ExposeSecret;
use symbolon_saml::certificate::Certificate;
use symbolon_saml::policy::{AlgorithmPolicy, SignedParts};

use super::identity_provider::{Binding, Endpoint, IdentityProvider};
use super::own_keys::{self, KeyRing};
use super::settings::{SamlSettings, SignedDemand};
use super::{SamlAddresses, effective};
use crate::broker::Broker;
use crate::connectors::connector::Connector;
use crate::connectors::{
    Assertion, ConnectionReport, ConnectorError, ConnectorRecord, UpstreamCallback, UpstreamLeg,
    UpstreamRedirect,
};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// One identity provider and one service provider, ours, made for it.
pub(crate) struct SamlConnector<'a> {
    pub(crate) broker: &'a Broker,
    pub(crate) tenant: &'a TenantRecord,
    pub(crate) record: &'a ConnectorRecord,
    pub(crate) settings: &'a SamlSettings,
    /// As it is now: what it published last, or what the settings say.
    pub(crate) identity_provider: IdentityProvider,
    /// Shared, because they go to another thread.
    pub(crate) certificates: Arc<[Certificate]>,
    pub(crate) keys: KeyRing,
    pub(crate) addresses: SamlAddresses,
}

impl<'a> SamlConnector<'a> {
    /// Opens its keys and reads what its identity provider published, by one trip to the database.
    ///
    /// # Errors
    /// [`ConnectorError::Misconfigured`], and those of the database and the secrets.
    pub(crate) async fn open(
        broker: &'a Broker,
        tenant: &'a TenantRecord,
        record: &'a ConnectorRecord,
        settings: &'a SamlSettings,
    ) -> Result<Self, ConnectorError> {
        let (id, connector) = (tenant.id.clone(), record.id.clone());
        let read = broker.database.read(move |conn| {
            let mut rows = conn.tenant(&id);
            let keys = own_keys::rows(&mut rows, &connector)?;
            Ok((keys, rows.upstream_documents().find(&connector)?))
        });
        let (keys, document) = read.await.map_err(ConnectorError::Storage)?;
        let identity_provider =
            effective(settings, record.settings_version, document.as_ref(), broker.clock.now());
        Ok(Self {
            broker,
            tenant,
            record,
            settings,
            certificates: identity_provider.read_certificates().into(),
            identity_provider,
            keys: own_keys::open(broker, &tenant.id, keys).await?,
            addresses: addresses(broker, tenant, record, settings),
        })
    }

    /// An id for a message that nothing is derived from: 256 random bits, never beginning with a digit (SW-8).
    pub(super) fn fresh_id(&self) -> String {
        format!("id{}", sha256_hex(self.broker.new_secret().expose_secret().as_bytes()))
    }

    pub(super) fn algorithms(&self) -> AlgorithmPolicy {
        AlgorithmPolicy { sha1_until: self.settings.sha1_until }
    }

    pub(super) fn signed(&self) -> SignedParts {
        match self.settings.signed {
            SignedDemand::Either => SignedParts::Either,
            SignedDemand::Assertion => SignedParts::Assertion,
            SignedDemand::Response => SignedParts::Response,
            SignedDemand::Both => SignedParts::Both,
        }
    }

    /// Where people are sent, by which binding.
    pub(super) fn sign_on(&self) -> Result<&Endpoint, ConnectorError> {
        let wanted = self.settings.request.binding;
        IdentityProvider::endpoint(&self.identity_provider.sign_on, wanted).ok_or_else(|| {
            let wanted = match wanted {
                Some(Binding::Redirect) => "by redirect",
                Some(Binding::Post) => "by posted form",
                None => "at all",
            };
            ConnectorError::Misconfigured(format!(
                "the identity provider takes no requests {wanted}"
            ))
        })
    }
}

/// Where a SAML connector is.
pub(crate) fn addresses(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
    settings: &SamlSettings,
) -> SamlAddresses {
    let path = record.configuration.callback_path.as_deref();
    SamlAddresses::of(&broker.settings.public_url, (&tenant.slug, &record.id), settings, path)
}

impl Connector for SamlConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        self.send_request(leg).await
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        self.receive(Some(leg), callback).await
    }

    async fn test_connection(&self) -> ConnectionReport {
        self.test().await
    }
}
