//! The mapping of a connector gets a new version, checked by the plugin itself, active at once.

use std::sync::Arc;

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, Diagnostic, PluginDigest, Severity, TenantId};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{Connection, MappingVersion, NewMappingVersion, Plugin, StorageResult};

use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::entra::is_guid;
use crate::connectors::{ConnectorRecord, ConnectorSettings};
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
    /// The admin means it when the default role is `admin` (N37).
    pub admin_default: bool,
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
    if !new.admin_default {
        AdminError::unless_empty(unconfirmed_admin(&new.configuration))?;
    }
    let upstream = &record.configuration.upstream;
    let findings = check(broker, tenant, &plugin, (upstream, &new.configuration)).await?;
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

/// Checks the first rules of a connector that is not there yet.
///
/// # Errors
/// As for [`set_mapping`].
pub(super) async fn check_first(
    broker: &Broker,
    tenant: &TenantRecord,
    (upstream, rules): (&ConnectorSettings, &str),
) -> Result<(), AdminError> {
    let bundled = PluginHost::bundled().0;
    ensure_loaded(broker, &tenant.id, bundled).await?;
    check(broker, tenant, bundled, (upstream, rules)).await.map(|_| ())
}

/// What the plugin finds in a configuration, and whether the roles that it names are the tenant's (WP-94).
/// Only the bundled plugin's rules can be read from outside; others are checked at each sign-in.
async fn check(
    broker: &Broker,
    tenant: &TenantRecord,
    plugin: &PluginDigest,
    (upstream, configuration): (&ConnectorSettings, &str),
) -> Result<Vec<Diagnostic>, AdminError> {
    let findings = broker
        .plugins
        .check_config(&tenant.id, plugin, configuration)
        .await
        .map_err(MappingError::from)?;
    let errors = findings.iter().filter(|one| one.severity == Severity::Error);
    let mut problems: Vec<String> =
        errors.map(|one| format!("{}: {}", one.path, one.message)).collect();
    if plugin == PluginHost::bundled().0 {
        let id = tenant.id.clone();
        let roles = broker.database.read(move |conn| conn.tenant(&id).roles().list()).await?;
        let may = |name: &str| {
            roles.iter().any(|role| role.grantable_by_mapping && role.name.as_str() == name)
        };
        let foreign = roles_named(configuration).into_iter().filter(|(_, role)| !may(role));
        problems.extend(foreign.map(|(path, role)| {
            format!("{path}: no role {role} that a mapping may grant; see `symbolon role list`")
        }));
    }
    if plugin == PluginHost::bundled().0 {
        problems.extend(groups_by_name(upstream, configuration));
    }
    AdminError::unless_empty(problems)?;
    Ok(findings)
}

/// N37: whoever lets everybody be an admin has to say so.
fn unconfirmed_admin(configuration: &str) -> Vec<String> {
    let rules: Value = serde_json::from_str(configuration).unwrap_or_default();
    match rules.get("default_role").and_then(Value::as_str) {
        Some("admin") => vec![
            "/default_role: everybody without a fitting rule would be admin; confirm it, or choose viewer"
                .into(),
        ],
        _ => Vec::new(),
    }
}

/// E-26: in Entra anybody who may make groups can make one of any name, so rules hold ids.
fn groups_by_name(upstream: &ConnectorSettings, configuration: &str) -> Vec<String> {
    match upstream {
        ConnectorSettings::Entra(settings) if !settings.groups.names_confirmed => {}
        _ => return Vec::new(),
    }
    let rules: Value = serde_json::from_str(configuration).unwrap_or_default();
    let rows = rules.get("group_roles").and_then(Value::as_array).into_iter().flatten();
    let group = |row: &Value| row.get("group").and_then(Value::as_str).map(str::to_owned);
    let named = rows.enumerate().filter_map(|(place, row)| Some((place, group(row)?)));
    named
        .filter(|(_, group)| !is_guid(group.trim()))
        .map(|(place, group)| {
            format!(
                "/group_roles/{place}/group: {group:?} is no object id. Put the id here and the name beside \
                 it as label: `symbolon connector groups` finds it"
            )
        })
        .collect()
}

/// The roles that the bundled plugin's rules name, with their places.
fn roles_named(configuration: &str) -> Vec<(String, String)> {
    let rules: Value = serde_json::from_str(configuration).unwrap_or_default();
    let role = |path: String, value: Option<&Value>| {
        value.and_then(Value::as_str).map(|role| (path, role.to_owned()))
    };
    // Not said at all means viewer, which every tenant begins with.
    let default = role("/default_role".to_owned(), rules.get("default_role"));
    let rows = rules.get("group_roles").and_then(Value::as_array);
    let rows = rows.into_iter().flatten().enumerate();
    rows.filter_map(|(row, rule)| role(format!("/group_roles/{row}/role"), rule.get("role")))
        .chain(default)
        .collect()
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
    let digest = match active_mapping(broker, &tenant.id, &connector.id).await {
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
