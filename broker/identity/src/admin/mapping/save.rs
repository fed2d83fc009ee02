//! A new version of a mapping: stored, numbered, not yet active.

use serde_json::json;
use symbolon_contract::{ConnectorId, Diagnostic, PluginDigest, TenantId};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{Connection, MappingTarget, NewMappingVersion, StorageResult};

use super::{activate, check, kind};
use crate::admin::plugin::{self, NewPlugin};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::{MappingError, active_mapping};
use crate::tenants::TenantRecord;

/// Versions of a target that are kept, besides the active one and the one before (WP-83).
const KEPT: usize = 10;

/// A version to make.
#[derive(Debug, Clone)]
pub struct NewMapping {
    /// The plugin's configuration.
    pub configuration: String,
    /// Which plugin it configures.
    pub plugin: PluginChoice,
    /// Why.
    pub note: Option<String>,
    /// The admin means it when the default role is `admin` (N37).
    pub admin_default: bool,
}

/// Which plugin a version runs.
#[derive(Debug, Clone)]
pub enum PluginChoice {
    /// The one of the active version, or the bundled one.
    Same,
    /// The one that comes with the broker.
    Bundled,
    /// One that is stored: the tenant's own, or one of the library that it has enabled.
    Stored(PluginDigest),
    /// This one, which is stored first.
    Upload(NewPlugin),
}

/// A version that was stored.
#[derive(Debug, Clone)]
pub struct SavedMapping {
    /// Its number.
    pub version: i32,
    /// Its plugin.
    pub plugin: PluginDigest,
    /// What the plugin remarks on its configuration.
    pub findings: Vec<Diagnostic>,
}

/// Checks and stores a version. Nobody runs it yet.
///
/// # Errors
/// [`AdminError::Invalid`] with the plugin's own findings, those of an upload, and those of the database.
pub async fn save_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, new): (&MappingTarget, NewMapping),
) -> Result<SavedMapping, AdminError> {
    let plugin = chosen(broker, caller, tenant, (target, new.plugin)).await?;
    if !new.admin_default && kind(target) == "connector" {
        AdminError::unless_empty(check::unconfirmed_admin(&plugin, &new.configuration))?;
    }
    let checked = (&plugin, new.configuration.as_str());
    let findings = check::version(broker, tenant, target, checked).await?;
    let version = NewMappingVersion {
        plugin_digest: plugin.clone(),
        configuration: new.configuration,
        author: caller.name.clone(),
        note: new.note,
        created_at: broker.clock.now(),
    };
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let stored = broker.database.write(move |conn| store(conn, &id, &change, (&target, &version)));
    Ok(SavedMapping { version: stored.await?, plugin, findings })
}

/// Checks, stores, tries and activates a version of a connector's mapping in one go: the next sign-in uses it.
/// Returns its number and what the plugin remarks on its configuration.
///
/// # Errors
/// As for [`save_mapping`] and `activate_mapping`; a version that fails its trial stays stored.
pub async fn set_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (connector, new): (&ConnectorId, NewMapping),
) -> Result<(i32, Vec<Diagnostic>), AdminError> {
    let target = super::connector_mapping(broker, &tenant.id, connector).await?;
    let saved = save_mapping(broker, caller, tenant, (&target, new)).await?;
    activate::activate_mapping(broker, caller, tenant, (&target, saved.version)).await?;
    Ok((saved.version, saved.findings))
}

/// The plugin that the version runs: it is there, and it is this tenant's to use.
async fn chosen(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, choice): (&MappingTarget, PluginChoice),
) -> Result<PluginDigest, AdminError> {
    match choice {
        PluginChoice::Bundled => Ok(PluginHost::bundled().0.clone()),
        PluginChoice::Same => match active_mapping(broker, &tenant.id, target).await {
            Ok(active) => Ok(active.version.plugin_digest),
            Err(MappingError::NotConfigured) => Ok(PluginHost::bundled().0.clone()),
            Err(other) => Err(other.into()),
        },
        PluginChoice::Stored(digest) => {
            plugin::usable(broker, &tenant.id, &digest).await?;
            Ok(digest)
        }
        PluginChoice::Upload(new) => {
            Ok(plugin::upload_plugin(broker, caller, tenant, new).await?.digest)
        }
    }
}

fn store(
    conn: &mut Connection,
    tenant: &TenantId,
    change: &Change,
    (target, version): (&MappingTarget, &NewMappingVersion),
) -> StorageResult<i32> {
    let mut rows = conn.tenant(tenant);
    let number = rows.mapping(target).add_version(version)?;
    rows.mapping(target).prune(KEPT)?;
    let changes = json!([
        { "field": "mapping_version", "to": number },
        { "field": "plugin_digest", "to": version.plugin_digest },
    ]);
    change.record(conn, tenant, ("mapping.saved", kind(target), &target.id), changes)?;
    Ok(number)
}
