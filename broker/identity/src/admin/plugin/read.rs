//! The plugins that a tenant may use.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use symbolon_contract::{PluginDigest, TenantId};
use symbolon_plugin_host::PluginHost;

use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::{MappingError, ready};
use crate::tenants::TenantRecord;

/// Where a plugin comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PluginOrigin {
    /// It comes with the broker.
    Bundled,
    /// The tenant uploaded it.
    Own,
    /// The operator approved it and the tenant enabled it.
    Library,
}

/// A plugin without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PluginSummary {
    /// SHA-256 of its bytes.
    pub digest: PluginDigest,
    /// The name that it gives itself.
    pub name: String,
    /// Where it comes from.
    pub origin: PluginOrigin,
    /// `standard` or `large`.
    pub class: String,
    /// What it says about itself: version, summary, the JSON Schema of its configuration.
    pub description: Option<Value>,
    /// What its bytes say: size, contract version, parts.
    pub inspection: Option<Value>,
    /// Who uploaded or enabled it.
    pub author: Option<String>,
    /// The key of its signature.
    pub signed_by: Option<String>,
    /// Since when; the bundled one has always been there.
    pub since: Option<DateTime<Utc>>,
}

/// The plugins that a tenant may use: the bundled one, its own, those that it enabled of the library.
///
/// # Errors
/// Those of the database and of the host.
pub async fn list_plugins(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<PluginSummary>, AdminError> {
    let id = tenant.id.clone();
    let (own, enabled) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            Ok((rows.plugins().list()?, rows.library().list()?))
        })
        .await?;
    let mut plugins = vec![bundled(broker, &tenant.id).await?];
    plugins.extend(own.into_iter().map(|row| PluginSummary {
        digest: row.digest,
        name: row.name,
        origin: PluginOrigin::Own,
        class: row.class.to_string(),
        description: row.description,
        inspection: row.inspection,
        author: row.author,
        signed_by: row.signed_by,
        since: Some(row.created_at),
    }));
    let usable = enabled.into_iter().filter(|one| one.plugin.retired_at.is_none());
    plugins.extend(usable.map(|one| PluginSummary {
        digest: one.plugin.digest,
        name: one.plugin.name,
        origin: PluginOrigin::Library,
        class: one.plugin.class.to_string(),
        description: one.plugin.description,
        inspection: one.plugin.inspection,
        author: Some(one.enabled_by),
        signed_by: one.plugin.signed_by,
        since: Some(one.enabled_at),
    }));
    Ok(plugins)
}

async fn bundled(broker: &Broker, tenant: &TenantId) -> Result<PluginSummary, AdminError> {
    let digest = PluginHost::bundled().0;
    ready(broker, tenant, digest).await?;
    let description = broker.plugins.describe(digest).await.map_err(MappingError::from)?;
    Ok(PluginSummary {
        digest: digest.clone(),
        name: description.name.clone(),
        origin: PluginOrigin::Bundled,
        class: "standard".to_owned(),
        description: Some(json!(description)),
        inspection: None,
        author: None,
        signed_by: None,
        since: None,
    })
}

/// Refuses a plugin that is not this tenant's to use, as if it did not exist (WP-101).
pub(in crate::admin) async fn usable(
    broker: &Broker,
    tenant: &TenantId,
    digest: &PluginDigest,
) -> Result<(), AdminError> {
    if digest == PluginHost::bundled().0 {
        return Ok(());
    }
    let (id, wanted) = (tenant.clone(), digest.clone());
    let usable = broker.database.read(move |conn| {
        let mut rows = conn.tenant(&id);
        let own = rows.plugins().summary(&wanted)?.is_some();
        Ok(own || rows.library().is_enabled(&wanted)?)
    });
    if usable.await? { Ok(()) } else { Err(missing(digest)) }
}

/// Forgets a plugin of the tenant's own that no kept version names.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] while a version names it, and those of the database.
pub async fn delete_plugin(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    digest: &PluginDigest,
) -> Result<(), AdminError> {
    let (change, id, wanted) = (Change::by(broker, caller), tenant.id.clone(), digest.clone());
    let deleted = broker.database.write(move |conn| {
        let known = conn.tenant(&id).plugins().summary(&wanted)?.is_some();
        let deleted = known && conn.tenant(&id).plugins().delete_unused(&wanted)?;
        if deleted {
            let what = ("plugin.deleted", "plugin", wanted.as_str());
            change.record(conn, &id, what, json!([]))?;
        }
        Ok((known, deleted))
    });
    match deleted.await? {
        (_, true) => Ok(()),
        (false, _) => Err(missing(digest)),
        (true, false) => {
            Err(AdminError::Invalid(vec!["a version that is kept names this plugin".to_owned()]))
        }
    }
}

fn missing(digest: &PluginDigest) -> AdminError {
    AdminError::NotFound { kind: "plugin", id: digest.to_string() }
}
