//! The table of design.md 1 as code. Each function is one request of the browser.

use symbolon_contract::{ApplicationId, ConnectorId, ReasonCode};

use super::attempt::LoginRequest;
use super::authorize::{self, Departure, Surroundings};
use super::choose_connector::{Choice, as_choice, choose, for_email, offered};
use super::complete::{self, Completed, Vouched};
use super::finish::Finished;
use super::held;
use super::idp_initiated::{self, Waiting};
use super::refuse::{Circumstances, refuse};
use super::reuse;
use super::step::{LoginStep, Outcome};
use super::{LoginError, Refused, loop_guard};
use crate::broker::{Broker, Visit};
use crate::connectors::UpstreamCallback;
use crate::downstream::oidc::authorize::{AuthorizeRefusal, Parameters, answer_error, receive};
use crate::downstream::oidc::{OauthError, OpenidProvider};
use crate::tenants::TenantRecord;

/// What every function here returns.
pub type FlowResult = Result<Outcome, Box<Refused>>;

/// An application asks (OpenID authorization request).
///
/// # Errors
/// A [`Refused`] to show, or to tell the application.
pub async fn authorize(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    parameters: &Parameters,
) -> FlowResult {
    let mut known = Circumstances {
        application: parameters.get("client_id").and_then(|id| ApplicationId::parse(id).ok()),
        ..Circumstances::default()
    };
    let outcome = try_authorize(broker, tenant, visit, parameters, &mut known).await;
    settle(broker, tenant, visit, outcome, known).await
}

async fn try_authorize(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    parameters: &Parameters,
    known: &mut Circumstances,
) -> Result<Outcome, LoginError> {
    let client_id = parameters.get("client_id");
    let mut around = authorize::surroundings(broker, tenant, visit, client_id).await?;
    around.application = around.application.filter(|application| application.speaks_to(tenant));
    let provider = match &around.application {
        Some(application) => OpenidProvider::of(broker, tenant, application),
        None => OpenidProvider::of_tenant(broker, tenant),
    };
    let application = around.application.as_ref();
    let request = match receive(broker, &provider, parameters, application).await {
        Ok(request) => request,
        Err(AuthorizeRefusal::Page(error)) => return Err(LoginError::Request(error)),
        Err(AuthorizeRefusal::Redirect { error, answer_to }) => {
            known.answer = Some(answer_error(&answer_to, &provider.issuer, error.clone()));
            return Err(LoginError::Request(error));
        }
    };
    known.asked = Some(Box::new(request.clone()));
    let asked = LoginRequest::Openid(Box::new(request.clone()));
    if !request.prompt.login
        && !request.prompt.select_account
        && request.max_age.is_none()
        && let Some(outcome) = go_on(broker, tenant, visit, (&around, asked), known).await?
    {
        return Ok(outcome);
    }
    if let Some(step) = reuse::try_reuse(broker, tenant, visit, &around, &request).await? {
        return Ok(Outcome::of(step));
    }
    if request.prompt.none {
        let error = if tenant.is_platform() {
            OauthError::new(
                ReasonCode::TenantNotNamed,
                "the request names no tenant, and nobody may be asked",
            )
        } else {
            reuse::login_required("nobody is signed in, or not as the request demands")
        };
        return Err(LoginError::Request(error));
    }
    start(broker, tenant, visit, (&around, LoginRequest::Openid(Box::new(request))), known).await
}

/// A person comes to the tenant's own login page.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn open_portal(broker: &Broker, tenant: &TenantRecord, visit: &Visit) -> FlowResult {
    let mut known = Circumstances::default();
    let outcome = async {
        let around = authorize::surroundings(broker, tenant, visit, None).await?;
        let asked = (&around, LoginRequest::Portal);
        if let Some(outcome) = go_on(broker, tenant, visit, asked, &mut known).await? {
            return Ok(outcome);
        }
        start(broker, tenant, visit, (&around, LoginRequest::Portal), &mut known).await
    }
    .await;
    settle(broker, tenant, visit, outcome, known).await
}

/// A new attempt: straight to the only connector, or to the page where one is chosen.
pub(super) async fn start(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (around, request): (&Surroundings, LoginRequest),
    known: &mut Circumstances,
) -> Result<Outcome, LoginError> {
    let (attempt, browser, login_cookie) = authorize::new_attempt(broker, visit, request);
    let offered = offered(&around.connectors, around.application.as_ref());
    let outcome = match choose(&offered, &around.domains, attempt.openid()) {
        Choice::None => return Err(LoginError::NoConnector),
        Choice::Only(id) => {
            known.connector = Some(id.clone());
            loop_guard::check(broker, tenant, visit).await?;
            let connector = authorize::offered_connector(around, &id)?;
            let departure = Departure { attempt, stored: false, browser, wishes: None };
            authorize::depart(broker, tenant, connector, departure).await?
        }
        Choice::Ask(_) => {
            let (id, owned) = (attempt.id.clone(), tenant.id.clone());
            broker.database.write(move |conn| attempt.insert(&mut conn.tenant(&owned))).await?;
            Outcome::of(LoginStep::ShowLoginPage { attempt: id })
        }
    };
    Ok(Outcome { login_cookie, ..outcome })
}

/// The login page of an attempt; with an e-mail, the connector of its domain.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn login_page(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (attempt, email): (&str, Option<&str>),
) -> FlowResult {
    let mut known = Circumstances::default();
    let outcome = async {
        let attempt = authorize::own_attempt(broker, tenant, visit, attempt).await?;
        known.retry = Some(attempt.id.clone());
        let client_id = attempt.openid().map(|request| request.application.as_str());
        let around = authorize::surroundings(broker, tenant, visit, client_id).await?;
        let offered = offered(&around.connectors, around.application.as_ref());
        let step = match email {
            Some(email) => {
                let id = for_email(&offered, &around.domains, email)
                    .ok_or(LoginError::NoConnectorForEmail)?;
                let connector = as_choice(authorize::offered_connector(&around, &id)?);
                LoginStep::Announce { attempt: attempt.id, connector }
            }
            None => LoginStep::Choose {
                attempt: attempt.id,
                application: around.application.clone().map(Box::new),
                ask_email: offered.len() > 1 && !around.domains.is_empty(),
                connectors: offered.iter().map(|one| as_choice(one)).collect(),
            },
        };
        Ok(Outcome::of(step))
    };
    let outcome = outcome.await;
    settle(broker, tenant, visit, outcome, known).await
}

/// The person chose a connector.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn leave(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (attempt, connector): (&str, &ConnectorId),
) -> FlowResult {
    let known = Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
    let outcome = async {
        let attempt = authorize::own_attempt(broker, tenant, visit, attempt).await?;
        let client_id = attempt.openid().map(|request| request.application.as_str());
        let around = authorize::surroundings(broker, tenant, visit, client_id).await?;
        let connector = authorize::offered_connector(&around, connector)?;
        loop_guard::check(broker, tenant, visit).await?;
        let browser = visit.login_cookie.clone().ok_or(LoginError::AttemptOfAnotherBrowser)?;
        let departure = Departure { attempt, stored: true, browser, wishes: None };
        authorize::depart(broker, tenant, connector, departure).await
    };
    settle(broker, tenant, visit, outcome.await, known).await
}

/// The person is back from an upstream.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn complete(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, callback): (&ConnectorId, &UpstreamCallback),
) -> FlowResult {
    let mut known =
        Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
    let finished =
        complete::complete(broker, tenant, visit, (connector, callback), &mut known).await;
    let outcome = finished.map(|completed| match completed {
        Completed::OnceMore(outcome) => outcome,
        Completed::Tested(report) => Outcome::of(LoginStep::Tested(report)),
        Completed::SignedIn(finished) => signed_in(*finished),
    });
    settle(broker, tenant, visit, outcome, known).await
}

fn signed_in(finished: Finished) -> Outcome {
    Outcome { step: finished.step, login_cookie: None, session: Some(finished.session) }
}

/// A sign-in that an identity provider began waits for this one: then nobody is sent away (SP3).
async fn go_on(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (around, request): (&Surroundings, LoginRequest),
    known: &mut Circumstances,
) -> Result<Option<Outcome>, LoginError> {
    if !idp_initiated::any_allowed(&around.connectors) {
        return Ok(None);
    }
    let application = around.application.as_ref().map(|one| &one.id);
    let waiting = idp_initiated::waiting_for(broker, tenant, visit, application).await?;
    let Some(Waiting { connector, assertion, .. }) = waiting else {
        return Ok(None);
    };
    known.connector = Some(connector.clone());
    let connector = authorize::offered_connector(around, &connector)?.clone();
    let attempt = authorize::attempt_at(broker, tenant, visit, (&connector.id, request)).await?;
    let vouched = Vouched { attempt, connector, assertion };
    let finished = complete::finish(broker, tenant, visit, vouched, known);
    Box::pin(finished).await.map(signed_in).map(Some)
}

/// Keeps a callback that was posted across sites, where no `SameSite=Lax` cookie comes along, for the GET
/// that follows (H-03, decision 0008). Returns the handle.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn hold_callback(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    fields: &[(String, String)],
) -> Result<String, Box<Refused>> {
    match held::hold(broker, tenant, fields).await {
        Ok(handle) => Ok(handle),
        Err(error) => Err(refuse(broker, tenant, visit, &error, Circumstances::default()).await),
    }
}

/// Takes a kept callback back, once.
///
/// # Errors
/// A [`Refused`] to show.
pub async fn held_callback(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: &str,
) -> Result<UpstreamCallback, Box<Refused>> {
    match held::take(broker, tenant, handle).await {
        Ok(callback) => Ok(callback),
        Err(error) => Err(refuse(broker, tenant, visit, &error, Circumstances::default()).await),
    }
}

pub(super) async fn settle(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    outcome: Result<Outcome, LoginError>,
    known: Circumstances,
) -> FlowResult {
    match outcome {
        Ok(outcome) => Ok(outcome),
        Err(error) => {
            if error.reason() == ReasonCode::ServerInternal {
                tracing::error!(trace = %visit.trace, %error, "a sign-in failed by our own fault");
            }
            Err(refuse(broker, tenant, visit, &error, known).await)
        }
    }
}
