//! An application is changed, gets a new secret, is switched off, or deleted: what it held is refused at once (E7).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, TenantId};
use symbolon_storage::{
    Application as Row, Connection, PLATFORM_TENANT, StorageError, StorageResult,
};

use super::super::{AdminCaller, AdminError, Change, platform, read_application};
use super::create::CreatedApplication;
use super::find;
use crate::broker::Broker;
use crate::downstream::{Application, OpenidSettings};
use crate::tenants::TenantRecord;

/// What an application is from now on.
#[derive(Debug, Clone)]
pub struct ApplicationChange {
    /// The name that people see; the present one when not given.
    pub display_name: Option<String>,
    /// All that it registers.
    pub settings: OpenidSettings,
    /// Whether it can keep no secret; as before when not given.
    pub public: Option<bool>,
    /// The version that the caller saw; a newer one is not overwritten (E17).
    pub seen_version: Option<i32>,
}

/// Replaces what an application registered. It gets a new secret where it needs one and had none.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::NotFound`], a stale version, and those of the database.
pub async fn replace_application(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, new): (&ApplicationId, ApplicationChange),
) -> Result<CreatedApplication, AdminError> {
    replace(broker, caller, tenant, (id, new, None)).await
}

/// The same, with a new registration access token (RFC 7592 3).
pub(super) async fn replace(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, new, registration_hash): (&ApplicationId, ApplicationChange, Option<String>),
) -> Result<CreatedApplication, AdminError> {
    let known = read_application(broker, &tenant.id, id).await?;
    let public = new.public.unwrap_or_else(|| known.is_public());
    let display_name = new.display_name.unwrap_or_else(|| known.display_name.clone());
    super::check(broker, tenant.is_platform(), &display_name, (&new.settings, public)).await?;
    let needs_secret = super::has_secret(&new.settings, public);
    let fresh = (needs_secret && known.secret.is_none()).then(|| super::new_secret(broker));
    let (secret, fresh_hash) = fresh.unzip();
    let (expected, settings) = (new.seen_version.unwrap_or(known.version), json!(new.settings));
    let save = move |row: &mut Row| {
        let changes = json!([
            { "field": "display_name", "from": row.display_name, "to": display_name },
            { "field": "settings", "from": row.settings, "to": settings },
        ]);
        row.display_name = display_name;
        row.settings = settings;
        if !needs_secret {
            row.secret_hash = None;
        } else if fresh_hash.is_some() {
            row.secret_hash = fresh_hash;
        }
        if registration_hash.is_some() {
            row.registration_hash = registration_hash;
        }
        ("app.updated", changes)
    };
    let stored = change(broker, caller, tenant, (id, Some(expected)), save).await?;
    Ok(CreatedApplication { application: Application::try_from(stored)?, secret })
}

/// Gives an application a new secret; the one before is refused from now on.
///
/// # Errors
/// [`AdminError::Invalid`] for one that has none, [`AdminError::NotFound`] and those of the database.
pub async fn rotate_application_secret(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ApplicationId,
) -> Result<CreatedApplication, AdminError> {
    let known = read_application(broker, &tenant.id, id).await?;
    if known.secret.is_none() {
        let why = format!("secret: the application {id} proves itself without one");
        return Err(AdminError::Invalid(vec![why]));
    }
    let (secret, hash) = super::new_secret(broker);
    let save = move |row: &mut Row| {
        row.secret_hash = Some(hash);
        ("app.secret_rotated", json!([{ "field": "secret" }]))
    };
    let stored = change(broker, caller, tenant, (id, Some(known.version)), save).await?;
    Ok(CreatedApplication { application: Application::try_from(stored)?, secret: Some(secret) })
}

/// Switches an application on or off. What it holds is refused while it is off.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn set_application_active(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, active): (&ApplicationId, bool),
) -> Result<Application, AdminError> {
    let save = move |row: &mut Row| {
        let to = super::status(active);
        let changes = json!([{ "field": "status", "from": row.status, "to": to }]);
        row.status = to;
        (if active { "app.enabled" } else { "app.disabled" }, changes)
    };
    Ok(Application::try_from(change(broker, caller, tenant, (id, None), save).await?)?)
}

/// Changes the row of an application as it is now, unless another version was expected.
async fn change(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, expected): (&ApplicationId, Option<i32>),
    save: impl FnOnce(&mut Row) -> (&'static str, Value) + Send + 'static,
) -> Result<Row, AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let mut row = find(conn, &tenant, &id)?;
            let (seen, status_before) = (row.version, row.status);
            if expected.is_some_and(|expected| expected != seen) {
                return Err(StorageError::StaleVersion.into());
            }
            let (name, changes) = save(&mut row);
            not_theirs(&tenant, (&row, name))?;
            row.version = seen.saturating_add(1);
            row.updated_at = now;
            conn.tenant(&tenant).applications().update(&row, seen)?;
            if tenant.as_str() == PLATFORM_TENANT {
                platform::keep_equal(conn, (&row, status_before), now)?;
            }
            change.record(conn, &tenant, (name, "application", id.as_str()), changes)?;
            Ok(row)
        })
        .await
}

/// Deletes an application, and takes back all that it held: one of the same name starts with nothing.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn delete_application(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ApplicationId,
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let row = find(conn, &tenant, &id)?;
            not_theirs(&tenant, (&row, "app.deleted"))?;
            if tenant.as_str() == PLATFORM_TENANT {
                platform::withdraw_everywhere(conn, &id, now)?;
            }
            remove(conn, &tenant, &id, now)?;
            let changes = json!([{ "field": "settings", "from": row.settings }]);
            Ok(change.record(
                conn,
                &tenant,
                ("app.deleted", "application", id.as_str()),
                changes,
            )?)
        })
        .await
}

/// The operator's application is offered to the tenant, which may switch it off and nothing else.
fn not_theirs(tenant: &TenantId, (row, change): (&Row, &str)) -> Result<(), AdminError> {
    let switch = matches!(change, "app.enabled" | "app.disabled");
    if row.platform && tenant.as_str() != PLATFORM_TENANT && !switch {
        return Err(AdminError::NotFound { kind: "application", id: row.id.to_string() });
    }
    Ok(())
}

/// Forgets an application of a tenant, and takes back all that it holds there.
pub(in crate::admin) fn remove(
    conn: &mut Connection,
    tenant: &TenantId,
    id: &ApplicationId,
    now: DateTime<Utc>,
) -> StorageResult<()> {
    let mut rows = conn.tenant(tenant);
    rows.access_tokens().revoke_by_application(id, now)?;
    rows.token_families().revoke_by_application(id, now, "application deleted")?;
    rows.service_tokens().revoke_by_application(id, now)?;
    rows.device_authorizations().forget_application(id)?;
    rows.consents().forget_application(id)?;
    rows.applications().delete(id)?;
    Ok(())
}
