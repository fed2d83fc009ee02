//! The person is asked whether an application of somebody else may learn about them, and answers.
//!
//! The question waits under a handle and is answered by the browser that holds the session it was made for.
//! Between question and answer everything may have changed, so the gate is asked again.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ApplicationId, ReasonCode, SessionId};
use symbolon_storage::{
    Connection, ConsumeOutcome, NewSingleUse, SingleUseKind, StorageError, StorageResult,
    TenantRows,
};
use url::Url;

use super::answer::{Asked, issue};
use super::flow::{FlowResult, settle};
use super::refuse::{Circumstances, context, refuse};
use super::step::{LoginStep, Outcome};
use super::{LoginError, Refused};
use crate::audit::{self, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::downstream::Application;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::downstream::oidc::consent::{self, Wish};
use crate::downstream::oidc::token::{GateError, pass_gate};
use crate::downstream::oidc::{OauthError, OpenidProvider};
use crate::secrets::sha256_hex;
use crate::sessions::{self, LiveSession};
use crate::tenants::TenantRecord;

const KIND: SingleUseKind = SingleUseKind::PendingConsent;

/// What waits for the answer; nothing in it is secret.
#[derive(Serialize, Deserialize)]
struct Waiting {
    request: AuthorizationRequest,
    session: SessionId,
}

/// A question, ready to be put.
#[derive(Debug, Clone)]
pub struct ConsentQuestion {
    /// The application, as it registered.
    pub application: Application,
    /// The person's e-mail address, or else name.
    pub person: Option<String>,
    /// What it asks for.
    pub wishes: Vec<Wish>,
    /// Where the answer leads on.
    pub leads_to: Option<Url>,
}

/// Keeps a question.
pub(super) fn wait(
    rows: &mut TenantRows<'_>,
    asked: &Asked<'_>,
    handle: &SecretString,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> StorageResult<()> {
    let waiting = Waiting { request: asked.request.clone(), session: asked.session.id.clone() };
    rows.single_use(KIND).put(&NewSingleUse {
        value_hash: hash_of(handle.expose_secret()),
        payload: json!(waiting),
        created_at: now,
        expires_at: until,
    })
}

fn hash_of(handle: &str) -> String {
    sha256_hex(handle.as_bytes())
}

/// The question behind a handle, for the browser that may answer it.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn consent_question(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: &str,
) -> Result<ConsentQuestion, Box<Refused>> {
    let (own, owned, hash) = (broker.clone(), tenant.clone(), hash_of(handle));
    let cookie = visit.session_cookie.clone();
    let read = move |conn: &mut Connection| {
        let waiting = conn.tenant(&owned.id).single_use(KIND).peek(&hash)?;
        let now = own.clock.now();
        let waiting = waiting.filter(|row| row.consumed_at.is_none() && now < row.expires_at);
        let waiting = waiting.map(|row| parse(row.payload)).transpose()?;
        let (waiting, _) = answerable(conn, (&own, &owned), (waiting, cookie.as_ref()))?;
        question(conn, &owned, &waiting)
    };
    match broker.database.read(move |conn| Ok(read(conn))).await.map_err(Into::into).flatten() {
        Ok(question) => Ok(question),
        Err(error) => Err(refuse(broker, tenant, visit, &error, Circumstances::default()).await),
    }
}

/// A question and the live session that it was made for; anything else is nobody's.
fn answerable(
    conn: &mut Connection,
    (broker, tenant): (&Broker, &TenantRecord),
    (waiting, cookie): (Option<Waiting>, Option<&SecretString>),
) -> Result<(Waiting, LiveSession), LoginError> {
    let (Some(waiting), Some(cookie)) = (waiting, cookie) else {
        return Err(LoginError::ConsentUnknown);
    };
    let (mut rows, now) = (conn.tenant(&tenant.id), broker.clock.now());
    match sessions::find_live(&mut rows, cookie, now, &broker.settings)? {
        Some(session) if session.id == waiting.session => Ok((waiting, session)),
        _ => Err(LoginError::ConsentUnknown),
    }
}

fn question(
    conn: &mut Connection,
    tenant: &TenantRecord,
    waiting: &Waiting,
) -> Result<ConsentQuestion, LoginError> {
    let mut rows = conn.tenant(&tenant.id);
    let session = rows.sessions().find(&waiting.session)?;
    let user = session.map(|session| rows.users().find(&session.user_id)).transpose()?.flatten();
    let application = rows.applications().find(&waiting.request.application)?;
    let application = application.ok_or(LoginError::ConsentUnknown)?;
    let application = Application::try_from(application)?;
    Ok(ConsentQuestion {
        wishes: consent::wishes(&application, (&waiting.request).into()),
        leads_to: Url::parse(waiting.request.redirect_uri.as_str()).ok(),
        person: user.and_then(|user| user.email.or(user.display_name)),
        application,
    })
}

/// The person has answered.
///
/// # Errors
/// A [`Refused`] to show, or to tell the application.
pub async fn consent_answered(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (handle, agreed): (&str, bool),
) -> FlowResult {
    let mut known = Circumstances::default();
    let deciding = Deciding {
        broker: broker.clone(),
        tenant: tenant.clone(),
        hash: hash_of(handle),
        cookie: visit.session_cookie.clone(),
        agreed,
        secret: broker.new_secret(),
        audit: context(broker, visit, None),
    };
    let decided = broker.database.try_write(move |conn| deciding.run(conn)).await;
    let outcome = decided.and_then(|(request, step)| {
        known.application = Some(request.application.clone());
        known.asked = Some(request);
        match step {
            Some(step) => Ok(Outcome::of(step)),
            None => Err(LoginError::Request(OauthError::new(
                ReasonCode::AuthorizeConsentDenied,
                "the person did not allow it",
            ))),
        }
    });
    settle(broker, tenant, visit, outcome, known).await
}

/// Everything that the transaction needs.
struct Deciding {
    broker: Broker,
    tenant: TenantRecord,
    hash: String,
    cookie: Option<SecretString>,
    agreed: bool,
    secret: SecretString,
    audit: AuditContext,
}

impl Deciding {
    /// The request, and the step that answers it when the person agreed.
    fn run(
        mut self,
        conn: &mut Connection,
    ) -> Result<(Box<AuthorizationRequest>, Option<LoginStep>), LoginError> {
        let now = self.audit.now;
        let taken = conn.tenant(&self.tenant.id).single_use(KIND).consume(&self.hash, now)?;
        let waiting = match taken {
            ConsumeOutcome::Taken(row) => Some(parse(row.payload)?),
            _ => None,
        };
        let at = (&self.broker, &self.tenant);
        let (waiting, session) = answerable(conn, at, (waiting, self.cookie.as_ref()))?;
        let request = Box::new(waiting.request);
        if !self.agreed {
            return Ok((request, None));
        }
        let admitted = pass_gate(conn, &self.tenant, &request.application, &session.id, now);
        let admitted = admitted.map_err(no_longer)?;
        let (application, admission) = (&admitted.application, &admitted.admission);
        let mut rows = conn.tenant(&self.tenant.id);
        let sought = (application, (&*request).into());
        let scopes = consent::give(&mut rows, sought, &session.user, now)?;
        self.audit.actor.kind = "user";
        self.audit.actor.id = Some(session.user.to_string());
        let given = AuditEvent::ConsentGiven {
            user: session.user.clone(),
            application: application.id.clone(),
            scopes,
        };
        audit::append(conn, &self.tenant.id, &self.audit, &given)?;
        let provider = OpenidProvider::of(&self.broker, &self.tenant, application);
        let asked =
            Asked { application, provider: &provider, request: &request, session: &session };
        let fresh = (&self.secret, now, self.broker.settings.as_ref());
        let step = issue(conn, admission, &asked, fresh)?;
        Ok((request, Some(step)))
    }
}

/// What the gate says now, in the words of a sign-in.
fn no_longer(error: GateError) -> LoginError {
    match error {
        GateError::Storage(error) => LoginError::Storage(error),
        GateError::Refused(refused) => LoginError::Policy(refused),
        GateError::Gone(_) => LoginError::ConsentUnknown,
    }
}

/// The person takes a consent back, with everything that the application got by it. False when there was none.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn withdraw_consent(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    application: ApplicationId,
) -> Result<bool, Box<Refused>> {
    let (own, owned, cookie) = (broker.clone(), tenant.clone(), visit.session_cookie.clone());
    let mut audit = context(broker, visit, None);
    let taken_back = broker.database.try_write(move |conn| {
        let (mut rows, now) = (conn.tenant(&owned.id), audit.now);
        let session = match &cookie {
            Some(cookie) => sessions::find_live(&mut rows, cookie, now, &own.settings)?,
            None => None,
        };
        let user = session.ok_or(LoginError::ConsentUnknown)?.user;
        if !consent::withdraw(&mut rows, &user, &application, now)? {
            return Ok(false);
        }
        audit.actor.kind = "user";
        audit.actor.id = Some(user.to_string());
        let event = AuditEvent::ConsentWithdrawn { user, application };
        audit::append(conn, &owned.id, &audit, &event)?;
        Ok::<_, LoginError>(true)
    });
    match taken_back.await {
        Ok(taken_back) => Ok(taken_back),
        Err(error) => Err(refuse(broker, tenant, visit, &error, Circumstances::default()).await),
    }
}

fn parse(payload: serde_json::Value) -> StorageResult<Waiting> {
    serde_json::from_value(payload).map_err(|error| StorageError::Corrupt {
        table: "single_use",
        why: format!("pending consent: {error}"),
    })
}
