//! The test of a connection. Its outcome stays beside the version of the settings that it tested (N33, B19).

use symbolon_contract::ConnectorId;

use super::health::{self, Finding};
use crate::admin::{AdminCaller, AdminError, Change, read_connector};
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
    let caller = AdminCaller::system("connection test");
    let (change, now) = (Change::by(broker, &caller), broker.clock.now());
    let (tenant, id, version) = (tenant.id.clone(), record.id.clone(), record.settings_version);
    let finding = Finding { report: report.clone(), credential_tried: true, upstream_says: None };
    broker
        .database
        .write(move |conn| {
            let outcome = if finding.report.is_green() { "passed" } else { "failed" };
            let mut rows = conn.tenant(&tenant);
            rows.connector_versions().set_tested(&id, version, now, outcome)?;
            health::keep(conn, (&tenant, &id), (&change, now), &finding)
        })
        .await?;
    Ok(())
}
