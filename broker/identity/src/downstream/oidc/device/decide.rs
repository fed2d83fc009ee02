//! A person looks at a waiting device, and says yes or no (RFC 8628 3.3). Yes needs a session that the gate admits
//! to the application, and never comes of opening an address.

use chrono::{DateTime, Utc};
use serde_json::json;
use symbolon_contract::{ReasonCode, UserId};
use symbolon_storage::{
    Connection, DeviceAuthorization, DeviceState, StorageError, StorageResult, TenantRows,
};

use super::{UserCode, place};
use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::downstream::Application;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::code::CodeGrant;
use crate::downstream::oidc::consent::{self, Sought, Wish};
use crate::downstream::oidc::token::gate::{self, GateError};
use crate::sessions::{self, LiveSession};
use crate::tenants::TenantRecord;

/// What the person sees before they decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingDevice {
    /// The application on the device, by the name that people know.
    pub application: String,
    /// The code, to compare with the device's.
    pub user_code: String,
    /// The address that the device asked from.
    pub asked_from: Option<String>,
    /// What it asks for.
    pub wishes: Vec<Wish>,
}

/// The waiting device of a code. Changes nothing.
///
/// # Errors
/// [`OauthError`] with `device.code_unknown`, also when it is over, and those of the database.
pub async fn look(
    broker: &Broker,
    tenant: &TenantRecord,
    typed: &str,
) -> Result<WaitingDevice, OauthError> {
    let code = UserCode::parse(typed).ok_or_else(unknown)?;
    let hash = code.hash(broker, &place::waits_at(tenant)).await?;
    let (owned, now) = (tenant.clone(), broker.clock.now());
    let found = broker.database.read(move |conn| waiting(conn, &owned, (&hash, now))).await?;
    let (device, application) = found.filter(|(_, row)| row.active).ok_or_else(unknown)?;
    let scopes = scopes(&device);
    let sought = Sought { scopes: &scopes, resources: &device.resources, claims: None };
    Ok(WaitingDevice {
        wishes: consent::wishes(&application, sought),
        application: application.display_name,
        user_code: code.as_str().to_owned(),
        asked_from: device.asked_from,
    })
}

fn scopes(device: &DeviceAuthorization) -> Vec<String> {
    device.scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The device that waits with a code, and its application as this tenant knows it. What waits at the platform is
/// unknown to people of a tenant to which the application is not offered.
fn waiting(
    conn: &mut Connection,
    tenant: &TenantRecord,
    (hash, now): (&str, DateTime<Utc>),
) -> StorageResult<Option<(DeviceAuthorization, Application)>> {
    let waits_at = place::waits_at(tenant);
    let device = conn.tenant(&waits_at).device_authorizations().by_user_code(hash)?;
    let waits =
        |one: &DeviceAuthorization| one.state == DeviceState::Pending && now < one.expires_at;
    let Some(device) = device.filter(waits) else { return Ok(None) };
    let row = conn.tenant(&tenant.id).applications().find(&device.application_id)?;
    let application = row.map(Application::try_from).transpose()?;
    Ok(application.filter(|one| one.speaks_to(tenant)).map(|one| (device, one)))
}

fn unknown() -> OauthError {
    OauthError::new(
        ReasonCode::DeviceCodeUnknown,
        "no device waits with this code: it was mistyped, is over, or was decided upon",
    )
}

/// The person decides. Of many decisions about one device the first counts.
///
/// # Errors
/// [`OauthError`] with `device.*`, and those of the database.
pub async fn decide(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (typed, allow): (&str, bool),
) -> Result<(), OauthError> {
    let code = UserCode::parse(typed).ok_or_else(unknown)?;
    let decision = Decision {
        broker: broker.clone(),
        tenant: tenant.clone(),
        visit: visit.clone(),
        hash: code.hash(broker, &place::waits_at(tenant)).await?,
        allow,
    };
    broker.database.write(move |conn| decision.keep(conn)).await?
}

/// A decision; it owns its parts, because it is kept on another thread.
struct Decision {
    broker: Broker,
    tenant: TenantRecord,
    visit: Visit,
    hash: String,
    allow: bool,
}

impl Decision {
    fn keep(&self, conn: &mut Connection) -> StorageResult<Result<(), OauthError>> {
        let refuse = |reason, detail: &str| Ok(Err(OauthError::new(reason, detail)));
        let now = self.broker.clock.now();
        let mut rows = conn.tenant(&self.tenant.id);
        let session = match &self.visit.session_cookie {
            Some(cookie) => sessions::find_live(&mut rows, cookie, now, &self.broker.settings)?,
            None => None,
        };
        let Some(session) = session else {
            return refuse(ReasonCode::DeviceSignInNeeded, "nobody is signed in any more");
        };
        let Some((device, _)) = waiting(conn, &self.tenant, (&self.hash, now))? else {
            return Ok(Err(unknown()));
        };
        let mut admitted = None;
        if self.allow {
            match gate::pass(conn, &self.tenant, &device.application_id, &session.id, now) {
                Ok(passed) => admitted = Some(passed.application),
                Err(GateError::Storage(error)) => return Err(error),
                Err(other) => return refuse(ReasonCode::DeviceNotAllowed, &other.to_string()),
            }
        }
        let grant = grant(&device, &session, now);
        if !self.advance(conn, &device, &grant)? {
            return Ok(Err(unknown()));
        }
        let agreed = match admitted {
            Some(application) => agreed(&mut conn.tenant(&self.tenant.id), &application, &grant)?,
            None => None,
        };
        self.audit(conn, &device, (&session.user, agreed)).map(Ok)
    }

    /// Moves the device on, with what it was granted; false when somebody else did.
    fn advance(
        &self,
        conn: &mut Connection,
        device: &DeviceAuthorization,
        grant: &CodeGrant,
    ) -> StorageResult<bool> {
        let waits_at = place::waits_at(&self.tenant);
        let (hash, now) = (&device.device_hash, grant.made_at);
        if !self.allow {
            let denied = (DeviceState::Pending, DeviceState::Denied);
            return conn.tenant(&waits_at).device_authorizations().advance(hash, denied, None, now);
        }
        let (mut kept, mut row) = (json!(grant), None);
        if waits_at != self.tenant.id {
            let (hint, moved) = place::moved(device, &self.tenant.id, kept);
            (kept, row) = (hint, Some(moved));
        }
        let allowed = (DeviceState::Pending, DeviceState::Approved);
        let mut devices = conn.tenant(&waits_at);
        if !devices.device_authorizations().advance(hash, allowed, Some(&kept), now)? {
            return Ok(false);
        }
        let mut rows = conn.tenant(&self.tenant.id);
        if let Some(row) = row {
            rows.device_authorizations().insert(&row)?;
        }
        rows.sessions().note(&grant.session, &grant.application, now)?;
        Ok(true)
    }

    fn audit(
        &self,
        conn: &mut Connection,
        device: &DeviceAuthorization,
        (user, agreed): (&UserId, Option<Vec<String>>),
    ) -> Result<(), StorageError> {
        let context = AuditContext {
            ids: self.broker.ids.clone(),
            now: self.broker.clock.now(),
            trace: self.visit.trace.clone(),
            actor: Actor {
                kind: "user",
                id: Some(user.to_string()),
                ip: self.visit.address.map(|address| address.to_string()),
                user_agent: self.visit.user_agent.clone(),
            },
        };
        let event = AuditEvent::DeviceDecided {
            user: user.clone(),
            application: device.application_id.clone(),
            allowed: self.allow,
            asked_from: device.asked_from.clone(),
        };
        if let Some(scopes) = agreed {
            let (user, application) = (user.clone(), device.application_id.clone());
            let given = AuditEvent::ConsentGiven { user, application, scopes };
            audit::append(conn, &self.tenant.id, &context, &given)?;
        }
        audit::append(conn, &self.tenant.id, &context, &event)
    }
}

/// Who lets in a device of somebody else's application has agreed to what it asks for, and may take that back. What
/// is agreed now, where that was needed.
fn agreed(
    rows: &mut TenantRows<'_>,
    application: &Application,
    grant: &CodeGrant,
) -> StorageResult<Option<Vec<String>>> {
    if !application.settings.third_party {
        return Ok(None);
    }
    consent::give(rows, (application, grant.into()), &grant.user, grant.made_at).map(Some)
}

/// What the device's tokens will stand for. No code was sent anywhere: there is no redirect URI to compare.
fn grant(device: &DeviceAuthorization, session: &LiveSession, now: DateTime<Utc>) -> CodeGrant {
    CodeGrant {
        application: device.application_id.clone(),
        user: session.user.clone(),
        session: session.id.clone(),
        redirect_uri: String::new(),
        code_challenge: None,
        scopes: scopes(device),
        nonce: None,
        auth_time: session.authenticated_at.timestamp(),
        acr: session.acr.clone(),
        amr: session.amr.clone(),
        resources: device.resources.clone(),
        claims: None,
        dpop_jkt: None,
        made_at: now,
    }
}
