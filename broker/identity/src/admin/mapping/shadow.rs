//! A version runs beside the active one for a while (WP-82).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_contract::TenantId;
use symbolon_storage::{Connection, MappingTarget, StorageResult};

use super::kind;
use super::trial::tried;
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::TrialReport;
use crate::tenants::TenantRecord;

/// The longest time beside.
const MOST: TimeDelta = TimeDelta::days(30);

/// Tries a version and lets it run beside the active one; its differences are audited, it changes nothing.
///
/// # Errors
/// [`AdminError::TrialFailed`], [`AdminError::Invalid`] for a time out of bounds, and those of the database.
pub async fn start_shadow(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, number, period): (&MappingTarget, i32, TimeDelta),
) -> Result<TrialReport, AdminError> {
    if period <= TimeDelta::zero() || period > MOST {
        return Err(AdminError::Invalid(vec!["hours: must be between 1 and 720".into()]));
    }
    let report = tried(broker, tenant, (target, number)).await?;
    if !report.passed {
        return Err(AdminError::TrialFailed(report.problems));
    }
    let until = broker.clock.now() + period;
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    broker
        .database
        .write(move |conn| {
            conn.tenant(&id).mapping(&target).set_shadow(Some((number, until)))?;
            let changes = json!([
                { "field": "shadow_version", "to": number },
                { "field": "shadow_until", "to": until },
            ]);
            record(conn, &id, &change, ("plugin.shadow_started", &target, changes))
        })
        .await?;
    Ok(report)
}

/// Ends the run of a shadow version.
///
/// # Errors
/// Those of the database.
pub async fn end_shadow(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<(), AdminError> {
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let ended = broker.database.write(move |conn| {
        conn.tenant(&id).mapping(&target).set_shadow(None)?;
        record(conn, &id, &change, ("plugin.shadow_ended", &target, json!([])))
    });
    Ok(ended.await?)
}

fn record(
    conn: &mut Connection,
    tenant: &TenantId,
    change: &Change,
    (name, target, changes): (&'static str, &MappingTarget, Value),
) -> StorageResult<()> {
    change.record(conn, tenant, (name, kind(target), &target.id), changes)
}
