//! The test of a connection. Its outcome stays beside the version of the settings that it tested (N33, B19).

use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::{ConnectorHealth, HealthState};

use crate::admin::{AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::connector::{AnyConnector, Connector};
use crate::connectors::{ConnectionCheck, ConnectionReport, ConnectorError, ConnectorRecord};
use crate::tenants::TenantRecord;

/// Proves of a connector what can be proved without a person, and keeps the outcome.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn test_connection(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<ConnectionReport, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let report = match AnyConnector::open(broker, tenant, &record).await {
        Ok(connector) => connector.test_connection().await,
        Err(ConnectorError::Secrets(error)) => return Err(error.into()),
        Err(error) => unusable(&error),
    };
    keep(broker, tenant, (&record, &report)).await?;
    Ok(report)
}

/// Settings that cannot even be opened are a failed test, not a failed command.
fn unusable(error: &ConnectorError) -> ConnectionReport {
    ConnectionReport {
        summary: None,
        checks: vec![ConnectionCheck::failed("settings", error.reason(), error)],
        unproved: Vec::new(),
    }
}

async fn keep(
    broker: &Broker,
    tenant: &TenantRecord,
    (record, report): (&ConnectorRecord, &ConnectionReport),
) -> Result<(), AdminError> {
    let (tenant, id, now) = (tenant.id.clone(), record.id.clone(), broker.clock.now());
    let (version, green) = (record.settings_version, report.is_green());
    let failure = report.failure().map(|check| json!(check));
    let report = json!(report);
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            let outcome = if green { "passed" } else { "failed" };
            rows.connector_versions().set_tested(&id, version, now, outcome)?;
            let known = rows.connector_health().find(&id)?;
            let health = known.unwrap_or_else(|| ConnectorHealth {
                connector_id: id.clone(),
                state: HealthState::Unknown,
                checked_at: None,
                report: None,
                credential_checked_at: None,
                credential_expires_at: None,
                warned_days: None,
                last_error: None,
                last_success_at: None,
            });
            rows.connector_health().put(&ConnectorHealth {
                state: if green { HealthState::Connected } else { HealthState::Disconnected },
                checked_at: Some(now),
                report: Some(report),
                credential_checked_at: Some(now),
                last_error: failure.or(health.last_error.clone()),
                last_success_at: if green { Some(now) } else { health.last_success_at },
                ..health
            })
        })
        .await?;
    Ok(())
}
