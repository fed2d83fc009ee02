//! Which version counts. Every sign-in sees the old or the new one, never none (WP-81).

use serde_json::{Value, json};
use symbolon_contract::PluginDigest;
use symbolon_storage::MappingTarget;

use super::trial::tried;
use super::{kind, runnable, version};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::{TrialReport, ready};
use crate::tenants::TenantRecord;

/// Tries a version and makes it the one that decides. A quarantine ends.
///
/// # Errors
/// [`AdminError::TrialFailed`]: the active version stays; [`AdminError::NotFound`], and those of the database.
pub async fn activate_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, number): (&MappingTarget, i32),
) -> Result<TrialReport, AdminError> {
    let report = tried(broker, tenant, (target, number)).await?;
    if !report.passed {
        return Err(AdminError::TrialFailed(report.problems));
    }
    let (version, _) = version(broker, &tenant.id, (target, number)).await?;
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let changes = changes(number, &version.plugin_digest);
    let done = broker.database.write(move |conn| {
        let active = conn.tenant(&id).mapping(&target).activate(number)?;
        if active {
            let what = ("plugin.activated", kind(&target), target.id.as_str());
            change.record(conn, &id, what, changes)?;
        }
        Ok(active)
    });
    if done.await? { Ok(report) } else { Err(missing(number)) }
}

/// Makes the version before the active one decide again, in one step and without a trial (WP-83): it decided
/// before. Returns its number.
///
/// # Errors
/// [`AdminError::NotFound`] when there is none, a plugin that is gone, and those of the database.
pub async fn roll_back_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<i32, AdminError> {
    let none = || AdminError::NotFound { kind: "mapping version", id: "before this one".into() };
    let (of, whose) = (tenant.id.clone(), target.clone());
    let state = broker.database.read(move |conn| conn.tenant(&of).mapping(&whose).state()).await?;
    let previous = state.and_then(|state| state.previous_version).ok_or_else(none)?;
    let (version, _) = runnable(broker, &tenant.id, (target, previous)).await?;
    ready(broker, &tenant.id, &version.plugin_digest).await?;
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let done = broker.database.write(move |conn| {
        // Another admin may have been faster: what is told is what became active.
        let number = conn.tenant(&id).mapping(&target).roll_back()?;
        if let Some(number) = number
            && let Some(active) = conn.tenant(&id).mapping(&target).find(number)?
        {
            let what = ("plugin.rolled_back", kind(&target), target.id.as_str());
            change.record(conn, &id, what, changes(number, &active.plugin_digest))?;
        }
        Ok(number)
    });
    done.await?.ok_or_else(none)
}

/// Lets a quarantined plugin be called again (WP-90). False when it was not quarantined.
///
/// # Errors
/// Those of the database.
pub async fn retry_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<bool, AdminError> {
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let done = broker.database.write(move |conn| {
        let stopped = conn.tenant(&id).mapping(&target).end_quarantine()?;
        if stopped {
            let what = ("plugin.retried", kind(&target), target.id.as_str());
            change.record(conn, &id, what, json!([]))?;
        }
        Ok(stopped)
    });
    Ok(done.await?)
}

fn changes(number: i32, plugin: &PluginDigest) -> Value {
    json!([
        { "field": "mapping_version", "to": number },
        { "field": "plugin_digest", "to": plugin },
    ])
}

fn missing(number: i32) -> AdminError {
    AdminError::NotFound { kind: "mapping version", id: number.to_string() }
}
