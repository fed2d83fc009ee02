//! The operator's library: plugins approved once, enabled by the tenants that want them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use symbolon_contract::PluginDigest;
use symbolon_plugin_host::Class;
use symbolon_storage::LibraryPlugin as Row;

use super::upload::{NewPlugin, accept, stored_class};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::tenants::TenantRecord;

/// A plugin of the library.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LibraryEntry {
    /// SHA-256 of its bytes.
    pub digest: PluginDigest,
    /// The name that it gives itself.
    pub name: String,
    /// `standard` or `large`.
    pub class: String,
    /// What it says about itself.
    pub description: Option<Value>,
    /// The key of its signature.
    pub signed_by: Option<String>,
    /// Since when it is in the library.
    pub created_at: DateTime<Utc>,
    /// Since when nobody can use it any more.
    pub retired_at: Option<DateTime<Utc>>,
    /// Whether the tenant that asks has enabled it.
    pub enabled: Option<bool>,
}

fn entry(row: Row, enabled: Option<bool>) -> LibraryEntry {
    LibraryEntry {
        digest: row.digest,
        name: row.name,
        class: row.class.to_string(),
        description: row.description,
        signed_by: row.signed_by,
        created_at: row.created_at,
        retired_at: row.retired_at,
        enabled,
    }
}

/// Puts a component into the library after every check of an upload. Of any class: the operator means it.
///
/// # Errors
/// As for an upload, without quota.
pub async fn add_to_library(
    broker: &Broker,
    caller: &AdminCaller,
    new: NewPlugin,
) -> Result<LibraryEntry, AdminError> {
    let component: Arc<[u8]> = Arc::from(new.component);
    let class = Class::needed(&component);
    let accepted = accept(broker, &component, (class, new.signature.as_deref())).await?;
    let row = Row {
        digest: accepted.loaded.digest,
        name: accepted.loaded.description.name.clone(),
        description: Some(json!(accepted.loaded.description)),
        class: stored_class(class),
        inspection: Some(json!(accepted.inspection)),
        signed_by: accepted.signed_by,
        created_at: broker.clock.now(),
        retired_at: None,
    };
    let (change, stored) = (Change::by(broker, caller), row.clone());
    let added = broker.database.write(move |conn| {
        let added = conn.operator().library().insert(&stored, &component)?;
        if added {
            let changes = json!([{ "field": "name", "to": stored.name }]);
            let what = ("library.plugin_added", "plugin", stored.digest.as_str());
            change.record_operator(conn, what, changes)?;
        }
        Ok(added)
    });
    if added.await? {
        Ok(entry(row, None))
    } else {
        Err(AdminError::Exists { kind: "plugin", id: row.digest.to_string() })
    }
}

/// Takes a plugin out of use for every tenant: versions that name it fail from the next sign-in on.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn retire_from_library(
    broker: &Broker,
    caller: &AdminCaller,
    digest: &PluginDigest,
) -> Result<(), AdminError> {
    let (change, wanted, now) = (Change::by(broker, caller), digest.clone(), broker.clock.now());
    let retired = broker.database.write(move |conn| {
        let retired = conn.operator().library().retire(&wanted, now)?;
        if retired {
            let what = ("library.plugin_retired", "plugin", wanted.as_str());
            change.record_operator(conn, what, json!([]))?;
        }
        Ok(retired)
    });
    if retired.await? { Ok(()) } else { Err(missing(digest)) }
}

/// The whole library, for the operator.
///
/// # Errors
/// Those of the database.
pub async fn list_library(broker: &Broker) -> Result<Vec<LibraryEntry>, AdminError> {
    let rows = broker.database.read(|conn| conn.operator().library().list()).await?;
    Ok(rows.into_iter().map(|row| entry(row, None)).collect())
}

/// What the library offers to a tenant, and what the tenant has enabled of it.
///
/// # Errors
/// Those of the database.
pub async fn list_offered(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<LibraryEntry>, AdminError> {
    let id = tenant.id.clone();
    let (offered, enabled) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            Ok((rows.library().offered()?, rows.library().list()?))
        })
        .await?;
    let is_enabled = |row: &Row| enabled.iter().any(|one| one.plugin.digest == row.digest);
    let entries = offered.into_iter().map(|row| {
        let enabled = is_enabled(&row);
        entry(row, Some(enabled))
    });
    Ok(entries.collect())
}

/// Lets a tenant's versions name a plugin of the library.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn enable_plugin(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    digest: &PluginDigest,
) -> Result<(), AdminError> {
    let (change, id, wanted) = (Change::by(broker, caller), tenant.id.clone(), digest.clone());
    let (by, now) = (caller.name.clone(), broker.clock.now());
    let enabled = broker.database.write(move |conn| {
        let enabled = conn.tenant(&id).library().enable(&wanted, &by, now)?;
        if enabled {
            let what = ("library.plugin_enabled", "plugin", wanted.as_str());
            change.record(conn, &id, what, json!([]))?;
        }
        Ok(enabled)
    });
    if enabled.await? { Ok(()) } else { Err(missing(digest)) }
}

/// Ends that.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn disable_plugin(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    digest: &PluginDigest,
) -> Result<(), AdminError> {
    let (change, id, wanted) = (Change::by(broker, caller), tenant.id.clone(), digest.clone());
    let disabled = broker.database.write(move |conn| {
        let disabled = conn.tenant(&id).library().disable(&wanted)?;
        if disabled {
            let what = ("library.plugin_disabled", "plugin", wanted.as_str());
            change.record(conn, &id, what, json!([]))?;
        }
        Ok(disabled)
    });
    if disabled.await? { Ok(()) } else { Err(missing(digest)) }
}

fn missing(digest: &PluginDigest) -> AdminError {
    AdminError::NotFound { kind: "plugin", id: digest.to_string() }
}
