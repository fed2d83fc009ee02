//! Stops 2 to 5: what is asked, is there a session, which connector, off to the upstream.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use symbolon_contract::{ApplicationId, ConnectorId};
use symbolon_storage::{NewSingleUse, SingleUseKind, StorageError, TenantDomain};

use super::LoginError;
use super::attempt::{self, Leg, LoginAttempt, LoginRequest, LoginStage};
use super::step::{LoginStep, Outcome};
use crate::broker::{Broker, Visit};
use crate::connectors::ConnectorRecord;
use crate::connectors::assertion::UpstreamWishes;
use crate::connectors::connector::{AnyConnector, Connector, callback_url};
use crate::downstream::Application;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::secrets::sha256_hex;
use crate::sessions::{self, LiveSession};
use crate::tenants::TenantRecord;

/// What one trip to the database tells about a request.
pub(super) struct Surroundings {
    pub(super) application: Option<Application>,
    pub(super) connectors: Vec<ConnectorRecord>,
    pub(super) domains: Vec<TenantDomain>,
    pub(super) session: Option<LiveSession>,
}

pub(super) async fn surroundings(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    client_id: Option<&str>,
) -> Result<Surroundings, StorageError> {
    let tenant = tenant.id.clone();
    let application = client_id.and_then(|id| ApplicationId::parse(id).ok());
    let cookie = visit.session_cookie.clone();
    let (now, settings) = (broker.clock.now(), broker.settings.clone());
    broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&tenant);
            let application = match application {
                None => None,
                Some(id) => {
                    rows.applications().find(&id)?.map(Application::try_from).transpose()?
                }
            };
            let connectors = rows.connectors().list()?.into_iter().map(ConnectorRecord::try_from);
            let connectors = connectors.collect::<Result<Vec<_>, _>>()?;
            let domains = rows.domains().list()?;
            let session = match &cookie {
                None => None,
                Some(secret) => sessions::find_live(&mut rows, secret, now, &settings)?,
            };
            Ok(Surroundings { application, connectors, domains, session })
        })
        .await
}

/// A new attempt for this browser, and the login cookie to set when it has none yet.
pub(super) fn new_attempt(
    broker: &Broker,
    visit: &Visit,
    request: LoginRequest,
) -> (LoginAttempt, SecretString, Option<SecretString>) {
    let known = visit.login_cookie.clone().filter(attempt::is_browser_secret);
    let browser = known.clone().unwrap_or_else(|| broker.new_secret());
    let now = broker.clock.now();
    let attempt = LoginAttempt {
        id: broker.ids.new_row_id(),
        browser_hash: attempt::browser_hash(&browser),
        request,
        stage: LoginStage::Choosing,
        last_failure: None,
        created_at: now,
        expires_at: now + broker.settings.attempt_lifetime,
        version: 1,
    };
    let to_set = known.is_none().then(|| browser.clone());
    (attempt, browser, to_set)
}

/// Reads an attempt that this browser may go on with.
pub(super) async fn own_attempt(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    id: &str,
) -> Result<LoginAttempt, LoginError> {
    let (tenant, id) = (tenant.id.clone(), id.to_owned());
    let found = broker
        .database
        .read(move |conn| LoginAttempt::find(&mut conn.tenant(&tenant), &id))
        .await?;
    // A test sign-in goes to its one connector and is over when it comes back.
    let attempt = found.filter(|one| one.test().is_none()).ok_or(LoginError::AttemptUnknown)?;
    usable(&attempt, broker, visit)?;
    Ok(attempt)
}

pub(super) fn usable(
    attempt: &LoginAttempt,
    broker: &Broker,
    visit: &Visit,
) -> Result<(), LoginError> {
    if !attempt.belongs_to(visit.login_cookie.as_ref()) {
        return Err(LoginError::AttemptOfAnotherBrowser);
    }
    if attempt.stage == LoginStage::Done {
        return Err(LoginError::AttemptUsed);
    }
    if broker.clock.now() >= attempt.expires_at {
        return Err(LoginError::AttemptExpired);
    }
    Ok(())
}

/// An attempt that sets off, stored already or not.
pub(super) struct Departure {
    pub(super) attempt: LoginAttempt,
    pub(super) stored: bool,
    pub(super) browser: SecretString,
    /// What to ask for; the application's wishes when nothing is said here.
    pub(super) wishes: Option<UpstreamWishes>,
}

/// Sends the person to the upstream. The document is fetched first, so that nothing is written for an
/// upstream that cannot be reached.
pub(super) async fn depart(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorRecord,
    departure: Departure,
) -> Result<Outcome, LoginError> {
    let Departure { mut attempt, stored, browser, wishes } = departure;
    let wishes = wishes.or_else(|| attempt.openid().map(wishes_of));
    let leg = Leg {
        connector: connector.id.clone(),
        started_at: broker.clock.now(),
        wishes: wishes.unwrap_or_default(),
    };
    let state = broker.new_secret();
    let redirect_uri = callback_url(broker, &tenant.slug, connector);
    let trip = attempt::leg(&browser, state.expose_secret(), redirect_uri, &leg);
    let redirect = AnyConnector::open(broker, tenant, connector).await?.begin(&trip).await?;
    let (tenant, now) = (tenant.id.clone(), broker.clock.now());
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            if stored {
                attempt.advance(&mut rows, LoginStage::AtUpstream(leg.clone()))?;
            } else {
                attempt.stage = LoginStage::AtUpstream(leg.clone());
                attempt.insert(&mut rows)?;
            }
            rows.single_use(SingleUseKind::UpstreamState).put(&NewSingleUse {
                value_hash: sha256_hex(state.expose_secret().as_bytes()),
                payload: json!({ "attempt": attempt.id, "connector": leg.connector }),
                created_at: now,
                expires_at: attempt.expires_at,
            })
        })
        .await?;
    Ok(Outcome::of(LoginStep::Leave(redirect)))
}

/// A stored attempt whose person is back already: an identity provider began it.
pub(super) async fn attempt_at(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, request): (&ConnectorId, LoginRequest),
) -> Result<LoginAttempt, StorageError> {
    let (mut attempt, _, _) = new_attempt(broker, visit, request);
    attempt.stage = LoginStage::AtUpstream(Leg {
        connector: connector.clone(),
        started_at: broker.clock.now(),
        wishes: UpstreamWishes::default(),
    });
    let (owner, stored) = (tenant.id.clone(), attempt.clone());
    broker.database.write(move |conn| attempt.insert(&mut conn.tenant(&owner))).await?;
    Ok(stored)
}

/// What of the application's request concerns the upstream.
fn wishes_of(request: &AuthorizationRequest) -> UpstreamWishes {
    UpstreamWishes {
        login_hint: request.login_hint.clone(),
        fresh_sign_in: request.prompt.login,
        choose_account: request.prompt.select_account,
        max_age: request.max_age,
        acr_values: request.wished_contexts(),
        ui_locales: request.ui_locales.clone(),
        claims_challenge: None,
    }
}

/// A connector that people may use, for this application.
pub(super) fn offered_connector<'a>(
    surroundings: &'a Surroundings,
    id: &ConnectorId,
) -> Result<&'a ConnectorRecord, LoginError> {
    let found = surroundings.connectors.iter().find(|one| one.id == *id);
    let connector = found.ok_or(LoginError::ConnectorUnknown)?;
    if !connector.is_offered() {
        return Err(LoginError::ConnectorNotOffered(id.clone(), connector.mode.as_str()));
    }
    match &surroundings.application {
        Some(application) if !application.settings.accepts(id) => {
            Err(LoginError::ConnectorForApplication(id.clone()))
        }
        _ => Ok(connector),
    }
}
