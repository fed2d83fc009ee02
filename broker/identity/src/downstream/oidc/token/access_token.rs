//! Access tokens: a random text that only we can read, or a statement that a resource server reads itself
//! (RFC 9068).
//!
//! Owns: their text, the key under which a row remembers one, and how one is read again. Does not own: the rows,
//! or whether the person may still be in (`gate`).

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use symbolon_contract::ApplicationId;

use super::target::Target;
use crate::broker::Broker;
use crate::downstream::oidc::{OauthError, OpenidProvider};
use crate::downstream::{AccessTokenFormat, Application};
use crate::keys::KeysError;
use crate::secrets::sha256_hex;

/// The type in the header of a signed one (RFC 9068 2.1).
const TYPE: &str = "at+jwt";

/// The key of an access token's row. That of a signed one is no hash of any text that could be presented.
pub(crate) fn row_key(format: AccessTokenFormat, secret: &SecretString) -> String {
    let hash = sha256_hex(secret.expose_secret().as_bytes());
    match format {
        AccessTokenFormat::Opaque => hash,
        AccessTokenFormat::Jwt => format!("jti.{hash}"),
    }
}

/// How long access tokens of an application live; those of an hour when it does not say.
pub(super) fn lifetime(broker: &Broker, application: &Application) -> TimeDelta {
    let own = application.settings.access_token_seconds;
    own.map_or(broker.settings.token_lifetime, |seconds| TimeDelta::seconds(seconds.into()))
}

/// What every signed access token says (RFC 9068 2.2).
pub(super) struct Statement<'a> {
    pub(super) provider: &'a OpenidProvider,
    pub(super) application: &'a ApplicationId,
    pub(super) subject: &'a str,
    pub(super) target: &'a Target,
    pub(super) holder: Option<&'a str>,
    pub(super) life: (DateTime<Utc>, TimeDelta),
}

/// The text of an access token; `more` are claims beside the usual ones.
pub(super) async fn text(
    broker: &Broker,
    statement: &Statement<'_>,
    secret: &SecretString,
    more: Map<String, Value>,
) -> Result<String, OauthError> {
    let target = statement.target;
    if target.format == AccessTokenFormat::Opaque {
        return Ok(secret.expose_secret().to_owned());
    }
    let signer = broker.keys.signer(&statement.provider.keys, target.algorithm).await?;
    Ok(signer.sign(TYPE, &claims(statement, secret, more))?)
}

fn claims(
    statement: &Statement<'_>,
    secret: &SecretString,
    more: Map<String, Value>,
) -> Map<String, Value> {
    let (now, lifetime) = statement.life;
    let provider = statement.provider;
    let mut claims = more;
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(provider.issuer));
    put("sub", json!(statement.subject));
    put("aud", json!(statement.target.resources.first().unwrap_or(&provider.issuer)));
    put("client_id", json!(statement.application));
    put("iat", json!(now.timestamp()));
    put("exp", json!((now + lifetime).timestamp()));
    put("jti", json!(secret.expose_secret()));
    if !statement.target.scopes.is_empty() {
        put("scope", json!(statement.target.scopes.join(" ")));
    }
    if let Some(tenant) = &provider.names_tenant {
        put("tenant", json!(tenant));
    }
    if let Some(thumbprint) = statement.holder {
        put("cnf", json!({ "jkt": thumbprint }));
    }
    claims
}

/// A text that was presented as an access token, read but not looked up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReadToken {
    /// A random text: its hash.
    Opaque(String),
    /// One that we signed: the key of its row, and what it says.
    Signed {
        /// As [`row_key`] makes it.
        key: String,
        /// Expired or not.
        claims: Map<String, Value>,
    },
}

/// Reads what was presented at an endpoint of a provider; nothing for a statement that this provider did not sign
/// as an access token: an ID token, for example (D11).
///
/// # Errors
/// Those of the database.
pub(crate) async fn read(
    broker: &Broker,
    provider: &OpenidProvider,
    token: &str,
) -> Result<Option<ReadToken>, OauthError> {
    if !token.contains('.') {
        return Ok(Some(ReadToken::Opaque(sha256_hex(token.as_bytes()))));
    }
    let verified =
        broker.keys.verify_typed(&provider.keys, (TYPE, provider.issuer.as_str()), token).await;
    let claims = match verified {
        Ok(claims) => claims,
        Err(error @ (KeysError::Storage(_) | KeysError::Secrets(_))) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let Some(jti) = claims.get("jti").and_then(Value::as_str) else {
        return Ok(None);
    };
    let key = row_key(AccessTokenFormat::Jwt, &SecretString::from(jti));
    Ok(Some(ReadToken::Signed { key, claims }))
}
