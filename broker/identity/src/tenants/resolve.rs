//! Which tenant? The first stop of every request.

use symbolon_contract::{ReasonCode, TenantId, TenantSlug};
use symbolon_storage::{Database, PLATFORM_TENANT, StorageError};
use thiserror::Error;

use super::TenantRecord;

/// Why there is no tenant for a request.
#[derive(Debug, Error)]
pub enum UnknownTenant {
    /// The text cannot be a tenant's name, or no tenant has it. The two look the same to everybody.
    #[error("no tenant has this name")]
    NoSuchTenant,
    /// The operator suspended it.
    #[error("tenant {0} is suspended")]
    Suspended(TenantSlug),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl UnknownTenant {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::NoSuchTenant => ReasonCode::TenantUnknown,
            Self::Suspended(_) => ReasonCode::TenantSuspended,
            Self::Storage(error) => crate::storage_reason(error),
        }
    }
}

/// The reserved tenant that owns the operator's applications and keys, as its issuer is reached. There is none until
/// the operator has an application.
///
/// # Errors
/// [`UnknownTenant`].
pub async fn resolve_platform(database: &Database) -> Result<TenantRecord, UnknownTenant> {
    let found = database.read(|conn| match TenantId::parse(PLATFORM_TENANT) {
        Ok(id) => conn.operator().tenant_by_id(&id),
        Err(_) => Ok(None),
    });
    let row = found.await?.ok_or(UnknownTenant::NoSuchTenant)?;
    Ok(TenantRecord::try_from(row)?.at_platform())
}

/// Finds an active tenant by its name in a URL.
///
/// # Errors
/// [`UnknownTenant`].
pub async fn resolve(database: &Database, slug: &str) -> Result<TenantRecord, UnknownTenant> {
    let slug = TenantSlug::parse(slug).map_err(|_| UnknownTenant::NoSuchTenant)?;
    let row = database.read(move |conn| conn.operator().tenant_by_slug(&slug)).await?;
    let tenant = TenantRecord::try_from(row.ok_or(UnknownTenant::NoSuchTenant)?)?;
    if tenant.is_platform() {
        return Err(UnknownTenant::NoSuchTenant);
    }
    if tenant.active { Ok(tenant) } else { Err(UnknownTenant::Suspended(tenant.slug)) }
}
