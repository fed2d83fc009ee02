//! What is active for a target, read in one trip to the database.

use chrono::{DateTime, Utc};
use symbolon_contract::{RoleName, TenantId};
use symbolon_storage::{
    MappingState, MappingTarget, MappingVersion, StorageError, StorageResult, TenantRows,
};

use super::ready::is_usable;
use super::rulebook::{Level, Rulebook};
use super::{MappingError, MappingPolicy};
use crate::broker::Broker;

/// The version that decides, and what stands beside it.
#[derive(Debug, Clone)]
pub(crate) struct ActiveMapping {
    /// The version.
    pub(crate) version: MappingVersion,
    /// The row of its target.
    pub(crate) state: MappingState,
    /// What the tenant chose for failures.
    pub(crate) policy: MappingPolicy,
    /// The rules for decisions.
    pub(crate) rules: Rulebook,
    /// Whether the plugin is still the tenant's to run.
    pub(super) usable: bool,
    /// The version that runs beside, as long as it may.
    shadow: Option<(MappingVersion, DateTime<Utc>)>,
}

impl ActiveMapping {
    /// The version that runs beside this one now (WP-82).
    pub(super) fn shadow(&self, now: DateTime<Utc>) -> Option<&MappingVersion> {
        self.shadow.as_ref().filter(|(_, until)| now < *until).map(|(version, _)| version)
    }
}

/// Reads what is active: every sign-in sees the old or the new version, never none (WP-81).
pub(crate) async fn active_mapping(
    broker: &Broker,
    tenant: &TenantId,
    target: &MappingTarget,
) -> Result<ActiveMapping, MappingError> {
    let (tenant, target) = (tenant.clone(), target.clone());
    let found = broker.database.read(move |conn| find(&mut conn.tenant(&tenant), &target, &[]));
    found.await?.ok_or(MappingError::NotConfigured)
}

/// The same inside a transaction; `also` are role names that may be granted besides the catalogue's.
pub(crate) fn find(
    rows: &mut TenantRows<'_>,
    target: &MappingTarget,
    also: &[RoleName],
) -> StorageResult<Option<ActiveMapping>> {
    let Some(active) = rows.mapping(target).active()? else {
        return Ok(None);
    };
    let policy = policy_of(&active.state)?;
    let shadow = match (active.state.shadow_version, active.state.shadow_until) {
        (Some(number), Some(until)) => {
            let version = rows.mapping(target).find(number)?;
            match version {
                Some(version) if is_usable(rows, &version.plugin_digest)? => Some((version, until)),
                _ => None,
            }
        }
        _ => None,
    };
    let rules = rulebook(rows, target, &policy, also)?;
    let usable = is_usable(rows, &active.version.plugin_digest)?;
    let (version, state) = (active.version, active.state);
    Ok(Some(ActiveMapping { version, state, policy, rules, usable, shadow }))
}

/// The rules for decisions about a target.
pub(crate) fn rulebook(
    rows: &mut TenantRows<'_>,
    target: &MappingTarget,
    policy: &MappingPolicy,
    also: &[RoleName],
) -> StorageResult<Rulebook> {
    let catalogue = rows.roles().list()?.into_iter().filter(|role| role.grantable_by_mapping);
    let names = catalogue.map(|role| role.name).chain(also.iter().cloned());
    Ok(Rulebook {
        level: if target.is_application() { Level::Application } else { Level::Connector },
        grantable: names.map(String::from).collect(),
        unknown_role: policy.unknown_role,
    })
}

/// The typed form of the policy's column.
pub(crate) fn policy_of(state: &MappingState) -> StorageResult<MappingPolicy> {
    serde_json::from_value(state.policy.clone()).map_err(|error| StorageError::Corrupt {
        table: "mapping_states",
        why: format!("policy: {error}"),
    })
}
