//! Microsoft Entra ID: the generic OpenID machinery, and everything that Entra does differently (entra.md).
//!
//! | file | holds |
//! |---|---|
//! | `settings`, `clouds`, `directory` | what an admin fills in, Microsoft's clouds, directory ids |
//! | `machinery`, `request` | the OpenID settings of one directory; contexts and challenges |
//! | `sign_in`, `admit`, `identity` | back from Microsoft: whose keys, which rules, who it is |
//! | `enrich`, `graph` | groups that did not fit and profile fields, from Microsoft Graph |
//! | `problem` | Microsoft's errors and their AADSTS numbers |
//! | `test_connection`, `links` | what can be proved without a person; consent and sign-out addresses |
//! | `guide` | what is typed at Microsoft, filled in |
//! | `probe`, `lookup` | what is watched; what an admin looks up at Graph |
//!
//! Does not own: who the user is (`provisioning`) or which role follows (`mapping`).

mod admit;
mod clouds;
mod directory;
mod enrich;
mod graph;
mod guide;
mod identity;
mod links;
mod lookup;
mod machinery;
mod probe;
mod problem;
mod request;
mod resolve;
mod settings;
mod sign_in;
mod test_connection;

pub(crate) use admit::is_guest;
pub use clouds::{Cloud, Clouds};
pub use directory::{DirectoryId, PERSONAL_ACCOUNTS, is_guid};
pub(crate) use enrich::KnownGroups;
pub(crate) use graph::GraphTokens;
pub use graph::{FoundGroup, RegisteredCredential};
pub use guide::{GuideFacts, GuideStep, OPTIONAL_CLAIMS, RegistrationGuide, registration_guide};
pub use identity::subject;
pub use links::{admin_consent_url, sign_out_url};
pub use problem::EntraProblem;
pub(crate) use problem::number_in;
pub use resolve::{ResolvedDirectory, resolve_directory};
pub use settings::{
    AcceptedDirectories, Assurance, EntraAuthentication, EntraSettings, EntraTrustEmail,
    GroupSettings, Overage, ProfileField, secret_problem,
};

use std::sync::Arc;

use symbolon_contract::{ConnectorId, ReasonCode, TenantId};

use super::connector::Connector;
use super::oidc::{
    ClientCredential, OidcSettings, Provider, ProviderDocument, Upstreams, authorization_request,
};
use super::{Assertion, ConnectionReport, ConnectorError};
use super::{UpstreamCallback, UpstreamLeg, UpstreamRedirect};
use crate::clock::Clock;

/// A connector of this kind, ready for one trip.
pub(crate) struct EntraConnector<'a> {
    /// Whose connector.
    pub(crate) tenant: &'a TenantId,
    /// Which one.
    pub(crate) id: &'a ConnectorId,
    /// The version of its row: part of every cache key.
    pub(crate) version: i32,
    /// How to speak.
    pub(crate) settings: &'a EntraSettings,
    /// The cloud that the settings name.
    pub(crate) cloud: &'a Cloud,
    /// Fetched documents and keys, and the guarded way out.
    pub(crate) upstreams: &'a Upstreams,
    /// How we prove ourselves: the present credential, and the one before while it is replaced.
    pub(crate) credentials: Vec<ClientCredential>,
    /// Groups of earlier sign-ins.
    pub(crate) known_groups: KnownGroups,
    /// Our callback, for the test of the connection.
    pub(crate) redirect_uri: String,
    /// When the present secret or certificate ends, where that is known.
    pub(crate) credential_ends_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The time.
    pub(crate) clock: &'a dyn Clock,
}

impl Connector for EntraConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        let mut home = machinery::home(self.settings, self.cloud)?;
        let document = self.document(&home).await?;
        if let Some(claims) = request::claims_parameter(self.settings, leg) {
            home.extra_parameters.insert("claims".into(), claims);
        }
        authorization_request(&home, &document, &request::translated(leg))
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        sign_in::complete(self, leg, callback).await
    }

    async fn test_connection(&self) -> ConnectionReport {
        test_connection::run(self).await
    }
}

impl EntraConnector<'_> {
    fn provider<'s>(&'s self, settings: &'s OidcSettings) -> Provider<'s> {
        Provider {
            tenant: self.tenant,
            id: self.id,
            version: self.version,
            settings,
            upstreams: self.upstreams,
            clock: self.clock,
        }
    }

    /// A directory's document, if it belongs to the cloud (E-07).
    async fn document(
        &self,
        machinery: &OidcSettings,
    ) -> Result<Arc<ProviderDocument>, ConnectorError> {
        let provider = self.provider(machinery);
        let document = provider.document().await.map_err(problem::explained)?;
        match self.of_this_cloud(&document) {
            Ok(()) => Ok(document),
            Err(refused) => {
                provider.forget_document().await;
                Err(refused)
            }
        }
    }

    fn of_this_cloud(&self, document: &ProviderDocument) -> Result<(), ConnectorError> {
        match &document.graph_host {
            Some(host) if self.cloud.graph.is_some() && !self.cloud.has_graph_host(host) => {
                Err(ConnectorError::Document {
                    what: "discovery document",
                    reason: ReasonCode::EntraGraphHostRefused,
                    problem: format!(
                        "it names the Graph host {}, which is not one of the cloud {}",
                        super::error::shorten(host),
                        self.cloud.name
                    ),
                })
            }
            _ => Ok(()),
        }
    }
}
