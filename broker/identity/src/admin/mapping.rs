//! The mapping of a connector gets a new version, checked by the plugin itself, active at once.

use std::sync::Arc;

use serde_json::json;
use symbolon_contract::{ConnectorId, Diagnostic, PluginDigest, Severity, TenantId};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{Connection, MappingVersion, NewMappingVersion, Plugin, StorageResult};

use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::mapping::{MappingError, active_mapping, ensure_loaded};
use crate::tenants::TenantRecord;

/// A version to make.
#[derive(Debug, Clone)]
pub struct NewMapping {
    /// The plugin's configuration.
    pub configuration: String,
    /// A component of the tenant's own; otherwise the plugin stays, or is the bundled one.
    pub plugin: Option<Vec<u8>>,
    /// Why.
    pub note: Option<String>,
}

/// Checks, stores and activates a version: the next sign-in uses it. Returns its number and what the
/// plugin remarks on its configuration.
///
/// # Errors
/// [`AdminError::Invalid`] with the plugin's own findings, [`AdminError::NotFound`], and those of the database.
pub async fn set_mapping(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (connector, new): (&ConnectorId, NewMapping),
) -> Result<(i32, Vec<Diagnostic>), AdminError> {
    let record = read_connector(broker, &tenant.id, connector).await?;
    let plugin = plugin(broker, tenant, &record, new.plugin.as_deref()).await?;
    let findings = broker
        .plugins
        .check_config(&tenant.id, &plugin, &new.configuration)
        .await
        .map_err(MappingError::from)?;
    let errors = findings.iter().filter(|one| one.severity == Severity::Error);
    AdminError::unless_empty(errors.map(|one| format!("{}: {}", one.path, one.message)).collect())?;
    let (change, id, author) = (Change::by(broker, caller), tenant.id.clone(), caller.name.clone());
    let version = NewMappingVersion {
        connector_id: connector.clone(),
        plugin_digest: plugin,
        configuration: new.configuration,
        author,
        note: new.note,
        created_at: broker.clock.now(),
    };
    let component = new.plugin;
    let number =
        broker.database.write(move |conn| store(conn, &id, &change, (&version, component))).await?;
    Ok((number, findings))
}

/// The plugin that the version runs, loaded: the uploaded one, the one that is active, or the bundled one.
async fn plugin(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorRecord,
    uploaded: Option<&[u8]>,
) -> Result<PluginDigest, MappingError> {
    if let Some(bytes) = uploaded {
        return Ok(broker.plugins.load(Arc::from(bytes)).await?);
    }
    let digest = match active_mapping(broker, &tenant.id, connector).await {
        Ok(active) => active.plugin,
        Err(MappingError::NotConfigured) => PluginHost::bundled().0.clone(),
        Err(other) => return Err(other),
    };
    ensure_loaded(broker, &tenant.id, &digest).await?;
    Ok(digest)
}

fn store(
    conn: &mut Connection,
    tenant: &TenantId,
    change: &Change,
    (version, component): (&NewMappingVersion, Option<Vec<u8>>),
) -> StorageResult<i32> {
    let mut rows = conn.tenant(tenant);
    if let Some(component) = component {
        rows.plugins().insert(&Plugin {
            digest: version.plugin_digest.clone(),
            name: "uploaded".to_owned(),
            component,
            created_at: version.created_at,
        })?;
    }
    let number = rows.mappings().add_version(version)?;
    rows.mappings().activate(&version.connector_id, number)?;
    let changes = json!([
        { "field": "mapping_version", "to": number },
        { "field": "plugin_digest", "to": version.plugin_digest },
    ]);
    let what = ("plugin.activated", "connector", version.connector_id.as_str());
    change.record(conn, tenant, what, changes)?;
    Ok(number)
}

/// The versions of a connector's mapping.
///
/// # Errors
/// Those of the database.
pub async fn list_mappings(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
) -> Result<Vec<MappingVersion>, AdminError> {
    let (tenant, connector) = (tenant.id.clone(), connector.clone());
    let rows = broker.database.read(move |conn| conn.tenant(&tenant).mappings().list(&connector));
    Ok(rows.await?)
}
