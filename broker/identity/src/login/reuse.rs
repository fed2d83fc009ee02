//! Stop 3: a session that satisfies the request answers it, after the gate was asked again.

use secrecy::ExposeSecret;
use symbolon_contract::ReasonCode;

use super::LoginError;
use super::authorize::Surroundings;
use crate::broker::{Broker, Visit};
use crate::downstream::DownstreamResponse;
use crate::downstream::oidc::authorize::{AuthorizationRequest, AuthorizeAnswer, answer};
use crate::downstream::oidc::code::{self, CodeGrant};
use crate::downstream::oidc::token::pass_gate;
use crate::downstream::oidc::{OauthError, OpenidProvider, issuer};
use crate::sessions::{LiveSession, Reuse, SessionWish, satisfies};
use crate::tenants::TenantRecord;

/// The answer, if the browser's session is good for it; `None` to sign in anew.
pub(super) async fn try_reuse(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    around: &Surroundings,
    request: &AuthorizationRequest,
) -> Result<Option<DownstreamResponse>, LoginError> {
    let Some(session) = &around.session else {
        return Ok(None);
    };
    let wish = SessionWish {
        interaction: request.prompt.login || request.prompt.select_account,
        max_age: request.max_age,
    };
    if satisfies(session, &wish, broker.clock.now()) != Reuse::Satisfies
        || !hint_fits(broker, tenant, session, request).await
    {
        return Ok(None);
    }
    let application = around.application.as_ref();
    let provider = application.map(|one| OpenidProvider::of(broker, tenant, one));
    let provider = provider.unwrap_or_else(|| OpenidProvider::of_tenant(broker, tenant));
    let code = provider.routed(&broker.new_secret());
    let now = broker.clock.now();
    let life = (now, now + broker.settings.code_lifetime);
    let (owned, request, session) = (tenant.clone(), request.clone(), session.clone());
    let spoken = code.clone();
    let address = request.answer_address();
    let issued = broker
        .database
        .write(move |conn| {
            let passed = pass_gate(conn, &owned, &request.application, &session.id, now);
            let admitted = match passed {
                Ok(admitted) => admitted,
                Err(refused) => return refused.into_storage_or_reason().map(Some),
            };
            let grant = CodeGrant::new(&request, &session);
            code::issue(&mut conn.tenant(&owned.id), &admitted.admission, &grant, &spoken, life)?;
            Ok(None)
        })
        .await?;
    if let Some(why) = issued {
        // The session is no longer good for anything: let the person sign in, who is told why there.
        tracing::info!(trace = %visit.trace, why, "a session was not reused");
        return Ok(None);
    }
    let code = AuthorizeAnswer::Code(code.expose_secret().to_owned());
    Ok(Some(answer(&address, &provider.issuer, code)))
}

/// OpenID Core 3.1.2.1: with a hint for somebody else, the session is the wrong one.
async fn hint_fits(
    broker: &Broker,
    tenant: &TenantRecord,
    session: &LiveSession,
    request: &AuthorizationRequest,
) -> bool {
    match &request.id_token_hint {
        None => true,
        Some(hint) => {
            let issuer = issuer(&broker.settings.public_url, &tenant.slug);
            let claims = broker.keys.verify_id_token(&tenant.id, &issuer, hint).await;
            claims.is_ok_and(|claims| {
                claims.get("sub").and_then(|sub| sub.as_str()) == Some(session.user.as_str())
            })
        }
    }
}

/// The answer to `prompt=none` when a page would be needed.
pub(super) fn login_required(detail: &str) -> OauthError {
    OauthError::new(ReasonCode::AuthorizeLoginRequired, detail)
}
