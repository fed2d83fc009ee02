//! The generic OpenID connector: any provider with discovery or with endpoints given by hand.
//!
//! Owns: settings, discovery of our own, the key cache, the authorization request, the token and
//! UserInfo calls and every check of an ID token (entra.md 7 and 8; P-1 to P-10). Signature and basic
//! claims are checked by the `openidconnect` crate; what it leaves out is in [`post_verify`].

mod begin;
mod callback;
mod certificate;
mod credential;
mod discovery;
mod document_cache;
mod groups;
mod key_cache;
mod post_verify;
mod probe;
mod settings;
mod test_connection;
mod token_request;
mod userinfo;
mod verify;

pub(crate) use begin::authorization_request;
pub(crate) use callback::code as code_of;
pub use certificate::{CertificateKey, NewCertificate, new_certificate};
pub use credential::{ClientCredential, FederatedStatement};
pub use discovery::ProviderDocument;
pub(crate) use discovery::status_problem;
pub use document_cache::Upstreams;
pub use settings::{
    ClaimNames, ClientAuthentication, EndpointOverrides, OidcSettings, ResponseMode, TrustEmail,
    UpstreamAlgorithm, UserinfoUse,
};
pub use token_request::TokenRefusal;
pub(crate) use token_request::Tokens;
pub(crate) use verify::{VerifiedToken, unverified_payload};

use symbolon_contract::{ConnectorId, TenantId};

use super::connector::Connector;
use super::{Assertion, ConnectionReport, ConnectorError};
use super::{UpstreamCallback, UpstreamLeg, UpstreamRedirect};
use crate::clock::Clock;

/// One OpenID provider as a connector sees it: its settings, and what was fetched from it.
#[derive(Clone, Copy)]
pub(crate) struct Provider<'a> {
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
    /// The time.
    pub(crate) clock: &'a dyn Clock,
}

/// A connector of this kind, ready for one trip.
pub(crate) struct OidcConnector<'a> {
    /// The provider.
    pub(crate) provider: Provider<'a>,
    /// How we prove ourselves.
    pub(crate) credential: ClientCredential,
}

impl Connector for OidcConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        let document = self.provider.document().await?;
        begin::authorization_request(self.provider.settings, &document, leg)
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        let outcome = self.redeem_and_verify(leg, callback).await;
        if let Err(
            ConnectorError::Fetch { .. }
            | ConnectorError::Document { .. }
            | ConnectorError::TokenRefused(_),
        ) = &outcome
        {
            self.provider.forget_document().await;
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
        let provider = &self.provider;
        let document = provider.document().await?;
        let code = callback::code(callback, &document)?;
        let tokens = provider.redeem(&document, &self.credential, (code, leg)).await?;
        let verified = provider.verify(&document, &tokens, leg).await?;
        provider.assertion(&document, verified, &tokens).await
    }
}
