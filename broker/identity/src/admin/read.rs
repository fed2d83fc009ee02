//! Rows are read and parsed: one place for each kind.

use symbolon_contract::{ApplicationId, ConnectorId, TenantId, TenantSlug};
use symbolon_storage::{
    Application as ApplicationRow, ApplicationStatus, AuditEvent, AuditFilter,
    Connector as ConnectorRow, StorageError, StorageResult,
};

use super::AdminError;
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::downstream::{Application, ApplicationSecretHash};
use crate::policy::ConnectorMode;
use crate::tenants::TenantRecord;

pub(crate) fn parse_connector(row: ConnectorRow) -> StorageResult<ConnectorRecord> {
    let configuration = serde_json::from_value(row.settings).map_err(|error| {
        StorageError::Corrupt { table: "connectors", why: format!("settings: {error}") }
    })?;
    let mode = ConnectorMode::parse(row.mode.as_str())
        .ok_or_else(|| StorageError::Corrupt { table: "connectors", why: "mode".into() })?;
    Ok(ConnectorRecord {
        id: row.id,
        display_name: row.display_name,
        mode,
        configuration,
        version: row.version,
        updated_at: row.updated_at,
    })
}

pub(crate) fn parse_application(row: ApplicationRow) -> StorageResult<Application> {
    let settings = serde_json::from_value(row.settings).map_err(|error| StorageError::Corrupt {
        table: "applications",
        why: format!("settings: {error}"),
    })?;
    Ok(Application {
        id: row.id,
        display_name: row.display_name,
        active: row.status == ApplicationStatus::Active,
        settings,
        secret: row.secret_hash.map(ApplicationSecretHash::from_hex),
        version: row.version,
    })
}

/// A tenant by its name in URLs, active or not.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_tenant(broker: &Broker, slug: &TenantSlug) -> Result<TenantRecord, AdminError> {
    let wanted = slug.clone();
    let row = broker.database.read(move |conn| conn.operator().tenant_by_slug(&wanted)).await?;
    let row = row.ok_or_else(|| AdminError::NotFound { kind: "tenant", id: slug.to_string() })?;
    Ok(TenantRecord::try_from(row)?)
}

/// A connector of a tenant.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_connector(
    broker: &Broker,
    tenant: &TenantId,
    id: &ConnectorId,
) -> Result<ConnectorRecord, AdminError> {
    let (tenant, wanted) = (tenant.clone(), id.clone());
    let row =
        broker.database.read(move |conn| conn.tenant(&tenant).connectors().find(&wanted)).await?;
    let row = row.ok_or_else(|| AdminError::NotFound { kind: "connector", id: id.to_string() })?;
    Ok(parse_connector(row)?)
}

/// An application of a tenant, if there is one.
///
/// # Errors
/// Those of the database.
pub async fn read_application(
    broker: &Broker,
    tenant: &TenantId,
    id: &ApplicationId,
) -> StorageResult<Option<Application>> {
    let (tenant, id) = (tenant.clone(), id.clone());
    let row =
        broker.database.read(move |conn| conn.tenant(&tenant).applications().find(&id)).await?;
    row.map(parse_application).transpose()
}

/// Rows of a tenant's audit chain.
///
/// # Errors
/// Those of the database.
pub async fn audit_events(
    broker: &Broker,
    tenant: &TenantId,
    filter: AuditFilter,
) -> StorageResult<Vec<AuditEvent>> {
    let tenant = tenant.clone();
    broker.database.read(move |conn| conn.tenant(&tenant).audit().list(&filter)).await
}
