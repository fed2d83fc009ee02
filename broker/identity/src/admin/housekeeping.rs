//! Keys and secrets are rotated, the audit chain is checked.

use serde_json::json;
use symbolon_storage::{AuditFilter, Connection, SigningKeyState};

use super::{AdminCaller, AdminError, Change};
use crate::audit::{ChainFault, verify_chain};
use crate::broker::Broker;
use crate::keys::{KeyFacts, SigningAlgorithm};
use crate::secrets::RotationReport;
use crate::tenants::TenantRecord;

/// The signing keys of a tenant, the oldest first. Changes nothing.
///
/// # Errors
/// [`AdminError::Keys`].
pub async fn list_keys(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<KeyFacts>, AdminError> {
    Ok(broker.keys.list(&tenant.id).await?)
}

/// Rotates a tenant's signing key now; the old one stays published.
///
/// # Errors
/// [`AdminError::Keys`] and those of the database.
pub async fn rotate_keys(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    algorithm: SigningAlgorithm,
) -> Result<KeyFacts, AdminError> {
    let active = broker.keys.rotate(&tenant.id, algorithm).await?;
    let change = Change::by(broker, caller);
    let (id, kid) = (tenant.id.clone(), active.kid.clone());
    broker
        .database
        .write(move |conn| {
            let changes = json!([{"field": "active", "to": kid}]);
            change.record(conn, &id, ("key.rotated", "signing_key", &kid), changes)
        })
        .await?;
    Ok(active)
}

/// Forgets a tenant's retired keys before their time: what they signed is not accepted any more. For a key that
/// leaked. Returns how many.
///
/// # Errors
/// Those of the database.
pub async fn forget_retired_keys(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
) -> Result<usize, AdminError> {
    let (change, id) = (Change::by(broker, caller), tenant.id.clone());
    let forget = move |conn: &mut Connection| {
        let mut retired = conn.tenant(&id).signing_keys().list()?;
        retired.retain(|key| key.state == SigningKeyState::Retired);
        for key in &retired {
            conn.tenant(&id).signing_keys().delete(&key.id)?;
            let changes = json!([{"field": "state", "from": "retired"}]);
            change.record(conn, &id, ("key.forgotten", "signing_key", &key.id), changes)?;
        }
        Ok(retired.len())
    };
    Ok(broker.database.write(forget).await?)
}

/// Wraps every tenant's data key under the active master key. Kept in the operator's log only: it changes
/// no tenant's data.
///
/// # Errors
/// [`AdminError::Secrets`].
pub async fn rotate_secrets(broker: &Broker, dry_run: bool) -> Result<RotationReport, AdminError> {
    Ok(broker.secrets.rotate_master(dry_run).await?)
}

/// Checks a tenant's audit chain from its beginning. Returns how many rows were checked.
///
/// # Errors
/// Those of the database; the first fault is the inner result.
pub async fn verify_audit(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Result<u64, ChainFault>, AdminError> {
    let mut last = None;
    let mut checked = 0;
    loop {
        let filter = AuditFilter {
            after_seq: last.as_ref().map(|row: &symbolon_storage::AuditEvent| row.seq),
            before_seq: None,
            event_type: None,
            newest_first: false,
            limit: 1000,
        };
        let rows = super::audit_events(broker, &tenant.id, filter).await?;
        if let Err(fault) = verify_chain(last.as_ref(), &rows) {
            return Ok(Err(fault));
        }
        checked += rows.len() as u64;
        match rows.into_iter().next_back() {
            None => return Ok(Ok(checked)),
            row => last = row,
        }
    }
}
