//! The ID token (OpenID Core 2).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::code::CodeGrant;
use crate::downstream::Application;

/// The claims of an ID token; `released` are those that the application learns.
#[must_use]
pub fn claims(
    issuer: &str,
    application: &Application,
    grant: &CodeGrant,
    released: Map<String, Value>,
    (now, lifetime): (DateTime<Utc>, TimeDelta),
) -> Map<String, Value> {
    let in_it = application.settings.claims_in_id_token;
    let mut claims = if in_it { released } else { Map::new() };
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(issuer));
    put("sub", json!(grant.user));
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
