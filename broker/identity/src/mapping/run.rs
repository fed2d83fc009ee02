//! One mapping of one sign-in.

use std::sync::Arc;

use symbolon_contract::{ConnectorId, PluginDigest, TenantId};
use symbolon_plugin_host::PluginHost;

use super::{MappingError, MappingInput, MappingOutcome, decision, groups, request};
use crate::broker::Broker;

/// What is active for a connector right now.
#[derive(Debug, Clone)]
pub(crate) struct ActiveMapping {
    /// The plugin.
    pub(crate) plugin: PluginDigest,
    /// The version of its configuration.
    pub(crate) version: i32,
    /// The configuration itself.
    pub(crate) configuration: String,
    /// Roles that may be granted.
    grantable: decision::GrantableRoles,
}

/// Reads what is active, in one trip to the database: every sign-in sees the old or the new version, never none.
pub(crate) async fn active_mapping(
    broker: &Broker,
    tenant: &TenantId,
    connector: &ConnectorId,
) -> Result<ActiveMapping, MappingError> {
    let (tenant, connector) = (tenant.clone(), connector.clone());
    let (active, roles) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&tenant);
            Ok((rows.mappings().active(&connector)?, rows.roles().list()?))
        })
        .await?;
    let active = active.ok_or(MappingError::NotConfigured)?;
    Ok(ActiveMapping {
        plugin: active.plugin_digest,
        version: active.version,
        configuration: active.configuration,
        grantable: roles
            .into_iter()
            .filter(|role| role.grantable_by_mapping)
            .map(|role| role.name.to_string())
            .collect(),
    })
}

/// Runs the active version on one sign-in and checks what it says.
pub(crate) async fn run(
    broker: &Broker,
    tenant: &TenantId,
    input: &MappingInput,
) -> Result<MappingOutcome, MappingError> {
    let active = active_mapping(broker, tenant, &input.connector).await?;
    ensure_loaded(broker, tenant, &active.plugin).await?;
    let claims = groups::for_plugin(&input.claims, &active);
    let request = request::build("login", input, &claims);
    let report =
        broker.plugins.map_login(tenant, &active.plugin, &active.configuration, request).await?;
    tracing::debug!(
        fuel = report.fuel_used,
        memory = report.peak_memory,
        micros = u64::try_from(report.duration.as_micros()).unwrap_or(u64::MAX),
        "mapping plugin ran"
    );
    let mut mapping = decision::check(report.decision, &active.grantable)?;
    if input.guest {
        decision::without_default_admin(&mut mapping);
    }
    Ok(MappingOutcome { mapping, plugin: active.plugin, version: active.version })
}

/// Makes the plugin's module ready; nothing is loaded at start-up (WP-74).
pub(crate) async fn ensure_loaded(
    broker: &Broker,
    tenant: &TenantId,
    digest: &PluginDigest,
) -> Result<(), MappingError> {
    if broker.plugins.is_loaded(digest) {
        return Ok(());
    }
    let (bundled, bytes) = PluginHost::bundled();
    let bytes: Arc<[u8]> = if digest == bundled {
        Arc::from(bytes)
    } else {
        let (tenant, wanted) = (tenant.clone(), digest.clone());
        let stored =
            broker.database.read(move |conn| conn.tenant(&tenant).plugins().find(&wanted)).await?;
        Arc::from(stored.ok_or_else(|| MappingError::PluginMissing(digest.clone()))?)
    };
    broker.plugins.load(bytes).await?;
    Ok(())
}

#[cfg(test)]
impl ActiveMapping {
    /// A version that no database holds.
    pub(super) fn for_tests(plugin: PluginDigest, configuration: String) -> Self {
        Self { plugin, version: 1, configuration, grantable: decision::GrantableRoles::default() }
    }
}
