//! Requests that an application pushed before the browser comes (RFC 9126).
//!
//! Owns: the `request_uri` and what waits under it. A pushed request may be opened as often as the person
//! reloads the page; it is spent in the transaction that answers it (FA-05). Does not own: the rules of a
//! request ([`super::authorize`]) or who may push.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_contract::{ApplicationId, ReasonCode};
use symbolon_storage::{
    ConsumeOutcome, NewSingleUse, SingleUseKind, StorageError, StorageResult, TenantRows,
};

use super::authorize::{self, AuthorizeRefusal, Parameters, signed};
use super::token::{TokenRefusal, authenticate};
use super::{OauthError, OpenidProvider, Presented, possession};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// RFC 9126 2.2.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long the browser may take to come with it (PG-8).
const LIFETIME: TimeDelta = TimeDelta::seconds(90);

/// The answer to a push (RFC 9126 2.2).
#[derive(Debug, Clone, Serialize)]
pub struct PushedAnswer {
    /// Stands for the request.
    pub request_uri: String,
    /// In seconds.
    pub expires_in: i64,
}

/// What waits. Nothing with which the application proved itself is among the parameters.
#[derive(Serialize, Deserialize)]
struct Waiting {
    application: ApplicationId,
    parameters: Vec<(String, String)>,
    signed: bool,
    until: DateTime<Utc>,
}

/// Whether a `request_uri` looks like one of ours.
pub(crate) fn is_ours(request_uri: &str) -> bool {
    request_uri.starts_with(PREFIX)
}

fn hash_of(request_uri: &str) -> String {
    sha256_hex(request_uri.as_bytes())
}

/// Takes a request that an application pushes (RFC 9126 2.1).
///
/// # Errors
/// [`TokenRefusal`] with `token.client_…` or the rule of the request that it breaks.
pub async fn push(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<PushedAnswer, TokenRefusal> {
    let nobody = |error| TokenRefusal { error, application: None };
    presented.without_duplicates().map_err(nobody)?;
    let asking = authenticate::application(broker, tenant, presented).await.map_err(nobody)?;
    let application = asking.application;
    let outcome = match pushed(broker, tenant, &application, presented).await {
        Ok(parameters) => keep(broker, presented.provider, &application, parameters).await,
        Err(error) => Err(error),
    };
    outcome.map_err(|error| TokenRefusal { error, application: Some(application.id) })
}

/// The request that is meant: signed, or as it stands; bound to the key whose proof came with it (RFC 9449 10.1).
async fn pushed(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<Parameters, OauthError> {
    let parameters = presented.parameters;
    if parameters.get("request_uri").is_some() {
        let detail = "request_uri is not pushed (RFC 9126 2.1)";
        return Err(OauthError::new(ReasonCode::TokenInvalidRequest, detail));
    }
    let parameters = match parameters.get("request") {
        Some(object) => signed::read(broker, presented.provider, application, object).await?,
        None => parameters.clone(),
    };
    if presented.proofs.is_empty() {
        return Ok(parameters);
    }
    let Some(shown) = possession::shown(broker, tenant, application, presented).await? else {
        return Ok(parameters);
    };
    if parameters.get("dpop_jkt").is_some_and(|named| named != shown) {
        let detail = "dpop_jkt is not the key of the DPoP proof";
        return Err(OauthError::new(ReasonCode::AuthorizeDpopJktInvalid, detail));
    }
    Ok(parameters.with("dpop_jkt", &shown))
}

/// Checks a request of an application that proved itself, and keeps it.
async fn keep(
    broker: &Broker,
    provider: &OpenidProvider,
    application: &Application,
    parameters: Parameters,
) -> Result<PushedAnswer, OauthError> {
    let secret = broker.new_secret();
    let request_uri = format!("{PREFIX}{}", secret.expose_secret());
    let hash = hash_of(&request_uri);
    let parameters = parameters.with("client_id", application.id.as_str());
    let parameters = parameters.pushed_under(hash.clone());
    authorize::check(&parameters, Some(application)).map_err(|refusal| match refusal {
        AuthorizeRefusal::Page(error) | AuthorizeRefusal::Redirect { error, .. } => error,
    })?;
    let now = broker.clock.now();
    let waiting = Waiting {
        application: application.id.clone(),
        signed: parameters.is_signed(),
        parameters: authorize::worth_keeping(&parameters),
        until: now + LIFETIME,
    };
    let row = NewSingleUse {
        value_hash: hash,
        payload: json!(waiting),
        created_at: now,
        // Known for longer than it can be opened: a sign-in and a consent that began with it may still end.
        expires_at: waiting.until + broker.settings.attempt_lifetime * 2,
    };
    let home = provider.keys.clone();
    broker
        .database
        .write(move |conn| conn.tenant(&home).single_use(SingleUseKind::PushedRequest).put(&row))
        .await?;
    Ok(PushedAnswer { request_uri, expires_in: LIFETIME.num_seconds() })
}

/// The request behind a `request_uri`, if this application pushed it here and it was not answered yet.
///
/// # Errors
/// [`OauthError`] with `authorize.pushed_request_…`.
pub(crate) async fn find(
    broker: &Broker,
    provider: &OpenidProvider,
    application: &Application,
    request_uri: &str,
) -> Result<Parameters, OauthError> {
    let unknown = |detail| Err(OauthError::new(ReasonCode::AuthorizePushedRequestUnknown, detail));
    let hash = hash_of(request_uri);
    let (home, wanted) = (provider.keys.clone(), hash.clone());
    let found = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&home);
            let row = rows.single_use(SingleUseKind::PushedRequest).peek(&wanted)?;
            row.map(|row| Ok((read(row.payload)?, row.consumed_at.is_some()))).transpose()
        })
        .await?;
    let Some((waiting, answered)) = found else {
        return unknown("request_uri is none that was pushed here");
    };
    if waiting.application != application.id {
        return unknown("request_uri was pushed by another application");
    }
    if answered {
        let detail = "request_uri was answered before";
        return Err(OauthError::new(ReasonCode::AuthorizePushedRequestUsed, detail));
    }
    if broker.clock.now() >= waiting.until {
        return unknown("request_uri has expired");
    }
    Ok(Parameters::new(waiting.parameters).signed(waiting.signed).pushed_under(hash))
}

/// Answers it, once: false for everybody but the first.
pub(crate) fn spend(
    rows: &mut TenantRows<'_>,
    hash: &str,
    now: DateTime<Utc>,
) -> StorageResult<bool> {
    let outcome = rows.single_use(SingleUseKind::PushedRequest).consume(hash, now)?;
    Ok(matches!(outcome, ConsumeOutcome::Taken(_)))
}

fn read(payload: serde_json::Value) -> StorageResult<Waiting> {
    serde_json::from_value(payload).map_err(|error| StorageError::Corrupt {
        table: "single_use",
        why: format!("pushed request: {error}"),
    })
}
