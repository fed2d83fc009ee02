//! The token endpoint (RFC 6749 3.2, OpenID Core 3.1.3). By hand, because every byte goes through the
//! guarded way out.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;

use super::discovery::ProviderDocument;
use super::{ClientCredential, Provider};
use crate::connectors::error::shorten;
use crate::connectors::{ConnectorError, UpstreamLeg};
use crate::outgoing::{OutgoingRequest, OutgoingResponse};

/// What the token endpoint gave. Not printable.
pub(crate) struct Tokens {
    pub(super) id_token: SecretString,
    pub(crate) access_token: Option<SecretString>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(***)")
    }
}

/// The token endpoint's no (RFC 6749 5.2).
#[derive(Clone, PartialEq)]
pub struct TokenRefusal {
    /// The HTTP status.
    pub status: u16,
    /// The `error` member.
    pub error: String,
    /// Its description: untrusted text, shortened.
    pub description: String,
    /// The whole answer, for kinds that know more members. Not printable.
    pub(crate) answer: Map<String, Value>,
}

impl fmt::Debug for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRefusal({self})")
    }
}

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token endpoint: status {}, {}: {}", self.status, self.error, self.description)
    }
}

impl TokenRefusal {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self.error.as_str() {
            "invalid_client" | "unauthorized_client" => ReasonCode::OidcClientAuthenticationFailed,
            _ => ReasonCode::OidcTokenEndpointError,
        }
    }
}

impl Provider<'_> {
    /// Redeems a code (OpenID Core 3.1.3.1).
    pub(crate) async fn redeem(
        &self,
        document: &ProviderDocument,
        credential: &ClientCredential,
        (code, leg): (&str, &UpstreamLeg),
    ) -> Result<Tokens, ConnectorError> {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = vec![
            field("grant_type", "authorization_code"),
            field("code", code),
            field("redirect_uri", &leg.redirect_uri),
            field("code_verifier", &leg.code_verifier),
        ];
        let answer = self.ask_token_endpoint(document, credential, form).await?;
        let secret = |name: &str| answer.get(name).and_then(Value::as_str).map(SecretString::from);
        let id_token = secret("id_token").ok_or_else(|| {
            problem(ReasonCode::OidcIdTokenMissing, "the answer holds no id_token".to_owned())
        })?;
        Ok(Tokens { id_token, access_token: secret("access_token") })
    }

    /// One request to the token endpoint, with our proof. The answer is not to be printed.
    pub(crate) async fn ask_token_endpoint(
        &self,
        document: &ProviderDocument,
        credential: &ClientCredential,
        mut form: Vec<(String, String)>,
    ) -> Result<Map<String, Value>, ConnectorError> {
        let client_id = &self.settings.client_id;
        let endpoint = &document.token_endpoint;
        let authorization = credential.prove(client_id, endpoint, self.clock, &mut form)?;
        let mut request = OutgoingRequest::post_form(endpoint.clone(), &form);
        if let Some(value) = authorization {
            request = request.with_secret_header("authorization", value);
        }
        let response = self.upstreams.http.send(request).await;
        let response = response.map_err(|source| ConnectorError::Fetch {
            what: "token endpoint",
            reason: ReasonCode::OidcTokenEndpointError,
            source,
        })?;
        read(&response)
    }
}

fn problem(reason: ReasonCode, problem: String) -> ConnectorError {
    ConnectorError::Document { what: "token endpoint", reason, problem }
}

fn read(response: &OutgoingResponse) -> Result<Map<String, Value>, ConnectorError> {
    let answer: Map<String, Value> = serde_json::from_slice(&response.body).map_err(|_| {
        let seen = format!("the answer has status {} and is no JSON object", response.status);
        problem(ReasonCode::OidcTokenEndpointError, seen)
    })?;
    if response.status == 200 {
        return Ok(answer);
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    Err(ConnectorError::TokenRefused(Box::new(TokenRefusal {
        status: response.status.as_u16(),
        error: shorten(text("error").unwrap_or("no error code")),
        description: shorten(text("error_description").unwrap_or_default()),
        answer,
    })))
}

impl Tokens {
    /// The compact ID token, for the verifier alone.
    pub(super) fn id_token(&self) -> &str {
        self.id_token.expose_secret()
    }
}
