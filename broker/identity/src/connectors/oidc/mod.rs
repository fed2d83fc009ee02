//! The generic OpenID connector: any provider with discovery or with endpoints given by hand.
//!
//! Owns: settings, discovery of our own, the key cache, the authorization request, the token and
//! UserInfo calls and every check of an ID token (entra.md 7 and 8; P-1 to P-10). Signature and basic
//! claims are checked by the `openidconnect` crate; what it leaves out is in [`post_verify`].

mod begin;
mod callback;
mod credential;
mod discovery;
mod document_cache;
mod key_cache;
mod post_verify;
mod settings;
mod test_connection;
mod token_request;
mod userinfo;
mod verify;

pub use credential::ClientCredential;
pub use discovery::ProviderDocument;
pub use document_cache::Upstreams;
pub use settings::{
    ClaimNames, ClientAuthentication, EndpointOverrides, OidcSettings, ResponseMode, TrustEmail,
    UpstreamAlgorithm, UserinfoUse,
};

use symbolon_contract::{ConnectorId, TenantId};

use super::connector::Connector;
use super::{Assertion, ConnectionReport, ConnectorError};
use super::{UpstreamCallback, UpstreamLeg, UpstreamRedirect};
use crate::clock::Clock;

/// A connector of this kind, ready for one trip.
pub(crate) struct OidcConnector<'a> {
    /// Whose connector.
    pub(crate) tenant: &'a TenantId,
    /// Which one.
    pub(crate) id: &'a ConnectorId,
    /// The version of its configuration: part of every cache key.
    pub(crate) version: i32,
    /// How to speak.
    pub(crate) settings: &'a OidcSettings,
    /// Fetched documents and keys, and the guarded way out.
    pub(crate) upstreams: &'a Upstreams,
    /// How we prove ourselves.
    pub(crate) credential: ClientCredential,
    /// The time.
    pub(crate) clock: &'a dyn Clock,
}

impl Connector for OidcConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        let document = self.document().await?;
        begin::authorization_request(self.settings, &document, leg)
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        let outcome = self.redeem_and_verify(leg, callback).await;
        if let Err(ConnectorError::Fetch { .. } | ConnectorError::Document { .. }) = &outcome {
            self.forget_document().await;
        }
        outcome
    }

    async fn test_connection(&self) -> ConnectionReport {
        test_connection::run(self).await
    }
}

impl OidcConnector<'_> {
    async fn redeem_and_verify(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        let document = self.document().await?;
        let code = callback::code(callback, &document)?;
        let tokens = self.redeem(&document, code, leg).await?;
        let verified = self.verify_with_fresh_keys(&document, &tokens, leg).await?;
        post_verify::check(&verified, &tokens, self.settings, leg, self.clock.now())?;
        self.assertion(&document, verified, &tokens).await
    }
}
