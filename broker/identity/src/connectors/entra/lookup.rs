//! What an admin looks up in the directory, with a token of the application itself.

use super::EntraConnector;
use super::graph::{FoundGroup, GraphError, RegisteredCredential};
use crate::connectors::ConnectorError;

impl EntraConnector<'_> {
    /// Groups whose display name begins with this (N48).
    pub(crate) async fn find_groups(&self, name: &str) -> Result<Vec<FoundGroup>, ConnectorError> {
        let token = self.own_token().await?;
        self.graph(&token).find_groups(name).await.map_err(as_connector_error)
    }

    /// The display names of groups that are known by id.
    pub(crate) async fn group_names(
        &self,
        ids: &[String],
    ) -> Result<Vec<FoundGroup>, ConnectorError> {
        let token = self.own_token().await?;
        self.graph(&token).group_names(ids).await.map_err(as_connector_error)
    }

    /// The secrets and certificates that the registration has; `None` when we may not read them (E-54).
    pub(crate) async fn registered_credentials(
        &self,
    ) -> Result<Option<Vec<RegisteredCredential>>, ConnectorError> {
        let token = self.own_token().await?;
        match self.graph(&token).registered_credentials(&self.settings.client_id).await {
            Ok(found) => Ok(Some(found)),
            Err(GraphError::Forbidden { .. } | GraphError::NotFound { .. }) => Ok(None),
            Err(error) => Err(as_connector_error(error)),
        }
    }

    async fn own_token(&self) -> Result<secrecy::SecretString, ConnectorError> {
        self.graph_token(&self.settings.tenant_id).await.map_err(as_connector_error)
    }
}

fn as_connector_error(error: GraphError) -> ConnectorError {
    let reason = error.reason();
    match error {
        GraphError::Token(inner) => *inner,
        other => ConnectorError::Document { what: "lookup", reason, problem: other.to_string() },
    }
}
