//! What is watched of an Entra connector: is the directory there, with its keys; is the credential taken.

use symbolon_contract::ReasonCode;

use super::{EntraConnector, machinery};
use crate::connectors::oidc::{ClientCredential, ProviderDocument};
use crate::connectors::{ConnectionCheck, ConnectorError};

impl EntraConnector<'_> {
    /// Directory and keys, read anew: what can be asked every few minutes.
    pub(crate) async fn probe(&self) -> Vec<ConnectionCheck> {
        let document = match self.directory_now().await {
            Ok(document) => document,
            Err(error) => {
                return vec![ConnectionCheck::failed("directory", error.reason(), &error)];
            }
        };
        let directory = &self.settings.tenant_id;
        let detail = format!("{directory}; issuer {}", document.issuer);
        let keys = match machinery::of_directory(self.settings, self.cloud, directory.as_str()) {
            Ok(own) => self.provider(&own).keys_now(&document).await.map(|keys| keys.count()),
            Err(error) => Err(error),
        };
        vec![
            ConnectionCheck::passed("directory", &detail),
            match keys {
                Ok(count) => ConnectionCheck::passed("keys", &format!("{count} keys")),
                Err(error) => ConnectionCheck::failed("keys", error.reason(), &error),
            },
        ]
    }

    async fn directory_now(&self) -> Result<ProviderDocument, ConnectorError> {
        let directory = self.settings.tenant_id.as_str();
        let own = machinery::of_directory(self.settings, self.cloud, directory)?;
        let document = self.provider(&own).document_now().await?;
        self.of_this_cloud(&document)?;
        Ok(document)
    }

    /// Tries one credential by a real token request, and no other.
    pub(crate) async fn prove(&self, credential: &ClientCredential) -> Result<(), ConnectorError> {
        self.token_by(&self.settings.tenant_id, credential).await.map(|_| ())
    }

    /// Tries the credentials in the order in which sign-ins use them. A present one that is refused while
    /// the one before still works is a warning: people come in, but not for long.
    pub(crate) async fn prove_credentials(&self) -> ConnectionCheck {
        let name = "credential";
        let mut refused: Option<ConnectorError> = None;
        for credential in &self.credentials {
            match (self.prove(credential).await, &refused) {
                (Ok(()), None) => {
                    return ConnectionCheck::passed(name, "Microsoft gave a token for it");
                }
                (Ok(()), Some(error)) => {
                    let detail = format!("only the one before still works: {error}");
                    return ConnectionCheck::warning(name, error.reason(), &detail);
                }
                (Err(error), None) => refused = Some(error),
                (Err(_), Some(_)) => {}
            }
        }
        match refused {
            Some(error) => ConnectionCheck::failed(name, error.reason(), &error),
            None => ConnectionCheck::failed(
                name,
                ReasonCode::EntraCredentialMissing,
                &"no credential is stored",
            ),
        }
    }
}
