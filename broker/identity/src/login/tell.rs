//! Which refusals the waiting application is told, and how (RFC 6749 4.1.2.1, FA-13). Everything else is shown to
//! the person, who can go on from there.

use symbolon_contract::TenantId;

use super::LoginError;
use crate::broker::Broker;
use crate::downstream::oidc::authorize::{AuthorizationRequest, answer_error};
use crate::downstream::oidc::{OauthError, OpenidProvider};
use crate::downstream::{Application, DownstreamResponse};
use crate::tenants::TenantRecord;

/// An answer, and the pushed request that is over with it.
pub(super) struct Told {
    pub(super) answer: DownstreamResponse,
    pub(super) over: Option<(TenantId, String)>,
}

/// The answer, if the application of this request is told of this error.
pub(super) async fn told(
    broker: &Broker,
    tenant: &TenantRecord,
    error: &LoginError,
    request: &AuthorizationRequest,
) -> Option<Told> {
    let error = for_application(error, request)?;
    let found = Application::find(&broker.database, &tenant.id, &request.application).await;
    let application = found.ok().flatten()?;
    let provider = OpenidProvider::of(broker, tenant, &application);
    let over = request.pushed.clone().map(|hash| (provider.keys.clone(), hash));
    Some(Told { answer: answer_error(&request.answer_address(), &provider.issuer, error), over })
}

/// A request that was found good fails for the application to see. Of the upstream's refusals it learns that the
/// person declined, or that a freshness which it asked for was not given, and not in the upstream's words.
fn for_application(error: &LoginError, request: &AuthorizationRequest) -> Option<OauthError> {
    let reason = error.reason();
    let asked_fresh = request.prompt.login || request.max_age.is_some();
    match (error, reason.entry().oauth_error) {
        (LoginError::Request(error), Some(_)) => Some(error.clone()),
        (LoginError::Connector(_), Some("access_denied")) => {
            Some(OauthError::new(reason, reason.entry().person))
        }
        (LoginError::Connector(_), Some("login_required")) if asked_fresh => {
            Some(OauthError::new(reason, reason.entry().person))
        }
        _ => None,
    }
}
