//! Tokens are renewed (RFC 6749 6, OpenID Core 12): each refresh token once, for who may still be in.
//!
//! A token that comes a second time was seen by somebody: its whole family ends (RFC 9700 4.14.2). Only the
//! profile `fapi2` does not rotate, because there a stolen token is of no use without the application's key (FA-12).

use chrono::TimeDelta;
use symbolon_contract::ReasonCode;
use symbolon_storage::{Connection, RefreshToken, StorageResult, TenantRows, TokenFamily};

use super::gate::{self, GateError};
use super::issue::{self, Access, Asking, Draft, Kept, Outcome};
use super::target::Target;
use super::{OauthError, TokenAnswer, reuse};
use crate::audit::AuditContext;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::Presented;
use crate::downstream::oidc::claims::Person;
use crate::downstream::oidc::code::CodeGrant;
use crate::secrets::sha256_hex;
use crate::sessions;
use crate::tenants::TenantRecord;

/// The longest time for which a used refresh token is taken again, whatever a row says.
const LONGEST_GRACE: u32 = 60;

/// How long a used refresh token is remembered, to tell a second use from a token that nobody knows.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// A request to refresh, parsed.
struct Renewal {
    hash: String,
    /// The scopes that are asked for; all when none are.
    narrowed: Vec<String>,
    draft: Draft,
    session_idle: TimeDelta,
    context: AuditContext,
}

pub(super) async fn refresh(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    presented: &Presented<'_>,
) -> Result<TokenAnswer, OauthError> {
    let hash = sha256_hex(presented.required("refresh_token")?.as_bytes());
    let narrowed = presented.parameters.words("scope").map(str::to_owned).collect();
    let session_idle = broker.settings.session_idle;
    let context = reuse::context(broker, application, presented.trace);
    let renew = move |conn: &mut Connection, asking: &Asking| {
        let draft = asking.draft.clone();
        let renewal = Renewal { hash, narrowed, draft, session_idle, context };
        renew(conn, &asking.tenant, &asking.application, &renewal)
    };
    issue::by_spending(broker, (tenant, application), presented, renew).await
}

fn renew(
    conn: &mut Connection,
    tenant: &TenantRecord,
    application: &Application,
    renewal: &Renewal,
) -> Outcome<Kept> {
    let (token, family) = match found(&mut conn.tenant(&tenant.id), application, renewal)? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    if spent(application, &token, renewal) {
        return reused(conn, tenant, (&family, renewal));
    }
    // A request that is wrong in itself does not cost the application its token.
    let (grant, target) = match asked(application, &family, renewal) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error)),
    };
    let admitted = match gate::pass_family(conn, tenant, &family, renewal.draft.now) {
        Ok(admitted) => admitted,
        Err(GateError::Storage(error)) => return Err(error),
        Err(other) => {
            let why = "the person is no longer admitted";
            take_back(&mut conn.tenant(&tenant.id), &family, (renewal, why))?;
            return Ok(Err(issue::no_longer_valid(&other)));
        }
    };
    let mut rows = conn.tenant(&tenant.id);
    let rotates = !application.settings.is_fapi2();
    // Of several at the same time one wins here; for the others the token is a used one.
    if rotates
        && token.used_at.is_none()
        && !rows.refresh_tokens().spend(&renewal.hash, renewal.draft.now)?
    {
        return reused(conn, tenant, (&family, renewal));
    }
    let idle_end = renewal.draft.idle_end(application, family.expires_at);
    if !rows.token_families().touch(&family.id, renewal.draft.now, idle_end)? {
        return Ok(Err(taken_back()));
    }
    if rotates {
        renewal.draft.keep_refresh_token(&mut rows, &family.id)?;
        forget_old(&mut rows, &family, renewal)?;
    }
    if !family.offline {
        let used = (renewal.draft.now, renewal.session_idle);
        sessions::note_use(&mut rows, &family.session_id, used)?;
    }
    let access = Access { with_session: !family.offline, family: Some(family.id), code_hash: None };
    renewal.draft.keep_access_token(&mut rows, &grant, &target, access)?;
    let connector = admitted.admission.connector().clone();
    let person = Person::read(&mut rows, admitted.user)?;
    Ok(Ok(Kept { grant, person, connector, target, refresh: rotates }))
}

/// Once a day: a family that is refreshed every few minutes has thousands of used tokens.
fn forget_old(
    rows: &mut TenantRows<'_>,
    family: &TokenFamily,
    renewal: &Renewal,
) -> StorageResult<()> {
    let now = renewal.draft.now;
    if family.last_used_at.date_naive() != now.date_naive() {
        rows.refresh_tokens().forget_used(&family.id, now - REMEMBERED)?;
    }
    Ok(())
}

/// The token and its family, if both still count for this application.
fn found(
    rows: &mut TenantRows<'_>,
    application: &Application,
    renewal: &Renewal,
) -> Outcome<(RefreshToken, TokenFamily)> {
    let refuse = |reason, detail: &str| Ok(Err(OauthError::new(reason, detail)));
    let unknown = "no such refresh token was issued by this tenant, or it is long over";
    let Some(token) = rows.refresh_tokens().find(&renewal.hash)? else {
        return refuse(ReasonCode::TokenRefreshUnknown, unknown);
    };
    let Some(family) = rows.token_families().find(&token.family_id)? else {
        return refuse(ReasonCode::TokenRefreshUnknown, unknown);
    };
    // Another application with the token costs its owner nothing: it proves nothing about who has lost it.
    if family.application_id != application.id {
        return refuse(
            ReasonCode::TokenRefreshOtherApplication,
            "the refresh token was issued to another application",
        );
    }
    if family.revoked_at.is_some() {
        return Ok(Err(taken_back()));
    }
    let now = renewal.draft.now;
    if family.expires_at <= now || family.idle_expires_at <= now {
        return refuse(ReasonCode::TokenRefreshExpired, "the refresh token is over");
    }
    Ok(Ok((token, family)))
}

fn taken_back() -> OauthError {
    OauthError::new(ReasonCode::TokenRefreshRevoked, "the refresh token was taken back")
}

/// Whether the token was used before, and longer ago than the application's grace for lost answers.
fn spent(application: &Application, token: &RefreshToken, renewal: &Renewal) -> bool {
    let grace = application.settings.refresh_grace_seconds.min(LONGEST_GRACE);
    let grace = TimeDelta::seconds(grace.into());
    token.used_at.is_some_and(|used| used + grace <= renewal.draft.now)
}

fn reused<T>(
    conn: &mut Connection,
    tenant: &TenantRecord,
    (family, renewal): (&TokenFamily, &Renewal),
) -> Outcome<T> {
    let why = "a refresh token was used again";
    if take_back(&mut conn.tenant(&tenant.id), family, (renewal, why))? {
        let of = ((&family.application_id, &family.user_id), ReasonCode::TokenRefreshReused);
        reuse::record(conn, tenant, &renewal.context, of)?;
    }
    Ok(Err(OauthError::new(
        ReasonCode::TokenRefreshReused,
        "the refresh token was used before; all that came of the authorization is revoked",
    )))
}

/// A family ends with all its access tokens. False when it had ended before.
fn take_back(
    rows: &mut TenantRows<'_>,
    family: &TokenFamily,
    (renewal, why): (&Renewal, &str),
) -> StorageResult<bool> {
    let now = renewal.draft.now;
    let ended = rows.token_families().revoke(&family.id, now, why)?;
    rows.access_tokens().revoke_by_family(&family.id, now)?;
    Ok(ended)
}

/// What the new tokens say: what was authorized, or less of it.
fn asked(
    application: &Application,
    family: &TokenFamily,
    renewal: &Renewal,
) -> Result<(CodeGrant, Target), OauthError> {
    renewal.draft.holds(family.dpop_jkt.as_deref())?;
    let granted: Vec<String> = family.scope.split(' ').map(str::to_owned).collect();
    if let Some(more) = renewal.narrowed.iter().find(|scope| !granted.contains(scope)) {
        let more: String = more.chars().filter(char::is_ascii_graphic).take(60).collect();
        return Err(OauthError::new(
            ReasonCode::TokenScopeInvalid,
            format!("scope {more} was not granted"),
        ));
    }
    let scopes = match renewal.narrowed.is_empty() {
        true => granted,
        false => renewal.narrowed.clone(),
    };
    let target = renewal.draft.target(application, &family.resources, &scopes)?;
    let claims = family.claims.clone().and_then(|claims| serde_json::from_value(claims).ok());
    let grant = CodeGrant {
        application: family.application_id.clone(),
        user: family.user_id.clone(),
        session: family.session_id.clone(),
        redirect_uri: String::new(),
        code_challenge: None,
        scopes,
        // OpenID Core 12.2: the nonce belongs to the authorization request.
        nonce: None,
        auth_time: family.authenticated_at.timestamp(),
        acr: family.acr.clone(),
        amr: family.amr.clone(),
        resources: family.resources.clone(),
        claims,
        dpop_jkt: None,
        made_at: family.created_at,
    };
    Ok((grant, target))
}
