//! `/t/{tenant}/userinfo` (OpenID Core 5.3, RFC 6750 2).

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::{OauthError, userinfo};
use symbolon_identity::login::refuse_request;

use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn by_get(
    at: AtTenant,
    request: HttpRequest,
) -> Result<HttpResponse, OauthJsonError> {
    answer(&at, bearer(&request)).await
}

/// The token may stand in the body instead (RFC 6750 2.2), never in the URL and never twice.
pub(super) async fn by_post(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    let in_body = form.get("access_token").map(str::to_owned);
    let in_header = bearer(&request);
    if in_body.is_some() && in_header.is_some() {
        let detail = "an access token stands in the header and in the body";
        return Err(refused(&at, OauthError::new(ReasonCode::RequestMalformed, detail)).await);
    }
    answer(&at, in_header.or(in_body)).await
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

async fn answer(at: &AtTenant, token: Option<String>) -> Result<HttpResponse, OauthJsonError> {
    match userinfo::claims(&at.state.broker, &at.tenant, token.as_deref(), &at.visit.trace).await {
        Ok(claims) => Ok(HttpResponse::Ok().json(claims)),
        Err(error) => Err(refused(at, error).await),
    }
}

async fn refused(at: &AtTenant, error: OauthError) -> OauthJsonError {
    let broker = &at.state.broker;
    let refused = refuse_request(broker, Some(&at.tenant), &at.visit, error, None).await;
    OauthJsonError::bearer(refused)
}
