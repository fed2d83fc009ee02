//! A device asks whether its person has decided (RFC 8628 3.4, 3.5): once it gets tokens, by whom it was made for.

use chrono::{DateTime, TimeDelta, Utc};
use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, DeviceAuthorization, DeviceState, StorageResult, TenantRows};

use super::issue::{self, Asking, Kept, Outcome};
use super::{OauthError, TokenAnswer};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::{Presented, code};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// A device that asks too soon waits longer by this, in seconds, for good (RFC 8628 3.5).
const SLOWER: i32 = 5;
/// But no longer than this.
const SLOWEST: i32 = 60;

pub(super) async fn redeem(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, OauthError> {
    let hash = sha256_hex(presented.required("device_code")?.as_bytes());
    let ask = move |conn: &mut Connection, asking: &Asking| ask(conn, asking, &hash);
    issue::by_spending(broker, (tenant, application), presented, ask).await
}

fn ask(conn: &mut Connection, asking: &Asking, hash: &str) -> Outcome<Kept> {
    let refuse = |reason, detail: &str| Ok(Err(OauthError::new(reason, detail)));
    let Asking { tenant, application, draft } = asking;
    let mut rows = conn.tenant(&tenant.id);
    let Some(device) = rows.device_authorizations().find(hash)? else {
        let detail = "no such device code was issued by this tenant";
        return refuse(ReasonCode::TokenDeviceCodeUnknown, detail);
    };
    // Somebody else's code is not spent (D5).
    if device.application_id != application.id {
        let detail = "the device code was made for another application";
        return refuse(ReasonCode::TokenDeviceCodeOtherApplication, detail);
    }
    let used = "the device code was redeemed before";
    match device.state {
        DeviceState::Redeemed => return refuse(ReasonCode::TokenDeviceCodeUsed, used),
        _ if device.expires_at <= draft.now => {
            let detail = "nobody decided in time, or the device came too late";
            return refuse(ReasonCode::TokenDeviceCodeExpired, detail);
        }
        DeviceState::Denied => {
            return refuse(ReasonCode::TokenDeviceDenied, "the person said no");
        }
        DeviceState::Pending => return wait(&mut rows, &device, draft.now).map(Err),
        // A person of some tenant said yes just now: the next question goes to that tenant, where the grant lies.
        DeviceState::Approved if tenant.is_platform() => {
            return wait(&mut rows, &device, draft.now).map(Err);
        }
        DeviceState::Approved => {}
    }
    let grant = device.authorization_grant.unwrap_or_default();
    let grant = code::read(grant)?;
    let spent = (DeviceState::Approved, DeviceState::Redeemed);
    if !rows.device_authorizations().advance(hash, spent, None, draft.now)? {
        return refuse(ReasonCode::TokenDeviceCodeUsed, used);
    }
    draft.keep(conn, tenant, application, (grant, None))
}

/// Not yet; and whoever asks too soon waits longer from now on.
fn wait(
    rows: &mut TenantRows<'_>,
    device: &DeviceAuthorization,
    now: DateTime<Utc>,
) -> StorageResult<OauthError> {
    let pause = TimeDelta::seconds(device.interval_seconds.into());
    let too_soon = device.last_polled_at.is_some_and(|last| now < last + pause);
    let interval = if too_soon {
        device.interval_seconds.saturating_add(SLOWER).min(SLOWEST)
    } else {
        device.interval_seconds
    };
    rows.device_authorizations().note_poll(&device.device_hash, now, interval)?;
    Ok(if too_soon {
        let detail = format!("wait {interval} seconds between two questions");
        OauthError::new(ReasonCode::TokenDeviceSlowDown, detail)
    } else {
        OauthError::new(ReasonCode::TokenDevicePending, "the person has not decided yet")
    })
}
