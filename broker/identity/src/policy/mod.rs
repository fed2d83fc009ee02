//! The one gate: may this person in, now?
//!
//! Owns: [`admit`], the only maker of an [`Admission`], and every reason to refuse a known person.
//! Sessions and tokens can only be made with an `Admission` in hand, so an entry point that forgets
//! the gate does not compile (decision 0006). Does not own: who the person is (`provisioning`) or
//! what they asked for (`downstream`).

use symbolon_contract::{ApplicationId, ConnectorId, ReasonCode, TenantId, UserId};
use symbolon_storage::UserStatus;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// How far a connector is rolled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorMode {
    /// Nobody signs in through it.
    Off,
    /// Only test sign-ins, which create nobody.
    Test,
    /// Named people and domains only.
    Pilot,
    /// Everybody.
    On,
    /// Everybody, and no password beside it.
    Enforced,
}

impl ConnectorMode {
    /// The word in settings, rows and pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Test => "test",
            Self::Pilot => "pilot",
            Self::On => "on",
            Self::Enforced => "enforced",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Test, Self::Pilot, Self::On, Self::Enforced]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// A user's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStanding {
    /// May sign in.
    Active,
    /// The directory or an admin said no; the record is kept.
    Inactive,
    /// Roles and credentials were removed as well.
    Deactivated,
}

impl From<UserStatus> for UserStanding {
    fn from(status: UserStatus) -> Self {
        match status {
            UserStatus::Active => Self::Active,
            UserStatus::Inactive => Self::Inactive,
            UserStatus::Deactivated => Self::Deactivated,
        }
    }
}

/// Everything the gate looks at. Each entry point fills all of it, so none can be forgotten.
#[derive(Debug, Clone)]
pub struct AdmissionFacts {
    /// The tenant that the person enters.
    pub tenant: TenantId,
    /// Whether the tenant is active.
    pub tenant_active: bool,
    /// The connector that vouched for the person, now or when the session began.
    pub connector: ConnectorId,
    /// How far that connector is rolled out now.
    pub connector_mode: ConnectorMode,
    /// Whether the person is in the connector's pilot; only asked when the mode is `pilot`.
    pub in_pilot: bool,
    /// The application that will be told, if the sign-in is for one.
    pub application: Option<ApplicationFacts>,
    /// The user.
    pub user: UserId,
    /// The user's standing.
    pub user_standing: UserStanding,
    /// Whether the connector demands proof of a second factor.
    pub mfa_required: bool,
    /// Whether the upstream proved one.
    pub mfa_proved: bool,
}

/// What the gate must know of an application.
#[derive(Debug, Clone)]
pub struct ApplicationFacts {
    /// Which application.
    pub id: ApplicationId,
    /// Whether it is active.
    pub active: bool,
    /// Whether its settings accept people from this connector.
    pub accepts_connector: bool,
}

/// Proof that the gate said yes. Only [`admit`] makes one; it cannot be built, copied or stored elsewhere.
///
/// ```compile_fail,E0451
/// use symbolon_contract::{ConnectorId, TenantId, UserId};
/// use symbolon_identity::policy::Admission;
///
/// fn forge(tenant: TenantId, connector: ConnectorId, user: UserId) -> Admission {
///     Admission { tenant, connector, user, application: None }
/// }
/// ```
#[derive(Debug)]
pub struct Admission {
    tenant: TenantId,
    connector: ConnectorId,
    user: UserId,
    application: Option<ApplicationId>,
}

impl Admission {
    /// The tenant that was entered.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The connector that vouched.
    #[must_use]
    pub fn connector(&self) -> &ConnectorId {
        &self.connector
    }

    /// The user who was admitted.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The application the admission is for, if any.
    #[must_use]
    pub fn application(&self) -> Option<&ApplicationId> {
        self.application.as_ref()
    }
}

/// Why the gate said no.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// The operator suspended the tenant.
    #[error("the tenant is suspended")]
    TenantSuspended,
    /// The connector is switched off.
    #[error("connector {0} is off")]
    ConnectorOff(ConnectorId),
    /// The connector is being tested.
    #[error("connector {0} accepts test sign-ins only")]
    ConnectorTestOnly(ConnectorId),
    /// The person is not in the pilot.
    #[error("the person is not in the pilot of connector {0}")]
    NotInPilot(ConnectorId),
    /// The application is switched off.
    #[error("application {0} is disabled")]
    ApplicationDisabled(ApplicationId),
    /// The application does not accept this connector.
    #[error("application {0} does not accept sign-ins from connector {1}")]
    ConnectorForApplication(ApplicationId, ConnectorId),
    /// The user is inactive.
    #[error("user {0} is inactive")]
    UserInactive(UserId),
    /// The user is deactivated.
    #[error("user {0} is deactivated")]
    UserDeactivated(UserId),
    /// The connector demands a second factor and the upstream proved none.
    #[error("connector {0} requires a second factor and the upstream proved none")]
    MfaRequired(ConnectorId),
}

impl Refused {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::TenantSuspended => ReasonCode::TenantSuspended,
            Self::ConnectorOff(_) => ReasonCode::ConnectorOff,
            Self::ConnectorTestOnly(_) => ReasonCode::ConnectorTestOnly,
            Self::NotInPilot(_) => ReasonCode::ConnectorNotPilot,
            Self::ApplicationDisabled(_) => ReasonCode::ApplicationDisabled,
            Self::ConnectorForApplication(..) => ReasonCode::PolicyConnectorForApplication,
            Self::UserInactive(_) => ReasonCode::PolicyUserInactive,
            Self::UserDeactivated(_) => ReasonCode::PolicyUserDeactivated,
            Self::MfaRequired(_) => ReasonCode::PolicyMfaRequired,
        }
    }
}

/// The gate. Every way to a session, code or token passes here.
///
/// # Errors
/// [`Refused`], the widest wall first: tenant, connector, application, user, strength.
pub fn admit(facts: AdmissionFacts) -> Result<Admission, Refused> {
    would_admit(&facts)?;
    Ok(Admission {
        tenant: facts.tenant,
        connector: facts.connector,
        user: facts.user,
        application: facts.application.map(|application| application.id),
    })
}

/// What the gate would say. A test sign-in asks this: it gets no [`Admission`], so nothing can come of it.
///
/// # Errors
/// Those of [`admit`].
pub fn would_admit(facts: &AdmissionFacts) -> Result<(), Refused> {
    if !facts.tenant_active {
        return Err(Refused::TenantSuspended);
    }
    check_connector(facts)?;
    if let Some(application) = &facts.application {
        check_application(application, &facts.connector)?;
    }
    match facts.user_standing {
        UserStanding::Active => {}
        UserStanding::Inactive => return Err(Refused::UserInactive(facts.user.clone())),
        UserStanding::Deactivated => return Err(Refused::UserDeactivated(facts.user.clone())),
    }
    if facts.mfa_required && !facts.mfa_proved {
        return Err(Refused::MfaRequired(facts.connector.clone()));
    }
    Ok(())
}

fn check_connector(facts: &AdmissionFacts) -> Result<(), Refused> {
    let connector = facts.connector.clone();
    match facts.connector_mode {
        ConnectorMode::Off => Err(Refused::ConnectorOff(connector)),
        ConnectorMode::Test => Err(Refused::ConnectorTestOnly(connector)),
        ConnectorMode::Pilot if !facts.in_pilot => Err(Refused::NotInPilot(connector)),
        ConnectorMode::Pilot | ConnectorMode::On | ConnectorMode::Enforced => Ok(()),
    }
}

fn check_application(
    application: &ApplicationFacts,
    connector: &ConnectorId,
) -> Result<(), Refused> {
    if !application.active {
        return Err(Refused::ApplicationDisabled(application.id.clone()));
    }
    if !application.accepts_connector {
        return Err(Refused::ConnectorForApplication(application.id.clone(), connector.clone()));
    }
    Ok(())
}
