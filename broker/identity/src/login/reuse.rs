//! Stop 3: a session that satisfies the request answers it, after the gate was asked again.

use symbolon_contract::ReasonCode;

use super::LoginError;
use super::answer::{Asked, prepare};
use super::authorize::Surroundings;
use super::expected::{self, Fit};
use super::step::LoginStep;
use crate::broker::{Broker, Visit};
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::downstream::oidc::token::pass_gate;
use crate::downstream::oidc::{OauthError, OpenidProvider};
use crate::sessions::{Reuse, SessionWish, satisfies};
use crate::tenants::TenantRecord;

/// The answer, or the question before it, if the browser's session is good for it; `None` to sign in anew.
pub(super) async fn try_reuse(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    around: &Surroundings,
    request: &AuthorizationRequest,
) -> Result<Option<LoginStep>, LoginError> {
    let (Some(session), Some(application)) = (&around.session, &around.application) else {
        return Ok(None);
    };
    if satisfies(session, &wish_of(request), broker.clock.now()) != Reuse::Satisfies {
        return Ok(None);
    }
    let asked_for = (application, request);
    if expected::compare(broker, tenant, asked_for, &session.user).await? != Fit::Fits {
        return Ok(None);
    }
    let provider = OpenidProvider::of(broker, tenant, application);
    let (secret, now, settings) =
        (broker.new_secret(), broker.clock.now(), broker.settings.clone());
    let (owned, request, session) = (tenant.clone(), request.clone(), session.clone());
    let prepared = broker
        .database
        .try_write(move |conn| {
            let passed = pass_gate(conn, &owned, &request.application, &session.id, now);
            let admitted = match passed {
                Ok(admitted) => admitted,
                Err(refused) => return Ok(Err(refused.into_storage_or_reason()?)),
            };
            let asked = Asked {
                application: &admitted.application,
                provider: &provider,
                request: &request,
                session: &session,
            };
            let fresh = (&secret, now, settings.as_ref());
            prepare(conn, &admitted.admission, &asked, fresh).map(Ok)
        })
        .await?;
    Ok(prepared
        .inspect_err(|why| {
            // The session is no longer good for anything: let the person sign in, who is told why there.
            tracing::info!(trace = %visit.trace, why, "a session was not reused");
        })
        .ok())
}

/// A context that is only wished for is worth a trip to the upstream, but no refusal (OpenID Core 3.1.2.1).
fn wish_of(request: &AuthorizationRequest) -> SessionWish {
    let essential = request.essential_contexts().into_iter().map(str::to_owned).collect();
    SessionWish {
        interaction: request.prompt.login || request.prompt.select_account,
        max_age: request.max_age,
        contexts: if request.prompt.none { essential } else { request.wished_contexts() },
    }
}

/// The answer to `prompt=none` when a page would be needed.
pub(super) fn login_required(detail: &str) -> OauthError {
    OauthError::new(ReasonCode::AuthorizeLoginRequired, detail)
}
