//! How far a connector is rolled out. It is opened to people only after a green test of its present settings
//! (N33), and only where browsers may be sent back to it (E-48).

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{Connection, Connector as Row};
use url::Url;

use super::{find, row_mode};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::policy::ConnectorMode;
use crate::tenants::TenantRecord;

/// A connector to switch.
#[derive(Debug, Clone, Copy)]
pub struct ModeChange {
    /// To what.
    pub mode: ConnectorMode,
    /// Open it although its present settings were not tested; kept in the audit trail.
    pub untested: bool,
}

/// Switches a connector.
///
/// # Errors
/// [`AdminError::Untested`], [`AdminError::HttpsRequired`], [`AdminError::NotFound`] and those of the database.
pub async fn set_connector_mode(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, to): (&ConnectorId, ModeChange),
) -> Result<(), AdminError> {
    may_open(broker, to.mode)?;
    let opens = opens(to.mode);
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let mut row = find(conn, &tenant, &id)?;
            let tested = was_tested(conn, &tenant, &row)?;
            if opens && !tested && !to.untested {
                return Err(AdminError::Untested(id.to_string()));
            }
            let mut changes = vec![json!({
                "field": "mode", "from": row.mode, "to": to.mode.as_str(),
            })];
            if opens && !tested {
                changes.push(override_used());
            }
            let expected = row.version;
            row.mode = row_mode(to.mode);
            row.version = expected + 1;
            row.updated_at = now;
            conn.tenant(&tenant).connectors().update(&row, expected)?;
            let name = if opens { "connector.enabled" } else { "connector.disabled" };
            let what = (name, "connector", row.id.as_str());
            Ok(change.record(conn, &tenant, what, Value::Array(changes))?)
        })
        .await
}

/// E-48: nothing is opened that browsers could not be sent back to.
pub(super) fn may_open(broker: &Broker, mode: ConnectorMode) -> Result<(), AdminError> {
    let public_url = &broker.settings.public_url;
    if opens(mode) && !may_be_sent_back_to(public_url) {
        return Err(AdminError::HttpsRequired(public_url.clone()));
    }
    Ok(())
}

/// What the audit trail says when the test was skipped.
pub(super) fn override_used() -> Value {
    json!({ "field": "override", "to": "opened without a green test" })
}

/// Whether people come in by this mode.
pub(super) fn opens(mode: ConnectorMode) -> bool {
    matches!(mode, ConnectorMode::Pilot | ConnectorMode::On | ConnectorMode::Enforced)
}

/// Whether the last test of the present settings was green.
fn was_tested(conn: &mut Connection, tenant: &TenantId, row: &Row) -> Result<bool, AdminError> {
    let version = conn.tenant(tenant).connector_versions().find(&row.id, row.settings_version)?;
    Ok(version.is_some_and(|one| one.test_outcome.as_deref() == Some("passed")))
}

/// E-48, B5: https, or this machine itself.
fn may_be_sent_back_to(public_url: &str) -> bool {
    let Ok(url) = Url::parse(public_url) else {
        return false;
    };
    url.scheme() == "https" || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_e48_feat_b5_only_https_or_this_machine_may_be_opened() {
        for fine in
            ["https://id.example", "http://localhost:8080", "http://127.0.0.1", "http://[::1]:1"]
        {
            assert!(may_be_sent_back_to(fine), "{fine}");
        }
        for wrong in ["http://id.example", "http://localhost.evil.example", "http://127.0.0.2", "x"]
        {
            assert!(!may_be_sent_back_to(wrong), "{wrong}");
        }
    }
}
