//! How we prove ourselves at the token endpoint (RFC 6749 2.3, RFC 7523).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::{Url, form_urlencoded};

use crate::clock::Clock;
use crate::connectors::ConnectorError;
use crate::keys::Signer;

/// A credential, opened for one trip.
pub enum ClientCredential {
    /// The secret in the `Authorization` header.
    SecretBasic(SecretString),
    /// The secret in the body.
    SecretPost(SecretString),
    /// The tenant's own signing key.
    Signer(Box<Signer>),
}

impl fmt::Debug for ClientCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCredential(***)")
    }
}

impl ClientCredential {
    /// Adds the proof to the form, or returns the value of the `Authorization` header.
    pub(super) fn prove(
        &self,
        client_id: &str,
        token_endpoint: &Url,
        clock: &dyn Clock,
        form: &mut Vec<(String, String)>,
    ) -> Result<Option<SecretString>, ConnectorError> {
        let mut field = |name: &str, value: &str| form.push((name.to_owned(), value.to_owned()));
        match self {
            Self::SecretBasic(secret) => Ok(Some(basic(client_id, secret))),
            Self::SecretPost(secret) => {
                field("client_id", client_id);
                field("client_secret", secret.expose_secret());
                Ok(None)
            }
            Self::Signer(signer) => {
                field("client_id", client_id);
                field(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                );
                field("client_assertion", &assertion(signer, client_id, token_endpoint, clock)?);
                Ok(None)
            }
        }
    }
}

/// RFC 6749 2.3.1: both parts are form-encoded before they are joined.
fn basic(client_id: &str, secret: &SecretString) -> SecretString {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose_secret()));
    format!("Basic {}", STANDARD.encode(pair)).into()
}

/// RFC 7523 3: short-lived, back-dated for clocks that lag (E-51).
fn assertion(
    signer: &Signer,
    client_id: &str,
    token_endpoint: &Url,
    clock: &dyn Clock,
) -> Result<String, ConnectorError> {
    let now = clock.now();
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": token_endpoint.as_str(),
        "jti": signer.fresh_token_id(),
        "iat": (now - TimeDelta::seconds(30)).timestamp(),
        "nbf": (now - TimeDelta::seconds(30)).timestamp(),
        "exp": (now + TimeDelta::minutes(5)).timestamp(),
    });
    signer
        .sign("JWT", &claims)
        .map_err(|error| ConnectorError::Misconfigured(format!("client assertion: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_basic_encodes_both_parts_first() {
        let header = basic("a:b c", &SecretString::from("s%é"));
        let encoded = header.expose_secret().strip_prefix("Basic ").unwrap().to_owned();
        let decoded = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
        assert_eq!(decoded, "a%3Ab+c:s%25%C3%A9");
    }

    #[test]
    fn a_credential_cannot_be_printed() {
        let credential = ClientCredential::SecretPost(SecretString::from("hunter2"));
        assert!(!format!("{credential:?}").contains("hunter2"));
    }
}
