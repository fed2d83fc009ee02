//! A person looks at a waiting device, and says yes or no (RFC 8628 3.3). Yes needs a session that the gate admits
//! to the application, and never comes of opening an address.

use symbolon_contract::{ReasonCode, UserId};
use symbolon_storage::{Connection, DeviceAuthorization, DeviceState, StorageError, StorageResult};

use super::UserCode;
use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::downstream::Application;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::code::CodeGrant;
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
    pub scopes: Vec<String>,
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
    let (owned, hash, now) = (tenant.id.clone(), code.hash(), broker.clock.now());
    let found = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&owned);
            let device = rows.device_authorizations().by_user_code(&hash)?;
            let device = device.filter(|one| is_waiting(one, now));
            let Some(device) = device else { return Ok(None) };
            let row = rows.applications().find(&device.application_id)?;
            Ok(row.map(Application::try_from).transpose()?.map(|row| (device, row)))
        })
        .await?;
    let (device, application) = found.filter(|(_, row)| row.active).ok_or_else(unknown)?;
    Ok(WaitingDevice {
        application: application.display_name,
        user_code: code.as_str().to_owned(),
        asked_from: device.asked_from,
        scopes: device.scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
    })
}

fn is_waiting(device: &DeviceAuthorization, now: chrono::DateTime<chrono::Utc>) -> bool {
    device.state == DeviceState::Pending && now < device.expires_at
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
        hash: code.hash(),
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
        let device = rows.device_authorizations().by_user_code(&self.hash)?;
        let Some(device) = device.filter(|one| is_waiting(one, now)) else {
            return Ok(Err(unknown()));
        };
        let (to, grant) = if self.allow {
            let passed = gate::pass(conn, &self.tenant, &device.application_id, &session.id, now);
            match passed {
                Ok(_) => (DeviceState::Approved, Some(grant(&device, &session))),
                Err(GateError::Storage(error)) => return Err(error),
                Err(other) => return refuse(ReasonCode::DeviceNotAllowed, &other.to_string()),
            }
        } else {
            (DeviceState::Denied, None)
        };
        let mut rows = conn.tenant(&self.tenant.id);
        if grant.is_some() {
            rows.sessions().note(&session.id, &device.application_id, now)?;
        }
        let grant = grant.map(|grant| serde_json::json!(grant));
        let moved = (DeviceState::Pending, to);
        let first = rows.device_authorizations().advance(
            &device.device_hash,
            moved,
            grant.as_ref(),
            now,
        )?;
        if !first {
            return Ok(Err(unknown()));
        }
        self.audit(conn, &device, &session.user).map(Ok)
    }

    fn audit(
        &self,
        conn: &mut Connection,
        device: &DeviceAuthorization,
        user: &UserId,
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
        audit::append(conn, &self.tenant.id, &context, &event)
    }
}

/// What the device's tokens will stand for. No code was sent anywhere: there is no redirect URI to compare.
fn grant(device: &DeviceAuthorization, session: &LiveSession) -> CodeGrant {
    CodeGrant {
        application: device.application_id.clone(),
        user: session.user.clone(),
        session: session.id.clone(),
        redirect_uri: String::new(),
        code_challenge: None,
        scopes: device.scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect(),
        nonce: None,
        auth_time: session.authenticated_at.timestamp(),
        acr: session.acr.clone(),
        amr: session.amr.clone(),
        resources: device.resources.clone(),
        claims: None,
        dpop_jkt: None,
    }
}
