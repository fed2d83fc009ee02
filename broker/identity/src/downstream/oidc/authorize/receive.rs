//! The request that is meant: as it stands, pushed before (RFC 9126) or signed (RFC 9101).

use symbolon_contract::ReasonCode;

use super::{AuthorizationRequest, AuthorizeRefusal, Parameters, check, checks, signed};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::{OauthError, OpenidProvider, pushed};

/// Finds and checks the request that a browser brought. What stands beside a pushed or a signed request does
/// not count (RFC 9126 4, RFC 9101 5; FA-06).
///
/// # Errors
/// [`AuthorizeRefusal::Page`] while it is unknown where to answer, then [`AuthorizeRefusal::Redirect`].
pub async fn receive(
    broker: &Broker,
    provider: &OpenidProvider,
    parameters: &Parameters,
    application: Option<&Application>,
) -> Result<AuthorizationRequest, AuthorizeRefusal> {
    let known = checks::client_id::check(parameters, application);
    let known = known.map_err(AuthorizeRefusal::Page)?;
    let elsewhere = once(parameters, "request_uri").map_err(AuthorizeRefusal::Page)?;
    if let Some(uri) = elsewhere.filter(|uri| pushed::is_ours(uri)) {
        let found = pushed::find(broker, provider, known, uri).await;
        return check(&found.map_err(AuthorizeRefusal::Page)?, application);
    }
    match once(parameters, "request") {
        Ok(None) => check(parameters, application),
        Ok(Some(object)) => match signed::read(broker, provider, known, object).await {
            Ok(inside) => check(&inside, application),
            Err(error) => Err(outside(parameters, known, error)),
        },
        Err(error) => Err(outside(parameters, known, error)),
    }
}

fn once<'p>(parameters: &'p Parameters, name: &str) -> Result<Option<&'p str>, OauthError> {
    parameters.single(name).map_err(|_| {
        let detail = format!("{name} stands more than once");
        OauthError::new(ReasonCode::AuthorizeDuplicateParameter, detail)
    })
}

/// Nothing in a request object counts that does not hold: what stands outside of it says where to answer.
fn outside(
    parameters: &Parameters,
    application: &Application,
    error: OauthError,
) -> AuthorizeRefusal {
    let Ok(redirect_uri) = checks::redirect_uri::check(parameters, application) else {
        return AuthorizeRefusal::Page(error);
    };
    let mut request = AuthorizationRequest::new(application.id.clone(), redirect_uri);
    for rule in [checks::state::check, checks::response_mode::check] {
        if rule(parameters, application, &mut request).is_err() {
            return AuthorizeRefusal::Page(error);
        }
    }
    AuthorizeRefusal::Redirect { error, answer_to: request.answer_address() }
}
