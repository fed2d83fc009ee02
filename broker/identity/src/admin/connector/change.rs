//! The settings of a connector get a new version (B18). Sessions stay as they are (B21).

use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::ConnectorVersion;

use super::{check, find, saml};
use crate::admin::landing::check_landing;
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::connectors::{ConnectorConfiguration, ConnectorRecord};
use crate::tenants::TenantRecord;

/// New settings for a connector.
#[derive(Debug)]
pub struct ConnectorChange {
    /// The whole configuration.
    pub configuration: ConnectorConfiguration,
    /// Why.
    pub note: Option<String>,
}

/// Replaces a connector's configuration; returns the number of the version.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::NotFound`], a stale version, and those of the database.
pub async fn update_connector(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, new): (&ConnectorId, ConnectorChange),
) -> Result<i32, AdminError> {
    let configuration = saml::complete(broker, new.configuration).await?;
    let new = ConnectorChange { configuration, ..new };
    AdminError::unless_empty(check::settings(broker, &new.configuration))?;
    check_landing(broker, tenant, &new.configuration).await?;
    saml::check_target(broker, tenant, &new.configuration).await?;
    let (change, author) = (Change::by(broker, caller), caller.name.clone());
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let mut row = find(conn, &tenant, &id)?;
            let before = ConnectorRecord::try_from(row.clone())?;
            AdminError::unless_empty(check::unchangeable(&before, &new.configuration))?;
            let (expected, from) = (row.version, row.settings.clone());
            row.settings = json!(new.configuration);
            row.version = expected + 1;
            row.settings_version += 1;
            row.updated_at = now;
            let mut rows = conn.tenant(&tenant);
            rows.connectors().update(&row, expected)?;
            rows.connector_versions().insert(&ConnectorVersion {
                connector_id: id,
                version: row.settings_version,
                settings: row.settings.clone(),
                author,
                note: new.note,
                created_at: now,
                tested_at: None,
                test_outcome: None,
            })?;
            let changes = json!([{ "field": "settings", "from": from, "to": row.settings }]);
            let what = ("connector.updated", "connector", row.id.as_str());
            change.record(conn, &tenant, what, changes)?;
            Ok(row.settings_version)
        })
        .await
}
