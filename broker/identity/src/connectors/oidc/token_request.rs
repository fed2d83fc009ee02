//! The code is redeemed (OpenID Core 3.1.3). By hand, because every byte goes through the guarded way out.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use symbolon_contract::ReasonCode;

use super::OidcConnector;
use super::discovery::ProviderDocument;
use crate::connectors::error::shorten;
use crate::connectors::{ConnectorError, UpstreamLeg};
use crate::outgoing::{OutgoingRequest, OutgoingResponse};

/// What the token endpoint gave. Not printable.
pub(super) struct Tokens {
    pub(super) id_token: SecretString,
    pub(super) access_token: Option<SecretString>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(***)")
    }
}

impl OidcConnector<'_> {
    pub(super) async fn redeem(
        &self,
        document: &ProviderDocument,
        code: &str,
        leg: &UpstreamLeg,
    ) -> Result<Tokens, ConnectorError> {
        let mut form = vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code.to_owned()),
            ("redirect_uri".to_owned(), leg.redirect_uri.clone()),
            ("code_verifier".to_owned(), leg.code_verifier.clone()),
        ];
        let client_id = &self.settings.client_id;
        let authorization =
            self.credential.prove(client_id, &document.token_endpoint, self.clock, &mut form)?;
        let mut request = OutgoingRequest::post_form(document.token_endpoint.clone(), &form);
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

fn read(response: &OutgoingResponse) -> Result<Tokens, ConnectorError> {
    let problem =
        |reason, problem| ConnectorError::Document { what: "token endpoint", reason, problem };
    let json: Value = serde_json::from_slice(&response.body).map_err(|_| {
        let seen = format!("the answer has status {} and is not JSON", response.status);
        problem(ReasonCode::OidcTokenEndpointError, seen)
    })?;
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    if response.status != 200 {
        let error = text("error").unwrap_or("no error code");
        let reason = match error {
            "invalid_client" | "unauthorized_client" => ReasonCode::OidcClientAuthenticationFailed,
            _ => ReasonCode::OidcTokenEndpointError,
        };
        let description = shorten(text("error_description").unwrap_or_default());
        return Err(problem(
            reason,
            format!("status {}, {}: {description}", response.status, shorten(error)),
        ));
    }
    let secret = |name: &str| text(name).map(|value| SecretString::from(value.to_owned()));
    let id_token = secret("id_token").ok_or_else(|| {
        problem(ReasonCode::OidcIdTokenMissing, "the answer holds no id_token".to_owned())
    })?;
    Ok(Tokens { id_token, access_token: secret("access_token") })
}

impl Tokens {
    /// The compact ID token, for the verifier alone.
    pub(super) fn id_token(&self) -> &str {
        self.id_token.expose_secret()
    }
}
