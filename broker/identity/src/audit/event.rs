//! Every event there is: one variant each (user-experience.md CV-AUDIT-2).

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, ReasonCode, SessionId, UserId};

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It happened.
    Success,
    /// It was refused or failed.
    Failure,
}

impl Outcome {
    /// The word in rows and exports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// `user`, `operator`, `application`, `system` or `unknown`.
    pub kind: &'static str,
    /// The id, where there is one.
    pub id: Option<String>,
    /// The peer's address.
    pub ip: Option<String>,
    /// The browser's word for itself.
    pub user_agent: Option<String>,
}

/// What it was done to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Target {
    /// For example `user` or `connector`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

/// Something worth keeping for ever.
#[derive(Debug, Clone, PartialEq)]
pub enum AuditEvent {
    /// Somebody signed in (N61, N62).
    SsoLogin {
        /// The seed's word: `entra_id`, `oidc` or `saml`.
        provider: &'static str,
        /// The user.
        user: UserId,
        /// The e-mail after mapping.
        email: Option<String>,
        /// The upstream's subject.
        subject: String,
        /// Which connector.
        connector: ConnectorId,
        /// For which application, if any.
        application: Option<ApplicationId>,
        /// Methods that the upstream stated.
        amr: Vec<String>,
        /// Version of the mapping.
        mapping_version: i32,
        /// What went wrong without keeping the person out, each with its code.
        warnings: Vec<String>,
        /// The new session.
        session: SessionId,
    },
    /// Somebody was refused on the way in, or the way failed.
    SsoLoginFailed {
        /// The code.
        reason: ReasonCode,
        /// Seen and expected, for the admin.
        detail: String,
        /// Which connector, once known.
        connector: Option<ConnectorId>,
        /// For which application, if any.
        application: Option<ApplicationId>,
    },
    /// A user was created by a sign-in.
    SsoProvisioned {
        /// The user.
        user: UserId,
        /// Which connector.
        connector: ConnectorId,
    },
    /// An identity was linked to a user.
    SsoLinked {
        /// The user.
        user: UserId,
        /// Which connector.
        connector: ConnectorId,
        /// The rule or admin that linked.
        by: &'static str,
    },
    /// The mapping changed somebody's roles.
    RolesChanged {
        /// The user.
        user: UserId,
        /// Which connector.
        connector: ConnectorId,
        /// Roles given.
        gained: Vec<String>,
        /// Roles taken.
        lost: Vec<String>,
    },
    /// A person allowed an application of somebody else to learn about them.
    ConsentGiven {
        /// The user.
        user: UserId,
        /// To which application.
        application: ApplicationId,
        /// Everything that is allowed now.
        scopes: Vec<String>,
    },
    /// A person took that back.
    ConsentWithdrawn {
        /// The user.
        user: UserId,
        /// From which application.
        application: ApplicationId,
    },
    /// A session ended.
    SessionEnded {
        /// The user.
        user: UserId,
        /// The session.
        session: SessionId,
        /// Why.
        why: &'static str,
    },
    /// A code or a refresh token came a second time; all that came of the authorization was taken back.
    TokenReused {
        /// `token.code_reused` or `token.refresh_reused`.
        reason: ReasonCode,
        /// Whose it was.
        application: ApplicationId,
        /// Whom it spoke of.
        user: UserId,
    },
    /// An application was told that a session ended, or could not be (OpenID Back-Channel Logout 1.0).
    LogoutTold {
        /// Which.
        application: ApplicationId,
        /// Whose session it was.
        user: UserId,
        /// The session.
        session: SessionId,
        /// How often it was tried.
        attempts: i32,
        /// Why we gave up, if we did.
        problem: Option<String>,
    },
    /// A person let a device in, or kept it out (RFC 8628 3.3).
    DeviceDecided {
        /// Who decided.
        user: UserId,
        /// The application on the device.
        application: ApplicationId,
        /// What they said.
        allowed: bool,
        /// The address that the device asked from.
        asked_from: Option<String>,
    },
    /// A request to the provider or to a page was refused.
    Refused {
        /// The code; its catalogue entry names the event.
        reason: ReasonCode,
        /// Seen and expected, for the admin.
        detail: String,
        /// Which application, once known.
        application: Option<ApplicationId>,
    },
    /// An admin signed in to see what would happen. Nothing did, and nobody was refused.
    TestSignIn {
        /// Which connector, once known.
        connector: Option<ConnectorId>,
        /// Which test, once known.
        test: Option<String>,
        /// Why it would not have led to a session.
        reason: Option<ReasonCode>,
        /// Seen and expected, for the admin.
        detail: String,
    },
    /// Somebody came back from the upstream's page of admin consent. What they say is not proved.
    ConsentReported {
        /// Which connector.
        connector: ConnectorId,
        /// Why it was refused, if it was.
        reason: Option<ReasonCode>,
        /// What was said.
        detail: String,
    },
    /// Something happened to a mapping while people signed in.
    Mapping {
        /// The event's name, for example `plugin.quarantined`.
        name: &'static str,
        /// The connector or application.
        target: Target,
        /// Why, where something failed.
        reason: Option<ReasonCode>,
        /// What exactly; never claims.
        details: Value,
    },
    /// An admin changed something.
    AdminChange {
        /// The event's name, for example `connector.created`.
        name: &'static str,
        /// What was changed.
        target: Target,
        /// Fields before and after; secrets never.
        changes: Value,
    },
}

impl AuditEvent {
    /// The name in rows and exports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SsoLogin { .. } => "user.sso_login",
            Self::SsoLoginFailed { .. } => "user.sso_login_failed",
            Self::SsoProvisioned { .. } => "user.sso_provisioned",
            Self::SsoLinked { .. } => "user.sso_linked",
            Self::RolesChanged { .. } => "user.roles_changed",
            Self::ConsentGiven { .. } => "user.consent_given",
            Self::ConsentWithdrawn { .. } => "user.consent_withdrawn",
            Self::SessionEnded { .. } => "session.ended",
            Self::TokenReused { .. } => "token.reuse_detected",
            Self::LogoutTold { problem: None, .. } => "session.logout_told",
            Self::LogoutTold { problem: Some(_), .. } => "session.logout_not_told",
            Self::DeviceDecided { allowed: true, .. } => "device.allowed",
            Self::DeviceDecided { .. } => "device.denied",
            Self::Refused { reason, .. } => reason.entry().event,
            Self::TestSignIn { .. } => "connector.test_sign_in",
            Self::ConsentReported { .. } => "connector.consent_reported",
            Self::AdminChange { name, .. } | Self::Mapping { name, .. } => name,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::SsoLoginFailed { .. }
            | Self::Refused { .. }
            | Self::TokenReused { .. }
            | Self::LogoutTold { problem: Some(_), .. }
            | Self::TestSignIn { reason: Some(_), .. }
            | Self::ConsentReported { reason: Some(_), .. }
            | Self::Mapping { reason: Some(_), .. } => Outcome::Failure,
            _ => Outcome::Success,
        }
    }

    pub(super) fn reason(&self) -> Option<ReasonCode> {
        match self {
            Self::SsoLoginFailed { reason, .. }
            | Self::Refused { reason, .. }
            | Self::TokenReused { reason, .. } => Some(*reason),
            Self::TestSignIn { reason, .. }
            | Self::ConsentReported { reason, .. }
            | Self::Mapping { reason, .. } => *reason,
            _ => None,
        }
    }

    pub(super) fn connector(&self) -> Option<&ConnectorId> {
        match self {
            Self::SsoLogin { connector, .. }
            | Self::SsoProvisioned { connector, .. }
            | Self::SsoLinked { connector, .. }
            | Self::RolesChanged { connector, .. }
            | Self::ConsentReported { connector, .. } => Some(connector),
            Self::SsoLoginFailed { connector, .. } | Self::TestSignIn { connector, .. } => {
                connector.as_ref()
            }
            _ => None,
        }
    }

    pub(super) fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::SsoLogin { application, .. }
            | Self::SsoLoginFailed { application, .. }
            | Self::Refused { application, .. } => application.as_ref(),
            Self::TokenReused { application, .. }
            | Self::LogoutTold { application, .. }
            | Self::DeviceDecided { application, .. }
            | Self::ConsentGiven { application, .. }
            | Self::ConsentWithdrawn { application, .. } => Some(application),
            _ => None,
        }
    }

    pub(super) fn session(&self) -> Option<&SessionId> {
        match self {
            Self::SsoLogin { session, .. }
            | Self::SessionEnded { session, .. }
            | Self::LogoutTold { session, .. } => Some(session),
            _ => None,
        }
    }

    pub(super) fn target(&self) -> Target {
        match self {
            Self::SsoLogin { user, .. }
            | Self::SsoProvisioned { user, .. }
            | Self::SsoLinked { user, .. }
            | Self::RolesChanged { user, .. }
            | Self::SessionEnded { user, .. }
            | Self::ConsentGiven { user, .. }
            | Self::ConsentWithdrawn { user, .. }
            | Self::LogoutTold { user, .. }
            | Self::DeviceDecided { user, .. }
            | Self::TokenReused { user, .. } => Target { kind: "user", id: user.to_string() },
            Self::AdminChange { target, .. } | Self::Mapping { target, .. } => target.clone(),
            Self::ConsentReported { connector: id, .. }
            | Self::TestSignIn { connector: Some(id), .. } => {
                Target { kind: "connector", id: id.to_string() }
            }
            Self::TestSignIn { .. } | Self::SsoLoginFailed { .. } | Self::Refused { .. } => {
                Target { kind: "none", id: String::new() }
            }
        }
    }

    /// The details. For a sign-in they hold the three fields of the seed, to the letter (CV-AUDIT-3).
    pub(super) fn details(&self, now: DateTime<Utc>) -> Value {
        match self {
            Self::SsoLogin {
                provider,
                email,
                subject,
                connector,
                amr,
                mapping_version,
                warnings,
                ..
            } => json!({
                "provider": provider,
                "email": email,
                "timestamp": now.to_rfc3339_opts(SecondsFormat::Secs, true),
                "subject": subject,
                "connector": connector,
                "amr": amr,
                "mapping_version": mapping_version,
                "warnings": warnings,
            }),
            Self::SsoLoginFailed { detail, .. }
            | Self::Refused { detail, .. }
            | Self::ConsentReported { detail, .. } => json!({ "detail": detail }),
            Self::TestSignIn { test, detail, .. } => json!({ "test": test, "detail": detail }),
            Self::SsoLinked { by, .. } => json!({ "by": by }),
            Self::RolesChanged { gained, lost, .. } => json!({ "gained": gained, "lost": lost }),
            Self::SessionEnded { why, .. } => json!({ "why": why }),
            Self::LogoutTold { attempts, problem, .. } => {
                json!({ "attempts": attempts, "problem": problem })
            }
            Self::DeviceDecided { asked_from, .. } => json!({ "asked_from": asked_from }),
            Self::AdminChange { changes, .. } => json!({ "changes": changes }),
            Self::Mapping { details, .. } => details.clone(),
            Self::ConsentGiven { scopes, .. } => json!({ "scopes": scopes }),
            Self::SsoProvisioned { .. }
            | Self::ConsentWithdrawn { .. }
            | Self::TokenReused { .. } => json!({}),
        }
    }
}
