//! What a provider publishes now, past every cache: a probe neither believes nor disturbs what sign-ins use.

use super::discovery::{ProviderDocument, discover};
use super::key_cache::{KeySet, fetch};
use super::{OidcConnector, Provider};
use crate::connectors::{ConnectionCheck, ConnectorError};

impl Provider<'_> {
    /// The document as it is now.
    pub(crate) async fn document_now(&self) -> Result<ProviderDocument, ConnectorError> {
        discover(&self.upstreams.http, self.settings).await
    }

    /// The keys as they are now.
    pub(crate) async fn keys_now(
        &self,
        document: &ProviderDocument,
    ) -> Result<KeySet, ConnectorError> {
        fetch(&self.key_source(document)).await
    }
}

impl OidcConnector<'_> {
    /// Discovery and keys: what can be asked every few minutes.
    pub(crate) async fn probe(&self) -> Vec<ConnectionCheck> {
        let document = match self.provider.document_now().await {
            Ok(document) => document,
            Err(error) => {
                return vec![ConnectionCheck::failed("discovery", error.reason(), &error)];
            }
        };
        let issuer = format!("issuer {}", document.issuer);
        let keys = self.provider.keys_now(&document).await;
        vec![
            ConnectionCheck::passed("discovery", &issuer),
            match keys {
                Ok(keys) => ConnectionCheck::passed("keys", &format!("{} keys", keys.count())),
                Err(error) => ConnectionCheck::failed("keys", error.reason(), &error),
            },
        ]
    }
}
