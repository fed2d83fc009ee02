//! The ID token (OpenID Core 2).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::OpenidProvider;
use super::code::CodeGrant;
use crate::downstream::Application;

/// Who says it, of whom, and for how long.
#[derive(Debug)]
pub struct Spoken<'a> {
    /// Who says it.
    pub provider: &'a OpenidProvider,
    /// The person, as this application knows them.
    pub subject: &'a str,
    /// Since when and for how long.
    pub life: (DateTime<Utc>, TimeDelta),
}

/// The claims of an ID token; `released` are those that the application learns in it.
#[must_use]
pub fn claims(
    spoken: &Spoken<'_>,
    application: &Application,
    grant: &CodeGrant,
    released: Map<String, Value>,
) -> Map<String, Value> {
    let mut claims = released;
    let (now, lifetime) = spoken.life;
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(spoken.provider.issuer));
    put("sub", json!(spoken.subject));
    if let Some(tenant) = &spoken.provider.names_tenant {
        put("tenant", json!(tenant));
    }
    put("aud", json!(application.id));
    put("iat", json!(now.timestamp()));
    put("exp", json!((now + lifetime).timestamp()));
    put("auth_time", json!(grant.auth_time));
    put("sid", json!(grant.session));
    if let Some(nonce) = &grant.nonce {
        put("nonce", json!(nonce));
    }
    if let Some(acr) = grant.acr.as_deref().filter(|acr| !acr.is_empty()) {
        put("acr", json!(acr));
    }
    if !grant.amr.is_empty() {
        put("amr", json!(grant.amr));
    }
    claims
}
