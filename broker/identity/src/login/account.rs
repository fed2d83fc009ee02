//! The tenant's own page: who is in, and the way out.

use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, StorageError, UserStatus};

use super::refuse::{context, refuse_request};
use super::{PersonPage, Refused};
use crate::audit::{self, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::claims::Person;
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
    let (id, now, settings) = (tenant.id.clone(), broker.clock.now(), broker.settings.clone());
    let found = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            let Some(session) = sessions::find_live(&mut rows, &cookie, now, &settings)? else {
                return Ok(None);
            };
            read(conn, &id, &session)
        })
        .await;
    match found {
        Ok(page) => Ok(page),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

fn read(
    conn: &mut Connection,
    tenant: &symbolon_contract::TenantId,
    session: &LiveSession,
) -> Result<Option<PersonPage>, StorageError> {
    let mut rows = conn.tenant(tenant);
    // Whoever was switched off since is nobody here either (E7); the login page tells them why.
    let user = rows.users().find(&session.user)?.filter(|user| user.status == UserStatus::Active);
    let Some(user) = user else { return Ok(None) };
    let connector = rows.connectors().find(&session.connector)?;
    let person = Person::read(&mut rows, user)?;
    Ok(Some(PersonPage {
        name: person.user.display_name,
        email: person.user.email,
        roles: person.roles,
        connector: connector.map(|one| one.display_name).unwrap_or_default(),
    }))
}

/// Ends the browser's session. Says whether there was one.
///
/// # Errors
/// A [`Refused`] to show when the database fails: nobody is told "signed out" who is not.
pub async fn sign_out(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<bool, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else {
        return Ok(false);
    };
    let (id, now, settings) = (tenant.id.clone(), broker.clock.now(), broker.settings.clone());
    let context = context(broker, visit, None);
    let ended = broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&id);
            let Some(session) = sessions::find_live(&mut rows, &cookie, now, &settings)? else {
                return Ok(false);
            };
            sessions::end(&mut rows, &session.id, now, "signed out")?;
            let mut context = context;
            context.actor.kind = "user";
            context.actor.id = Some(session.user.to_string());
            let event = AuditEvent::SessionEnded {
                user: session.user,
                session: session.id,
                why: "signed out",
            };
            audit::append(conn, &id, &context, &event)?;
            Ok(true)
        })
        .await;
    match ended {
        Ok(ended) => Ok(ended),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

async fn failed(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    error: &StorageError,
) -> Box<Refused> {
    let reason: ReasonCode = crate::storage_reason(error);
    refuse_request(broker, Some(tenant), visit, OauthError::new(reason, error.to_string()), None)
        .await
}
