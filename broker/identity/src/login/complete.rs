//! Stops 6 to 8: back from the upstream, one vocabulary, the customer's rules. Then [`super::finish`].

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connection, ConsumeOutcome, SingleUseKind, StorageError};

use super::LoginError;
use super::attempt::{self, LoginAttempt, LoginStage};
use super::authorize::{Departure, depart, usable};
use super::expected::Fit;
use super::finish::{Finished, Finishing, Fresh};
use super::refuse::{Circumstances, context, refuse};
use super::step::{LoginStep, Outcome};
use super::{expected, test_run};
use crate::broker::{Broker, Visit};
use crate::claims::normalise;
use crate::connectors::connector::{AnyConnector, Connector, callback_url};
use crate::connectors::{Assertion, ConnectorError, ConnectorRecord, UpstreamCallback};
use crate::downstream::oidc::OpenidProvider;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::logout;
use crate::mapping::{self, MappingError, MappingInput};
use crate::policy::ConnectorMode;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;
use crate::test_sign_in::TestReport;
use crate::traces::{Draft, Stop};

/// A callback that belongs to an attempt of this browser; its `state` is spent.
pub(super) struct Returned {
    pub(super) attempt: LoginAttempt,
    pub(super) connector: ConnectorRecord,
    state: String,
    browser: SecretString,
}

/// What the connector made of a callback.
enum Answer {
    /// It vouches for somebody.
    Vouched(Box<Assertion>),
    /// The upstream wants more.
    OnceMore(Outcome),
}

#[derive(Deserialize)]
struct StatePayload {
    attempt: String,
    connector: ConnectorId,
}

/// What a callback led to.
pub(super) enum Completed {
    /// The person is in.
    SignedIn(Box<Finished>),
    /// It was a test: nobody is in.
    Tested(Box<TestReport>),
    /// The upstream wants more: back to it, with the same attempt.
    OnceMore(Outcome),
}

/// Brings one callback to its end. `known` collects what a refusal should say.
pub(super) async fn complete(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, callback): (&ConnectorId, &UpstreamCallback),
    known: &mut Circumstances,
) -> Result<Completed, LoginError> {
    let returned = returned(broker, tenant, visit, (connector, callback), known).await?;
    let answer = ask(broker, tenant, visit, (&returned, callback)).await;
    if returned.attempt.test().is_some() {
        let assertion = match answer {
            Ok(Answer::OnceMore(outcome)) => return Ok(Completed::OnceMore(outcome)),
            Ok(Answer::Vouched(assertion)) => Ok(*assertion),
            Err(error) => Err(error),
        };
        let report = test_run::judged(broker, tenant, visit, (returned, assertion)).await?;
        return Ok(Completed::Tested(report));
    }
    match answer? {
        Answer::OnceMore(outcome) => Ok(Completed::OnceMore(outcome)),
        Answer::Vouched(assertion) => {
            // Boxed, because from here on a sign-in holds all of its state.
            let vouched = Vouched {
                attempt: returned.attempt,
                connector: returned.connector,
                assertion: *assertion,
            };
            let finished = Box::pin(finish(broker, tenant, visit, vouched, known)).await?;
            Ok(Completed::SignedIn(Box::new(finished)))
        }
    }
}

/// Stop 6: the connector reads and proves what came back.
async fn ask(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (returned, callback): (&Returned, &UpstreamCallback),
) -> Result<Answer, LoginError> {
    let LoginStage::AtUpstream(leg) = &returned.attempt.stage else {
        return Err(LoginError::State("the attempt is not at an upstream"));
    };
    let redirect_uri = callback_url(broker, &tenant.slug, &returned.connector);
    let trip = attempt::leg(&returned.browser, &returned.state, redirect_uri, leg);
    let opened = AnyConnector::open(broker, tenant, &returned.connector).await?;
    match opened.complete(&trip, callback).await {
        Ok(assertion) => Ok(Answer::Vouched(Box::new(assertion))),
        Err(ConnectorError::OnceMore { wishes, because }) => {
            tracing::info!(trace = %visit.trace, %because, "the trip is made once more");
            let (attempt, browser) = (returned.attempt.clone(), returned.browser.clone());
            let departure = Departure { attempt, stored: true, browser, wishes: Some(*wishes) };
            Ok(Answer::OnceMore(depart(broker, tenant, &returned.connector, departure).await?))
        }
        Err(error) => Err(error.into()),
    }
}

/// A statement that was verified, and for which sign-in it counts.
pub(super) struct Vouched {
    pub(super) attempt: LoginAttempt,
    pub(super) connector: ConnectorRecord,
    pub(super) assertion: Assertion,
}

/// Stops 7 to 12 for a verified statement.
pub(super) async fn finish(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    vouched: Vouched,
    known: &mut Circumstances,
) -> Result<Finished, LoginError> {
    let Vouched { attempt, connector, assertion } = vouched;
    let claims = normalise(&assertion, &connector.configuration.upstream);
    let now = broker.clock.now();
    let input = MappingInput::of_sign_in(&connector, &assertion, &claims, now);
    let about = (&connector, &assertion, &input);
    let mut recording = Draft::begin(broker, tenant, about, &visit.trace).await;
    let mapping = match mapping::run(broker, &tenant.id, &input, &visit.trace).await {
        Ok(mapping) => mapping,
        Err(error) => {
            let error = LoginError::from(error);
            known.recorded = recording.and_then(|draft| refused(&draft, &error));
            return Err(error);
        }
    };
    if let Some(draft) = &mut recording {
        draft.mapped(&mapping);
    }
    let recording = recording.map(Arc::new);
    let finishing = Finishing {
        tenant: tenant.clone(),
        connector,
        attempt,
        assertion,
        claims,
        mapping,
        broker: broker.clone(),
        audit: context(broker, visit, None),
        now,
        fresh: Fresh {
            user: broker.ids.new_user_id(),
            session: broker.ids.new_session_id(),
            session_secret: broker.new_secret(),
            code: broker.new_secret(),
        },
        old_session: visit.session_cookie.clone(),
        recording: recording.clone(),
    };
    known.stranger = Some(finishing.stranger());
    let request = finishing.attempt.openid().cloned();
    let secret = finishing.fresh.code.clone();
    let finished = broker.database.try_write(move |conn| finishing.run(conn)).await;
    if let Ok(finished) = &finished {
        logout::tell(broker, &tenant.id, &finished.ended);
    }
    if let (Err(error), Some(draft)) = (&finished, &recording) {
        known.recorded = refused(draft, error);
    }
    match request {
        Some(request) => expected_only(broker, tenant, visit, (finished?, &secret), request).await,
        None => finished,
    }
}

/// Somebody signed in. Where the application expects somebody else, they are in, and it learns only that
/// (OpenID Core 3.1.2.2): a code that was made is withdrawn before anybody saw it.
async fn expected_only(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (mut finished, secret): (Finished, &SecretString),
    request: AuthorizationRequest,
) -> Result<Finished, LoginError> {
    let Some(application) = &finished.application else {
        return Ok(finished);
    };
    let fit = expected::compare(broker, tenant, (application, &request), &finished.user).await?;
    if fit != Fit::Other {
        return Ok(finished);
    }
    let code = OpenidProvider::of(broker, tenant, application).routed(secret);
    let code = sha256_hex(code.expose_secret().as_bytes());
    let question = sha256_hex(secret.expose_secret().as_bytes());
    let (owner, now) = (tenant.id.clone(), broker.clock.now());
    let withdraw = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&owner);
        rows.single_use(SingleUseKind::AuthorizationCode).consume(&code, now)?;
        rows.single_use(SingleUseKind::PendingConsent).consume(&question, now).map(drop)
    };
    broker.database.write(withdraw).await?;
    let known = Circumstances {
        application: Some(request.application.clone()),
        asked: Some(Box::new(request)),
        ..Circumstances::default()
    };
    let refused = refuse(broker, tenant, visit, &expected::other_person(), known).await;
    match refused.answer {
        Some(answer) => finished.step = LoginStep::Answer(answer),
        None => return Err(expected::other_person()),
    }
    Ok(finished)
}

/// What is recorded of a sign-in that one of our own stops refused. What is our own fault is none of the person's.
fn refused(draft: &Draft, error: &LoginError) -> Option<symbolon_storage::RecordedSignIn> {
    let stop = match error {
        LoginError::Mapping(MappingError::Storage(_)) => return None,
        LoginError::Mapping(_) => Stop::Mapping,
        LoginError::Provisioning(_) | LoginError::UpstreamSubjectChanged => Stop::Provisioning,
        LoginError::Policy(_) => Stop::Gate,
        _ => return None,
    };
    draft.refused(stop, error.reason(), &error.to_string())
}

/// Finds the attempt of a callback and spends its `state`. Whoever holds the state but not the browser's
/// cookie spends nothing.
async fn returned(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (came, callback): (&ConnectorId, &UpstreamCallback),
    known: &mut Circumstances,
) -> Result<Returned, LoginError> {
    let state = callback.state().ok_or(LoginError::State("none, or more than one"))?;
    let hash = sha256_hex(state.as_bytes());
    let found = find(broker, tenant, came, &hash).await?;
    let Found { connector, payload, attempt } = found;
    let connector = connector.ok_or(LoginError::ConnectorUnknown)?;
    let payload = payload.ok_or(LoginError::State("this tenant made no such state"))?;
    let attempt = attempt.ok_or(LoginError::AttemptExpired)?;
    known.application = attempt.openid().map(|request| request.application.clone());
    known.test = attempt.test().map(str::to_owned);
    let asked = attempt.openid().cloned().map(Box::new);
    let browser =
        visit.login_cookie.clone().ok_or(LoginError::State("the browser has no login cookie"))?;
    if !attempt.belongs_to(Some(&browser)) {
        return Err(LoginError::State("another browser began this sign-in"));
    }
    if payload.connector != *came {
        return Err(LoginError::CallbackOfAnotherConnector {
            begun: payload.connector,
            came: came.clone(),
        });
    }
    usable(&attempt, broker, visit)?;
    known.retry = known.test.is_none().then(|| attempt.id.clone());
    spend(broker, tenant, hash).await?;
    known.asked = asked;
    known.round_trip = known.test.is_none().then(|| attempt.id.clone());
    let open = match &known.test {
        None => connector.is_offered(),
        Some(_) => connector.mode != ConnectorMode::Off,
    };
    if !open {
        return Err(LoginError::ConnectorNotOffered(connector.id.clone(), connector.mode.as_str()));
    }
    Ok(Returned { attempt, connector, state: state.to_owned(), browser })
}

struct Found {
    connector: Option<ConnectorRecord>,
    payload: Option<StatePayload>,
    attempt: Option<LoginAttempt>,
}

async fn find(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
    state_hash: &str,
) -> Result<Found, StorageError> {
    let (tenant, connector, hash) = (tenant.id.clone(), connector.clone(), state_hash.to_owned());
    broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&tenant);
            let connector =
                rows.connectors().find(&connector)?.map(ConnectorRecord::try_from).transpose()?;
            let row = rows.single_use(SingleUseKind::UpstreamState).peek(&hash)?;
            let payload: Option<StatePayload> =
                row.map(|row| serde_json::from_value(row.payload)).transpose().map_err(
                    |error| StorageError::Corrupt { table: "single_use", why: error.to_string() },
                )?;
            let attempt = match &payload {
                None => None,
                Some(payload) => LoginAttempt::find(&mut rows, &payload.attempt)?,
            };
            Ok(Found { connector, payload, attempt })
        })
        .await
}

async fn spend(
    broker: &Broker,
    tenant: &TenantRecord,
    state_hash: String,
) -> Result<(), LoginError> {
    let (tenant, now) = (tenant.id.clone(), broker.clock.now());
    let outcome = broker
        .database
        .write(move |conn| {
            conn.tenant(&tenant).single_use(SingleUseKind::UpstreamState).consume(&state_hash, now)
        })
        .await?;
    match outcome {
        ConsumeOutcome::Taken(_) => Ok(()),
        ConsumeOutcome::AlreadyConsumed(_) => Err(LoginError::AttemptUsed),
        ConsumeOutcome::Expired => Err(LoginError::AttemptExpired),
        ConsumeOutcome::Unknown => Err(LoginError::State("this tenant made no such state")),
    }
}
