//! The versions of a connector's settings (B18, B19): listed, compared, brought back.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connector as Row, ConnectorVersion};

use super::change::{ConnectorChange, update_connector};
use super::mode;
use crate::admin::{AdminCaller, AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::{ConnectorConfiguration, ConnectorRecord};
use crate::tenants::TenantRecord;

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Nobody tested it yet.
    Draft,
    /// Its last test was green.
    Tested,
    /// Its last test was not.
    Failed,
    /// People sign in by it.
    Active,
}

/// A version, without its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionSummary {
    /// 1, 2, 3, ...
    pub version: i32,
    /// Where it stands.
    pub state: VersionState,
    /// Whether these are the connector's settings.
    pub current: bool,
    /// Who saved it.
    pub author: String,
    /// Why.
    pub note: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last tested.
    pub tested_at: Option<DateTime<Utc>>,
}

/// A field that differs between two versions.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Its path, for example `upstream.client_id`.
    pub field: String,
    /// The value in the first version; nothing when it was not there.
    pub from: Option<Value>,
    /// The value in the second.
    pub to: Option<Value>,
}

/// The versions of a connector, the newest first.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn list_versions(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<Vec<VersionSummary>, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let (tenant, id) = (tenant.id.clone(), id.clone());
    let rows =
        broker.database.read(move |conn| conn.tenant(&tenant).connector_versions().list(&id));
    Ok(rows.await?.into_iter().map(|row| summary(row, &record)).collect())
}

fn summary(row: ConnectorVersion, connector: &ConnectorRecord) -> VersionSummary {
    let current = row.version == connector.settings_version;
    let state = match row.test_outcome.as_deref() {
        _ if current && mode::opens(connector.mode) => VersionState::Active,
        Some("passed") => VersionState::Tested,
        Some(_) => VersionState::Failed,
        None => VersionState::Draft,
    };
    VersionSummary {
        version: row.version,
        state,
        current,
        author: row.author,
        note: row.note,
        created_at: row.created_at,
        tested_at: row.tested_at,
    }
}

/// What differs between two versions, field by field. Secrets are not among the settings.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn diff_versions(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, from, to): (&ConnectorId, i32, i32),
) -> Result<Vec<FieldChange>, AdminError> {
    let (_, from) = version(broker, tenant, (id, from)).await?;
    let (_, to) = version(broker, tenant, (id, to)).await?;
    let mut changes = Vec::new();
    compare(String::new(), (Some(&from.settings), Some(&to.settings)), &mut changes);
    Ok(changes)
}

async fn version(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, number): (&ConnectorId, i32),
) -> Result<(Row, ConnectorVersion), AdminError> {
    let record = (tenant.id.clone(), id.clone());
    let found = broker.database.read(move |conn| {
        let (tenant, id) = record;
        let mut rows = conn.tenant(&tenant);
        Ok((rows.connectors().find(&id)?, rows.connector_versions().find(&id, number)?))
    });
    let (row, version) = found.await?;
    let missing = |kind, id: String| AdminError::NotFound { kind, id };
    let row = row.ok_or_else(|| missing("connector", id.to_string()))?;
    Ok((row, version.ok_or_else(|| missing("version", number.to_string()))?))
}

/// The places in which two documents differ.
pub(in crate::admin) fn compare(
    path: String,
    (from, to): (Option<&Value>, Option<&Value>),
    changes: &mut Vec<FieldChange>,
) {
    if from == to {
        return;
    }
    if let (Some(Value::Object(before)), Some(Value::Object(after))) = (from, to) {
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            compare(inner, (before.get(name), after.get(name)), changes);
        }
        return;
    }
    changes.push(FieldChange { field: path, from: from.cloned(), to: to.cloned() });
}

/// Brings the settings of an earlier version back, as a new version that is to be tested. Returns its number.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] where those settings are not acceptable any more, and
/// those of the database.
pub async fn restore_version(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, number, note): (&ConnectorId, i32, Option<String>),
) -> Result<i32, AdminError> {
    let (row, old) = version(broker, tenant, (id, number)).await?;
    let present = ConnectorRecord::try_from(row.clone())?;
    let restored = ConnectorRecord::try_from(Row { settings: old.settings, ..row })?;
    let configuration = ConnectorConfiguration {
        // The operator's, not part of what admins move back and forth.
        callback_path: present.configuration.callback_path,
        ..restored.configuration
    };
    let note = note.or_else(|| Some(format!("version {number} again")));
    update_connector(broker, caller, tenant, (id, ConnectorChange { configuration, note })).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn feat_b18_a_diff_names_each_field_that_differs_and_no_other() {
        let from = json!({ "a": { "b": 1, "c": [1, 2] }, "gone": true, "same": { "x": 1 } });
        let to = json!({ "a": { "b": 2, "c": [1] }, "new": null, "same": { "x": 1 } });
        let mut changes = Vec::new();
        compare(String::new(), (Some(&from), Some(&to)), &mut changes);
        let shown: Vec<Value> = changes.iter().map(|change| json!(change)).collect();
        assert_eq!(
            json!(shown),
            json!([
                { "field": "a.b", "from": 1, "to": 2 },
                { "field": "a.c", "from": [1, 2], "to": [1] },
                { "field": "gone", "from": true, "to": null },
                { "field": "new", "from": null, "to": null },
            ])
        );
    }
}
