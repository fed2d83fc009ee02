//! Groups that did not fit into a response of Entra's (EI-10). The link that stands in their place names a retired
//! service and is never followed; Microsoft Graph is asked where the tenant gave a credential, else nobody comes in
//! with roles of yesterday.

use serde_json::{Map, Value, json};
use symbolon_contract::ReasonCode;

use super::machinery::SamlConnector;
use crate::claims::{saml as aliases, text_at};
use crate::connectors::ConnectorError;
use crate::connectors::assertion::RememberedGroups;
use crate::connectors::connector::graph_groups;
use crate::connectors::entra::DirectoryId;

impl SamlConnector<'_> {
    /// Puts the whole list in the place of the link.
    pub(super) async fn complete_groups(
        &self,
        claims: &mut Map<String, Value>,
    ) -> Result<Option<RememberedGroups>, ConnectorError> {
        if claims.remove(aliases::ENTRA_GROUPS_LINK).is_none() {
            return Ok(None);
        }
        let Some(graph) = &self.settings.graph else {
            return Err(ConnectorError::Document {
                what: "groups of the person",
                reason: ReasonCode::EntraGroupsUnresolved,
                problem: "more than 150, so the response holds none; the connector has no credential to ask \
                          Microsoft Graph with"
                    .into(),
            });
        };
        let text = |name: &str| text_at(claims, name).unwrap_or_default();
        let object_id = text(aliases::ENTRA_OBJECT_ID);
        let directory = DirectoryId::parse(&text(aliases::ENTRA_TENANT_ID)).ok_or_else(|| {
            ConnectorError::Misconfigured("the response does not name the directory".into())
        })?;
        let ids = graph_groups(self, graph, (&directory, &object_id)).await?;
        claims.insert(aliases::ENTRA_GROUPS.to_owned(), json!(ids));
        Ok(Some(RememberedGroups { ids, at: self.broker.clock.now() }))
    }

    pub(super) fn warnings(
        &self,
        used_sha1: bool,
    ) -> Vec<crate::connectors::assertion::AssertionWarning> {
        let until = self.settings.sha1_until.map(|end| end.date_naive().to_string());
        let warning = crate::connectors::assertion::AssertionWarning {
            reason: ReasonCode::SamlWeakAlgorithm,
            detail: format!(
                "the response is signed with SHA-1, which is taken until {}",
                until.unwrap_or_default()
            ),
        };
        used_sha1.then_some(warning).into_iter().collect()
    }
}
