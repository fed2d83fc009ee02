//! App-only tokens for Graph (G-01): asked for at the directory, kept until shortly before they end.

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use secrecy::SecretString;
use serde_json::Value;
use symbolon_contract::{ConnectorId, ReasonCode, TenantId};

use super::GraphError;
use crate::connectors::ConnectorError;
use crate::connectors::entra::problem::explained;
use crate::connectors::entra::{DirectoryId, EntraConnector, machinery};
use crate::connectors::oidc::ClientCredential;

/// A token is not used in its last five minutes.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

type TokenKey = (TenantId, ConnectorId, i32, String);

/// Tokens of this node. Any node can ask for its own; nothing here is state.
#[derive(Clone)]
pub(crate) struct GraphTokens(Cache<TokenKey, (SecretString, DateTime<Utc>)>);

impl std::fmt::Debug for GraphTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GraphTokens(***)")
    }
}

impl Default for GraphTokens {
    fn default() -> Self {
        Self(Cache::new(10_000))
    }
}

impl GraphTokens {
    pub(crate) async fn find(&self, key: &TokenKey, now: DateTime<Utc>) -> Option<SecretString> {
        let (token, until) = self.0.get(key).await?;
        (now < until).then_some(token)
    }

    pub(crate) async fn keep(&self, key: TokenKey, token: SecretString, until: DateTime<Utc>) {
        self.0.insert(key, (token, until - MARGIN)).await;
    }

    pub(crate) async fn forget(&self, key: &TokenKey) {
        self.0.invalidate(key).await;
    }
}

/// Reads the answer of a `client_credentials` request: the token and for how long.
fn read_answer(
    answer: &serde_json::Map<String, Value>,
) -> Result<(SecretString, TimeDelta), ConnectorError> {
    let token = answer.get("access_token").and_then(Value::as_str).filter(|text| !text.is_empty());
    let seconds = answer.get("expires_in").and_then(|value| {
        value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    });
    match token {
        Some(token) => {
            Ok((token.into(), TimeDelta::seconds(seconds.unwrap_or(0).clamp(0, 86_400))))
        }
        None => Err(ConnectorError::Document {
            what: "token endpoint",
            reason: ReasonCode::OidcTokenEndpointError,
            problem: "the answer holds no access token".into(),
        }),
    }
}

impl EntraConnector<'_> {
    /// A token of the application itself, from the cache or by a real token request.
    pub(in crate::connectors::entra) async fn graph_token(
        &self,
        directory: &DirectoryId,
    ) -> Result<SecretString, GraphError> {
        let key = self.graph_token_key(directory);
        let now = self.clock.now();
        if let Some(token) = self.upstreams.graph_tokens.find(&key, now).await {
            return Ok(token);
        }
        let (token, lasts) = self.ask_for_token(directory).await?;
        self.upstreams.graph_tokens.keep(key, token.clone(), now + lasts).await;
        Ok(token)
    }

    /// The next caller asks anew.
    pub(in crate::connectors::entra) async fn forget_graph_token(&self, directory: &DirectoryId) {
        self.upstreams.graph_tokens.forget(&self.graph_token_key(directory)).await;
    }

    fn graph_token_key(&self, directory: &DirectoryId) -> TokenKey {
        (self.tenant.clone(), self.id.clone(), self.version, directory.to_string())
    }

    /// The present credential first; the one before serves while the present one is not known everywhere.
    async fn ask_for_token(
        &self,
        directory: &DirectoryId,
    ) -> Result<(SecretString, TimeDelta), GraphError> {
        self.cloud.graph.as_ref().ok_or(GraphError::NoAddress)?;
        let mut refused = ConnectorError::Misconfigured("no credential is stored".into());
        for (place, credential) in self.credentials.iter().enumerate() {
            match self.token_by(directory, credential).await {
                Ok(answer) => return Ok(answer),
                Err(error) if place == 0 => refused = error,
                Err(_) => {}
            }
        }
        Err(GraphError::Token(Box::new(refused)))
    }

    /// A real token request with one credential alone. Microsoft gives a token even where no permission was
    /// granted, so its no is about the credential (E-54).
    pub(in crate::connectors::entra) async fn token_by(
        &self,
        directory: &DirectoryId,
        credential: &ClientCredential,
    ) -> Result<(SecretString, TimeDelta), ConnectorError> {
        let machinery = machinery::of_directory(self.settings, self.cloud, directory.as_str())?;
        let document = self.document(&machinery).await?;
        // Without a known Graph the application asks for itself: the credential is proved all the same.
        let resource = match &self.cloud.graph {
            Some(graph) => graph.to_string(),
            None => format!("{}/", self.settings.client_id),
        };
        let form = vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("scope".to_owned(), format!("{resource}.default")),
        ];
        let provider = self.provider(&machinery);
        let answer = provider.ask_token_endpoint(&document, credential, form).await;
        read_answer(&answer.map_err(explained)?)
    }
}
