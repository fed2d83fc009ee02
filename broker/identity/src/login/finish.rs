//! Stops 9 to 12 in one transaction: user, gate, session, answer, audit. All of it happens or nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::json;
use symbolon_contract::{Claims, SessionId, UserId};
use symbolon_storage::{Connection, NewSingleUse, SeenStranger, SeenUpstream, TenantRows};

use super::answer::{Asked, prepare};
use super::attempt::{LoginAttempt, LoginRequest, LoginStage};
use super::once::once_only;
use super::step::LoginStep;
use super::{LoginError, device, landing, strength, upstream_subject};
use crate::audit::{self, AuditContext, AuditEvent};
use crate::broker::Broker;
use crate::connectors::{Assertion, ConnectorRecord};
use crate::downstream::Application;
use crate::downstream::oidc::OpenidProvider;
use crate::logout::{self, Ended, Which};
use crate::mapping::{Answered, MappingOutcome};
use crate::policy::{self, Admission, AdmissionFacts};
use crate::provisioning::apply::{Applied, apply, read_facts};
use crate::provisioning::{
    IdentityKey, MappedUser, ProvisioningDecision, ProvisioningPolicy, decide,
};
use crate::sessions::{self, LiveSession, NewSession, OpenedSession};
use crate::tenants::TenantRecord;
use crate::traces::Draft;

/// Everything that the transaction needs; it owns its parts, because it runs on another thread.
pub(super) struct Finishing {
    pub(super) tenant: TenantRecord,
    pub(super) connector: ConnectorRecord,
    pub(super) attempt: LoginAttempt,
    pub(super) assertion: Assertion,
    pub(super) claims: Claims,
    pub(super) mapping: MappingOutcome,
    pub(super) broker: Broker,
    pub(super) audit: AuditContext,
    pub(super) now: DateTime<Utc>,
    pub(super) fresh: Fresh,
    /// The session cookie that the browser brought: that session ends (F1).
    pub(super) old_session: Option<SecretString>,
    /// What is recorded of the sign-in, if anything.
    pub(super) recording: Option<Arc<Draft>>,
}

/// Values that must be new, made before the transaction.
pub(super) struct Fresh {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) session_secret: SecretString,
    /// The code, or the handle of the question before it.
    pub(super) code: SecretString,
}

/// What came of it.
pub(super) struct Finished {
    pub(super) session: OpenedSession,
    pub(super) user: UserId,
    pub(super) step: LoginStep,
    /// The application that waits.
    pub(super) application: Option<Application>,
    /// Somebody else's session in this browser, which ended.
    pub(super) ended: Vec<Ended>,
}

impl Finishing {
    /// The identity key: computed from the verified assertion, before and beside any mapping (WP-93).
    pub(super) fn identity(&self) -> IdentityKey {
        IdentityKey {
            connector: self.connector.id.clone(),
            issuer: self.assertion.issuer.clone(),
            subject: self.assertion.subject.clone(),
        }
    }

    pub(super) fn mapped(&self) -> MappedUser {
        let proved = self.claims.email_verified.then_some(self.claims.email.as_deref()).flatten();
        let (mapped, unknown) = MappedUser::from_mapping(&self.mapping.mapping, proved);
        if !unknown.is_empty() {
            tracing::warn!(trace = %self.audit.trace, fields = ?unknown, "the mapping sets fields that nobody knows");
        }
        mapped
    }

    /// Who this is, should nobody know them (N3).
    pub(super) fn stranger(&self) -> SeenStranger {
        let mapped = self.mapped();
        SeenStranger {
            connector_id: self.connector.id.clone(),
            issuer: self.assertion.issuer.clone(),
            subject: self.assertion.subject.clone(),
            email: mapped.email,
            display_name: mapped.display_name,
            at: self.now,
        }
    }

    pub(super) fn run(mut self, conn: &mut Connection) -> Result<Finished, LoginError> {
        if self.attempt.test().is_some() {
            return Err(LoginError::AttemptUsed);
        }
        if let Some(request) = self.attempt.openid() {
            strength::check(request, self.assertion.acr.as_deref())?;
        }
        self.refresh_connector(conn)?;
        self.believe_once(conn)?;
        let application = self.application(conn)?;
        let applied = self.provision(conn)?;
        let admission = self.gate(application.as_ref(), &applied)?;
        let (session, ended) = self.open_session(conn, &admission)?;
        let step = self.answer(conn, application.as_ref(), &admission)?;
        let mut rows = conn.tenant(&self.tenant.id);
        rows.login_attempts().forget_failures(&self.attempt.browser_hash)?;
        self.attempt.advance(&mut rows, LoginStage::Done)?;
        self.record(conn, &applied);
        self.audit(conn, application.as_ref(), &applied)?;
        Ok(Finished { session, user: applied.user.id, step, application, ended })
    }

    /// The mode counts as it is now, not as it was when the person left.
    fn refresh_connector(&mut self, conn: &mut Connection) -> Result<(), LoginError> {
        let row = conn.tenant(&self.tenant.id).connectors().find(&self.connector.id)?;
        self.connector = ConnectorRecord::try_from(row.ok_or(LoginError::ConnectorUnknown)?)?;
        Ok(())
    }

    /// Remembered in the same transaction as the session: exactly one sign-in comes of a statement.
    fn believe_once(&self, conn: &mut Connection) -> Result<(), LoginError> {
        let Some(once) = &self.assertion.once else {
            return Ok(());
        };
        let message = NewSingleUse {
            value_hash: once.hash.clone(),
            payload: json!({ "connector": self.connector.id }),
            created_at: self.now,
            expires_at: once.until,
        };
        once_only(&mut conn.tenant(&self.tenant.id), &message)
    }

    fn application(&self, conn: &mut Connection) -> Result<Option<Application>, LoginError> {
        let Some(request) = self.attempt.openid() else {
            return Ok(None);
        };
        let row = conn.tenant(&self.tenant.id).applications().find(&request.application)?;
        Ok(row.map(Application::try_from).transpose()?)
    }

    fn provision(&self, conn: &mut Connection) -> Result<Applied, LoginError> {
        let mut rows = conn.tenant(&self.tenant.id);
        let facts = read_facts(&mut rows, self.identity(), self.mapped())?;
        upstream_subject::check(&mut rows, &self.connector, &self.assertion)?;
        let decision = decide(&facts, &self.policy());
        if let ProvisioningDecision::Refuse(refusal) = decision {
            return Err(refusal.into());
        }
        let fresh = (self.now, self.fresh.user.clone());
        let applied = apply(&mut rows, &decision, &facts, &self.mapping, fresh)?;
        let applied = applied
            .ok_or(LoginError::Provisioning(crate::provisioning::Refusal::NotProvisioned))?;
        self.remember(&mut rows)?;
        Ok(applied)
    }

    /// WP-88: whom the last good mapping lets in keeps its address, and is not asked for one.
    fn policy(&self) -> ProvisioningPolicy {
        let policy = self.connector.configuration.provisioning.clone();
        let require_email = policy.require_email && self.mapping.answered == Answered::Now;
        ProvisioningPolicy { require_email, ..policy }
    }

    fn remember(&self, rows: &mut TenantRows<'_>) -> Result<(), LoginError> {
        let key = self.identity();
        let sub = upstream_subject::stated(&self.connector, &self.assertion);
        let seen = SeenUpstream {
            upstream_sub: sub.as_deref(),
            groups: self.groups_seen(),
            mapped_at: (self.mapping.answered == Answered::Now).then_some(self.now),
        };
        rows.identity_links().remember(&key.connector, &key.issuer, &key.subject, &seen)?;
        Ok(())
    }

    /// The groups as this sign-in showed them, whole: for applications that are told of them, and for a bad day. A cut
    /// list and one of an earlier sign-in leave what is known as it is.
    fn groups_seen(&self) -> Option<(&[String], DateTime<Utc>)> {
        match &self.assertion.groups_to_remember {
            Some(asked) => Some((asked.ids.as_slice(), asked.at)),
            None if self.claims.groups_complete && !self.assertion.groups_are_old => {
                Some((self.claims.groups.as_slice(), self.now))
            }
            None => None,
        }
    }

    fn gate(
        &self,
        application: Option<&Application>,
        applied: &Applied,
    ) -> Result<Admission, LoginError> {
        let configuration = &self.connector.configuration;
        let email = applied.user.email.as_deref();
        Ok(policy::admit(AdmissionFacts {
            tenant: self.tenant.id.clone(),
            tenant_active: self.tenant.active,
            connector: self.connector.id.clone(),
            connector_mode: self.connector.mode,
            in_pilot: configuration.pilot.includes(email),
            application: application.map(|one| one.facts(&self.connector.id)),
            user: applied.user.id.clone(),
            user_standing: applied.user.status.into(),
            mfa_required: configuration.requires_second_factor(),
            mfa_proved: configuration.proves_second_factor(&self.assertion.amr),
        })?)
    }

    /// The session of whoever signs in again goes on; anybody else's in this browser ends (F1: a new secret in any
    /// case).
    fn open_session(
        &mut self,
        conn: &mut Connection,
        admission: &Admission,
    ) -> Result<(OpenedSession, Vec<Ended>), LoginError> {
        let mut rows = conn.tenant(&self.tenant.id);
        let old = match &self.old_session {
            Some(cookie) => {
                sessions::find_live(&mut rows, cookie, self.now, &self.broker.settings)?
            }
            None => None,
        };
        let (secret, at) = (self.fresh.session_secret.clone(), (self.now, &*self.broker.settings));
        let (own, other) = match old {
            Some(old) if old.user == *admission.user() => (Some(old.id), None),
            old => (None, old),
        };
        if let Some(own) = own {
            let new = self.new_session(own);
            if let Some(session) = sessions::renew(&mut rows, admission, new, secret.clone(), at)? {
                self.fresh.session = session.id.clone();
                return Ok((session, Vec::new()));
            }
        }
        let new = self.new_session(self.fresh.session.clone());
        let session = sessions::open(&mut rows, admission, new, secret, at)?;
        let ended = match other {
            None => Vec::new(),
            Some(other) => {
                let why = (&self.audit, "replaced by a new sign-in");
                logout::end(conn, &self.tenant.id, Which::Session(&other.id), why)?
            }
        };
        Ok((session, ended))
    }

    fn new_session(&self, id: SessionId) -> NewSession {
        NewSession {
            id,
            authenticated_at: self.authenticated_at(),
            upstream_sid: self.assertion.upstream_sid.clone(),
            upstream_logout_hint: self.assertion.logout_hint.clone(),
            upstream_subject: self.assertion.logout_subject.clone(),
            ends_at_latest: self.assertion.session_ends_at,
            acr: self.assertion.acr.clone(),
            amr: self.assertion.amr.clone(),
        }
    }

    /// The upstream's word, never later than now.
    fn authenticated_at(&self) -> DateTime<Utc> {
        self.assertion.auth_time.unwrap_or(self.now).min(self.now)
    }

    fn answer(
        &self,
        conn: &mut Connection,
        application: Option<&Application>,
        admission: &Admission,
    ) -> Result<LoginStep, LoginError> {
        let (Some(request), Some(application)) = (self.attempt.openid(), application) else {
            let mut rows = conn.tenant(&self.tenant.id);
            let public_url = &self.broker.settings.public_url;
            let landing = match &self.attempt.request {
                LoginRequest::Device { user_code, at_platform } => {
                    let device = (user_code.as_deref(), *at_platform);
                    device::page(public_url, &self.tenant, device)
                }
                _ => landing::after(&mut rows, &self.connector, public_url)?,
            };
            return Ok(LoginStep::SignedIn { landing });
        };
        let session = LiveSession {
            id: self.fresh.session.clone(),
            user: admission.user().clone(),
            connector: admission.connector().clone(),
            authenticated_at: self.authenticated_at(),
            acr: self.assertion.acr.clone(),
            amr: self.assertion.amr.clone(),
        };
        let provider = OpenidProvider::of(&self.broker, &self.tenant, application);
        let asked = Asked { application, provider: &provider, request, session: &session };
        let fresh = (&self.fresh.code, self.now, self.broker.settings.as_ref());
        prepare(conn, admission, &asked, fresh)
    }

    /// Nobody is refused because their sign-in could not be recorded.
    fn record(&self, conn: &mut Connection, applied: &Applied) {
        let row = self.recording.as_ref().and_then(|draft| draft.signed_in(applied));
        let Some(row) = row else { return };
        let kept =
            conn.attempt(|conn| conn.tenant(&self.tenant.id).recorded_sign_ins().insert(&row));
        if let Err(error) = kept {
            tracing::warn!(trace = %self.audit.trace, %error, "the sign-in was not recorded");
        }
    }

    fn warnings(&self) -> Vec<String> {
        let told = self.assertion.warnings.iter();
        let told = told.map(|warning| format!("{}: {}", warning.reason, warning.detail));
        told.chain(self.mapping.remarks.iter().cloned()).collect()
    }

    fn audit(
        &self,
        conn: &mut Connection,
        application: Option<&Application>,
        applied: &Applied,
    ) -> Result<(), LoginError> {
        let (user, connector) = (applied.user.id.clone(), self.connector.id.clone());
        let mut context = self.audit.clone();
        context.actor.kind = "user";
        context.actor.id = Some(user.to_string());
        let mut events = Vec::new();
        if applied.created {
            events.push(AuditEvent::SsoProvisioned {
                user: user.clone(),
                connector: connector.clone(),
            });
        }
        if applied.linked {
            events.push(AuditEvent::SsoLinked {
                user: user.clone(),
                connector: connector.clone(),
                by: "verified e-mail of an owned domain",
            });
        }
        let roles_changed = !applied.gained.is_empty() || !applied.lost.is_empty();
        if roles_changed && !applied.created {
            events.push(AuditEvent::RolesChanged {
                user: user.clone(),
                connector: connector.clone(),
                gained: applied.gained.clone(),
                lost: applied.lost.clone(),
            });
        }
        events.push(AuditEvent::SsoLogin {
            provider: self.connector.configuration.upstream.provider(),
            user,
            email: applied.user.email.clone(),
            subject: self.assertion.subject.clone(),
            connector,
            application: application.map(|one| one.id.clone()),
            amr: self.assertion.amr.clone(),
            mapping_version: self.mapping.version,
            warnings: self.warnings(),
            session: self.fresh.session.clone(),
        });
        for event in &events {
            audit::append(conn, &self.tenant.id, &context, event)?;
        }
        Ok(())
    }
}
