//! Everything that can be wrong with a version before anybody runs it.

use serde_json::Value;
use symbolon_contract::{ConnectorId, Diagnostic, PluginDigest, Severity};
use symbolon_plugin_host::PluginHost;
use symbolon_storage::{MappingTarget, MappingTargetKind};

use crate::admin::{AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::ConnectorSettings;
use crate::connectors::entra::is_guid;
use crate::mapping::{MappingError, ready};
use crate::tenants::TenantRecord;

/// Checks a version of a target.
///
/// # Errors
/// [`AdminError::Invalid`] with everything at once, a plugin that cannot be asked, and those of the database.
pub(super) async fn version(
    broker: &Broker,
    tenant: &TenantRecord,
    target: &MappingTarget,
    checked: (&PluginDigest, &str),
) -> Result<Vec<Diagnostic>, AdminError> {
    let upstream = match target.kind {
        MappingTargetKind::Application => None,
        MappingTargetKind::Connector => {
            let missing = |_| AdminError::NotFound { kind: "connector", id: target.id.clone() };
            let id = ConnectorId::parse(target.id.clone()).map_err(missing)?;
            Some(read_connector(broker, &tenant.id, &id).await?)
        }
    };
    let upstream = upstream.as_ref().map(|record| &record.configuration.upstream);
    check(broker, tenant, checked, upstream).await
}

/// Checks the first rules of a connector that is not there yet.
///
/// # Errors
/// As for [`version`].
pub(in crate::admin) async fn check_first(
    broker: &Broker,
    tenant: &TenantRecord,
    (upstream, rules): (&ConnectorSettings, &str),
) -> Result<(), AdminError> {
    let bundled = PluginHost::bundled().0;
    check(broker, tenant, (bundled, rules), Some(upstream)).await.map(|_| ())
}

/// What the plugin finds in a configuration, and whether the roles that it names are the tenant's (WP-94).
/// Only the bundled plugin's rules can be read from outside; others are checked at each sign-in.
async fn check(
    broker: &Broker,
    tenant: &TenantRecord,
    (plugin, configuration): (&PluginDigest, &str),
    upstream: Option<&ConnectorSettings>,
) -> Result<Vec<Diagnostic>, AdminError> {
    ready(broker, &tenant.id, plugin).await?;
    let findings = broker
        .plugins
        .check_config(&tenant.id, plugin, configuration)
        .await
        .map_err(MappingError::from)?;
    let errors = findings.iter().filter(|one| one.severity == Severity::Error);
    let mut problems: Vec<String> =
        errors.map(|one| format!("{}: {}", one.path, one.message)).collect();
    if plugin == PluginHost::bundled().0
        && let Some(upstream) = upstream
    {
        problems.extend(foreign_roles(broker, tenant, configuration).await?);
        problems.extend(groups_by_name(upstream, configuration));
    }
    AdminError::unless_empty(problems)?;
    Ok(findings)
}

async fn foreign_roles(
    broker: &Broker,
    tenant: &TenantRecord,
    configuration: &str,
) -> Result<Vec<String>, AdminError> {
    let id = tenant.id.clone();
    let roles = broker.database.read(move |conn| conn.tenant(&id).roles().list()).await?;
    let may = |name: &str| {
        roles.iter().any(|role| role.grantable_by_mapping && role.name.as_str() == name)
    };
    let foreign = roles_named(configuration).into_iter().filter(|(_, role)| !may(role));
    let told = foreign.map(|(path, role)| {
        format!("{path}: no role {role} that a mapping may grant; see `symbolon role list`")
    });
    Ok(told.collect())
}

/// N37: whoever lets everybody be an admin has to say so.
pub(super) fn unconfirmed_admin(plugin: &PluginDigest, configuration: &str) -> Vec<String> {
    if plugin != PluginHost::bundled().0 {
        return Vec::new();
    }
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
