//! What may be believed once only: remembered until nobody could believe it any more (VA-14).

use symbolon_storage::{NewSingleUse, SingleUseKind, StorageError, TenantRows};

use super::LoginError;

/// Remembers a SAML message; [`LoginError::Replayed`] when it is known already. Of any number of callers at the same
/// time, on any nodes, exactly one goes on (A30).
pub(super) fn once_only(
    rows: &mut TenantRows<'_>,
    message: &NewSingleUse,
) -> Result<(), LoginError> {
    match rows.single_use(SingleUseKind::SamlAssertion).put(message) {
        Err(StorageError::Conflict { .. }) => Err(LoginError::Replayed),
        outcome => Ok(outcome?),
    }
}
