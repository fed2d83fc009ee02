//! A device asks to be let in (RFC 8628 3.1, 3.2).

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use symbolon_contract::{ReasonCode, TenantSlug};
use symbolon_storage::{DeviceAuthorization, DeviceState, StorageError};

use super::{INTERVAL, LIFETIME, UserCode};
use crate::broker::Broker;
use crate::downstream::oidc::token::{TokenRefusal, authenticate};
use crate::downstream::oidc::{OauthError, Presented, SCOPES};
use crate::downstream::{Application, GrantType};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// How often a code is made anew that another device has.
const TRIES: usize = 5;

/// What the device gets (RFC 8628 3.2).
#[derive(Debug, Serialize)]
pub struct DeviceAnswer {
    /// What it asks the token endpoint with; a secret.
    pub device_code: String,
    /// What it shows to the person.
    pub user_code: String,
    /// Where it sends them.
    pub verification_uri: String,
    /// The same with the code, for a picture to scan. Opening it lets nobody in.
    pub verification_uri_complete: String,
    /// In seconds.
    pub expires_in: i64,
    /// How long it waits between two questions, in seconds.
    pub interval: i32,
}

/// Keeps a device's request.
///
/// # Errors
/// [`TokenRefusal`] with `token.*`.
pub async fn begin(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
    asked_from: Option<IpAddr>,
) -> Result<DeviceAnswer, TokenRefusal> {
    let asking = authenticate::asking(broker, tenant, presented).await?;
    let application = &asking.application;
    let kept = keep(broker, tenant, application, (presented, asked_from)).await;
    kept.map_err(|error| TokenRefusal::of(error, application))
}

async fn keep(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    (presented, asked_from): (&Presented<'_>, Option<IpAddr>),
) -> Result<DeviceAnswer, OauthError> {
    if !application.may(GrantType::DeviceCode) {
        let detail = "devices are not among the application's grant types";
        return Err(OauthError::new(ReasonCode::TokenGrantNotAllowed, detail));
    }
    let resources = resources(application, presented)?;
    // At the platform's issuer it names no tenant: nobody has said which.
    let device_code = broker.new_secret();
    let mut row = row(broker, application, &device_code, resources);
    row.scope = scopes(application, presented).join(" ");
    row.asked_from = asked_from.map(|address| address.to_string());
    for _ in 0..TRIES {
        let user_code = UserCode::new(broker.entropy.as_ref());
        row.user_code_hash = user_code.hash(broker, &tenant.id).await?;
        let (device, owned) = (row.clone(), tenant.id.clone());
        let insert = move |conn: &mut symbolon_storage::Connection| {
            conn.tenant(&owned).device_authorizations().insert(&device)
        };
        match broker.database.write(insert).await {
            Ok(()) => return Ok(answer(presented, &device_code, &user_code)),
            Err(StorageError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(OauthError::new(ReasonCode::ServerBusy, "no code for the person was free"))
}

fn row(
    broker: &Broker,
    application: &Application,
    device_code: &SecretString,
    resources: Vec<String>,
) -> DeviceAuthorization {
    let now = broker.clock.now();
    DeviceAuthorization {
        device_hash: sha256_hex(device_code.expose_secret().as_bytes()),
        user_code_hash: String::new(),
        application_id: application.id.clone(),
        scope: String::new(),
        resources,
        state: DeviceState::Pending,
        asked_from: None,
        authorization_grant: None,
        interval_seconds: INTERVAL,
        last_polled_at: None,
        created_at: now,
        expires_at: now + LIFETIME,
    }
}

fn answer(presented: &Presented<'_>, device_code: &SecretString, code: &UserCode) -> DeviceAnswer {
    let verification_uri = format!("{}/device", presented.provider.issuer);
    let complete = format!("{verification_uri}?user_code={}", code.as_str());
    DeviceAnswer {
        device_code: device_code.expose_secret().to_owned(),
        user_code: code.as_str().to_owned(),
        verification_uri_complete: match meant(presented) {
            Some(tenant) => format!("{complete}&tenant={tenant}"),
            None => complete,
        },
        verification_uri,
        expires_in: LIFETIME.num_seconds(),
        interval: INTERVAL,
    }
}

/// The tenant that a device at the platform's issuer means, so that its person need not say it.
fn meant(presented: &Presented<'_>) -> Option<TenantSlug> {
    presented.provider.names_tenant.as_ref()?;
    TenantSlug::parse(presented.parameters.get("tenant")?).ok()
}

/// Known scopes, each once; others are ignored, as at the authorization endpoint.
fn scopes(application: &Application, presented: &Presented<'_>) -> Vec<String> {
    let settings = &application.settings;
    let known = |word: &str| {
        SCOPES.contains(&word)
            || word == "offline_access" && application.may(GrantType::RefreshToken)
            || settings.resources.iter().any(|one| one.scopes.iter().any(|scope| scope == word))
    };
    let mut scopes: Vec<String> = Vec::new();
    for word in presented.parameters.words("scope").filter(|word| known(word)) {
        if !scopes.iter().any(|held| held == word) {
            scopes.push(word.to_owned());
        }
    }
    scopes
}

/// Registered resources only (RFC 8707 2).
fn resources(
    application: &Application,
    presented: &Presented<'_>,
) -> Result<Vec<String>, OauthError> {
    let asked = presented.resources();
    let issuer = &presented.provider.issuer;
    let known = |one: &String| {
        one == issuer
            || application.settings.resources.iter().any(|server| server.identifier == *one)
    };
    if asked.iter().all(known) {
        return Ok(asked);
    }
    let detail = "a resource is not among those of the application";
    Err(OauthError::new(ReasonCode::TokenTargetInvalid, detail))
}
