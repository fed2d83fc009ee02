//! The gate, asked again: a code or token speaks for a person who may be in *now* (SD-2, E7).

use chrono::{DateTime, Utc};
use symbolon_contract::{ApplicationId, SessionId};
use symbolon_storage::{Connection, StorageError, User};
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

/// Reads the present state of everything and asks the gate.
pub(crate) fn pass(
    conn: &mut Connection,
    tenant: &TenantRecord,
    application: &ApplicationId,
    session: &SessionId,
    now: DateTime<Utc>,
) -> Result<Admitted, GateError> {
    let mut rows = conn.tenant(&tenant.id);
    let session = rows.sessions().find(session)?.and_then(|row| LiveSession::of(row, now));
    let session = session.ok_or(GateError::Gone("the session has ended"))?;
    let user = rows.users().find(&session.user)?;
    let user = user.ok_or(GateError::Gone("the user is gone"))?;
    let connector = rows.connectors().find(&session.connector)?;
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
        mfa_proved: configuration.proves_second_factor(&session.amr),
        application: Some(application.facts(&connector.id)),
        connector: connector.id,
        user: user.id.clone(),
        user_standing: user.status.into(),
    })?;
    Ok(Admitted { admission, user, application })
}
