//! How we prove ourselves at the token endpoint (RFC 6749 2.3, RFC 7523).

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::certificate::CertificateKey;
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
    /// A certificate that the provider knows (E-51).
    Certificate(Box<CertificateKey>),
    /// A statement of ours as an OpenID provider, which the other provider trusts (E-52).
    Federated(Box<FederatedStatement>),
}

/// Who we say we are, to a provider that reads our discovery document and keys.
pub struct FederatedStatement {
    /// The tenant's RS256 key.
    pub signer: Signer,
    /// The tenant's issuer.
    pub issuer: String,
    /// The connector.
    pub subject: String,
    /// What the provider wants as audience.
    pub audience: String,
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
        match self {
            Self::SecretBasic(secret) => Ok(Some(basic(client_id, secret))),
            Self::SecretPost(secret) => {
                form.push(("client_id".to_owned(), client_id.to_owned()));
                form.push(("client_secret".to_owned(), secret.expose_secret().to_owned()));
                Ok(None)
            }
            Self::Signer(signer) => {
                let claims = claims_of((client_id, client_id), token_endpoint.as_str(), clock);
                let claims = with_id(claims, signer.fresh_token_id());
                present(form, client_id, &sign(signer, &claims)?)
            }
            Self::Certificate(key) => {
                let claims = claims_of((client_id, client_id), token_endpoint.as_str(), clock);
                let claims = with_id(claims, key.fresh_token_id());
                present(form, client_id, &key.sign(&claims)?)
            }
            Self::Federated(statement) => {
                let FederatedStatement { signer, issuer, subject, audience } = statement.as_ref();
                let claims = claims_of((issuer, subject), audience, clock);
                let claims = with_id(claims, signer.fresh_token_id());
                present(form, client_id, &sign(signer, &claims)?)
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

/// The fields of RFC 7523 2.2.
fn present(
    form: &mut Vec<(String, String)>,
    client_id: &str,
    assertion: &str,
) -> Result<Option<SecretString>, ConnectorError> {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for (name, value) in
        [("client_id", client_id), ("client_assertion_type", kind), ("client_assertion", assertion)]
    {
        form.push((name.to_owned(), value.to_owned()));
    }
    Ok(None)
}

/// RFC 7523 3: short-lived, back-dated for clocks that lag (E-51).
fn claims_of((issuer, subject): (&str, &str), audience: &str, clock: &dyn Clock) -> Value {
    let now = clock.now();
    json!({
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "iat": (now - TimeDelta::seconds(30)).timestamp(),
        "nbf": (now - TimeDelta::seconds(30)).timestamp(),
        "exp": (now + TimeDelta::minutes(5)).timestamp(),
    })
}

fn with_id(mut claims: Value, id: String) -> Value {
    if let Some(members) = claims.as_object_mut() {
        members.insert("jti".into(), Value::String(id));
    }
    claims
}

fn sign(signer: &Signer, claims: &Value) -> Result<String, ConnectorError> {
    signer
        .sign("JWT", claims)
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
