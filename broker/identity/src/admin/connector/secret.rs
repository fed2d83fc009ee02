//! The client secret in two slots (B12, E-54): a new one is proved before it becomes the present one, and the
//! one before stays beside it until it is dropped. "Revoke now" forgets all of them and closes the connector.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{Connection, ConnectorMode as RowMode, SealedSecret, StorageError};

use super::{check, find};
use crate::admin::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::connector::entra_without_credential;
use crate::connectors::oidc::ClientCredential;
use crate::connectors::{ConnectorRecord, next_slot, previous_slot};
use crate::secrets::{Purpose, equal_in_constant_time, hint_of};
use crate::tenants::TenantRecord;

const SECRET: Purpose = Purpose::ConnectorClientSecret;

/// A secret to store.
#[derive(Debug)]
pub struct NewSecret {
    /// The secret.
    pub secret: SecretString,
    /// When it ends, as its maker shows it (N20).
    pub ends_at: Option<DateTime<Utc>>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReplacedSecret {
    /// A real token request proved it. False where a provider tells only when a code is redeemed.
    pub proved: bool,
    /// Its last four characters (N19).
    pub hint: Option<String>,
    /// The one before is still accepted from here, in case the new one is not known everywhere yet.
    pub previous_kept: bool,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Makes a secret the present one, once it is proved. When the proof fails nothing changes.
///
/// # Errors
/// [`AdminError::Invalid`] for what is no secret, [`AdminError::Connector`] with the upstream's reason, a stale
/// version when somebody else replaced it meanwhile, and those of the database.
pub async fn replace_client_secret(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, new): (&ConnectorId, NewSecret),
) -> Result<ReplacedSecret, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let upstream = &record.configuration.upstream;
    AdminError::unless_empty(check::secret_problems(upstream, &new.secret))?;
    let present = Present::read(broker, tenant, id).await?;
    if let Some(present) = &present
        && equal_in_constant_time(bytes(&present.secret), bytes(&new.secret))
    {
        return Err(AdminError::Invalid(vec!["client secret: this is the present one".into()]));
    }
    let proved = prove(broker, tenant, &record, &new.secret).await?;
    let mut row = broker.secrets.prepare(&tenant.id, SECRET, id.as_str(), &new.secret).await?;
    row.hint = hint_of(&new.secret);
    row.expires_at = new.ends_at;
    let before = match &present {
        Some(present) => Some(present.moved_to(broker, tenant, &previous_slot(id)).await?),
        None => None,
    };
    let done = ReplacedSecret {
        proved,
        hint: row.hint.clone(),
        previous_kept: before.is_some(),
        ends_at: row.expires_at,
    };
    let change = Change::by(broker, caller);
    let (tenant, id) = (tenant.id.clone(), id.clone());
    let expected = present.map(|present| present.row);
    broker
        .database
        .try_write(move |conn| {
            find(conn, &tenant, &id)?;
            unchanged(conn, &tenant, (&id, expected.as_ref()))?;
            let mut rows = conn.tenant(&tenant);
            if let Some(before) = &before {
                rows.secrets().put(before)?;
            }
            rows.secrets().put(&row)?;
            forget_warnings(conn, &tenant, &id)?;
            let changes = json!([
                { "field": "client_secret", "from": "***", "to": "***", "hint": row.hint },
                { "field": "proved", "to": proved },
                { "field": "secret_ends_at", "to": row.expires_at },
            ]);
            let what = ("connector.secret_replaced", "connector", id.as_str());
            Ok(change.record(conn, &tenant, what, changes)?)
        })
        .await
        .map(|()| done)
}

/// The present secret, opened: the seal vouches for its place, so moving it means sealing it anew.
struct Present {
    row: SealedSecret,
    secret: SecretString,
}

impl Present {
    async fn read(
        broker: &Broker,
        tenant: &TenantRecord,
        id: &ConnectorId,
    ) -> Result<Option<Self>, AdminError> {
        let (of, owner) = (tenant.id.clone(), id.to_string());
        let row = broker
            .database
            .read(move |conn| conn.tenant(&of).secrets().find(SECRET.as_str(), &owner))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let secret = broker.secrets.open_text(&tenant.id, SECRET, id.as_str(), &row.sealed).await?;
        Ok(Some(Self { row, secret }))
    }

    async fn moved_to(
        &self,
        broker: &Broker,
        tenant: &TenantRecord,
        slot: &str,
    ) -> Result<SealedSecret, AdminError> {
        let sealed = broker.secrets.prepare(&tenant.id, SECRET, slot, &self.secret).await?;
        Ok(SealedSecret { hint: self.row.hint.clone(), expires_at: self.row.expires_at, ..sealed })
    }
}

fn bytes(secret: &SecretString) -> &[u8] {
    secret.expose_secret().as_bytes()
}

/// By a real token request, where the kind can be asked without a person.
async fn prove(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
    secret: &SecretString,
) -> Result<bool, AdminError> {
    let Some(entra) = entra_without_credential(broker, tenant, record)? else {
        return Ok(false);
    };
    entra.prove(&ClientCredential::SecretPost(secret.clone())).await?;
    Ok(true)
}

/// Nobody replaced the secret since it was read: else the one before would be lost.
fn unchanged(
    conn: &mut Connection,
    tenant: &TenantId,
    (id, expected): (&ConnectorId, Option<&SealedSecret>),
) -> Result<(), AdminError> {
    let now = conn.tenant(tenant).secrets().find(SECRET.as_str(), id.as_str())?;
    let same = now.as_ref().map(|row| &row.sealed) == expected.map(|row| &row.sealed);
    if same { Ok(()) } else { Err(StorageError::StaleVersion.into()) }
}

/// What was warned of, and what the upstream said of the end, was about another credential.
pub(super) fn forget_warnings(
    conn: &mut Connection,
    tenant: &TenantId,
    id: &ConnectorId,
) -> Result<(), StorageError> {
    let mut rows = conn.tenant(tenant);
    let Some(mut health) = rows.connector_health().find(id)? else {
        return Ok(());
    };
    health.warned_days = None;
    health.credential_expires_at = None;
    health.credential_checked_at = None;
    rows.connector_health().put(&health)
}

/// Forgets the secret before, once the present one is known everywhere.
///
/// # Errors
/// [`AdminError::NotFound`] when there is none, and those of the database.
pub async fn drop_previous_secret(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            find(conn, &tenant, &id)?;
            let slot = previous_slot(&id);
            if !conn.tenant(&tenant).secrets().delete(SECRET.as_str(), &slot)? {
                return Err(AdminError::NotFound {
                    kind: "previous secret of",
                    id: id.to_string(),
                });
            }
            let what = ("connector.previous_secret_dropped", "connector", id.as_str());
            Ok(change.record(conn, &tenant, what, json!([]))?)
        })
        .await
}

/// Says when the present secret ends (N20); `None` when that is not known.
///
/// # Errors
/// [`AdminError::NotFound`] when there is no secret, and those of the database.
pub async fn set_secret_expiry(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, ends_at): (&ConnectorId, Option<DateTime<Utc>>),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            find(conn, &tenant, &id)?;
            let mut rows = conn.tenant(&tenant);
            let Some(row) = rows.secrets().find(SECRET.as_str(), id.as_str())? else {
                return Err(AdminError::NotFound { kind: "client secret of", id: id.to_string() });
            };
            rows.secrets().set_expiry(SECRET.as_str(), id.as_str(), ends_at)?;
            forget_warnings(conn, &tenant, &id)?;
            let changes =
                json!([{ "field": "secret_ends_at", "from": row.expires_at, "to": ends_at }]);
            let what = ("connector.secret_expiry_set", "connector", id.as_str());
            Ok(change.record(conn, &tenant, what, changes)?)
        })
        .await
}

/// Forgets every secret and private key of a connector and switches it off, in one transaction (B37). What was
/// stolen must also be deleted at the upstream: it stays valid there.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database. Returns how many credentials were forgotten.
pub async fn revoke_secrets(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<usize, AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let mut row = find(conn, &tenant, &id)?;
            let mut rows = conn.tenant(&tenant);
            let mut forgotten = 0;
            for (purpose, slot) in [
                (SECRET, id.to_string()),
                (SECRET, previous_slot(&id)),
                (Purpose::ConnectorSigningKey, id.to_string()),
                (Purpose::ConnectorSigningKey, next_slot(&id)),
                (Purpose::ConnectorSamlKeys, id.to_string()),
                (Purpose::ConnectorSamlKeys, next_slot(&id)),
                (Purpose::ConnectorSamlKeys, previous_slot(&id)),
            ] {
                forgotten += usize::from(rows.secrets().delete(purpose.as_str(), &slot)?);
            }
            let (expected, from) = (row.version, row.mode);
            row.mode = RowMode::Off;
            row.version = expected + 1;
            row.updated_at = now;
            rows.connectors().update(&row, expected)?;
            forget_warnings(conn, &tenant, &id)?;
            let changes = json!([
                { "field": "credentials", "from": forgotten, "to": 0 },
                { "field": "mode", "from": from, "to": "off" },
            ]);
            let what = ("connector.secrets_revoked", "connector", id.as_str());
            change.record(conn, &tenant, what, changes)?;
            Ok(forgotten)
        })
        .await
}
