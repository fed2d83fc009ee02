//! A token that an application shows us at revocation or introspection: whose it is and where it is good.
//!
//! Owns: finding it among all kinds. Does not own: whether it still counts (`introspect`), or ending it (`revoke`).

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use symbolon_contract::ApplicationId;
use symbolon_storage::{
    AccessToken, Connection, RefreshToken, ServiceToken, SingleUseKind, StorageResult, TenantRows,
    TokenFamily,
};

use super::token::access_token::ReadToken;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// A token that we issued, be it over or not.
#[derive(Debug)]
pub(super) enum KnownToken {
    /// An access token about a person.
    Access(AccessToken),
    /// A refresh token and its family.
    Refresh(RefreshToken, Box<TokenFamily>),
    /// An access token of an application itself; a signed one has no row.
    Service {
        /// As in its row, or as it says itself.
        token: ServiceToken,
        /// Whether it says so itself.
        signed: bool,
    },
}

impl KnownToken {
    /// Whom it was issued to.
    pub(super) fn owner(&self) -> &ApplicationId {
        match self {
            Self::Access(token) => &token.application_id,
            Self::Refresh(_, family) => &family.application_id,
            Self::Service { token, .. } => &token.application_id,
        }
    }

    /// Whether an application may learn about it: its owner, and whoever is registered for a resource server that
    /// it is good for (RFC 7662 4).
    pub(super) fn concerns(&self, application: &Application) -> bool {
        let resources: &[String] = match self {
            Self::Access(token) => token.resources.as_deref().unwrap_or_default(),
            Self::Refresh(..) => &[],
            Self::Service { token, .. } => &token.resources,
        };
        let registered = &application.settings.resources;
        *self.owner() == application.id
            || registered.iter().any(|server| resources.contains(&server.identifier))
    }
}

/// Finds what was read. The kinds lie apart, and only the row, or our signature, says which one it is (D7).
pub(super) fn find(
    conn: &mut Connection,
    tenant: &TenantRecord,
    (read, issuer): (&ReadToken, &str),
) -> StorageResult<Option<KnownToken>> {
    let mut rows = conn.tenant(&tenant.id);
    match read {
        ReadToken::Opaque(hash) => by_hash(&mut rows, hash),
        ReadToken::Signed { key, claims } => {
            if let Some(token) = rows.access_tokens().find(key)? {
                return Ok(Some(KnownToken::Access(token)));
            }
            let Some(mut token) = service_statement(claims, (key, issuer)) else {
                return Ok(None);
            };
            let taken_back = rows.single_use(SingleUseKind::RevokedServiceToken).peek(key)?;
            token.revoked_at = taken_back.map(|row| row.created_at);
            Ok(Some(KnownToken::Service { token, signed: true }))
        }
    }
}

fn by_hash(rows: &mut TenantRows<'_>, hash: &str) -> StorageResult<Option<KnownToken>> {
    if let Some(token) = rows.access_tokens().find(hash)? {
        return Ok(Some(KnownToken::Access(token)));
    }
    if let Some(token) = rows.refresh_tokens().find(hash)? {
        let family = rows.token_families().find(&token.family_id)?;
        return Ok(family.map(|family| KnownToken::Refresh(token, Box::new(family))));
    }
    let token = rows.service_tokens().find(hash)?;
    Ok(token.map(|token| KnownToken::Service { token, signed: false }))
}

/// What a signed token of an application itself says. One about a person, whose row is gone, says when the person
/// proved themselves, and is nothing any more.
fn service_statement(
    claims: &Map<String, Value>,
    (key, issuer): (&str, &str),
) -> Option<ServiceToken> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(claims.get(name)?.as_i64()?, 0)
    };
    let application = text("client_id")?;
    if text("sub") != Some(application) || claims.contains_key("auth_time") {
        return None;
    }
    let audience = text("aud")?;
    let holder = claims.get("cnf").and_then(|cnf| cnf.get("jkt")).and_then(Value::as_str);
    Some(ServiceToken {
        token_hash: key.to_owned(),
        application_id: ApplicationId::parse(application).ok()?,
        scope: text("scope").unwrap_or_default().to_owned(),
        resources: if audience == issuer { Vec::new() } else { vec![audience.to_owned()] },
        dpop_jkt: holder.map(str::to_owned),
        created_at: time("iat")?,
        expires_at: time("exp")?,
        revoked_at: None,
    })
}
