//! An application is registered.

use secrecy::SecretString;
use serde_json::json;
use symbolon_contract::ApplicationId;
use symbolon_storage::{Application as Row, ApplicationProtocol, ApplicationStatus};

use super::super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::downstream::{Application, OpenidSettings};
use crate::tenants::TenantRecord;

/// An application to register.
#[derive(Debug, Clone)]
pub struct NewApplication {
    /// Its id, which is its `client_id`.
    pub id: ApplicationId,
    /// The name that people see.
    pub display_name: String,
    /// What it registers.
    pub settings: OpenidSettings,
    /// Whether it can keep no secret.
    pub public: bool,
}

/// A registered application. The secret is told here and never again.
#[derive(Debug)]
pub struct CreatedApplication {
    /// As stored.
    pub application: Application,
    /// Its secret, where it has a new one.
    pub secret: Option<SecretString>,
}

/// Registers an application.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::Exists`] and those of the database.
pub async fn create_application(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    new: NewApplication,
) -> Result<CreatedApplication, AdminError> {
    register(broker, caller, tenant, (new, None)).await
}

/// The same, with the hash of a registration access token where it registers itself (RFC 7592 3).
pub(super) async fn register(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (new, registration_hash): (NewApplication, Option<String>),
) -> Result<CreatedApplication, AdminError> {
    let registered = (&new.settings, new.public);
    super::check(broker, tenant.is_platform(), &new.display_name, registered).await?;
    keep(broker, caller, tenant, (new, registration_hash)).await
}

/// Keeps an application whose registration was checked.
///
/// # Errors
/// [`AdminError::Exists`] and those of the database.
pub(in crate::admin) async fn keep(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (new, registration_hash): (NewApplication, Option<String>),
) -> Result<CreatedApplication, AdminError> {
    let (secret, secret_hash) =
        super::has_secret(&new.settings, new.public).then(|| super::new_secret(broker)).unzip();
    let now = broker.clock.now();
    let row = Row {
        id: new.id,
        display_name: new.display_name,
        protocol: ApplicationProtocol::Openid,
        status: ApplicationStatus::Active,
        settings: json!(new.settings),
        secret_hash,
        version: 1,
        created_at: now,
        updated_at: now,
        registration_hash,
        platform: tenant.is_platform(),
    };
    let change = Change::by(broker, caller);
    let (id, stored) = (tenant.id.clone(), row.clone());
    broker
        .database
        .write(move |conn| {
            conn.tenant(&id).applications().insert(&row)?;
            let what = ("app.created", "application", row.id.as_str());
            change.record(conn, &id, what, json!([{"field": "settings", "to": row.settings}]))
        })
        .await
        .map_err(AdminError::exists("application", stored.id.as_str()))?;
    Ok(CreatedApplication { application: Application::try_from(stored)?, secret })
}
