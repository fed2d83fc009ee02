//! A callback that came by a cross-site POST is kept, sealed, until the GET that follows brings the cookies.

use secrecy::ExposeSecret;
use serde_json::json;
use symbolon_storage::{ConsumeOutcome, NewSingleUse, SingleUseKind, StorageError};

use super::LoginError;
use crate::broker::Broker;
use crate::connectors::{ConnectorError, UpstreamCallback};
use crate::secrets::{Purpose, SecretsError, sha256_hex};
use crate::tenants::TenantRecord;

/// Keeps the fields. Only an answer to a `state` that this tenant made is kept, so that nobody fills the
/// store from outside; it holds a code, so it is sealed.
pub(super) async fn hold(
    broker: &Broker,
    tenant: &TenantRecord,
    fields: &[(String, String)],
) -> Result<String, LoginError> {
    let callback = UpstreamCallback::Form(fields.to_vec());
    let state = callback.state().ok_or(LoginError::State("none, or more than one"))?;
    let state_hash = sha256_hex(state.as_bytes());
    let handle = broker.new_secret();
    let hash = sha256_hex(handle.expose_secret().as_bytes());
    let plaintext = json!(fields).to_string();
    let sealed = broker
        .secrets
        .seal(&tenant.id, Purpose::CallbackBounce, &hash, plaintext.as_bytes())
        .await
        .map_err(failed)?;
    let now = broker.clock.now();
    let new = NewSingleUse {
        value_hash: hash,
        payload: json!(sealed),
        created_at: now,
        expires_at: now + broker.settings.code_lifetime,
    };
    let tenant = tenant.id.clone();
    let kept = broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            let known = rows.single_use(SingleUseKind::UpstreamState).peek(&state_hash)?;
            if known.is_some() {
                rows.single_use(SingleUseKind::CallbackBounce).put(&new)?;
            }
            Ok(known.is_some())
        })
        .await?;
    if kept {
        Ok(handle.expose_secret().to_owned())
    } else {
        Err(LoginError::State("this tenant made no such state"))
    }
}

/// Takes them back, once.
pub(super) async fn take(
    broker: &Broker,
    tenant: &TenantRecord,
    handle: &str,
) -> Result<UpstreamCallback, LoginError> {
    let hash = sha256_hex(handle.as_bytes());
    let (id, wanted, now) = (tenant.id.clone(), hash.clone(), broker.clock.now());
    let taken = broker
        .database
        .write(move |conn| {
            conn.tenant(&id).single_use(SingleUseKind::CallbackBounce).consume(&wanted, now)
        })
        .await?;
    let ConsumeOutcome::Taken(row) = taken else {
        return Err(LoginError::State("the kept answer was taken before, or is too old"));
    };
    let sealed = row.payload.as_str().unwrap_or_default();
    let opened = broker
        .secrets
        .open_text(&tenant.id, Purpose::CallbackBounce, &hash, sealed)
        .await
        .map_err(failed)?;
    let fields = serde_json::from_str(opened.expose_secret()).map_err(|error| {
        StorageError::Corrupt { table: "single_use", why: format!("kept callback: {error}") }
    })?;
    Ok(UpstreamCallback::Form(fields))
}

fn failed(error: SecretsError) -> LoginError {
    LoginError::Connector(ConnectorError::Secrets(error))
}
