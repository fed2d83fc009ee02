//! The mapping of a connector gets a new version, checked by the plugin itself, active at once.

use std::sync::Arc;

use serde_json::json;
use symbolon_contract::{ConnectorId, Diagnostic, Severity};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{MappingVersion, NewMappingVersion, Plugin};

use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
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
    let digest = match &new.plugin {
        Some(bytes) => {
            let bytes: Arc<[u8]> = Arc::from(bytes.as_slice());
            broker.plugins.load(bytes).await.map_err(MappingError::from)?
        }
        None => match active_mapping(broker, &tenant.id, &record).await {
            Ok(active) => active.plugin,
            Err(MappingError::NotConfigured) => PluginHost::bundled().0.clone(),
            Err(other) => return Err(other.into()),
        },
    };
    if new.plugin.is_none() {
        ensure_loaded(broker, &tenant.id, &digest).await?;
    }
    let findings = broker
        .plugins
        .check_config(&tenant.id, &digest, &new.configuration)
        .await
        .map_err(MappingError::from)?;
    let errors = findings.iter().filter(|one| one.severity == Severity::Error);
    AdminError::unless_empty(errors.map(|one| format!("{}: {}", one.path, one.message)).collect())?;
    let change = Change::by(broker, caller);
    let (id, connector, now) = (tenant.id.clone(), connector.clone(), broker.clock.now());
    let author = caller.name.clone();
    let version = broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&id);
            if let Some(component) = new.plugin {
                let name = "uploaded".to_owned();
                let digest = digest.clone();
                rows.plugins().insert(&Plugin { digest, name, component, created_at: now })?;
            }
            let version = rows.mappings().add_version(&NewMappingVersion {
                connector_id: connector.clone(),
                plugin_digest: digest.clone(),
                configuration: new.configuration,
                author,
                note: new.note,
                created_at: now,
            })?;
            rows.mappings().activate(&connector, version)?;
            let changes = json!([
                { "field": "mapping_version", "to": version },
                { "field": "plugin_digest", "to": digest },
            ]);
            let what = ("plugin.activated", "connector", connector.as_str());
            change.record(conn, &id, what, changes)?;
            Ok(version)
        })
        .await?;
    Ok((version, findings))
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
