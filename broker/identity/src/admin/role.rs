//! The catalogue of roles.

use serde_json::json;
use symbolon_contract::RoleName;
use symbolon_storage::Role;

use super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::tenants::TenantRecord;

/// Adds a role to the catalogue, or changes it.
///
/// # Errors
/// Those of the database.
pub async fn put_role(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (name, description, grantable_by_mapping): (RoleName, String, bool),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let id = tenant.id.clone();
    broker
        .database
        .write(move |conn| {
            let role = Role { name, description, grantable_by_mapping };
            conn.tenant(&id).roles().put(&role)?;
            let what = ("role.saved", "role", role.name.as_str());
            let changes = json!([{"field": "grantable_by_mapping", "to": grantable_by_mapping}]);
            change.record(conn, &id, what, changes)
        })
        .await?;
    Ok(())
}

/// The roles of a tenant.
///
/// # Errors
/// Those of the database.
pub async fn list_roles(broker: &Broker, tenant: &TenantRecord) -> Result<Vec<Role>, AdminError> {
    let tenant = tenant.id.clone();
    Ok(broker.database.read(move |conn| conn.tenant(&tenant).roles().list()).await?)
}
