//! Applications are registered.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use symbolon_contract::ApplicationId;
use symbolon_storage::{Application as Row, ApplicationProtocol, ApplicationStatus};

use super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::downstream::{Application, ApplicationSecretHash, OpenidSettings};
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
    /// Its secret, unless it is public.
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
    let mut problems = Vec::new();
    if new.settings.redirect_uris.is_empty() {
        problems.push("redirect_uris: at least one".to_owned());
    }
    if let Some(uri) = &new.settings.initiate_login_uri
        && !new.settings.starts_on_own_origin(uri)
    {
        problems.push(format!("initiate_login_uri: {uri} is on no origin of its redirect_uris"));
    }
    if new.public && !new.settings.require_pkce {
        problems.push("require_pkce: a public application always needs PKCE".to_owned());
    }
    AdminError::unless_empty(problems)?;
    let secret = (!new.public).then(|| broker.new_secret());
    let hash = secret.as_ref().map(|secret| ApplicationSecretHash::of(secret.expose_secret()));
    let now = broker.clock.now();
    let row = Row {
        id: new.id,
        display_name: new.display_name,
        protocol: ApplicationProtocol::Openid,
        status: ApplicationStatus::Active,
        settings: json!(new.settings),
        secret_hash: hash.map(|hash| hash.as_hex().to_owned()),
        version: 1,
        created_at: now,
        updated_at: now,
        registration_hash: None,
        platform: false,
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

/// The applications of a tenant.
///
/// # Errors
/// Those of the database.
pub async fn list_applications(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<Application>, AdminError> {
    let tenant = tenant.id.clone();
    let rows = broker.database.read(move |conn| conn.tenant(&tenant).applications().list()).await?;
    Ok(rows.into_iter().map(Application::try_from).collect::<Result<_, _>>()?)
}
