//! `/t/{tenant}/userinfo` (OpenID Core 5.3, RFC 6750 2, RFC 9449 7).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::downstream::oidc::nonce;
use symbolon_identity::downstream::oidc::userinfo::{self, UserinfoAnswer};
use symbolon_identity::login::{Refused, refuse_request};

use super::presented::ByApplication;
use crate::errors::OauthJsonError;
use crate::extract::{AtTenant, FormFields};

pub(super) async fn by_get(
    at: AtTenant,
    request: HttpRequest,
) -> Result<HttpResponse, OauthJsonError> {
    answer(&at, &ByApplication::new(&at, &request, FormFields::default()), "GET").await
}

pub(super) async fn by_post(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, OauthJsonError> {
    answer(&at, &ByApplication::new(&at, &request, form), "POST").await
}

async fn answer(
    at: &AtTenant,
    asked: &ByApplication,
    method: &str,
) -> Result<HttpResponse, OauthJsonError> {
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    match userinfo::answer(broker, tenant, &asked.at("userinfo"), method).await {
        Ok(told) => {
            let mut response = asked.answer(at, StatusCode::OK).await;
            Ok(match told {
                UserinfoAnswer::Plain(claims) => response.json(claims),
                UserinfoAnswer::Signed(token) => {
                    response.content_type("application/jwt").body(token)
                }
            })
        }
        Err(error) => {
            let nonce = asked.nonce(at, error.reason).await;
            let refused = match nonce::is_wanting(error.reason) {
                true => Box::new(Refused::unkept(error, &at.visit)),
                false => refuse_request(broker, Some(tenant), &at.visit, error, None).await,
            };
            Err(OauthJsonError::bearer(refused, asked.is_dpop()).with_nonce(nonce))
        }
    }
}
