//! The keys of a SAML connector change without anybody being kept out (ME-10): new ones are published first, used
//! when the identity provider knows them, and the ones before still decrypt until they are dropped.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::{SealedSecret, StorageError};

use super::find;
use crate::admin::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::saml::own_keys::{self, PURPOSE};
use crate::connectors::{ConnectorRecord, ConnectorSettings, next_slot, previous_slot};
use crate::tenants::TenantRecord;

/// A generation of keys, told without opening it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SamlKeyFacts {
    /// `present`, `next` or `previous`.
    pub which: &'static str,
    /// SHA-256 of the signing certificate.
    pub fingerprint: Option<String>,
    /// When its certificates end.
    pub ends_at: Option<DateTime<Utc>>,
    /// What it is used for.
    pub used_for: &'static str,
}

/// The first keys of a connector, sealed, before there is a connector.
pub(super) async fn first(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<SealedSecret, AdminError> {
    let made = own_keys::make(&format!("Symbolon {} {id}", tenant.slug), broker.clock.now())?;
    Ok(made.seal(broker, &tenant.id, id.as_str()).await?)
}

/// The generations that there are.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for another kind, and those of the database.
pub async fn list_saml_keys(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<Vec<SamlKeyFacts>, AdminError> {
    only_saml(&read_connector(broker, &tenant.id, id).await?)?;
    let (owner, id) = (tenant.id.clone(), id.clone());
    let rows =
        broker.database.read(move |conn| own_keys::rows(&mut conn.tenant(&owner), &id)).await?;
    let told = [
        ("present", "signs, decrypts, is published"),
        ("next", "decrypts, is published; does not sign yet"),
        ("previous", "decrypts, is published"),
    ];
    let facts = told.into_iter().zip(rows).filter_map(|((which, used_for), row)| {
        row.map(|row| SamlKeyFacts {
            which,
            fingerprint: row.hint,
            ends_at: row.expires_at,
            used_for,
        })
    });
    Ok(facts.collect())
}

/// Makes the next generation and publishes it; one that waited before is replaced. Without a present one, after a
/// revocation, it is used at once. Returns the generations as they are then.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for another kind, and those of the database.
pub async fn create_saml_keys(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<Vec<SamlKeyFacts>, AdminError> {
    let known = list_saml_keys(broker, tenant, id).await?;
    let slot = match known.iter().any(|one| one.which == "present") {
        true => next_slot(id),
        false => id.to_string(),
    };
    let made = own_keys::make(&format!("Symbolon {} {id}", tenant.slug), broker.clock.now())?;
    let row = made.seal(broker, &tenant.id, &slot).await?;
    let change = Change::by(broker, caller);
    let (owner, connector) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            find(conn, &owner, &connector)?;
            conn.tenant(&owner).secrets().put(&row)?;
            let changes = json!([{ "field": "saml_keys.next", "to": row.hint }]);
            let what = ("connector.saml_keys_created", "connector", connector.as_str());
            Ok::<_, AdminError>(change.record(conn, &owner, what, changes)?)
        })
        .await?;
    list_saml_keys(broker, tenant, id).await
}

/// Uses the waiting generation; the present one becomes the previous one. Returns the generations as they are then.
///
/// # Errors
/// [`AdminError::NotFound`] when none waits, [`AdminError::Invalid`] for another kind, a stale version when the keys
/// changed meanwhile, and those of the database.
pub async fn activate_saml_keys(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<Vec<SamlKeyFacts>, AdminError> {
    only_saml(&read_connector(broker, &tenant.id, id).await?)?;
    let (owner, connector) = (tenant.id.clone(), id.clone());
    let rows =
        broker.database.read(move |conn| own_keys::rows(&mut conn.tenant(&owner), &connector));
    let [present, next, _] = rows.await?;
    let missing = || AdminError::NotFound { kind: "new keys of", id: id.to_string() };
    let (present, next) = (present.ok_or_else(missing)?, next.ok_or_else(missing)?);
    // A seal is for one slot only, so both are sealed anew.
    let used = moved(broker, tenant, (&next, id.to_string())).await?;
    let kept = moved(broker, tenant, (&present, previous_slot(id))).await?;
    let change = Change::by(broker, caller);
    let (owner, connector, slot) = (tenant.id.clone(), id.clone(), next_slot(id));
    broker
        .database
        .try_write(move |conn| {
            let [now_present, now_next, _] = own_keys::rows(&mut conn.tenant(&owner), &connector)?;
            let sealed = |row: Option<SealedSecret>| row.map(|row| row.sealed);
            let same = sealed(now_present) == Some(present.sealed)
                && sealed(now_next) == Some(next.sealed);
            if !same {
                return Err(AdminError::from(StorageError::StaleVersion));
            }
            let mut rows = conn.tenant(&owner);
            rows.secrets().put(&kept)?;
            rows.secrets().put(&used)?;
            rows.secrets().delete(PURPOSE.as_str(), &slot)?;
            let changes =
                json!([{ "field": "saml_keys.present", "from": kept.hint, "to": used.hint }]);
            let what = ("connector.saml_keys_activated", "connector", connector.as_str());
            Ok(change.record(conn, &owner, what, changes)?)
        })
        .await?;
    list_saml_keys(broker, tenant, id).await
}

/// Forgets the generation before the present one: what is still encrypted for it cannot be read any more.
///
/// # Errors
/// [`AdminError::NotFound`] when there is none, [`AdminError::Invalid`] for another kind, and those of the database.
pub async fn drop_previous_saml_keys(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<Vec<SamlKeyFacts>, AdminError> {
    only_saml(&read_connector(broker, &tenant.id, id).await?)?;
    let change = Change::by(broker, caller);
    let (owner, connector) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            let slot = previous_slot(&connector);
            if !conn.tenant(&owner).secrets().delete(PURPOSE.as_str(), &slot)? {
                let id = connector.to_string();
                return Err(AdminError::NotFound { kind: "previous keys of", id });
            }
            let what = ("connector.saml_keys_dropped", "connector", connector.as_str());
            Ok(change.record(conn, &owner, what, json!([]))?)
        })
        .await?;
    list_saml_keys(broker, tenant, id).await
}

async fn moved(
    broker: &Broker,
    tenant: &TenantRecord,
    (row, slot): (&SealedSecret, String),
) -> Result<SealedSecret, AdminError> {
    let text = broker.secrets.open_text(&tenant.id, PURPOSE, &row.owner, &row.sealed).await?;
    let sealed = broker.secrets.prepare(&tenant.id, PURPOSE, &slot, &text).await?;
    Ok(SealedSecret { hint: row.hint.clone(), expires_at: row.expires_at, ..sealed })
}

pub(super) fn only_saml(record: &ConnectorRecord) -> Result<(), AdminError> {
    match record.configuration.upstream {
        ConnectorSettings::Saml(_) => Ok(()),
        ConnectorSettings::Oidc(_) | ConnectorSettings::Entra(_) => {
            Err(AdminError::Invalid(vec!["only SAML connectors have this".into()]))
        }
    }
}
