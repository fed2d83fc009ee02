//! UserInfo (OpenID Core 5.3): the claims behind an access token, for as long as the person may be in.

use serde_json::{Map, Value, json};
use symbolon_contract::ReasonCode;
use symbolon_storage::Connection;

use super::OauthError;
use super::claims::{Person, released};
use super::token::gate::{self, GateError};
use crate::broker::Broker;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// The claims that an access token releases.
///
/// # Errors
/// [`OauthError`] with `userinfo.*`, or what the gate says about the person today.
pub async fn claims(
    broker: &Broker,
    tenant: &TenantRecord,
    access_token: Option<&str>,
) -> Result<Map<String, Value>, OauthError> {
    let token = access_token.ok_or_else(|| {
        OauthError::new(ReasonCode::UserinfoTokenMissing, "the request carries no access token")
    })?;
    let hash = sha256_hex(token.as_bytes());
    let (tenant, now) = (tenant.clone(), broker.clock.now());
    let found = broker
        .database
        .read(move |conn| Ok(read(conn, &tenant, &hash, now)))
        .await
        .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))?;
    found.map_err(|error| match error {
        GateError::Storage(error) => {
            OauthError::new(crate::storage_reason(&error), error.to_string())
        }
        other => OauthError::new(ReasonCode::UserinfoTokenInvalid, other.to_string()),
    })
}

fn read(
    conn: &mut Connection,
    tenant: &TenantRecord,
    hash: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Map<String, Value>, GateError> {
    let row = conn.tenant(&tenant.id).access_tokens().find(hash)?;
    let row = row
        .filter(|row| row.revoked_at.is_none() && now < row.expires_at)
        .ok_or(GateError::Gone("the access token is unknown, expired or revoked"))?;
    let session = row.session_id.ok_or(GateError::Gone("the access token has no session"))?;
    let admitted = gate::pass(conn, tenant, &row.application_id, &session, now)?;
    let person = Person::read(&mut conn.tenant(&tenant.id), admitted.user)?;
    let scopes: Vec<String> = row.scope.split(' ').map(str::to_owned).collect();
    let mut claims = released(&person, &scopes);
    claims.insert("sub".into(), json!(person.user.id));
    Ok(claims)
}
