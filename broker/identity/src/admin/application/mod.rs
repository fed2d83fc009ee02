//! Applications are registered, changed, switched off and deleted.
//!
//! Owns: the use cases and their audit events. Does not own: the rules of a registration
//! ([`crate::downstream::application`]) or what an application may do.

mod change;
mod create;
mod dynamic;

pub(in crate::admin) use change::remove;
pub use change::{
    ApplicationChange, delete_application, replace_application, rotate_application_secret,
    set_application_active,
};
pub(in crate::admin) use create::keep;
pub use create::{CreatedApplication, NewApplication, create_application};
pub use dynamic::{
    RegistrationRefusal, delete_registration, read_registration, register_application,
    replace_registration,
};

use secrecy::{ExposeSecret, SecretString};
use symbolon_storage::{Application as Row, ApplicationStatus};

use super::{AdminError, platform};
use crate::broker::Broker;
use crate::downstream::application::{problems, sector};
use crate::downstream::{
    Application, ApplicationAuthentication, ApplicationSecretHash, OpenidSettings,
};
use crate::tenants::TenantRecord;

const LONGEST_NAME: usize = 100;

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

/// Whether a registration fits together, and whether its sector vouches for it.
pub(in crate::admin) async fn check(
    broker: &Broker,
    at_platform: bool,
    display_name: &str,
    (settings, public): (&OpenidSettings, bool),
) -> Result<(), AdminError> {
    let mut found = problems(settings, public);
    if at_platform {
        found.extend(platform::problems(settings));
    }
    let length = display_name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || display_name.chars().any(char::is_control) {
        found.push(format!("display_name: 1 to {LONGEST_NAME} characters, in one line"));
    }
    AdminError::unless_empty(found)?;
    let vouched = sector::check(&broker.upstreams.http, settings).await;
    vouched.map_err(|error| AdminError::Invalid(vec![error.to_string()]))
}

/// Whether an application of this kind has a secret.
fn has_secret(settings: &OpenidSettings, public: bool) -> bool {
    !public && settings.authentication != ApplicationAuthentication::PrivateKeyJwt
}

/// A new secret and what is kept of it.
fn new_secret(broker: &Broker) -> (SecretString, String) {
    let secret = broker.new_secret();
    let hash = ApplicationSecretHash::of(secret.expose_secret()).as_hex().to_owned();
    (secret, hash)
}

fn status(active: bool) -> ApplicationStatus {
    if active { ApplicationStatus::Active } else { ApplicationStatus::Disabled }
}

/// The row of an application, in a transaction.
fn find(
    conn: &mut symbolon_storage::Connection,
    tenant: &symbolon_contract::TenantId,
    id: &symbolon_contract::ApplicationId,
) -> Result<Row, AdminError> {
    let row = conn.tenant(tenant).applications().find(id)?;
    row.ok_or_else(|| AdminError::NotFound { kind: "application", id: id.to_string() })
}
