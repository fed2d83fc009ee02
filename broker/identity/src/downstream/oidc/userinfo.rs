//! UserInfo (OpenID Core 5.3): the claims behind an access token, for as long as the person may be in.

use serde_json::{Map, Value, json};
use symbolon_contract::{ConnectorId, ReasonCode, TraceId};
use symbolon_storage::Connection;

use super::OauthError;
use super::claims::Person;
use super::claims_request::ClaimsRequest;
use super::release;
use super::subject;
use super::token::gate::{self, GateError};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// The claims that an access token releases, after the application's own mapping.
///
/// # Errors
/// [`OauthError`] with `userinfo.*`, or what the gate says about the person today.
pub async fn claims(
    broker: &Broker,
    tenant: &TenantRecord,
    access_token: Option<&str>,
    trace: &TraceId,
) -> Result<Map<String, Value>, OauthError> {
    let token = access_token.ok_or_else(|| {
        OauthError::new(ReasonCode::UserinfoTokenMissing, "the request carries no access token")
    })?;
    let hash = sha256_hex(token.as_bytes());
    let (owned, now) = (tenant.clone(), broker.clock.now());
    let found = broker
        .database
        .read(move |conn| Ok(read(conn, &owned, &hash, now)))
        .await
        .map_err(|error| OauthError::new(crate::storage_reason(&error), error.to_string()))?;
    let Bearer { application, connector, person, scopes, wished } =
        found.map_err(|error| match error {
            GateError::Storage(error) => {
                OauthError::new(crate::storage_reason(&error), error.to_string())
            }
            other => OauthError::new(ReasonCode::UserinfoTokenInvalid, other.to_string()),
        })?;
    let asked = release::Asked {
        application: &application,
        connector: &connector,
        person: &person,
        scopes: &scopes,
        wished: wished.as_ref(),
    };
    let refused = ReasonCode::UserinfoReleaseRefused;
    let released = release::claims(broker, tenant, &asked, (trace, refused)).await?;
    let mut claims = released.userinfo;
    let subject = subject::of(broker, tenant, &application, &person.user.id).await?;
    claims.insert("sub".into(), json!(subject));
    Ok(claims)
}

/// Whom a token speaks for, and to whom.
struct Bearer {
    application: Application,
    connector: ConnectorId,
    person: Person,
    scopes: Vec<String>,
    wished: Option<ClaimsRequest>,
}

fn read(
    conn: &mut Connection,
    tenant: &TenantRecord,
    hash: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Bearer, GateError> {
    let row = conn.tenant(&tenant.id).access_tokens().find(hash)?;
    let row = row.ok_or(GateError::Gone("the access token is unknown"))?;
    let admitted = gate::pass_token(conn, tenant, &row, now)?;
    Ok(Bearer {
        application: admitted.application,
        connector: admitted.admission.connector().clone(),
        person: Person::read(&mut conn.tenant(&tenant.id), admitted.user)?,
        scopes: row.scope.split(' ').map(str::to_owned).collect(),
        wished: row.claims.and_then(|wished| serde_json::from_value(wished).ok()),
    })
}
