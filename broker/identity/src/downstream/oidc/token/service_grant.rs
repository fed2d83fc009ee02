//! An application gets a token for itself (RFC 6749 4.4). No person stands behind it: it lies apart from theirs, so
//! that none is ever taken for one (RFC 9700 4.15, D20).
//!
//! A signed one leaves no row: what it costs is its signature.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::Map;
use symbolon_contract::ReasonCode;
use symbolon_storage::ServiceToken;

use super::access_token::{self, Statement, row_key};
use super::target::{Choice, Target};
use super::{OauthError, TokenAnswer, issue};
use crate::broker::Broker;
use crate::downstream::oidc::{OpenidProvider, Presented, possession};
use crate::downstream::{AccessTokenFormat, Application};
use crate::tenants::TenantRecord;

/// Scopes that mean a person.
const OF_PEOPLE: [&str; 2] = ["openid", "offline_access"];

pub(super) async fn grant(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, OauthError> {
    if application.is_public() {
        let detail = "a public application proves nothing, so it gets no token for itself";
        return Err(OauthError::new(ReasonCode::TokenGrantNotAllowed, detail));
    }
    // Such a token would have to say for which tenant it is good: nobody has asked for one yet.
    if tenant.at_platform {
        let detail = "the platform's issuer has no tokens for applications themselves";
        return Err(OauthError::new(ReasonCode::TokenGrantNotAllowed, detail));
    }
    let target = target(application, presented)?;
    let holder = possession::shown(broker, tenant, application, presented).await?;
    let provider = OpenidProvider::of(broker, tenant, application);
    let secret = provider.routed(&broker.new_secret());
    let life = (broker.clock.now(), access_token::lifetime(broker, application));
    let statement = Statement {
        provider: &provider,
        application: &application.id,
        subject: application.id.as_str(),
        target: &target,
        holder: holder.as_deref(),
        life,
    };
    let access_token = access_token::text(broker, &statement, &secret, Map::new()).await?;
    if target.format == AccessTokenFormat::Opaque {
        let row = row(application, (&target, &secret), holder.as_deref(), life);
        let tenant = tenant.id.clone();
        let keep = move |conn: &mut symbolon_storage::Connection| {
            conn.tenant(&tenant).service_tokens().insert(&row)
        };
        broker.database.write(keep).await?;
    }
    Ok(TokenAnswer {
        access_token,
        token_type: issue::token_type(holder.as_deref()),
        expires_in: life.1.num_seconds(),
        id_token: None,
        refresh_token: None,
        scope: target.scopes.join(" "),
    })
}

fn row(
    application: &Application,
    (target, secret): (&Target, &SecretString),
    holder: Option<&str>,
    (now, lifetime): (DateTime<Utc>, TimeDelta),
) -> ServiceToken {
    ServiceToken {
        token_hash: row_key(target.format, secret),
        application_id: application.id.clone(),
        scope: target.scopes.join(" "),
        resources: target.resources.clone(),
        dpop_jkt: holder.map(str::to_owned),
        created_at: now,
        expires_at: now + lifetime,
        revoked_at: None,
    }
}

/// Where the token is good and for what: the scopes that are asked for, or all that the application may have there.
fn target(application: &Application, presented: &Presented<'_>) -> Result<Target, OauthError> {
    let settings = &application.settings;
    let asked: Vec<String> = presented.resources();
    let servers = settings.resources.iter().filter(|server| asked.contains(&server.identifier));
    let of_resources = servers.flat_map(|server| &server.scopes);
    let mut allowed: Vec<String> = Vec::new();
    for scope in settings.service_scopes.iter().chain(of_resources) {
        if !OF_PEOPLE.contains(&scope.as_str()) && !allowed.contains(scope) {
            allowed.push(scope.clone());
        }
    }
    let mut scopes: Vec<String> = presented.parameters.words("scope").map(str::to_owned).collect();
    if let Some(other) = scopes.iter().find(|scope| !allowed.contains(scope)) {
        let other: String = other.chars().filter(char::is_ascii_graphic).take(60).collect();
        return Err(OauthError::new(
            ReasonCode::TokenScopeInvalid,
            format!("the application may not ask for scope {other} in its own name"),
        ));
    }
    scopes.dedup();
    if scopes.is_empty() {
        scopes = allowed;
    }
    let choice =
        Choice { issuer: &presented.provider.issuer, granted: &[], scopes: &scopes, asked: &asked };
    Target::choose(application, &choice)
}
