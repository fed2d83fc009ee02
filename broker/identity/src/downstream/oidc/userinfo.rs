//! UserInfo (OpenID Core 5.3): the claims behind an access token, for as long as the person may be in.

use serde_json::{Map, Value, json};
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::{AccessToken, Connection};

use super::claims::Person;
use super::claims_request::ClaimsRequest;
use super::jose::dpop::DpopProblem;
use super::possession::{self, Asked, Unproved};
use super::token::access_token::{self, ReadToken};
use super::token::gate::{self, GateError};
use super::{OauthError, OpenidProvider, Presented, release, subject};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// What UserInfo says.
#[derive(Debug)]
pub enum UserinfoAnswer {
    /// Claims.
    Plain(Map<String, Value>),
    /// Claims in a signed statement, as the application registered (OpenID Core 5.3.2).
    Signed(String),
}

/// The claims that an access token releases, after the application's own mapping; `method` is the request's.
///
/// # Errors
/// [`OauthError`] with `userinfo.*`, or what the gate says about the person today.
pub async fn answer(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
    method: &str,
) -> Result<UserinfoAnswer, OauthError> {
    let shown = Shown::read(presented)?;
    let bearer = find(broker, tenant, presented, shown.token).await?;
    held(broker, tenant, (presented, &shown, method), &bearer).await?;
    let Bearer { application, connector, person, scopes, wished, .. } = bearer;
    if !scopes.iter().any(|scope| scope == "openid") {
        let detail = "the access token was issued without the scope openid";
        return Err(OauthError::new(ReasonCode::UserinfoScopeMissing, detail));
    }
    let asked = release::Asked {
        application: &application,
        connector: &connector,
        person: &person,
        scopes: &scopes,
        wished: wished.as_ref(),
    };
    let to_release = (presented.trace, ReasonCode::UserinfoReleaseRefused);
    let mut claims = release::claims(broker, tenant, &asked, to_release).await?.userinfo;
    let subject = subject::of(broker, tenant, &application, &person.user.id).await?;
    claims.insert("sub".into(), json!(subject));
    signed(broker, tenant, &application, claims).await
}

/// In the form that the application registered.
async fn signed(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    mut claims: Map<String, Value>,
) -> Result<UserinfoAnswer, OauthError> {
    let Some(algorithm) = application.settings.userinfo_algorithm else {
        return Ok(UserinfoAnswer::Plain(claims));
    };
    let provider = OpenidProvider::of(broker, tenant, application);
    claims.insert("iss".into(), json!(provider.issuer));
    claims.insert("aud".into(), json!(application.id));
    let signer = broker.keys.signer(&provider.keys, algorithm).await?;
    Ok(UserinfoAnswer::Signed(signer.sign("JWT", &claims)?))
}

/// The access token of a request, and how it came.
struct Shown<'r> {
    token: &'r str,
    /// With the scheme `DPoP` (RFC 9449 7.1).
    as_dpop: bool,
}

impl<'r> Shown<'r> {
    /// In the header or in the body, never in both and never in the URL (RFC 6750 2).
    fn read(presented: &Presented<'r>) -> Result<Self, OauthError> {
        let in_body = presented.parameters.get("access_token");
        let in_header = presented.authorization.and_then(|header| header.split_once(' '));
        let in_header = in_header.map(|(scheme, token)| (scheme, token.trim()));
        let as_dpop = in_header.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("dpop"));
        let known = |(scheme, _): &(&str, &str)| as_dpop || scheme.eq_ignore_ascii_case("bearer");
        match (in_header.filter(known), in_body) {
            (Some(_), Some(_)) => Err(OauthError::new(
                ReasonCode::RequestMalformed,
                "an access token stands in the header and in the body",
            )),
            (Some((_, token)), None) => Ok(Self { token, as_dpop }),
            (None, Some(token)) => Ok(Self { token, as_dpop: false }),
            (None, None) => Err(OauthError::new(
                ReasonCode::UserinfoTokenMissing,
                "the request carries no access token",
            )),
        }
    }
}

/// Whom a token speaks for, and to whom.
struct Bearer {
    application: Application,
    connector: ConnectorId,
    person: Person,
    scopes: Vec<String>,
    wished: Option<ClaimsRequest>,
    bound_to: Option<String>,
}

fn invalid(detail: impl Into<String>) -> OauthError {
    OauthError::new(ReasonCode::UserinfoTokenInvalid, detail)
}

async fn find(
    broker: &Broker,
    tenant: &TenantRecord,
    presented: &Presented<'_>,
    token: &str,
) -> Result<Bearer, OauthError> {
    let read_token = access_token::read(broker, presented.provider, token).await?;
    let Some(ReadToken::Opaque(key) | ReadToken::Signed { key, .. }) = read_token else {
        return Err(invalid("the token is no access token of this issuer"));
    };
    let (owned, now) = (tenant.clone(), broker.clock.now());
    let found = move |conn: &mut Connection| Ok(read(conn, &owned, &key, now));
    let bearer = broker.database.read(found).await?.map_err(|error| match error {
        GateError::Storage(error) => OauthError::from(error),
        other => invalid(other.to_string()),
    })?;
    // The platform's applications are unknown at a tenant's own endpoints, and the other way round.
    if bearer.application.speaks_to(tenant) {
        Ok(bearer)
    } else {
        Err(invalid("the access token is another issuer's"))
    }
}

fn read(
    conn: &mut Connection,
    tenant: &TenantRecord,
    key: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Bearer, GateError> {
    let row = conn.tenant(&tenant.id).access_tokens().find(key)?;
    // A token of an application itself lies elsewhere: nobody stands behind it (D20).
    let row = row.ok_or(GateError::Gone("the access token is unknown"))?;
    if is_for_others(&row) {
        return Err(GateError::Gone("the access token is for a resource server, not for us"));
    }
    let admitted = gate::pass_token(conn, tenant, &row, now)?;
    Ok(Bearer {
        application: admitted.application,
        connector: admitted.admission.connector().clone(),
        person: Person::read(&mut conn.tenant(&tenant.id), admitted.user)?,
        scopes: row.scope.split(' ').map(str::to_owned).collect(),
        wished: row.claims.and_then(|wished| serde_json::from_value(wished).ok()),
        bound_to: row.dpop_jkt,
    })
}

fn is_for_others(row: &AccessToken) -> bool {
    row.resources.as_ref().is_some_and(|resources| !resources.is_empty())
}

/// Whoever shows a bound token proves to hold its key; as a bearer token it is worth nothing (RFC 9449 7).
async fn held(
    broker: &Broker,
    tenant: &TenantRecord,
    (presented, shown, method): (&Presented<'_>, &Shown<'_>, &str),
    bearer: &Bearer,
) -> Result<(), OauthError> {
    let Some(bound_to) = &bearer.bound_to else {
        return match shown.as_dpop {
            false => Ok(()),
            true => Err(invalid("the access token is not bound to a key: it is a bearer token")),
        };
    };
    if !shown.as_dpop {
        return Err(invalid("the access token is bound to a key: it is no bearer token"));
    }
    let (access_token, bound_to) = (Some(shown.token), Some(bound_to.as_str()));
    let asked = Asked { presented, method, access_token, bound_to };
    match possession::proved(broker, tenant, &bearer.application, asked).await {
        Ok(_) => Ok(()),
        Err(Unproved::Failed(error)) => Err(error),
        Err(unproved) => {
            let reason = match unproved {
                Unproved::Problem(DpopProblem::Nonce) => ReasonCode::UserinfoDpopNonceNeeded,
                _ => ReasonCode::UserinfoDpopProofInvalid,
            };
            Err(OauthError::new(reason, unproved.to_string()))
        }
    }
}
