//! The versions of a mapping and how it is: what an admin looks at.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use symbolon_contract::{ConnectorId, PluginDigest, TenantId};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{MappingState, MappingTarget, MappingVersion};

use crate::admin::connector::{FieldChange, compare};
use crate::admin::{AdminError, read_connector};
use crate::broker::Broker;
use crate::mapping::{MappingError, MappingPolicy, active_mapping, policy_of};
use crate::tenants::TenantRecord;

/// The mapping that sign-ins of a connector run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveRules {
    /// Its version.
    pub version: i32,
    /// The plugin.
    pub plugin: PluginDigest,
    /// Whether that is the bundled one.
    pub bundled: bool,
    /// What the plugin is configured with: for the bundled one its rules, as JSON.
    pub configuration: String,
}

/// A version without its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MappingSummary {
    /// 1, 2, 3, ...
    pub version: i32,
    /// Whether sign-ins use it.
    pub active: bool,
    /// Whether a rollback leads to it.
    pub previous: bool,
    /// Whether it runs beside the active one.
    pub shadow: bool,
    /// The plugin.
    pub plugin: PluginDigest,
    /// Whether that is the bundled one.
    pub bundled: bool,
    /// Who saved it.
    pub author: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// What came of its last trial.
    pub trial: Option<Value>,
}

/// How the mapping of a target is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MappingStatus {
    /// The version that decides.
    pub active_version: Option<i32>,
    /// The one that a rollback leads to.
    pub previous_version: Option<i32>,
    /// The one that runs beside.
    pub shadow_version: Option<i32>,
    /// Until when.
    pub shadow_until: Option<DateTime<Utc>>,
    /// How often it ran.
    pub shadow_runs: i32,
    /// How often it decided otherwise.
    pub shadow_differences: i32,
    /// Crashes and limits in a row.
    pub failures: i32,
    /// Since when the plugin is stopped (WP-90).
    pub quarantined_at: Option<DateTime<Utc>>,
    /// What happens when it fails.
    pub policy: MappingPolicy,
    /// The limits of a call (WP-57).
    pub limits: CallLimits,
}

/// What one call may use on this installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CallLimits {
    /// Fuel.
    pub fuel: u64,
    /// Linear memory in bytes.
    pub memory_bytes: usize,
    /// Wall-clock backstop in milliseconds.
    pub timeout_ms: u64,
}

/// What differs between two versions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MappingDiff {
    /// The plugins, when they are not the same.
    pub plugins: Option<[PluginDigest; 2]>,
    /// Places of the configuration; the whole of it under the empty name when it is no JSON.
    pub configuration: Vec<FieldChange>,
}

/// The mapping of a connector that is active now.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Mapping`] when none is active, and those of the database.
pub async fn read_mapping(
    broker: &Broker,
    tenant: &TenantId,
    id: &ConnectorId,
) -> Result<ActiveRules, AdminError> {
    read_connector(broker, tenant, id).await?;
    let active = active_mapping(broker, tenant, &MappingTarget::connector(id)).await?;
    Ok(active.version.into())
}

/// One version with its configuration.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_mapping_version(
    broker: &Broker,
    tenant: &TenantRecord,
    of: (&MappingTarget, i32),
) -> Result<ActiveRules, AdminError> {
    Ok(super::version(broker, &tenant.id, of).await?.0.into())
}

impl From<MappingVersion> for ActiveRules {
    fn from(version: MappingVersion) -> Self {
        Self {
            version: version.version,
            bundled: version.plugin_digest == *PluginHost::bundled().0,
            plugin: version.plugin_digest,
            configuration: version.configuration,
        }
    }
}

/// The kept versions, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn list_mappings(
    broker: &Broker,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<Vec<MappingSummary>, AdminError> {
    let (id, target) = (tenant.id.clone(), target.clone());
    let (versions, state) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            Ok((rows.mapping(&target).list()?, rows.mapping(&target).state()?))
        })
        .await?;
    let state = state.as_ref();
    Ok(versions.into_iter().map(|version| summary(version, state)).collect())
}

fn summary(row: MappingVersion, state: Option<&MappingState>) -> MappingSummary {
    let is = |of: fn(&MappingState) -> Option<i32>| state.and_then(of) == Some(row.version);
    MappingSummary {
        version: row.version,
        active: is(|state| state.active_version),
        previous: is(|state| state.previous_version),
        shadow: is(|state| state.shadow_version),
        bundled: row.plugin_digest == *PluginHost::bundled().0,
        plugin: row.plugin_digest,
        author: row.author,
        note: row.note,
        created_at: row.created_at,
        trial: row.trial,
    }
}

/// How the mapping of a target is.
///
/// # Errors
/// [`AdminError::Mapping`] before its first version, and those of the database.
pub async fn mapping_status(
    broker: &Broker,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<MappingStatus, AdminError> {
    let (id, target) = (tenant.id.clone(), target.clone());
    let state = broker.database.read(move |conn| conn.tenant(&id).mapping(&target).state()).await?;
    let state = state.ok_or(MappingError::NotConfigured)?;
    let limits = broker.plugins.limits();
    Ok(MappingStatus {
        policy: policy_of(&state)?,
        active_version: state.active_version,
        previous_version: state.previous_version,
        shadow_version: state.shadow_version,
        shadow_until: state.shadow_until,
        shadow_runs: state.shadow_runs,
        shadow_differences: state.shadow_differences,
        failures: state.failures,
        quarantined_at: state.quarantined_at,
        limits: CallLimits {
            fuel: limits.fuel,
            memory_bytes: limits.memory_bytes,
            timeout_ms: u64::try_from(limits.epoch_timeout.as_millis()).unwrap_or(u64::MAX),
        },
    })
}

/// What differs between two versions.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn diff_mappings(
    broker: &Broker,
    tenant: &TenantRecord,
    (target, from, to): (&MappingTarget, i32, i32),
) -> Result<MappingDiff, AdminError> {
    let (from, _) = super::version(broker, &tenant.id, (target, from)).await?;
    let (to, _) = super::version(broker, &tenant.id, (target, to)).await?;
    let mut configuration = Vec::new();
    let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let (before, after) = (read(&from.configuration), read(&to.configuration));
    compare(String::new(), (Some(&before), Some(&after)), &mut configuration);
    let same = from.plugin_digest == to.plugin_digest;
    let plugins = (!same).then_some([from.plugin_digest, to.plugin_digest]);
    Ok(MappingDiff { plugins, configuration })
}
