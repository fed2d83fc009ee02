//! Introspection (RFC 7662): what a token is worth now, told to whom it concerns.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use symbolon_contract::{ApplicationId, ReasonCode, UserId};
use symbolon_storage::{Connection, ServiceToken, StorageError, StorageResult};

use super::known_token::{self, KnownToken};
use super::token::authenticate::{self, Method};
use super::token::gate::{self, GateError};
use super::token::{TokenRefusal, access_token, issue::token_type};
use super::{OauthError, OpenidProvider, Presented, subject};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// What a living token is worth.
struct Worth {
    /// The application that it was issued to.
    owner: Application,
    /// The person, unless it is the application's own.
    user: Option<UserId>,
    scope: String,
    resources: Vec<String>,
    holder: Option<String>,
    /// An access token has a type (RFC 6749 7.1).
    is_access: bool,
    life: (DateTime<Utc>, DateTime<Utc>),
}

/// Tells what a token is worth; `active: false` and nothing else for one that is over, unknown, or none of the
/// asking application's business.
///
/// # Errors
/// [`TokenRefusal`] when the application does not prove itself.
pub async fn introspect(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
) -> Result<Map<String, Value>, TokenRefusal> {
    let asking = authenticate::asking(broker, tenant, presented).await?;
    let application = &asking.application;
    let outcome = match asking.method {
        // RFC 7662 2.1: otherwise anybody could try tokens here.
        Method::Public => Err(OauthError::new(
            ReasonCode::TokenClientAuthenticationMissing,
            "introspection is for applications that prove themselves",
        )),
        _ => told(broker, tenant, application, presented).await,
    };
    outcome.map_err(|error| TokenRefusal::of(error, application))
}

async fn told(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<Map<String, Value>, OauthError> {
    let inactive = Map::from_iter([("active".to_owned(), json!(false))]);
    let provider = presented.provider;
    let token = presented.required("token")?;
    let Some(read) = access_token::read(broker, provider, token).await? else {
        return Ok(inactive);
    };
    let (owned, asking, issuer) = (tenant.clone(), application.clone(), provider.issuer.clone());
    let now = broker.clock.now();
    let look = move |conn: &mut Connection| {
        let known = known_token::find(conn, &owned, (&read, &issuer))?;
        match known.filter(|known| known.concerns(&asking)) {
            Some(known) => worth(conn, &owned, known, now),
            None => Ok(None),
        }
    };
    match broker.database.read(look).await? {
        Some(worth) if worth.owner.speaks_to(tenant) => {
            answer(broker, tenant, provider, worth).await
        }
        _ => Ok(inactive),
    }
}

/// What a token is worth now, if anything: the gate is asked as wherever a token is used (E7).
fn worth(
    conn: &mut Connection,
    tenant: &TenantRecord,
    known: KnownToken,
    now: DateTime<Utc>,
) -> StorageResult<Option<Worth>> {
    match known {
        KnownToken::Access(token) => {
            let Some(passed) = passed(gate::pass_token(conn, tenant, &token, now))? else {
                return Ok(None);
            };
            Ok(Some(Worth {
                owner: passed.application,
                user: Some(token.user_id),
                scope: token.scope,
                resources: token.resources.unwrap_or_default(),
                holder: token.dpop_jkt,
                is_access: true,
                life: (token.created_at, token.expires_at),
            }))
        }
        KnownToken::Refresh(token, family) => {
            let over = token.used_at.is_some() || family.idle_expires_at <= now;
            let passed = passed(gate::pass_family(conn, tenant, &family, now))?;
            Ok(passed.filter(|_| !over).map(|passed| Worth {
                owner: passed.application,
                user: Some(family.user_id),
                scope: family.scope,
                resources: family.resources,
                holder: family.dpop_jkt,
                is_access: false,
                life: (token.created_at, family.idle_expires_at),
            }))
        }
        KnownToken::Service { token, .. } => service(conn, tenant, token, now),
    }
}

fn passed(outcome: Result<gate::Admitted, GateError>) -> StorageResult<Option<gate::Admitted>> {
    match outcome {
        Ok(admitted) => Ok(Some(admitted)),
        Err(GateError::Storage(error)) => Err(error),
        Err(GateError::Gone(_) | GateError::Refused(_)) => Ok(None),
    }
}

fn service(
    conn: &mut Connection,
    tenant: &TenantRecord,
    token: ServiceToken,
    now: DateTime<Utc>,
) -> StorageResult<Option<Worth>> {
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Ok(None);
    }
    let owner = active(conn, tenant, &token.application_id)?;
    Ok(owner.map(|owner| Worth {
        owner,
        user: None,
        scope: token.scope,
        resources: token.resources,
        holder: token.dpop_jkt,
        is_access: true,
        life: (token.created_at, token.expires_at),
    }))
}

fn active(
    conn: &mut Connection,
    tenant: &TenantRecord,
    id: &ApplicationId,
) -> Result<Option<Application>, StorageError> {
    let row = conn.tenant(&tenant.id).applications().find(id)?;
    let application = row.map(Application::try_from).transpose()?;
    Ok(application.filter(|application| application.active))
}

async fn answer(
    broker: &Broker,
    tenant: &TenantRecord,
    provider: &OpenidProvider,
    worth: Worth,
) -> Result<Map<String, Value>, OauthError> {
    let subject = match &worth.user {
        Some(user) => subject::of(broker, tenant, &worth.owner, user).await?,
        None => worth.owner.id.to_string(),
    };
    let mut told = Map::new();
    let mut put = |name: &str, value: Value| told.insert(name.to_owned(), value);
    put("active", json!(true));
    put("iss", json!(provider.issuer));
    put("sub", json!(subject));
    put("client_id", json!(worth.owner.id));
    put("scope", json!(worth.scope));
    put("iat", json!(worth.life.0.timestamp()));
    put("exp", json!(worth.life.1.timestamp()));
    match worth.resources.as_slice() {
        [] => put("aud", json!(provider.issuer)),
        [one] => put("aud", json!(one)),
        several => put("aud", json!(several)),
    };
    if worth.is_access {
        put("token_type", json!(token_type(worth.holder.as_deref())));
    }
    if let Some(tenant) = &provider.names_tenant {
        put("tenant", json!(tenant));
    }
    if let Some(thumbprint) = &worth.holder {
        put("cnf", json!({ "jkt": thumbprint }));
    }
    Ok(told)
}
