//! The gate, asked again: a code or token speaks for a person who may be in *now* (SD-2, E7).

use chrono::{DateTime, Utc};
use symbolon_contract::{ApplicationId, ConnectorId, SessionId, UserId};
use symbolon_storage::{AccessToken, Connection, StorageError, TokenFamily, User};
use thiserror::Error;

use crate::connectors::ConnectorRecord;
use crate::downstream::Application;
use crate::policy::{self, Admission, AdmissionFacts};
use crate::sessions::LiveSession;
use crate::tenants::TenantRecord;

/// An admission and what was read for it.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) admission: Admission,
    pub(crate) user: User,
    pub(crate) application: Application,
}

/// Why a code or token no longer speaks for anybody.
#[derive(Debug, Error)]
pub(crate) enum GateError {
    /// Something that it stands on is gone.
    #[error("{0}")]
    Gone(&'static str),
    /// The gate says no.
    #[error(transparent)]
    Refused(#[from] policy::Refused),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl GateError {
    /// A database failure stays one; anything else is a reason in words.
    pub(crate) fn into_storage_or_reason(self) -> Result<String, StorageError> {
        match self {
            Self::Storage(error) => Err(error),
            other => Ok(other.to_string()),
        }
    }
}

/// Reads the present state of everything and asks the gate, for what stands on a session.
pub(crate) fn pass(
    conn: &mut Connection,
    tenant: &TenantRecord,
    application: &ApplicationId,
    session: &SessionId,
    now: DateTime<Utc>,
) -> Result<Admitted, GateError> {
    let row = conn.tenant(&tenant.id).sessions().find(session)?;
    let session = row.and_then(|row| LiveSession::of(row, now));
    let session = session.ok_or(GateError::Gone("the session has ended"))?;
    let came = Came { user: &session.user, connector: &session.connector, amr: &session.amr };
    admit(conn, tenant, application, &came)
}

/// The same for what stands on a family of tokens: the session, or nothing but the family where it outlives the
/// session (OpenID Core 11).
pub(crate) fn pass_family(
    conn: &mut Connection,
    tenant: &TenantRecord,
    family: &TokenFamily,
    now: DateTime<Utc>,
) -> Result<Admitted, GateError> {
    if family.revoked_at.is_some() {
        return Err(GateError::Gone("the authorization was taken back"));
    }
    if family.expires_at <= now {
        return Err(GateError::Gone("the authorization has reached its end"));
    }
    if !family.offline {
        return pass(conn, tenant, &family.application_id, &family.session_id, now);
    }
    let came = Came { user: &family.user_id, connector: &family.connector_id, amr: &family.amr };
    admit(conn, tenant, &family.application_id, &came)
}

/// The same for what an access token speaks for.
pub(crate) fn pass_token(
    conn: &mut Connection,
    tenant: &TenantRecord,
    token: &AccessToken,
    now: DateTime<Utc>,
) -> Result<Admitted, GateError> {
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Err(GateError::Gone("the access token is expired or revoked"));
    }
    if let Some(family) = &token.family_id {
        let family = conn.tenant(&tenant.id).token_families().find(family)?;
        let family = family.ok_or(GateError::Gone("the authorization is gone"))?;
        return pass_family(conn, tenant, &family, now);
    }
    let session = token.session_id.as_ref();
    let session = session.ok_or(GateError::Gone("the access token has no session"))?;
    pass(conn, tenant, &token.application_id, session, now)
}

/// Who came in, how.
struct Came<'a> {
    user: &'a UserId,
    connector: &'a ConnectorId,
    amr: &'a [String],
}

fn admit(
    conn: &mut Connection,
    tenant: &TenantRecord,
    application: &ApplicationId,
    came: &Came<'_>,
) -> Result<Admitted, GateError> {
    let mut rows = conn.tenant(&tenant.id);
    let user = rows.users().find(came.user)?;
    let user = user.ok_or(GateError::Gone("the user is gone"))?;
    let connector = rows.connectors().find(came.connector)?;
    let connector =
        ConnectorRecord::try_from(connector.ok_or(GateError::Gone("the connector is gone"))?)?;
    let application = rows.applications().find(application)?;
    let application =
        Application::try_from(application.ok_or(GateError::Gone("the application is gone"))?)?;
    let configuration = &connector.configuration;
    let admission = policy::admit(AdmissionFacts {
        tenant: tenant.id.clone(),
        tenant_active: tenant.active,
        in_pilot: configuration.pilot.includes(user.email.as_deref()),
        connector_mode: connector.mode,
        mfa_required: configuration.requires_second_factor(),
        mfa_proved: configuration.proves_second_factor(came.amr),
        application: Some(application.facts(&connector.id)),
        connector: connector.id,
        user: user.id.clone(),
        user_standing: user.status.into(),
    })?;
    Ok(Admitted { admission, user, application })
}
