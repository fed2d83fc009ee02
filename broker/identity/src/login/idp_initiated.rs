//! Sign-ins that begin at a SAML identity provider (SP3): the verified statement waits for two minutes while the
//! application, or our own page, starts a sign-in of its own, which then finds it. So every way in is the same way in,
//! and the application gets an answer to a request that it made.
//!
//! It waits under a handle while the browser comes back with its cookies, then bound to the browser. Nothing that was
//! not verified is kept.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ApplicationId, ConnectorId};
use symbolon_storage::{ConsumeOutcome, NewSingleUse, SingleUseKind, StorageError};
use url::Url;

use super::LoginError;
use super::attempt;
use super::flow::{FlowResult, settle};
use super::once::once_only;
use super::refuse::Circumstances;
use super::step::{LoginStep, Outcome};
use crate::broker::{Broker, Visit};
use crate::connectors::saml::{SamlConnector, SamlSettings};
use crate::connectors::{
    Assertion, ConnectorError, ConnectorRecord, ConnectorSettings, UpstreamCallback,
};
use crate::downstream::Application;
use crate::secrets::{Purpose, sha256_hex};
use crate::tenants::{TenantRecord, issuer};

/// How long a statement waits.
const WAITS: TimeDelta = TimeDelta::minutes(2);
const KIND: SingleUseKind = SingleUseKind::IdpInitiated;
const PURPOSE: Purpose = Purpose::IdpInitiated;

/// What waits.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) connector: ConnectorId,
    pub(super) assertion: Assertion,
    /// Where in the application the person wanted to go, as the identity provider says.
    target: Option<String>,
}

/// A response came that no sign-in of ours asked for.
///
/// # Errors
/// A [`super::Refused`] to show; mostly `saml.unsolicited`.
pub(super) async fn unsolicited(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, callback): (&ConnectorId, &UpstreamCallback),
) -> FlowResult {
    let known = Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
    let outcome = receive(broker, tenant, (connector, callback)).await;
    let step = outcome
        .map(|handle| Outcome::of(LoginStep::PickUp { connector: connector.clone(), handle }));
    settle(broker, tenant, visit, step, known).await
}

async fn receive(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, callback): (&ConnectorId, &UpstreamCallback),
) -> Result<String, LoginError> {
    let record = find(broker, tenant, id).await?;
    let settings = saml_of(&record)?;
    let opened = SamlConnector::open(broker, tenant, &record, settings).await?;
    let mut assertion = opened.receive(None, callback).await?;
    let now = broker.clock.now();
    // Taken out: what waits is the one time that it counts.
    let once = assertion.once.take().map(|once| NewSingleUse {
        value_hash: once.hash,
        payload: json!({ "connector": record.id }),
        created_at: now,
        expires_at: once.until,
    });
    let target = callback.single("RelayState").map(str::to_owned);
    let waiting = Waiting { connector: record.id.clone(), assertion, target };
    let handle = broker.new_secret();
    let row = sealed(broker, tenant, (&handle_hash(handle.expose_secret()), &waiting)).await?;
    let owner = tenant.id.clone();
    broker
        .database
        .try_write(move |conn| {
            let mut rows = conn.tenant(&owner);
            if let Some(once) = &once {
                once_only(&mut rows, once)?;
            }
            Ok::<_, LoginError>(rows.single_use(KIND).put(&row)?)
        })
        .await?;
    Ok(handle.expose_secret().to_owned())
}

/// The browser is back, now with its cookies: the statement is bound to it, and the application is told to start.
///
/// # Errors
/// A [`super::Refused`] to show.
pub async fn pick_up(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, handle): (&ConnectorId, &str),
) -> FlowResult {
    let known = Circumstances { connector: Some(connector.clone()), ..Circumstances::default() };
    let outcome = bind(broker, tenant, visit, (connector, handle)).await;
    settle(broker, tenant, visit, outcome, known).await
}

async fn bind(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (id, handle): (&ConnectorId, &str),
) -> Result<Outcome, LoginError> {
    let waiting =
        take(broker, tenant, handle_hash(handle)).await?.ok_or(LoginError::AttemptUnknown)?;
    let record = find(broker, tenant, id).await?;
    let chosen = saml_of(&record)?.idp_initiated.clone().unwrap_or_default().application;
    if waiting.connector != *id {
        return Err(LoginError::AttemptUnknown);
    }
    let known = visit.login_cookie.clone().filter(attempt::is_browser_secret);
    let browser = known.clone().unwrap_or_else(|| broker.new_secret());
    let url = match &chosen {
        Some(application) => {
            start_url(broker, tenant, application, waiting.target.as_deref()).await?
        }
        None => own_page(broker, tenant)?,
    };
    let row = sealed(broker, tenant, (&bound_hash(&browser, chosen.as_ref()), &waiting)).await?;
    let owner = tenant.id.clone();
    broker.database.write(move |conn| conn.tenant(&owner).single_use(KIND).put(&row)).await?;
    let login_cookie = known.is_none().then_some(browser);
    Ok(Outcome { login_cookie, ..Outcome::of(LoginStep::Start { url }) })
}

/// The statement that waits for this browser and this application, or our own page; taken once.
pub(super) async fn waiting_for(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    application: Option<&ApplicationId>,
) -> Result<Option<Waiting>, LoginError> {
    match &visit.login_cookie {
        Some(browser) => take(broker, tenant, bound_hash(browser, application)).await,
        None => Ok(None),
    }
}

/// Whether anything can wait at all: then it is worth a look.
pub(super) fn any_allowed(connectors: &[ConnectorRecord]) -> bool {
    connectors.iter().any(|one| {
        matches!(&one.configuration.upstream, ConnectorSettings::Saml(saml) if saml.idp_initiated.is_some())
    })
}

/// Where the application starts a sign-in of its own (OpenID Core 4: `initiate_login_uri`).
async fn start_url(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ApplicationId,
    target: Option<&str>,
) -> Result<Url, LoginError> {
    let found = Application::find(&broker.database, &tenant.id, id).await?;
    let unusable = |why: &str| {
        LoginError::Connector(ConnectorError::Misconfigured(format!(
            "sign-ins that begin at the identity provider go to application {id}, which {why}"
        )))
    };
    let application = found.filter(|one| one.active).ok_or_else(|| unusable("is not there"))?;
    let uri = application.settings.initiate_login_uri.clone();
    let mut url = uri.ok_or_else(|| unusable("has no initiate_login_uri"))?;
    // A RelayState is untrusted: only a page of the application itself is a target (A39).
    let public_url = &broker.settings.public_url;
    let target = target.and_then(|text| Url::parse(text).ok());
    let target = target.filter(|url| application.settings.starts_on_own_origin(url));
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("iss", &issuer(public_url, &tenant.slug));
        if let Some(target) = &target {
            query.append_pair("target_link_uri", target.as_str());
        }
    }
    Ok(url)
}

fn own_page(broker: &Broker, tenant: &TenantRecord) -> Result<Url, LoginError> {
    let page = format!("{}/login", issuer(&broker.settings.public_url, &tenant.slug));
    Url::parse(&page).map_err(|error| {
        LoginError::Connector(ConnectorError::Misconfigured(format!("the public URL: {error}")))
    })
}

async fn find(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<ConnectorRecord, LoginError> {
    let (owner, wanted) = (tenant.id.clone(), id.clone());
    let row =
        broker.database.read(move |conn| conn.tenant(&owner).connectors().find(&wanted)).await?;
    let record = ConnectorRecord::try_from(row.ok_or(LoginError::ConnectorUnknown)?)?;
    if record.is_offered() {
        Ok(record)
    } else {
        Err(LoginError::ConnectorNotOffered(record.id.clone(), record.mode.as_str()))
    }
}

fn saml_of(record: &ConnectorRecord) -> Result<&SamlSettings, LoginError> {
    match &record.configuration.upstream {
        ConnectorSettings::Saml(settings) => Ok(settings),
        ConnectorSettings::Oidc(_) | ConnectorSettings::Entra(_) => {
            Err(LoginError::ConnectorUnknown)
        }
    }
}

fn handle_hash(handle: &str) -> String {
    sha256_hex(format!("handle\n{handle}").as_bytes())
}

fn bound_hash(browser: &SecretString, application: Option<&ApplicationId>) -> String {
    let application = application.map_or("", ApplicationId::as_str);
    sha256_hex(format!("browser\n{}\n{application}", browser.expose_secret()).as_bytes())
}

async fn sealed(
    broker: &Broker,
    tenant: &TenantRecord,
    (hash, waiting): (&str, &Waiting),
) -> Result<NewSingleUse, LoginError> {
    let text = serde_json::to_vec(waiting).map_err(|error| unreadable(&error))?;
    let sealed = broker.secrets.seal(&tenant.id, PURPOSE, hash, &text).await;
    let now = broker.clock.now();
    Ok(NewSingleUse {
        value_hash: hash.to_owned(),
        payload: json!(sealed.map_err(ConnectorError::Secrets)?),
        created_at: now,
        expires_at: now + WAITS,
    })
}

async fn take(
    broker: &Broker,
    tenant: &TenantRecord,
    hash: String,
) -> Result<Option<Waiting>, LoginError> {
    let (owner, wanted, now) = (tenant.id.clone(), hash.clone(), broker.clock.now());
    let taken = broker
        .database
        .write(move |conn| conn.tenant(&owner).single_use(KIND).consume(&wanted, now))
        .await?;
    let ConsumeOutcome::Taken(row) = taken else {
        return Ok(None);
    };
    let sealed = row.payload.as_str().unwrap_or_default();
    let opened = broker.secrets.open_text(&tenant.id, PURPOSE, &hash, sealed).await;
    let opened = opened.map_err(ConnectorError::Secrets)?;
    serde_json::from_str(opened.expose_secret()).map(Some).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> LoginError {
    StorageError::Corrupt { table: "single_use", why: format!("waiting sign-in: {error}") }.into()
}
