//! An application signs a person out (OpenID Connect RP-Initiated Logout 1.0): at once where an ID token of ours
//! names the session of this browser, after the person's word otherwise (2, D17), and then back to the application.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::SessionId;
use symbolon_storage::{ConsumeOutcome, NewSingleUse, SingleUseKind, StorageError};
use url::Url;

use super::Refused;
use super::account::failed;
use super::logout::{SignedOut, sign_out};
use super::refuse::refuse_request;
use super::upstream_logout::sign_out_at;
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::authorize::Parameters;
use crate::downstream::oidc::end_session::{self, EndSessionRequest};
use crate::secrets::sha256_hex;
use crate::sessions::{self, LiveSession};
use crate::tenants::TenantRecord;

/// What the browser does next.
#[derive(Debug)]
pub enum EndSessionStep {
    /// Come again by GET: a form that another site posts comes without our cookies (H-03).
    ComeBack {
        /// What to bring.
        handle: SecretString,
    },
    /// Ask the person.
    Ask {
        /// The name of the application that asks.
        application: Option<String>,
        /// What the person's word brings.
        handle: SecretString,
        /// Where their word leads.
        leads_to: Vec<Url>,
    },
    /// The session, if there was one, is over.
    SignedOut(SignedOut),
}

/// Where in the journey a kept request is: what is kept for one stop is nothing at another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stop {
    /// Posted from elsewhere; the browser comes again.
    #[default]
    Held,
    /// The person is asked.
    Asked,
    /// The person is at the upstream.
    Away,
}

/// A request under way.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Pending {
    stop: Stop,
    application: Option<String>,
    landing: Option<String>,
    session: Option<SessionId>,
    /// Hash of the session cookie of the browser that was asked.
    browser: Option<String>,
}

impl From<EndSessionRequest> for Pending {
    fn from(request: EndSessionRequest) -> Self {
        Self {
            stop: Stop::Held,
            application: request.application.map(|one| one.display_name),
            landing: request.landing,
            session: request.session,
            browser: None,
        }
    }
}

/// Answers a request by URL or, when `posted`, by form.
///
/// # Errors
/// A [`Refused`] to show: nothing ended, and nobody is redirected.
pub async fn end_session(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (parameters, posted): (&Parameters, bool),
) -> Result<EndSessionStep, Box<Refused>> {
    let request = match end_session::read(broker, tenant, parameters).await {
        Ok(request) => Pending::from(request),
        Err(error) => return Err(refuse_request(broker, Some(tenant), visit, error, None).await),
    };
    if posted && visit.session_cookie.is_none() {
        let handle = put(broker, tenant, visit, request).await?;
        return Ok(EndSessionStep::ComeBack { handle });
    }
    go_on(broker, tenant, visit, request).await
}

/// The browser came again, with its cookies. A handle that is worth nothing asks for nothing but a sign-out.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn end_session_held(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: Option<&str>,
) -> Result<EndSessionStep, Box<Refused>> {
    let request = take(broker, tenant, visit, (handle, Stop::Held)).await?;
    go_on(broker, tenant, visit, request.unwrap_or_default()).await
}

/// The person said yes, by the form of this browser.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn end_session_confirmed(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: Option<&str>,
) -> Result<SignedOut, Box<Refused>> {
    let asked = take(broker, tenant, visit, (handle, Stop::Asked)).await?;
    let asked = asked.filter(|asked| asked.browser == browser(visit));
    end(broker, tenant, visit, asked.and_then(|asked| asked.landing)).await
}

/// Where the application wants a browser that is back from the upstream's sign-out.
///
/// # Errors
/// A [`Refused`] to show when the database fails.
pub async fn landing_after_upstream(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: Option<&str>,
) -> Result<Option<String>, Box<Refused>> {
    let kept = take(broker, tenant, visit, (handle, Stop::Away)).await?;
    Ok(kept.and_then(|kept| kept.landing))
}

async fn go_on(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    request: Pending,
) -> Result<EndSessionStep, Box<Refused>> {
    let Some(live) = live(broker, tenant, visit).await? else {
        // There is nothing to end; the application may have been slow.
        let landing = request.landing;
        return Ok(EndSessionStep::SignedOut(SignedOut { landing, ..SignedOut::default() }));
    };
    if request.session == Some(live.id) {
        let signed_out = end(broker, tenant, visit, request.landing).await?;
        return Ok(EndSessionStep::SignedOut(signed_out));
    }
    let mut leads_to = sign_out_at(broker, tenant, visit).await?;
    leads_to.extend(request.landing.as_deref().and_then(|landing| Url::parse(landing).ok()));
    let application = request.application.clone();
    let asked = Pending { stop: Stop::Asked, browser: browser(visit), ..request };
    let handle = put(broker, tenant, visit, asked).await?;
    Ok(EndSessionStep::Ask { application, handle, leads_to })
}

async fn end(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    landing: Option<String>,
) -> Result<SignedOut, Box<Refused>> {
    let signed_out = sign_out(broker, tenant, visit).await?;
    let resume = match (&signed_out.next, &landing) {
        (Some(_), Some(_)) => {
            let away = Pending { stop: Stop::Away, landing: landing.clone(), ..Pending::default() };
            Some(put(broker, tenant, visit, away).await?)
        }
        _ => None,
    };
    Ok(SignedOut { landing, resume, ..signed_out })
}

fn browser(visit: &Visit) -> Option<String> {
    let cookie = visit.session_cookie.as_ref()?;
    Some(sha256_hex(cookie.expose_secret().as_bytes()))
}

async fn live(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
) -> Result<Option<LiveSession>, Box<Refused>> {
    let Some(cookie) = visit.session_cookie.clone() else { return Ok(None) };
    let (owner, now, settings) = (tenant.id.clone(), broker.clock.now(), broker.settings.clone());
    let found = broker
        .database
        .read(move |conn| sessions::find_live(&mut conn.tenant(&owner), &cookie, now, &settings));
    match found.await {
        Ok(found) => Ok(found),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

async fn put(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    pending: Pending,
) -> Result<SecretString, Box<Refused>> {
    let (handle, now) = (broker.new_secret(), broker.clock.now());
    let value = NewSingleUse {
        value_hash: sha256_hex(handle.expose_secret().as_bytes()),
        payload: json!(pending),
        created_at: now,
        expires_at: now + broker.settings.attempt_lifetime,
    };
    let owner = tenant.id.clone();
    let kept = broker.database.write(move |conn| {
        conn.tenant(&owner).single_use(SingleUseKind::PendingSignOut).put(&value)
    });
    match kept.await {
        Ok(()) => Ok(handle),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}

/// What was kept for this stop; nothing when it was used, is too old, or belongs to another stop.
async fn take(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (handle, stop): (Option<&str>, Stop),
) -> Result<Option<Pending>, Box<Refused>> {
    let Some(handle) = handle else { return Ok(None) };
    let (owner, now) = (tenant.id.clone(), broker.clock.now());
    let hash = sha256_hex(handle.as_bytes());
    let taken = broker.database.write(move |conn| {
        let mut rows = conn.tenant(&owner);
        let ConsumeOutcome::Taken(value) =
            rows.single_use(SingleUseKind::PendingSignOut).consume(&hash, now)?
        else {
            return Ok(None);
        };
        let read = serde_json::from_value::<Pending>(value.payload);
        let corrupt = |error| StorageError::Corrupt {
            table: "single_use",
            why: format!("pending sign-out: {error}"),
        };
        Ok(Some(read.map_err(corrupt)?).filter(|pending| pending.stop == stop))
    });
    match taken.await {
        Ok(taken) => Ok(taken),
        Err(error) => Err(failed(broker, tenant, visit, &error).await),
    }
}
