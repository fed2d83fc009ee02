//! What admins look at.

use symbolon_contract::{ApplicationId, ConnectorId, TenantId, TenantSlug};
use symbolon_storage::{AuditEvent, AuditFilter, StorageResult};

use super::AdminError;
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::downstream::Application;
use crate::downstream::oidc::platform_tenant;
use crate::tenants::TenantRecord;

/// A tenant by its name in URLs, active or not.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_tenant(broker: &Broker, slug: &TenantSlug) -> Result<TenantRecord, AdminError> {
    let wanted = slug.clone();
    let row = broker.database.read(move |conn| conn.operator().tenant_by_slug(&wanted)).await?;
    let row = row.filter(|row| row.id != platform_tenant());
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
    Ok(ConnectorRecord::try_from(row)?)
}

/// An application of a tenant.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_application(
    broker: &Broker,
    tenant: &TenantId,
    id: &ApplicationId,
) -> Result<Application, AdminError> {
    let found = Application::find(&broker.database, tenant, id).await?;
    found.ok_or_else(|| AdminError::NotFound { kind: "application", id: id.to_string() })
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
