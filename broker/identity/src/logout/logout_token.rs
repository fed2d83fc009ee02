//! The logout token (OpenID Connect Back-Channel Logout 1.0, 2.4).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use symbolon_contract::SessionId;

use crate::downstream::Application;
use crate::downstream::oidc::OpenidProvider;

/// 2.4 advises two minutes at most; each attempt makes a new token.
const LIFETIME: TimeDelta = TimeDelta::minutes(2);
/// The header's `typ`, so that it is taken for nothing else (2.4, RFC 8725 3.11).
pub(super) const TYPE: &str = "logout+jwt";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims. There is never a `nonce`: the token must not pass for an ID token.
pub(super) fn claims(
    provider: &OpenidProvider,
    application: &Application,
    (subject, session): (&str, &SessionId),
    (now, jti): (DateTime<Utc>, String),
) -> Value {
    let mut claims = json!({
        "iss": provider.issuer,
        "sub": subject,
        "aud": application.id,
        "iat": now.timestamp(),
        "exp": (now + LIFETIME).timestamp(),
        "jti": jti,
        "events": { EVENT: {} },
        "sid": session,
    });
    if let (Some(tenant), Value::Object(claims)) = (&provider.names_tenant, &mut claims) {
        claims.insert("tenant".to_owned(), json!(tenant));
    }
    claims
}
