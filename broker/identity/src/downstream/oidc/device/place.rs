//! Where a device waits. At a tenant's issuer with the tenant; at the platform's with the platform, until a person
//! says of which tenant they are. From then on what was granted lies with that tenant, and the platform keeps only
//! whose it is: a hint where to look, as the name before a code is.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use symbolon_contract::{TenantId, TenantSlug};
use symbolon_storage::{DeviceAuthorization, DeviceState, StorageResult};

use crate::broker::Broker;
use crate::downstream::oidc::platform_tenant;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// Among whose devices a request looks that came in here.
pub(super) fn waits_at(tenant: &TenantRecord) -> TenantId {
    if tenant.at_platform { platform_tenant() } else { tenant.id.clone() }
}

/// What the platform keeps of a device that was let in.
#[derive(Serialize, Deserialize)]
struct LetIn {
    tenant: TenantId,
}

/// The two halves of a device of the platform's that a person of a tenant let in: what the platform keeps, and the
/// row that the tenant gets. Nobody types its code any more.
pub(super) fn moved(
    device: &DeviceAuthorization,
    tenant: &TenantId,
    grant: Value,
) -> (Value, DeviceAuthorization) {
    let row = DeviceAuthorization {
        user_code_hash: device.device_hash.clone(),
        state: DeviceState::Approved,
        authorization_grant: Some(grant),
        ..device.clone()
    };
    (json!(LetIn { tenant: tenant.clone() }), row)
}

/// The tenant whose person let a device of the platform's in. It proves nothing: what counts is the row there.
///
/// # Errors
/// Those of the database.
pub async fn tenant_of(broker: &Broker, device_code: &str) -> StorageResult<Option<TenantSlug>> {
    let hash = sha256_hex(device_code.as_bytes());
    let found = broker.database.read(move |conn| {
        let device = conn.tenant(&platform_tenant()).device_authorizations().find(&hash)?;
        let kept = device.and_then(|device| device.authorization_grant);
        let Some(LetIn { tenant }) = kept.and_then(|kept| serde_json::from_value(kept).ok()) else {
            return Ok(None);
        };
        conn.operator().tenant_by_id(&tenant)
    });
    Ok(found.await?.map(|tenant| tenant.slug))
}
