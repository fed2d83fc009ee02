//! The tenant's own page: who is in.

use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, StorageError, StorageResult, TenantRows, UserStatus};

use super::refuse::refuse_request;
use super::upstream_logout::leads_to;
use super::{AllowedApplication, PersonPage, Refused};
use crate::broker::{Broker, Visit};
use crate::connectors::ConnectorRecord;
use crate::downstream::Application;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::claims::Person;
use crate::downstream::oidc::consent::Wish;
use crate::sessions::{self, LiveSession};
use crate::tenants::TenantRecord;

/// Who is signed in with this browser, if anybody.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn person(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<Option<PersonPage>, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else {
        return Ok(None);
    };
    let (own, owned) = (broker.clone(), tenant.clone());
    let found = broker
        .database
        .read(move |conn| {
            let (mut rows, now) = (conn.tenant(&owned.id), own.clock.now());
            let Some(session) = sessions::find_live(&mut rows, &cookie, now, &own.settings)? else {
                return Ok(None);
            };
            read(conn, (&own, &owned), &session)
        })
        .await;
    match found {
        Ok(page) => Ok(page),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

fn read(
    conn: &mut Connection,
    (broker, tenant): (&Broker, &TenantRecord),
    session: &LiveSession,
) -> Result<Option<PersonPage>, StorageError> {
    let mut rows = conn.tenant(&tenant.id);
    // Whoever was switched off since is nobody here either (E7); the login page tells them why.
    let user = rows.users().find(&session.user)?.filter(|user| user.status == UserStatus::Active);
    let Some(user) = user else { return Ok(None) };
    let connector = rows.connectors().find(&session.connector)?;
    let connector = connector.map(ConnectorRecord::try_from).transpose()?;
    let person = Person::read(&mut rows, user)?;
    let applications = allowed(&mut rows, &person)?;
    let sign_out_at = match &connector {
        Some(connector) => leads_to(conn, (broker, tenant), connector)?,
        None => Vec::new(),
    };
    Ok(Some(PersonPage {
        name: person.user.display_name,
        email: person.user.email,
        roles: person.roles,
        applications,
        sign_out_at,
        connector: connector.map(|one| one.display_name).unwrap_or_default(),
    }))
}

/// The applications that the person agreed to, by name.
fn allowed(rows: &mut TenantRows<'_>, person: &Person) -> StorageResult<Vec<AllowedApplication>> {
    let mut allowed = Vec::new();
    for consent in rows.consents().of_user(&person.user.id)? {
        let application = rows.applications().find(&consent.application_id)?;
        let Some(application) = application.map(Application::try_from).transpose()? else {
            continue;
        };
        allowed.push(AllowedApplication {
            id: application.id,
            display_name: application.display_name,
            wishes: consent.scopes.iter().map(|key| Wish::of_key(key)).collect(),
            since: consent.created_at,
        });
    }
    allowed.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    Ok(allowed)
}

pub(super) async fn failed(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    error: &StorageError,
) -> Box<Refused> {
    let reason: ReasonCode = crate::storage_reason(error);
    refuse_request(broker, Some(tenant), visit, OauthError::new(reason, error.to_string()), None)
        .await
}
